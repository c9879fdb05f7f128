"""Rows that tell what a forecast must not know, put into a dataset to see whether they reach one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pandas as pd

from attend_ml.dataset import Dataset
from attend_ml.merging import stack
from attend_ml.records import LEVELS, known_parties
from attend_ml.tables import check_table, columns, known_when

DAY = pd.Timedelta(days=1)
_MINUTE = pd.Timedelta(minutes=1)
_END_OF_DAY = pd.Timedelta(hours=23, minutes=59, seconds=59)
Rows = list[dict[str, Any]]


def plant(data: Dataset, kind: str, at: pd.Timestamp) -> tuple[Dataset, int]:
    """Return a dataset in which what became known after a moment is another story.

    What became known by ``at`` is left as it is: the two datasets differ for those alone who look later.

    Parameters
    ----------
    data : Dataset
    kind : str
        One of :data:`KINDS`; or "everything": all of them at once, where half of the open meetings get another
        status and the other half other outcomes, as outcomes do not count where a meeting was not held.
    at : pandas.Timestamp
        Meetings whose day was not over are open: what is planted is about them.

    Returns
    -------
    data : Dataset
        New rows stand before the old ones, so that no row keeps its place. Cells are checked, but statements may be
        dated after the day of their meeting, as a report on who came is.
    rows : int
        How many rows were put in or changed; 0 where no meeting is open.

    Raises
    ------
    KeyError
        If there is no such kind.

    Examples
    --------
    >>> from attend_ml.load import load_dataset
    >>> data, at = load_dataset(), pd.Timestamp("2025-05-14 23:59:59")
    >>> planted, rows = plant(data, "statements", at)
    >>> rows == len(planted.statements) - len(data.statements) > 0
    True
    >>> len(planted.as_of(at).statements) == len(data.as_of(at).statements)
    True
    """
    if kind != "everything":
        return KINDS[kind](data, at, _open(data, at))
    planted = 0
    halves = {"outcomes": 0, "status": 1}
    for name, change in KINDS.items():
        mask = _open(data, at)
        if name in halves:
            mask = mask & (np.cumsum(mask) % 2 == halves[name])
        data, rows = change(data, at, mask)
        planted += rows
    return data, planted


def say(data: Dataset, horizon: int, late: bool) -> tuple[Dataset, int]:
    """Return a dataset in which two statements on every delegation are made right where a forecast stops to listen.

    Parameters
    ----------
    data : Dataset
    horizon : int
        Whole days from the forecast, made when its day ends, to the meeting.
    late : bool
        True: one second and one day after that moment, where they must not be heard. False: in the last minute of
        the day and with that day as their date, where they must.

    Returns
    -------
    data : Dataset
    rows : int
        How many statements were put in.

    Examples
    --------
    >>> from attend_ml.load import load_dataset
    >>> planted, rows = say(load_dataset(), 1, late=True)
    >>> rows == 2 * len(planted.delegations)
    True
    """
    rows: Rows = []
    for meeting, invited in _invited(data, np.ones(len(data.meetings), dtype=bool)):
        day = meeting.date.normalize() - horizon * DAY
        dates = [_minute(day + DAY), _day(day + DAY)] if late else [_minute(day + DAY - _MINUTE), _day(day)]
        rows += [_told(meeting.meeting_id, *one, date) for one in invited.items() for date in dates]
    return _with_rows(data, statements=rows), len(rows)


def _statements(data: Dataset, at: pd.Timestamp, mask: np.ndarray) -> tuple[Dataset, int]:
    """Say who came: right after the moment, on the day of the meeting, and the day after it."""
    rows: Rows = []
    for meeting, invited in _invited(data, mask):
        day = meeting.date.normalize()
        dates = [_minute(_next_minute(at)), *(_day(date) for date in (day, day + DAY) if date + _END_OF_DAY > at)]
        rows += [_told(meeting.meeting_id, *one, date) for one in invited.items() for date in dates]
    # Of meetings that are over, a report that comes late: it is annotated, so that a reader could learn from it.
    for meeting, invited in _invited(data, ~_open(data, at)):
        rows += [_told(meeting.meeting_id, *one, _minute(_next_minute(at))) for one in invited.items()]
    return _with_rows(data, statements=rows), len(rows)


def _signals(data: Dataset, at: pd.Timestamp, mask: np.ndarray) -> tuple[Dataset, int]:
    """Let the leaders act: right after the moment, and for each meeting on its day and the day after."""
    rows: Rows = []
    both: set[tuple[str, str]] = set()
    for meeting, invited in _invited(data, mask):
        pairs = [(one, other) for one in invited for other in invited if one != other]
        both |= set(pairs)
        day = max(meeting.date.normalize(), _next_minute(at).normalize())
        rows += [
            _signal(one, other, _day(date), meeting.meeting_id) for one, other in pairs for date in (day, day + DAY)
        ]
    rows += [_signal(one, other, _minute(_next_minute(at))) for one, other in sorted(both)]
    return _with_rows(data, signals=rows), len(rows)


def _outcomes(data: Dataset, at: pd.Timestamp, mask: np.ndarray) -> tuple[Dataset, int]:
    """Turn over who came."""
    changed = data.delegations.meeting_id.isin(data.meetings.meeting_id[mask])
    table = data.delegations.copy()
    table.loc[changed, list(LEVELS)] = 1.0 - table.loc[changed, list(LEVELS)].fillna(0.0)
    came = table.loc[changed, list(LEVELS)].sum(axis=1) > 0
    table.loc[changed, "mode"] = came.map({True: "in_person", False: "absent"})
    table.loc[changed, "head_title"] = table.loc[changed, "leader"].map({1.0: "President", 0.0: "Ambassador"})
    return _replace(data, delegations=table), int(changed.sum())


def _status(data: Dataset, at: pd.Timestamp, mask: np.ndarray) -> tuple[Dataset, int]:
    """Call off the meetings that were held, and hold those that were not."""
    table = data.meetings.copy()
    table.loc[mask, "status"] = table.status[mask].map({"held": "cancelled"}).fillna("held")
    return _replace(data, meetings=table), int(mask.sum())


def _announcements(data: Dataset, at: pd.Timestamp, mask: np.ndarray) -> tuple[Dataset, int]:
    """Announce the meetings that were not announced yet: in turn right after the moment and on their own day."""
    table = data.meetings.copy()
    # Midnight would be read as a date, which is known when the day ends.
    first = _next_minute(at) + _MINUTE
    silent = mask & ~(known_when(table.announced_on) <= at) & (table.date.dt.normalize() >= first.normalize())
    table.loc[silent, "announced_on"] = table.date[silent].dt.normalize()
    soon = silent & (np.cumsum(silent) % 2 == 1)
    table.loc[soon, "announced_on"] = first
    return _replace(data, meetings=table), int(silent.sum())


def _meetings(data: Dataset, at: pd.Timestamp, mask: np.ndarray) -> tuple[Dataset, int]:
    """Hold more meetings of the same parties and kind, to which all leaders come, from the day of the moment on."""
    held: Rows = []
    came: Rows = []
    # A party whose code stands before all others: every other gets another number.
    first = min(known_parties() - set(data.delegations.party))
    same = ["country", "format", "series", "topic", "convened_level"]
    for number, (meeting, invited) in enumerate(_invited(data, mask)):
        kind = {name: value for name in same if pd.notna(value := getattr(meeting, name))}
        for days in (0, 1, 30):
            name = f"planted-{number}-{days}-days-later"
            date = _day(at + days * DAY)
            held.append({"meeting_id": name, "name": "Planted", "date": date, "status": "held", **kind})
            came += [
                {"meeting_id": name, "party": party, "leader": "1", "senior": "1", "working": "0"}
                for party in sorted({first, *invited})
            ]
    return _with_rows(data, meetings=held, delegations=came), len(held) + len(came)


def _links(data: Dataset, at: pd.Timestamp, mask: np.ndarray) -> tuple[Dataset, int]:
    """Link each open meeting with two that are over: known when it is over itself."""
    over = data.meetings.meeting_id[~_open(data, at)].tolist()
    links: list[tuple[str, str]] = []
    for number, meeting in enumerate(data.meetings.meeting_id[mask]):
        links += [(meeting, over[(2 * number + k) % len(over)]) for k in (0, 1) if over]
    return Dataset.of_checked(data.tables(), data.parties, (*links, *data.links)), len(links)


Change = Callable[[Dataset, pd.Timestamp, np.ndarray], tuple[Dataset, int]]
KINDS: dict[str, Change] = {
    "statements": _statements,
    "signals": _signals,
    "outcomes": _outcomes,
    "status": _status,
    "announcements": _announcements,
    "meetings": _meetings,
    "links": _links,
}


def _open(data: Dataset, at: pd.Timestamp) -> np.ndarray:
    """Tell which meetings' day was not over."""
    return np.asarray(data.meetings.date.dt.normalize() + DAY > at)


