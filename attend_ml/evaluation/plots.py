"""Figures of scores."""

from __future__ import annotations

from collections.abc import Mapping

import matplotlib
import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from attend_ml.evaluation.scores import reliability


def reliability_figure(predictions: pd.DataFrame, level: str = "leader", title: str = "") -> Figure:
    """Draw how often the level came against how likely it was said to be.

    Parameters
    ----------
    predictions : pandas.DataFrame
        As :func:`attend_ml.evaluation.backtest.rolling_origin` returns it.
    level : str, default="leader"
    title : str, default=""

    Returns
    -------
    matplotlib.figure.Figure
        Bins hold equal numbers of forecasts; below, how many forecasts lie where.
    """
    known = predictions[predictions[f"{level}_outcome"].notna() & predictions[level].notna()]
    p, y = known[level].to_numpy(), known[f"{level}_outcome"].to_numpy()
    with matplotlib.rc_context({"font.size": 10}):
        figure = Figure(figsize=(5, 5.6), layout="constrained")
        top, bottom = figure.subplots(2, 1, sharex=True, height_ratios=[4, 1])
        top.plot([0, 1], [0, 1], color="0.6", linewidth=1, label="as said")
        points = reliability(p, y)
        top.plot(points[:, 0], points[:, 1], "o-", color="tab:blue", label="as it came")
        top.set(xlim=(0, 1), ylim=(0, 1), ylabel=f"share of cases in which the {level} came", title=title)
        top.legend(loc="upper left", frameon=False)
        bottom.hist(p, bins=np.linspace(0, 1, 21), color="tab:blue", alpha=0.6)
        bottom.set(xlabel=f"forecast probability that the {level} comes", ylabel="forecasts")
    return figure


def horizon_figure(scores: pd.DataFrame, level: str = "leader", title: str = "") -> Figure:
    """Draw the Brier score by days before the meeting, with its interval.

    Parameters
    ----------
    scores : pandas.DataFrame
        As :func:`attend_ml.evaluation.backtest.score_table` returns it, with intervals.
    level : str, default="leader"
    title : str, default=""

    Returns
    -------
    matplotlib.figure.Figure
    """
    rows = scores[scores.level == level].reset_index(drop=True)
    with matplotlib.rc_context({"font.size": 10}):
        figure = Figure(figsize=(5, 3.4), layout="constrained")
        axes = figure.subplots()
        at = np.arange(len(rows))
        top = max(0.28, 1.05 * np.nanmax(rows[["brier", "brier_high"]].to_numpy(), initial=0.0))
        axes.fill_between(at, rows.brier_low, rows.brier_high, alpha=0.2, label="90 % interval")
        axes.plot(at, rows.brier, "o-", label="Brier score")
        axes.axhline(0.25, color="0.6", linewidth=1, label="always one half")
        axes.set_xticks(at, [str(h) for h in rows.horizon])
        axes.set(xlabel="days before the meeting", ylabel=f"Brier score, {level}", ylim=(0, top), title=title)
        axes.legend(frameon=False, loc="lower left")
    return figure


def skill_figure(skills: Mapping[str, pd.DataFrame], title: str = "") -> Figure:
    """Draw the skill over each rule by days before the meeting, with its interval.

    Parameters
    ----------
    skills : mapping of str to pandas.DataFrame
        By name of the rule, as :func:`attend_ml.evaluation.scoring.skill_table` returns it.
    title : str, default=""

    Returns
    -------
    matplotlib.figure.Figure
        Above zero is better than the rule.
    """
    with matplotlib.rc_context({"font.size": 10}):
        figure = Figure(figsize=(5, 3.4), layout="constrained")
        axes = figure.subplots()
        for k, (name, table) in enumerate(skills.items()):
            at = np.arange(len(table)) + 0.12 * (k - (len(skills) - 1) / 2)
            bars = np.clip([table.skill - table.skill_low, table.skill_high - table.skill], 0, None)
            axes.errorbar(at, table.skill, yerr=bars, fmt="o", capsize=2, label=f"over {name}")
            axes.set_xticks(range(len(table)), [str(h) for h in table.horizon])
        axes.axhline(0, color="0.6", linewidth=1)
        axes.set(xlabel="days before the meeting", ylabel="Brier skill score, leader", title=title)
        if skills:
            axes.legend(frameon=False, loc="best")
    return figure
