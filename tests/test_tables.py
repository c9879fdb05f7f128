"""One file at a time: what is read, what is refused and with which words, and what is written."""

import re

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from attend_ml.errors import DataError
from attend_ml.tables import check_table, columns, read_rows, read_table, write_table

QUICK = settings(max_examples=60, deadline=None, database=None)


def spoil(folder, table, old, new, count=1):
    """Replace a piece of a table's file, and return its path."""
    path = folder / f"{table}.csv"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, count), encoding="utf-8")
    return path


def append(folder, table, row):
    path = folder / f"{table}.csv"
    path.write_text(path.read_text(encoding="utf-8") + row, encoding="utf-8")
    return path


def refused(path, parties=()):
    """Read the table, and return what is wrong with it."""
    with pytest.raises(DataError) as caught:
        read_table(path, path.stem, parties)
    return caught.value.problems


# -- one clear error for each kind of wrong cell ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("table", "old", "new", "line", "column", "found", "remedy"),
    [
        ("meetings", "bilateral,senior", "bilatral,senior", 3, "format", "bilatral", "did you mean 'bilateral'"),
        ("meetings", "senior,cancelled", "boss,cancelled", 3, "convened_level", "boss", "leader, senior, working"),
        ("meetings", "cancelled", "canceled", 3, "status", "canceled", "did you mean 'cancelled'"),
        ("meetings", "NOR", "NORW", 2, "country", "NORW", "did you mean 'NOR'"),
        ("meetings", "2021-06-01,Bern", "2021-06-31,Bern", 3, "date", "2021-06-31", "there is no such day"),
        ("meetings", "2021-06-01,Bern", "1.6.2021,Bern", 3, "date", "1.6.2021", "YYYY-MM-DD"),
        ("meetings", "2021-06-01,Bern", ",Bern", 3, "date", "", "fill it in"),
        ("meetings", "Talks in Bern", "", 3, "name", "", "fill"),
        ("meetings", "bern-2021-06-01", "Bern 2021", 3, "meeting_id", "Bern 2021", "slug"),
        ("delegations", "SWE", "SVE", 3, "party", "SVE", "ISO 3166 alpha-3"),
        ("delegations", "SWE", "", 3, "party", "", "ISO 3166 alpha-3"),
        ("delegations", "NOR,1", "NOR,2", 2, "leader", "2", "1 (attended), 0 (did not), or leave it empty"),
        ("delegations", "NOR,1,1", "NOR,1,yes", 2, "senior", "yes", "1 (attended), 0 (did not), or leave it empty"),
        ("statements", "spokesperson", "spokesman", 2, "speaker_role", "spokesman", "did you mean 'spokesperson'"),
        ("statements", "deny", "denie", 2, "cue", "denie", "did you mean 'deny'"),
        ("statements", "deny,leader", "deny,king", 2, "level_spoken", "king", "leader, senior, working"),
        ("statements", "SWE,SWE", "SWE,HTH", 2, "about_party", "HTH", "a group listed in party_codes.csv"),
        ("statements", "2020-03-05", "2020-03-05 10:00", 2, "date", "2020-03-05 10:00", "YYYY-MM-DDTHH:MMZ"),
        ("statements", "The prime minister will not travel to Oslo.", " ", 2, "text", "", "fill"),
        ("signals", "042", "42", 2, "cameo", "42", "leading zero"),
        ("signals", "042", "", 2, "cameo", "", "leading zero"),
        ("signals", "042,senior", "042,minister", 2, "source_level", "minister", "leader, senior, working"),
        ("signals", "2020-02-20", "2020-02-30", 2, "date", "2020-02-30", "there is no such day"),
    ],
)  # fmt: skip
def test_a_wrong_cell_is_told_once_with_line_column_value_and_remedy(
    folder, table, old, new, line, column, found, remedy
):
    (problem,) = refused(spoil(folder, table, old, new))
    assert (problem.where, problem.line, problem.column, problem.found) == (f"{table}.csv", line, column, found)
    assert remedy in problem.remedy


