"""Scores by kind of case, and sets of levels, in a terminal."""

from __future__ import annotations

import pandas as pd

from attend_ml.cli.show import console, text_table
from attend_ml.evaluation.strata import LEAST

# A list of speakers has two hundred parties: those with most cases are shown.
MOST = 12


def show_strata(strata: pd.DataFrame) -> None:
    """Print the leader's Brier score and skill by kind of case, side by side for each horizon.

    Parameters
    ----------
    strata : pandas.DataFrame
        See :class:`attend_ml.evaluation.summary.Summary`. Kinds with too few cases at every horizon
        are left out, as are all but the twelve of a sort that have most.
    """
    scored = strata[strata.brier.notna()]
    if scored.empty:
        return
    out, horizons = console(), list(scored.horizon.unique())
    over = f", and skill over {scored.reference.iloc[0]}" if scored.reference.notna().any() else ""
    out.print(f"\nBrier score of the leader by kind of case (90 % interval){over}")
    heads = [(f"{days} days before" if days != 1 else "1 day before", "skill") for days in horizons]
    table = text_table("", "", *(text for days in heads for text in ("cases", *days)), right=("cases",))
    alone, more = [], []
    for stratum, kinds in scored.groupby("stratum", sort=False):
        if kinds.value.nunique() == 1 and (strata.value[strata.stratum == stratum] == kinds.value.iloc[0]).all():
            alone.append(f"{str(stratum).replace('_', ' ')} ({kinds.value.iloc[0]})")
            continue
        name = str(stratum).replace("_", " ")
        cases = kinds.groupby("value").n.max().sort_values(ascending=False, kind="stable")
        if len(cases) > MOST:
            more.append(f"{len(cases) - MOST} of {name}")
        for value, rows in kinds[kinds.value.isin(cases.index[:MOST])].groupby("value", sort=False):
            by = rows.set_index("horizon")
            cells = [cell for days in horizons for cell in (_cells(by.loc[days]) if days in by.index else ["-"] * 3)]
            table.add_row(name, str(value), *cells)
            name = ""
    out.print(table)
    if alone:
        out.print(f"of one kind throughout: {', '.join(alone)}")
    if more:
        out.print(f"with fewer cases than those shown, see --json: {', '.join(more)}")
    few = strata.groupby(["stratum", "value"]).brier.count().eq(0).groupby("stratum").sum()
    told = ", ".join(f"{count} of {str(stratum).replace('_', ' ')}" for stratum, count in few[few > 0].items())
    if told:
        out.print(f"not shown: kinds with fewer than {LEAST} cases ({told})")


def _cells(row: pd.Series) -> list[str]:
    score = f"{row.brier:.3f} ({row.brier_low:.3f}-{row.brier_high:.3f})"
    return [f"{row.n:,.0f}", score, "-" if pd.isna(row.skill) else f"{row.skill:.2f}"]


def show_sets(sets: pd.DataFrame) -> None:
    """Print how often the 90 % sets of levels hold what came, by what came, and how large they are.

    Parameters
    ----------
    sets : pandas.DataFrame
        See :class:`attend_ml.evaluation.summary.Summary`.
    """
    together, known = sets[sets.horizon.isna()], sets[sets.horizon.notna() & (sets.highest == "any")]
    if not together.n.any():
        return
    out = console()
    out.print("\nSets of highest levels that hold what comes nine times in ten, whichever it is")
    table = text_table("what came", "cases", "sets that hold it", "90 % interval", right=("cases",))
    for row in together[together.n > 0].to_dict("records"):
        interval = f"{row['coverage_low']:.3f} to {row['coverage_high']:.3f}"
        table.add_row(row["highest"], f"{row['n']:,}", f"{row['coverage']:.3f}", interval)
    out.print(table)
    table = text_table("days before", *(str(days) for days in known.horizon))
    for name, column in (("levels in a set", "size"), ("share of sets that rule nothing out", "full")):
        table.add_row(name, *(f"{value:.2f}" for value in known[column]))
    out.print(table)
