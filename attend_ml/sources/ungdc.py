"""The public list of speakers in the UN General Debate as the four tables.

What the list calls its columns, which codes it has wrong and when each debate opened stand in ``features/ungdc.toml``;
the level a post tells stands in ``features/titles.toml``.
"""

from __future__ import annotations

import datetime as dt
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd

from attend_ml._resources import codebook
from attend_ml.dataset import Dataset
from attend_ml.errors import DataError, Problem, one_of
from attend_ml.labels import labels
from attend_ml.records import LEVELS
from attend_ml.sources.notes import Note, by_span
from attend_ml.sources.sheets import Sheet, read_sheet
from attend_ml.sources.titles import level_of_title, normalise_title, plain_words
from attend_ml.tables import columns

# The tables hold no earlier date.
FIRST = 1970
_SESSION_0 = 1945
_NEEDED = ("year", "code", "post")
_NOTES = {
    "early": f"rows left out, as the tables begin in {FIRST}",
    "sheets": "sheets not read, as only the first is",
    "unused": "columns not used",
    "repaired": "codes repaired",
    "kept": "rows whose code and country are at odds; the code was kept",
    "repeated": "rows of parties that spoke more than once in a year; the highest of the speakers counts",
    "silent": "rows without a post; their levels are left empty",
    "unread": "posts that tell no level, which is left empty",
    "picked": "posts in years of which few are told, as a rule the leaders'; nothing is learned from these",
}


@dataclass(frozen=True)
class SpeakerList:
    """What was read of a list of speakers.

    Parameters
    ----------
    data : Dataset
        One meeting a year, one delegation for each party that spoke. The level of who spoke is 1; who else came is not
        in the list, so the two other levels are empty. All three are where the post tells no level.
    rows, posts, understood : int
        Rows of the list from 1970 on, how many of them have a post, and how many of these posts tell a level.
    notes : tuple of Note
        What was repaired, left out or not understood.
    """

    data: Dataset
    rows: int
    posts: int
    understood: int
    notes: tuple[Note, ...]


@dataclass(frozen=True)
class _Speaker:
    line: int
    year: int
    party: str
    name: str
    post: str
    level: str | None


# Cases of each kind of note, and the rows of each case.
_Found = defaultdict[str, defaultdict[Any, list[int]]]


def read_ungdc(path: str | Path) -> SpeakerList:
    """Read the list of speakers in the UN General Debate.

    Parameters
    ----------
    path : str or pathlib.Path
        Workbook, or text file separated by commas, semicolons or tabs, with a row for each speaker: the year, the ISO
        alpha-3 code and the post, and where known the session, the country and the name.

    Returns
    -------
    SpeakerList

    Raises
    ------
    DataError
        With every problem found: a missing column, a year that is none or not that of its session, an unknown country.

    Notes
    -----
    Where a party spoke twice in a year, only the speaker of the highest level counts, so that of no delegation more
    than one level is known; the first of them where their levels are the same.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder) / "speakers.csv"
    ...     size = file.write_text("Year,ISO Code,Post\\n2010,FRA,Minister for Foregn Affairs\\n", encoding="utf-8")
    ...     delegations = read_ungdc(file).data.delegations
    >>> delegations[["meeting_id", "party", "leader", "senior"]]
      meeting_id party  leader  senior
    0  ungd-2010   FRA     NaN     1.0
    """
    sheet = read_sheet(path)
    place = _places(sheet)
    found: _Found = defaultdict(lambda: defaultdict(list))
    problems: list[Problem] = []
    speakers = list(_speakers(sheet, place, found, problems))
    if not speakers and not problems:
        remedy = f"none is of {FIRST} or later, where the tables begin; give a list that has such rows"
        problems.append(Problem(sheet.where, None, None, f"{len(sheet.rows)} rows", remedy))
    if problems:
        raise DataError(problems)
    for i, heading in enumerate(sheet.header):
        if i not in place.values():
            found["unused"][repr(heading)].append(sheet.header_line)
    for name in sheet.others:
        found["sheets"][repr(name)] = []
    data = _dataset(speakers, found)
    unlearned = data.delegations[labels(data).isna().all(axis=1).to_numpy()]
    apart = set(zip(unlearned.meeting_id, unlearned.party, strict=True))
    for speaker in speakers:
        if speaker.level and (_meeting_id(speaker.year), speaker.party) in apart:
            found["picked"][speaker.year].append(speaker.line)
    posts = sum(bool(speaker.post) for speaker in speakers)
    understood = sum(speaker.level is not None for speaker in speakers)
    return SpeakerList(data, len(speakers), posts, understood, tuple(_notes(found)))