@pytest.mark.parametrize("cell", ["many", "1,5", "--"])
def test_a_number_that_is_none_is_refused(folder, cell):
    path = folder / "signals.csv"
    path.write_text(f'date,source_party,target_party,cameo,tone\n2020-02-20,NOR,SWE,042,"{cell}"\n', encoding="utf-8")
    (problem,) = refused(path)
    assert (problem.line, problem.column, problem.found) == (2, "tone", cell)
    assert problem.remedy == "write a number, or leave it empty"


def test_the_same_wrong_cell_in_many_rows_is_told_for_every_row(folder):
    rows = "".join(f",2020-02-{day},NOR,SWE,42,senior,Visit {day}.\n" for day in (10, 11, 12))
    assert [problem.line for problem in refused(append(folder, "signals", rows))] == [3, 4, 5]


def test_all_wrong_cells_of_a_file_are_told_at_once_in_order_of_lines(folder):
    append(folder, "statements", "oslo-2020-03-10,2020-3-6,X,spokesperson,SWE,SWE,deny,leader,It is so.,\n")
    path = spoil(folder, "statements", "spokesperson,SWE,SWE,deny", "spokesman,SWE,SVE,denie")
    found = [(problem.line, problem.column) for problem in refused(path)]
    assert found == [(2, "speaker_role"), (2, "about_party"), (2, "cue"), (3, "date")]


def test_a_group_is_accepted_where_it_is_listed(folder):
    path = spoil(folder, "statements", "SWE,SWE", "HTH,HTH")
    assert read_table(path, "statements", ["HTH"]).about_party.tolist() == ["HTH"]


# -- the header ------------------------------------------------------------------------------------------------


def test_a_misspelt_column_is_refused_and_the_nearest_named(folder):
    (problem,) = refused(spoil(folder, "statements", "level_spoken", "level_spokn"))
    assert (problem.line, problem.column) == (1, "level_spokn")
    assert "no such column; did you mean 'level_spoken'?" in problem.remedy


def test_a_missing_column_is_named(folder):
    path = folder / "delegations.csv"
    path.write_text("meeting_id,leader\noslo-2020-03-10,1\n", encoding="utf-8")
    (problem,) = refused(path)
    assert (problem.line, problem.column, problem.remedy) == (1, "party", "add the missing column 'party'")


def test_a_doubled_column_is_refused(folder):
    (problem,) = refused(spoil(folder, "statements", "cue,level_spoken", "cue,cue"))
    assert (problem.where, problem.line, problem.column) == ("statements.csv", 1, "cue")
    assert "must not stand twice" in problem.remedy


@pytest.mark.parametrize("table", ["meetings", "delegations", "statements", "signals"])
def test_columns_may_stand_in_any_order_and_blanks_around_their_names_do_not_matter(folder, table):
    path = folder / f"{table}.csv"
    expected = read_table(path, table)
    header, rows, _ = read_rows(path)
    frame = pd.DataFrame(rows, columns=header)[header[::-1]].rename(columns=lambda name: f" {name} ")
    frame.to_csv(path, index=False)
    assert_frame_equal(read_table(path, table), expected)


def test_optional_columns_may_be_absent_and_are_then_not_known(folder):
    path = folder / "delegations.csv"
    path.write_text("meeting_id,party\noslo-2020-03-10,SWE\n", encoding="utf-8")
    table = read_table(path, "delegations")
    assert table.columns.tolist() == columns("delegations")
    assert table.drop(columns=["meeting_id", "party"]).isna().all(axis=None)


def test_annotations_may_be_absent(folder):
    path = folder / "statements.csv"
    read_table(path, "statements").drop(columns=["cue", "level_spoken", "known_from"]).to_csv(path, index=False)
    table = read_table(path, "statements")
    assert table.cue.isna().all()
    assert table.about_party.tolist() == ["SWE"]


