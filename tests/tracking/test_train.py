"""Training: one complete run, a champion only if better, and nothing half done left behind."""

import io
import os
import signal
import subprocess
import sys
import zipfile
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import attend_ml as am
from attend_ml.evaluation.scores import brier
from attend_ml.experiment import Experiment, Features, Model, Scoring
from attend_ml.fingerprints import codebooks_fingerprint
from attend_ml.tracking import store
from attend_ml.tracking.registry import champion_version
from attend_ml.tracking.train import choice, train

HERE = Path(__file__).parent
WORSE = HERE / "worse.toml"


@pytest.fixture
def run(trained, mlflow):
    return mlflow.get_run(trained.better.run_id)


def artifact(mlflow, run, name):
    return Path(mlflow.artifacts.download_artifacts(run_id=run.info.run_id, artifact_path=name))


def versions(client):
    return sorted(int(v.version) for v in client.search_model_versions(f"name='{store.REGISTERED}'"))


def champion_number(client):
    return int(champion_version(client).version)


# -- the run ---------------------------------------------------------------------------------------------------------


def test_a_training_leaves_one_finished_run(trained, mlflow, client):
    experiment = mlflow.get_experiment_by_name("attend-ml")
    ids = {trained.worse.run_id, trained.better.run_id, trained.again.run_id}
    runs = [run for run in client.search_runs([experiment.experiment_id]) if run.info.run_id in ids]
    assert len(runs) == 3
    assert {run.info.status for run in runs} == {"FINISHED"}
    assert {run.data.tags["attend_ml.state"] for run in runs} == {"completed"}


def test_the_run_tells_what_was_fitted_on_what(run, data):
    assert run.info.run_name == "better to 2025-07-01"
    assert run.data.params["model"] == "party-history"
    assert run.data.params["extractors"] == "history"
    assert run.data.params["data_until"] == "2025-07-01"
    assert run.data.params["first_origin"] == "2024-07-01"
    assert int(run.data.params["meetings"]) == len(data.meetings)
    assert int(run.data.params["delegations"]) == len(data.delegations)


def test_the_metrics_are_the_scores_by_level_and_horizon(run, trained, mlflow):
    predictions = pd.read_csv(artifact(mlflow, run, "predictions.csv"))
    for level in ("leader", "senior", "working", "held"):
        for horizon in (7, 1):
            rows = predictions[(predictions.horizon == horizon) & predictions[f"{level}_outcome"].notna()]
            wanted = brier(rows[level].to_numpy(), rows[f"{level}_outcome"].to_numpy())
            section = "meeting_held" if level == "held" else level
            assert run.data.metrics[f"{section}/brier_h{horizon}"] == pytest.approx(wanted, abs=1e-9)
    scores = trained.better.scores.set_index(["level", "horizon"]).brier
    assert run.data.metrics["leader/brier_h7"] == pytest.approx(scores["leader", 7])
    mean = (scores["leader", 7] + scores["leader", 1]) / 2
    assert run.data.metrics["leader/brier_choice"] == pytest.approx(mean)


def test_a_chart_of_the_metrics_runs_to_the_day_of_the_meeting(run, client, trained):
    history = client.get_metric_history(run.info.run_id, "leader_by_day/brier")
    scores = trained.better.scores.set_index(["level", "horizon"]).brier
    found = {point.step: point.value for point in history}
    assert found == {-7: pytest.approx(scores["leader", 7]), -1: pytest.approx(scores["leader", 1])}


def test_the_run_names_its_versions_and_hashes(run, data):
    tags = run.data.tags
    assert tags["attend_ml.version"] == am.__version__
    for package in ("scikit-learn", "pandas", "numpy", "mlflow", "skops"):
        assert tags[f"attend_ml.{package}"] == version(package)
    assert tags["attend_ml.python"] == sys.version.split()[0]
    assert tags["attend_ml.codebooks_sha256"] == codebooks_fingerprint()
    assert tags["attend_ml.data_sha256"] == data.as_of("2025-07-01").fingerprint()
    assert len(tags["attend_ml.experiment_sha256"]) == 64
    assert "Rolling origin from 2024-07-01, data to 2025-07-01" in tags["mlflow.note.content"]


