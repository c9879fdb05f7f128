"""The four tables together, and what of them was known at a moment."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, TypeVar, cast

import numpy as np
import pandas as pd

from attend_ml import _resources
from attend_ml.checks import check_relations, inspect_tables
from attend_ml.errors import DataError, Problem, RequestError, one_of
from attend_ml.merging import row_keys, stack
from attend_ml.moments import When, moment
from attend_ml.records import Meeting
from attend_ml.tables import RECORDS, check_table, columns, known_when, write_table

T = TypeVar("T")
# What is not known of a meeting or delegation until its day is over.
OUTCOMES = {
    "meetings": ("status",),
    "delegations": ("leader", "senior", "working", "mode", "head_name", "head_title", "source_url"),
}


class Dataset:
    """Meetings, delegations, statements and signals, checked against each other.

    Parameters
    ----------
    meetings, delegations, statements, signals : pandas.DataFrame
        With the columns of the four tables, as text or as :func:`attend_ml.tables.check_table` returns them.
        ``delegations`` tells who is invited; its labels may be empty.
    parties : mapping of str to str, default={}
        Codes and names of groups beside the states and organisations known.
    links : iterable of (str, str), default=()
        Meetings that belong together (nested, put off to a second date, one trip): see :meth:`clusters`.
    where : mapping of str to str, default={}
        File name of each table, for messages.
    lines : mapping of str to ndarray, default={}
        Line of each row in its file, for messages.

    Attributes
    ----------
    meetings, delegations, statements, signals : pandas.DataFrame
        Typed; do not change them in place.

    Raises
    ------
    DataError
        With every problem found in the four tables.

    See Also
    --------
    load_dataset : Reads a folder of CSV files.

    Examples
    --------
    >>> from attend_ml.load import load_dataset
    >>> data = load_dataset()
    >>> data.as_of("2025-05-14").statements["date"].max()
    Timestamp('2025-05-14 00:00:00')
    """

    def __init__(
        self,
        meetings: pd.DataFrame,
        delegations: pd.DataFrame,
        statements: pd.DataFrame,
        signals: pd.DataFrame,
        parties: Mapping[str, str] | None = None,
        links: Iterable[tuple[str, str]] = (),
        where: Mapping[str, str] | None = None,
        lines: Mapping[str, np.ndarray] | None = None,
    ):
        self.parties = dict(parties or {})
        self.links = tuple(links)
        given = dict(zip(RECORDS, (meetings, delegations, statements, signals), strict=True))
        checked, problems = inspect_tables(given, self.parties, where, lines)
        if problems:
            raise DataError(problems)
        self._set(checked)

    @classmethod
    def of_checked(
        cls, tables: Mapping[str, pd.DataFrame], parties: Mapping[str, str], links: Iterable[tuple[str, str]]
    ) -> Dataset:
        """Return a dataset of tables that :func:`attend_ml.checks.inspect_tables` found nothing wrong with."""
        out = object.__new__(cls)
        out.parties, out.links = dict(parties), tuple(links)
        out._set(tables)
        return out

    def _set(self, tables: Mapping[str, pd.DataFrame]) -> None:
        self.meetings = tables["meetings"]
        self.delegations = tables["delegations"]
        self.statements = tables["statements"]
        self.signals = tables["signals"]
        self._cache: dict[str, Any] = {}

    def _with(self, **tables: pd.DataFrame) -> Dataset:
        """Return a copy with some tables replaced, without checking them again."""
        copy = object.__new__(type(self))
        copy.parties, copy.links = self.parties, self.links
        copy._set({**self.tables(), **tables})
        return copy

    def __repr__(self) -> str:
        span = (
            f"{self.meetings.date.min():%Y-%m-%d} to {self.meetings.date.max():%Y-%m-%d}" if len(self.meetings) else "-"
        )
        counts = ", ".join(f"{len(frame):,} {name}" for name, frame in self.tables().items())
        return f"Dataset({counts}; {span})"

    def tables(self) -> dict[str, pd.DataFrame]:
        """Return the four tables by name."""
        return {name: getattr(self, name) for name in RECORDS}

    def cached(self, key: str, build: Callable[[], T]) -> T:
        """Return what ``build()`` makes of these tables, made once; the tables do not change."""
        if key not in self._cache:
            self._cache[key] = build()
        return self._cache[key]

    def as_of(self, when: When) -> Dataset:
        """Return what was known at a moment.

        Parameters
        ----------
        when : str, date, datetime or Timestamp
            See :func:`attend_ml.moments.moment`.

        Returns
        -------
        Dataset
            Without the statements and signals that became known later, and without the outcomes of meetings whose
            day was not over. Rows of later meetings stay, as one of them may be what is asked about; of these,
            ``announced_on`` is emptied where it lies ahead. Meetings are linked once both are over.

        Raises
        ------
        RequestError
            If ``when`` is no date.
        """
        at = moment(when)
        over = self.meetings.date.dt.normalize() + pd.Timedelta(days=1) <= at
        meetings = self.meetings.assign(
            status=self.meetings.status.where(over, None),
            announced_on=self.meetings.announced_on.where(known_when(self.meetings.announced_on) <= at),
        )
        known = self.delegations.meeting_id.isin(self.meetings.meeting_id[over])
        hidden = {name: self.delegations[name].where(known, None) for name in OUTCOMES["delegations"]}
        for level in ("leader", "senior", "working"):
            hidden[level] = hidden[level].astype(float)
        known_then = self._with(
            meetings=meetings,
            delegations=self.delegations.assign(**hidden),
            statements=self.statements[self.statements.known_from <= at].reset_index(drop=True),
            signals=self.signals[self.signals.known_from <= at].reset_index(drop=True),
        )
        # That a meeting was put off to a later one, or led to it, is known afterwards; it decides what a reader of
        # statements is fitted on.
        past = set(self.meetings.meeting_id[over])
        known_then.links = tuple(link for link in self.links if past.issuperset(link))
        return known_then

    def without_annotations(self) -> Dataset:
        """Return the same tables with ``cue`` and ``level_spoken`` emptied, which a forecast must never need."""
        return self._with(statements=self.statements.assign(cue=None, level_spoken=None))

    def meeting(self, meeting_id: str) -> pd.Series:
        """Return the row of a meeting.

        Raises
        ------
        RequestError
            If there is none of that name; the nearest is told.
        """
        rows = self.cached(
            "meeting_rows",
            lambda: dict(zip(self.meetings.meeting_id, range(len(self.meetings)), strict=True)),
        )
        if meeting_id not in rows:
            options = one_of(sorted(rows), meeting_id)
            hint = options.split("? ")[0] + "? " if "did you mean" in options else ""
            raise RequestError(
                f"no meeting {meeting_id!r} in the data; {hint}give an id of meetings.csv or the path of a meeting card"
            )
        return cast("pd.Series", self.meetings.iloc[rows[meeting_id]])

    def with_meeting(self, meeting: Meeting) -> Dataset:
        """Return these tables with one more meeting, its parties, statements and signals.

        Parameters
        ----------
        meeting : Meeting
            If a meeting of this id is there already, the new one takes its place, statements included.

        Returns
        -------
        Dataset
        """
        mid = meeting.meeting_id
        row = meeting.model_dump(exclude={"parties", "statements", "signals"})
        said = [{**s.model_dump(), "meeting_id": mid} for s in meeting.statements]
        done = [{**s.model_dump(), "meeting_id": mid} for s in meeting.signals]
        invited = [{"meeting_id": mid, "party": party} for party in dict.fromkeys(meeting.parties)]
        rows = {"meetings": [row], "delegations": invited, "statements": said, "signals": done}
        tables = {name: pd.DataFrame(rows[name], columns=pd.Index(columns(name)), dtype=object) for name in rows}
        where = {name: f"meeting card {mid}, [[{name}]]" for name in rows}
        new = Dataset(
            tables["meetings"],
            tables["delegations"],
            tables["statements"],
            tables["signals"],
            self.parties,
            where=where,
        )
        kept = {name: frame[frame.meeting_id != mid] for name, frame in self.tables().items()}
        return self._with(**{name: stack(kept[name], frame) for name, frame in new.tables().items()})

    def with_rows(self, meeting_id: str, statements: pd.DataFrame | None, signals: pd.DataFrame | None) -> Dataset:
        """Return these tables with more statements and signals of one meeting.

        Parameters
        ----------
        meeting_id : str
            Taken where a row's own ``meeting_id`` is empty or missing; rows of other meetings are refused.
        statements, signals : pandas.DataFrame or None

        Returns
        -------
        Dataset

        Raises
        ------
        DataError
            If a row is wrong, or already there.
        """
        added: dict[str, pd.DataFrame] = {}
        lines: dict[str, np.ndarray] = {}
        for name, frame in (("statements", statements), ("signals", signals)):
            if frame is not None and len(frame):
                ids = frame["meeting_id"] if "meeting_id" in frame else pd.Series(None, index=frame.index, dtype=object)
                ids = ids.astype(object).where(ids.notna() & (ids != ""), meeting_id)
                foreign = [
                    Problem(name, line, "meeting_id", str(found), f"only rows of {meeting_id} can be added")
                    for line, found in enumerate(ids, start=2)
                    if found != meeting_id
                ]
                if foreign:
                    raise DataError(foreign)
                checked = check_table(frame.assign(meeting_id=ids), name, parties=self.parties)
                before = self.tables()[name]
                added[name] = stack(before, checked)
                # The tables are right as they are: what is found is found in the rows added, counted from their header.
                lines[name] = np.r_[np.arange(len(before)), np.arange(len(checked))] + 2
        problems = check_relations({**self.tables(), **added}, {}, lines)
        if problems:
            raise DataError(problems)
        return self._with(**added)

    def over(self, base: Dataset) -> Dataset:
        """Return ``base`` with these tables laid over it: a meeting known here replaces the one there.

        Parameters
        ----------
        base : Dataset

        Returns
        -------
        Dataset
        """
        mine = set(self.meetings.meeting_id)
        kept = {name: frame[~frame.meeting_id.isin(mine)] for name, frame in base.tables().items()}
        own = self.tables()
        shared = kept["signals"][kept["signals"].meeting_id.isna()]
        # A signal of no meeting may stand in both.
        own["signals"] = own["signals"][~row_keys(own["signals"]).isin(set(row_keys(shared)))]
        merged = self._with(**{name: stack(kept[name], own[name]) for name in own})
        merged.parties = {**base.parties, **self.parties}
        merged.links = (*base.links, *self.links)
        return merged

    def save(self, path: str | Path) -> None:
        """Write the tables to a folder, as :func:`load_dataset` reads them.

        Parameters
        ----------
        path : str or pathlib.Path
            Made if it is not there.
        """
        folder = Path(path)
        folder.mkdir(parents=True, exist_ok=True)
        for name, frame in self.tables().items():
            write_table(frame, folder / f"{name}.csv")
        lists = {
            "party_codes.csv": pd.DataFrame(self.parties.items(), columns=["party", "name"]),
            "links.csv": pd.DataFrame(self.links, columns=["meeting_id", "linked_to"]),
        }
        for file, table in lists.items():
            # One left from before would be read with the new tables.
            (folder / file).unlink(missing_ok=True)
            if len(table):
                table.to_csv(folder / file, index=False, encoding="utf-8", lineterminator="\n")

    def first_outcome(self) -> pd.Timestamp:
        """Return the day from which it is known whether any leader came; in 2262 where it never is."""

        def build() -> pd.Timestamp:
            known = self.meetings.meeting_id.isin(self.delegations.meeting_id[self.delegations.leader.notna()])
            dates = self.meetings.date[known].dt.normalize()
            return dates.min() + pd.Timedelta(days=1) if len(dates) else pd.Timestamp.max

        return self.cached("first_outcome", build)

    def last_outcome(self) -> pd.Timestamp:
        """Return the date of the latest meeting whose outcome is in the data; 1677 where there is none."""

        def build() -> pd.Timestamp:
            dates = self.meetings.date[self.meetings.status.notna()]
            return dates.max() if len(dates) else pd.Timestamp.min

        return self.cached("last_outcome", build)

    def clusters(self) -> pd.Series:
        """Return for every meeting id the first id of those it is linked with, directly or over others.

        Splits keep a cluster on one side, and resampling draws it as one.
        """

        def build() -> pd.Series:
            first = {meeting: meeting for meeting in self.meetings.meeting_id}

            def find(meeting: str) -> str:
                while first[meeting] != meeting:
                    meeting = first[meeting]
                return meeting

            for left, right in self.links:
                if left in first and right in first:
                    first[find(right)] = find(left)
            return pd.Series({meeting: find(meeting) for meeting in first}, dtype=object)

        return self.cached("clusters", build)

    def party_name(self, code: str) -> str:
        """Return the plain name of a party, or its code where none is listed."""
        book = _resources.codebook("parties")
        return {**book["states"], **book["organisations"], **self.parties}.get(code, code)

    def fingerprint(self) -> str:
        """Return the SHA-256 of the content of the four tables, the same whatever the order of rows."""

        def build() -> str:
            digest = hashlib.sha256()
            for name, frame in self.tables().items():
                hashes = pd.util.hash_pandas_object(frame[columns(name)].astype(str), index=False).to_numpy()
                digest.update(name.encode() + np.sort(hashes).tobytes())
            return digest.hexdigest()

        return self.cached("fingerprint", build)
