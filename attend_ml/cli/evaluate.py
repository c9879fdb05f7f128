"""``attend-ml evaluate``."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from attend_ml.cli.options import horizons


def parser() -> argparse.ArgumentParser:
    """Return the command's arguments."""
    out = argparse.ArgumentParser(
        prog="attend-ml evaluate",
        description="Fit once on one data set and forecast every delegation of another in date order. What happened at "
        "earlier test meetings is known once their day is over; the cue column of the test data is not used.",
    )
    out.add_argument("experiment", metavar="EXPERIMENT", help="a name under experiments/ or a TOML file")
    out.add_argument("--train", metavar="DIR", required=True, help="folder with the four tables to fit on")
    out.add_argument("--test", metavar="DIR", required=True, help="folder with the four tables to forecast")
    out.add_argument("--horizons", metavar="DAYS", type=horizons, default=(7, 3, 1, 0), help="default: 7,3,1,0")
    out.add_argument("--predictions", metavar="FILE.csv", required=True, help="write every forecast here")
    out.add_argument("--json", action="store_true", help="print the scores as one JSON object")
    return out


def main(argv: Sequence[str]) -> int:
    """Run the command."""
    args = parser().parse_args(argv)
    from attend_ml.cli.scores import as_json, show_evaluation, writable, write_predictions
    from attend_ml.evaluation.holdout import evaluate
    from attend_ml.evaluation.scoring import score_table
    from attend_ml.experiment import load_experiment
    from attend_ml.load import load_dataset
    from attend_ml.records import LEVELS

    spec = load_experiment(args.experiment)
    writable(args.predictions)
    train = load_dataset(args.train)
    test = load_dataset(args.test, train.parties)
    found = evaluate(spec, train, test, args.horizons, tell=lambda text: print(text, file=sys.stderr))
    write_predictions(args.predictions, {spec.name: found})
    scores = score_table(found, [*LEVELS, "held"])
    if len(scores):
        scores.insert(0, "experiment", spec.name)
    if args.json:
        print(as_json({spec.name: found}, scores))
    else:
        show_evaluation(spec.name, found, scores)
        print(f"{len(found)} forecasts of {found.meeting_id.nunique()} meetings are in {args.predictions}")
    return 0
