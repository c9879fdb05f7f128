"""One tracking store for all tests of this folder: making one, and importing MLflow, costs seconds."""

import os
from pathlib import Path
from types import SimpleNamespace

import pytest

from attend_ml.tracking import store
from attend_ml.tracking.backtest import run_backtest
from attend_ml.tracking.registry import champion_version
from attend_ml.tracking.train import train

HERE = Path(__file__).parent


@pytest.fixture(scope="package")
def home(tmp_path_factory):
    """A data folder of the user's own, with no store yet, and an empty current folder."""
    root = tmp_path_factory.mktemp("tracking")
    (root / "current").mkdir()
    # MLflow writes the last two itself when it is pointed at a store.
    names = ("XDG_DATA_HOME", "MLFLOW_TRACKING_URI", "MLFLOW_REGISTRY_URI")
    before, folder = {name: os.environ.pop(name, None) for name in names}, Path.cwd()
    os.environ["XDG_DATA_HOME"] = str(root / "data")
    os.chdir(root / "current")
    yield root
    os.chdir(folder)
    for name, value in before.items():
        os.environ.pop(name, None)
        if value is not None:
            os.environ[name] = value


@pytest.fixture
def untouched(home, tmp_path, monkeypatch):
    """A process that has not been pointed at a store yet, and another, empty data folder."""
    for name in ("MLFLOW_TRACKING_URI", "MLFLOW_REGISTRY_URI"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "new"))
    return tmp_path / "new"


@pytest.fixture(scope="package")
def mlflow(home):
    return store.connect()


@pytest.fixture(scope="package")
def client(mlflow):
    return mlflow.MlflowClient()


@pytest.fixture(scope="package")
def trained(client):
    """A poor model, then a better one, then the poor one again; and whom the alias named after each."""
    runs, champions = [], []
    for name, called in (("worse", None), ("better", None), ("worse", "my second trial")):
        runs.append(train(HERE / f"{name}.toml", name=called, n_jobs=1))
        champions.append(int(champion_version(client).version))
    return SimpleNamespace(worse=runs[0], better=runs[1], again=runs[2], champions=champions)


@pytest.fixture(scope="package")
def tested(client):
    """A backtest of the better experiment and the poor one."""
    return run_backtest([HERE / "better.toml", HERE / "worse.toml"], n_jobs=1)


def pytest_collection_modifyitems(items):
    # Both are raised by MLflow about calls of its own.
    noise = ("ignore:The ``noload`` loader strategy:DeprecationWarning", "ignore:Operation with range is deprecated")
    for item in items:
        if HERE in item.path.parents:
            for message in noise:
                item.add_marker(pytest.mark.filterwarnings(message))
