"""Scores of forecasts in a terminal, as JSON, and the forecasts in a file."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from attend_ml.cli.show import console, show_scores, text_table
from attend_ml.cli.strata import show_sets, show_strata
from attend_ml.errors import RequestError
from attend_ml.evaluation.scoring import highest_table, long_table
from attend_ml.models.rules import RULES
from attend_ml.records import LEVELS

if TYPE_CHECKING:
    from attend_ml.tracking.backtest import Backtest


def writable(file: str | None) -> None:
    """Refuse a file that cannot be written before minutes are spent on what goes into it."""
    folder = Path(file).parent if file else Path()
    if not folder.is_dir() or (file and Path(file).is_dir()):
        raise RequestError(f"--predictions {file}: it cannot be written; give a file in a folder that is there")


def write_predictions(file: str, predictions: Mapping[str, pd.DataFrame]) -> None:
    """Write the forecasts of all experiments, a row for each delegation, horizon and level."""
    tables = [long_table(table, name, LEVELS) for name, table in predictions.items()]
    part = Path(f"{file}.part")
    pd.concat(tables, ignore_index=True).to_csv(part, index=False, lineterminator="\n")
    part.replace(file)


def as_json(predictions: Mapping[str, pd.DataFrame], scores: pd.DataFrame, found: Backtest | None = None) -> str:
    """Return all scores as one JSON object; what is not known is null."""
    content: dict[str, Any] = {"scores": _records(scores)}
    content["highest"] = {name: _records(highest_table(table)) for name, table in predictions.items()}
    if found is not None:
        content["pairs"] = _records(found.pairs)
        for kind in ("strata", "sets"):
            content[kind] = {name: _records(getattr(summary, kind)) for name, summary in found.summaries.items()}
    return json.dumps(content, ensure_ascii=False, indent=1)


def _records(table: pd.DataFrame) -> list[dict[str, Any]]:
    return [
        {str(name): None if pd.isna(value) else value for name, value in row.items()}
        for row in table.to_dict("records")
    ]


def show_backtest(found: Backtest) -> None:
    """Print the scores of every experiment, more on the first, and how the others compare with it."""
    out = console()
    out.print(
        "Brier score of the leader in person, given that the meeting is held (90 % interval by resampling meetings)"
    )
    leader = found.scores[found.scores.level == "leader"]
    names = list(found.predictions)
    table = text_table("days before", "forecasts", *names)
    for horizon, rows in leader.groupby("horizon", sort=False):
        by = rows.set_index("experiment")
        cells = [f"{by.brier[name]:.3f} ({by.brier_low[name]:.3f}-{by.brier_high[name]:.3f})" for name in names]
        table.add_row(str(horizon), f"{by.n.max():.0f}", *cells)
    out.print(table)
    for name in names:
        out.print(f"\n[bold]{name}[/]")
        show_parts(found.scores[found.scores.experiment == name])
        show_others(found.predictions[name], found.scores[found.scores.experiment == name])
        if name == names[0]:
            show_strata(found.summaries[name].strata)
            show_sets(found.summaries[name].sets)
    if len(found.pairs):
        out.print(f"\nBrier score, leader: how much it differs from that of {names[0]}; below 0 is better")
        table = text_table("days before", *names[1:])
        for horizon, rows in found.pairs.groupby("horizon", sort=False):
            by = rows.set_index("experiment")
            cells = [f"{by.difference[n]:+.4f} ({by.low[n]:+.4f} to {by.high[n]:+.4f})" for n in names[1:]]
            table.add_row(str(horizon), *cells)
        out.print(table)
    out.print("\n`attend-ml compare` lists the runs and tells where to see them in MLflow.")


_HEADS = {
    "brier": "Brier",
    "reliability": "reliab.",
    "resolution": "resol.",
    "uncertainty": "uncert.",
    "log_loss": "log loss",
    "auc": "AUC",
    "calibration_error": "calib. error",
}


def show_parts(scores: pd.DataFrame) -> None:
    """Print what the leader's Brier score is made of, and the skill over the rules."""
    leader = scores[scores.level == "leader"]
    table = text_table("days before", *_HEADS.values())
    for row in leader.to_dict("records"):
        table.add_row(str(row["horizon"]), *(f"{row[column]:.3f}" for column in _HEADS))
    console().print(table)
    skills = [name for name in RULES if f"skill_{name}" in leader]
    if not skills:
        return
    table = text_table("days before", *(f"skill over {name}" for name in skills))
    for row in leader.to_dict("records"):
        told = [[row[f"skill_{name}{end}"] for end in ("", "_low", "_high")] for name in skills]
        table.add_row(str(row["horizon"]), *(f"{mid:.3f} ({low:.3f} to {high:.3f})" for mid, low, high in told))
    console().print(table)


def show_others(predictions: pd.DataFrame, scores: pd.DataFrame) -> None:
    """Print the Brier scores of the other levels and of ``held``, and the scores of the highest level."""
    highest = highest_table(predictions)
    if highest.empty:
        return
    by = scores.set_index(["level", "horizon"]).brier
    table = text_table(
        "days before",
        *("senior", "working", "held"),
        *("highest level: ranked probability score", "log loss", "calib. error"),
    )
    for row in highest.to_dict("records"):
        cells = [f"{by.get((level, row['horizon']), math.nan):.3f}" for level in ("senior", "working", "held")]
        cells += [f"{row[name]:.3f}" for name in ("ranked_probability_score", "log_loss", "calibration_error")]
        table.add_row(str(row["horizon"]), *cells)
    console().print(table)


def show_evaluation(name: str, predictions: pd.DataFrame, scores: pd.DataFrame) -> None:
    """Print the scores of one experiment on test data."""
    if scores.empty or "leader" not in set(scores.level):
        console().print(f"{name}: no outcome of the test data is known, so nothing is scored")
        return
    console().print(f"{name}: Brier scores on the test data, given that the meeting is held")
    show_scores(scores)
    show_parts(scores)
    show_others(predictions, scores)
