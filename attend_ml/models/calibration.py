"""Calibrating and blending on meetings later than those a model was fitted on."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from scipy.optimize import minimize
from scipy.special import expit, logit
from sklearn.base import BaseEstimator, ClassifierMixin, clone

from attend_ml.models.rules import Climatology
from attend_ml.threads import one_thread

_CLIP = 1e-4


class ForwardCalibrated(ClassifierMixin, BaseEstimator):
    """One or more classifiers, calibrated and blended on forecasts of later meetings.

    The fitting set is cut into blocks by date. Each block is forecast by members fitted on everything before it; on
    these forecasts the log-odds of the outcome are regressed on the members' log-odds. The members are then fitted
    again on everything. With one member this is Platt's scaling (Platt 1999) on later data, with several it is
    stacking (Wolpert 1992); a Gaussian prior pulls the weights to an equal share and the intercept to zero, as the
    forecasts behind them are few and come in meetings.

    Parameters
    ----------
    members : list of (str, classifier)
        Binary classifiers with ``predict_proba``.
    n_blocks : int, default=2
        Blocks to forecast; the first ``warm_up`` share of the dates is only fitted on.
    warm_up : float, default=0.5
        Share of the rows before the first block.
    prior : float, default=3000.0
        Strength of the pull, in rows. A delegation gives a row for every horizon, and the parties of a meeting are
        alike: three thousand rows are some two hundred meetings.
    half_life : float or None, default=None
        Years before the latest meeting after which a row counts half, in all that is fitted; None means all alike.

    Attributes
    ----------
    weights_ : ndarray of shape (n_members,)
    intercept_ : float
    forward_ : ndarray of shape (n_rows,)
        Calibrated probabilities of the rows forecast forward; NaN for the warm-up.

    Examples
    --------
    >>> from sklearn.linear_model import LogisticRegression
    >>> rng = np.random.default_rng(0)
    >>> X = rng.normal(size=(400, 1)); y = rng.random(400) < expit(X[:, 0])
    >>> model = ForwardCalibrated([("linear", LogisticRegression())], prior=10.0).fit(X, y, date=np.arange(400))
    >>> bool(abs(model.weights_[0] - 1) < 0.3)
    True
    """

    def __init__(
        self,
        members: list[tuple[str, Any]],
        n_blocks: int = 2,
        warm_up: float = 0.5,
        prior: float = 3000.0,
        half_life: float | None = None,
    ):
        self.members = members
        self.n_blocks = n_blocks
        self.warm_up = warm_up
        self.prior = prior
        self.half_life = half_life

    def fit(self, X: Any, y: Any, date: np.ndarray, sample_weight: np.ndarray | None = None) -> Self:
        """Fit the members, the calibration and the blend.

        Parameters
        ----------
        X : array-like of shape (n_rows, n_columns)
        y : array-like of shape (n_rows,)
            0 or 1.
        date : ndarray of shape (n_rows,)
            Date of the meeting; all rows of one date fall into one block.
        sample_weight : ndarray of shape (n_rows,) or None, default=None

        Returns
        -------
        self
        """
        X, y = np.asarray(X, dtype=float), np.asarray(y, dtype=float)
        weight = None if sample_weight is None else np.asarray(sample_weight, dtype=float)
        if self.half_life is not None:
            days = (np.max(date) - date) / np.timedelta64(1, "D")
            weight = 0.5 ** (days / 365.25 / self.half_life) * (1.0 if weight is None else weight)
        self.classes_ = np.array([0, 1])
        scores = np.full((len(y), len(self.members)), np.nan)
        for before, block in self._blocks(date):
            if len(np.unique(y[before])) < 2:
                continue
            fitted = self._fit_members(X[before], y[before], None if weight is None else weight[before])
            scores[block] = _log_odds(fitted, X[block])
        done = ~np.isnan(scores).any(axis=1)
        equal = np.full(len(self.members), 1 / len(self.members))
        self.weights_, self.intercept_ = equal, 0.0
        if done.any():
            self.weights_, self.intercept_ = self._regress(
                scores[done], y[done], np.ones(done.sum()) if weight is None else weight[done], equal
            )
        self.forward_ = np.full(len(y), np.nan)
        self.forward_[done] = expit(self.intercept_ + scores[done] @ self.weights_)
        self.members_ = self._fit_members(X, y, weight)
        return self

    def predict_proba(self, X: Any) -> np.ndarray:
        """Return the shares of 0 and 1, shape (n_rows, 2)."""
        with one_thread():
            scores = _log_odds(self.members_, np.asarray(X, dtype=float))
        p = expit(self.intercept_ + scores @ self.weights_)
        return np.column_stack([1 - p, p])

    def predict(self, X: Any) -> np.ndarray:
        """Return 1 where the probability is at least one half."""
        return (self.predict_proba(X)[:, 1] >= 0.5).astype(int)

    def _blocks(self, date: np.ndarray) -> list[tuple[np.ndarray, np.ndarray]]:
        order = np.sort(np.asarray(date))
        shares = np.linspace(self.warm_up, 1, self.n_blocks + 1)[:-1]
        edges = np.unique(order[(shares * len(order)).astype(int)])
        blocks = []
        for k, edge in enumerate(edges):
            block = date >= edge
            if k + 1 < len(edges):
                block &= date < edges[k + 1]
            before = date < edge
            if before.any() and block.any():
                blocks.append((before, block))
        return blocks

    def _fit_members(self, X: Any, y: np.ndarray, weight: np.ndarray | None) -> list[Any]:
        if len(np.unique(y)) < 2:
            return [Climatology().fit(X, y, weight) for _ in self.members]
        return [fit_weighted(clone(member), X, y, weight) for _, member in self.members]

    def _regress(
        self, scores: np.ndarray, y: np.ndarray, weight: np.ndarray, equal: np.ndarray
    ) -> tuple[np.ndarray, float]:
        def loss(theta: np.ndarray) -> tuple[float, np.ndarray]:
            z = theta[0] + scores @ theta[1:]
            p = expit(z)
            pull = theta - np.r_[0.0, equal]
            value = weight @ (np.logaddexp(0, z) - y * z) + 0.5 * self.prior * pull @ pull
            residual = weight * (p - y)
            return value, np.r_[residual.sum(), residual @ scores] + self.prior * pull

        found = minimize(loss, np.r_[0.0, equal], jac=True, method="L-BFGS-B", bounds=[(-3, 3)] + [(0, 3)] * len(equal))
        return found.x[1:], float(found.x[0])


def fit_weighted(model: Any, X: Any, y: np.ndarray, weight: np.ndarray | None) -> Any:
    """Fit a classifier, with weights if there are any; of a Pipeline the last step gets them."""
    name = f"{model.steps[-1][0]}__sample_weight" if hasattr(model, "steps") else "sample_weight"
    # Boosted trees on small data slow down manyfold when their threads compete for busy cores, and again when given
    # weights that are all one (scikit-learn 1.9 then finds every bin edge by a weighted percentile).
    with one_thread():
        return model.fit(X, y, **({} if weight is None else {name: weight}))


def _log_odds(members: list[Any], X: Any) -> np.ndarray:
    return np.column_stack([logit(np.clip(m.predict_proba(X)[:, 1], _CLIP, 1 - _CLIP)) for m in members])
