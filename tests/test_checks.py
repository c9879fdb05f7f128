"""What must hold between rows and between tables."""

import pytest

from attend_ml.errors import DataError
from attend_ml.load import load_dataset

STATEMENT = "oslo-2020-03-10,2020-03-05,Spokesperson,spokesperson,SWE,SWE,deny,leader,"
TEXT = "The prime minister will not travel to Oslo."


def append(folder, table, row):
    path = folder / f"{table}.csv"
    path.write_text(path.read_text(encoding="utf-8") + row + "\n", encoding="utf-8")


def spoil(folder, table, old, new):
    path = folder / f"{table}.csv"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def refused(folder):
    with pytest.raises(DataError) as caught:
        load_dataset(folder)
    return caught.value.problems


def the_one(folder):
    (problem,) = refused(folder)
    return problem.where, problem.line, problem.column, problem.found, problem.remedy


def test_two_meetings_of_one_id_are_refused_at_the_second(folder):
    append(folder, "meetings", "oslo-2020-03-10,Again,2020-03-10,Oslo,NOR,bilateral,leader,held")
    where, line, column, found, remedy = the_one(folder)
    assert (where, line, column, found) == ("meetings.csv", 4, "meeting_id", "oslo-2020-03-10")
    assert remedy == "this id stands twice; give each meeting its own"


def test_a_party_twice_at_one_meeting_is_refused_at_the_second(folder):
    append(folder, "delegations", "oslo-2020-03-10,SWE,1,,")
    where, line, column, found, remedy = the_one(folder)
    assert (where, line, column, found) == ("delegations.csv", 5, "meeting_id", "oslo-2020-03-10")
    assert "the same meeting_id, party stand twice" in remedy


def test_the_same_statement_twice_is_refused_at_the_second(folder):
    append(folder, "statements", f"{STATEMENT}{TEXT},https://example.org/2")
    where, line, *_, remedy = the_one(folder)
    assert (where, line) == ("statements.csv", 3)
    assert "stand twice; remove one of the rows" in remedy


@pytest.mark.parametrize(
    "row",
    [
        f"{STATEMENT}It was said again in other words.,",
        f"{STATEMENT.replace('03-05', '03-06')}{TEXT},",
        f"{STATEMENT.replace('Spokesperson', 'Minister')}{TEXT},",
        f"{STATEMENT.replace('SWE,SWE', 'SWE,NOR')}{TEXT},",
    ],
)
def test_statements_that_differ_in_day_speaker_party_or_text_are_two(folder, row):
    append(folder, "statements", row)
    assert len(load_dataset(folder).statements) == 2


def test_the_same_signal_reported_twice_is_accepted(folder):
    append(folder, "signals", ",2020-02-20,NOR,SWE,042,senior,The foreign minister visited.")
    assert len(load_dataset(folder).signals) == 2


@pytest.mark.parametrize(
    ("table", "row", "line"),
    [
        ("delegations", "oslo-2020-03-11,SWE,1,,", 5),
        ("statements", f"{STATEMENT}Hm.,".replace("oslo-2020-03-10", "oslo-2020-03-11"), 3),
        ("signals", "oslo-2020-03-11,2020-02-20,NOR,SWE,042,senior,Hm.", 3),
    ],
)
def test_a_row_of_an_unknown_meeting_is_refused(folder, table, row, line):
    append(folder, table, row)
    where, found_line, column, found, remedy = the_one(folder)
    assert (where, found_line, column, found) == (f"{table}.csv", line, "meeting_id", "oslo-2020-03-11")
    assert remedy == "no such meeting in meetings.csv; add it there or correct the id"


def test_statements_and_signals_of_no_meeting_are_accepted(folder):
    append(folder, "statements", f"{STATEMENT}Hm.,".replace("oslo-2020-03-10", ""))
    data = load_dataset(folder)
    assert (data.statements.meeting_id.isna().sum(), data.signals.meeting_id.isna().sum()) == (1, 1)


def test_a_statement_after_its_meeting_is_refused_with_line_and_column(folder):
    spoil(folder, "statements", "2020-03-05", "2020-03-11")
    where, line, column, found, remedy = the_one(folder)
    assert (where, line, column, found) == ("statements.csv", 2, "date", "2020-03-11")
    assert "after the meeting's date" in remedy
    assert "correct the date" in remedy


@pytest.mark.parametrize("when", ["2020-03-10", "2020-03-10T23:59Z"])
def test_a_statement_on_the_day_of_its_meeting_is_accepted(folder, when):
    spoil(folder, "statements", "2020-03-05", when)
    assert len(load_dataset(folder).statements) == 1


def test_a_meeting_announced_after_its_day_is_refused(folder):
    spoil(folder, "meetings", "city,", "announced_on,")
    spoil(folder, "meetings", ",Oslo,", ",2020-03-11,")
    spoil(folder, "meetings", ",Bern,", ",2021-06-01,")
    where, line, column, found, remedy = the_one(folder)
    assert (where, line, column, found) == ("meetings.csv", 2, "announced_on", "2020-03-11")
    assert "after the meeting's date" in remedy


def test_the_line_of_a_problem_between_tables_is_right_after_a_cell_with_line_breaks(folder):
    append(folder, "statements", f'{STATEMENT}"One\ntwo\nthree.",')
    append(folder, "statements", f"{STATEMENT.replace('2020-03-05', '2020-03-12')}Late.,")
    assert the_one(folder)[:3] == ("statements.csv", 6, "date")


def test_all_problems_between_tables_are_told_at_once(folder):
    append(folder, "delegations", "oslo-2020-03-10,SWE,1,,")
    append(folder, "statements", f"{STATEMENT}Late.,".replace("2020-03-05", "2020-04-01"))
    append(folder, "signals", "bern-2020-06-01,2020-02-20,NOR,SWE,042,senior,Hm.")
    found = {(problem.where, problem.line) for problem in refused(folder)}
    assert found == {("delegations.csv", 5), ("statements.csv", 3), ("signals.csv", 3)}


def test_a_wrong_cell_does_not_hide_what_is_wrong_between_rows(folder):
    append(folder, "delegations", "oslo-2020-03-10,SWE,1,,")
    append(folder, "statements", f"{STATEMENT}Late.,".replace("2020-03-05", "2020-04-01"))
    spoil(folder, "signals", "042", "42")
    found = {(problem.where, problem.line) for problem in refused(folder)}
    assert found == {("delegations.csv", 5), ("statements.csv", 3), ("signals.csv", 2)}
