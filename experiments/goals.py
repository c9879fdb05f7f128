"""Prints the Brier scores of the leader by rolling origin over the shipped tables, against the goals, in Markdown."""

from __future__ import annotations

import pandas as pd

from attend_ml.evaluation.backtest import rolling_origins
from attend_ml.evaluation.parts import Parts
from attend_ml.evaluation.scoring import choice, score_table
from attend_ml.experiment import load_experiment
from attend_ml.load import load_dataset

HORIZONS = (14, 7, 3, 1, 0)
EXPERIMENTS = ("climatology", "party-history", "last-statement", "logistic", "trees", "champion")
LEAST = {7: 0.120, 3: 0.100, 1: 0.080}
GOAL = {7: 0.08, 3: 0.06, 1: 0.04}


def row(name: str, cells: list[str]) -> str:
    """Return a line of a Markdown table."""
    return f"| {name} | " + " | ".join(cells) + " |"


def main() -> None:
    """Score every experiment and print the table."""
    data = load_dataset()
    days = [f"{h} day{'s' if h != 1 else ''}" for h in HORIZONS]
    lines = [row("leader in person, given that it is held: Brier score", [*days, "mean of 7, 3, 1"])]
    lines.append("|---" * (len(HORIZONS) + 2) + "|")
    tables: dict[str, pd.DataFrame] = {}
    found = rolling_origins(data, [load_experiment(name) for name in EXPERIMENTS], parts=Parts(data))
    for name, predictions in zip(EXPERIMENTS, found, strict=True):
        tables[name] = score_table(predictions).set_index("horizon")
        # A fourth digit where models are chosen between.
        lines.append(row(name, [*(f"{tables[name].brier[h]:.3f}" for h in HORIZONS), f"{choice(predictions):.4f}"]))
    best = tables["champion"]
    bounds = [f"{best.brier_low[h]:.3f} to {best.brier_high[h]:.3f}" for h in HORIZONS]
    lines.append(row("champion, 90 % interval", [*bounds, ""]))
    lines.append(row("forecasts scored", [*(f"{best.n[h]:,}" for h in HORIZONS), ""]))
    lines.append(row("least accepted", [f"{LEAST[h]:.3f}" if h in LEAST else "" for h in [*HORIZONS, None]]))
    lines.append(row("goal", [f"{GOAL[h]:.2f}" if h in GOAL else "" for h in [*HORIZONS, None]]))
    print("\n".join(lines))


if __name__ == "__main__":
    main()
