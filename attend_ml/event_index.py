"""Look-ups by group and time in sorted events: binary search, and sums as differences of running sums."""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple

import numpy as np
import pandas as pd

DAY = 86_400
# Seconds since 1970 stay below this until the year 2514; above it in a combined key stands the group.
SPAN = np.int64(1) << 34


class Pairs(NamedTuple):
    """Rows of the situations beside the items they may see, sorted by row, then by time.

    Parameters
    ----------
    row : ndarray of int
        Position in the situations.
    item : ndarray of int
        Position in the table (or the code of a party).
    """

    row: np.ndarray
    item: np.ndarray


class EventIndex:
    """Events of many groups sorted by group and time, so that a look-up is a binary search.

    Parameters
    ----------
    group : ndarray of shape (n_events,)
        Group of each event as a code of 0 or more; events of a negative group are left out.
    time : ndarray of shape (n_events,)
        Seconds since 1970 from which the event is known.
    values : ndarray of shape (n_events, n_values) or None, default=None
        What :meth:`sums` adds up.
    tie : ndarray of shape (n_events,) or None, default=None
        Order of events of one group and time; that of the rows when None.

    Examples
    --------
    >>> index = EventIndex(np.array([0, 0, 1]), np.array([10, 20, 10]), np.array([[1.0], [2.0], [4.0]]))
    >>> index.sums(np.array([0, 1]), np.array([15, 15])).ravel().tolist()
    [1.0, 4.0]
    """

    def __init__(
        self,
        group: np.ndarray,
        time: np.ndarray,
        values: np.ndarray | None = None,
        tie: np.ndarray | None = None,
    ):
        key = np.where(group >= 0, group.astype(np.int64) * SPAN + time, -1)
        if tie is not None:
            order = np.lexsort((tie, key))
        elif values is not None and not np.array_equal(values, np.rint(values)):
            # Sums of fractions depend on their order in the last bits: it must not be that of the file.
            order = np.lexsort((*values.T, key))
        else:
            order = np.argsort(key, kind="stable")
        order = order[np.searchsorted(key[order], 0) :]
        self.key = key[order]
        self.item = order
        if values is not None:
            self.running = _running_sums(values[order], self.key // SPAN)

    def _bounds(self, group: np.ndarray, until: np.ndarray, since: np.ndarray | None) -> tuple[np.ndarray, np.ndarray]:
        base = group.astype(np.int64) * SPAN
        start = np.searchsorted(self.key, base + (0 if since is None else np.maximum(since, 0)))
        return start, np.maximum(np.searchsorted(self.key, base + until, side="right"), start)

    def sums(self, group: np.ndarray, until: np.ndarray, since: np.ndarray | None = None) -> np.ndarray:
        """Add up the values of a group's events in [since, until]; zeros for a negative group."""
        start, stop = self._bounds(group, until, since)
        first = np.searchsorted(self.key, group.astype(np.int64) * SPAN)
        found = (group >= 0) & (stop > start)
        sums = np.where(found[:, None], self.running[stop], 0.0)
        return sums - np.where((found & (start > first))[:, None], self.running[start], 0.0)

    def last(self, group: np.ndarray, until: np.ndarray) -> np.ndarray:
        """Return the item of the group's latest event by ``until``, or -1."""
        start, stop = self._bounds(group, until, None)
        found = (stop > start) & (group >= 0)
        return np.where(found, self.item[np.maximum(stop - 1, 0)] if len(self.item) else -1, -1)

    def pairs(self, group: np.ndarray, until: np.ndarray) -> Pairs:
        """List every event of each group by ``until``."""
        start, stop = self._bounds(group, until, None)
        length = np.where(group >= 0, stop - start, 0)
        row = np.repeat(np.arange(len(group)), length)
        offset = np.arange(length.sum()) - np.repeat(np.cumsum(length) - length, length)
        return Pairs(row, self.item[np.repeat(start, length) + offset])


def _running_sums(values: np.ndarray, group: np.ndarray) -> np.ndarray:
    """Return running sums that start anew with each group, below a row of zeros.

    Running on, a sum would take over the rounding of the groups before, and what comes later in one of them would
    change the last bits of what was known before.
    """
    running = np.zeros((len(values) + 1, values.shape[1]))
    edges = np.r_[0, np.flatnonzero(group[1:] != group[:-1]) + 1, len(group)]
    for start, stop in pairwise(edges):
        np.cumsum(values[start:stop], axis=0, out=running[start + 1 : stop + 1])
    return running


def seconds(dates: pd.Series) -> np.ndarray:
    """Return seconds since 1970; NaT gives the smallest integer."""
    return dates.to_numpy(dtype="datetime64[s]").astype(np.int64)


def add_by_row(row: np.ndarray, values: np.ndarray, n_rows: int) -> np.ndarray:
    """Add up ``values`` (n_pairs, n_values) by row into an array (n_rows, n_values)."""
    out = np.zeros((n_rows, values.shape[1]))
    for k in range(values.shape[1]):
        out[:, k] = np.bincount(row, weights=values[:, k], minlength=n_rows)
    return out
