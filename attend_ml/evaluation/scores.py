"""Scores of probabilities, with intervals from resampling whole meetings."""

from __future__ import annotations

import numpy as np
from sklearn.isotonic import isotonic_regression
from sklearn.metrics import roc_auc_score

_CLIP = 1e-6


def brier(p: np.ndarray, y: np.ndarray) -> float:
    """Return the mean squared error of probabilities (Brier 1950); NaN where there is nothing to score.

    Parameters
    ----------
    p : ndarray of shape (n,)
        Probabilities.
    y : ndarray of shape (n,)
        Outcomes, 0 or 1.

    Returns
    -------
    float
        0 is perfect; always saying one half gives 0.25.

    Examples
    --------
    >>> brier(np.array([0.5, 1.0]), np.array([0, 1]))
    0.125
    """
    return float(np.mean((p - y) ** 2)) if len(y) else float("nan")


def log_loss(p: np.ndarray, y: np.ndarray) -> float:
    """Return the mean negative log-likelihood in nats; probabilities are clipped at one in a million.

    Examples
    --------
    >>> round(log_loss(np.array([0.5, 0.5]), np.array([0, 1])), 4)
    0.6931
    """
    if not len(y):
        return float("nan")
    p = np.clip(p, _CLIP, 1 - _CLIP)
    return float(-np.mean(y * np.log(p) + (1 - y) * np.log(1 - p)))


def auc(p: np.ndarray, y: np.ndarray) -> float:
    """Return the area under the ROC curve; NaN where only one outcome was met.

    Examples
    --------
    >>> auc(np.array([0.1, 0.9]), np.array([0, 1]))
    1.0
    """
    return float(roc_auc_score(y, p)) if len(np.unique(y)) == 2 else float("nan")


def calibration_error(p: np.ndarray, y: np.ndarray, bins: int = 10) -> float:
    """Return the mean distance of forecast and frequency over bins of equal numbers (adaptive bins, Nguyen 2015).

    Parameters
    ----------
    p, y : ndarray of shape (n,)
    bins : int, default=10
        Fewer where there are fewer than ten cases a bin.

    Examples
    --------
    >>> calibration_error(np.array([0.5, 0.5]), np.array([0, 1]))
    0.0
    """
    if not len(y):
        return float("nan")
    parts = reliability(p, y, bins)
    return float(np.sum(parts[:, 2] * np.abs(parts[:, 0] - parts[:, 1])) / len(y))


def reliability(p: np.ndarray, y: np.ndarray, bins: int = 10) -> np.ndarray:
    """Return the points of a reliability curve.

    Returns
    -------
    ndarray of shape (n_bins, 3)
        Mean forecast, share of outcomes and number of cases; bins hold equal numbers.
    """
    if not len(p):
        return np.empty((0, 3))
    order = np.argsort(p, kind="stable")
    bins = int(np.clip(len(p) // 10, 1, bins))
    parts = [part for part in np.array_split(order, bins) if len(part)]
    return np.array([[p[part].mean(), y[part].mean(), len(part)] for part in parts])


def mean_interval(
    values: np.ndarray, cluster: np.ndarray, level: float = 0.90, n_resamples: int = 2000, seed: int = 0
) -> tuple[float, float]:
    """Return a percentile interval of a mean by resampling whole clusters (Efron & Tibshirani 1993).

    Parameters
    ----------
    values : ndarray of shape (n,)
    cluster : ndarray of shape (n,)
        Rows of one cluster (all delegations of linked meetings) are drawn together.
    level : float, default=0.90
    n_resamples : int, default=2000
    seed : int, default=0

    Returns
    -------
    low, high : float
        NaN where there are no rows.

    Examples
    --------
    >>> low, high = mean_interval(np.array([0.0, 1.0] * 50), np.arange(100))
    >>> 0.35 < low < 0.5 < high < 0.65
    True
    """
    means = resampled_sums(np.column_stack([values, np.ones(len(values))]), cluster, n_resamples, seed)
    return _percentiles(means[:, 0] / means[:, 1], level)


def skill(p: np.ndarray, y: np.ndarray, reference: np.ndarray) -> float:
    """Return the Brier skill score, one minus the ratio of Brier scores: 0 is no better than the reference, 1 perfect.

    Parameters
    ----------
    p, y, reference : ndarray of shape (n,)
        Forecasts, outcomes, and the forecasts to compare with.

    Examples
    --------
    >>> skill(np.array([0.75]), np.array([1]), np.array([0.5]))
    0.75
    """
    base = brier(reference, y)
    return 1 - brier(p, y) / base if base > 0 else float("nan")


def skill_interval(
    p: np.ndarray,
    y: np.ndarray,
    reference: np.ndarray,
    cluster: np.ndarray,
    level: float = 0.90,
    n_resamples: int = 2000,
    seed: int = 0,
) -> tuple[float, float]:
    """Return a percentile interval of the skill by resampling whole clusters; see :func:`mean_interval`.

    Examples
    --------
    >>> one, half = np.ones(20), np.full(20, 0.5)
    >>> skill_interval(one * 0.75, one, half, np.arange(20))
    (0.75, 0.75)
    """
    sums = resampled_sums(np.column_stack([(p - y) ** 2, (reference - y) ** 2]), cluster, n_resamples, seed)
    with np.errstate(invalid="ignore", divide="ignore"):
        return _percentiles(1 - sums[:, 0] / sums[:, 1], level)


def resampled_sums(values: np.ndarray, cluster: np.ndarray, n_resamples: int = 2000, seed: int = 0) -> np.ndarray:
    """Return the sums of columns over clusters drawn with replacement, shape (n_resamples, n_columns)."""
    names, rows = np.unique(cluster, return_inverse=True)
    if not len(names):
        return np.full((n_resamples, values.shape[1]), np.nan)
    total = np.zeros((len(names), values.shape[1]))
    np.add.at(total, rows, values)
    drawn = np.random.default_rng(seed).multinomial(len(names), np.full(len(names), 1 / len(names)), n_resamples)
    return drawn @ total


def _percentiles(values: np.ndarray, level: float) -> tuple[float, float]:
    if np.isnan(values).all():
        return float("nan"), float("nan")
    low, high = np.nanquantile(values, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)


def brier_parts(p: np.ndarray, y: np.ndarray) -> tuple[float, float, float]:
    """Split the Brier score into reliability, resolution and uncertainty.

    The recalibrated forecasts are those of isotonic regression (CORP; Dimitriadis, Gneiting & Jordan 2021), so that
    no bins are chosen and ``brier = reliability - resolution + uncertainty`` holds exactly.

    Parameters
    ----------
    p, y : ndarray of shape (n,)

    Returns
    -------
    reliability, resolution, uncertainty : float
        How far forecasts are from the frequencies (0 is best); how far those are from the overall share (more is
        better); the Brier score of always saying that share. NaN where there is nothing to score.

    Examples
    --------
    >>> brier_parts(np.array([0.0, 0.0, 1.0, 1.0]), np.array([0, 0, 1, 1]))
    (0.0, 0.25, 0.25)
    """
    if not len(y):
        return float("nan"), float("nan"), float("nan")
    y = np.asarray(y, dtype=float)
    # Equal forecasts are pooled first: isotonic regression must give them one value.
    _, group = np.unique(p, return_inverse=True)
    size = np.bincount(group)
    again = isotonic_regression(np.bincount(group, weights=y) / size, sample_weight=size, y_min=0, y_max=1)[group]
    uncertainty = brier(np.full(len(y), y.mean()), y)
    return brier(p, y) - brier(again, y), uncertainty - brier(again, y), uncertainty