def test_the_data_are_logged_as_inputs(run, data):
    inputs = {given.dataset.name: given for given in run.inputs.dataset_inputs}
    assert set(inputs) == {"delegations to 2025-07-01", "statements to 2025-07-01"}
    for given in inputs.values():
        assert given.dataset.digest == data.as_of("2025-07-01").fingerprint()[:32]
        assert [tag.value for tag in given.tags] == ["training"]
    assert f'"num_rows": {len(data.delegations)}' in inputs["delegations to 2025-07-01"].dataset.profile


def test_figures_and_tables_are_logged(run, mlflow, trained):
    for name in ("reliability.png", "brier_by_horizon.png", "skill.png"):
        assert artifact(mlflow, run, name).read_bytes().startswith(b"\x89PNG")
    scores = pd.read_csv(artifact(mlflow, run, "scores.csv"))
    np.testing.assert_allclose(scores.brier, trained.better.scores.brier)
    spec = mlflow.artifacts.load_dict(f"runs:/{run.info.run_id}/experiment.json")
    assert (spec["name"], spec["model"]["kind"]) == ("better", "party-history")


def test_the_model_has_a_signature_and_an_input_example(trained, mlflow):
    info = mlflow.models.get_model_info(trained.better.model_uri)
    inputs = info.signature.inputs.input_names()
    assert {"meeting_id", "date", "party", "parties", "as_of", "statements", "signals"} <= set(inputs)
    assert info.signature.outputs.input_names() == ["leader", "senior", "working", "held"]
    folder = Path(mlflow.artifacts.download_artifacts(artifact_uri=trained.better.model_uri))
    assert (folder / "input_example.json").stat().st_size > 100


def test_no_pickle_is_logged(home, trained, mlflow):
    root = home / "data" / "attend-ml" / "artifacts"
    files = [path for path in root.rglob("*") if path.is_file()]
    assert len(files) > 30
    for path in files:
        assert path.suffix not in (".pkl", ".pickle", ".joblib", ".dill"), path.name
        # Protocol 2 and later of pickle begin so.
        assert path.read_bytes()[:1] != b"\x80", path.name
    for path in root.rglob("forecaster.skops"):
        with zipfile.ZipFile(path) as archive:
            assert {Path(name).suffix for name in archive.namelist()} <= {".json", ".npy", ".npz"}
            for name in archive.namelist():
                if name.endswith(".npy"):
                    np.load(io.BytesIO(archive.read(name)), allow_pickle=False)


def test_the_model_is_logged_as_code(trained, mlflow):
    folder = Path(mlflow.artifacts.download_artifacts(artifact_uri=trained.better.model_uri))
    flavor = mlflow.models.get_model_info(trained.better.model_uri).flavors["python_function"]
    assert Path(flavor["model_code_path"]).name == "served.py"
    assert "python_model" not in flavor
    assert (folder / "served.py").is_file()


# -- the champion ----------------------------------------------------------------------------------------------------


def test_the_first_model_is_the_champion(trained):
    assert trained.champions[0] == 1
    assert trained.worse.champion
    assert trained.worse.verdict == "version 1 is the first, and so the champion"


def test_a_better_model_becomes_the_champion(trained):
    assert trained.champions[1] == 2
    assert trained.better.champion
    new, old = (choice_of(run) for run in (trained.better, trained.worse))
    assert new < old
    assert trained.better.verdict == f"version 2 is the new champion: {new:.4f} against {old:.4f} of version 1"


def test_a_worse_model_leaves_the_champion_as_it_was(trained):
    assert trained.champions[2] == 2
    assert not trained.again.champion
    assert trained.again.verdict.startswith("version 2 stays champion: version 3 scores 0.2")


def choice_of(run):
    scores = run.scores[(run.scores.level == "leader") & run.scores.horizon.isin([7, 3, 1])]
    return scores.brier.mean()


