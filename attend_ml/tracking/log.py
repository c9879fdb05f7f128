"""What a run of an experiment leaves in MLflow: the same keys and figures for every run, so that runs compare."""

from __future__ import annotations

import json
import platform
from dataclasses import asdict, replace
from importlib.metadata import version
from typing import Any

import numpy as np
import pandas as pd

from attend_ml._version import __version__
from attend_ml.dataset import Dataset
from attend_ml.evaluation.plots import horizon_figure, reliability_figure, skill_figure
from attend_ml.evaluation.scoring import choice
from attend_ml.evaluation.summary import Summary
from attend_ml.experiment import Experiment, Scoring, load_experiment
from attend_ml.fingerprints import codebooks_fingerprint
from attend_ml.models.rules import RULES

VERSIONS = ("scikit-learn", "pandas", "numpy", "mlflow", "skops")
# Kinds that every data set has, and that are the same cases for every experiment: whether a case is contested is not.
_KINDS = ("announced", "statement", "role")
_BY_DAY = ("brier", "reliability", "resolution", "log_loss", "auc", "calibration_error")


def rules(scoring: Scoring) -> list[Experiment]:
    """Return the rules every experiment is compared with, scored from the origins it is scored from."""
    found = [load_experiment(name) for name in RULES]
    return [replace(rule, scoring=replace(scoring, horizons=rule.scoring.horizons)) for rule in found]


def last_day(data: Dataset) -> str:
    """Return the day by which every outcome of the data is known, in ISO form."""
    return str((data.meetings.date.max() + pd.Timedelta(days=1)).date())


def log_scores(
    mlflow: Any,
    spec: Experiment,
    data: Dataset,
    predictions: pd.DataFrame,
    found: Summary,
    until: str | None = None,
) -> None:
    """Log parameters, scores, figures and forecasts into the run that is open.

    Parameters
    ----------
    mlflow : module
    spec : Experiment
    data : Dataset
    predictions : pandas.DataFrame
        As :func:`attend_ml.evaluation.backtest.rolling_origin` returns it.
    found : Summary
        What these forecasts were worth.
    until : str or None, default=None
        The data are those known on this day, in ISO form; all of them when None.
    """
    end = until or last_day(data)
    _log_settings(mlflow, spec, data, end, found.scores)
    _log_metrics(mlflow, predictions, found)
    for table_name in ("delegations", "statements"):
        frame = data.tables()[table_name].astype(str)
        dataset = mlflow.data.from_pandas(frame, name=f"{table_name} to {end}", digest=data.fingerprint()[:32])
        mlflow.log_input(dataset, context="training")
    mlflow.log_dict(json.loads(json.dumps(asdict(spec), default=list)), "experiment.json")
    mlflow.log_text(predictions.to_csv(index=False), "predictions.csv")
    for name in ("scores", "strata", "sets"):
        mlflow.log_text(getattr(found, name).to_csv(index=False), f"{name}.csv")
    figures = {
        "reliability.png": reliability_figure(predictions, title=spec.name),
        "brier_by_horizon.png": horizon_figure(found.scores, title=spec.name),
        "skill.png": skill_figure(found.skills, title=spec.name),
    }
    for file, figure in figures.items():
        mlflow.log_figure(figure, file)


def _log_settings(mlflow: Any, spec: Experiment, data: Dataset, end: str, scores: pd.DataFrame) -> None:
    mlflow.log_params(
        {
            "model": spec.model.kind,
            "extractors": ", ".join(spec.features.extractors),
            "without": ", ".join(spec.features.without) or "-",
            "cues": spec.features.statements.get("cues", "read"),
            "first_origin": spec.scoring.start,
            "months_between_origins": spec.scoring.months,
            "data_until": end,
            "meetings": len(data.meetings),
            "delegations": len(data.delegations),
        }
    )
    mlflow.set_tags(
        {
            "attend_ml.version": __version__,
            "attend_ml.python": platform.python_version(),
            "attend_ml.data_sha256": data.fingerprint(),
            "attend_ml.codebooks_sha256": codebooks_fingerprint(),
            "attend_ml.experiment_sha256": spec.fingerprint(),
            **{f"attend_ml.{package}": version(package) for package in VERSIONS},
            "mlflow.note.content": _note(spec, end, scores),
        }
    )


def _log_metrics(mlflow: Any, predictions: pd.DataFrame, found: Summary) -> None:
    metrics: dict[str, float] = {}
    # Steps run to 0, the day of the meeting, so that a chart reads from left to right.
    steps: dict[int, dict[str, float]] = {}
    for row in found.scores.to_dict("records"):
        # The UI orders sections of charts by their names: the leader's comes first.
        section = "meeting_held" if row["level"] == "held" else row["level"]
        metrics[f"{section}/brier_h{row['horizon']}"] = row["brier"]
        if row["level"] == "leader":
            steps.setdefault(-row["horizon"], {}).update({f"leader_by_day/{name}": row[name] for name in _BY_DAY})
    for name, table in found.skills.items():
        for row in table.to_dict("records"):
            steps.setdefault(-row["horizon"], {})[f"leader_skill_by_day/{name}"] = row["skill"]
    for row in found.highest.to_dict("records"):
        metrics[f"level_highest/rps_h{row['horizon']}"] = row["ranked_probability_score"]
        metrics[f"level_highest/log_loss_h{row['horizon']}"] = row["log_loss"]
    metrics |= _set_metrics(found.sets) | _strata_metrics(found.strata)
    metrics["leader/brier_choice"] = choice(predictions)
    mlflow.log_metrics({name: value for name, value in metrics.items() if not np.isnan(value)})
    for step, values in sorted(steps.items()):
        mlflow.log_metrics({name: value for name, value in values.items() if not np.isnan(value)}, step=step)


def _set_metrics(sets: pd.DataFrame) -> dict[str, float]:
    metrics = {}
    for row in sets.to_dict("records"):
        if pd.isna(row["horizon"]):
            metrics[f"sets/coverage_{row['highest']}"] = row["coverage"]
        elif row["highest"] == "any":
            metrics[f"sets/size_h{row['horizon']}"] = row["size"]
    return metrics


def _strata_metrics(strata: pd.DataFrame) -> dict[str, float]:
    """Return the scores by kind that compare between runs; the others are in the table alone."""
    rows = strata[strata.stratum.isin(_KINDS)].to_dict("records")
    return {f"strata/{row['value'].replace(' ', '_')}_h{row['horizon']}": row["brier"] for row in rows}


def _note(spec: Experiment, end: str, scores: pd.DataFrame) -> str:
    rows = scores[scores.level == "leader"]
    short = ", ".join(f"{r.brier:.3f} ({r.horizon} days)" for r in rows.itertuples())
    lines = [f"{spec.summary}. Leader's Brier score: {short}.", ""]
    lines += [f"Rolling origin from {spec.scoring.start}, data to {end}.", ""]
    lines += ["| days before | forecasts | Brier score, leader | 90 % interval |", "|---|---|---|---|"]
    lines += [
        f"| {r.horizon} | {r.n} | {r.brier:.3f} | {r.brier_low:.3f} to {r.brier_high:.3f} |" for r in rows.itertuples()
    ]
    return "\n".join(lines)
