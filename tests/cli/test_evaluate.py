"""``attend-ml evaluate``: fit on one folder, forecast and score another."""

import json

import pandas as pd
import pytest

from attend_ml.cli import main
from attend_ml.dataset import Dataset


def some(data, first, last):
    names = set(data.meetings.meeting_id[data.meetings.date.between(first, last)])
    tables = {name: frame[frame.meeting_id.isin(names)] for name, frame in data.tables().items()}
    return Dataset(**tables, parties=data.parties, links=[link for link in data.links if names.issuperset(link)])


@pytest.fixture(scope="module")
def folders(data, tmp_path_factory):
    """A folder to fit on and one to forecast."""
    root = tmp_path_factory.mktemp("folders")
    some(data, "2022-01-01", "2023-12-31").save(root / "train")
    some(data, "2024-01-20", "2024-06-30").save(root / "test")
    return root


@pytest.fixture
def run(folders, tmp_path, capsys):
    """Run the command on the two folders; return how it ended, what it printed and the forecasts."""

    def evaluate(*more, experiment="party-history", train="train", test="test"):
        file = tmp_path / "forecasts.csv"
        where = ["--train", str(folders / train), "--test", str(folders / test), "--predictions", str(file)]
        status = main(["evaluate", experiment, *where, *more])
        table = pd.read_csv(file, keep_default_na=False, na_values=[""]) if file.exists() else None
        return status, capsys.readouterr(), table

    return evaluate


def test_every_delegation_is_forecast_at_the_usual_days(run, folders):
    status, printed, table = run()
    assert status == 0
    assert table.columns.tolist() == [
        *("meeting_id", "party", "level", "horizon", "probability", "probability_if_held", "outcome", "experiment")
    ]
    invited = pd.read_csv(folders / "test" / "delegations.csv")
    assert len(table) == len(invited) * 3 * 4
    assert set(table.horizon) == {7, 3, 1, 0}
    assert (table.experiment == "party-history").all()
    last = f"{len(invited) * 4} forecasts of {invited.meeting_id.nunique()} meetings are in "
    assert printed.out.splitlines()[-1].startswith(last)


def test_the_scores_printed_are_those_of_the_file(run):
    _, printed, table = run("--horizons", "7,1")
    assert "party-history: Brier scores on the test data, given that the meeting is held" in printed.out
    row = next(line.split() for line in printed.out.splitlines() if line.startswith("7 "))
    meetings = table[(table.level == "leader") & (table.horizon == 7) & table.outcome.notna()]
    # Of meetings that were not held the file tells that nobody came; they are not scored given that it is held.
    assert int(row[1]) <= len(meetings)
    assert 0 < float(row[2]) < 0.25


def test_scores_as_json(run):
    status, printed, table = run("--horizons", "1", "--json")
    assert status == 0
    told = json.loads(printed.out)
    assert list(told) == ["scores", "highest"]
    assert {row["level"] for row in told["scores"]} == {"leader", "senior", "working", "held"}
    assert {row["experiment"] for row in told["scores"]} == {"party-history"}
    held = next(row for row in told["scores"] if row["level"] == "held")
    assert held["n"] == len(table) / 3
    assert list(told["highest"]) == ["party-history"]


def test_a_meeting_in_both_folders_is_told_on_stderr(run):
    status, printed, _ = run("--json", "--horizons", "1", test="train", train="train")
    assert status == 1
    assert "nothing to fit on" in printed.err.splitlines()[-1]
    assert "meetings of the training data are in the test data or linked with it: not fitted on" in printed.err
    assert printed.out == ""


def test_columns_of_annotations_may_be_missing_from_the_test_folder(run, folders):
    _, _, whole = run("--horizons", "1", experiment="last-statement")
    plain = folders / "plain"
    plain.mkdir()
    for path in (folders / "test").iterdir():
        (plain / path.name).write_bytes(path.read_bytes())
    said = pd.read_csv(plain / "statements.csv", dtype=str, keep_default_na=False)
    said.drop(columns=["cue", "level_spoken"]).to_csv(plain / "statements.csv", index=False)
    status, _, table = run("--horizons", "1", experiment="last-statement", test="plain")
    assert status == 0
    pd.testing.assert_frame_equal(table, whole)


def test_test_data_without_outcomes_are_forecast_and_not_scored(run, folders):
    blank = folders / "blank"
    blank.mkdir()
    for path in (folders / "test").iterdir():
        (blank / path.name).write_bytes(path.read_bytes())
    for name, columns in (("delegations", ["leader", "senior", "working"]), ("meetings", ["status"])):
        table = pd.read_csv(blank / f"{name}.csv", dtype=str, keep_default_na=False)
        table[columns] = ""
        table.to_csv(blank / f"{name}.csv", index=False)
    status, printed, table = run("--horizons", "1", test="blank")
    assert status == 0
    assert "no outcome of the test data is known, so nothing is scored" in printed.out
    assert table.outcome.isna().all()
    assert table.probability.notna().all()
    status, printed, _ = run("--horizons", "1", "--json", test="blank")
    assert json.loads(printed.out) == {"scores": [], "highest": {"party-history": []}}


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ({"experiment": "party-histroy"}, "did you mean 'party-history'?"),
        ({"train": "nowhere"}, "nowhere"),
        ({"test": "nowhere"}, "nowhere"),
    ],
)
def test_a_wrong_request_is_one_line_on_stderr_and_writes_no_file(run, arguments, told):
    status, printed, table = run(**arguments)
    assert status == 1
    assert told in printed.err
    assert len(printed.err.splitlines()) == 1
    assert table is None


def test_a_file_that_cannot_be_written_is_told_first(folders, capsys):
    where = ["--train", str(folders / "none"), "--test", str(folders / "none"), "--predictions", "nowhere/file.csv"]
    assert main(["evaluate", "climatology", *where]) == 1
    assert "--predictions nowhere/file.csv: it cannot be written" in capsys.readouterr().err


def test_without_a_file_for_the_forecasts_it_is_wrong_usage(folders, capsys):
    with pytest.raises(SystemExit) as end:
        main(["evaluate", "climatology", "--train", str(folders), "--test", str(folders)])
    assert end.value.code == 2
