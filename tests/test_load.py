"""A folder of tables, and the tables that ship with the package."""

from contextlib import suppress

import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from attend_ml.errors import DataError
from attend_ml.load import load_dataset


def spoil(folder, table, old, new):
    path = folder / f"{table}.csv"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def append(folder, table, row):
    path = folder / f"{table}.csv"
    path.write_text(path.read_text(encoding="utf-8") + row + "\n", encoding="utf-8")


def refused(folder):
    with pytest.raises(DataError) as caught:
        load_dataset(folder)
    return caught.value.problems


def places(problems):
    return [(problem.where, problem.line, problem.column) for problem in problems]


def test_the_shipped_tables_load_and_know_outcomes_up_to_their_last_meeting(data):
    assert len(data.meetings) > 400
    assert len(data.statements) > 1500
    labels = data.delegations.leader[
        data.delegations.meeting_id.isin(data.meetings.meeting_id[data.meetings.status == "held"])
    ]
    assert labels.notna().mean() > 0.9
    assert 0.3 < labels.mean() < 0.8


def test_the_shipped_tables_are_read_once_and_a_folder_each_time(folder):
    assert load_dataset() is load_dataset()
    assert load_dataset(folder) is not load_dataset(folder)


def test_the_shipped_links_name_meetings_that_are_there(data):
    assert data.links
    assert {meeting for link in data.links for meeting in link} <= set(data.meetings.meeting_id)


def test_a_folder_is_read_as_it_stands(folder):
    data = load_dataset(str(folder))
    assert data.meetings.meeting_id.tolist() == ["oslo-2020-03-10", "bern-2021-06-01"]
    assert data.delegations.party.tolist() == ["NOR", "SWE", "CHE"]
    assert data.statements.cue.tolist() == ["deny"]
    assert data.signals.cameo.tolist() == ["042"]
    assert (data.parties, data.links) == ({}, ())


def test_a_folder_that_is_not_there_is_named(tmp_path):
    (problem,) = refused(tmp_path / "nowhere")
    assert str(tmp_path / "nowhere") in str(problem)
    assert "no such folder" in str(problem)


@pytest.mark.parametrize("name", ["meetings", "statements", "signals"])
def test_a_missing_file_is_named_and_the_rest_checked_all_the_same(folder, name):
    (folder / f"{name}.csv").unlink()
    spoil(folder, "delegations", "NOR,1", "NOR,7")
    problems = refused(folder)
    assert [problem.where for problem in problems] == [f"{name}.csv", "delegations.csv"]
    assert "No such file" in problems[0].remedy


def test_a_byte_order_mark_is_accepted_in_every_file(folder):
    (folder / "party_codes.csv").write_text("party,name\nHTH,Ansar Allah\n", encoding="utf-8")
    (folder / "links.csv").write_text("meeting_id,linked_to\noslo-2020-03-10,bern-2021-06-01\n", encoding="utf-8")
    expected = load_dataset(folder)
    for path in folder.glob("*.csv"):
        path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    data = load_dataset(folder)
    assert data.fingerprint() == expected.fingerprint()
    assert (data.parties, data.links) == ({"HTH": "Ansar Allah"}, (("oslo-2020-03-10", "bern-2021-06-01"),))


# -- all at once -----------------------------------------------------------------------------------------------


def test_wrong_cells_of_all_four_files_are_told_at_once(folder):
    spoil(folder, "meetings", "bilateral,senior", "bilatral,senior")
    spoil(folder, "delegations", "NOR,1", "NOR,7")
    spoil(folder, "statements", "deny", "denie")
    spoil(folder, "signals", "042", "42")
    assert places(refused(folder)) == [
        ("meetings.csv", 3, "format"),
        ("delegations.csv", 2, "leader"),
        ("statements.csv", 2, "cue"),
        ("signals.csv", 2, "cameo"),
    ]


def test_a_file_that_cannot_be_read_does_not_hide_what_is_wrong_in_the_others(folder):
    (folder / "meetings.csv").write_bytes(b"")
    append(folder, "statements", "oslo-2020-03-10,2020-03-06")
    spoil(folder, "signals", "042", "42")
    assert places(refused(folder)) == [
        ("meetings.csv", None, None),
        ("statements.csv", 3, None),
        ("signals.csv", 2, "cameo"),
    ]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("party_codes.csv", "party,name\nrus,Russia\n"),
        ("party_codes.csv", "code,name\nHTH,Ansar Allah\n"),
        ("links.csv", "meeting,other\noslo-2020-03-10,bern-2021-06-01\n"),
    ],
)
def test_a_wrong_list_of_codes_or_links_does_not_hide_what_is_wrong_in_the_tables(folder, name, content):
    (folder / name).write_text(content, encoding="utf-8")
    spoil(folder, "signals", "042", "42")
    assert {problem.where for problem in refused(folder)} == {name, "signals.csv"}


def test_the_message_tells_twenty_problems_and_counts_those_of_all_files(folder):
    for day in range(1, 31):
        append(folder, "signals", f",2020-01-{day:02},NOR,SWE,42,senior,Visit.")
    spoil(folder, "delegations", "NOR,1", "NOR,7")
    with pytest.raises(DataError) as caught:
        load_dataset(folder)
    lines = str(caught.value).splitlines()
    assert len(lines) == 21
    assert lines[0].startswith("delegations.csv, line 2, column leader: found '7'")
    assert lines[-1] == "... and 11 more problems of 31"
    assert len(caught.value.problems) == 31


# -- without delegations.csv -----------------------------------------------------------------------------------


