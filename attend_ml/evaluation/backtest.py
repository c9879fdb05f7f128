"""Scoring by rolling origin: at each origin a model is fitted on what was known, and forecasts what came next."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import numpy as np
import pandas as pd
from joblib import Parallel, delayed

from attend_ml.asof import Situations, delegations_at, outcomes
from attend_ml.dataset import Dataset
from attend_ml.errors import RequestError
from attend_ml.evaluation.scores import auc, brier, calibration_error, log_loss, mean_interval
from attend_ml.experiment import Experiment, Scoring
from attend_ml.models.forecaster import TARGETS, AttendanceForecaster, targets
from attend_ml.moments import moment


def fit_as_of(
    data: Dataset, experiment: Experiment, when: str | np.datetime64, without: Iterable[str] = ()
) -> AttendanceForecaster:
    """Fit an experiment's model on what was known at a moment.

    Parameters
    ----------
    data : Dataset
    experiment : Experiment
    when : date-like
    without : iterable of str, default=()
        Meetings to leave out, as they are linked with one to be forecast.

    Returns
    -------
    AttendanceForecaster
        With ``known_until_``, the moment, in ISO form.

    Raises
    ------
    RequestError
        If no outcome was known by then.
    """
    known = data.as_of(when)
    over = set(known.meetings.meeting_id[known.meetings.status.notna()]) - set(without)
    rows = delegations_at(known, experiment.scoring.horizons)
    keep = np.fromiter((meeting in over for meeting in rows.meeting_id), dtype=bool, count=len(rows))
    features = experiment.features
    model = AttendanceForecaster(
        experiment.model.kind,
        experiment.model.parameters(),
        features.extractors,
        features.parameters(),
        features.without,
    )
    rows = rows.take(keep)
    model.fit(rows, outcomes(rows))
    model.known_until_ = f"{moment(when):%Y-%m-%dT%H:%M:%S}"
    return model


def origins(data: Dataset, start: str, months: int) -> np.ndarray:
    """Return the days on which models are fitted, from ``start`` to the last meeting, ``datetime64[D]``.

    Examples
    --------
    >>> from attend_ml.load import load_dataset
    >>> [str(day) for day in origins(load_dataset(), "2024-07-01", 6)]
    ['2024-07-01', '2025-01-01']
    """
    Scoring(start, months)  # refuses what has no end
    last = data.meetings.date.max().to_datetime64()
    days = [np.datetime64(start, "D")]
    while True:
        month = days[-1].astype("datetime64[M]") + months
        if month.astype("datetime64[D]") > last:
            return np.array(days)
        days.append(month.astype("datetime64[D]"))


def rolling_origin(
    data: Dataset,
    experiment: Experiment,
    n_jobs: int = 2,
    progress: Callable[[int, int], None] | None = None,
) -> pd.DataFrame:
    """Forecast every delegation at every horizon with a model fitted before.

    A row is forecast by the model of the latest origin that is not after its ``as_of``; the models are fitted without
    the meetings linked to those they forecast, so that a cluster stays on one side.

    Parameters
    ----------
    data : Dataset
    experiment : Experiment
    n_jobs : int, default=2
        Origins fitted at the same time.
    progress : callable or None, default=None
        Called with the number of origins done and of all.

    Returns
    -------
    pandas.DataFrame
        ``meeting_id, party, horizon, date, cluster, origin``, the forecasts by target, and the labels as
        ``{target}_outcome``: NaN where not known, and for levels where the meeting was not held.

    Raises
    ------
    RequestError
        If no row lies after the first origin.
    """
    scoring = experiment.scoring
    rows = delegations_at(data, scoring.horizons)
    rows = rows.take(outcomes(rows).held.notna().to_numpy())
    days = origins(data, scoring.start, scoring.months)
    which = np.searchsorted(days, rows.as_of.astype("datetime64[D]"), side="right") - 1
    jobs = [(day, np.flatnonzero(which == k)) for k, day in enumerate(days) if (which == k).any()]
    if not jobs:
        raise RequestError(f"nothing to score: no meeting lies after the first origin {scoring.start}")
    parallel = Parallel(n_jobs=n_jobs, return_as="generator")
    parts = []
    for part in parallel(delayed(_one_origin)(data, experiment, day, rows.take(at)) for day, at in jobs):
        parts.append(part)
        if progress:
            progress(len(parts), len(jobs))
    table = pd.concat(parts, ignore_index=True)
    return table.sort_values(["date", "meeting_id", "party", "horizon"], kind="stable", ignore_index=True)


def _one_origin(data: Dataset, experiment: Experiment, day: np.datetime64, rows: Situations) -> pd.DataFrame:
    clusters = data.clusters()
    touched = set(clusters[np.unique(rows.meeting_id)])
    model = fit_as_of(data, experiment, day, without=clusters.index[clusters.isin(touched)])
    table = rows.frame().drop(columns="as_of")
    table["date"] = rows.meeting("date").astype("datetime64[s]")
    table["cluster"] = table.meeting_id.map(clusters)
    table["origin"] = str(day)
    labels = targets(outcomes(rows))
    forecast = model.predict(rows)
    return table.assign(
        **{target: forecast[target].to_numpy() for target in TARGETS},
        **{f"{target}_outcome": labels[target] for target in TARGETS},
    )


# The champion is chosen by the leader's Brier score, averaged over these days before the meeting.
CHOICE = (7, 3, 1)
SCORES = {"brier": brier, "log_loss": log_loss, "auc": auc, "calibration_error": calibration_error}


def score_table(predictions: pd.DataFrame, levels: Sequence[str] = ("leader",), intervals: bool = True) -> pd.DataFrame:
    """Score forecasts by level and horizon.

    Parameters
    ----------
    predictions : pandas.DataFrame
        As :func:`rolling_origin` returns it.
    levels : sequence of str, default=("leader",)
    intervals : bool, default=True
        Add 90 % intervals of the Brier score by resampling clusters of meetings.

    Returns
    -------
    pandas.DataFrame
        ``level, horizon, n, brier, brier_low, brier_high, log_loss, auc, calibration_error``, horizons falling.
    """
    out = []
    for level in levels:
        known = predictions[predictions[f"{level}_outcome"].notna() & predictions[level].notna()]
        for horizon in sorted(known.horizon.unique(), reverse=True):
            part = known[known.horizon == horizon]
            p, y = part[level].to_numpy(), part[f"{level}_outcome"].to_numpy()
            row = {"level": level, "horizon": int(horizon), "n": len(part)}
            row |= {name: score(p, y) for name, score in SCORES.items()}
            if intervals:
                square = (p - y) ** 2
                row["brier_low"], row["brier_high"] = mean_interval(square, part.cluster.to_numpy(dtype=str))
            out.append(row)
    return pd.DataFrame(out)


def choice(predictions: pd.DataFrame) -> float:
    """Return the score a champion is chosen by: the leader's Brier score, the mean over 7, 3 and 1 days."""
    known = predictions[predictions.leader_outcome.notna() & predictions.horizon.isin(CHOICE)]
    square = (known.leader - known.leader_outcome) ** 2
    return float(square.groupby(known.horizon).mean().mean()) if len(known) else float("nan")
