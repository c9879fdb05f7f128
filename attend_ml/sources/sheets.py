"""One sheet of cells, from a workbook or a text file, each row with its number in the file."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from attend_ml.errors import DataError, Problem

# How files begin that are workbooks, whatever they are called: zip (xlsx, ods) and OLE (xls).
_WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
_SEPARATORS = ",;\t"


@dataclass(frozen=True)
class Sheet:
    """A table of text.

    Parameters
    ----------
    where : str
        Name of the file, for messages.
    header : list of str
        The first row that is not empty.
    header_line : int
        Its row in the file, counted from 1.
    rows : list of list of str
        The others that are not empty, each as long as the header. Cells have no blanks around them; an empty one is "".
    lines : list of int
        Row of each in the workbook, or line in the text file, counted from 1.
    others : list of str
        Names of further sheets of the workbook that are not empty. They are not read.
    """

    where: str
    header: list[str]
    header_line: int
    rows: list[list[str]]
    lines: list[int]
    others: list[str]


def read_sheet(path: str | Path) -> Sheet:
    """Read the first sheet of a workbook (.xlsx, .xls, .ods), or a text file separated by commas, semicolons or tabs.

    Parameters
    ----------
    path : str or pathlib.Path
        What the file is, is seen from its content.

    Returns
    -------
    Sheet

    Raises
    ------
    DataError
        If the file is missing, empty or neither, or a row has cells beyond the header.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder) / "list.tsv"
    ...     size = file.write_text("Year\\tPost\\n\\n2010\\tPresident\\n", encoding="utf-8")
    ...     sheet = read_sheet(file)
    >>> sheet.header, sheet.rows, sheet.lines
    (['Year', 'Post'], [['2010', 'President']], [3])
    """
    path = Path(path)
    try:
        raw = path.read_bytes()
    except OSError as error:
        remedy = f"it cannot be read ({error.strerror}); give the path of a workbook or a CSV file"
        raise DataError([Problem(path.name, None, None, str(path), remedy)]) from None
    others: list[str] = []
    if raw.startswith(_WORKBOOKS):
        cells, others = _workbook_cells(raw, path.name)
    else:
        cells = _text_cells(raw, path.name)
    filled = [(line, row) for line, row in cells if any(row)]
    if not filled:
        remedy = "the file is empty; it needs a header row and rows below it"
        raise DataError([Problem(path.name, None, None, f"{len(raw)} bytes", remedy)])
    header_line, header = filled[0]
    width = max(i for i, name in enumerate(header) if name) + 1
    remedy = f"the header has {width} columns; quote cells that hold the separator, or name the column"
    problems = [
        Problem(path.name, line, None, next(filter(None, row[width:])), remedy)
        for line, row in filled[1:]
        if any(row[width:])
    ]
    if problems:
        raise DataError(problems)
    rows = [(row + [""] * width)[:width] for _, row in filled[1:]]
    return Sheet(path.name, header[:width], header_line, rows, [line for line, _ in filled[1:]], others)


def _workbook_cells(raw: bytes, where: str) -> tuple[list[tuple[int, list[str]]], list[str]]:
    from python_calamine import CalamineError, SheetTypeEnum, load_workbook

    try:
        book = load_workbook(io.BytesIO(raw))
        sheet = book.get_sheet_by_index(0)
        # Empty rows above and between are kept, so that rows are numbered as a spreadsheet shows them.
        rows = sheet.to_python(skip_empty_area=False)
        # Charts may be sheets too; those hold no cells.
        tables = [other.name for other in book.sheets_metadata[1:] if other.typ == SheetTypeEnum.WorkSheet]
        others = [name for name in tables if book.get_sheet_by_name(name).end is not None]
    except (CalamineError, OSError) as error:
        remedy = "this is no workbook that can be read; save it once more as .xlsx or .csv, without a password"
        raise DataError([Problem(where, None, None, str(error).splitlines()[0], remedy)]) from None
    return [(line, [_text(value) for value in row]) for line, row in enumerate(rows, start=1)], others


def _text(value: Any) -> str:
    # A spreadsheet has no whole numbers: 2010 is kept as 2010.0.
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()


def _text_cells(raw: bytes, where: str) -> list[tuple[int, list[str]]]:
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        remedy = "this is not UTF-8; save the file as CSV in UTF-8, or as .xlsx"
        raise DataError([Problem(where, line, None, f"byte 0x{raw[error.start]:02x}", remedy)]) from None
    if "\0" in text:
        line = text[: text.index("\0")].count("\n") + 1
        remedy = "this is neither a text file nor a workbook; save it as .xlsx or .csv"
        raise DataError([Problem(where, line, None, "a zero byte", remedy)])
    first = next((line for line in text.splitlines() if line.strip()), "")
    separator = max(_SEPARATORS, key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    cells: list[tuple[int, list[str]]] = []
    start = 1
    try:
        for row in reader:
            cells.append((start, [value.strip() for value in row]))
            start = reader.line_num + 1
    except csv.Error as error:
        raise DataError([Problem(where, start, None, str(error), "mend the quoting of this row")]) from None
    return cells
