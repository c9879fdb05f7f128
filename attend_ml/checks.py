"""What must hold between rows and between tables."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
import pandas as pd

from attend_ml.errors import Problem


def check_relations(
    tables: Mapping[str, pd.DataFrame], where: Mapping[str, str], lines: Mapping[str, np.ndarray]
) -> list[Problem]:
    """Find what is wrong between rows and between tables."""
    problems: list[Problem] = []

    def report(table: str, mask: Iterable[bool], column: str, remedy: str) -> None:
        frame = tables[table]
        numbers = lines.get(table, np.arange(2, len(frame) + 2))
        for i in np.flatnonzero(np.asarray(mask, dtype=bool)):
            value = frame[column].iloc[i]
            found = f"{value:%Y-%m-%d}" if isinstance(value, pd.Timestamp) else str(value)
            problems.append(Problem(where.get(table, table), int(numbers[i]), column, found, remedy))

    meetings = tables["meetings"]
    report(
        "meetings",
        meetings.duplicated("meeting_id"),
        "meeting_id",
        "this id stands twice; give each meeting its own",
    )
    late = meetings.announced_on.dt.normalize() > meetings.date.dt.normalize()
    report("meetings", late, "announced_on", "this is after the meeting's date; correct one of the two")
    dates = meetings.drop_duplicates("meeting_id").set_index("meeting_id").date
    keys = {
        "delegations": ["meeting_id", "party"],
        "statements": ["meeting_id", "date", "speaker", "about_party", "text"],
    }
    for table, key in keys.items():
        remedy = "the same " + ", ".join(key) + " stand twice; remove one of the rows"
        report(table, tables[table].duplicated(key), "meeting_id", remedy)
    for table in ("delegations", "statements", "signals"):
        ids = tables[table].meeting_id
        unknown = ids.notna() & ~ids.isin(dates.index)
        report(table, unknown, "meeting_id", "no such meeting in meetings.csv; add it there or correct the id")
    said = tables["statements"]
    held = dates.reindex(said.meeting_id).reset_index(drop=True)
    late = said.date.dt.normalize() > held.dt.normalize()
    report(
        "statements",
        late,
        "date",
        "this is after the meeting's date; keep only what was said before it, or correct the date",
    )
    return problems
