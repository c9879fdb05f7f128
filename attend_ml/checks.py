"""What must hold between rows and between tables."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
import pandas as pd

from attend_ml.errors import Problem
from attend_ml.tables import REQUIRED, inspect_table

# What tells the rows of a table apart; signals may be alike.
KEYS = {
    "meetings": ["meeting_id"],
    "delegations": ["meeting_id", "party"],
    "statements": ["meeting_id", "date", "speaker", "about_party", "text"],
}


def inspect_tables(
    frames: Mapping[str, pd.DataFrame],
    parties: Iterable[str] = (),
    where: Mapping[str, str] | None = None,
    lines: Mapping[str, np.ndarray] | None = None,
) -> tuple[dict[str, pd.DataFrame], list[Problem]]:
    """Check tables, their rows with each other, and the tables with each other.

    Parameters
    ----------
    frames : mapping of str to pandas.DataFrame
        Tables by name; those that cannot be read may be missing.
    parties : iterable of str, default=()
        Codes of groups allowed besides states and organisations.
    where : mapping or None, default=None
        What messages call each table; its name when None.
    lines : mapping or None, default=None
        Line of each row in its file.

    Returns
    -------
    checked : dict of str to pandas.DataFrame
        As :func:`attend_ml.tables.check_table` returns them; wrong cells are empty.
    problems : list of Problem
        Everything that is wrong.
    """
    where, lines = where or {}, lines or {}
    checked: dict[str, pd.DataFrame] = {}
    problems: list[Problem] = []
    for name, frame in frames.items():
        table, found = inspect_table(frame, name, where.get(name), lines.get(name), parties)
        problems += found
        if table is not None:
            checked[name] = table
    # Where an id of a meeting cannot be read, rows that point to it are not at fault.
    unsure = any(p.column == "meeting_id" and p.where == where.get("meetings", "meetings") for p in problems)
    return checked, problems + check_relations(checked, where, lines, pointers=not unsure)


def check_relations(
    tables: Mapping[str, pd.DataFrame],
    where: Mapping[str, str],
    lines: Mapping[str, np.ndarray],
    pointers: bool = True,
) -> list[Problem]:
    """Find what is wrong between rows and between tables.

    Parameters
    ----------
    tables : mapping of str to pandas.DataFrame
        Checked tables; what needs a missing one is not looked at.
    where, lines : mapping
        As for :func:`inspect_tables`.
    pointers : bool, default=True
        Look for rows of meetings that are not there.

    Returns
    -------
    list of Problem
    """
    problems: list[Problem] = []

    def report(table: str, mask: Iterable[bool], column: str, remedy: str) -> None:
        frame = tables[table]
        numbers = lines.get(table, np.arange(2, len(frame) + 2))
        for i in np.flatnonzero(np.asarray(mask, dtype=bool)):
            value = frame[column].iloc[i]
            found = f"{value:%Y-%m-%d}" if isinstance(value, pd.Timestamp) else str(value)
            problems.append(Problem(where.get(table, table), int(numbers[i]), column, found, remedy))

    for table, key in KEYS.items():
        if table in tables:
            frame = tables[table]
            known = frame[[name for name in key if name in REQUIRED[table]]].notna().all(axis=1)
            remedy = f"the same {', '.join(key)} stand twice; remove one of the rows"
            if table == "meetings":
                remedy = "this id stands twice; give each meeting its own"
            report(table, frame.duplicated(key) & known, "meeting_id", remedy)
    if "meetings" not in tables:
        return problems
    meetings = tables["meetings"]
    late = meetings.announced_on.dt.normalize() > meetings.date.dt.normalize()
    report("meetings", late, "announced_on", "this is after the meeting's date; correct one of the two")
    dates = meetings[meetings.meeting_id.notna()].drop_duplicates("meeting_id").set_index("meeting_id").date
    for table in ("delegations", "statements", "signals"):
        if table in tables and pointers:
            ids = tables[table].meeting_id
            unknown = ids.notna() & ~ids.isin(dates.index)
            report(table, unknown, "meeting_id", "no such meeting in meetings.csv; add it there or correct the id")
    if "statements" in tables:
        said = tables["statements"]
        held = dates.reindex(said.meeting_id).reset_index(drop=True)
        late = said.date.dt.normalize().reset_index(drop=True) > held.dt.normalize()
        remedy = "this is after the meeting's date; keep only what was said before it, or correct the date"
        report("statements", late, "date", remedy)
    return problems
