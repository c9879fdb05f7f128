"""The runs of the store side by side."""

import json
from types import SimpleNamespace
from urllib.parse import unquote

import pytest

import attend_ml as am
from attend_ml.tracking import store
from attend_ml.tracking.compare import runs, ui_address

COLUMNS = ["run", "run_id", "experiment", "kind", "data", "started"]


@pytest.fixture(scope="module")
def found(trained, tested):
    return runs("leader/brier_h7", last=100)


def test_the_best_run_comes_first(found):
    known = found["leader/brier_h7"].dropna()
    assert known.is_monotonic_increasing
    assert known.iloc[0] < known.iloc[-1]
    assert found.experiment.iloc[0] == "better"
    assert known.index.tolist() == list(range(len(known)))


def test_trainings_and_backtests_are_told_apart(found, trained, tested):
    kinds = found.set_index("run_id").kind
    assert kinds[trained.better.run_id] == "train"
    assert kinds[tested.run_ids["better"]] == "backtest"
    assert set(found.experiment) >= {"better", "worse"}


def test_the_metric_asked_for_stands_first_among_the_usual_ones(found):
    usual = ["leader/brier_h7", "leader/brier_h3", "leader/brier_h1", "leader/brier_choice"]
    assert found.columns.tolist() == [*COLUMNS, *usual]
    other = runs("senior/brier_h1", last=1)
    assert other.columns.tolist() == [*COLUMNS, "senior/brier_h1", *usual]


def test_what_a_run_has_not_is_empty(found, tested, mlflow):
    # Neither experiment forecasts three days before.
    assert found["leader/brier_h3"].isna().all()
    row = found.set_index("run_id").loc[tested.run_ids["worse"]]
    metrics = mlflow.get_run(tested.run_ids["worse"]).data.metrics
    assert row["leader/brier_h1"] == metrics["leader/brier_h1"]


def test_the_data_are_told_by_the_beginning_of_their_hash(found, tested, data):
    assert found.set_index("run_id").data[tested.run_ids["worse"]] == data.fingerprint()[:8]


def test_only_the_latest_are_compared(trained, tested):
    last = runs("leader/brier_h1", last=1)
    assert len(last) == 1
    every = runs("leader/brier_h1", last=100)
    assert last.started[0] == every.started.max()


def test_a_run_that_has_not_the_metric_comes_last(trained, tested, mlflow):
    with mlflow.start_run(run_name="without") as run:
        mlflow.set_tags({"attend_ml.experiment": "without", "attend_ml.state": "completed"})
        mlflow.log_metric("odd/metric", 1.0)
    try:
        found = runs("leader/brier_h1", last=100)
        last = found[found["leader/brier_h1"].isna()]
        assert run.info.run_id in set(last.run_id)
        assert last.index.tolist() == list(range(len(found) - len(last), len(found)))
        assert runs("odd/metric", last=100).run_id.iloc[0] == run.info.run_id
    finally:
        mlflow.delete_run(run.info.run_id)


def test_a_run_that_was_not_completed_is_not_compared(trained, tested, mlflow):
    with mlflow.start_run(run_name="half") as run:
        mlflow.set_tag("attend_ml.state", "started")
        mlflow.log_metric("leader/brier_h1", 0.0)
    try:
        assert run.info.run_id not in set(runs("leader/brier_h1", last=100).run_id)
    finally:
        mlflow.delete_run(run.info.run_id)


def test_an_unknown_metric_is_refused_and_the_nearest_named(tested):
    with pytest.raises(am.RequestError, match="--metric: found 'leader/brier_h'; did you mean 'leader/brier_h"):
        runs("leader/brier_h")


def test_fewer_than_one_run_are_refused(tested):
    with pytest.raises(am.RequestError, match="--last: found 0; write 1 or more"):
        runs(last=0)


def test_without_a_store_nothing_is_made_and_the_command_to_start_with_is_named(untouched):
    with pytest.raises(am.RequestError, match=r"no run is recorded yet in sqlite:.*run `attend-ml backtest` first"):
        runs()
    assert not untouched.exists()


def test_a_store_without_a_completed_run_says_so(untouched):
    store.connect()
    assert (untouched / "attend-ml" / "mlflow.db").exists()
    with pytest.raises(am.RequestError, match=r"no run is completed yet in sqlite:.*`attend-ml backtest`"):
        runs()


def test_the_address_opens_these_runs_in_the_ui(tested, mlflow):
    address = ui_address(["a", "b"], 5001)
    assert address.startswith("http://127.0.0.1:5001/#/compare-runs?runs=")
    asked = dict(part.split("=") for part in address.split("?")[1].split("&"))
    assert json.loads(unquote(asked["runs"])) == ["a", "b"]
    experiment = mlflow.get_experiment_by_name("attend-ml").experiment_id
    assert json.loads(unquote(asked["experiments"])) == [experiment]
    assert " " not in address


def test_on_a_server_the_address_is_the_servers(monkeypatch):
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "https://runs.example.org/")
    server = SimpleNamespace(get_experiment_by_name=lambda name: SimpleNamespace(experiment_id="7"))
    monkeypatch.setattr(store, "connect", lambda: server)
    assert ui_address(["a"]) == "https://runs.example.org/#/compare-runs?runs=%5B%22a%22%5D&experiments=%5B%227%22%5D"
