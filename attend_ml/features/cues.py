"""Reading a statement: which cue it is, and the level of the person whose coming it is about."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any, Self

import numpy as np
import pandas as pd
from scipy import sparse
from sklearn.base import BaseEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold

from attend_ml._resources import codebook, examples
from attend_ml.features.inputs import StatementInputs
from attend_ml.records import CUES, LEVELS

NO_LEVEL = "none"
READ_LEVELS = (*LEVELS, NO_LEVEL)
_SAID = ["text", "role", "own", "convened"]
# Two readings may differ by this much in a share: what is below is no knowledge.
_LEAST = 1e-6
# A classifier of one label against the rest leans to the frequent ones; so much of their share is taken back. Chosen by
# rolling origin.
_BALANCE = 0.25


class CueReader(BaseEstimator):
    """A distribution over cues, and over levels spoken of, for the text of a statement.

    Linear classifiers over words and runs of letters (tf-idf), the classes of words that the codebook ``cues`` names,
    in their order, and who speaks of whom. They learn from the annotated statements they are given, and from the
    made-up ones in ``features/cue_examples.csv``, which show how such things are said.

    Parameters
    ----------
    book : dict or None, default=None
        Codebook to use instead of the shipped ``cues``; its ``example_weight`` of 0 leaves out the examples.
    C : float, default=1.0
        Inverse strength of the L2 penalty.

    Attributes
    ----------
    book_ : dict
        The codebook as it was at fitting.

    See Also
    --------
    StatementCues : Turns what is read into columns for a forecast.

    Examples
    --------
    >>> text = ["She will attend.", "He will not come.", "She will be there.", "No trip is planned."]
    >>> said = pd.DataFrame({"text": text, "role": "spokesperson", "own": True, "convened": "leader"})
    >>> reader = CueReader().fit(said, ["commit", "deny", "commit", "deny"], ["leader"] * 4)
    >>> cue, level = reader.read(said.iloc[:1])
    >>> cue.shape, level.shape
    ((1, 9), (1, 4))
    """

    def __init__(self, book: dict[str, Any] | None = None, C: float = 1.0):
        self.book = book
        self.C = C

    def fit(self, said: pd.DataFrame, cue: Any, level: Any) -> Self:
        """Learn from annotated statements and from the examples.

        Parameters
        ----------
        said : pandas.DataFrame
            Columns ``text``; ``role``; ``own``, whether the speaker's party is the one spoken of; ``convened``; and
            where known ``people``, the level of each person named, see
            :meth:`attend_ml.features.people.People.named`, and ``principal``, which of head of state and of
            government is the leader of the party spoken of, see :func:`attend_ml.principals.kind_of_principal`.
        cue : array-like of str of length n
            None or empty where not annotated: such rows are left out.
        level : array-like of str of length n
            Empty where no level is spoken of.

        Returns
        -------
        self
            With neither annotated rows nor examples the reader knows nothing, and gives equal shares.
        """
        self._fit(said, *_marks(cue, level))
        return self

    def fit_read(
        self, said: pd.DataFrame, cue: Any, level: Any, groups: Any, folds: int
    ) -> tuple[np.ndarray, np.ndarray]:
        """Fit, and return what readers make of the statements that were not fitted on any of the same group.

        Parameters
        ----------
        said, cue, level
            As for :meth:`fit`. Words are weighed once, over all statements.
        groups : array-like of length n
            Meetings, or clusters of them.
        folds : int

        Returns
        -------
        cue, level : ndarray
            As :meth:`read` returns them. Where there is only one group they are read by the examples alone.
        """
        groups = np.asarray(groups)
        cue, level, known = _marks(cue, level)
        rows, learned, X = self._fit(said, cue, level, known)
        folds = min(folds, len(np.unique(groups)))
        read_cue, read_level = _equal(len(said))
        if X is None or len(said) == 0:
            return read_cue, read_level
        # What is learned from comes first, annotated rows in an order of their own and the examples; then the rest.
        place = np.full(len(said), -1)
        place[rows] = np.arange(len(rows))
        rest = place < 0
        place[rest] = len(learned) + np.arange(rest.sum())
        everything = sparse.vstack([X, self.inputs_.transform(said[rest])]).tocsr()
        shown = np.arange(len(rows), len(learned))
        cues, levels, weight = (learned[name].to_numpy() for name in ("cue", "level", "weight"))
        none = np.arange(0)
        parts = GroupKFold(folds).split(said, groups=groups) if folds > 1 else [(none, np.arange(len(said)))]
        for train, test in parts:
            kept = np.r_[np.sort(place[train[~rest[train]]]), shown]
            if len(kept):
                mine = everything[place[test]]
                of_cues = self._fit_linear(X[kept], cues[kept], weight[kept])
                of_levels = self._fit_linear(X[kept], levels[kept], weight[kept])
                read_cue[test], read_level[test] = _shares(of_cues, mine, CUES), _shares(of_levels, mine, READ_LEVELS)
        return read_cue, read_level

    def _fit(
        self, said: pd.DataFrame, cue: np.ndarray, level: np.ndarray, known: np.ndarray
    ) -> tuple[np.ndarray, pd.DataFrame, sparse.csr_matrix | None]:
        """Fit; return the rows learned from, what was learned from with the examples behind, and its inputs."""
        self.book_ = copy.deepcopy(codebook("cues") if self.book is None else self.book)
        self.inputs_ = StatementInputs(self.book_["classes"])
        self.cue_models_, self.level_models_ = {}, {}
        rows = _in_order(np.flatnonzero(known), said, cue, level)
        learned, X = self._with_examples(said.iloc[rows], cue[rows], level[rows]), None
        if len(learned):
            X = self.inputs_.fit_transform(learned)
            self.cue_models_ = self._fit_linear(X, learned.cue, learned.weight)
            self.level_models_ = self._fit_linear(X, learned.level, learned.weight)
        return rows, learned, X

    def read(self, said: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
        """Return the shares of the cues and of the levels.

        Parameters
        ----------
        said : pandas.DataFrame
            As for :meth:`fit`; may be empty.

        Returns
        -------
        cue : ndarray of shape (n, 9)
            In the order of :data:`attend_ml.records.CUES`; each row sums to one.
        level : ndarray of shape (n, 4)
            Leader, senior, working, none; each row sums to one.
        """
        if not self.cue_models_ or len(said) == 0:
            return _equal(len(said))
        X = self.inputs_.transform(said)
        return _shares(self.cue_models_, X, CUES), _shares(self.level_models_, X, READ_LEVELS)

    @staticmethod
    def shown() -> pd.DataFrame:
        """Return the made-up examples, as ``text, role, own, convened, cue, level``."""
        return examples("cue_examples")

    def _with_examples(self, said: pd.DataFrame, cue: np.ndarray, level: np.ndarray) -> pd.DataFrame:
        """Return annotated statements and examples in one table, with what each weighs."""
        known = {name: said.get(name) for name in ("people", "principal")}
        mine = said[_SAID].assign(**known, cue=cue, level=level, weight=1.0)
        weight = float(self.book_.get("example_weight", 0.0))
        if weight == 0:
            return mine
        shown = self.shown().assign(people=None, principal=None, weight=weight)
        shown["level"] = shown.level.fillna(NO_LEVEL)
        shown["own"] = shown.own == "1"
        return pd.concat([mine, shown[mine.columns]], ignore_index=True) if len(mine) else shown[mine.columns]

    def _fit_linear(self, X: sparse.csr_matrix, labels: Any, weight: Any) -> dict[str, Any]:
        """Return a classifier of each label against the rest, and its share; None for the only label there is."""
        labels, weight = np.asarray(labels, dtype=str), np.asarray(weight, dtype=float)
        names = np.unique(labels)
        if len(names) == 1:
            return {str(names[0]): (None, 1.0)}
        # Solved in the dual, as there are more words than statements; no figure of merit changes in three digits.
        linear = {"C": self.C, "solver": "liblinear", "dual": True, "tol": 5e-2, "random_state": 0}
        shares = {str(k): float(weight[labels == k].sum() / weight.sum()) for k in names}
        return {
            k: (LogisticRegression(**linear).fit(X, labels == k, sample_weight=weight), share)
            for k, share in shares.items()
        }


def _marks(cue: Any, level: Any) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return cues and levels as text, and where a cue is given."""
    cue = pd.Series(np.asarray(cue, dtype=object)).fillna("").to_numpy(dtype=str)
    level = pd.Series(np.asarray(level, dtype=object)).fillna("").replace("", NO_LEVEL).to_numpy(dtype=str)
    return cue, level, cue != ""


def _in_order(rows: np.ndarray, said: pd.DataFrame, cue: np.ndarray, level: np.ndarray) -> np.ndarray:
    """Return the rows in an order of their own: where the solver stops must not hang on the order of the file."""
    known = {name: said.get(name, pd.Series("", index=said.index)) for name in ("people", "principal")}
    some = said.assign(**known).iloc[rows].assign(cue=cue[rows], level=level[rows])
    names = [*_SAID, *known, "cue", "level"]
    # Each value by itself: with a missing one among them pandas cuts texts off.
    return rows[np.lexsort([np.array([str(value) for value in some[name]]) for name in reversed(names)])]


def _equal(n: int) -> tuple[np.ndarray, np.ndarray]:
    return np.full((n, len(CUES)), 1 / len(CUES)), np.full((n, len(READ_LEVELS)), 1 / len(READ_LEVELS))


def _shares(models: Mapping[str, Any], X: sparse.csr_matrix, names: tuple[str, ...]) -> np.ndarray:
    out = np.full((X.shape[0], len(names)), _LEAST)
    for name, (model, share) in models.items():
        out[:, names.index(name)] += 1.0 if model is None else model.predict_proba(X)[:, 1] / share**_BALANCE
    return out / out.sum(axis=1, keepdims=True)
