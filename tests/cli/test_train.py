import pandas as pd
import pytest

from attend_ml.cli import main
from attend_ml.evaluation.scoring import SCORES
from attend_ml.tracking import train as training


@pytest.fixture
def trained(monkeypatch):
    """Each training asked for, without doing it."""
    asked = []
    rows = [
        {
            "level": level,
            "horizon": horizon,
            "n": 1208,
            **dict.fromkeys(SCORES, value),
            "brier_low": 0.1,
            "brier_high": 0.2,
        }
        for level, value in (("leader", 0.123), ("senior", 0.111), ("working", 0.1), ("held", 0.07))
        for horizon in (7, 1)
    ]

    def train(spec, data, until, name, progress):
        progress(1, 1)
        asked.append((spec.name, until, name))
        return training.TrainedRun(spec.name, "abc", "models:/attend-ml/1", pd.DataFrame(rows), True, "it is the first")

    monkeypatch.setattr(training, "train", train)
    return asked


def test_it_trains_the_champion_unless_told_otherwise(trained, capsys):
    assert main(["train"]) == 0
    assert trained == [("champion", None, None)]


def test_it_prints_the_scores_by_day_and_what_became_of_the_model(trained, capsys):
    assert main(["train", "climatology", "blend", "--until", "2024-12-31", "--name", "try"]) == 0
    assert trained == [("climatology", "2024-12-31", "try"), ("blend", "2024-12-31", "try")]
    printed = capsys.readouterr()
    assert printed.err == ""
    row = next(line for line in printed.out.splitlines() if line.startswith("7 "))
    assert row.split() == ["7", "1208", "0.123", "0.100", "to", "0.200", "0.111", "0.100", "0.070"]
    assert "run abc, model models:/attend-ml/1: it is the first" in printed.out


def test_a_mistyped_experiment_is_told_before_anything_is_trained(trained, capsys):
    assert main(["train", "climatology", "blnd"]) == 1
    assert "did you mean 'blend'?" in capsys.readouterr().err
    assert trained == []
