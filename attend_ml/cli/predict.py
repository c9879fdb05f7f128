"""``attend-ml predict``."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence


def parser() -> argparse.ArgumentParser:
    """Return the command's arguments."""
    out = argparse.ArgumentParser(
        prog="attend-ml predict",
        description="Probability of each level of each party at a meeting, the reasons, and similar past meetings.",
    )
    out.add_argument(
        "meeting", metavar="MEETING", help="id of a meeting in the data, or path of a meeting card (.toml)"
    )
    out.add_argument("--party", metavar="CODE", help="one party, like RUS; all invited when left out")
    out.add_argument("--as-of", metavar="DATE", help="use nothing that became known later; default: the day before")
    out.add_argument("--data", metavar="DIR", help="folder with the four tables; default: those of the package")
    out.add_argument("--statements", metavar="FILE", help="CSV of statements to add to the meeting's")
    out.add_argument("--signals", metavar="FILE", help="CSV of signals to add")
    out.add_argument("--model", metavar="URI", help="a registered model, like models:/attend-ml@champion")
    out.add_argument("--json", action="store_true", help="print one JSON object and nothing else")
    return out


def main(argv: Sequence[str]) -> int:
    """Run the command."""
    args = parser().parse_args(argv)
    from attend_ml.forecast.predict import predict

    forecast = predict(
        args.meeting, args.party, args.as_of, args.data, args.model, statements=args.statements, signals=args.signals
    )
    if args.json:
        print(json.dumps(forecast.to_dict(), ensure_ascii=False, indent=2, allow_nan=False))
    else:
        from attend_ml.cli.show import show_forecast

        show_forecast(forecast)
    return 0
