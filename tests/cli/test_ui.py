import os
import socket
import sys

import pytest

from attend_ml.cli import main, ui
from attend_ml.tracking import store


@pytest.fixture
def served(monkeypatch):
    """What the process would have become."""
    seen = {}
    monkeypatch.setattr(os, "execve", lambda path, command, environment: seen.update(command=command, env=environment))
    return seen


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    return tmp_path


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def test_without_a_run_it_tells_to_train_first(home, capsys):
    assert main(["ui"]) == 1
    printed = capsys.readouterr()
    assert printed.out == ""
    assert "no run is recorded yet" in printed.err
    assert "attend-ml train" in printed.err


def test_it_serves_the_store_on_the_loopback_alone_and_links_to_the_runs(home, served, capsys):
    store.connect()
    port = free_port()
    assert main(["ui", "--port", str(port)]) == 0
    command = served["command"]
    assert command[:4] == [sys.executable, "-m", "mlflow", "server"]
    assert command[command.index("--host") + 1] == "127.0.0.1"
    assert command[command.index("--workers") + 1] == "1"
    assert command[command.index("--backend-store-uri") + 1] == f"sqlite:///{home}/attend-ml/mlflow.db"
    assert served["env"]["MLFLOW_DISABLE_TELEMETRY"] == "true"
    assert served["env"]["MLFLOW_SERVER_ENABLE_JOB_EXECUTION"] == "false"
    link = capsys.readouterr().out.splitlines()[0]
    assert f"http://127.0.0.1:{port}/#/experiments/1/runs?workflowType=machine_learning" in link

    with socket.socket() as busy:
        busy.bind(("127.0.0.1", 0))
        busy.listen()
        served.clear()
        assert main(["ui", "--port", str(busy.getsockname()[1])]) == 1
    assert "is in use: give another with --port" in capsys.readouterr().err
    assert served == {}


def test_a_server_that_is_named_is_linked_to_and_not_started(monkeypatch, served, capsys):
    class Remote:
        experiment_id = "7"

        def get_experiment_by_name(self, name):
            return self

    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://tracking.example/")
    monkeypatch.setattr(store, "connect", Remote)
    assert ui.main([]) == 0
    told = "the runs are at http://tracking.example/#/experiments/7/runs?workflowType=machine_learning"
    assert capsys.readouterr().out.startswith(told)
    assert served == {}