def opening_day(year: int) -> dt.date:
    """Return the day on which the debate of a year opened, or by the rule is to open.

    Examples
    --------
    >>> opening_day(2016)
    datetime.date(2016, 9, 20)
    """
    known: dt.date | None = codebook("ungdc")["opening"].get(str(year))
    if known:
        return known
    first = dt.date(year, 9, 1)
    if year < 2003:
        third_tuesday = first + dt.timedelta(days=(1 - first.weekday()) % 7 + 14)
        return third_tuesday + dt.timedelta(days=6)
    # A week that begins its September on a Saturday or Sunday has no working day, and is not counted.
    monday = first - dt.timedelta(days=first.weekday()) + dt.timedelta(days=7 if first.weekday() > 4 else 0)
    return monday + dt.timedelta(days=3 * 7 + 1)


def _places(sheet: Sheet) -> dict[str, int]:
    """Return where each of our columns stands in the sheet."""
    names = [plain_words(name).replace(",", "") for name in sheet.header]
    place: dict[str, int] = {}
    problems: list[Problem] = []
    for column, headings in codebook("ungdc")["columns"].items():
        at = [i for i, name in enumerate(names) if name in headings]
        if len(at) > 1:
            remedy = "these columns mean the same; remove all but one"
            both = ", ".join(sheet.header[i] for i in at)
            problems.append(Problem(sheet.where, sheet.header_line, None, both, remedy))
        elif at:
            place[column] = at[0]
        elif column in _NEEDED:
            remedy = f"there is no column of the {column}; as its heading {one_of(headings)}"
            problems.append(Problem(sheet.where, sheet.header_line, None, ",".join(sheet.header), remedy))
    if problems:
        raise DataError(problems)
    return place


def _speakers(sheet: Sheet, place: Mapping[str, int], found: _Found, problems: list[Problem]) -> Iterator[_Speaker]:
    book = codebook("ungdc")
    before = "|".join(map(re.escape, book["names"]["honorifics"]))
    style = re.compile(rf"(?:{before})\b\.?\s*", flags=re.IGNORECASE)
    for line, row in zip(sheet.lines, sheet.rows, strict=True):
        cell = {name: " ".join(row[place[name]].split()) if name in place else "" for name in book["columns"]}

        def wrong(column: str, remedy: str, line: int = line, cell: dict[str, str] = cell) -> None:
            problems.append(Problem(sheet.where, line, sheet.header[place[column]], cell[column], remedy))

        if not re.fullmatch(r"(?:19|2[0-4])\d\d", cell["year"]) or int(cell["year"]) <= _SESSION_0:
            wrong("year", f"write the year of the debate, {_SESSION_0 + 1} or later, in four digits")
            continue
        year = int(cell["year"])
        if cell["session"] and re.sub(r"\D", "", cell["session"]) != str(year - _SESSION_0):
            wrong("session", f"the debate of {year} was in session {year - _SESSION_0}; correct the one or the other")
        if year < FIRST:
            found["early"][year].append(line)
            continue
        party = _party(cell["code"], cell["country"], year, line, found)
        if party is None:
            country = f", nor can it be told by the country {cell['country']!r}" if cell["country"] else ""
            wrong("code", f"no party has this code{country}; write an ISO 3166 alpha-3 code")
            continue
        plain = normalise_title(cell["post"])
        post = "" if plain in book["posts"]["none"] else cell["post"]
        level = LEVELS[0] if plain in book["posts"]["leader"] else level_of_title(post)
        if not post:
            found["silent"][year].append(line)
        elif level is None:
            found["unread"][repr(post)].append(line)
        yield _Speaker(line, year, party, style.sub("", cell["speaker"], count=1).strip(" ,"), post, level)


