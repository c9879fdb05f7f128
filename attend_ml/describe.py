"""A folder of data told in counts and charts of plain text, and what is known of its errors."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from attend_ml.dataset import Dataset
from attend_ml.describe_errors import audit_lines, coding_lines, correction_lines
from attend_ml.records import CUES, FORMATS, LEVELS, ROLES, STATUSES

WIDTH = 78
UNKNOWN = "(not known)"
TOP = 15
# Upper end of each class, in whole days before the meeting.
_DAYS = {0: "the same day", 1: "1", 3: "2 to 3", 7: "4 to 7", 14: "8 to 14", 30: "15 to 30", 90: "31 to 90"}
_LONGER = "more than 90"
# The twenty roots of CAMEO (Schrodt 2012), in plain words.
CAMEO_ROOTS = {
    "01": "public statement",
    "02": "appeal",
    "03": "stated will to cooperate",
    "04": "talks, visits and calls",
    "05": "diplomatic cooperation",
    "06": "material cooperation",
    "07": "aid",
    "08": "concession",
    "09": "investigation",
    "10": "demand",
    "11": "disapproval",
    "12": "refusal",
    "13": "threat",
    "14": "protest",
    "15": "show of force",
    "16": "relations reduced",
    "17": "coercion",
    "18": "assault",
    "19": "fighting",
    "20": "mass violence",
}
_LABEL, _COUNT, _SHARE = 30, 8, 6


def describe(data: Dataset, folder: Path | None = None) -> str:
    """Tell what is in the four tables.

    Parameters
    ----------
    data : Dataset
    folder : pathlib.Path or None, default=None
        Where the tables were read. Its ``audit.csv`` (a sample of rows read against their pages),
        ``second_coding.csv`` (statements coded twice) and ``corrections.csv`` (what was mended), where they are there,
        are told too.

    Returns
    -------
    str
        Lines of at most 78 columns. Every number is counted from the tables; bars are drawn to the longest of
        their chart, and a count above zero has a bar of at least one mark.

    Raises
    ------
    DataError
        If one of these files is there and cannot be read.

    See Also
    --------
    attend_ml.load.load_dataset : Reads and checks the four tables.

    Examples
    --------
    >>> from attend_ml.load import load_dataset
    >>> text = describe(load_dataset())
    >>> max(len(line) for line in text.splitlines()) <= 78
    True
    """
    spoken_of = folder is not None and not (folder / "delegations.csv").exists()
    sections = [
        _tables(data, spoken_of),
        *_meetings(data.meetings),
        _parties(data),
        _levels(data),
        *_statements(data),
        _section("Signals by CAMEO root", _counted(data.signals.cameo.str[:2].map(_root), map(_root, CAMEO_ROOTS))),
        _gaps(data),
    ]
    if folder is not None:
        sections += [audit_lines(folder), coding_lines(folder), correction_lines(folder)]
    return "\n\n".join("\n".join(lines) for lines in sections if lines)


def bars(counts: Mapping[str, int], others: Mapping[str, int] | None = None) -> list[str]:
    """Draw one bar a count, beside the count and its share of their sum.

    Parameters
    ----------
    counts : mapping of str to int
    others : mapping of str to int or None, default=None
        Told below, without a bar, which would dwarf the rest; left out where it is zero.

    Returns
    -------
    list of str
        Lines of at most 78 columns; one that says so where there is nothing to count.

    Examples
    --------
    >>> for line in bars({"held": 3, "cancelled": 1}):
    ...     print(line)
    held                                 3   75%  ################################
    cancelled                            1   25%  ###########
    """
    others = {label: n for label, n in (others or {}).items() if n}
    total, longest = sum(counts.values()) + sum(others.values()), max(counts.values(), default=0)
    if not total:
        return ["none"]
    lines = []
    for label, n in [*counts.items(), *others.items()]:
        bar = "" if label in others else "#" * _marks(n / longest)
        lines.append(f"{_clip(label)}{n:>{_COUNT},}{n / total:>{_SHARE}.0%}  {bar}".rstrip())
    return lines


def _marks(part: float) -> int:
    room = WIDTH - _LABEL - _COUNT - _SHARE - 2
    return max(round(part * room), int(part > 0))


def _clip(label: str) -> str:
    return f"{label if len(label) <= _LABEL else label[: _LABEL - 3] + '...':<{_LABEL}}"


def _section(title: str, counts: Mapping[str, int], others: Mapping[str, int] | None = None) -> list[str]:
    return [title, "-" * len(title), *bars(counts, others)]


def _counted(values: pd.Series, order: Iterable[str]) -> dict[str, int]:
    """Count values in a fixed order, zeros included; what is empty comes last."""
    found = values.fillna(UNKNOWN).value_counts()
    names = [*order, *([UNKNOWN] if UNKNOWN in found.index else [])]
    return {name: int(found.get(name, 0)) for name in names}


def _root(root: str) -> str:
    return f"{root} {CAMEO_ROOTS[root]}"


def _span(dates: pd.Series) -> str:
    return f"{dates.min():%Y-%m-%d} to {dates.max():%Y-%m-%d}" if len(dates) else ""


def _tables(data: Dataset, spoken_of: bool) -> list[str]:
    meetings, delegations, statements, signals = data.tables().values()
    facts = {
        "meetings": [f"{int((meetings.status == 'held').sum()):,} held", _span(meetings.date)],
        "delegations": [f"{delegations.party.nunique():,} parties"],
        "statements": [f"on {statements.meeting_id.nunique():,} meetings", _span(statements.date)],
        "signals": [_span(signals.date)],
    }
    lines = ["Tables", "------"]
    for name, frame in data.tables().items():
        told = "; ".join(fact for fact in facts[name] if fact) if len(frame) else ""
        lines.append(f"{name:<14}{len(frame):>{_COUNT},}  {told}".rstrip())
    if spoken_of:
        lines.append("There is no delegations.csv: the parties are those spoken of in the statements.")
    return lines


def _meetings(meetings: pd.DataFrame) -> list[list[str]]:
    years = meetings.date.dt.year
    # A year without a meeting is a fact of the data, and is shown.
    span = range(int(years.min()), int(years.max()) + 1) if len(years) else range(0)
    levels = (*LEVELS, "unspecified")
    return [
        _section("Meetings by year", _counted(years.astype(int).astype(str), map(str, span))),
        _section("Meetings by the level they were called for", _counted(meetings.convened_level, levels)),
        _section("Meetings by format", _counted(meetings.format, FORMATS)),
        _section("Meetings by status", _counted(meetings.status, STATUSES)),
    ]


def _parties(data: Dataset) -> list[str]:
    # By code where two parties are equally frequent, so that the order of rows does not show.
    found = data.delegations.party.value_counts().sort_index().sort_values(ascending=False, kind="stable")
    counts = {}
    for code, n in found.head(TOP).items():
        name = data.party_name(str(code))
        counts[str(code) if name == code else f"{code} {name}"] = int(n)
    rest = found.iloc[TOP:]
    return _section("Delegations by party", counts, {f"others ({len(rest):,} parties)": int(rest.sum())})


def _levels(data: Dataset) -> list[str]:
    title = "Delegations in which a level came"
    lines = [title, "-" * len(title)]
    held = data.delegations.meeting_id.isin(data.meetings.meeting_id[data.meetings.status == "held"])
    for where, rows in (("of meetings held", data.delegations[held]), ("of all meetings", data.delegations)):
        lines.append(f"{where:<{_LABEL - _COUNT}}{'known':>{_COUNT}}{'came':>{_COUNT}}{'share':>{_SHARE}}")
        for level in LEVELS:
            known = rows[level].dropna()
            head = f"  {level:<{_LABEL - _COUNT - 2}}{len(known):>{_COUNT},}{int(known.sum()):>{_COUNT},}"
            lines.append(head + (f"{known.mean():>{_SHARE}.0%}  {'#' * _marks(known.mean())}" if len(known) else ""))
    return [*lines, "A full bar is 100%. Rows in which the level is not known are left out."]


def _statements(data: Dataset) -> list[list[str]]:
    said = data.statements
    dates = data.meetings.set_index("meeting_id").date.dt.normalize()
    # Series.map fails where there is no meeting at all.
    held = dates.reindex(said.meeting_id).reset_index(drop=True)
    days = (held - said.date.dt.normalize().reset_index(drop=True)).dt.days.to_numpy(dtype=float)
    names = np.array([*_DAYS.values(), _LONGER], dtype=object)
    place = np.searchsorted(np.array(list(_DAYS)), np.nan_to_num(days))
    ahead = pd.Series(np.where(np.isnan(days), None, names[place]), dtype=object)
    return [
        _section("Statements by cue", _counted(said.cue, CUES)),
        _section("Statements by the speaker's role", _counted(said.speaker_role, ROLES)),
        _section("Statements by days before the meeting", _counted(ahead, names)),
    ]


def _gaps(data: Dataset) -> list[str]:
    """Count what is missing or told twice, so that a reader need not trust a number written down once."""
    meetings, invited, said, done = data.tables().values()
    pairs = pd.MultiIndex.from_frame(invited[["meeting_id", "party"]])
    hosts = pd.MultiIndex.from_frame(meetings[["meeting_id", "country"]])
    about = pd.MultiIndex.from_frame(said[["meeting_id", "about_party"]])
    unplaced = said.meeting_id.isna() | said.about_party.isna()
    dated = meetings.meeting_id.str.extract(r"(\d{4}-\d{2}-\d{2})$")[0]
    event = ["date", "source_party", "target_party", "cameo"]
    found = [
        ("meetings whose host has no row in delegations", meetings.country.notna() & ~hosts.isin(pairs)),
        ("meetings without a delegation", ~meetings.meeting_id.isin(invited.meeting_id)),
        ("meetings without a statement", ~meetings.meeting_id.isin(said.meeting_id)),
        (
            "meetings on another day than their id says",
            dated.notna() & (dated != meetings.date.dt.strftime("%Y-%m-%d")),
        ),
        ("delegations without the name of the head", invited.head_name.isna()),
        ("delegations that no statement is about", ~pairs.isin(about)),
        ("statements that name no party they bear on", said.about_party.isna()),
        ("statements about a party that has no row", ~unplaced & ~about.isin(pairs)),
        ("signals told before: same day, parties and code", done.duplicated(event)),
    ]
    lines = ["Gaps", "----"]
    for label, mask in found:
        lines.append(f"{label:<56}{int(np.sum(mask)):>6,} of{len(mask):>6,}")
    return lines
