"""Standardising columns without letting an unheard-of case run away."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.preprocessing import StandardScaler


class ClippedScaler(StandardScaler):
    """Standardised columns, held within a few standard deviations.

    Some meetings are spoken of ten times as much as any in the fitting set. A linear model would carry its weights
    out to where nothing was ever seen; held at the edge, such a case counts as the most extreme known one.

    Parameters
    ----------
    limit : float, default=3.0
        Standard deviations at which columns are cut.

    Examples
    --------
    >>> float(ClippedScaler(limit=2.0).fit([[0.0], [2.0]]).transform([[100.0]])[0, 0])
    2.0
    """

    def __init__(self, limit: float = 3.0):
        super().__init__()
        self.limit = limit

    def transform(self, X: Any, copy: bool | None = None) -> np.ndarray:
        """Standardise and cut, shape (n_rows, n_columns)."""
        return np.clip(super().transform(X, copy=copy), -self.limit, self.limit)
