"""Backtests: experiments scored side by side by rolling origin, each a run in MLflow."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from attend_ml.dataset import Dataset
from attend_ml.errors import RequestError
from attend_ml.evaluation.backtest import rolling_origins, with_start
from attend_ml.evaluation.parts import Parts
from attend_ml.evaluation.scoring import pair_table
from attend_ml.evaluation.summary import Summary, summarise
from attend_ml.experiment import Experiment, load_experiment
from attend_ml.load import load_dataset
from attend_ml.models.rules import RULES
from attend_ml.tracking import store
from attend_ml.tracking.log import log_scores, rules

Given = str | Path | Experiment


@dataclass(frozen=True)
class Backtest:
    """What a backtest found.

    Parameters
    ----------
    scores : pandas.DataFrame
        ``experiment`` and the columns of :func:`attend_ml.evaluation.scoring.score_table`, for the levels and
        ``held``; for the leader ``skill_{rule}`` with ``_low`` and ``_high``.
    pairs : pandas.DataFrame
        Every experiment against the first, see :func:`attend_ml.evaluation.scoring.pair_table`.
    predictions : dict of str to pandas.DataFrame
        The forecasts by name of the experiment.
    summaries : dict of str to Summary
        All that was scored, by name of the experiment; see :class:`attend_ml.evaluation.summary.Summary`.
    run_ids : dict of str to str
        The runs in MLflow.
    taken : int
        How many origins were taken from an earlier run.
    """

    scores: pd.DataFrame
    pairs: pd.DataFrame
    predictions: dict[str, pd.DataFrame]
    summaries: dict[str, Summary]
    run_ids: dict[str, str]
    taken: int


def backtest(
    experiments: Given | Sequence[Given] = "champion",
    data: Dataset | str | Path | None = None,
    horizons: Sequence[int] | None = None,
    n_jobs: int = 2,
    fresh: bool = False,
) -> pd.DataFrame:
    """Score experiments by rolling origin and log each as a run in MLflow.

    Parameters
    ----------
    experiments : str, path, Experiment or a sequence of them, default="champion"
        Names under ``experiments/`` or TOML files; "rules" stands for the three rules.
    data : Dataset, path or None, default=None
        The shipped tables when None.
    horizons : sequence of int or None, default=None
        Whole days before the meeting to score at; those each experiment is fitted on when None.
    n_jobs : int, default=2
        Origins scored at the same time.
    fresh : bool, default=False
        Compute every origin anew. Otherwise what an earlier run of the same code, data and experiment computed is
        taken from the user's cache folder; a backtest that was killed so goes on where it stopped.

    Returns
    -------
    pandas.DataFrame
        See ``scores`` of :class:`Backtest`.

    Raises
    ------
    RequestError
        If an experiment is not known, or no meeting can be scored.
    """
    return run_backtest(experiments, data, horizons, n_jobs, fresh).scores


def run_backtest(
    experiments: Given | Sequence[Given] = "champion",
    data: Dataset | str | Path | None = None,
    horizons: Sequence[int] | None = None,
    n_jobs: int = 2,
    fresh: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> Backtest:
    """Return all that :func:`backtest` finds; ``progress`` is called with the number of origins done and of all."""
    tables = data if isinstance(data, Dataset) else load_dataset(data)
    specs = [with_start(tables, spec) for spec in load_experiments(experiments)]
    # Skill is told over every rule, asked for or not; they are scored from the first experiment's origins on.
    every = specs + [rule for rule in rules(specs[0].scoring) if rule.name not in {spec.name for spec in specs}]
    parts = Parts(tables, fresh)
    found = rolling_origins(tables, every, n_jobs, progress, parts, horizons)
    predictions = {spec.name: table for spec, table in zip(every, found, strict=True)}
    mlflow = store.connect()
    others = {name: predictions[name] for name in RULES}
    scores, summaries, run_ids = [], {}, {}
    for spec in specs:
        summary = summarise(predictions[spec.name], tables, others)
        with mlflow.start_run(run_name=f"{spec.name} backtest") as run:
            mlflow.set_tags({"attend_ml.experiment": spec.name, "attend_ml.kind": "backtest"})
            log_scores(mlflow, spec, tables, predictions[spec.name], summary)
            mlflow.set_tag("attend_ml.state", "completed")
        run_ids[spec.name], summaries[spec.name] = run.info.run_id, summary
        scores.append(_with_skills(spec.name, summary))
    mine = {spec.name: predictions[spec.name] for spec in specs}
    pairs = pair_table(mine, specs[0].name)
    return Backtest(pd.concat(scores, ignore_index=True), pairs, mine, summaries, run_ids, parts.taken)


def _with_skills(name: str, summary: Summary) -> pd.DataFrame:
    """Return the scores with the skill over each rule beside those of the leader."""
    table = summary.scores
    for rule, skills in summary.skills.items():
        names = {column: column.replace("skill", f"skill_{rule}") for column in ("skill", "skill_low", "skill_high")}
        table = table.merge(skills.rename(columns=names).drop(columns="n"), on=["level", "horizon"], how="left")
    table.insert(0, "experiment", name)
    return table


def load_experiments(given: Given | Sequence[Given]) -> list[Experiment]:
    """Read specs by name or file; "rules" stands for the three rules, and what is named twice is taken once.

    Raises
    ------
    RequestError
        If one is not known, or two different ones bear the same name.
    """
    names: list[Given] = []
    for one in [given] if isinstance(given, str | Path | Experiment) else given:
        names += RULES if one == "rules" else [one]
    specs: dict[str, Experiment] = {}
    for name in names:
        spec = name if isinstance(name, Experiment) else load_experiment(name)
        if specs.setdefault(spec.name, spec) != spec:
            raise RequestError(f"two experiments are called {spec.name!r}: give one another name")
    if not specs:
        raise RequestError("experiments: found none; give a name under experiments/ or a TOML file")
    return list(specs.values())
