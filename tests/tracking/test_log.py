"""What a run leaves behind: the same keys for every experiment, and every table as a file."""

import io
from dataclasses import replace
from pathlib import Path
from unittest.mock import MagicMock

import numpy as np
import pandas as pd
import pytest

from attend_ml.experiment import Scoring, load_experiment
from attend_ml.models.rules import RULES
from attend_ml.tracking.log import last_day, log_scores, rules

HERE = Path(__file__).parent


@pytest.fixture(scope="module")
def runs(tested, mlflow):
    return {name: mlflow.get_run(run_id) for name, run_id in tested.run_ids.items()}


def table(mlflow, run, name):
    path = mlflow.artifacts.download_artifacts(run_id=run.info.run_id, artifact_path=name)
    return pd.read_csv(path, keep_default_na=False, na_values=[""])


class Recorder:
    """Stands for MLflow, and keeps what it is given."""

    def __init__(self):
        self.metrics, self.steps, self.texts, self.figures = {}, {}, {}, []
        self.params, self.tags = {}, {}
        self.data, self.log_input, self.log_dict = MagicMock(), MagicMock(), MagicMock()
        self.log_params, self.set_tags = self.params.update, self.tags.update

    def log_metrics(self, values, step=None):
        (self.metrics if step is None else self.steps.setdefault(step, {})).update(values)

    def log_text(self, text, file):
        self.texts[file] = text

    def log_figure(self, figure, file):
        self.figures.append(file)


@pytest.fixture
def recorded(tested, data):
    """Return a function: what is logged of the better experiment, some of its tables being others."""

    def log(**tables):
        out, found = Recorder(), replace(tested.summaries["better"], **tables)
        log_scores(out, load_experiment(HERE / "better.toml"), data, tested.predictions["better"], found)
        return out

    return log


# -- the same keys -----------------------------------------------------------------------------------------------


def test_every_run_has_the_same_metrics_parameters_and_tags(runs):
    one, other = runs.values()
    assert set(one.data.metrics) == set(other.data.metrics)
    assert set(one.data.params) == set(other.data.params)
    assert set(one.data.tags) == set(other.data.tags)


def test_a_training_leaves_the_metrics_and_parameters_of_a_backtest(runs, trained, mlflow):
    run = mlflow.get_run(trained.better.run_id)
    assert run.data.metrics == pytest.approx(runs["better"].data.metrics)
    assert run.data.params == runs["better"].data.params


def test_every_run_has_the_same_files(runs, client):
    files = [{item.path for item in client.list_artifacts(run.info.run_id) if not item.is_dir} for run in runs.values()]
    assert files[0] == files[1]
    assert files[0] >= {"predictions.csv", "scores.csv", "strata.csv", "sets.csv", "experiment.json"}
    assert files[0] >= {"reliability.png", "brier_by_horizon.png", "skill.png"}


# -- metrics -----------------------------------------------------------------------------------------------------


def test_the_highest_level_is_scored_by_horizon(runs, tested):
    for name, run in runs.items():
        for row in tested.summaries[name].highest.itertuples():
            assert run.data.metrics[f"level_highest/rps_h{row.horizon}"] == row.ranked_probability_score
            assert run.data.metrics[f"level_highest/log_loss_h{row.horizon}"] == row.log_loss


def test_skill_over_each_rule_runs_to_the_day_of_the_meeting(runs, tested, client):
    for rule in RULES:
        history = client.get_metric_history(runs["better"].info.run_id, f"leader_skill_by_day/{rule}")
        skills = tested.summaries["better"].skills[rule].set_index("horizon").skill
        assert {point.step: point.value for point in history} == {-7: skills[7], -1: skills[1]}


def test_kinds_of_cases_are_metrics_where_they_compare(runs, tested):
    metrics = runs["better"].data.metrics
    strata = tested.summaries["better"].strata.set_index(["value", "horizon"]).brier
    assert metrics["strata/announced_h1"] == strata["announced", 1]
    assert metrics["strata/not_announced_h7"] == strata["not announced", 7]
    assert metrics["strata/no_statement_h7"] == strata["no statement", 7]
    assert metrics["strata/host_h1"] == strata["host", 1]
    # Parties and topics differ between data sets, contested cases between experiments: these are in the table.
    found = {name.rpartition("_h")[0] for name in metrics if name.startswith("strata/")}
    kinds = ("announced", "not_announced", "statement", "no_statement", "guest", "host")
    assert found <= {f"strata/{kind}" for kind in kinds}
    assert strata["contested", 7] > 0


