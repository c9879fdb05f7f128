"""``attend-ml backtest``."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from attend_ml.cli.options import horizons

if TYPE_CHECKING:
    from attend_ml.dataset import Dataset
    from attend_ml.experiment import Experiment


def parser() -> argparse.ArgumentParser:
    """Return the command's arguments."""
    out = argparse.ArgumentParser(
        prog="attend-ml backtest",
        description="Score experiments side by side by rolling origin, each a run in MLflow. What an earlier run of "
        "the same code and data computed is taken from the cache: a run that was stopped goes on where it was.",
    )
    out.add_argument(
        "experiment",
        metavar="EXPERIMENT",
        nargs="*",
        default=["champion"],
        help="names under experiments/ or TOML files; rules stands for the three rules; default: champion",
    )
    out.add_argument("--data", metavar="DIR", help="folder with the four tables; default: those of the package")
    out.add_argument("--horizons", metavar="DAYS", type=horizons, help="as in 7,3,1; default: 14,7,3,1,0")
    out.add_argument("--predictions", metavar="FILE.csv", help="write every forecast and what came of it")
    out.add_argument("--json", action="store_true", help="print the same as one JSON object")
    out.add_argument("--fresh", action="store_true", help="take nothing from earlier runs")
    out.add_argument(
        "--probe",
        action="store_true",
        help="plant rows after the moment of forecasts instead, and count what they move",
    )
    return out


def main(argv: Sequence[str]) -> int:
    """Run the command."""
    args = parser().parse_args(argv)
    from attend_ml.cli.progress import Bar
    from attend_ml.load import load_dataset
    from attend_ml.tracking.backtest import load_experiments, run_backtest

    specs = load_experiments(args.experiment)
    data = load_dataset(args.data)
    if args.probe:
        return _probe(specs, data, args.json)
    from attend_ml.cli.scores import as_json, show_backtest, writable, write_predictions

    writable(args.predictions)
    with Bar("scoring by rolling origin") as bar:
        found = run_backtest(specs, data, args.horizons, fresh=args.fresh, progress=bar.update)
    if found.taken:
        print(f"{found.taken} origins were taken from an earlier run; --fresh scores them anew", file=sys.stderr)
    if args.predictions:
        write_predictions(args.predictions, found.predictions)
    if args.json:
        print(as_json(found.predictions, found.scores, found))
    else:
        show_backtest(found)
    return 0


def _probe(specs: Sequence[Experiment], data: Dataset, as_json: bool) -> int:
    """Print what the leakage probe finds; 1 where it finds anything, or could not have."""
    import json

    from attend_ml.cli.probe import probe_content, show_probe, show_verdict
    from attend_ml.cli.progress import Bar
    from attend_ml.evaluation.probe import leakage_probe

    tables = {}
    for spec in specs:
        with Bar(f"{spec.name}: planting and forecasting again") as bar:
            tables[spec.name] = leakage_probe(data, spec, progress=bar.update)
        if not as_json:
            show_probe(spec.name, tables[spec.name])
    content = probe_content(tables)
    if as_json:
        print(json.dumps(content, ensure_ascii=False, indent=1))
    else:
        show_verdict(tables)
    return 0 if content["passed"] else 1
