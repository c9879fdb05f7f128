"""Draws the README's picture: the forecast for the Istanbul talks of 15 May 2025, day by day."""

from __future__ import annotations

from pathlib import Path

import matplotlib as mpl
import pandas as pd
from matplotlib.figure import Figure

import attend_ml as am

MEETING = "istanbul-2025-05-15"
PARTY = "RUS"
OUT = Path(__file__).parent / "images" / "istanbul.png"


def main() -> None:
    """Draw the picture."""
    days = pd.date_range("2025-05-11", "2025-05-15")
    forecasts = [am.predict(MEETING, party=PARTY, as_of=str(day.date())) for day in days]
    table = pd.DataFrame([forecast.probabilities for forecast in forecasts], index=days)
    bounds = pd.DataFrame([forecast.to_frame().set_index("level").loc["leader"] for forecast in forecasts], index=days)
    with mpl.rc_context({"font.size": 11}):
        figure = Figure(figsize=(8, 3.6), layout="constrained")
        axes = figure.subplots()
        for level, colour in {"leader": "tab:red", "senior": "tab:blue", "working": "0.55"}.items():
            axes.plot(days, table[level], "o-", color=colour)
            axes.text(days[-1] + pd.Timedelta(hours=3), table[level].iloc[-1], level, color=colour, va="center")
        low, high = bounds.low.astype(float), bounds.high.astype(float)
        axes.fill_between(days, low, high, color="tab:red", alpha=0.15, linewidth=0)
        for day, p in table.leader.items():
            axes.annotate(f"{p:.0%}", (day, p), xytext=(0, 8), textcoords="offset points", ha="center", color="tab:red")
        axes.set(ylim=(0, 1), xlim=(days[0] - pd.Timedelta(hours=6), days[-1] + pd.Timedelta(hours=16)))
        axes.set_xticks(days, [f"{day.day} {day:%b}" for day in days])
        axes.yaxis.set_major_formatter(mpl.ticker.PercentFormatter(1))
        axes.set_title(
            "Who will come for Russia to Istanbul on 15 May 2025? As known at the end of each day", fontsize=11
        )
        axes.spines[["top", "right"]].set_visible(False)
    OUT.parent.mkdir(exist_ok=True)
    figure.savefig(OUT, dpi=150)


if __name__ == "__main__":
    main()
