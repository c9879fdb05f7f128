"""``attend-ml data import``: what a user sees, and what is on the disk afterwards."""

import pytest

import attend_ml
from attend_ml.cli import main

LIST = """Year,Session,ISO Code,Country,Name of Person Speaking,Post
2010,65,FRA,France,Mr. Nicolas Sarkozy,President
2010,65,PER,Peru,Mr. Alan Garcia,Minister for Foregn Affairs
2011,66,POR,Portugal,Ms. A. B.,UN Representative
2011,66,KWT,Kuwait,Mr. C. D.,Sheikh
1950,5,FRA,France,Mr. E. F.,
"""


@pytest.fixture
def speakers(tmp_path):
    path = tmp_path / "speakers.csv"
    path.write_text(LIST, encoding="utf-8")
    return path


def run(file, out, *more):
    return main(["data", "import", "ungdc", str(file), "--out", str(out), *more])


def test_a_list_becomes_a_folder_that_data_check_finds_nothing_wrong_with(speakers, tmp_path, capsys):
    out = tmp_path / "out"
    assert run(speakers, out) == 0
    printed = capsys.readouterr()
    assert "UN General Debate, 2010 to 2011: 2 meetings, 4 delegations of 4 parties" in printed.out
    assert "4 speakers, 4 with a post, 3 of these understood (75.00%)" in printed.out
    counts = [line.split() for line in printed.out.splitlines()]
    for line in (["leader", "1", "25%"], ["senior", "1", "25%"], ["working", "1", "25%"], ["not", "known", "1", "25%"]):
        assert line in counts
    assert str(out) in printed.out
    for line in (
        "rows left out, as the tables begin in 1970 (1): 1950 (row 6)",
        "codes repaired (1): POR to PRT (row 4)",
        "posts that tell no level, which is left empty (1): 'Sheikh' (row 5)",
    ):
        assert line in printed.out.splitlines()
    assert printed.err == ""
    assert main(["data", "check", str(out)]) == 0
    assert "nothing wrong found in 2 meetings, 4 delegations" in capsys.readouterr().out
    assert attend_ml.load_dataset(out).delegations.party.tolist() == ["FRA", "PER", "KWT", "PRT"]


def test_tables_that_are_there_are_kept_unless_force_is_given(speakers, tmp_path, capsys):
    out = tmp_path / "out"
    assert run(speakers, out) == 0
    before = (out / "delegations.csv").read_bytes()
    speakers.write_text(LIST.replace("President", "UN Representative"), encoding="utf-8")
    capsys.readouterr()
    assert run(speakers, out) == 1
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.startswith(f"attend-ml: {out} holds meetings.csv, delegations.csv")
    assert "--force" in printed.err
    assert (out / "delegations.csv").read_bytes() == before
    assert run(speakers, out, "--force") == 0
    assert attend_ml.load_dataset(out).delegations.leader.sum() == 0


def test_a_wrong_list_is_told_by_line_and_column_and_nothing_is_written(speakers, tmp_path, capsys):
    speakers.write_text(LIST.replace("2010,65,PER,Peru", "2010,65,QQQ,Atlantis"), encoding="utf-8")
    assert run(speakers, tmp_path / "out") == 1
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.startswith(
        "attend-ml: speakers.csv, line 3, column ISO Code: found 'QQQ'; no party has this code"
    )
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("arguments", [["import"], ["import", "ungdc"], ["import", "ungdc", "x.csv"]])
def test_what_is_missing_on_the_command_line_is_a_matter_of_usage(arguments, capsys):
    with pytest.raises(SystemExit) as caught:
        main(["data", *arguments])
    assert caught.value.code == 2
    assert "usage: attend-ml data import" in capsys.readouterr().err
