"""What all extractors share: a codebook, named columns, and a contract with scikit-learn."""

from __future__ import annotations

import copy
from typing import Any, Self

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, TransformerMixin

from attend_ml._resources import codebook
from attend_ml.asof import Situations


class Extractor(TransformerMixin, BaseEstimator):
    """Turns situations into named numbers.

    A subclass names its codebook in ``name``, and writes ``_columns`` (names, which depend on the codebook alone)
    and ``_extract``. What it keeps when fitted is the codebook's content, not its path: a saved model does not
    change when a codebook does.

    Parameters
    ----------
    book : dict or None, default=None
        Entries that take the place of those of the same name in the shipped codebook.

    Attributes
    ----------
    book_ : dict
        The codebook as it was at fitting.
    """

    name: str

    def __init__(self, book: dict[str, Any] | None = None):
        self.book = book

    def fit(self, X: Situations, y: pd.DataFrame | None = None) -> Self:
        """Keep the codebook.

        Parameters
        ----------
        X : Situations
        y : pandas.DataFrame or None, default=None
            Outcomes of the situations, as :func:`attend_ml.asof.outcomes` returns them; most extractors ignore them.

        Returns
        -------
        self
        """
        self.book_ = copy.deepcopy({**codebook(self.name), **(self.book or {})})
        return self

    def transform(self, X: Situations) -> np.ndarray:
        """Return the columns of each situation.

        Parameters
        ----------
        X : Situations
            May be empty.

        Returns
        -------
        ndarray of shape (len(X), n_columns)
            Finite numbers; what a column holds where nothing is known stands in its codebook.
        """
        columns = self._columns()
        if len(X) == 0:
            return np.zeros((0, len(columns)))
        values = self._extract(X)
        return np.column_stack([values[name] for name in columns]).astype(float)

    def get_feature_names_out(self, input_features: Any = None) -> np.ndarray:
        """Return the names of the columns, each with the extractor's name before it."""
        return np.array([f"{self.name}__{column}" for column in self._columns()], dtype=object)

    def words(self) -> dict[str, dict[str, str]]:
        """Return unit, group and plain words of every column, by its full name."""
        entries = self.book_["columns"]
        return {f"{self.name}__{column}": describe(column, entries) for column in self._columns()}

    def _columns(self) -> list[str]:
        raise NotImplementedError

    def _extract(self, X: Situations) -> dict[str, np.ndarray]:
        raise NotImplementedError


def describe(column: str, entries: dict[str, dict[str, str]]) -> dict[str, str]:
    """Find the codebook's entry for a column: its own, or the longest that ends in ``*`` and fits.

    Raises
    ------
    KeyError
        If the codebook does not describe the column.

    Examples
    --------
    >>> describe("format_summit", {"format_*": {"unit": "0 or 1", "words": "the kind of meeting"}})["unit"]
    '0 or 1'
    """
    if column in entries:
        return entries[column]
    fits = [key for key in entries if key.endswith("*") and column.startswith(key[:-1])]
    if not fits:
        raise KeyError(f"no entry for column {column!r} in the codebook: add [columns.{column}]")
    return entries[max(fits, key=len)]
