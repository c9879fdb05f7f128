"""What the parties did to each other before the meeting."""

from __future__ import annotations

import json
from hashlib import sha256

import numpy as np
import pandas as pd

from attend_ml.asof import Situations
from attend_ml.features.base import Extractor
from attend_ml.records import LEVELS


class EventSignals(Extractor):
    """Counts of events by window and direction: by CAMEO family, and by the level of the person acting.

    A signal counts for every meeting of its two parties. Families are counted over the middle window; levels over
    every window, as it is the level of the person acting that carries information.

    See Also
    --------
    PartyHistory : Counts the parties' meetings instead.

    Examples
    --------
    >>> from attend_ml.load import load_dataset
    >>> rows = Situations(load_dataset(), ["istanbul-2025-05-15"], ["RUS"], ["2025-05-14"])
    >>> EventSignals().fit_transform(rows).shape[0]
    1
    """

    name = "signals"

    def _actors(self) -> list[str]:
        return [*LEVELS, "unknown"]

    def _columns(self) -> list[str]:
        windows, names = self.book_["windows"], []
        for direction in ("done", "received"):
            names += [f"{direction}_by_{actor}_{days}d" for actor in self._actors() for days in windows]
            names += [f"{direction}_{family}" for family in self.book_["families"]]
        return names

    def _extract(self, X: Situations) -> dict[str, np.ndarray]:
        families, windows = list(self.book_["families"]), self.book_["windows"]
        key = sha256(json.dumps(self.book_["families"]).encode()).hexdigest()
        n_actors = len(self._actors())
        middle = sorted(windows)[len(windows) // 2]
        at = windows.index(middle)
        out: dict[str, np.ndarray] = {}
        done, received = X.signal_sums(f"families:{key}", self._values, windows)
        for direction, sums in (("done", done), ("received", received)):
            sums = np.log1p(np.maximum(sums, 0.0))
            for i, actor in enumerate(self._actors()):
                out |= {f"{direction}_by_{actor}_{days}d": sums[:, w, i] for w, days in enumerate(windows)}
            out |= {f"{direction}_{family}": sums[:, at, n_actors + i] for i, family in enumerate(families)}
        return out

    def _values(self, signals: pd.DataFrame) -> np.ndarray:
        """Return for every signal its number of reports under its actor's level and under its family."""
        level = signals.source_level.fillna("unknown").to_numpy(dtype=object)
        codes, uniques = pd.factorize(signals.cameo)
        family = np.array([self._family(code) for code in uniques], dtype=object)[codes] if len(signals) else codes
        reports = signals["count"].fillna(1.0).to_numpy(dtype=float)
        columns = [level == actor for actor in self._actors()]
        columns += [family == name for name in self.book_["families"]]
        return np.column_stack(columns) * reports[:, None]

    def _family(self, cameo: str) -> str | None:
        best, length = None, 0
        for family, prefixes in self.book_["families"].items():
            for prefix in prefixes:
                if cameo.startswith(prefix) and len(prefix) > length:
                    best, length = family, len(prefix)
        return best