def test_empty_cells_mean_not_known(folder):
    path = folder / "delegations.csv"
    table = read_table(path, "delegations")
    assert np.isnan(table.working[0])
    assert table.leader[1] == 0
    assert table.loc[2, ["leader", "senior", "working"]].isna().all()


@pytest.mark.parametrize("column", ["city", "series", "topic", "proposer", "mediators", "announced_on", "status"])
def test_an_empty_cell_is_accepted_in_every_column_that_may_be_absent(folder, column):
    path = folder / "meetings.csv"
    path.write_text(
        "meeting_id,name,date,country,format,convened_level" + f",{column}\n"
        "oslo-2020-03-10,Talks in Oslo,2020-03-10,NOR,bilateral,leader,\n",
        encoding="utf-8",
    )
    assert read_table(path, "meetings")[column].isna().all()


@pytest.mark.parametrize("text", ["NA", "None", "nan", "null", "-", "0"])
def test_a_text_that_other_readers_take_for_empty_is_kept(folder, text):
    path = spoil(folder, "statements", "Spokesperson,", f"{text},")
    assert read_table(path, "statements").speaker.tolist() == [text]


# -- the file itself -------------------------------------------------------------------------------------------


def test_a_missing_file_is_named(tmp_path):
    (problem,) = refused(tmp_path / "meetings.csv")
    assert problem.where == "meetings.csv"
    assert problem.found == str(tmp_path / "meetings.csv")
    assert "No such file" in problem.remedy


@pytest.mark.parametrize("content", [b"", b"\n\n", b"  \r\n"])
def test_a_file_of_nothing_is_called_empty(folder, content):
    path = folder / "statements.csv"
    path.write_bytes(content)
    (problem,) = refused(path)
    assert (problem.where, problem.found) == ("statements.csv", f"{len(content)} bytes")
    assert "empty" in problem.remedy


def test_a_file_of_nothing_but_a_byte_order_mark_is_called_empty(folder):
    path = folder / "statements.csv"
    path.write_bytes(b"\xef\xbb\xbf")
    (problem,) = refused(path)
    assert "empty" in problem.remedy


def test_zero_bytes_are_told_with_their_line(folder):
    (problem,) = refused(append(folder, "statements", "oslo-2020-03-10,\0\n"))
    assert (problem.where, problem.line, problem.found) == ("statements.csv", 3, "a zero byte")
    assert "CSV in UTF-8" in problem.remedy


def test_a_table_in_another_encoding_is_told_with_line_and_byte(folder):
    path = folder / "statements.csv"
    path.write_bytes(path.read_bytes() + "oslo-2020-03-10,2020-03-06,Jörg,official,SWE,SWE,,,Hm.,\n".encode("latin-1"))
    (problem,) = refused(path)
    assert (problem.line, problem.found) == (3, "byte 0xf6")
    assert "save the file as UTF-8" in problem.remedy


def test_the_wrong_byte_is_told_right_after_a_byte_order_mark_too(folder):
    path = folder / "statements.csv"
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes() + b"\xf6slo,\n")
    (problem,) = refused(path)
    assert (problem.line, problem.found) == (3, "byte 0xf6")


def test_utf8_with_a_byte_order_mark_is_accepted(folder):
    path = folder / "statements.csv"
    expected = read_table(path, "statements")
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert_frame_equal(read_table(path, "statements"), expected)


@pytest.mark.parametrize("ending", ["\r\n", "\r"])
def test_the_line_endings_of_other_systems_are_accepted(folder, ending):
    path = folder / "delegations.csv"
    expected = read_table(path, "delegations")
    path.write_bytes(path.read_bytes().replace(b"\n", ending.encode()))
    assert_frame_equal(read_table(path, "delegations"), expected)


@pytest.mark.parametrize(("row", "found"), [("oslo-2020-03-10,2020-03-05\n", "2 cells"), ("a" + "," * 10, "11 cells")])
def test_a_row_with_the_wrong_number_of_cells_is_told_with_both_numbers(folder, row, found):
    (problem,) = refused(append(folder, "statements", row))
    assert (problem.where, problem.line, problem.found) == ("statements.csv", 3, found)
    assert "the header has 10 columns" in problem.remedy


