"""Meeting cards: one meeting of the user's own in a TOML file."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any, cast, get_type_hints

from pydantic import TypeAdapter, ValidationError

from attend_ml.errors import DataError, Problem, one_of
from attend_ml.records import Meeting, Record, Signal, Statement, parse_moment, remedy_of

_LISTS: dict[str, type[Record]] = {"statements": Statement, "signals": Signal}


def read_card(path: str | Path, parties: Iterable[str] = ()) -> Meeting:
    """Read a meeting card.

    Parameters
    ----------
    path : str or pathlib.Path
        TOML with a table ``[meeting]`` and any number of ``[[statements]]`` and ``[[signals]]``; keys are the columns
        of the tables, and ``parties`` the list of those invited.
    parties : iterable of str, default=()
        Codes of groups allowed besides states and organisations.

    Returns
    -------
    Meeting

    Raises
    ------
    DataError
        With every problem of the card.
    """
    path = Path(path)

    def problem(column: str | None, found: str, remedy: str) -> Problem:
        return Problem(path.name, None, column, found, remedy)

    try:
        content = tomllib.loads(path.read_bytes().decode("utf-8-sig"))
    except OSError as error:
        remedy = f"it cannot be read ({error.strerror}); give the path of a meeting card"
        raise DataError([problem(None, str(path), remedy)]) from None
    except UnicodeDecodeError as error:
        raise DataError(
            [problem(None, f"byte 0x{error.object[error.start]:02x}", "this is not UTF-8; save it as UTF-8")]
        ) from None
    except tomllib.TOMLDecodeError as error:
        raise DataError([problem(None, str(error), "mend the TOML there")]) from None

    unknown = [key for key in content if key not in ("meeting", *_LISTS)]
    problems = [problem(None, f"[{key}]", one_of(["meeting", *_LISTS], key)) for key in unknown]
    if not isinstance(content.get("meeting"), dict):
        raise DataError(
            [*problems, problem("[meeting]", "no such table", "add [meeting] with meeting_id, name, date and parties")]
        )
    context = {"parties": frozenset(parties)}
    problems += _check(content["meeting"], Meeting, "[meeting]", path.name, context, skip=tuple(_LISTS))
    for key, record in _LISTS.items():
        rows = content.get(key, [])
        if not isinstance(rows, list):
            problems.append(problem(key, "one table", f"write [[{key}]] with two brackets"))
            continue
        for number, row in enumerate(rows, start=1):
            problems += _check(row, record, f"[[{key}]] number {number}", path.name, context)
    if problems:
        raise DataError(problems)
    meeting = Meeting.model_validate({**content["meeting"], **{k: content.get(k, []) for k in _LISTS}}, context=context)
    held = parse_moment(meeting.date)[0].date()
    if meeting.announced_on and parse_moment(meeting.announced_on)[0].date() > held:
        remedy = f"this is after the meeting ({held}); correct one of the two"
        problems.append(problem("[meeting], announced_on", meeting.announced_on, remedy))
    seen: list[Statement] = []
    for number, said in enumerate(meeting.statements, start=1):
        if said in seen:
            remedy = "this statement stands twice; remove one"
            problems.append(problem(f"[[statements]] number {number}, text", said.text, remedy))
        seen.append(said)
        if parse_moment(said.date)[0].date() > held:
            remedy = f"this is after the meeting ({held}); keep only what was said before it, or correct the date"
            problems.append(problem(f"[[statements]] number {number}, date", said.date, remedy))
    for key in _LISTS:
        for number, row in enumerate(getattr(meeting, key), start=1):
            if row.meeting_id not in (None, meeting.meeting_id):
                remedy = f"this card is about {meeting.meeting_id}; leave meeting_id out"
                problems.append(problem(f"[[{key}]] number {number}, meeting_id", row.meeting_id, remedy))
    if problems:
        raise DataError(problems)
    return meeting


def _check(
    row: Any, record: type[Record], where: str, file: str, context: dict[str, Any], skip: tuple[str, ...] = ()
) -> list[Problem]:
    if not isinstance(row, dict):
        return [Problem(file, None, where, str(row), "write a table")]
    fields = {name: field for name, field in record.model_fields.items() if name not in skip}
    hints = get_type_hints(record, include_extras=True)
    problems = [
        Problem(file, None, f"{where}, {name}", "nothing", "fill it in")
        for name, field in fields.items()
        if field.is_required() and name not in row
    ]
    for name, value in row.items():
        if name not in fields:
            problems.append(
                Problem(file, None, f"{where}, {name}", str(value), f"no such key; {one_of(list(fields), name)}")
            )
            continue
        try:
            TypeAdapter(cast(Any, Annotated[hints[name], fields[name]])).validate_python(value, context=context)
        except ValidationError as error:
            for one in error.errors():
                found = "" if one["input"] is None else str(one["input"])
                problems.append(Problem(file, None, f"{where}, {name}", found, remedy_of(one)))
    return problems
