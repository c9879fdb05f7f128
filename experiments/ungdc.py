"""Prints how well the level of speakers in the UN General Debate is forecast a year ahead, in Markdown.

``python experiments/ungdc.py Speakers_by_session.xlsx`` takes the public list of speakers, imports it into a temporary
folder, and forecasts each debate from 2010 to 2017 by models fitted on all earlier ones.
"""

from __future__ import annotations

import argparse
import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from attend_ml.asof import Situations
from attend_ml.dataset import Dataset
from attend_ml.evaluation.backtest import rolling_origins
from attend_ml.evaluation.class_scores import class_calibration_error, class_log_loss, class_probabilities
from attend_ml.evaluation.scores import mean_interval
from attend_ml.experiment import load_experiment
from attend_ml.features.history import PartyHistory
from attend_ml.load import load_dataset
from attend_ml.models.forecaster import HIGHEST
from attend_ml.sources.saving import save_whole
from attend_ml.sources.ungdc import read_ungdc

EXPERIMENTS = ("champion", "speakers")
FIRST, LAST = 2010, 2017
# Days before the debate. Of what is in the list, all was known for ten months or more.
HORIZON = 7
RULE = "ten-year share by country"
# Shares over ten debates with five pseudo-counts from all countries' shares at the last two: of half a count to 6,
# and 1 to 10 debates, those that make the rule best on the very years it is scored on.
SHARES = [
    {"name": "lately", "by": ["series"], "days": 913, "prior": "half", "strength": 1.0},
    {"name": "ten years", "by": ["party", "series"], "days": 3835, "prior": "lately", "strength": 5.0},
]


def forecasts(data: Dataset, names: tuple[str, ...], n_jobs: int) -> list[pd.DataFrame]:
    """Forecast each debate by models fitted at the beginning of its year."""
    specs = [load_experiment(name) for name in names]
    specs = [replace(spec, scoring=replace(spec.scoring, start=f"{FIRST}-01-01", months=12)) for spec in specs]
    tables = rolling_origins(data, specs, n_jobs=n_jobs, horizons=[HORIZON])
    kept = [table[(table.date.dt.year <= LAST) & table.highest_outcome.notna()] for table in tables]
    return [table.reset_index(drop=True) for table in kept]


def rule(data: Dataset, table: pd.DataFrame) -> np.ndarray:
    """Return the rule's shares of working, senior and leader for the rows of a table of forecasts."""
    as_of = table.date - pd.Timedelta(days=HORIZON)
    rows = Situations(data, table.meeting_id.to_numpy(), table.party.to_numpy(), as_of.to_numpy("datetime64[D]"))
    shares = PartyHistory(book={"shares": SHARES}).fit(rows).shares(rows)["ten years"][:, ::-1]
    return shares / shares.sum(axis=1, keepdims=True)


def speakers(table: pd.DataFrame) -> np.ndarray:
    """Return an experiment's chances of working, senior and leader, given that somebody speaks."""
    some = class_probabilities(table)[:, 1:]
    return some / some.sum(axis=1, keepdims=True)


def line(name: str, P: np.ndarray, table: pd.DataFrame, base: np.ndarray) -> str:
    """Return a line of the Markdown table."""
    came = table.highest_outcome.to_numpy(dtype=int) - HIGHEST.index("working")
    loss = class_log_loss(P, came)
    cells = [f"{loss.mean():.4f}", "", "", ""]
    if name != RULE:
        less = class_log_loss(base, came) - loss
        cells[1] = f"{less.mean():.4f}"
        for k, cluster in ((2, table.meeting_id), (3, table.party)):
            low, high = mean_interval(less, cluster.to_numpy())
            cells[k] = f"{low:.4f} to {high:.4f}"
    return f"| {name} | " + " | ".join([*cells, f"{class_calibration_error(P, came):.4f}", f"{len(P):,}"]) + " |"


def main() -> None:
    """Import the list, forecast and print the table."""
    parser = argparse.ArgumentParser(description="Score forecasts of who speaks in the UN General Debate.")
    parser.add_argument("file", help="the public list of speakers, .xlsx or .csv")
    parser.add_argument("--experiments", nargs="+", default=EXPERIMENTS, help="names under experiments/ or TOML files")
    parser.add_argument("--jobs", type=int, default=1, help="years forecast at the same time; each takes some memory")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        save_whole(read_ungdc(args.file).data, Path(folder) / "ungdc")
        data = load_dataset(Path(folder) / "ungdc")
        tables = forecasts(data, tuple(args.experiments), args.jobs)
        base = rule(data, tables[0])
    heads = [f"speaker's level, {FIRST} to {LAST}", "log-loss", "below the rule", "90 %, resampling debates"]
    heads += ["90 %, resampling countries", "class-wise calibration error", "speakers"]
    print("| " + " | ".join(heads) + " |\n" + "|---" * len(heads) + "|")
    print(line(RULE, base, tables[0], base))
    for name, table in zip(args.experiments, tables, strict=True):
        print(line(Path(name).stem, speakers(table), table, base))


if __name__ == "__main__":
    main()
