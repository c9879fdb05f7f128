"""One thread for fitting and forecasting: the same numbers on every machine, and no threads competing on small data."""

from __future__ import annotations

from contextlib import AbstractContextManager
from functools import cache
from typing import Any

from threadpoolctl import ThreadpoolController


@cache
def _controller() -> ThreadpoolController:
    # Both load numeric libraries, which must be there to be found; looking through all of them once is enough.
    import sklearn.ensemble
    import sklearn.linear_model

    del sklearn
    return ThreadpoolController()


def one_thread() -> AbstractContextManager[Any]:
    """Hold BLAS and OpenMP to one thread.

    Sums that threads share out differ in their last bits with the number of threads. A solver that stops at a
    tolerance, or a tree that chooses between two equal splits, makes a visible difference of that.

    Examples
    --------
    >>> with one_thread():
    ...     pass
    """
    return _controller().limit(limits=1)
