"""Forecasts and scores as tables in a terminal."""

from __future__ import annotations

import math
import textwrap

import pandas as pd
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from attend_ml.forecast.forecast import Forecast, moment_text, percent
from attend_ml.models.forecaster import HIGHEST
from attend_ml.records import LEVELS

# Reasons shown a party: where one party is asked about there is room for more.
_REASONS = {True: 8, False: 3}
_INDENT = 8
_CAME = {1.0: "came", 0.0: "-"}


def console() -> Console:
    """Return a console of the terminal's width, and of 110 columns where the output goes elsewhere."""
    out = Console(highlight=False, soft_wrap=False)
    return out if out.is_terminal else Console(highlight=False, width=110)


def text_table(*columns: str, right: tuple[str, ...] = ()) -> Table:
    """Return a table without borders, to be filled row by row; some columns are set flush right."""
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
    for name in columns:
        table.add_column(name, justify="right" if name in right else "left", overflow="fold")
    return table


def show_forecast(forecast: Forecast) -> None:
    """Print the probabilities, the strongest reasons and similar past meetings."""
    out = console()
    meeting = forecast.meeting
    days = forecast.horizon
    before = "on the day itself" if days == 0 else f"{days} day{'s' if days != 1 else ''} before"
    out.print(f"[bold]{escape(meeting['name'])}[/], {meeting.date.day} {meeting.date:%B %Y}")
    out.print(
        f"as known on {moment_text(forecast.as_of)}, {before}; chance that it is held: {percent(forecast.held)}\n"
    )
    table = text_table("party", "level", "probability", "90 % interval", "past cases like it", right=("probability",))
    for row in forecast.to_frame().to_dict("records"):
        table.add_row(
            escape(forecast.party_name(row["party"])) if row["level"] == LEVELS[0] else "",
            row["level"],
            percent(row["probability"]),
            f"{percent(row['low'])} to {percent(row['high'])}",
            f"came in {row['came']} of {row['cases']}",
        )
    out.print(table)
    _show_highest(out, forecast)
    for party in forecast.parties:
        _show_reasons(out, forecast, party, _REASONS[len(forecast.parties) == 1])
    if len(forecast.parties) == 1:
        _show_similar(out, forecast)
    else:
        out.print(f"\n--party {forecast.parties[0]} shows more reasons and similar past meetings of one party.")
    out.print(f"\nmodel: {escape(forecast.model)}")


def _show_highest(out: Console, forecast: Forecast) -> None:
    out.print(
        "\nHighest level that comes, if it is held; with a star, in the set that holds nine of ten cases of each level"
    )
    highest = forecast.highest()
    table = text_table("party", *HIGHEST, "", right=HIGHEST)
    for party, rows in highest.groupby("party", sort=False):
        cells = [f"{percent(p)}{'*' if inside else ' '}" for p, inside in rows[["if_held", "in_set"]].to_numpy()]
        short = f"not enough to go on: watch for {forecast.watch_for(str(party))}" if rows.in_set.all() else ""
        table.add_row(escape(forecast.party_name(str(party))), *cells, escape(short))
    out.print(table)


def _show_reasons(out: Console, forecast: Forecast, party: str, most: int) -> None:
    reasons = forecast.drivers("leader", party).dropna(subset="log_odds")
    if reasons.empty:
        return
    rest = reasons.iloc[1:]
    out.print(f"\n[bold]Why: the leader of {escape(forecast.party_name(party))}[/] (log-odds; 0.7 doubles the odds)")
    for row in reasons.head(most + 1).to_dict("records"):
        _show_line(out, row["log_odds"], row["text"], row["source_url"])
    if len(rest) > most:
        _show_line(out, rest.log_odds.iloc[most:].sum(), f"{len(rest) - most} weaker reasons together")
    total = reasons.log_odds.sum()
    _show_line(out, total, f"in all: {1 / (1 + math.exp(-total)):.0%}")


def _show_line(out: Console, log_odds: float, text: str, source_url: str | None = None) -> None:
    lines = textwrap.wrap(text, out.width - _INDENT)
    out.print(f"{log_odds:+6.2f}  {escape(lines[0])}")
    for line in lines[1:]:
        out.print(" " * _INDENT + escape(line))
    if source_url:
        # Never broken, so that it can be clicked.
        out.print(" " * _INDENT + f"[dim]{escape(source_url)}[/]", soft_wrap=True)


def _show_similar(out: Console, forecast: Forecast) -> None:
    rows = forecast.analogues(5)
    if rows.empty:
        return
    out.print("\n[bold]Similar past meetings[/]")
    table = text_table("date", "meeting", "party", "forecast, leader", *LEVELS, right=("forecast, leader",))
    for row in rows.to_dict("records"):
        came = [_CAME.get(row[level], "?") for level in LEVELS]
        table.add_row(f"{row['date']:%Y-%m-%d}", escape(row["name"]), row["party"], percent(row["forecast"]), *came)
    out.print(table)


def show_scores(scores: pd.DataFrame) -> None:
    """Print Brier scores by horizon: the leader's with its interval, the other levels' and that of ``held``."""
    table = text_table("days before", "forecasts", "leader", "90 % interval", "senior", "working", "held")
    by = scores.set_index(["level", "horizon"])
    for horizon in scores.horizon[scores.level == "leader"]:
        row = by.loc[("leader", horizon)]
        others = [f"{by.brier.get((level, horizon), float('nan')):.3f}" for level in ("senior", "working", "held")]
        interval = f"{row.brier_low:.3f} to {row.brier_high:.3f}"
        table.add_row(str(horizon), f"{row.n:.0f}", f"{row.brier:.3f}", interval, *others)
    console().print(table)