def test_without_delegations_the_parties_are_those_spoken_of(folder):
    (folder / "delegations.csv").unlink()
    append(folder, "statements", "oslo-2020-03-10,2020-03-06,X,media,NOR,SWE,,,Again.,")
    append(folder, "statements", "oslo-2020-03-10,2020-03-06,X,media,NOR,,,,Of nobody.,")
    append(folder, "statements", "bern-2021-06-01,2020-03-06,X,media,NOR,CHE,,,Of another.,")
    table = load_dataset(folder).delegations
    assert list(zip(table.meeting_id, table.party, strict=True)) == [
        ("oslo-2020-03-10", "SWE"),
        ("bern-2021-06-01", "CHE"),
    ]
    assert table[["leader", "senior", "working", "mode"]].isna().all(axis=None)


def test_without_delegations_a_statement_of_no_meeting_is_accepted(folder):
    (folder / "delegations.csv").unlink()
    append(folder, "statements", ",2020-03-06,X,media,NOR,SWE,,,In general.,")
    assert load_dataset(folder).delegations.meeting_id.tolist() == ["oslo-2020-03-10"]


@pytest.mark.parametrize(
    ("row", "column"),
    [
        ("oslo-2020-03-10,2020-03-06,X,media,NOR,SVE,,,Hm.,", "about_party"),
        ("oslo-2020-03-11,2020-03-06,X,media,NOR,SWE,,,Hm.,", "meeting_id"),
    ],
)
def test_without_delegations_a_wrong_cell_of_a_statement_is_told_once(folder, row, column):
    (folder / "delegations.csv").unlink()
    append(folder, "statements", row)
    assert places(refused(folder)) == [("statements.csv", 3, column)]


def test_without_delegations_a_statements_table_that_lacks_its_key_is_told(folder):
    (folder / "delegations.csv").unlink()
    spoil(folder, "statements", "about_party", "party")
    assert "add the missing column 'about_party'" in [problem.remedy for problem in refused(folder)]


# -- codes of groups, and links ----------------------------------------------------------------------------------


def test_groups_of_the_folder_are_accepted_in_its_tables_and_named(folder):
    (folder / "party_codes.csv").write_text("party,name\nHTH,Ansar Allah\n", encoding="utf-8")
    spoil(folder, "delegations", "SWE", "HTH")
    data = load_dataset(folder)
    assert data.delegations.party.tolist() == ["NOR", "HTH", "CHE"]
    assert data.party_name("HTH") == "Ansar Allah"


@pytest.mark.parametrize("code", ["RUS", "NATO", "hth", "H-H", ""])
def test_a_code_of_a_group_that_is_taken_or_no_code_is_refused(folder, code):
    (folder / "party_codes.csv").write_text(f"party,name\nM23,M23\n{code},A group\n", encoding="utf-8")
    (problem,) = refused(folder)
    assert (problem.where, problem.line, problem.column, problem.found) == ("party_codes.csv", 3, "party", code)
    assert "upper-case code" in problem.remedy


def test_a_code_of_two_groups_is_refused(folder):
    (folder / "party_codes.csv").write_text("party,name\nHTH,Ansar Allah\nHTH,Another\n", encoding="utf-8")
    (problem,) = refused(folder)
    assert (problem.where, problem.line, problem.column, problem.found) == ("party_codes.csv", 3, "party", "HTH")


def test_a_link_to_an_unknown_meeting_is_refused(folder):
    (folder / "links.csv").write_text("meeting_id,linked_to\noslo-2020-03-10,bern-2021-06-02\n", encoding="utf-8")
    (problem,) = refused(folder)
    assert (problem.where, problem.line, problem.found) == ("links.csv", 2, "bern-2021-06-02")


@pytest.mark.parametrize("name", ["party_codes", "links"])
def test_the_header_of_codes_and_links_is_told_when_it_is_wrong(folder, name):
    (folder / f"{name}.csv").write_text("a,b\nc,d\n", encoding="utf-8")
    (problem,) = refused(folder)
    assert (problem.where, problem.line, problem.found) == (f"{name}.csv", 1, "a,b")
    assert "the header must" in problem.remedy


# -- hard cases ------------------------------------------------------------------------------------------------


def test_a_folder_without_any_meeting_is_refused_or_empty(folder):
    for path in folder.glob("*.csv"):
        path.write_text(path.read_text(encoding="utf-8").splitlines()[0] + "\n", encoding="utf-8")
    with suppress(DataError):
        assert len(load_dataset(folder).meetings) == 0


def test_tables_with_nothing_said_and_nothing_done_are_accepted(folder):
    for name in ("statements", "signals"):
        path = folder / f"{name}.csv"
        path.write_text(path.read_text(encoding="utf-8").splitlines()[0] + "\n", encoding="utf-8")
    data = load_dataset(folder)
    assert (len(data.statements), len(data.signals), len(data.delegations)) == (0, 0, 3)


def test_a_year_that_no_event_can_have_is_refused(folder):
    spoil(folder, "signals", "2020-02-20", "9999-12-31")
    assert places(refused(folder)) == [("signals.csv", 2, "date")]


def test_order_of_columns_and_of_rows_does_not_matter(folder, tmp_path_factory):
    expected = load_dataset(folder)
    other = tmp_path_factory.mktemp("other")
    for path in folder.glob("*.csv"):
        table = pd.read_csv(path, dtype=str, keep_default_na=False)
        table.iloc[::-1, ::-1].to_csv(other / path.name, index=False)
    data = load_dataset(other)
    assert data.fingerprint() == expected.fingerprint()
    for name, frame in expected.tables().items():
        assert_frame_equal(data.tables()[name].iloc[::-1].reset_index(drop=True), frame)
