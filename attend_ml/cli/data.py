"""``attend-ml data check``, ``attend-ml data describe`` and ``attend-ml data import``."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path


def parser() -> argparse.ArgumentParser:
    """Return the command's arguments."""
    out = argparse.ArgumentParser(prog="attend-ml data", description="Folders with the four tables.")
    commands = out.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for name, told in (
        ("check", "say what is wrong with the tables, with file, line and column"),
        ("describe", "count and chart what is in them"),
    ):
        command = commands.add_parser(name, help=told, description=told[0].upper() + told[1:] + ".")
        command.add_argument("folder", metavar="DIR", help="folder with meetings.csv and the rest")
    told = "bring in a public data set"
    sets = commands.add_parser("import", help=told, description=told[0].upper() + told[1:] + ".")
    kinds = sets.add_subparsers(dest="kind", metavar="SET", required=True)
    told = "who spoke in the UN General Debate, year by year"
    ungdc = kinds.add_parser(
        "ungdc",
        help=told,
        description="Turn the public list of speakers in the UN General Debate into the four tables: a meeting for "
        "each year, a delegation for each party that spoke, at the level that the speaker's post tells.",
    )
    ungdc.add_argument("file", metavar="FILE", help="the list as .xlsx, .xls, .ods, .csv or .tsv")
    ungdc.add_argument("--out", dest="folder", metavar="DIR", required=True, help="folder to write the tables to")
    ungdc.add_argument("--force", action="store_true", help="replace tables that are there")
    return out


def main(argv: Sequence[str]) -> int:
    """Run the command."""
    args = parser().parse_args(argv)
    if args.command == "import":
        _import_ungdc(args.file, args.folder, args.force)
        return 0
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


def _import_ungdc(file: str, folder: str, force: bool) -> None:
    from attend_ml.cli.show import console, text_table
    from attend_ml.records import LEVELS
    from attend_ml.sources.saving import refuse_tables, save_whole
    from attend_ml.sources.ungdc import read_ungdc

    if not force:
        refuse_tables(folder)
    found = read_ungdc(file)
    save_whole(found.data, folder, replace=force)
    meetings, delegations = found.data.meetings, found.data.delegations
    out = console()
    out.print(f"UN General Debate, {meetings.date.min():%Y} to {meetings.date.max():%Y}: ", end="")
    out.print(
        f"{len(meetings):,} meetings, {len(delegations):,} delegations of {delegations.party.nunique():,} parties"
    )
    share = f" ({found.understood / found.posts:.2%})" if found.posts else ""
    out.print(
        f"{found.rows:,} speakers, {found.posts:,} with a post, {found.understood:,} of these understood{share}\n"
    )
    table = text_table("level of the speaker", "delegations", "share", right=("delegations", "share"))
    counts = {level: int(delegations[level].sum()) for level in LEVELS}
    counts["not known"] = int(delegations[list(LEVELS)].isna().all(axis=1).sum())
    for level, count in counts.items():
        table.add_row(level, f"{count:,}", f"{count / len(delegations):.0%}")
    out.print(table)
    print()
    for note in found.notes:
        print(note)
    print(f"\nThe tables are in {folder}; `attend-ml data describe {folder}` charts them.")
