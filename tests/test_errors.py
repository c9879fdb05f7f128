"""What a user reads when something is wrong."""

import copy
import pickle

import pytest

from attend_ml.errors import AttendError, DataError, Problem, RequestError, one_of


def problems(n: int) -> list[Problem]:
    return [Problem("signals.csv", line, "cameo", "36", "write it as 036") for line in range(2, n + 2)]


def test_a_problem_is_told_with_file_line_column_value_and_remedy():
    problem = Problem("meetings.csv", 7, "format", "bilatral", "use one of bilateral, summit")
    assert str(problem) == "meetings.csv, line 7, column format: found 'bilatral'; use one of bilateral, summit"


def test_a_problem_of_the_whole_file_names_no_line_and_no_column():
    assert (
        str(Problem("meetings.csv", None, None, "0 bytes", "it is empty"))
        == "meetings.csv: found '0 bytes'; it is empty"
    )


def test_a_problem_stays_on_one_line_though_the_cell_does_not():
    assert "\n" not in str(Problem("statements.csv", 3, "text", "first\nsecond", "mend it"))


def test_a_long_cell_is_cut_to_80_characters_in_the_message_only():
    problem = Problem("statements.csv", 3, "date", "x" * 500, "write a date")
    assert str(problem) == f"statements.csv, line 3, column date: found '{'x' * 77}...'; write a date"
    assert problem.found == "x" * 500


def test_twenty_problems_are_all_told():
    message = str(DataError(problems(20)))
    assert len(message.splitlines()) == 20
    assert "more" not in message


def test_of_more_than_twenty_problems_the_rest_is_counted_and_kept():
    error = DataError(problems(1500))
    lines = str(error).splitlines()
    assert len(lines) == 21
    assert lines[19].startswith("signals.csv, line 21,")
    assert lines[20] == "... and 1,480 more problems of 1,500"
    assert len(error.problems) == 1500


def test_one_problem_over_the_cap_is_told_in_the_singular():
    assert str(DataError(problems(21))).splitlines()[-1] == "... and 1 more problem of 21"


@pytest.mark.parametrize("carry", [copy.copy, lambda error: pickle.loads(pickle.dumps(error))])
def test_an_error_carried_over_from_another_process_says_the_same(carry):
    error = DataError(problems(3))
    other = carry(error)
    assert other.problems == error.problems
    assert str(other) == str(error)


@pytest.mark.parametrize("kind", [DataError, RequestError])
def test_all_errors_a_user_can_mend_are_caught_as_one_kind(kind):
    assert issubclass(kind, AttendError)


def test_what_came_near_is_named_before_the_options():
    assert one_of(["held", "cancelled", "postponed"], "canceled") == (
        "did you mean 'cancelled'? use one of held, cancelled, postponed"
    )


def test_nothing_is_guessed_where_nothing_is_near():
    assert one_of(["held", "cancelled"], "zzz") == "use one of held, cancelled"


def test_twelve_options_are_told_and_of_thirteen_the_number():
    names = [f"m{i}" for i in range(13)]
    assert one_of(names[:12]).endswith("m11")
    assert one_of(names).endswith("m11, ... (13 in all)")
