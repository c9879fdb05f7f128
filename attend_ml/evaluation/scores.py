"""Scores of probabilities, with intervals from resampling whole meetings."""

from __future__ import annotations

import numpy as np
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
    names, rows = np.unique(cluster, return_inverse=True)
    if not len(names):
        return float("nan"), float("nan")
    total, size = np.bincount(rows, weights=values), np.bincount(rows)
    drawn = np.random.default_rng(seed).integers(0, len(names), (n_resamples, len(names)))
    means = total[drawn].sum(axis=1) / size[drawn].sum(axis=1)
    low, high = np.quantile(means, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)
