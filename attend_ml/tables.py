"""The four tables as CSV files: reading them, and naming everything that is wrong with them at once."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any, get_type_hints

import numpy as np
import pandas as pd
from pydantic import TypeAdapter, ValidationError

from attend_ml.errors import DataError, Problem, one_of
from attend_ml.records import LEVELS, Delegation, MeetingRow, Record, Signal, Statement, parse_moment, remedy_of

RECORDS: dict[str, type[Record]] = {
    "meetings": MeetingRow,
    "delegations": Delegation,
    "statements": Statement,
    "signals": Signal,
}
# What a table must have; every other column of its record may be absent.
REQUIRED: dict[str, tuple[str, ...]] = {
    "meetings": ("meeting_id", "name", "date", "country", "format", "convened_level"),
    "delegations": ("meeting_id", "party"),
    "statements": ("meeting_id", "date", "speaker_role", "speaker_party", "about_party", "text"),
    "signals": ("date", "source_party", "target_party", "cameo"),
}
# Columns that `attend-ml read` adds for people; features do not use them.
EXTRA: dict[str, tuple[str, ...]] = {"statements": ("quote_span", "speaker_span", "confidence")}
NUMBERS = {"leader", "senior", "working", "count", "goldstein", "tone", "confidence"}
DATES = {"date", "announced_on"}
_END_OF_DAY = pd.Timedelta(hours=23, minutes=59, seconds=59)


def columns(table: str) -> list[str]:
    """Return the columns of a table in order.

    Examples
    --------
    >>> columns("delegations")[:3]
    ['meeting_id', 'party', 'leader']
    """
    return list(RECORDS[table].model_fields)


def read_table(path: Path, table: str, parties: Iterable[str] = ()) -> pd.DataFrame:
    """Read and check one CSV file.

    Parameters
    ----------
    path : pathlib.Path
    table : {"meetings", "delegations", "statements", "signals"}
    parties : iterable of str, default=()
        Codes of groups allowed besides states and organisations.

    Returns
    -------
    pandas.DataFrame
        As :func:`check_table` returns it.

    Raises
    ------
    DataError
        With every problem of the file.
    """
    header, rows, lines, problems = scan_rows(path)
    frame = pd.DataFrame(rows, columns=pd.Index(header, dtype=str), dtype=object)
    result, found = inspect_table(frame, table, path.name, lines, parties)
    if problems or found or result is None:
        raise DataError(sorted(problems + found, key=lambda problem: problem.line or 0))
    return result


def read_rows(path: Path) -> tuple[list[str], list[list[str]], np.ndarray]:
    """Read a CSV file into header, rows of text and the line each row starts at.

    Raises
    ------
    DataError
        If the file is missing, empty, no UTF-8, binary, or a row has too few or too many cells.
    """
    header, rows, lines, problems = scan_rows(path)
    if problems:
        raise DataError(problems)
    return header, rows, lines


def scan_rows(path: Path) -> tuple[list[str], list[list[str]], np.ndarray, list[Problem]]:
    """Read a CSV file as :func:`read_rows` does, and list rows of the wrong length instead of refusing them.

    Raises
    ------
    DataError
        If the file is missing, empty, no UTF-8 or binary.
    """

    def fail(line: int | None, found: str, remedy: str) -> DataError:
        return DataError([Problem(path.name, line, None, found, remedy)])

    try:
        raw = path.read_bytes()
    except OSError as error:
        raise fail(None, str(path), f"it cannot be read ({error.strerror}); give the path of a CSV file") from None
    content = raw.removeprefix(codecs.BOM_UTF8)
    if not content.strip():
        raise fail(None, f"{len(raw)} bytes", "the file is empty; it needs at least the header row")
    if b"\0" in content:
        line = content[: content.index(b"\0")].count(b"\n") + 1
        raise fail(line, "a zero byte", "this is no text file; export the table as CSV in UTF-8")
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise fail(line, f"byte 0x{content[error.start]:02x}", "this is not UTF-8; save the file as UTF-8") from None

    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    rows: list[list[str]] = []
    lines: list[int] = []
    problems: list[Problem] = []
    start = 1
    try:
        header = [name.strip() for name in next(reader)]
        if not any(header):
            raise fail(1, "an empty line", "the first line must be the header")
        start = reader.line_num + 1
        for row in reader:
            if len(row) == len(header):
                rows.append(row)
                lines.append(start)
            elif row:
                remedy = f"the header has {len(header)} columns; quote cells that hold commas"
                problems.append(Problem(path.name, start, None, f"{len(row)} cells", remedy))
            start = reader.line_num + 1
    except csv.Error as error:
        raise fail(start, str(error), "mend the quoting of this row") from None
    return header, rows, np.asarray(lines, dtype=np.int64), problems


def write_table(frame: pd.DataFrame, path: Path) -> None:
    """Write a table as :func:`read_table` reads it.

    Parameters
    ----------
    frame : pandas.DataFrame
        As :func:`check_table` returns it. A date from the very moment of which a row was known keeps its time.
    path : pathlib.Path
    """
    out = frame.drop(columns="known_from", errors="ignore").copy()
    for name in set(out.columns) & DATES:
        day = frame[name].dt.normalize() == frame[name]
        if name == "date" and "known_from" in frame:
            day = frame["known_from"] != frame["date"]
        text = frame[name].dt.strftime("%Y-%m-%d")
        out[name] = text.where(day | frame[name].isna(), frame[name].dt.strftime("%Y-%m-%dT%H:%MZ"))
    for name in set(out.columns) & set(LEVELS):
        out[name] = out[name].map({0.0: "0", 1.0: "1"})
    # The writer leaves a lone carriage return bare, which a reader then takes for the end of the row.
    bare = any(out[name].astype(str).str.contains("\r").any() for name in out.columns)
    out.to_csv(path, index=False, lineterminator="\n", quoting=csv.QUOTE_ALL if bare else csv.QUOTE_MINIMAL)


def check_table(
    frame: pd.DataFrame,
    table: str,
    where: str | None = None,
    lines: np.ndarray | None = None,
    parties: Iterable[str] = (),
) -> pd.DataFrame:
    """Check the columns and cells of a table and give them their types.

    Parameters
    ----------
    frame : pandas.DataFrame
        Cells as text, or as the types this function returns.
    table : {"meetings", "delegations", "statements", "signals"}
    where : str or None, default=None
        What messages call the table; its name when None.
    lines : ndarray of shape (n_rows,) or None, default=None
        Line of each row in its file; counted from 2 when None.
    parties : iterable of str, default=()
        Codes of groups allowed besides states and organisations.

    Returns
    -------
    pandas.DataFrame
        All columns of the table in order; text with a missing value where not known, flags and numbers as float with
        NaN where not known, dates as datetime64[s] in UTC. Tables with a ``date`` have ``known_from`` too: the moment
        from which a forecast may use the row. It is the end of the day where no time is given.

    Raises
    ------
    DataError
        With every problem found.

    Examples
    --------
    >>> cells = {"meeting_id": ["x-2025-01-01"], "party": ["RUS"], "leader": ["1"]}
    >>> check_table(pd.DataFrame(cells), "delegations")[["party", "leader", "senior"]]
      party  leader  senior
    0   RUS     1.0     NaN
    """
    result, problems = inspect_table(frame, table, where, lines, parties)
    if problems or result is None:
        raise DataError(problems)
    return result


def inspect_table(
    frame: pd.DataFrame,
    table: str,
    where: str | None = None,
    lines: np.ndarray | None = None,
    parties: Iterable[str] = (),
) -> tuple[pd.DataFrame | None, list[Problem]]:
    """Check a table as :func:`check_table` does, and return its problems instead of raising them.

    Returns
    -------
    result : pandas.DataFrame or None
        Wrong cells are empty. None where the header is wrong, so that cells cannot be told.
    problems : list of Problem
        In the order of lines.
    """
    where = where or table
    lines = np.arange(2, len(frame) + 2) if lines is None else lines
    known = columns(table)
    problems = _check_header(list(frame.columns), table, where)
    doubled = frame.columns.duplicated().any()
    out: dict[str, Any] = {}
    context = {"parties": frozenset(parties)}
    for name in known if not doubled else ():
        if name not in frame.columns:
            out[name] = _typed(name, np.full(len(frame), None, dtype=object))
            continue
        codes, uniques = pd.factorize(_as_text(frame[name]), use_na_sentinel=False)
        values, remedies = _check_cells(uniques, _adapter(table, name), context)
        for i, remedy in remedies.items():
            found = "" if pd.isna(uniques[i]) else str(uniques[i]).strip()
            problems += [Problem(where, int(lines[k]), name, found, remedy) for k in np.flatnonzero(codes == i)]
        out[name] = _typed(name, values)[codes] if len(uniques) else _typed(name, values)
    problems.sort(key=lambda p: p.line or 0)
    if doubled or any(name not in frame.columns for name in REQUIRED[table]):
        return None, problems
    extra = [name for name in EXTRA.get(table, ()) if name in frame.columns]
    out |= {name: frame[name].to_numpy() for name in extra}
    result = pd.DataFrame(out, columns=[*known, *extra])
    if "date" in known:
        result["known_from"] = _known_from(frame, result)
    return result, problems


def _check_cells(
    cells: Iterable[Any], adapter: TypeAdapter[Any], context: dict[str, Any]
) -> tuple[np.ndarray, dict[int, str]]:
    """Return the values of distinct cells, None for a wrong one, and what to do about those by position."""
    cells = list(cells)
    values = np.full(len(cells), None, dtype=object)
    remedies: dict[int, str] = {}
    for i, cell in enumerate(cells):
        found = cell.strip() if isinstance(cell, str) else (None if pd.isna(cell) else cell)
        try:
            values[i] = adapter.validate_python(found, context=context)
        except ValidationError as error:
            remedies[i] = remedy_of(error.errors()[0])
    return values, remedies


def _check_header(found: list[str], table: str, where: str) -> list[Problem]:
    known = columns(table)
    allowed = [*known, *EXTRA.get(table, ()), "known_from"]
    problems = [
        Problem(where, 1, name, name, f"this column must not stand twice; remove one of the {found.count(name)}")
        for name in sorted({name for name in found if found.count(name) > 1})
    ]
    unknown = [name for name in found if name not in allowed]
    problems += [Problem(where, 1, name, name, f"no such column; {one_of(known, name)}") for name in unknown]
    missing = [name for name in REQUIRED[table] if name not in found]
    header = ",".join(found)
    return problems + [Problem(where, 1, name, header, f"add the missing column {name!r}") for name in missing]


@cache
def _adapter(table: str, name: str) -> TypeAdapter[Any]:
    return TypeAdapter(get_type_hints(RECORDS[table], include_extras=True)[name])


def _as_text(series: pd.Series) -> pd.Series:
    if pd.api.types.is_datetime64_any_dtype(series):
        day = series.dt.normalize() == series
        text = series.dt.strftime("%Y-%m-%d").where(day, series.dt.strftime("%Y-%m-%dT%H:%MZ"))
        return text.astype(object).where(series.notna(), None)
    if isinstance(series.dtype, pd.CategoricalDtype):
        series = series.astype(object)
    return series.astype(object).where(series.notna(), None)


def _typed(name: str, values: np.ndarray) -> np.ndarray:
    if name in NUMBERS:
        return np.array([np.nan if v is None else v for v in values], dtype=float)
    if name in DATES:
        return np.array([None if v is None else parse_moment(v)[0] for v in values], dtype="datetime64[s]")
    return values


def _known_from(frame: pd.DataFrame, result: pd.DataFrame) -> pd.Series:
    if "known_from" in frame.columns and pd.api.types.is_datetime64_any_dtype(frame["known_from"]):
        # Rows of a checked table: where the date was a moment the two are one.
        has_time = frame["known_from"].to_numpy(dtype="datetime64[s]") == result["date"].to_numpy()
    else:
        has_time = _as_text(frame["date"]).map(lambda v: isinstance(v, str) and "T" in v).to_numpy(dtype=bool)
    end = result["date"].dt.normalize() + _END_OF_DAY
    return result["date"].where(has_time, end).astype("datetime64[s]")


def known_when(dates: pd.Series) -> pd.Series:
    """Return the moment from which a date is known: itself where it has a time of day, else the day's last second.

    Examples
    --------
    >>> dates = pd.Series([pd.Timestamp("2025-05-14"), pd.Timestamp("2025-05-14 10:00")])
    >>> known_when(dates).dt.strftime("%H:%M").tolist()
    ['23:59', '10:00']
    """
    return dates.where(dates != dates.dt.normalize(), dates.dt.normalize() + _END_OF_DAY)
