"""Forecasts of single origins on disk, so that a backtest that was killed goes on where it stopped."""

from __future__ import annotations

import os
import time
from pathlib import Path

import numpy as np
import pandas as pd

from attend_ml.asof import Situations
from attend_ml.dataset import Dataset
from attend_ml.experiment import Experiment
from attend_ml.fingerprints import cache_folder, key

_KEPT_DAYS = 30


class Parts:
    """The forecasts of each origin, by everything they depend on.

    Parameters
    ----------
    data : Dataset
        Other data, codebooks, code, experiments or library versions give other files.
    fresh : bool, default=False
        Take nothing from earlier runs.
    folder : pathlib.Path or None, default=None
        The user's cache folder when None.

    Attributes
    ----------
    taken : int
        How many origins were taken from an earlier run.

    Notes
    -----
    Files not used for thirty days are removed.
    """

    def __init__(self, data: Dataset, fresh: bool = False, folder: Path | None = None):
        self.folder = (folder or cache_folder()) / "backtests"
        self.fresh = fresh
        self.taken = 0
        self._data = (data.fingerprint(), sorted(data.links))
        for path in self.folder.glob("*.parquet*"):
            if time.time() - path.stat().st_mtime > _KEPT_DAYS * 86400:
                path.unlink(missing_ok=True)

    def path(self, experiment: Experiment, day: np.datetime64, rows: Situations) -> Path:
        """Return the file of an origin's forecasts of some situations."""
        asked = pd.util.hash_pandas_object(rows.frame(), index=False).sum()
        stamp = key(*self._data, experiment.fingerprint(), day, len(rows), asked)[:16]
        return self.folder / f"{experiment.name}-{day}-{stamp}.parquet"

    def load(self, experiment: Experiment, day: np.datetime64, rows: Situations) -> pd.DataFrame | None:
        """Return the forecasts, or None where they are yet to be made."""
        path = self.path(experiment, day, rows)
        if self.fresh or not path.exists():
            return None
        try:
            table = pd.read_parquet(path)
        except (OSError, ValueError):  # a damaged file is as good as none
            return None
        os.utime(path)
        self.taken += 1
        return table.assign(date=table.date.astype("datetime64[s]"))

    def save(self, experiment: Experiment, day: np.datetime64, rows: Situations, table: pd.DataFrame) -> None:
        """Write the forecasts, whole or not at all."""
        path = self.path(experiment, day, rows)
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_name(f"{path.name}.{os.getpid()}.part")
        table.to_parquet(part)
        part.replace(path)
