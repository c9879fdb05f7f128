"""``attend-ml compare``."""

from __future__ import annotations

import argparse
from collections.abc import Sequence


def parser() -> argparse.ArgumentParser:
    """Return the command's arguments."""
    out = argparse.ArgumentParser(
        prog="attend-ml compare",
        description="The runs in the tracking store side by side, the best first, and the address that opens them in "
        "the MLflow UI.",
    )
    out.add_argument(
        "--metric", metavar="METRIC", default="leader/brier_h1", help="sorts the runs; default: leader/brier_h1"
    )
    out.add_argument("--last", metavar="N", type=int, default=10, help="only the latest N runs; default: 10")
    out.add_argument("--port", metavar="PORT", type=int, default=5000, help="port of `attend-ml ui`; default: 5000")
    out.add_argument("--json", action="store_true", help="print the runs as one JSON object")
    return out


def main(argv: Sequence[str]) -> int:
    """Run the command."""
    args = parser().parse_args(argv)
    import json

    from attend_ml.cli.show import console, text_table
    from attend_ml.tracking.compare import runs, ui_address

    found = runs(args.metric, args.last)
    address = ui_address(list(found.run_id), args.port)
    if args.json:
        rows = found.assign(started=found.started.astype(str)).astype(object)
        rows = rows.where(rows.notna(), None)
        print(json.dumps({"metric": args.metric, "runs": rows.to_dict("records"), "address": address}, indent=1))
        return 0
    names = [name for name in found.columns if "/" in name]
    table = text_table("run", "started (UTC)", *(name.replace("/", "\n").replace("_", " ") for name in names))
    for row in found.to_dict("records"):
        cells = ["-" if row[name] is None or row[name] != row[name] else f"{row[name]:.4f}" for name in names]
        table.add_row(row["run"], f"{row['started']:%Y-%m-%d %H:%M}", *cells)
    console().print(table)
    console().print(f"\n`attend-ml ui` serves the store; these runs side by side:\n{address}", soft_wrap=True)
    return 0
