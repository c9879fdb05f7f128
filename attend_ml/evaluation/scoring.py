"""Tables of scores of forecasts: by level and horizon, against the rules, and of one experiment against another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from attend_ml.evaluation.class_scores import (
    class_calibration_error,
    class_log_loss,
    class_probabilities,
    ranked_probability_score,
)
from attend_ml.evaluation.scores import (
    auc,
    brier,
    brier_parts,
    calibration_error,
    log_loss,
    mean_interval,
    skill,
    skill_interval,
)

# The champion is chosen by the leader's Brier score, averaged over these days before the meeting.
CHOICE = (7, 3, 1)
SCORES = {"brier": brier, "log_loss": log_loss, "auc": auc, "calibration_error": calibration_error}
KEY = ["meeting_id", "party", "horizon"]


def scored(predictions: pd.DataFrame, level: str, horizon: int | None = None) -> pd.DataFrame:
    """Return the rows whose outcome and forecast of a level are known."""
    known = predictions[f"{level}_outcome"].notna() & predictions[level].notna()
    return predictions[known if horizon is None else known & (predictions.horizon == horizon)]


def horizons_of(predictions: pd.DataFrame) -> list[int]:
    """Return the days before the meeting, falling."""
    return sorted((int(horizon) for horizon in predictions.horizon.unique()), reverse=True)


def score_table(predictions: pd.DataFrame, levels: Sequence[str] = ("leader",), intervals: bool = True) -> pd.DataFrame:
    """Score forecasts by level and horizon.

    Parameters
    ----------
    predictions : pandas.DataFrame
        As :func:`attend_ml.evaluation.backtest.rolling_origin` returns it.
    levels : sequence of str, default=("leader",)
    intervals : bool, default=True
        Add 90 % intervals of the Brier score by resampling clusters of meetings.

    Returns
    -------
    pandas.DataFrame
        ``level, horizon, n, brier, log_loss, auc, calibration_error, reliability, resolution, uncertainty, brier_low,
        brier_high``, horizons falling; see :func:`attend_ml.evaluation.scores.brier_parts`.
    """
    out = []
    for level in levels:
        for horizon in horizons_of(predictions):
            part = scored(predictions, level, horizon)
            if part.empty:
                continue
            p, y = part[level].to_numpy(dtype=float), part[f"{level}_outcome"].to_numpy(dtype=float)
            row = {"level": level, "horizon": horizon, "n": len(part)}
            row |= {name: score(p, y) for name, score in SCORES.items()}
            row |= dict(zip(("reliability", "resolution", "uncertainty"), brier_parts(p, y), strict=True))
            if intervals:
                row["brier_low"], row["brier_high"] = mean_interval((p - y) ** 2, part.cluster.to_numpy(dtype=str))
            out.append(row)
    return pd.DataFrame(out)


def skill_table(predictions: pd.DataFrame, reference: pd.DataFrame, level: str = "leader") -> pd.DataFrame:
    """Compare forecasts with those of a rule, on the rows both have forecast.

    Returns
    -------
    pandas.DataFrame
        ``level, horizon, n, skill, skill_low, skill_high``: one minus the ratio of the Brier scores, with its 90 %
        interval.
    """
    out = []
    both = _both(predictions, reference, level)
    for horizon in horizons_of(both):
        part = both[both.horizon == horizon]
        p, y, r = (part[name].to_numpy(dtype=float) for name in (level, f"{level}_outcome", f"{level}_other"))
        low, high = skill_interval(p, y, r, part.cluster.to_numpy(dtype=str))
        row = {"level": level, "horizon": horizon, "n": len(part), "skill": skill(p, y, r)}
        out.append({**row, "skill_low": low, "skill_high": high})
    return pd.DataFrame(out, columns=["level", "horizon", "n", "skill", "skill_low", "skill_high"])


def pair_table(tables: Mapping[str, pd.DataFrame], base: str, level: str = "leader") -> pd.DataFrame:
    """Return how much lower or higher each experiment's Brier score is than that of one, on the same rows.

    Parameters
    ----------
    tables : mapping of str to pandas.DataFrame
        Forecasts by name of the experiment.
    base : str
        The one to compare with.
    level : str, default="leader"

    Returns
    -------
    pandas.DataFrame
        ``experiment, against, level, horizon, n, difference, low, high``: below zero is better than ``against``; the
        90 % interval comes from resampling clusters of meetings.
    """
    out = []
    for name, predictions in tables.items():
        if name == base:
            continue
        both = _both(predictions, tables[base], level)
        for horizon in horizons_of(both):
            part = both[both.horizon == horizon]
            y = part[f"{level}_outcome"]
            change = ((part[level] - y) ** 2 - (part[f"{level}_other"] - y) ** 2).to_numpy(dtype=float)
            low, high = mean_interval(change, part.cluster.to_numpy(dtype=str))
            row = {"experiment": name, "against": base, "level": level, "horizon": horizon, "n": len(part)}
            out.append({**row, "difference": float(change.mean()), "low": low, "high": high})
    names = ["experiment", "against", "level", "horizon", "n", "difference", "low", "high"]
    return pd.DataFrame(out, columns=names)


def pair_choice(predictions: pd.DataFrame, base: pd.DataFrame) -> tuple[float, float, float]:
    """Return how much lower or higher the score a champion is chosen by is than that of other forecasts.

    Returns
    -------
    difference, low, high : float
        Below zero is better than ``base``; with the 90 % interval from resampling clusters of meetings.
    """
    both = _both(predictions, base, "leader")
    both = both[both.horizon.isin(CHOICE)]
    change = (both.leader - both.leader_outcome) ** 2 - (both.leader_other - both.leader_outcome) ** 2
    low, high = mean_interval(change.to_numpy(dtype=float), both.cluster.to_numpy(dtype=str))
    return float(change.mean()), low, high


def highest_table(predictions: pd.DataFrame) -> pd.DataFrame:
    """Score the forecasts of the highest level that comes, given that the meeting is held.

    Returns
    -------
    pandas.DataFrame
        ``horizon, n, ranked_probability_score, rps_low, rps_high, log_loss, calibration_error`` (class-wise).
    """
    out = []
    known = predictions[predictions.highest_outcome.notna() & predictions.leader.notna()]
    for horizon in horizons_of(known):
        part = known[known.horizon == horizon]
        P, y = class_probabilities(part), part.highest_outcome.to_numpy(dtype=int)
        rps = ranked_probability_score(P, y)
        low, high = mean_interval(rps, part.cluster.to_numpy(dtype=str))
        row = {"horizon": horizon, "n": len(part), "ranked_probability_score": float(rps.mean())}
        row |= {"rps_low": low, "rps_high": high, "log_loss": float(class_log_loss(P, y).mean())}
        out.append({**row, "calibration_error": class_calibration_error(P, y)})
    return pd.DataFrame(out)


def choice(predictions: pd.DataFrame) -> float:
    """Return the score a champion is chosen by: the leader's Brier score, the mean over 7, 3 and 1 days."""
    known = predictions[predictions.leader_outcome.notna() & predictions.horizon.isin(CHOICE)]
    square = (known.leader - known.leader_outcome) ** 2
    return float(square.groupby(known.horizon).mean().mean()) if len(known) else float("nan")


