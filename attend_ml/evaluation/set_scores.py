"""Sets of levels, calibrated origin by origin on earlier forecasts, and how often they hold what came."""

from __future__ import annotations

import numpy as np
import pandas as pd
from sklearn.base import clone

from attend_ml.evaluation.class_scores import class_probabilities
from attend_ml.evaluation.scores import mean_interval
from attend_ml.evaluation.scoring import KEY, horizons_of
from attend_ml.models.forecaster import HIGHEST
from attend_ml.models.sets import HALF_LIFE, ConformalSets, recency

IN = tuple(f"in_{name}" for name in HIGHEST)
# Delegations to some fifty meetings at five horizons; with fewer most sets are full, whatever the model.
LEAST = 250


def rolling_sets(
    predictions: pd.DataFrame,
    model: ConformalSets | None = None,
    half_life: float | None = HALF_LIFE,
    by_horizon: bool = False,
) -> pd.DataFrame:
    """Give each forecast the set of highest levels that could not be ruled out when it was made.

    The thresholds of an origin come from forecasts of earlier origins for meetings that were over on its day, without
    those linked with a meeting it forecasts.

    Parameters
    ----------
    predictions : pandas.DataFrame
        As :func:`attend_ml.evaluation.backtest.rolling_origin` returns it.
    model : ConformalSets or None, default=None
        Unfitted; sets of 90 % coverage when None.
    half_life : float or None, default=1096
        Days after which an earlier forecast counts half; None lets all count the same.
    by_horizon : bool, default=False
        Thresholds for every horizon apart. Rare levels then have a fifth of the cases.

    Returns
    -------
    pandas.DataFrame
        ``meeting_id, party, horizon, date, cluster, origin, highest_outcome`` in the order given; ``in_nobody,
        in_working, in_senior, in_leader``; ``calibrated_on``, how many earlier forecasts the thresholds come from. A
        set that holds all four says that there is not enough to go on.

    See Also
    --------
    attend_ml.models.sets.ConformalSets : Finds the thresholds.
    """
    P = class_probabilities(predictions)
    P[predictions.leader.isna().to_numpy()] = np.nan
    outcome = predictions.highest_outcome.to_numpy(dtype=float)
    date = predictions.date.to_numpy().astype("datetime64[D]")
    origin = predictions.origin.to_numpy(dtype=str)
    horizon = predictions.horizon.to_numpy()
    usable = ~np.isnan(outcome) & ~np.isnan(P).any(axis=1)
    inside = np.ones(P.shape, dtype=bool)
    behind = np.zeros(len(P), dtype=int)
    for day in np.unique(origin):
        asked = origin == day
        linked = predictions.cluster.isin(predictions.cluster[asked]).to_numpy()
        earlier = usable & (origin < day) & (date < np.datetime64(day)) & ~linked
        weight = recency(date[earlier], day, half_life)
        kinds = (horizon[earlier], horizon[asked]) if by_horizon else (None, None)
        fitted = clone(model or ConformalSets()).fit(P[earlier], outcome[earlier].astype(int), kinds[0], weight)
        inside[asked] = fitted.sets(P[asked], kinds[1])
        behind[asked] = earlier.sum()
    kept = predictions[[*KEY, "date", "cluster", "origin", "highest_outcome"]]
    return kept.assign(**dict(zip(IN, inside.T, strict=True)), calibrated_on=behind)


def set_table(sets: pd.DataFrame, by_horizon: bool = True, least: int = LEAST) -> pd.DataFrame:
    """Score sets by what came.

    Parameters
    ----------
    sets : pandas.DataFrame
        As :func:`rolling_sets` returns it.
    by_horizon : bool, default=True
        A row for each horizon; all horizons together otherwise, without the column.
    least : int, default=250
        Sets with fewer earlier forecasts behind them are left out: they are full, which would pass for coverage.

    Returns
    -------
    pandas.DataFrame
        ``horizon, highest, n, coverage, coverage_low, coverage_high, size, full``: for ``any`` outcome and for each
        highest level that came, the share of sets that hold it, with the 90 % interval from resampling clusters of
        meetings; the mean number of levels in a set; the share of sets that rule nothing out. NaN where ``n`` is 0.

    Examples
    --------
    >>> one = {"horizon": 1, "cluster": "a", "highest_outcome": 3.0, "calibrated_on": 900}
    >>> levels = {"in_nobody": False, "in_working": False, "in_senior": True, "in_leader": True}
    >>> table = set_table(pd.DataFrame([one | levels]))
    >>> table.loc[table.n > 0, ["highest", "n", "coverage", "size"]].to_numpy().tolist()
    [['any', 1, 1.0, 2.0], ['leader', 1, 1.0, 2.0]]
    """
    known = sets[sets.highest_outcome.notna() & (sets.calibrated_on >= least)]
    out = []
    for horizon in horizons_of(known) if by_horizon else [None]:
        part = known if horizon is None else known[known.horizon == horizon]
        inside, came = part[list(IN)].to_numpy(dtype=bool), part.highest_outcome.to_numpy(dtype=int)
        held, cluster = inside[np.arange(len(came)), came].astype(float), part.cluster.to_numpy(dtype=str)
        for k, name in enumerate(("any", *HIGHEST), start=-1):
            rows = came == k if k >= 0 else np.ones(len(came), dtype=bool)
            row: dict[str, object] = {} if horizon is None else {"horizon": horizon}
            row |= {"highest": name, "n": int(rows.sum()), "coverage": _mean(held[rows])}
            row["coverage_low"], row["coverage_high"] = mean_interval(held[rows], cluster[rows])
            row |= {"size": _mean(inside[rows].sum(axis=1)), "full": _mean(inside[rows].all(axis=1))}
            out.append(row)
    names = ["horizon"] * by_horizon + ["highest", "n", "coverage", "coverage_low", "coverage_high", "size", "full"]
    return pd.DataFrame(out, columns=names)


def _mean(values: np.ndarray) -> float:
    return float(values.mean()) if len(values) else float("nan")
