"""The record behind a forecast: comparable past forecasts, an interval from them, and similar past meetings."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.special import logit
from scipy.stats import beta

from attend_ml.asof import Situations
from attend_ml.dataset import Dataset
from attend_ml.evaluation.class_scores import class_probabilities
from attend_ml.models.forecaster import HIGHEST, AttendanceForecaster
from attend_ml.models.sets import ConformalSets, recency

_NEAR = 0.75  # log-odds: 0.50 is compared with 0.32 to 0.68
_CLIP = 1e-4


def comparable(model: AttendanceForecaster, target: str, p: float, horizon: int) -> tuple[int, int]:
    """Count past forecasts like this one, and how often they came true.

    Parameters
    ----------
    model : AttendanceForecaster
    target : str
        Level, or "held".
    p : float
        The forecast, given that the meeting is held.
    horizon : int
        Days before the meeting; past forecasts are taken at the nearest horizon the model knows.

    Returns
    -------
    cases, came : int
        Past delegations whose forecast, made by a model fitted on earlier meetings, lay within 0.75 log-odds.
    """
    past = model.past_
    if f"{target}_outcome" not in past or target not in past:
        return 0, 0
    horizons = np.unique(past["horizon"])
    at = past["horizon"] == horizons[np.abs(horizons - horizon).argmin()]
    forecast, outcome = past[target][at], past[f"{target}_outcome"][at]
    known = ~np.isnan(forecast) & ~np.isnan(outcome)
    near = np.abs(_log_odds(forecast[known]) - _log_odds(np.array([p]))) <= _NEAR
    return int(near.sum()), int(outcome[known][near].sum())


def interval(p: float, cases: int, level: float = 0.90) -> tuple[float, float]:
    """Return the interval of a share of ``p`` known from so many cases.

    Parameters
    ----------
    p : float
    cases : int
    level : float, default=0.90

    Returns
    -------
    low, high : float
        Central interval of the Beta distribution with ``p * cases + 1/2`` and ``(1 - p) * cases + 1/2`` (Jeffreys'
        prior), widened to hold ``p`` itself.

    Examples
    --------
    >>> [round(bound, 2) for bound in interval(0.1, 50)]
    [0.05, 0.19]
    """
    tail = (1 - level) / 2
    low, high = beta.ppf([tail, 1 - tail], p * cases + 0.5, (1 - p) * cases + 0.5)
    return min(float(low), p), max(float(high), p)


def highest_sets(model: AttendanceForecaster, table: pd.DataFrame, coverage: float = 0.9) -> pd.DataFrame:
    """Return the chance of each highest level, and the set of them that the record asks for.

    Parameters
    ----------
    model : AttendanceForecaster
    table : pandas.DataFrame
        Forecasts, as the model's ``predict`` returns them.
    coverage : float, default=0.9
        Share of the cases of each level whose set holds it.

    Returns
    -------
    pandas.DataFrame
        A row for each forecast and level, from nobody to the leader: ``row``, its place in ``table``; ``level``;
        ``if_held``, the chance that this is the highest level that comes; ``in_set``; ``cases``, how many past
        forecasts the set rests on. All levels are in the set where there is not enough to go on.

    See Also
    --------
    attend_ml.models.sets.ConformalSets : How sets are made.
    """
    past = pd.DataFrame(model.past_)
    past = past[past.leader.notna() & past.highest_outcome.notna()]
    came, weight = past.highest_outcome.to_numpy(dtype=int), recency(past.date, model.last_date_)
    sets = ConformalSets(coverage).fit(class_probabilities(past), came, weight=weight)
    P = class_probabilities(table)
    P[table.leader.isna().to_numpy()] = np.nan
    n, k = P.shape
    columns = {"row": np.repeat(np.arange(n), k), "level": np.tile(HIGHEST, n)}
    return pd.DataFrame({**columns, "if_held": P.ravel(), "in_set": sets.sets(P).ravel(), "cases": len(past)})


def similar(model: AttendanceForecaster, data: Dataset, situation: Situations, n: int = 5) -> pd.DataFrame:
    """Find the past delegations most like this one.

    Near are those forecast alike at the same horizon, at a meeting called for the same level and of the same format,
    hosting or not as here; of equals, those of the same party.

    Parameters
    ----------
    model : AttendanceForecaster
    data : Dataset
    situation : Situations of length 1
    n : int, default=5

    Returns
    -------
    pandas.DataFrame
        ``meeting_id, name, date, party, forecast, leader, senior, working, distance``: the leader's forecast then,
        and who came; at most ``n`` rows, the nearest first, one delegation a meeting.
    """
    past = pd.DataFrame(model.past_)
    horizons = past.horizon.unique()
    past = past[past.horizon == horizons[np.abs(horizons - situation.horizon[0]).argmin()]]
    past = past[past.leader.notna() & past.leader_outcome.notna()].reset_index(drop=True)
    forecast = float(model.predict(situation).leader.iloc[0])
    meetings = data.meetings.set_index("meeting_id").reindex(past.meeting_id).reset_index()
    here = data.meeting(situation.meeting_id[0])
    distance = np.abs(_log_odds(past.leader.to_numpy()) - _log_odds(np.array([forecast])))
    distance += 1.0 * (meetings.convened_level != here.convened_level).to_numpy()
    distance += 0.5 * (meetings.format != here.format).to_numpy()
    hosts = (meetings.country == past.party).to_numpy()
    distance += 0.5 * (hosts != (here.country == situation.party[0]))
    distance += 0.25 * (past.party != situation.party[0]).to_numpy()
    table = pd.DataFrame(
        {
            "meeting_id": past.meeting_id,
            "name": meetings.name,
            "date": meetings.date,
            "party": past.party,
            "forecast": past.leader,
            "leader": past.leader_outcome,
            "senior": past.senior_outcome,
            "working": past.working_outcome,
            "distance": distance,
        }
    )
    table = table[table.name.notna() & (table.meeting_id != situation.meeting_id[0])]
    table = table.sort_values(["distance", "date"], ascending=[True, False], kind="stable")
    return table.drop_duplicates("meeting_id").head(n).reset_index(drop=True)


def _log_odds(p: np.ndarray) -> np.ndarray:
    return logit(np.clip(p.astype(float), _CLIP, 1 - _CLIP))
