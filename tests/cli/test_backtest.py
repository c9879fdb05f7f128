"""``attend-ml backtest``: what is asked for, what is printed, and how it ends."""

import json
from dataclasses import replace

import pandas as pd
import pytest

from attend_ml.cli import main
from attend_ml.evaluation import probe
from attend_ml.models.rules import RULES
from attend_ml.tracking import backtest


@pytest.fixture
def asked(monkeypatch, found):
    """Each backtest asked for, without doing it."""
    calls = []

    def run(specs, data, horizons, fresh, progress):
        progress(1, 2)
        calls.append(([spec.name for spec in specs], len(data.meetings), horizons, fresh))
        return found

    monkeypatch.setattr(backtest, "run_backtest", run)
    return calls


# -- what is asked -----------------------------------------------------------------------------------------------


def test_it_scores_the_champion_unless_told_otherwise(asked, data, capsys):
    assert main(["backtest"]) == 0
    assert asked == [(["champion"], len(data.meetings), None, False)]


def test_experiments_days_and_a_folder_may_be_given(asked, folder, capsys):
    arguments = ["backtest", "logistic", "rules", "--data", str(folder), "--horizons", "1,7", "--fresh"]
    assert main(arguments) == 0
    assert asked == [(["logistic", *RULES], 2, (7, 1), True)]


def test_the_scores_are_printed_and_nothing_else(asked, capsys):
    assert main(["backtest", "climatology"]) == 0
    printed = capsys.readouterr()
    assert printed.err == ""
    assert printed.out.startswith("Brier score of the leader in person, given that the meeting is held")
    assert "Brier score of the leader by kind of case" in printed.out


def test_json_is_all_that_is_printed(asked, capsys):
    assert main(["backtest", "climatology", "--json"]) == 0
    printed = capsys.readouterr()
    told = json.loads(printed.out)
    assert list(told) == ["scores", "highest", "pairs", "strata", "sets"]
    assert printed.err == ""


def test_what_was_taken_from_an_earlier_run_is_said_beside_the_scores(monkeypatch, found, capsys):
    monkeypatch.setattr(backtest, "run_backtest", lambda *args, **options: replace(found, taken=7))
    assert main(["backtest", "climatology", "--json"]) == 0
    printed = capsys.readouterr()
    assert printed.err == "7 origins were taken from an earlier run; --fresh scores them anew\n"
    json.loads(printed.out)


def test_forecasts_are_written_where_a_file_is_given(asked, found, tmp_path, capsys):
    assert main(["backtest", "climatology", "--predictions", str(tmp_path / "all.csv")]) == 0
    table = pd.read_csv(tmp_path / "all.csv")
    assert table.experiment.unique().tolist() == list(found.predictions)


# -- what is refused ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["climatolgy"], "found 'climatolgy'; did you mean 'climatology'?"),
        (["--data", "nowhere"], "nowhere"),
        (["--predictions", "nowhere/all.csv"], "--predictions nowhere/all.csv: it cannot be written"),
    ],
)
def test_a_wrong_request_is_told_in_one_line_before_anything_is_scored(asked, arguments, told, capsys):
    assert main(["backtest", *arguments]) == 1
    printed = capsys.readouterr()
    assert told in printed.err
    assert len(printed.err.splitlines()) == 1
    assert printed.out == ""
    assert asked == []


def test_days_that_are_no_days_are_wrong_usage(asked, capsys):
    with pytest.raises(SystemExit) as end:
        main(["backtest", "--horizons", "7,one"])
    assert end.value.code == 2
    assert "found 'one'; write whole numbers of days" in capsys.readouterr().err


# -- the probe ---------------------------------------------------------------------------------------------------


@pytest.fixture
def probes(monkeypatch):
    """Each probe asked for, without doing it, and what they find."""
    out = {"asked": [], "verdict": "clean"}

    def run(data, spec, progress):
        progress(1, 2)
        out["asked"].append(spec.name)
        row = {"plant": "outcomes", **dict.fromkeys(probe.COUNTS, 3), "verdict": out["verdict"]}
        return pd.DataFrame([row])

    monkeypatch.setattr(probe, "leakage_probe", run)
    return out


def test_a_probe_that_passes_ends_well_and_scores_nothing(asked, probes, capsys):
    assert main(["backtest", "climatology", "logistic", "--probe"]) == 0
    printed = capsys.readouterr()
    assert probes["asked"] == ["climatology", "logistic"]
    assert asked == []
    assert printed.out.splitlines()[-1] == "passed: nothing that became known later moved a forecast"
    assert printed.out.index("climatology: what moved") < printed.out.index("logistic: what moved")
    assert printed.err == ""


def test_a_probe_that_finds_a_leak_ends_with_one(probes, capsys):
    probes["verdict"] = "moved"
    assert main(["backtest", "climatology", "--probe"]) == 1
    last = capsys.readouterr().out.splitlines()[-1]
    assert last == "failed: climatology forecasts with what became known later (outcomes)"


@pytest.mark.parametrize(("verdict", "status"), [("clean", 0), ("moved", 1), ("not convincing", 1)])
def test_a_probe_as_json(probes, verdict, status, capsys):
    probes["verdict"] = verdict
    assert main(["backtest", "climatology", "--probe", "--json"]) == status
    told = json.loads(capsys.readouterr().out)
    assert told["passed"] == (status == 0)
    assert told["probe"]["climatology"][0]["plant"] == "outcomes"
    assert told["probe"]["climatology"][0]["rows_planted"] == 3


def test_the_shipped_data_are_probed_for_real(capsys, data, monkeypatch):
    # Two years are enough to see it work; the whole takes a minute.
    some = data.meetings.meeting_id[data.meetings.date.between("2013-01-01", "2014-12-31")]
    few = {name: frame[frame.meeting_id.isin(some)].reset_index(drop=True) for name, frame in data.tables().items()}
    monkeypatch.setattr("attend_ml.load.load_dataset", lambda folder: data._with(**few))
    assert main(["backtest", "party-history", "--probe", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["passed"]
    moved = ["vectors_moved", "fits_moved", "probabilities_moved"]
    assert {row[name] for row in told["probe"]["party-history"] for name in moved} == {0}