def _party(code: str, country: str, year: int, line: int, found: _Found) -> str | None:
    upper, name = code.upper(), plain_words(country)
    party = _pairs().get((upper, name))
    for entry in codebook("ungdc")["codes"] if party is None else ():
        if entry["code"] == upper and entry.get("since", year) <= year <= entry.get("until", year):
            party = entry["party"]
    if party is None:
        party, named = _known().get(upper), _by_name().get(name)
        if party and named and named != party:
            found["kept"][f"{party} beside {country}"].append(line)
        party = party or named
    if party and party != code:
        found["repaired"][f"{code or 'none'} to {party}"].append(line)
    return party


@cache
def _pairs() -> dict[tuple[str, str], str]:
    return {(pair["code"], plain_words(pair["country"])): pair["party"] for pair in codebook("ungdc")["pairs"]}


@cache
def _known() -> dict[str, str]:
    return {code: code for kind in ("states", "organisations") for code in codebook("parties")[kind]}


@cache
def _by_name() -> dict[str, str]:
    book = codebook("parties")
    names = {name: code for code, name in {**book["states"], **book["organisations"]}.items()}
    return {plain_words(name): code for name, code in {**names, **codebook("ungdc")["countries"]}.items()}


def _dataset(speakers: list[_Speaker], found: _Found) -> Dataset:
    book = codebook("ungdc")
    seats: dict[tuple[int, str], list[_Speaker]] = defaultdict(list)
    for speaker in speakers:
        seats[speaker.year, speaker.party].append(speaker)
    delegations: list[dict[str, str]] = []
    for (year, party), spoke in sorted(seats.items()):
        if len(spoke) > 1:
            found["repeated"][f"{party} {year}"] += [speaker.line for speaker in spoke]
        head = min(spoke, key=lambda one: LEVELS.index(one.level) if one.level else len(LEVELS))
        row = {"meeting_id": _meeting_id(year), "party": party, "head_name": head.name, "head_title": head.post}
        mode = "in_person" if year <= book["mode"]["in_person_until"] else ""
        row |= {"mode": mode, "source_url": book["source_url"]}
        delegations.append(row | ({head.level: "1"} if head.level else {}))
    meetings = [_meeting(year) for year in sorted({year for year, _ in seats})]
    rows = {"meetings": meetings, "delegations": delegations, "statements": [], "signals": []}
    frames = {name: pd.DataFrame(rows[name], columns=pd.Index(columns(name)), dtype=object) for name in rows}
    spoken = {party for _, party in seats}
    groups = {code: name for code, name in book["groups"].items() if code in spoken}
    return Dataset(frames["meetings"], frames["delegations"], frames["statements"], frames["signals"], parties=groups)


def _meeting_id(year: int) -> str:
    return f"ungd-{year}"


def _meeting(year: int) -> dict[str, str]:
    session = year - _SESSION_0
    ending = "th" if session % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(session % 10, "th")
    return {
        "meeting_id": _meeting_id(year),
        "name": f"UN General Debate, {session}{ending} session",
        "date": opening_day(year).isoformat(),
        "city": "New York",
        "country": "USA",
        "format": "multilateral",
        "series": "ungd",
        "topic": "general",
        # It is open to whomever a state sends.
        "convened_level": "unspecified",
        "status": "held",
        "source_url": codebook("ungdc")["source_url"],
    }


def _notes(found: _Found) -> Iterator[Note]:
    for kind, text in _NOTES.items():
        if found[kind]:
            cases = by_span(found[kind]) if kind in ("early", "silent", "picked") else found[kind]
            yield Note(text, {case: tuple(rows) for case, rows in cases.items()})
