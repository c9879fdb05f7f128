"""One row of each table as a record: the single definition of what a column may hold.

The CSV reader checks columns against these fields and a meeting card checks whole records, so that a table and
a card are refused in the same words.
"""

from __future__ import annotations

import csv
import datetime as dt
import re
from collections.abc import Callable, Mapping
from functools import cache
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, FiniteFloat, ValidationInfo

from attend_ml._resources import codebook, folder
from attend_ml.errors import one_of

LEVELS = ("leader", "senior", "working")
ROLES = ("leader", "spokesperson", "minister", "aide", "envoy", "lawmaker", "official", "media", "expert")
CUES = ("commit", "deny", "conditional", "ambiguous", "demand", "invite", "propose", "name", "other")
FORMATS = ("bilateral", "trilateral", "multilateral", "summit", "proximity")
TOPICS = (
    "ceasefire",
    "peace",
    "prisoners",
    "grain",
    "nuclear",
    "arms-control",
    "economy",
    "security",
    "general",
    "other",
)
STATUSES = ("held", "cancelled", "postponed")
MODES = ("in_person", "virtual", "absent")

_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}Z)?")
# Times are counted in seconds since 1970, beside a code, in one integer: the look-ups reach so far.
_YEARS = (1970, 2499)
_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_CAMEO = re.compile(r"(0[1-9]|1\d|20)\d{0,2}[0-9a-z]?")


@cache
def known_parties() -> frozenset[str]:
    """Return the codes of all states and organisations; groups come from a data folder's party_codes.csv."""
    book = codebook("parties")
    return frozenset(book["states"]) | frozenset(book["organisations"])


@cache
def shipped_groups() -> frozenset[str]:
    """Return the groups of the shipped party_codes.csv, which a record made in Python may name."""
    with (folder("data") / "party_codes.csv").open(encoding="utf-8", newline="") as file:
        return frozenset(row["party"] for row in csv.DictReader(file))


def parse_moment(value: str) -> tuple[dt.datetime, bool]:
    """Read ``YYYY-MM-DD`` or ``YYYY-MM-DDTHH:MMZ``.

    Parameters
    ----------
    value : str

    Returns
    -------
    moment : datetime.datetime
        Naive, in UTC; midnight when only a date was given.
    has_time : bool

    Raises
    ------
    ValueError
        If it is neither, or no such day exists.

    Examples
    --------
    >>> parse_moment("2025-05-15T10:30Z")
    (datetime.datetime(2025, 5, 15, 10, 30), True)
    """
    if not _MOMENT.fullmatch(value):
        raise ValueError("write a date as YYYY-MM-DD, or a UTC time as YYYY-MM-DDTHH:MMZ")
    try:
        moment = dt.datetime.fromisoformat(value.removesuffix("Z"))
    except ValueError as error:
        raise ValueError(f"there is no such day or time ({error}); write YYYY-MM-DD") from None
    if not _YEARS[0] <= moment.year <= _YEARS[1]:
        raise ValueError(f"write a year from {_YEARS[0]} to {_YEARS[1]}")
    return moment, "T" in value


def _blank_to_none(value: Any) -> Any:
    if isinstance(value, str) and not value.strip():
        return None
    # TOML has dates of its own; a card may write either.
    if isinstance(value, dt.datetime):
        return (
            value.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%MZ") if value.tzinfo else value.strftime("%Y-%m-%dT%H:%MZ")
        )
    return value.isoformat() if isinstance(value, dt.date) else value


def _moment(value: str) -> str:
    parse_moment(value)
    return value


def _code(options: tuple[str, ...]) -> Callable[[str], str]:
    def check(value: str) -> str:
        if value not in options:
            raise ValueError(one_of(options, value))
        return value

    return check


def _party(value: str, info: ValidationInfo) -> str:
    extra = shipped_groups() if info.context is None else info.context.get("parties", frozenset())
    if value not in known_parties() and value not in extra:
        codes = sorted(known_parties() | set(extra))
        hint = one_of(codes, value).split("? ")[0] + "? " if "mean" in one_of(codes, value) else ""
        raise ValueError(f"{hint}use an ISO 3166 alpha-3 code, EUU, NATO, UNO, or a group listed in party_codes.csv")
    return value


def _parties(value: str, info: ValidationInfo) -> str:
    for code in value.split(";"):
        _party(code, info)
    return value


def _slug(value: str) -> str:
    if not _SLUG.fullmatch(value):
        raise ValueError("write a slug of lower-case letters, digits and single hyphens, like geneva-2021-06-16")
    return value


def _cameo(value: str) -> str:
    if not _CAMEO.fullmatch(value):
        raise ValueError("write a CAMEO code as text with its leading zero, 01 to 20 and its subcodes, like 036")
    return value


def _flag(value: Any) -> int:
    if value in (0, 1, "0", "1", "0.0", "1.0"):
        return int(float(value))
    raise ValueError("write 1 (attended), 0 (did not), or leave it empty (not known)")


def _text(value: str) -> str:
    if not value.strip():
        raise ValueError("fill it in")
    return value


