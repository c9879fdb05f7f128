"""Reading a statement: which cue it is, and the level of the person whose coming it is about."""

from __future__ import annotations

import copy
import re
from typing import Any, Self

import numpy as np
import pandas as pd
from scipy import sparse
from sklearn.base import BaseEstimator
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold
from sklearn.multiclass import OneVsRestClassifier

from attend_ml._resources import codebook
from attend_ml.records import CUES, LEVELS, ROLES

NO_LEVEL = "none"
READ_LEVELS = (*LEVELS, NO_LEVEL)


class CueReader(BaseEstimator):
    """A distribution over cues, and over levels spoken of, for the text of a statement.

    Words and short runs of letters weighted by tf-idf, the phrase groups of the codebook, who speaks, about whom,
    and the level the meeting was called for go into one linear classifier for the cue and one for the level.

    Parameters
    ----------
    book : dict or None, default=None
        Codebook to use instead of the shipped ``cues``.
    C : float, default=4.0
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

    def __init__(self, book: dict[str, Any] | None = None, C: float = 4.0):
        self.book = book
        self.C = C

    def fit(self, said: pd.DataFrame, cue: Any, level: Any) -> Self:
        """Learn from annotated statements.

        Parameters
        ----------
        said : pandas.DataFrame
            Columns ``text``; ``role``; ``own``, whether the speaker's party is the one spoken of; ``convened``.
        cue : array-like of str of length n
            None or empty where not annotated: such rows are left out.
        level : array-like of str of length n
            Empty where no level is spoken of.

        Returns
        -------
        self
            Without annotated rows the reader knows nothing, and gives equal shares.
        """
        self.book_ = copy.deepcopy(codebook("cues") if self.book is None else self.book)
        cue, level, known = _marks(cue, level)
        self.cue_model_ = self.level_model_ = None
        if known.any():
            rows = _in_order(np.flatnonzero(known), said, cue, level)
            X = self._learn_words(said.iloc[rows])
            self.cue_model_ = _fit_linear(X, cue[rows], self.C)
            self.level_model_ = _fit_linear(X, level[rows], self.C)
        return self

    def read_out_of_fold(
        self, said: pd.DataFrame, cue: Any, level: Any, groups: Any, folds: int
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return what readers make of statements whose group they were not fitted on.

        Parameters
        ----------
        said, cue, level
            As for :meth:`fit`, which must have been called on the same statements: their words are weighed once.
        groups : array-like of length n
            Meetings, or clusters of them.
        folds : int

        Returns
        -------
        cue, level : ndarray
            As :meth:`read` returns them; equal shares where there is only one group.
        """
        groups = np.asarray(groups)
        cue, level, known = _marks(cue, level)
        folds = min(folds, len(np.unique(groups)))
        read_cue = np.full((len(said), len(CUES)), 1 / len(CUES))
        read_level = np.full((len(said), len(READ_LEVELS)), 1 / len(READ_LEVELS))
        if folds < 2 or self.cue_model_ is None:
            return read_cue, read_level
        X = self._inputs(said)
        for train, test in GroupKFold(folds).split(X, groups=groups):
            train = _in_order(train[known[train]], said, cue, level)
            if len(train):
                read_cue[test] = _shares(_fit_linear(X[train], cue[train], self.C), X[test], CUES)
                read_level[test] = _shares(_fit_linear(X[train], level[train], self.C), X[test], READ_LEVELS)
        return read_cue, read_level

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
        if self.cue_model_ is None or len(said) == 0:
            return np.full((len(said), len(CUES)), 1 / len(CUES)), np.full((len(said), 4), 1 / 4)
        X = self._inputs(said)
        return _shares(self.cue_model_, X, CUES), _shares(self.level_model_, X, READ_LEVELS)

    def _learn_words(self, said: pd.DataFrame) -> sparse.csr_matrix:
        self.words_ = TfidfVectorizer(ngram_range=(1, 2), min_df=2, sublinear_tf=True, token_pattern=r"(?u)\b\w+\b")
        self.letters_ = TfidfVectorizer(analyzer="char_wb", ngram_range=(3, 5), min_df=4, sublinear_tf=True)
        try:
            tfidf = [self.words_.fit_transform(said.text), self.letters_.fit_transform(said.text)]
        except ValueError:  # too few texts for any word to be met twice
            tfidf = [
                self.words_.set_params(min_df=1).fit_transform(said.text),
                self.letters_.set_params(min_df=1).fit_transform(said.text),
            ]
        return sparse.hstack([*tfidf, self._facts(said)]).tocsr()

    def phrases(self, texts: pd.Series) -> np.ndarray:
        """Return which phrase groups of the codebook each text holds, 0 or 1, shape (n, n_groups)."""
        patterns = [compile_group(tuple(group)) for group in self.book_["phrases"].values()]
        lower = [text.lower() for text in texts]
        return np.array([[bool(p.search(text)) for p in patterns] for text in lower], dtype=float).reshape(
            len(lower), len(patterns)
        )

    def _inputs(self, said: pd.DataFrame) -> sparse.csr_matrix:
        tfidf = [self.words_.transform(said.text), self.letters_.transform(said.text)]
        return sparse.hstack([*tfidf, self._facts(said)]).tocsr()

    def _facts(self, said: pd.DataFrame) -> sparse.csr_matrix:
        """Return the phrase groups met, who speaks of whom, and the level of the meeting."""
        phrases = self.phrases(said.text)
        role = np.array([[value == name for name in ROLES] for value in said.role], dtype=float)
        own = said.own.to_numpy(dtype=float)[:, None]
        convened = np.array([[value == name for name in LEVELS] for value in said.convened], dtype=float)
        # "The minister will go" is a commitment to a ministers' meeting, and names a substitute for a summit.
        crossed = phrases[:, -4:, None] * convened[:, None, :]
        dense = np.hstack([0.6 * phrases, 0.5 * role, 0.5 * own, 0.5 * convened, 0.5 * crossed.reshape(len(said), -1)])
        return sparse.csr_matrix(dense)


