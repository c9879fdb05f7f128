"""Moments: what a date means when one asks what was known."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd

from attend_ml.errors import RequestError
from attend_ml.records import parse_moment

When = str | dt.date | dt.datetime | np.datetime64 | pd.Timestamp


def moment(when: When) -> pd.Timestamp:
    """Return the last second of a day, or the very moment where a time was given.

    Parameters
    ----------
    when : str, datetime.date, datetime.datetime, numpy.datetime64 or pandas.Timestamp
        A date means what was known when that day ended. Times are UTC; midnight in a timestamp means the day.

    Returns
    -------
    pandas.Timestamp
        Naive, in UTC.

    Raises
    ------
    RequestError
        If the text is no date.

    Examples
    --------
    >>> moment("2025-05-14")
    Timestamp('2025-05-14 23:59:59')
    >>> moment("2025-05-14T18:00Z")
    Timestamp('2025-05-14 18:00:00')
    """
    if isinstance(when, str):
        try:
            value, has_time = parse_moment(when)
        except ValueError as error:
            raise RequestError(f"as-of date: found {when!r}; {error}") from None
        stamp = pd.Timestamp(value)
    elif not isinstance(when, dt.date | np.datetime64) or pd.isna(when):
        raise RequestError(f"as-of date: found {when!r}; write a date as YYYY-MM-DD, or a UTC time")
    else:
        stamp = pd.Timestamp(when)
        stamp = stamp.tz_convert("UTC").tz_localize(None) if stamp.tzinfo else stamp
        has_time = stamp != stamp.normalize()
    return stamp if has_time else stamp.normalize() + pd.Timedelta(hours=23, minutes=59, seconds=59)