_Blank = BeforeValidator(_blank_to_none)
Text = Annotated[str, AfterValidator(_text)]
Slug = Annotated[str, AfterValidator(_slug)]
Moment = Annotated[str, AfterValidator(_moment), _Blank]
Party = Annotated[str, AfterValidator(_party)]
Cameo = Annotated[str, AfterValidator(_cameo)]
OptText = Annotated[str | None, _Blank]
OptSlug = Annotated[Slug | None, _Blank]
OptMoment = Annotated[Annotated[str, AfterValidator(_moment)] | None, _Blank]
OptParty = Annotated[Party | None, _Blank]
OptParties = Annotated[Annotated[str, AfterValidator(_parties)] | None, _Blank]
OptNumber = Annotated[FiniteFloat | None, _Blank]
Flag = Annotated[Annotated[int, BeforeValidator(_flag)] | None, _Blank]
Level = Annotated[Annotated[str, AfterValidator(_code(LEVELS))] | None, _Blank]
Convened = Annotated[str, AfterValidator(_code((*LEVELS, "unspecified")))]
Format = Annotated[str, AfterValidator(_code(FORMATS))]
Topic = Annotated[Annotated[str, AfterValidator(_code(TOPICS))] | None, _Blank]
Status = Annotated[Annotated[str, AfterValidator(_code(STATUSES))] | None, _Blank]
Role = Annotated[Annotated[str, AfterValidator(_code(ROLES))] | None, _Blank]
Cue = Annotated[Annotated[str, AfterValidator(_code(CUES))] | None, _Blank]
Mode = Annotated[Annotated[str, AfterValidator(_code(MODES))] | None, _Blank]


def remedy_of(error: Mapping[str, Any]) -> str:
    """Return what to do about a wrong value, in the same words for a cell of a table and a key of a card.

    Parameters
    ----------
    error : mapping
        One of pydantic's ``ValidationError.errors()``.

    Returns
    -------
    str
    """
    kind, found = error["type"], error["input"]
    if kind == "missing" or (kind == "string_type" and found in (None, "")):
        return "fill it in"
    if kind == "string_type":
        return 'write a text in quotes, like "042": codes keep their leading zero'
    if kind.startswith(("float", "finite")):
        return "write a number, or leave it empty"
    own = {"list_type": 'write a list, like ["NOR", "SWE"]', "too_short": "name at least one"}
    return own.get(kind, str(error["msg"]).removeprefix("Value error, "))


class Record(BaseModel):
    """What all records share: immutable, unknown fields refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)


class Delegation(Record):
    """A row of ``delegations.csv``: one party invited to one meeting, and who came.

    Examples
    --------
    >>> Delegation(meeting_id="istanbul-2025-05-15", party="RUS", leader=0, senior=1).leader
    0
    """

    meeting_id: Slug
    party: Party
    leader: Flag = None
    senior: Flag = None
    working: Flag = None
    mode: Mode = None
    head_name: OptText = None
    head_title: OptText = None
    source_url: OptText = None


class Statement(Record):
    """A row of ``statements.csv``: what was said in public that bears on who will come.

    Examples
    --------
    >>> said = Statement(date="2025-05-14", speaker="Dmitry Peskov", speaker_role="spokesperson",
    ...                  speaker_party="RUS", about_party="RUS", text="No decision has been taken yet.")
    >>> said.about_party
    'RUS'
    """

    meeting_id: OptSlug = None
    date: Moment
    speaker: OptText = None
    speaker_role: Role = None
    speaker_party: OptParty = None
    about_party: OptParty = None
    cue: Cue = None
    level_spoken: Level = None
    text: Text
    source_url: OptText = None


class Signal(Record):
    """A row of ``signals.csv``: a datable event between two parties.

    Examples
    --------
    >>> Signal(date="2025-05-11", source_party="RUS", target_party="UKR", cameo="036").cameo
    '036'
    """

    meeting_id: OptSlug = None
    date: Moment
    source_party: OptParty = None
    target_party: OptParty = None
    cameo: Cameo
    source_actor: OptText = None
    source_level: Level = None
    target_actor: OptText = None
    target_level: Level = None
    count: OptNumber = None
    goldstein: OptNumber = None
    tone: OptNumber = None
    text: OptText = None
    source_url: OptText = None


class MeetingRow(Record):
    """A row of ``meetings.csv``: one scheduled meeting."""

    meeting_id: Slug
    name: Text
    date: Moment
    city: OptText = None
    country: OptParty = None
    format: Format = "multilateral"
    series: OptSlug = None
    topic: Topic = None
    proposer: OptParty = None
    mediators: OptParties = None
    announced_on: OptMoment = None
    convened_level: Convened = "unspecified"
    status: Status = None
    source_url: OptText = None


class Meeting(MeetingRow):
    """A meeting of one's own: a row of ``meetings.csv`` with its parties, and what was said and done before it.

    Parameters
    ----------
    parties : list of str
        Codes of the parties invited, at least one.
    statements : list of Statement, default=[]
        Their ``meeting_id`` may be left out.
    signals : list of Signal, default=[]

    Examples
    --------
    >>> talks = Meeting(meeting_id="geneva-2030-01-10", name="Talks in Geneva", date="2030-01-10", city="Geneva",
    ...                 country="CHE", format="bilateral", convened_level="senior", parties=["RUS", "USA"])
    >>> talks.parties
    ['RUS', 'USA']
    """

    parties: list[Party] = Field(min_length=1)
    statements: list[Statement] = []
    signals: list[Signal] = []