def sets(rows):
    names = ["horizon", "highest", "n", "coverage", "coverage_low", "coverage_high", "size", "full"]
    return pd.DataFrame(rows, columns=names).astype({"horizon": "Int64"})


def test_sets_are_told_by_what_came_and_their_size_by_horizon(recorded):
    metrics = recorded(
        sets=sets(
            [
                [7, "any", 400, 0.9, 0.8, 1.0, 1.75, 0.1],
                [7, "leader", 200, 0.5, 0.4, 0.6, 1.5, 0.0],
                [1, "any", 400, 0.9, 0.8, 1.0, 1.25, 0.1],
                [pd.NA, "any", 800, 0.91, 0.8, 1.0, 1.5, 0.1],
                [pd.NA, "leader", 400, 0.92, 0.8, 1.0, 1.4, 0.0],
                [pd.NA, "nobody", 0, np.nan, np.nan, np.nan, np.nan, np.nan],
            ]
        )
    ).metrics
    found = {name: value for name, value in metrics.items() if name.startswith("sets/")}
    # What never came has no coverage.
    assert found == {
        "sets/size_h7": 1.75,
        "sets/size_h1": 1.25,
        "sets/coverage_any": 0.91,
        "sets/coverage_leader": 0.92,
    }


def test_what_is_not_known_is_no_metric(recorded, tested):
    strata = tested.summaries["better"].strata
    out = recorded(strata=strata.assign(brier=strata.brier.where(strata.value != "host")))
    assert "strata/guest_h7" in out.metrics
    assert "strata/host_h7" not in out.metrics
    every = [*out.metrics.values(), *(value for step in out.steps.values() for value in step.values())]
    assert not np.isnan(every).any()


# -- files -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["scores", "strata", "sets"])
def test_tables_are_kept_as_files(runs, tested, mlflow, name):
    kept = table(mlflow, runs["better"], f"{name}.csv")
    wanted = pd.read_csv(
        io.StringIO(getattr(tested.summaries["better"], name).to_csv(index=False)),
        keep_default_na=False,
        na_values=[""],
    )
    pd.testing.assert_frame_equal(kept, wanted)
    assert len(kept)


def test_forecasts_are_kept_to_the_last_bit(runs, tested, mlflow):
    kept = table(mlflow, runs["worse"], "predictions.csv")
    names = ["leader", "senior", "working", "held", "highest_senior"]
    pd.testing.assert_frame_equal(kept[names], tested.predictions["worse"][names], check_exact=True)


# -- until when --------------------------------------------------------------------------------------------------


def test_a_run_tells_until_when_its_data_are_known(runs, recorded, tested, data):
    assert last_day(data) == "2025-07-01"
    assert runs["better"].data.params["data_until"] == "2025-07-01"
    assert recorded().params["data_until"] == "2025-07-01"
    out = Recorder()
    spec = load_experiment(HERE / "better.toml")
    log_scores(out, spec, data, tested.predictions["better"], tested.summaries["better"], until="2024-12-31")
    assert out.params["data_until"] == "2024-12-31"
    assert "Rolling origin from 2024-07-01, data to 2024-12-31" in out.tags["mlflow.note.content"]


# -- the rules ---------------------------------------------------------------------------------------------------


def test_the_rules_are_scored_from_the_origins_of_the_experiment_beside_them():
    found = rules(Scoring("2021-07-01", 3, (5,)))
    assert [spec.name for spec in found] == list(RULES)
    for spec in found:
        shipped = load_experiment(spec.name)
        assert (spec.scoring.start, spec.scoring.months) == ("2021-07-01", 3)
        # Fitted as they are shipped, so that what was forecast for one experiment serves for all.
        assert spec.fingerprint() == shipped.fingerprint()


def test_a_figure_of_each_kind_is_drawn(recorded):
    assert recorded().figures == ["reliability.png", "brier_by_horizon.png", "skill.png"]
