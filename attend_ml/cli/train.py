"""``attend-ml train``."""

from __future__ import annotations

import argparse
from collections.abc import Sequence


def parser() -> argparse.ArgumentParser:
    """Return the command's arguments."""
    out = argparse.ArgumentParser(
        prog="attend-ml train",
        description="Fit a model, score it by rolling origin, log one MLflow run, register the model, "
        "and move @champion to it if it scores better.",
    )
    out.add_argument(
        "experiment",
        metavar="EXPERIMENT",
        nargs="*",
        default=["champion"],
        help="names under experiments/ or TOML files, one run each; default: champion",
    )
    out.add_argument("--data", metavar="DIR", help="folder with the four tables; default: those of the package")
    out.add_argument("--until", metavar="DATE", help="use nothing that became known later; default: everything")
    out.add_argument("--name", metavar="TEXT", help="name of the run; default: experiment and date")
    return out


def main(argv: Sequence[str]) -> int:
    """Run the command."""
    args = parser().parse_args(argv)
    from attend_ml.cli.progress import Bar
    from attend_ml.cli.show import show_scores
    from attend_ml.experiment import load_experiment
    from attend_ml.load import load_dataset
    from attend_ml.tracking.train import train

    # A wrong name or table is told before the first of several is trained.
    specs = [load_experiment(name) for name in args.experiment]
    data = load_dataset(args.data)
    for spec in specs:
        with Bar(f"{spec.name}: scoring by rolling origin") as bar:
            run = train(spec, data, args.until, args.name, progress=bar.update)
        print(f"{run.experiment}: Brier scores of forecasts made as of each day, given that the meeting is held")
        show_scores(run.scores)
        print(f"run {run.run_id}, model {run.model_uri}: {run.verdict}\n")
    print("`attend-ml ui` shows the runs side by side.")
    return 0
