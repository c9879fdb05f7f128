"""Sets of levels that hold what comes nine times in ten, whichever level it is."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from sklearn.base import BaseEstimator

from attend_ml.errors import RequestError

_ROUNDING = 1e-9
# Three years, in days. Who comes changes with the years; chosen by rolling origin, see docs/decisions.
HALF_LIFE = 1096.0


class ConformalSets(BaseEstimator):
    """For each forecast the classes that cannot be ruled out, with the same coverage for every class.

    A class stays in the set as long as its probability, against that of its strongest rival, is not among the lowest
    tenth that this class had when it came. Each class has a threshold of its own (label-conditional conformal
    prediction; Vovk 2012, Sadinle, Lei & Wasserman 2019), so that rare classes are covered as often as frequent ones.
    A set that would be empty holds the likeliest class.

    Do not use it where one class has not come ten times in calibration: it is then in every set.

    Parameters
    ----------
    coverage : float, default=0.9
        Share of the cases of each class whose set shall hold it.

    Attributes
    ----------
    thresholds_ : ndarray of shape (n_groups, n_classes)
        The largest share of the strongest rival in the probability of both; infinite where too few cases are known to
        rule anything out.
    groups_ : ndarray of shape (n_groups,)

    See Also
    --------
    attend_ml.evaluation.set_scores.rolling_sets : Fits and applies them origin by origin.

    Notes
    -----
    Calibrate on forecasts of cases the model had not seen; on the cases it was fitted on every set is too small. The
    guarantee is one of exchangeable cases. Delegations to one meeting are alike and years differ: the coverage is
    to be measured.

    Examples
    --------
    >>> P = np.array([[0.9, 0.1], [0.6, 0.4], [0.2, 0.8]] * 20)
    >>> y = np.array([0, 0, 1] * 20)
    >>> ConformalSets().fit(P, y).sets(np.array([[0.95, 0.05], [0.3, 0.7]])).tolist()
    [[True, False], [False, True]]
    """

    def __init__(self, coverage: float = 0.9):
        self.coverage = coverage

    def fit(
        self, P: np.ndarray, y: np.ndarray, groups: np.ndarray | None = None, weight: np.ndarray | None = None
    ) -> Self:
        """Find the thresholds.

        Parameters
        ----------
        P : ndarray of shape (n, n_classes)
            Forecasts of cases the model was not fitted on. Rows with NaN are left out.
        y : ndarray of int of shape (n,)
            The class that came, from 0.
        groups : ndarray of shape (n,) or None, default=None
            Kinds of cases to be covered each by itself (Mondrian categories); one kind when None.
        weight : ndarray of shape (n,) or None, default=None
            How much each case counts against the new one, which counts 1, as for drift (Barber, Candès, Ramdas &
            Tibshirani 2023); see :func:`recency`. All 1 when None.

        Returns
        -------
        self

        Raises
        ------
        RequestError
            If ``coverage`` is no share, or an outcome is none of the classes.
        """
        if not 0 < self.coverage < 1:
            raise RequestError(f"coverage: found {self.coverage}; write a share between 0 and 1, like 0.9")
        P, y = np.asarray(P, dtype=float), np.asarray(y)
        wrong = y[~np.isin(y, np.arange(P.shape[1]))]
        if len(wrong):
            raise RequestError(f"outcome: found {wrong[0]}; write the place of a class, 0 to {P.shape[1] - 1}")
        weight = np.ones(len(y)) if weight is None else np.asarray(weight, dtype=float)
        self.grouped_ = groups is not None
        groups = np.zeros(len(y), dtype=int) if groups is None else np.asarray(groups)
        self.groups_ = np.unique(groups) if self.grouped_ else np.zeros(1, dtype=int)
        short, known = self.nonconformity(P), ~np.isnan(P).any(axis=1)
        self.thresholds_ = np.full((len(self.groups_), P.shape[1]), np.inf)
        for i, group in enumerate(self.groups_):
            for k in range(P.shape[1]):
                rows = known & (y == k) & (groups == group)
                self.thresholds_[i, k] = _threshold(short[rows, k], weight[rows], self.coverage)
        return self

    def sets(self, P: np.ndarray, groups: np.ndarray | None = None) -> np.ndarray:
        """Return which classes are in the set of each forecast.

        Parameters
        ----------
        P : ndarray of shape (n, n_classes)
        groups : ndarray of shape (n,) or None, default=None
            As at fitting.

        Returns
        -------
        ndarray of bool of shape (n, n_classes)
            Never empty. A row that is all True says that there is not enough to go on: so where a probability is NaN,
            and for a group without calibration cases.

        Raises
        ------
        RequestError
            If groups were given at fitting and are not now, or the other way round.
        """
        P = np.asarray(P, dtype=float)
        if (groups is not None) != self.grouped_:
            given = "given" if self.grouped_ else "not given"
            raise RequestError(f"groups: they were {given} at fitting; do the same here")
        groups = np.zeros(len(P), dtype=int) if groups is None else np.asarray(groups)
        place = np.minimum(np.searchsorted(self.groups_, groups), len(self.groups_) - 1)
        met = self.groups_[place] == groups if len(self.groups_) else np.zeros(len(P), dtype=bool)
        out = np.ones(P.shape, dtype=bool)
        out[met] = self.nonconformity(P[met]) <= self.thresholds_[place[met]]
        out[np.isnan(P).any(axis=1)] = True
        empty = ~out.any(axis=1)
        out[empty, P[empty].argmax(axis=1)] = True
        return out

    @staticmethod
    def nonconformity(P: np.ndarray) -> np.ndarray:
        """Return the share of each class's strongest rival in the probability of the two.

        Examples
        --------
        >>> ConformalSets.nonconformity(np.array([[0.25, 0.5, 0.25]])).round(3).tolist()
        [[0.667, 0.333, 0.667]]
        """
        first, second = np.sort(P, axis=1)[:, :-3:-1].T
        rival = np.where(P.argmax(axis=1)[:, None] == np.arange(P.shape[1]), second[:, None], first[:, None])
        return np.asarray(rival / (P + rival))


def recency(date: Any, when: Any, half_life: float | None = HALF_LIFE) -> np.ndarray:
    """Return weights that halve with every ``half_life`` days between ``date`` and ``when``; all 1 where it is None.

    Examples
    --------
    >>> recency(["2023-01-01", "2024-01-01"], "2024-01-01", 365.0).tolist()
    [0.5, 1.0]
    """
    days = (np.asarray(when, dtype="datetime64[D]") - np.asarray(date, dtype="datetime64[D]")).astype(float)
    return np.ones(days.shape) if half_life is None else np.asarray(0.5 ** (days / half_life))


def _threshold(values: np.ndarray, weight: np.ndarray, coverage: float) -> float:
    """Return the least value below which, the new case counted as lying above all, the weights reach the coverage."""
    order = np.argsort(values, kind="stable")
    reached = weight[order].cumsum()
    enough = reached >= coverage * (weight.sum() + 1) - _ROUNDING
    return float(values[order][enough.argmax()]) if enough.any() else float("inf")
