"""The rules every model has to beat, as classifiers over the named columns."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
import pandas as pd
from scipy.special import expit
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils.validation import check_is_fitted

from attend_ml.errors import RequestError


class _Rule(ClassifierMixin, BaseEstimator):
    """A rule gives one probability a row; what it learns are counted shares."""

    def fit(self, X: pd.DataFrame, y: np.ndarray, sample_weight: np.ndarray | None = None) -> Self:
        """Count shares on the fitting set; columns as :class:`AttendanceForecaster` names them."""
        y = np.asarray(y, dtype=float)
        weight = np.ones(len(y)) if sample_weight is None else np.asarray(sample_weight, dtype=float)
        self.classes_ = np.array([0, 1])
        self.share_ = float((weight @ y + 0.5) / (weight.sum() + 1.0))
        self._count(X, y, weight)
        return self

    def _count(self, X: pd.DataFrame, y: np.ndarray, weight: np.ndarray) -> None:
        """Learn what the rule needs besides the overall share."""

    def _probability(self, X: pd.DataFrame) -> np.ndarray:
        raise NotImplementedError

    def predict_proba(self, X: pd.DataFrame) -> np.ndarray:
        """Return the shares of 0 and 1, shape (n_rows, 2)."""
        check_is_fitted(self)
        p = self._probability(X)
        return np.column_stack([1 - p, p])

    def predict(self, X: pd.DataFrame) -> np.ndarray:
        """Return 1 where the probability is at least one half."""
        return (self.predict_proba(X)[:, 1] >= 0.5).astype(int)


class Climatology(_Rule):
    """The share of all past delegations: the forecast of one who knows nothing of the case.

    Examples
    --------
    >>> rule = Climatology().fit(np.zeros((3, 1)), np.array([1, 0, 0]))
    >>> float(rule.predict_proba(np.zeros((1, 1)))[0, 1])
    0.375
    """

    def _probability(self, X: pd.DataFrame) -> np.ndarray:
        return np.full(len(X), self.share_)


class PartyRecord(_Rule):
    """The party's own record: how often this level of it came to meetings called for the same level.

    Parameters
    ----------
    column : str, default="history__share_party_leader"
        Column with the log-odds of that share; where it is absent the rule is climatology.
    """

    def __init__(self, column: str = "history__share_party_leader"):
        self.column = column

    def _probability(self, X: pd.DataFrame) -> np.ndarray:
        if self.column not in X.columns:
            return np.full(len(X), self.share_)
        return expit(X[self.column].to_numpy(dtype=float))


class LastStatement(_Rule):
    """The party's own last word, and how often such a word came true.

    The word is the stance most strongly read in the party's latest statements, and "silence" where it made none;
    what it is worth is the share of past cases with the same word, shrunk to the overall share.

    Parameters
    ----------
    prefix : str, default="statements__own_last_"
        The columns that hold the stances.
    silent : str, default="statements__own_silent"
        1 where the party said nothing.
    strength : float, default=10.0
        Cases the overall share counts for.
    """

    def __init__(
        self,
        prefix: str = "statements__own_last_",
        silent: str = "statements__own_silent",
        strength: float = 10.0,
    ):
        self.prefix = prefix
        self.silent = silent
        self.strength = strength

    def _word(self, X: pd.DataFrame) -> np.ndarray:
        columns = [name for name in X.columns if name.startswith(self.prefix)]
        if not columns or self.silent not in X.columns:
            raise RequestError(f"last-statement: no column {self.prefix}*; add the extractor 'statements'")
        word = X[columns].to_numpy(dtype=float).argmax(axis=1)
        return np.where(X[self.silent].to_numpy(dtype=float) > 0, len(columns), word)

    def _count(self, X: pd.DataFrame, y: np.ndarray, weight: np.ndarray) -> None:
        word = self._word(X)
        size = word.max(initial=0) + 1
        came = np.bincount(word, weights=weight * y, minlength=size)
        known = np.bincount(word, weights=weight, minlength=size)
        self.shares_ = (came + self.strength * self.share_) / (known + self.strength)

    def _probability(self, X: pd.DataFrame) -> np.ndarray:
        word = self._word(X)
        return np.where(word < len(self.shares_), self.shares_[np.minimum(word, len(self.shares_) - 1)], self.share_)


RULES = ("climatology", "party-history", "last-statement")


def rule(kind: str, target: str) -> Any:
    """Return the rule of that name for a target.

    Parameters
    ----------
    kind : {"climatology", "party-history", "last-statement"}
    target : {"held", "leader", "senior", "working", "senior_instead", "working_instead"}
    """
    if kind == "party-history":
        # How often the level comes stands for how often it comes instead of a higher one.
        return PartyRecord(f"history__share_party_{target.removesuffix('_instead')}")
    return {"climatology": Climatology, "last-statement": LastStatement}[kind]()