def _both(predictions: pd.DataFrame, other: pd.DataFrame, level: str) -> pd.DataFrame:
    mine = scored(predictions, level)[[*KEY, "cluster", level, f"{level}_outcome"]]
    theirs = scored(other, level)[[*KEY, level]].rename(columns={level: f"{level}_other"})
    return mine.merge(theirs, on=KEY)


def long_table(predictions: pd.DataFrame, experiment: str, levels: Sequence[str]) -> pd.DataFrame:
    """Return forecasts as they are written to a file, a row for each level.

    Returns
    -------
    pandas.DataFrame
        ``meeting_id, party, level, horizon, probability, probability_if_held, outcome, experiment``. ``outcome`` is 0
        where the meeting was not held, and empty where it is not known who came.
    """
    parts = []
    for level in levels:
        outcome = predictions[f"{level}_outcome"].where(predictions.held_outcome != 0, 0.0)
        part = predictions[["meeting_id", "party"]].assign(level=level, horizon=predictions.horizon)
        part["probability"] = predictions.held.fillna(1.0) * predictions[level]
        part["probability_if_held"] = predictions[level]
        part["outcome"] = outcome.astype("Int64")
        part["experiment"] = experiment
        parts.append(part)
    order = {level: k for k, level in enumerate(levels)}
    table = pd.concat(parts, ignore_index=True)
    table = table.assign(order=table.level.map(order), row=np.tile(np.arange(len(predictions)), len(levels)))
    return table.sort_values(["row", "order"], kind="stable", ignore_index=True).drop(columns=["row", "order"])
