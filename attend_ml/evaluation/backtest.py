"""Scoring by rolling origin: at each origin a model is fitted on what was known, and forecasts what came next."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
from joblib import Parallel, delayed

from attend_ml.asof import Situations, delegations_at, outcomes
from attend_ml.dataset import Dataset
from attend_ml.errors import RequestError
from attend_ml.evaluation.parts import Parts
from attend_ml.experiment import Experiment, Scoring
from attend_ml.models.forecaster import FORECASTS, AttendanceForecaster, highest, targets
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
        experiment.model.discount,
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


def with_start(data: Dataset, experiment: Experiment) -> Experiment:
    """Return the experiment with an origin that suits the data: where none of its meetings lies after the first.

    Then the first origin is the new year by which half of the meetings are over.
    """
    dates = data.meetings.date[data.meetings.status.notna()].sort_values()
    if dates.empty or dates.iloc[-1] > pd.Timestamp(experiment.scoring.start):
        return experiment
    start = f"{dates.iloc[len(dates) // 2].year}-01-01"
    return replace(experiment, scoring=replace(experiment.scoring, start=start))


def rolling_origin(
    data: Dataset,
    experiment: Experiment,
    n_jobs: int = 2,
    progress: Callable[[int, int], None] | None = None,
    parts: Parts | None = None,
    horizons: Sequence[int] | None = None,
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
    parts : Parts or None, default=None
        Where the forecasts of each origin are kept and taken from.
    horizons : sequence of int or None, default=None
        Days before the meeting to forecast at; those the experiment is fitted on when None.

    Returns
    -------
    pandas.DataFrame
        ``meeting_id, party, horizon, date, cluster, origin``, the forecasts by the names of
        :data:`attend_ml.models.forecaster.FORECASTS`, the labels of the targets as ``{target}_outcome`` (NaN where
        not known, and for levels where the meeting was not held), and ``highest_outcome``, see
        :func:`attend_ml.models.forecaster.highest`.

    Raises
    ------
    RequestError
        If no row lies after the first origin.
    """
    return rolling_origins(data, [experiment], n_jobs, progress, parts, horizons)[0]


def rolling_origins(
    data: Dataset,
    experiments: Sequence[Experiment],
    n_jobs: int = 2,
    progress: Callable[[int, int], None] | None = None,
    parts: Parts | None = None,
    horizons: Sequence[int] | None = None,
) -> list[pd.DataFrame]:
    """Return what :func:`rolling_origin` does for each experiment, all origins side by side."""
    tables: list[list[pd.DataFrame]] = [[] for _ in experiments]
    todo: dict[np.datetime64, list[tuple[int, Situations]]] = {}
    for number, experiment in enumerate(experiments):
        for day, rows in _origins_of(data, experiment, horizons):
            kept = parts.load(experiment, day, rows) if parts else None
            if kept is None:
                todo.setdefault(day, []).append((number, rows))
            else:
                tables[number].append(kept)
    done = sum(map(len, tables))
    total = done + sum(map(len, todo.values()))
    if progress:
        progress(done, total)
    # All experiments of an origin go to one process, as they learn to read from the same statements. Late origins take
    # longest: begun first, no process waits for another at the end.
    parallel = Parallel(n_jobs=n_jobs, return_as="generator_unordered")
    for found in parallel(
        delayed(_one_origin)(data, [(n, experiments[n], rows) for n, rows in todo[day]], day, parts)
        for day in sorted(todo, reverse=True)
    ):
        for number, table in found:
            tables[number].append(table)
        done += len(found)
        if progress:
            progress(done, total)
    order = ["date", "meeting_id", "party", "horizon"]
    return [
        pd.concat(found, ignore_index=True).sort_values(order, kind="stable", ignore_index=True) for found in tables
    ]


def _origins_of(
    data: Dataset, experiment: Experiment, horizons: Sequence[int] | None
) -> list[tuple[np.datetime64, Situations]]:
    scoring = experiment.scoring
    rows = delegations_at(data, scoring.horizons if horizons is None else horizons)
    rows = rows.take(outcomes(rows).held.notna().to_numpy())
    days = origins(data, scoring.start, scoring.months)
    which = np.searchsorted(days, rows.as_of.astype("datetime64[D]"), side="right") - 1
    jobs = [(day, rows.take(which == k)) for k, day in enumerate(days) if (which == k).any()]
    if not jobs:
        raise RequestError(f"nothing to score: no meeting lies after the first origin {scoring.start}")
    return jobs


def _one_origin(
    data: Dataset, jobs: list[tuple[int, Experiment, Situations]], day: np.datetime64, parts: Parts | None
) -> list[tuple[int, pd.DataFrame]]:
    clusters = data.clusters()
    found = []
    for number, experiment, rows in jobs:
        touched = set(clusters[np.unique(rows.meeting_id)])
        model = fit_as_of(data, experiment, day, without=clusters.index[clusters.isin(touched)])
        table = forecast_table(model, data, rows).assign(origin=str(day))
        if parts:
            # Written by the process that made it: what is done is kept even if the others are killed.
            parts.save(experiment, day, rows, table)
        found.append((number, table))
    return found


def forecast_table(model: AttendanceForecaster, data: Dataset, rows: Situations) -> pd.DataFrame:
    """Return forecasts of some situations beside what came of them; see :func:`rolling_origin`."""
    table = rows.frame().drop(columns="as_of")
    table["date"] = rows.meeting("date").astype("datetime64[s]")
    table["cluster"] = table.meeting_id.map(data.clusters())
    labels = targets(outcomes(rows))
    forecast = model.predict(rows)
    return table.assign(
        **{name: forecast[name].to_numpy() for name in FORECASTS},
        **{f"{target}_outcome": label for target, label in labels.items()},
        highest_outcome=highest(labels),
    )
