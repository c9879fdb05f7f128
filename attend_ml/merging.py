"""Rows of two tables put together."""

from __future__ import annotations

import pandas as pd

from attend_ml.tables import columns


def stack(first: pd.DataFrame, second: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of both; columns that only one has are empty in the other's rows."""
    if not len(second):
        return first.reset_index(drop=True)
    extra = [name for name in (*first.columns, *second.columns) if name not in first or name not in second]
    names = [*first.columns, *(name for name in extra if name not in first)]
    filled = [
        frame.assign(**{name: pd.Series(None, index=frame.index, dtype=object) for name in extra if name not in frame})
        for frame in (first, second)
    ]
    return pd.concat([frame[names] for frame in filled], ignore_index=True)


def row_keys(signals: pd.DataFrame) -> pd.Series:
    """Return a number for each signal, the same for rows that are alike in every column."""
    return pd.util.hash_pandas_object(signals[columns("signals")].astype(str), index=False)