def test_the_score_a_champion_is_chosen_by_is_the_mean_over_a_week_three_days_and_one():
    table = pd.DataFrame(
        {
            "horizon": [14, 7, 7, 3, 1, 1, 0],
            "leader": [1.0, 0.0, 1.0, 0.5, 0.1, 0.9, 1.0],
            "leader_outcome": [0.0, 0.0, 0.0, 0.0, 0.0, np.nan, 0.0],
        }
    )
    assert choice(table) == pytest.approx((0.5 + 0.25 + 0.01) / 3)
    assert np.isnan(choice(table.iloc[:1]))


def test_a_training_on_other_meetings_is_not_compared(trained, client):
    # Of the year before those the champion has forecast.
    scoring = Scoring(start="2022-01-01", months=12, horizons=(1,))
    spec = Experiment("early", features=Features(("context",)), model=Model("climatology"), scoring=scoring)
    told = []
    found = train(spec, until="2023-12-31", n_jobs=1, progress=lambda done, of: told.append((done, of)))
    assert not found.champion
    assert "shares no forecast with the champion" in found.verdict
    assert champion_number(client) == 2
    # Scored year by year, as are the three rules beside it, and progress told after each year.
    assert told == [(0, 8), (4, 8), (8, 8)]
    run = client.get_run(found.run_id)
    assert run.info.run_name == "early to 2023-12-31"
    assert run.data.params["data_until"] == "2023-12-31"


# -- a training that is killed ---------------------------------------------------------------------------------------


class Killed(BaseException):
    """Stands for anything that ends a training: an interrupt, no memory, a failing disk."""


def die(*args, **kwargs):
    raise Killed


@pytest.mark.parametrize("step", ["rolling_origins", "fit_as_of", "log_scores", "_log_model", "register"])
def test_a_training_that_dies_leaves_champion_and_versions_as_they_were(step, trained, client, monkeypatch):
    before = versions(client)
    monkeypatch.setattr(f"attend_ml.tracking.train.{step}", die)
    with pytest.raises(Killed):
        train(WORSE, n_jobs=1)
    assert versions(client) == before
    assert champion_number(client) == 2
    last = newest_run(client)
    done = step == "register"
    assert last.data.tags["attend_ml.state"] == ("completed" if done else "started")
    assert last.info.status == ("FINISHED" if done else "FAILED")


def newest_run(client):
    experiment = client.get_experiment_by_name("attend-ml")
    return client.search_runs([experiment.experiment_id], order_by=["attributes.start_time DESC"], max_results=1)[0]


def test_a_model_whose_crowning_dies_is_registered_but_no_champion(trained, client, monkeypatch):
    monkeypatch.setattr("attend_ml.tracking.train._crown", die)
    with pytest.raises(Killed):
        train(WORSE, n_jobs=1)
    assert champion_number(client) == 2


def test_a_process_killed_while_it_scores_leaves_all_as_it_was_and_the_next_training_works(trained, client, tmp_path):
    before = versions(client)
    # Nothing is kept of what was scored before.
    env = {**os.environ, "XDG_CACHE_HOME": str(tmp_path)}
    spec = tmp_path / "worse.toml"
    spec.write_text(WORSE.read_text(encoding="utf-8").replace("months = 12", "months = 6"), encoding="utf-8")
    code = f"""
import time
import attend_ml as am

def scored(done, of):
    print("scored", done, "of", of, flush=True)
    if done:
        time.sleep(60)

am.train({str(spec)!r}, n_jobs=1, progress=scored)
"""
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, env=env) as process:
        told = [process.stdout.readline() for _ in range(2)]
        process.send_signal(signal.SIGKILL)
        assert process.wait() == -signal.SIGKILL
    assert told == ["scored 0 of 8\n", "scored 4 of 8\n"]
    killed = newest_run(client)
    assert killed.data.tags["attend_ml.state"] == "started"
    assert versions(client) == before
    assert champion_number(client) == 2
    after = train(WORSE, n_jobs=1)
    assert not after.champion
    assert versions(client) == [*before, before[-1] + 1]
    assert champion_number(client) == 2


def test_a_name_for_the_run_is_kept(trained, mlflow):
    assert mlflow.get_run(trained.again.run_id).info.run_name == "my second trial"


def test_an_unknown_experiment_is_answered_with_the_nearest():
    with pytest.raises(am.RequestError, match="experiment: found 'champoin'; did you mean 'champion'"):
        am.train("champoin")