def _marks(cue: Any, level: Any) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return cues and levels as text, and where a cue is given."""
    cue = pd.Series(np.asarray(cue, dtype=object)).fillna("").to_numpy(dtype=str)
    level = pd.Series(np.asarray(level, dtype=object)).fillna("").replace("", NO_LEVEL).to_numpy(dtype=str)
    return cue, level, cue != ""


def _in_order(rows: np.ndarray, said: pd.DataFrame, cue: np.ndarray, level: np.ndarray) -> np.ndarray:
    """Return the rows in an order of their own: where the solver stops must not hang on the order of the file."""
    some = said.iloc[rows].assign(cue=cue[rows], level=level[rows])
    names = ["text", "role", "own", "convened", "cue", "level"]
    return rows[np.lexsort([some[name].astype(str).to_numpy(dtype=str) for name in reversed(names)])]


def _fit_linear(X: sparse.csr_matrix, labels: np.ndarray, C: float) -> Any:
    if len(np.unique(labels)) == 1:
        return str(labels[0])
    # Solved in the dual, as there are more words than statements; the readings agree in five digits.
    linear = LogisticRegression(C=C, solver="liblinear", dual=True, tol=1e-2, random_state=0)
    return OneVsRestClassifier(linear).fit(X, labels)


def _shares(model: Any, X: sparse.csr_matrix, names: tuple[str, ...]) -> np.ndarray:
    out = np.full((X.shape[0], len(names)), 1e-6)
    if isinstance(model, str):
        out[:, names.index(model)] = 1.0
    else:
        raw = np.column_stack([estimator.predict_proba(X)[:, 1] for estimator in model.estimators_])
        if raw.shape[1] == 1:
            raw = np.hstack([1 - raw, raw])
        for k, name in enumerate(model.classes_):
            out[:, names.index(name)] += raw[:, k]
    return out / out.sum(axis=1, keepdims=True)


_COMPILED: dict[tuple[str, ...], re.Pattern[str]] = {}


def compile_group(group: tuple[str, ...]) -> re.Pattern[str]:
    """Compile the phrases of one group into one pattern that matches whole words."""
    if group not in _COMPILED:
        _COMPILED[group] = re.compile(r"(?<!\w)(?:" + "|".join(phrase.rstrip() for phrase in group) + r")(?!\w)")
    return _COMPILED[group]
