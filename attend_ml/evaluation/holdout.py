"""Scoring on meetings kept apart: fitted once on one data set, forecast in date order on another."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from attend_ml.asof import delegations_at
from attend_ml.dataset import Dataset
from attend_ml.errors import RequestError
from attend_ml.evaluation.backtest import fit_as_of, forecast_table
from attend_ml.experiment import Experiment

HORIZONS = (7, 3, 1, 0)


def evaluate(
    experiment: Experiment,
    train: Dataset,
    test: Dataset,
    horizons: tuple[int, ...] = HORIZONS,
    tell: Callable[[str], None] | None = None,
) -> pd.DataFrame:
    """Fit on one data set and forecast every delegation of another.

    The model is fitted once, on what ``train`` knew at the earliest moment a forecast is made for. Each forecast sees
    both data sets as of its own moment: what came of earlier test meetings is known once their day is over. The
    annotations of ``test`` (``cue``, ``level_spoken``) are not used.

    Parameters
    ----------
    experiment : Experiment
    train, test : Dataset
        A meeting in both is taken from ``test`` and not fitted on, nor are meetings linked with one in ``test``.
    horizons : tuple of int, default=(7, 3, 1, 0)
        Whole days before the meeting.
    tell : callable or None, default=None
        Called with a sentence on whatever was left out.

    Returns
    -------
    pandas.DataFrame
        As :func:`attend_ml.evaluation.backtest.rolling_origin` returns it; ``origin`` is the day fitted as of.
        Outcomes not in ``test`` are NaN.

    Raises
    ------
    RequestError
        If there is no delegation to forecast, or nothing to fit on before.
    """
    if len(test.delegations) == 0:
        raise RequestError("the test data name no delegation: add delegations.csv, its labels may be empty")
    both = test.without_annotations().over(train)
    asked = set(test.meetings.meeting_id)
    rows = delegations_at(both, horizons)
    rows = rows.take(np.fromiter((meeting in asked for meeting in rows.meeting_id), dtype=bool, count=len(rows)))
    day = rows.as_of.min().astype("datetime64[D]") - 1
    clusters = both.clusters()
    without = set(clusters.index[clusters.isin(set(clusters[sorted(asked)]))])
    known = train.meetings.meeting_id[train.meetings.status.notna()]
    left = int(known.isin(without).sum())
    late = int((train.meetings.date[train.meetings.status.notna() & ~known.isin(without)] > pd.Timestamp(day)).sum())
    if tell and left:
        tell(f"{left} meetings of the training data are in the test data or linked with it: not fitted on")
    if tell and late:
        tell(f"{late} meetings of the training data were not over on {day}, before the first forecast: not fitted on")
    model = fit_as_of(train, experiment, day, without)
    return forecast_table(model, both, rows).assign(origin=str(day))