def _invited(data: Dataset, mask: np.ndarray) -> Iterator[tuple[Any, dict[str, bool]]]:
    """Go through some meetings; each comes with whether the leader came, by party."""
    parties: dict[str, dict[str, bool]] = {}
    for row in data.delegations.itertuples():
        parties.setdefault(str(row.meeting_id), {})[str(row.party)] = bool(row.leader == 1)
    for meeting in data.meetings[mask].itertuples():
        yield meeting, parties.get(str(meeting.meeting_id), {})


def _next_minute(at: pd.Timestamp) -> pd.Timestamp:
    return at.floor("min") + _MINUTE


def _day(date: pd.Timestamp) -> str:
    return f"{date:%Y-%m-%d}"


def _minute(date: pd.Timestamp) -> str:
    return f"{date:%Y-%m-%dT%H:%MZ}"


def _told(meeting: str, party: str, came: bool, date: str) -> dict[str, Any]:
    """Return a statement on what came of it."""
    text = "The leader came and takes part in the talks." if came else "The leader stayed away and will not attend."
    return {
        "meeting_id": meeting,
        "date": date,
        "speaker": f"Told at {date}",
        "speaker_role": "leader",
        "speaker_party": party,
        "about_party": party,
        "cue": "commit" if came else "deny",
        "level_spoken": "leader",
        "text": text,
    }


def _signal(source: str, target: str, date: str, meeting: str | None = None) -> dict[str, Any]:
    return {
        "meeting_id": meeting,
        "date": date,
        "source_party": source,
        "target_party": target,
        "cameo": "042",
        "source_level": "leader",
        "count": "1000",
    }


def _with_rows(data: Dataset, **rows: Rows) -> Dataset:
    tables = {}
    for name, new in rows.items():
        old = data.tables()[name]
        frame = pd.DataFrame(new, columns=pd.Index(columns(name)), dtype=object)
        both = stack(check_table(frame, name, parties=data.parties), old) if new else old
        tables[name] = both.astype({column: kind for column, kind in old.dtypes.items() if str(kind) != "object"})
    return _replace(data, **tables)


def _replace(data: Dataset, **tables: pd.DataFrame) -> Dataset:
    return Dataset.of_checked({**data.tables(), **tables}, data.parties, data.links)
