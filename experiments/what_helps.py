"""Prints what experiments score against the champion by rolling origin over the shipped tables, in Markdown.

``python experiments/what_helps.py ablations`` takes pieces out of the champion, ``alternatives`` has what was tried in
their place. Forecasts are kept in the user's cache folder, so that only what has changed is made anew.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable

import numpy as np
import pandas as pd

from attend_ml import _resources
from attend_ml.evaluation.backtest import rolling_origins
from attend_ml.evaluation.class_scores import class_log_loss, class_probabilities, ranked_probability_score
from attend_ml.evaluation.parts import Parts
from attend_ml.evaluation.scores import mean_interval
from attend_ml.evaluation.scoring import CHOICE, KEY, choice, pair_choice
from attend_ml.evaluation.set_scores import rolling_sets, set_table
from attend_ml.experiment import load_experiment
from attend_ml.load import load_dataset

CHAMPION = "champion"
# Members of the blend alone are shipped beside the champion.
FOLDERS = {"ablations": ("logistic", "trees"), "alternatives": ()}
HEADS = (
    "",
    "experiment",
    "leader: Brier score",
    "90 %",
    "highest level: RPS",
    "90 %",
    "log-loss",
    "90 %",
    "sets, 7 days",
    "1 day",
)


def names_in(folder: str) -> list[str]:
    """Return the experiments of a folder, and those that belong to it."""
    paths = (_resources.folder("experiments") / folder).glob("*.toml")
    return sorted([*(path.stem for path in paths), *FOLDERS[folder]])


def highest(predictions: pd.DataFrame, score: Callable[[np.ndarray, np.ndarray], np.ndarray]) -> pd.Series:
    """Return the score of each forecast of the highest level, by meeting, party and horizon, with its cluster."""
    known = predictions.highest_outcome.notna() & predictions.leader.notna() & predictions.horizon.isin(CHOICE)
    part = predictions[known]
    values = score(class_probabilities(part), part.highest_outcome.to_numpy(dtype=int))
    return pd.Series(values, index=pd.MultiIndex.from_frame(part[[*KEY, "cluster"]]))


def change(mine: pd.Series, base: pd.Series) -> tuple[float, float, float]:
    """Return the mean difference on the rows both have, and its 90 % interval from resampling clusters."""
    difference = (mine - base).dropna()
    cluster = difference.index.get_level_values("cluster").to_numpy(dtype=str)
    return (float(difference.mean()), *mean_interval(difference.to_numpy(), cluster))


def cells(found: tuple[float, float, float]) -> list[str]:
    """Return a difference and its interval, the difference in bold where the interval leaves out zero."""
    value, low, high = (f"{number:+.4f}".replace("-", "−") for number in found)
    return [f"**{value}**" if found[1] > 0 or found[2] < 0 else value, f"{low} to {high}"]


def sizes(predictions: pd.DataFrame) -> list[str]:
    """Return the mean number of levels in a set, 7 days and 1 day before."""
    size = set_table(rolling_sets(predictions)).set_index(["highest", "horizon"])["size"]["any"]
    return [f"{size[7]:.2f}", f"{size[1]:.2f}"]


def table(names: list[str], found: dict[str, pd.DataFrame], worst_first: bool) -> str:
    """Return the Markdown table: the champion's own scores, then each experiment's difference to them."""
    scores = (ranked_probability_score, class_log_loss)
    base = found[CHAMPION]
    own = [highest(base, score) for score in scores]
    first = [f"{choice(base):.4f}", "", f"{own[0].mean():.4f}", "", f"{own[1].mean():.4f}", "", *sizes(base)]
    lines = ["| " + " | ".join(HEADS) + " |", "|---" * len(HEADS) + "|"]
    lines.append("| " + " | ".join(["the champion", f"`{CHAMPION}`", *first]) + " |")
    rows = []
    for name in names:
        leader = pair_choice(found[name], base)
        row = [load_experiment(name).summary, f"`{name}`", *cells(leader)]
        for score, values in zip(scores, own, strict=True):
            row += cells(change(highest(found[name], score), values))
        rows.append((leader[0], "| " + " | ".join([*row, *sizes(found[name])]) + " |"))
    return "\n".join([*lines, *(line for _, line in sorted(rows, reverse=worst_first))])


def main() -> None:
    """Forecast and print one table."""
    parser = argparse.ArgumentParser(description="Compare experiments with the champion.")
    parser.add_argument("folder", choices=list(FOLDERS), help="which experiments")
    parser.add_argument("--jobs", type=int, default=2, help="origins fitted at the same time (default 2)")
    args = parser.parse_args()
    data, names = load_dataset(), names_in(args.folder)
    specs = [load_experiment(name) for name in (CHAMPION, *names)]
    tables = rolling_origins(data, specs, n_jobs=args.jobs, parts=Parts(data))
    print(table(names, dict(zip((CHAMPION, *names), tables, strict=True)), args.folder == "ablations"))


if __name__ == "__main__":
    main()
