"""The table every benchmark prints: what was measured, against which bound, and whether it holds."""

from __future__ import annotations

import argparse
from typing import NamedTuple


class Row(NamedTuple):
    """One measurement; ``limit`` is None where a number is only told."""

    what: str
    value: float
    unit: str
    bound: str = ""
    limit: float | None = None

    @property
    def holds(self) -> bool:
        if self.limit is None:
            return True
        return self.value >= self.limit if self.bound == "at least" else self.value <= self.limit


def positive(text: str) -> int:
    """Read a whole number above 0 from the command line."""
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"found {text}; give a number of 1 or more")
    return value


def show(title: str, rows: list[Row]) -> int:
    """Print the table, and return 1 where a bound fails, else 0."""
    table = [("measured", "value", "bound", "")]
    for row in rows:
        bound = "" if row.limit is None else f"{row.bound} {row.limit:g} {row.unit}"
        verdict = "" if row.limit is None else "holds" if row.holds else "FAILS"
        table.append((row.what, f"{row.value:,.4g} {row.unit}", bound, verdict))
    widths = [max(len(line[k]) for line in table) for k in range(4)]
    rule = "  ".join("-" * width for width in widths)
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in table]
    print("\n".join([title, "", lines[0], rule, *lines[1:]]))
    return 0 if all(row.holds for row in rows) else 1