def test_a_wrong_number_of_cells_does_not_hide_wrong_cells_of_other_rows(folder):
    rows = "oslo-2020-03-10,2020-03-05\noslo-2020-03-10,2020-03-06,X,spokesperson,SWE,SWE,denie,,It is so.,\n"
    assert [problem.line for problem in refused(append(folder, "statements", rows))] == [3, 4]


@pytest.mark.parametrize("row", ['oslo-2020-03-10,"2020-03-06,X\n', 'oslo-2020-03-10,"20"20,X,,,,,,Hm.,\n'])
def test_broken_quoting_is_told_with_the_line_where_the_row_begins(folder, row):
    append(folder, "statements", "oslo-2020-03-10,2020-03-06,X,official,SWE,SWE,,,Hm.,\n")
    (problem,) = refused(append(folder, "statements", row))
    assert (problem.where, problem.line) == ("statements.csv", 4)
    assert problem.remedy == "mend the quoting of this row"


def test_lines_are_counted_right_after_a_quoted_cell_with_line_breaks_and_after_empty_lines(folder):
    good = 'oslo-2020-03-10,2020-03-06,X,official,SWE,SWE,,,"One\r\ntwo\nthree.",\n\n'
    bad = "oslo-2020-03-10,2020-03-07,X,official,SWE,SWE,denie,,Hm.,\n"
    (problem,) = refused(append(folder, "statements", good + bad))
    assert (problem.line, problem.column) == (7, "cue")


def test_a_row_over_several_lines_is_told_with_its_first_line(folder):
    row = 'oslo-2020-03-10,2020-03-06,"X\n\nY",official,SWE,SWE,denie,,Hm.,\n'
    (problem,) = refused(append(folder, "statements", row))
    assert problem.line == 3


def test_an_empty_first_line_is_told_as_such(folder):
    path = folder / "statements.csv"
    path.write_text("\n" + path.read_text(encoding="utf-8"), encoding="utf-8")
    (problem,) = refused(path)
    assert problem.line == 1


def test_a_table_with_its_header_only_has_no_rows_and_all_columns_with_their_types(folder):
    path = folder / "statements.csv"
    full = read_table(path, "statements")
    path.write_text(path.read_text(encoding="utf-8").splitlines()[0] + "\n", encoding="utf-8")
    table = read_table(path, "statements")
    assert len(table) == 0
    assert table.dtypes[["date", "known_from"]].to_dict() == full.dtypes[["date", "known_from"]].to_dict()


# -- types -----------------------------------------------------------------------------------------------------


def test_a_row_without_a_time_is_known_from_the_end_of_its_day(folder):
    table = read_table(folder / "statements.csv", "statements")
    assert table.known_from.tolist() == [pd.Timestamp("2020-03-05 23:59:59")]


@pytest.mark.parametrize(("cell", "moment"), [("T18:30Z", "2020-03-05 18:30"), ("T00:00Z", "2020-03-05 00:00")])
def test_a_row_with_a_time_is_known_from_that_minute(folder, cell, moment):
    table = read_table(spoil(folder, "statements", "2020-03-05", f"2020-03-05{cell}"), "statements")
    assert table.date.tolist() == table.known_from.tolist() == [pd.Timestamp(moment)]


def test_codes_read_as_numbers_are_refused_with_the_leading_zero_in_the_remedy():
    frame = pd.DataFrame({"date": ["2020-02-20"], "source_party": ["NOR"], "target_party": ["SWE"], "cameo": [42]})
    with pytest.raises(DataError, match=r"signals, line 2, column cameo: found '42'; .*leading zero"):
        check_table(frame, "signals")


def test_a_frame_that_is_checked_already_is_not_changed_by_checking_it_again(data):
    for name, frame in data.tables().items():
        assert_frame_equal(check_table(frame, name, parties=data.parties), frame)


