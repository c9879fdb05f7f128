"""Scores apart for kinds of cases: announced or not, contested or clear, host or guest, kind of meeting, party."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from attend_ml.asof import Situations
from attend_ml.dataset import Dataset
from attend_ml.evaluation.scores import brier, mean_interval, skill, skill_interval
from attend_ml.evaluation.scoring import KEY, horizons_of, scored
from attend_ml.event_index import Pairs

# Forecasts between these are contested.
CONTESTED = (0.1, 0.9)
# With fewer cases an interval is wider than what it should tell apart.
LEAST = 20
# What settles who comes: somebody named, or somebody of a named level who comes or does not.
_SETTLING = ("commit", "deny", "name")
_SCORES = ("n", "brier", "brier_low", "brier_high", "n_both", "skill", "skill_low", "skill_high")


def strata(predictions: pd.DataFrame, data: Dataset, level: str = "leader") -> pd.DataFrame:
    """Tell what kind of case each forecast is, by what was known when it was made.

    Parameters
    ----------
    predictions : pandas.DataFrame
        With ``meeting_id, party, horizon, date`` and the forecast of ``level``, as
        :func:`attend_ml.evaluation.backtest.rolling_origin` returns it.
    data : Dataset
        Where the meetings and what was said of them are found, with its annotations.
    level : str, default="leader"
        Whose forecast makes a case contested.

    Returns
    -------
    pandas.DataFrame of str
        A row for each forecast, with its index:

        ``announced``
            "announced" where the party itself had named who comes, or said of somebody of a named level that they do
            or do not; else "not announced". Read from the annotations ``cue`` and ``level_spoken``: "not annotated"
            where it spoke, and they are empty for all it said.
        ``statement``
            "statement" where anybody had spoken of the party's coming, else "no statement".
        ``contested``
            "contested" from 0.1 to 0.9, "clear" beyond; None without a forecast.
        ``role``
            "host" on the party's own ground, else "guest"; None where the country is not known.
        ``format``, ``convened_level``, ``topic``
            Of the meeting: the families it belongs to. None where empty.
        ``party``
            Its code.

    Raises
    ------
    RequestError
        If a meeting is not in the data.

    Examples
    --------
    >>> from attend_ml.load import load_dataset
    >>> one = {"meeting_id": "istanbul-2025-05-15", "party": "RUS", "horizon": 0, "leader": 0.05}
    >>> kinds = strata(pd.DataFrame([one]).assign(date=pd.Timestamp("2025-05-15")), load_dataset())
    >>> kinds.loc[0, ["announced", "contested", "role", "format"]].tolist()
    ['announced', 'clear', 'guest', 'bilateral']
    """
    day = predictions.date.to_numpy().astype("datetime64[D]")
    as_of = day - predictions.horizon.to_numpy().astype("timedelta64[D]")
    rows = Situations(data, predictions.meeting_id.to_numpy(), predictions.party.to_numpy(), as_of)
    pairs, country, p = rows.said(), rows.meeting("country"), predictions[level].to_numpy(dtype=float)
    values: dict[str, pd.Series | np.ndarray] = {
        "announced": _announced(rows, pairs),
        "statement": np.where(_with(pairs, rows.about_own(pairs), rows), "statement", "no statement"),
        "contested": _text(np.where((p >= CONTESTED[0]) & (p <= CONTESTED[1]), "contested", "clear"), ~np.isnan(p)),
        "role": _text(np.where(country == rows.party, "host", "guest"), pd.notna(country)),
        **{name: rows.meeting(name) for name in ("format", "convened_level", "topic")},
        "party": rows.party,
    }
    table = pd.DataFrame({name: pd.Series(kind, dtype="str") for name, kind in values.items()})
    return table.set_axis(predictions.index)


def _announced(rows: Situations, pairs: Pairs) -> np.ndarray:
    marks = rows.annotations()
    own = rows.about_own(pairs) & rows.by_own(pairs)
    settling = marks.cue.isin(_SETTLING) & (marks.level_spoken.notna() | (marks.cue == "name"))
    marked = marks.cue.notna().to_numpy()[pairs.item]
    blank = _with(pairs, own, rows) & ~_with(pairs, own & marked, rows)
    told = _with(pairs, own & settling.to_numpy()[pairs.item], rows)
    return np.select([blank, told], ["not annotated", "announced"], "not announced")


def _with(pairs: Pairs, mask: np.ndarray, rows: Situations) -> np.ndarray:
    """Tell which rows have a statement for which the mask holds."""
    return np.bincount(pairs.row[mask], minlength=len(rows)) > 0


def _text(values: np.ndarray, known: np.ndarray) -> pd.Series:
    return pd.Series(values, dtype="str").where(known)


def score_strata(
    predictions: pd.DataFrame,
    data: Dataset,
    levels: Sequence[str] = ("leader",),
    reference: pd.DataFrame | None = None,
    least: int = LEAST,
) -> pd.DataFrame:
    """Score forecasts apart for kinds of cases.

    Parameters
    ----------
    predictions : pandas.DataFrame
        As :func:`attend_ml.evaluation.backtest.rolling_origin` returns it.
    data : Dataset
    levels : sequence of str, default=("leader",)
    reference : pandas.DataFrame or None, default=None
        Forecasts of a rule to compare with, of the same form; without it there is no skill.
    least : int, default=20
        Kinds with fewer cases are listed with their number and without scores.

    Returns
    -------
    pandas.DataFrame
        ``stratum, value, level, horizon, n, brier, brier_low, brier_high, n_both, skill, skill_low, skill_high``, in
        the order of :func:`strata`, values by name, horizons falling. Intervals are of 90 %, from resampling clusters
        of meetings. The skill is one minus the ratio of Brier scores on the ``n_both`` cases that both have forecast.
    """
    out = []
    for level in levels:
        known = scored(predictions, level)
        if reference is None:
            other = pd.Series(np.nan, index=known.index)
        else:
            theirs = reference[[*KEY, level]].rename(columns={level: "other"})
            other = known[KEY].merge(theirs, on=KEY, how="left").other.set_axis(known.index)
        kinds, horizons = strata(known, data, level), horizons_of(known)
        for name in kinds.columns:
            for value, part in known.groupby(kinds[name]):
                for horizon in horizons:
                    cases = part[part.horizon == horizon]
                    row = {"stratum": name, "value": value, "level": level, "horizon": horizon}
                    out.append(row | _score(cases, level, other[cases.index], least))
    return pd.DataFrame(out, columns=["stratum", "value", "level", "horizon", *_SCORES])


def _score(cases: pd.DataFrame, level: str, other: pd.Series, least: int) -> dict[str, float]:
    p, y, r = (s.to_numpy(dtype=float) for s in (cases[level], cases[f"{level}_outcome"], other))
    cluster, both = cases.cluster.to_numpy(dtype=str), ~np.isnan(r)
    out: dict[str, float] = {"n": len(cases), "n_both": int(both.sum())}
    if len(cases) >= least:
        out["brier"] = brier(p, y)
        out["brier_low"], out["brier_high"] = mean_interval((p - y) ** 2, cluster)
    if both.sum() >= least:
        out["skill"] = skill(p[both], y[both], r[both])
        out["skill_low"], out["skill_high"] = skill_interval(p[both], y[both], r[both], cluster[both])
    return out
