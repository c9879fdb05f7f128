"""Many delegations, each at a moment of its own, and all that features may see of the tables from there.

Filtering the tables once per delegation costs rows times tables. Here every table is sorted once by group and
time; what a row may see is then found by binary search, and sums by the difference of two running sums.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

import numpy as np
import pandas as pd

from attend_ml.dataset import Dataset
from attend_ml.errors import RequestError
from attend_ml.event_index import DAY, SPAN, EventIndex, Pairs, add_by_row
from attend_ml.labels import labels
from attend_ml.moments import When, moment
from attend_ml.sorted_tables import SortedTables

T = TypeVar("T")
HORIZONS = (14, 7, 3, 1, 0)


class Situations:
    """Delegations at a moment: what extractors are given, and their only way to the tables.

    Parameters
    ----------
    data : Dataset
    meeting_id, party : sequence of str of length n
        The delegations; the meetings must be in ``data``.
    as_of : sequence of date-like of length n
        Nothing that became known later reaches a feature of the row.

    Attributes
    ----------
    meeting_id, party : ndarray of shape (n,)
    as_of : ndarray of shape (n,), datetime64[s]
    horizon : ndarray of shape (n,)
        Whole days from ``as_of`` to the meeting.

    Raises
    ------
    RequestError
        If a meeting is not in the data, or ``as_of`` lies after the meeting's day.

    Examples
    --------
    >>> from attend_ml.load import load_dataset
    >>> rows = Situations(load_dataset(), ["istanbul-2025-05-15"], ["RUS"], ["2025-05-14"])
    >>> rows.horizon.tolist(), rows.meeting("city").tolist()
    ([1], ['Istanbul'])
    """

    def __init__(
        self,
        data: Dataset,
        meeting_id: Sequence[str] | np.ndarray,
        party: Sequence[str] | np.ndarray,
        as_of: Sequence[When] | np.ndarray,
    ):
        self._data = data
        self._tables = data.cached("asof", lambda: SortedTables(data))
        self.meeting_id = np.asarray(meeting_id, dtype=object)
        self.party = np.asarray(party, dtype=object)
        if isinstance(as_of, np.ndarray) and as_of.dtype.kind == "M":
            moments = as_of.astype("datetime64[s]")
            if np.datetime_data(as_of.dtype)[0] in ("Y", "M", "W", "D"):
                moments = moments.astype("datetime64[D]").astype("datetime64[s]") + (DAY - 1)
        else:
            stamps = {when: moment(when) for when in set(as_of)}
            moments = np.array([stamps[when] for when in as_of], dtype="datetime64[s]")
        self.as_of: np.ndarray = moments
        self._hidden: np.ndarray | None = None
        self._hideable = np.empty(0, dtype=np.int64)
        self._m = self._tables.meeting_index.get_indexer(pd.Index(self.meeting_id, dtype=object))
        for name in self.meeting_id[self._m < 0][:1]:
            data.meeting(name)
        self._p = self._tables.party_code(self.party)
        self._t = self.as_of.astype(np.int64)
        late = self._t >= self._tables.date[self._m] + DAY
        if late.any():
            i = int(np.flatnonzero(late)[0])
            day = np.datetime_as_string(self.as_of[i], unit="D")
            held = np.datetime_as_string(self._tables.date[self._m[i]].astype("datetime64[s]"), unit="D")
            raise RequestError(
                f"as-of date {day} lies after {self.meeting_id[i]} ({held}); give a day up to the meeting's own"
            )
        day = self._tables.date[self._m] // DAY
        self.horizon = day - self._t // DAY

    def __len__(self) -> int:
        return len(self._m)

    def take(self, rows: np.ndarray) -> Situations:
        """Return the situations at these positions (or where a mask is true)."""
        rows = np.flatnonzero(rows) if rows.dtype == bool else rows
        copy = object.__new__(type(self))
        copy._data, copy._tables = self._data, self._tables
        for name in ("meeting_id", "party", "as_of", "horizon", "_m", "_p", "_t"):
            setattr(copy, name, getattr(self, name)[rows])
        copy._hidden = None if self._hidden is None else self._hidden[rows]
        copy._hideable = self._hideable
        return copy

    def hiding(self, statements: np.ndarray, hidden: np.ndarray) -> Situations:
        """Return the same situations as if some statements had not been made.

        Parameters
        ----------
        statements : ndarray of int of shape (k,)
            Rows of the statements table, in rising order.
        hidden : ndarray of bool of shape (n, k)
            True hides the statement from the situation.
        """
        copy = self.take(np.arange(len(self)))
        copy._hideable, copy._hidden = statements, hidden
        return copy

    def frame(self) -> pd.DataFrame:
        """Return ``meeting_id, party, as_of, horizon`` as a table."""
        names = ("meeting_id", "party", "as_of", "horizon")
        return pd.DataFrame({name: getattr(self, name) for name in names})

    # -- the meeting and its parties ---------------------------------------------------------------------------

    def meeting(self, column: str) -> np.ndarray:
        """Return a column of the meetings table for each row; what is an outcome or lies ahead is refused or empty.

        Raises
        ------
        KeyError
            For ``status``, which is not known before the meeting.
        """
        if column == "status":
            raise KeyError("status is an outcome: features must not see it")
        values = self._tables.meetings[column].to_numpy()[self._m]
        if column == "announced_on":
            known = self._tables.announced[self._m] <= self._t
            return np.where(known, values, np.datetime64("NaT"))
        return values

    def n_parties(self) -> np.ndarray:
        """Return how many parties are invited, the row's own included."""
        return self._tables.invited_count[self._m]

    def others(self) -> Pairs:
        """Return the other invited parties of each row; ``item`` is the code of the party."""
        row, item = self._tables.invited.pairs(self._m, np.full(len(self), SPAN - 1))
        party = self._tables.delegation_party[item]
        keep = party != self._p[row]
        return Pairs(row[keep], party[keep])

    def whole_meetings(self) -> tuple[Situations, np.ndarray, np.ndarray]:
        """Return all parties of the meetings at the same moments.

        Returns
        -------
        situations : Situations
            One row per (meeting, moment, party), each meeting at each moment once.
        group : ndarray of shape (len(situations),)
            The number of the (meeting, moment) each of these rows belongs to.
        of : ndarray of shape (n,)
            The same number for every row of ``self``.
        """
        if self._hidden is None:
            _, first, of = np.unique(self._m * SPAN + self._t, return_index=True, return_inverse=True)
        else:
            # Rows may differ in what is hidden from them: each is a world of its own.
            first = of = np.arange(len(self))
        row, item = self._tables.invited.pairs(self._m[first], np.full(len(first), SPAN - 1))
        return self._with_party(first[row], self._tables.delegation_party[item]), row, of

    def counterparts(self) -> tuple[Situations, np.ndarray]:
        """Return the other parties of each row as situations at the same moment, and the row each belongs to."""
        row, party = self.others()
        return self._with_party(row, party), row

    def _with_party(self, rows: np.ndarray, party: np.ndarray) -> Situations:
        copy = self.take(rows)
        copy._p = party
        copy.party = self._tables.parties.to_numpy(dtype=object)[party]
        return copy

    # -- what was said -----------------------------------------------------------------------------------------

    @property
    def statements(self) -> pd.DataFrame:
        """The statements table without its annotations, which a forecast must never need."""
        return self._tables.statements

    def convened(self) -> pd.Series:
        """Return the level each meeting was called for, by meeting id."""
        return self._data.cached("convened", lambda: self._tables.meetings.set_index("meeting_id").convened_level)

    def kept(self, key: str, build: Callable[[], T]) -> T:
        """Return what ``build()`` makes, made once for these tables."""
        return self._data.cached(f"kept:{key}", build)

    def clusters(self) -> pd.Series:
        """Return the cluster of each meeting, by meeting id; see :meth:`attend_ml.dataset.Dataset.clusters`."""
        return self._data.clusters()

    def annotations(self) -> pd.DataFrame:
        """Return ``cue`` and ``level_spoken`` of every statement, for fitting a reader on those the rows may see."""
        return self._data.statements[["cue", "level_spoken"]]

    def visible_statements(self) -> np.ndarray:
        """Return the positions of the statements that at least one row may see."""
        return np.unique(self.said().item)

    def said(self) -> Pairs:
        """Return every statement made before the row's meeting and known by its moment."""
        pairs = self._tables.said.pairs(self._m, self._t)
        if self._hidden is not None and len(self._hideable):
            place = np.minimum(np.searchsorted(self._hideable, pairs.item), len(self._hideable) - 1)
            gone = (self._hideable[place] == pairs.item) & self._hidden[pairs.row, place]
            pairs = Pairs(pairs.row[~gone], pairs.item[~gone])
        return pairs

    def about_own(self, pairs: Pairs) -> np.ndarray:
        """Tell which of the statements bear on the row's own party."""
        return self._tables.about[pairs.item] == self._p[pairs.row]

    def by_own(self, pairs: Pairs) -> np.ndarray:
        """Tell which of the statements were made by the row's own party."""
        return self._tables.speaker_party[pairs.item] == self._p[pairs.row]

    def age(self, pairs: Pairs) -> np.ndarray:
        """Return the age of each statement at the row's moment, in whole days."""
        return self._t[pairs.row] // DAY - self._tables.said_day[pairs.item]

    # -- what happened -----------------------------------------------------------------------------------------

    def signal_sums(
        self, name: str, values: Callable[[pd.DataFrame], np.ndarray], days: Sequence[float]
    ) -> tuple[np.ndarray, np.ndarray]:
        """Add up what the row's party and the other parties did to each other in the days before.

        Parameters
        ----------
        name : str
            Name of ``values``; the index built of it is kept with the tables.
        values : callable
            From the signals table to an array (n_signals, n_values); what it gives for one signal must depend on
            that signal alone.
        days : sequence of float
            Length of each window, in days before ``as_of``.

        Returns
        -------
        done, received : ndarray of shape (n, n_windows, n_values)
            By the row's party to the others, and by the others to it.
        """
        tables = self._tables
        index = self._data.cached(
            f"signals:{name}", lambda: EventIndex(tables.dyad, tables.signal_time, values(self._data.signals))
        )
        row, other = self.others()
        done = np.zeros((len(self), len(days), index.running.shape[1]))
        received = np.zeros_like(done)
        # A list of speakers has no signals, and pairs of parties in great number.
        if self._data.signals.empty:
            return done, received
        n_parties = len(tables.parties)
        own, until = self._p[row], self._t[row]
        both_known = (own >= 0) & (other >= 0)
        for k, window in enumerate(days):
            since = until - int(window * DAY)
            for target, group in ((done, own * n_parties + other), (received, other * n_parties + own)):
                sums = index.sums(np.where(both_known, group, -1), until, since)
                target[:, k] = add_by_row(row, sums, len(self))
        return done, received

    # -- what came of earlier meetings ---------------------------------------------------------------------------

    def past(self, by: Iterable[str], days: float | None = None) -> tuple[np.ndarray, np.ndarray]:
        """Count earlier delegations like the row's, at meetings that were held, not by video, and are over.

        Parameters
        ----------
        by : iterable of {"party", "host", "series", "convened_level", "format", "topic", "few"}
            What they have in common with the row. ``host``: both at home or both not; ``few``: both at meetings of
            at most three parties, or both not.
        days : float or None, default=None
            How far back, in days before ``as_of``; None means all.

        Returns
        -------
        came, known : ndarray of shape (n, 3)
            How many came and of how many it is known, for leader, senior and working.
        """
        sums = self.past_sums(by, days, "levels", lambda: self._tables.delegation_values)
        return sums[:, :3], sums[:, 3:]

    def past_sums(
        self, by: Iterable[str], days: float | None, name: str, values: Callable[[], np.ndarray]
    ) -> np.ndarray:
        """Add up numbers of earlier delegations like the row's, at meetings that were held, not by video, and are over.

        Parameters
        ----------
        by, days
            As for :meth:`past`.
        name : str
            Name of ``values``; the index built of them is kept with the tables.
        values : callable
            Returns an array (n_delegations, n_values), a row for each of :meth:`eves`; what it gives for one
            delegation must depend on that one, and on what was known before its meeting, alone.

        Returns
        -------
        ndarray of shape (n, n_values)
        """
        by = tuple(by)
        tables = self._tables

        def build() -> EventIndex:
            group = tables.combine(by, tables.delegation_meeting, tables.delegation_party)
            group = np.where(tables.delegation_met, group, -1)
            return EventIndex(group, tables.delegation_time, self.kept(f"past values:{name}", values))

        index = self._data.cached(f"past:{name}:{'+'.join(by)}", build)
        since = None if days is None else self._t - int(days * DAY)
        return index.sums(tables.combine(by, self._m, self._p), self._t, since)

    def eves(self) -> Situations:
        """Return every delegation of the tables in the last second before the day of its meeting."""
        tables, table = self._tables, self._data.delegations
        eve = (tables.date[tables.delegation_meeting] - 1).astype("datetime64[s]")
        return Situations(self._data, table.meeting_id.to_numpy(), table.party.to_numpy(), eve)

    def heads(self) -> pd.DataFrame:
        """Return who headed each delegation, as ``name, party, title, known_from``: when the meeting's day was over."""
        table = self._data.delegations
        heads = pd.DataFrame({"name": table.head_name, "party": table.party, "title": table.head_title})
        heads["known_from"] = self._tables.delegation_time
        return heads.dropna(subset=["name", "title"])

    def contacts(self, days: float) -> tuple[np.ndarray, np.ndarray]:
        """Count the meetings the row's party had with each of the other parties in the days before.

        Returns
        -------
        count : ndarray of shape (n, 3)
            Meetings both came to; of these, where both leaders came; where both sent senior officials but not both
            leaders. The mean over the other parties.
        since_last : ndarray of shape (n,)
            Days since the latest of them with any of the others; NaN where there is none.
        """
        tables = self._tables

        def build() -> tuple[EventIndex, np.ndarray]:
            left, right, time, values = tables.encounters()
            return EventIndex(left * len(tables.parties) + right, time, values), time

        index, time = self._data.cached("contacts", build)
        row, other = self.others()
        group = np.where(self._p[row] >= 0, self._p[row] * len(tables.parties) + other, -1)
        until = self._t[row]
        count = add_by_row(row, index.sums(group, until, until - int(days * DAY)), len(self))
        n_others = np.bincount(row, minlength=len(self))
        last = index.last(group, until)
        latest = np.full(len(self), -np.inf)
        np.maximum.at(latest, row[last >= 0], time[last[last >= 0]].astype(float))
        since_last = np.where(np.isfinite(latest), (self._t - latest) / DAY, np.nan)
        return count / np.maximum(n_others, 1)[:, None], since_last


