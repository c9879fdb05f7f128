"""Sheets of cells: workbooks and text files are read alike, each row with its number."""

import io
import zipfile

import pytest

from attend_ml.errors import DataError
from attend_ml.sources.sheets import read_sheet


@pytest.fixture
def file(tmp_path):
    def write(content, name="list.csv"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


def the_one(path):
    with pytest.raises(DataError) as caught:
        read_sheet(path)
    (problem,) = caught.value.problems
    assert problem.where == path.name
    return problem


def test_rows_of_a_workbook_are_numbered_as_a_spreadsheet_shows_them(workbook):
    sheet = read_sheet(workbook(None, ["Year", "Post"], None, [2010, " President "], [2011.0, ""], None, ["", "King"]))
    assert (sheet.header, sheet.header_line) == (["Year", "Post"], 2)
    assert sheet.rows == [["2010", "President"], ["2011", ""], ["", "King"]]
    assert sheet.lines == [4, 5, 7]


def test_only_the_first_sheet_is_read_and_others_that_hold_something_are_named(workbook):
    sheet = read_sheet(workbook(["Year"], [2010], more={"Old": [["Year"], [1999]], "Empty": []}))
    assert (sheet.rows, sheet.others) == ([["2010"]], ["Old"])


def test_what_a_file_is_is_seen_from_its_content(workbook, file):
    rows = [["Year", "Post"], [2010, "President"]]
    assert read_sheet(workbook(*rows, name="list.csv")).rows == [["2010", "President"]]
    assert read_sheet(file("Year,Post\n2010,President\n", "list.xlsx")).rows == [["2010", "President"]]


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_text_files_may_have_any_of_three_separators_and_a_byte_order_mark(file, separator):
    text = separator.join(("Year", "Post", "Country")) + "\r\n" + separator.join(("2010", '"A\nB"', "Peru")) + "\r\n"
    text += separator.join(("2011", "King", "Oman"))
    sheet = read_sheet(file(b"\xef\xbb\xbf" + text.encode()))
    assert sheet.header == ["Year", "Post", "Country"]
    assert sheet.rows == [["2010", "A\nB", "Peru"], ["2011", "King", "Oman"]]
    assert sheet.lines == [2, 4]


def test_empty_columns_at_the_end_are_left_out_and_short_rows_filled(file):
    sheet = read_sheet(file("Year,Post,,\n2010,King,,\n2011\n"))
    assert (sheet.header, sheet.rows) == (["Year", "Post"], [["2010", "King"], ["2011", ""]])


def test_cells_beyond_the_header_are_told(file):
    problem = the_one(file("Year,Post\n2010,King, and Pope\n"))
    assert (problem.line, problem.found) == (2, "and Pope")
    assert "2 columns" in problem.remedy


@pytest.mark.parametrize(
    ("content", "line", "remedy"),
    [
        ("", None, "empty"),
        (" \n\n", None, "empty"),
        ("Year\n201\udce9".encode("utf-8", "surrogateescape"), 2, "UTF-8"),
        ("Year\n\n2010\0", 3, "neither a text file nor a workbook"),
        ('Year\n"2010\n', 2, "quoting"),
        (b"PK\x03\x04 cut off", None, "no workbook"),
        (b"\xd0\xcf\x11\xe0 something else", None, "no workbook"),
    ],
)
def test_what_cannot_be_read_is_one_clear_error(file, content, line, remedy):
    problem = the_one(file(content))
    assert problem.line == line
    assert remedy in problem.remedy


def test_an_archive_that_is_no_workbook_is_refused(file):
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as out:
        out.writestr("readme.txt", "no workbook")
    assert "no workbook" in the_one(file(archive.getvalue(), "list.xlsx")).remedy


def test_a_file_that_is_not_there_is_named(tmp_path):
    assert "nowhere.xlsx" in the_one(tmp_path / "nowhere.xlsx").found
    assert "cannot be read" in the_one(tmp_path / "nowhere.xlsx").remedy
