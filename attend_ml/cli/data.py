"""``attend-ml data check`` and ``attend-ml data describe``."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path


def parser() -> argparse.ArgumentParser:
    """Return the command's arguments."""
    out = argparse.ArgumentParser(prog="attend-ml data", description="Look at a folder with the four tables.")
    commands = out.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for name, told in (
        ("check", "say what is wrong with the tables, with file, line and column"),
        ("describe", "count and chart what is in them"),
    ):
        command = commands.add_parser(name, help=told, description=told[0].upper() + told[1:] + ".")
        command.add_argument("folder", metavar="DIR", help="folder with meetings.csv and the rest")
    return out


def main(argv: Sequence[str]) -> int:
    """Run the command."""
    args = parser().parse_args(argv)
    from attend_ml.load import load_dataset

    folder = Path(args.folder)
    data = load_dataset(folder)
    if args.command == "check":
        counts = ", ".join(f"{len(table):,} {name}" for name, table in data.tables().items())
        print(f"{args.folder}: nothing wrong found in {counts}")
    else:
        from attend_ml.describe import describe

        print(describe(data, folder))
    return 0
