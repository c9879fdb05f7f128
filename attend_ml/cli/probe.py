"""The leakage probe in a terminal and as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from attend_ml.cli.show import console, text_table
from attend_ml.evaluation.probe import passed

_MOVED = ("vectors_moved", "fits_moved", "probabilities_moved")


def probe_content(tables: Mapping[str, pd.DataFrame]) -> dict[str, Any]:
    """Return what is printed with ``--json``: the rows of each experiment's table, and whether all passed."""
    return {
        "probe": {name: table.to_dict("records") for name, table in tables.items()},
        "passed": all(map(passed, tables.values())),
    }


def show_probe(name: str, table: pd.DataFrame) -> None:
    """Print what was planted, and what it moved.

    Parameters
    ----------
    name : str
        Of the experiment.
    table : pandas.DataFrame
        As :func:`attend_ml.evaluation.probe.leakage_probe` returns it.
    """
    out = console()
    out.print(
        f"[bold]{name}[/]: what moved of forecasts made before the rows planted became known, and of those made after"
    )
    heads = ("planted", "rows", "forecasts", "columns", "fits", "probabilities", "moved after", "verdict")
    shown = text_table(*heads, right=heads[1:6])
    for row in table.to_dict("records"):
        counts = [f"{row[name]:,}" for name in ("rows_planted", "delegations", *_MOVED)]
        shown.add_row(row["plant"], *counts, _control(row), row["verdict"])
    out.print(shown)


def _control(row: Mapping[Any, Any]) -> str:
    """Tell what moved where it should: forecasts made later or, where none did, a fit on all data."""
    later = max(row["control_vectors_moved"], row["control_probabilities_moved"])
    if later or not row["control_fits_moved"]:
        return f"{later:,} forecasts" if later else "nothing"
    return "a fit" if row["control_fits_moved"] == 1 else f"{row['control_fits_moved']} fits"


def show_verdict(tables: Mapping[str, pd.DataFrame]) -> None:
    """Print in one line whether the probe found a leak in any experiment."""
    told = []
    for name, table in tables.items():
        moved = table.plant[table.verdict == "moved"]
        unsure = table.plant[table.verdict == "not convincing"]
        if len(moved):
            told.append(f"{name} forecasts with what became known later ({'; '.join(moved)})")
        elif not passed(table):
            reason = f" ({'; '.join(unsure)})" if len(unsure) else ""
            told.append(f"{name} was not put to the test{reason}: what was planted moved nothing anywhere")
    verdict = f"failed: {'. '.join(told)}" if told else "passed: nothing that became known later moved a forecast"
    console().print(f"\n{verdict}", soft_wrap=True)
