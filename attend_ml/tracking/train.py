"""Training: fit, score by rolling origin, log one run, register the model, and perhaps crown it."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from attend_ml._version import __version__
from attend_ml.dataset import Dataset
from attend_ml.evaluation.backtest import fit_as_of, rolling_origins, with_start
from attend_ml.evaluation.parts import Parts
from attend_ml.evaluation.scoring import choice
from attend_ml.evaluation.summary import summarise
from attend_ml.experiment import Experiment, load_experiment
from attend_ml.load import load_dataset
from attend_ml.models.persistence import save_model
from attend_ml.models.rules import RULES
from attend_ml.records import LEVELS
from attend_ml.tracking import store
from attend_ml.tracking.log import VERSIONS, last_day, log_scores, rules
from attend_ml.tracking.registry import champion_version, register


@dataclass(frozen=True)
class TrainedRun:
    """What a training left behind.

    Parameters
    ----------
    experiment : str
    run_id : str
    model_uri : str
        Address of the registered version.
    scores : pandas.DataFrame
        As :func:`attend_ml.evaluation.scoring.score_table` returns it, for the levels and ``held``.
    champion : bool
        Whether ``@champion`` points to it now.
    verdict : str
        Why, in a sentence.
    """

    experiment: str
    run_id: str
    model_uri: str
    scores: pd.DataFrame
    champion: bool
    verdict: str


def train(
    experiment: str | Path | Experiment = "champion",
    data: Dataset | str | Path | None = None,
    until: str | None = None,
    name: str | None = None,
    n_jobs: int = 2,
    progress: Callable[[int, int], None] | None = None,
) -> TrainedRun:
    """Fit a model, score its experiment by rolling origin, and log and register it in MLflow.

    Parameters
    ----------
    experiment : str, path or Experiment, default="champion"
        A name under ``experiments/``, or a TOML file.
    data : Dataset, path or None, default=None
        The shipped tables when None.
    until : str or None, default=None
        Nothing that became known after this day is used; everything when None.
    name : str or None, default=None
        Name of the run; experiment and day when None.
    n_jobs : int, default=2
        Origins scored at the same time.
    progress : callable or None, default=None
        Called with the number of origins done and of all.

    Returns
    -------
    TrainedRun

    Notes
    -----
    The run is tagged ``attend_ml.state = started`` and at the very end ``completed``; the alias is moved after that,
    and only if the new model's Brier score of the leader, averaged over 7, 3 and 1 days on the forecasts both have
    made, is lower than the champion's. A training that is killed leaves the champion as it was.
    """
    spec = experiment if isinstance(experiment, Experiment) else load_experiment(experiment)
    tables = data if isinstance(data, Dataset) else load_dataset(data)
    end = last_day(tables) if until is None else until
    tables = tables.as_of(end)
    spec = with_start(tables, spec)
    mlflow = store.connect()
    with mlflow.start_run(run_name=name or f"{spec.name} to {end}") as run:
        mlflow.set_tags({"attend_ml.state": "started", "attend_ml.experiment": spec.name, "attend_ml.kind": "train"})
        predictions, *others = rolling_origins(tables, [spec, *rules(spec.scoring)], n_jobs, progress, Parts(tables))
        model = fit_as_of(tables, spec, end)
        model.keep_record(predictions)
        found = summarise(predictions, tables, dict(zip(RULES, others, strict=True)))
        log_scores(mlflow, spec, tables, predictions, found, end)
        logged = _log_model(mlflow, model, tables)
        mlflow.set_tag("attend_ml.state", "completed")
    client = mlflow.MlflowClient()
    number = register(client, logged, run.info.run_id, {"known_until": model.known_until_, "experiment": spec.name})
    crowned, verdict = _crown(mlflow, client, number, predictions)
    uri = f"models:/{store.REGISTERED}/{number}"
    return TrainedRun(spec.name, run.info.run_id, uri, found.scores, crowned, verdict)


def _log_model(mlflow: Any, model: Any, data: Dataset) -> Any:
    from attend_ml.tracking import served_example

    example = served_example.example(model.known_until_)
    signature = mlflow.models.infer_signature(example, pd.DataFrame({name: [0.5] for name in (*LEVELS, "held")}))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "forecaster.skops"
        save_model(model, path)
        tables = Path(folder) / "tables"
        data.save(tables)
        return mlflow.pyfunc.log_model(
            name="model",
            python_model=str(Path(__file__).with_name("served.py")),
            artifacts={"forecaster": str(path), "tables": str(tables)},
            signature=signature,
            input_example=example,
            pip_requirements=[f"attend-ml=={__version__}", *(f"{p}=={version(p)}" for p in VERSIONS)],
        )


def _crown(mlflow: Any, client: Any, number: str, predictions: pd.DataFrame) -> tuple[bool, str]:
    current = champion_version(client)
    if current is None:
        client.set_registered_model_alias(store.REGISTERED, store.ALIAS, number)
        return True, f"version {number} is the first, and so the champion"
    path = mlflow.artifacts.download_artifacts(run_id=current.run_id, artifact_path="predictions.csv")
    key = ["meeting_id", "party", "horizon"]
    old = pd.read_csv(path, keep_default_na=False, na_values=[""])
    both = predictions[[*key, "leader", "leader_outcome"]].merge(old[[*key, "leader"]], on=key, suffixes=("", "_old"))
    new_score = choice(both)
    old_score = choice(both.assign(leader=both.leader_old))
    if np.isnan(new_score) or np.isnan(old_score):
        return (
            False,
            f"version {number} shares no forecast with the champion (version {current.version}): not compared",
        )
    scores = f"{new_score:.4f} against {old_score:.4f} of version {current.version}"
    if new_score < old_score:
        client.set_registered_model_alias(store.REGISTERED, store.ALIAS, number)
        return True, f"version {number} is the new champion: {scores}"
    return False, f"version {current.version} stays champion: version {number} scores {scores}"
