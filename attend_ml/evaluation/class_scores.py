"""Scores of the highest level that comes: four classes, in order."""

from __future__ import annotations

import numpy as np
import pandas as pd

from attend_ml.evaluation.scores import calibration_error

_CLIP = 1e-6


def class_probabilities(predictions: pd.DataFrame) -> np.ndarray:
    """Return the chances that the highest level is nobody, working, senior, leader, given that the meeting is held.

    Parameters
    ----------
    predictions : pandas.DataFrame
        With ``leader, anyone, highest_senior, highest_working``; see
        :meth:`attend_ml.models.forecaster.AttendanceForecaster.predict`.

    Returns
    -------
    ndarray of shape (n, 4)
        Rows sum to one; a step that was never seen counts as never.
    """
    steps = predictions[["highest_working", "highest_senior", "leader"]].fillna(0.0).to_numpy(dtype=float)
    nobody = np.clip(1 - steps.sum(axis=1), 0.0, 1.0)
    P = np.column_stack([nobody, steps])
    return P / P.sum(axis=1, keepdims=True)


def ranked_probability_score(P: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Return the ranked probability score of each forecast (Epstein 1969): near misses cost less than far ones.

    Parameters
    ----------
    P : ndarray of shape (n, k)
        Probabilities of ordered classes.
    y : ndarray of int of shape (n,)
        The class that came, from 0.

    Returns
    -------
    ndarray of shape (n,)
        The squared distance of the cumulative forecast and outcome, divided by ``k - 1``: 0 is perfect, 1 the worst.

    Examples
    --------
    >>> P = np.array([[0.0, 0.0, 1.0], [0.0, 0.0, 1.0]])
    >>> ranked_probability_score(P, np.array([1, 0])).tolist()
    [0.5, 1.0]
    """
    came = np.arange(P.shape[1]) >= y[:, None]
    return np.asarray(((P.cumsum(axis=1) - came) ** 2).sum(axis=1) / (P.shape[1] - 1))


def class_log_loss(P: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Return the negative log-likelihood of each forecast in nats; probabilities are clipped at one in a million.

    Examples
    --------
    >>> class_log_loss(np.array([[1.0, 0.0]]), np.array([0])).tolist()
    [-0.0]
    """
    return np.asarray(-np.log(np.clip(P[np.arange(len(y)), y], _CLIP, 1.0)))


def class_calibration_error(P: np.ndarray, y: np.ndarray, bins: int = 10) -> float:
    """Return the class-wise calibration error (Kull et al. 2019): the mean over classes of that of each class.

    Bins hold equal numbers, see :func:`attend_ml.evaluation.scores.calibration_error`. Classes that are never
    forecast and never come do not count.

    Examples
    --------
    >>> class_calibration_error(np.array([[0.5, 0.5]] * 20), np.array([0, 1] * 10))
    0.0
    """
    live = [k for k in range(P.shape[1]) if P[:, k].any() or (y == k).any()]
    return float(np.mean([calibration_error(P[:, k], y == k, bins) for k in live])) if live else float("nan")