def delegations_at(data: Dataset, horizons: Iterable[int] = HORIZONS) -> Situations:
    """Return every delegation of the data at each horizon, meeting by meeting in order of date.

    Parameters
    ----------
    data : Dataset
    horizons : iterable of int, default=(14, 7, 3, 1, 0)
        Whole days before the meeting.

    Returns
    -------
    Situations

    Examples
    --------
    >>> from attend_ml.load import load_dataset
    >>> data = load_dataset()
    >>> len(delegations_at(data, [7, 1])) == 2 * len(data.delegations)
    True
    """
    dates = data.meetings.set_index("meeting_id").date
    rows = data.delegations[["meeting_id", "party"]].copy()
    rows["date"] = rows.meeting_id.map(dates).dt.normalize()
    rows = rows.sort_values(["date", "meeting_id", "party"], kind="stable")
    horizons = np.asarray(list(horizons))
    day = np.repeat(rows.date.to_numpy(dtype="datetime64[s]"), len(horizons))
    as_of = day - np.tile(horizons, len(rows)) * DAY + (DAY - 1)
    repeated = rows.loc[rows.index.repeat(len(horizons))]
    return Situations(data, repeated.meeting_id.to_numpy(dtype=object), repeated.party.to_numpy(dtype=object), as_of)


def outcomes(situations: Situations) -> pd.DataFrame:
    """Return what came of the situations, for fitting and scoring: never to be seen by features.

    Returns
    -------
    pandas.DataFrame of shape (n, 4)
        ``held`` and the levels as 0, 1 or NaN where not known. ``held`` is 1 where the meeting took place.
    """
    data = situations._data
    keys = pd.MultiIndex.from_frame(data.delegations[["meeting_id", "party"]])
    frame = (
        labels(data)
        .set_index(keys)
        .reindex(pd.MultiIndex.from_arrays([situations.meeting_id, situations.party]))
        .reset_index(drop=True)
    )
    status = pd.Series(situations.meeting_id).map(data.meetings.set_index("meeting_id").status)
    held = status.map({"held": 1.0, "cancelled": 0.0, "postponed": 0.0})
    frame.insert(0, "held", held.to_numpy(dtype=float))
    return frame
