"""Readers learned a moment ago: models fitted side by side learn to read from the same statements."""

from __future__ import annotations

import hashlib
import json
from collections import OrderedDict
from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np
import pandas as pd

from attend_ml._resources import codebook
from attend_ml.features.cues import CueReader

T = TypeVar("T")
# A reader is some megabytes; experiments scored side by side ask for the same one right after each other.
_MOST = 4
_kept: OrderedDict[str, Any] = OrderedDict()


def learned(
    book: dict[str, Any] | None, said: pd.DataFrame, cue: Any, level: Any, groups: Any = None, folds: int = 0
) -> tuple[CueReader, np.ndarray | None]:
    """Return a reader fitted on statements, and what readers that had not seen their group make of them.

    Parameters
    ----------
    book : dict or None
        See :class:`attend_ml.features.cues.CueReader`.
    said, cue, level, groups, folds
        As for its methods; without ``groups`` nothing is read out of fold.

    Returns
    -------
    reader : CueReader
        Not to be changed: the same content gives the same object.
    read : ndarray of shape (n, 9, 4) or None
        Shares of cue by level.
    """
    marks = [pd.Series(np.asarray(values, dtype=object), dtype=object).astype(str) for values in (cue, level)]
    content = pd.concat([said.reset_index(drop=True).astype(str), *marks], axis=1)
    digest = hashlib.sha256(pd.util.hash_pandas_object(content, index=False).to_numpy().tobytes())
    shown = CueReader.shown()
    digest.update(
        json.dumps([book or codebook("cues"), len(shown), list(content.columns.astype(str))], sort_keys=True).encode()
    )
    name = digest.hexdigest()
    if groups is None:
        return _once(name, lambda: CueReader(book).fit(said, cue, level)), None
    digest.update(json.dumps([folds, *map(str, groups)]).encode())

    def both() -> tuple[CueReader, np.ndarray]:
        reader = CueReader(book)
        cues, levels = reader.fit_read(said, cue, level, groups, folds)
        return reader, cues[:, :, None] * levels[:, None, :]

    reader, read = _once(digest.hexdigest(), both)
    # Whatever the folds are, the same statements give the same reader.
    return _once(name, lambda: reader), read


def _once(key: str, build: Callable[[], T]) -> T:
    if key not in _kept:
        _kept[key] = build()
        while len(_kept) > _MOST:
            _kept.popitem(last=False)
    _kept.move_to_end(key)
    found: T = _kept[key]
    return found
