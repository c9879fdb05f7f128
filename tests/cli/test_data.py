import attend_ml
from attend_ml.cli import main
from attend_ml.describe import describe


def test_correct_tables_are_counted(folder, capsys):
    assert main(["data", "check", str(folder)]) == 0
    counts = "nothing wrong found in 2 meetings, 3 delegations, 1 statements, 1 signals"
    assert capsys.readouterr().out == f"{folder}: {counts}\n"


def test_every_wrong_cell_is_a_line_on_stderr(folder, capsys):
    file = folder / "statements.csv"
    file.write_text(file.read_text().replace(",deny,", ",denyy,").replace("2020-03-05", "2020-02-30"))
    assert main(["data", "check", str(folder)]) == 1
    printed = capsys.readouterr()
    assert printed.out == ""
    first, second = printed.err.splitlines()
    assert first.startswith("attend-ml: statements.csv, line 2, column date: found '2020-02-30'; there is no such day")
    assert second.startswith("statements.csv, line 2, column cue: found 'denyy'; did you mean 'deny'?")


def test_a_folder_that_is_not_there_is_named(tmp_path, capsys):
    assert main(["data", "check", str(tmp_path / "nowhere")]) == 1
    assert "nowhere" in capsys.readouterr().err


def test_describe_prints_the_counts(folder, capsys):
    assert main(["data", "describe", str(folder)]) == 0
    printed = capsys.readouterr().out
    assert printed == describe(attend_ml.load_dataset(folder), folder) + "\n"
    assert "delegations" in printed
