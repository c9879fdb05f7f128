"""Which model answers: one fitted on nothing later than the moment of the forecast."""

from __future__ import annotations

import contextlib
import datetime as dt
from dataclasses import dataclass

import pandas as pd

from attend_ml.dataset import Dataset
from attend_ml.errors import RequestError
from attend_ml.experiment import Experiment, load_experiment
from attend_ml.fingerprints import cache_folder, key
from attend_ml.models.forecaster import AttendanceForecaster


@dataclass(frozen=True)
class Fitted:
    """A fitted model and where it comes from.

    Parameters
    ----------
    forecaster : AttendanceForecaster
    name : str
        What the reader is told: the experiment, or the registered model and its version.
    until : pandas.Timestamp
        Nothing that became known later was fitted on.
    """

    forecaster: AttendanceForecaster
    name: str
    until: pd.Timestamp


def last_day_before(as_of: pd.Timestamp) -> str:
    """Return the last day of the month before: models of a replay are fitted once a month.

    Examples
    --------
    >>> last_day_before(pd.Timestamp("2025-05-14 23:59:59"))
    '2025-04-30'
    """
    first = as_of.to_pydatetime().date().replace(day=1)
    return (first - dt.timedelta(days=1)).isoformat()


def fitted_as_of(data: Dataset, as_of: pd.Timestamp, experiment: str | Experiment = "champion") -> Fitted:
    """Return the experiment's model as it could have been fitted before ``as_of``, from the cache or fitted now.

    Parameters
    ----------
    data : Dataset
    as_of : pandas.Timestamp
    experiment : str or Experiment, default="champion"

    Returns
    -------
    Fitted
        Fitted on what was known at the end of the month before. The same data, codebooks, experiment and code
        give the same file in the user's cache folder.

    Raises
    ------
    RequestError
        If no outcome was known by then.
    """
    spec = load_experiment(experiment) if isinstance(experiment, str) else experiment
    day = last_day_before(as_of)
    # Once every outcome of the data is known, a later month adds nothing.
    day = min(day, str((data.last_outcome() + pd.Timedelta(days=1)).date()))
    return data.cached(f"fitted:{spec.fingerprint()}:{day}", lambda: _load_or_fit(data, spec, day))


def _load_or_fit(data: Dataset, spec: Experiment, day: str) -> Fitted:
    from attend_ml.evaluation.backtest import fit_as_of
    from attend_ml.models.persistence import load_model, save_model

    known = data.as_of(day)
    stamp = key(known.fingerprint(), sorted(known.links), spec.fingerprint(), day)[:16]
    path = cache_folder() / "models" / f"{spec.name}-{day}-{stamp}.skops"
    name = f"{spec.name}, fitted on what was known on {day}"
    until = pd.Timestamp(day) + pd.Timedelta(hours=23, minutes=59, seconds=59)
    if path.exists():
        # A damaged file in the cache is no reason to refuse a forecast: it is fitted and written anew.
        with contextlib.suppress(RequestError):
            return Fitted(load_model(path), name, until)
    model = fit_as_of(data, spec, day)
    path.parent.mkdir(parents=True, exist_ok=True)
    save_model(model, path)
    return Fitted(model, name, until)