def test_flags_are_accepted_as_pandas_reads_them(folder):
    path = folder / "delegations.csv"
    assert_frame_equal(check_table(pd.read_csv(path), "delegations"), read_table(path, "delegations"))


def test_a_changed_date_changes_from_when_the_row_is_known(folder):
    table = read_table(folder / "statements.csv", "statements").assign(date=pd.Timestamp("2020-03-09"))
    assert check_table(table, "statements").known_from.tolist() == [pd.Timestamp("2020-03-09 23:59:59")]


# -- writing ---------------------------------------------------------------------------------------------------

texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1).map(str.strip)


def written_and_read(frame, table, path):
    write_table(frame, path)
    return read_table(path, table)


@QUICK
@given(
    st.lists(
        st.tuples(texts.filter(bool), texts, st.sampled_from(["2020-03-05", "2020-03-05T00:00Z", "2020-03-05T17:45Z"]))
    )
)
def test_what_is_written_is_read_back_the_same_whatever_the_text(tmp_path_factory, rows):
    cells = {
        "meeting_id": "oslo-2020-03-10",
        "date": [date for *_, date in rows],
        "speaker": [speaker for _, speaker, _ in rows],
        "speaker_role": None,
        "speaker_party": None,
        "about_party": None,
        "text": [text for text, *_ in rows],
    }
    table = check_table(pd.DataFrame(cells, dtype=object), "statements")
    path = tmp_path_factory.mktemp("written") / "statements.csv"
    assert_frame_equal(written_and_read(table, "statements", path), table, check_exact=True)


def test_seconds_are_kept_or_refused(folder):
    path = spoil(folder, "statements", "2020-03-05", "2020-03-05T10:00:30Z")
    try:
        table = read_table(path, "statements")
    except DataError as error:
        assert "YYYY-MM-DDTHH:MMZ" in str(error)  # noqa: PT017
    else:
        assert_frame_equal(written_and_read(table, "statements", path), table)


def test_the_time_of_an_announcement_is_written_too(folder):
    path = folder / "meetings.csv"
    path.write_text(
        "meeting_id,name,date,country,format,topic,convened_level,announced_on\n"
        "oslo-2020-03-10,Talks in Oslo,2020-03-10,NOR,bilateral,peace,leader,2020-03-01T10:00Z\n",
        encoding="utf-8",
    )
    table = read_table(path, "meetings")
    assert table.announced_on[0] == pd.Timestamp("2020-03-01 10:00")
    assert_frame_equal(written_and_read(table, "meetings", path), table)


def test_numbers_are_written_to_the_last_digit(folder):
    path = folder / "signals.csv"
    path.write_text(
        "date,source_party,target_party,cameo,count,goldstein,tone\n"
        "2020-02-20,NOR,SWE,042,3,-7.2,0.1\n2020-02-21,NOR,SWE,042,,3.4000000000000004,1e-7\n",
        encoding="utf-8",
    )
    table = read_table(path, "signals")
    assert table.goldstein.tolist() == [-7.2, 3.4000000000000004]
    assert_frame_equal(written_and_read(table, "signals", path), table, check_exact=True)


def test_what_the_reader_of_articles_adds_for_people_is_kept(folder):
    path = spoil(folder, "statements", "source_url\n", "source_url,quote_span,confidence\n")
    spoil(folder, "statements", "example.org/1\n", "example.org/1,10-20,0.8\n")
    table = read_table(path, "statements")
    assert (table.quote_span.tolist(), table.confidence.tolist()) == (["10-20"], ["0.8"])
    assert_frame_equal(written_and_read(table, "statements", path), table)


def test_dates_are_written_in_the_form_of_the_schema(data, tmp_path):
    write_table(data.meetings, tmp_path / "meetings.csv")
    header, rows, _ = read_rows(tmp_path / "meetings.csv")
    dates = {row[header.index("date")] for row in rows}
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\d", date) for date in dates)
