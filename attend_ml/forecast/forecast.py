"""The answer to "who will come?"."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from attend_ml.asof import Situations
from attend_ml.dataset import Dataset
from attend_ml.errors import RequestError, one_of
from attend_ml.forecast.fitted import Fitted
from attend_ml.forecast.reasons import reasons
from attend_ml.forecast.record import comparable, highest_sets, interval, similar
from attend_ml.records import LEVELS


class Forecast:
    """Probabilities of each level of each party at one meeting, as known at one moment, with their reasons.

    Made by :func:`attend_ml.predict`.

    Attributes
    ----------
    meeting : pandas.Series
        Row of the meetings table.
    as_of : pandas.Timestamp
        The moment whose knowledge was used.
    held : float
        Probability that the meeting takes place.
    parties : list of str
    model : str
        Which model answered.

    Examples
    --------
    >>> import attend_ml as am
    >>> forecast = am.predict("istanbul-2025-05-15", party="RUS", as_of="2025-05-14")
    >>> bool(forecast.probabilities["leader"] < 0.3)
    True
    """

    def __init__(self, data: Dataset, situations: Situations, fitted: Fitted):
        self._data, self._situations, self._fitted = data, situations, fitted
        self.meeting = data.meeting(situations.meeting_id[0])
        self.as_of = pd.Timestamp(situations.as_of[0])
        self.parties = [str(party) for party in situations.party]
        self.model = fitted.name
        self._table = fitted.forecaster.predict(situations)
        self.held = float(self._table.held.iloc[0])

    @property
    def horizon(self) -> int:
        """Whole days from ``as_of`` to the meeting."""
        return int(self._situations.horizon[0])

    def party_name(self, code: str) -> str:
        """Return the plain name of a party."""
        return self._data.party_name(code)

    @property
    def probabilities(self) -> pd.Series | pd.DataFrame:
        """Probability of each level all in all.

        Returns
        -------
        pandas.Series or pandas.DataFrame
            For one party a Series with ``leader``, ``senior``, ``working``; for several a DataFrame, a row each.
        """
        table = self._table[list(LEVELS)].mul(self._table.held, axis=0)
        table.index = pd.Index(self.parties, name="party")
        return table.iloc[0].rename(self.parties[0]) if len(table) == 1 else table

    def to_frame(self) -> pd.DataFrame:
        """Return one row per party and level.

        Returns
        -------
        pandas.DataFrame
            ``meeting_id, party, level, probability``; ``if_held``, given that the meeting is held; ``low`` and
            ``high``, the 90 % interval of ``probability``; ``cases``, how many past forecasts like it stand behind
            the interval, and ``came``, in how many of these the level came.
        """
        rows = []
        for k, party in enumerate(self.parties):
            for level in LEVELS:
                if_held = float(self._table[level].iloc[k])
                cases, came = comparable(self._fitted.forecaster, level, if_held, self.horizon)
                low, high = interval(if_held, cases)
                p = if_held * self.held
                rows.append(
                    (
                        self.meeting.meeting_id,
                        party,
                        level,
                        p,
                        if_held,
                        low * self.held,
                        high * self.held,
                        cases,
                        came,
                    )
                )
        names = ["meeting_id", "party", "level", "probability", "if_held", "low", "high", "cases", "came"]
        return pd.DataFrame(rows, columns=names)

    def highest(self) -> pd.DataFrame:
        """Return the chance of each highest level, given that the meeting is held, and the set for a promise of 90 %.

        Returns
        -------
        pandas.DataFrame
            One row per party and level, from nobody to the leader: ``party, level, if_held, in_set, cases``. Whichever
            level comes, nine sets in ten hold it; a set that holds all four says that there is not enough to go on.
            ``cases`` is the number of past forecasts the sets rest on.

        Examples
        --------
        >>> import attend_ml as am
        >>> table = am.predict("istanbul-2025-05-15", party="RUS", as_of="2025-05-14").highest()
        >>> table.level.tolist(), float(table.if_held.sum().round(9))
        (['nobody', 'working', 'senior', 'leader'], 1.0)
        """
        table = highest_sets(self._fitted.forecaster, self._table)
        table.insert(0, "party", np.array(self.parties, dtype=object)[table.pop("row")])
        return table

    def watch_for(self, party: str) -> str:
        """Return in plain words what would tell most on who comes for a party, going by what it has said so far."""
        self._check_party(party)
        said = self._data.as_of(self.as_of).statements
        own = (said.meeting_id == self.meeting.meeting_id) & (said.speaker_party == party)
        who = self.party_name(party)
        return f"the names on the delegation of {who}" if own.any() else f"the first word from {who} on who comes"

    @cached_property
    def _reasons(self) -> pd.DataFrame:
        parts = []
        for k, party in enumerate(self.parties):
            rows = reasons(self._fitted.forecaster, self._data, self._situations.take(np.array([k])))
            rows.insert(0, "party", party)
            parts.append(rows)
        return pd.concat(parts, ignore_index=True)

    def drivers(self, level: str = "leader", party: str | None = None) -> pd.DataFrame:
        """Return what the probability of a level rests on, the strongest reason first.

        Parameters
        ----------
        level : {"leader", "senior", "working"}, default="leader"
        party : str or None, default=None
            All parties of the forecast when None.

        Returns
        -------
        pandas.DataFrame
            ``party, level, reason, text, source_url, log_odds``. The first row of a party is the base; the
            ``log_odds`` of a party add up to those of the probability.

        Raises
        ------
        RequestError
            If there is no such level or party.
        """
        if level not in LEVELS:
            raise RequestError(f"level: found {level!r}; {one_of(LEVELS, level)}")
        if party is not None:
            self._check_party(party)
        rows = self._reasons[self._reasons.level == level]
        rows = rows if party is None else rows[rows.party == party]
        strength = np.where(rows.reason == "base", np.inf, rows.log_odds.abs())
        order = rows.assign(strength=strength, place=rows.party.map(self.parties.index))
        order = order.sort_values(["place", "strength"], ascending=[True, False], kind="stable")
        return order.drop(columns=["strength", "place"]).reset_index(drop=True)

    def analogues(self, n: int = 5, party: str | None = None) -> pd.DataFrame:
        """Return the nearest past delegations, and who came.

        Parameters
        ----------
        n : int, default=5
        party : str or None, default=None
            The first party of the forecast when None.

        Returns
        -------
        pandas.DataFrame
            See :func:`attend_ml.forecast.record.similar`.
        """
        if party is not None:
            self._check_party(party)
        k = 0 if party is None else self.parties.index(party)
        return similar(self._fitted.forecaster, self._data, self._situations.take(np.array([k])), n)

    def _check_party(self, party: str) -> None:
        if party not in self.parties:
            raise RequestError(f"party: found {party!r}; {one_of(self.parties, party)}")

    def to_dict(self) -> dict[str, Any]:
        """Return the forecast as plain lists and dictionaries, ready for JSON."""
        table, highest = self.to_frame(), self.highest()
        forecasts = []
        for party in self.parties:
            rows = table[table.party == party].set_index("level")
            levels = {
                level: {
                    "probability": _number(rows.probability[level]),
                    "if_held": _number(rows.if_held[level]),
                    "interval": [_number(rows.low[level]), _number(rows.high[level])],
                    "cases": int(rows.cases[level]),
                }
                for level in LEVELS
            }
            reasons = [
                {
                    "level": level,
                    "text": row.text,
                    "source_url": row.source_url,
                    "log_odds": row.log_odds,
                }
                for level in LEVELS
                for row in self.drivers(level, party).dropna(subset="log_odds").itertuples()
            ]
            forecasts.append(
                {
                    "party": party,
                    "levels": levels,
                    "highest": self._highest(highest[highest.party == party]),
                    "drivers": reasons,
                    "analogues": _records(self.analogues(5, party)),
                }
            )
        return {
            "meeting_id": str(self.meeting.meeting_id),
            "as_of": moment_text(self.as_of),
            "held": self.held,
            "model": self.model,
            "data": self._data.fingerprint(),
            "forecasts": forecasts,
        }

    def _highest(self, rows: pd.DataFrame) -> dict[str, Any]:
        chances = {level: _number(p) for level, p in zip(rows.level, rows.if_held, strict=True)}
        watch = self.watch_for(rows.party.iloc[0]) if rows.in_set.all() else None
        return {"if_held": chances, "set": rows.level[rows.in_set].tolist(), "watch_for": watch}

    def __repr__(self) -> str:
        head = f"{self.meeting['name']}, {self.meeting.date:%d %B %Y}, as known on {moment_text(self.as_of)}"
        lines = [
            head,
            f"held: {self.held:.0%}",
            "",
            f"{'party':<6}" + "".join(f"{level:>9}" for level in LEVELS),
        ]
        table = self._table[list(LEVELS)].mul(self._table.held, axis=0)
        for party, row in zip(self.parties, table.to_numpy(), strict=True):
            lines.append(f"{party:<6}" + "".join(f"{percent(p):>9}" for p in row))
        return "\n".join([*lines, "", f"Model: {self.model}. Why: .drivers('leader'); past cases: .analogues()"])


def percent(p: float) -> str:
    """Return a probability in whole per cent, and "?" where it is not known.

    Examples
    --------
    >>> percent(0.126), percent(float("nan"))
    ('13%', '?')
    """
    return "?" if np.isnan(p) else f"{p:.0%}"


def _number(value: Any) -> float | None:
    return None if np.isnan(value) else float(value)


def moment_text(moment: pd.Timestamp) -> str:
    """Return a day as ``YYYY-MM-DD``, and a moment within a day with its time.

    Examples
    --------
    >>> moment_text(pd.Timestamp("2025-05-14 23:59:59")), moment_text(pd.Timestamp("2025-05-14 12:30"))
    ('2025-05-14', '2025-05-14T12:30Z')
    """
    return (
        f"{moment:%Y-%m-%d}" if moment == moment.normalize() + pd.Timedelta("23:59:59") else f"{moment:%Y-%m-%dT%H:%MZ}"
    )


def _records(table: pd.DataFrame) -> list[dict[str, Any]]:
    table = table.assign(date=table.date.dt.strftime("%Y-%m-%d"))
    return [
        {str(key): (None if isinstance(value, float) and np.isnan(value) else value) for key, value in row.items()}
        for row in table.astype(object).to_dict("records")
    ]
