"""Where runs are kept, and what MLflow is told before it is imported."""

import os
import shutil
import subprocess
import sys

import pytest

import attend_ml as am
from attend_ml.tracking import store


def test_the_store_is_one_file_in_the_users_data_folder(home):
    assert store.tracking_uri() == f"sqlite:///{home}/data/attend-ml/mlflow.db"


def test_the_store_does_not_depend_on_the_current_folder(home, tmp_path, monkeypatch):
    here = store.tracking_uri()
    monkeypatch.chdir(tmp_path)
    assert store.tracking_uri() == here
    assert store.artifacts_uri(here) == (home / "data" / "attend-ml" / "artifacts").as_uri()


def test_training_writes_nothing_to_the_current_folder(home, trained):
    assert list((home / "current").iterdir()) == []
    assert (home / "data" / "attend-ml" / "mlflow.db").is_file()


def test_runs_and_models_lie_under_the_users_data_folder(home, mlflow, trained):
    run = mlflow.get_run(trained.worse.run_id)
    under = (home / "data" / "attend-ml" / "artifacts").as_uri()
    assert run.info.artifact_uri.startswith(under)
    assert len(list((home / "data" / "attend-ml" / "artifacts").rglob("forecaster.skops"))) >= 3


def test_asking_for_the_store_does_not_make_one(untouched):
    assert not store.exists()
    assert store.tracking_uri() == f"sqlite:///{untouched}/attend-ml/mlflow.db"
    assert not untouched.exists()


def test_the_tracking_address_of_the_environment_is_obeyed(mlflow, elsewhere):
    assert store.exists()
    assert store.connect().get_tracking_uri() == elsewhere
    with mlflow.start_run() as run:
        mlflow.log_param("told", "here")
    assert mlflow.MlflowClient(elsewhere).get_run(run.info.run_id).data.params == {"told": "here"}


def test_models_are_registered_in_the_store_that_is_tracked_to(mlflow, elsewhere):
    assert store.connect().get_registry_uri() == elsewhere


@pytest.fixture
def elsewhere(home, mlflow, tmp_path, monkeypatch):
    """Another store, named in the environment."""
    # A copy: setting up a new database takes seconds.
    shutil.copy(home / "data" / "attend-ml" / "mlflow.db", tmp_path / "other.db")
    uri = f"sqlite:///{tmp_path / 'other.db'}"
    monkeypatch.setenv("MLFLOW_TRACKING_URI", uri)
    yield uri
    monkeypatch.undo()
    store.connect()


def test_a_store_that_cannot_be_used_is_named_with_what_to_look_at(mlflow, elsewhere, monkeypatch, tmp_path):
    (tmp_path / "no.db").write_text("this is no database, but a text of some length", encoding="utf-8")
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{tmp_path / 'no.db'}")
    with pytest.raises(am.RequestError, match=r"no\.db: it cannot be used .*MLFLOW_TRACKING_URI"):
        store.connect()


def test_telemetry_is_off_before_mlflow_is_imported(home, mlflow):
    # In a process of its own, which has not imported MLflow; told from within its import.
    code = """
import os, sys

class Watch:
    def find_spec(self, name, path=None, target=None):
        if name == "mlflow":
            print(os.environ.get("MLFLOW_DISABLE_TELEMETRY"), os.environ.get("MLFLOW_SERVER_ENABLE_JOB_EXECUTION"))

sys.meta_path.insert(0, Watch())
import attend_ml
from attend_ml.tracking import store
attend_ml.predict, attend_ml.train
assert "mlflow" not in sys.modules, "imported before anything is to be tracked"
store.connect()
from mlflow.telemetry import get_telemetry_client
print(get_telemetry_client())
"""
    asked = {k: v for k, v in os.environ.items() if not k.startswith("MLFLOW") and k not in ("CI", "DO_NOT_TRACK")}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=asked, check=True)
    assert done.stdout.split("\n")[:2] == ["true false", "None"]
