"""The meeting itself: kind, host, proposer, distance in time."""

from __future__ import annotations

from typing import Self

import numpy as np
import pandas as pd

from attend_ml._resources import codebook
from attend_ml.asof import Situations
from attend_ml.features.base import Extractor


class MeetingContext(Extractor):
    """What is known of the meeting and of the party's part in it.

    See Also
    --------
    PartyHistory : What became of earlier meetings of the same kind.

    Examples
    --------
    >>> from attend_ml.load import load_dataset
    >>> rows = Situations(load_dataset(), ["istanbul-2025-05-15"] * 2, ["RUS", "TUR"], ["2025-05-14"] * 2)
    >>> columns = MeetingContext().fit(rows)
    >>> float(dict(zip(columns.get_feature_names_out(), columns.transform(rows)[0]))["context__proposer"])
    1.0
    """

    name = "context"

    def fit(self, X: Situations, y: pd.DataFrame | None = None) -> Self:
        """Keep the codebook, and which parties are organisations."""
        self.organisations_ = sorted(codebook("parties")["organisations"])
        return super().fit(X, y)

    def by_video(self, X: Situations) -> np.ndarray:
        """Tell which meetings are held by video or telephone, as their names say; bool of shape (len(X),)."""
        words = rf"\b(?:{'|'.join(self.book_['video'])})\b"
        return pd.Series(X.meeting("name")).str.contains(words, case=False, regex=True, na=False).to_numpy(dtype=bool)

    def _columns(self) -> list[str]:
        book = self.book_
        names = [f"convened_{level}" for level in book["levels"]]
        names += [f"format_{form}" for form in book["formats"]]
        names += [
            "host",
            "host_invited",
            "proposer",
            "mediator",
            "organisation",
            "in_series",
            "video",
            "parties",
            "horizon",
        ]
        return [*names, "announced", "announced_ago", "lead"]

    def _extract(self, X: Situations) -> dict[str, np.ndarray]:
        book = self.book_
        out: dict[str, np.ndarray] = {}
        for prefix, column, codes in (
            ("convened", "convened_level", book["levels"]),
            ("format", "format", book["formats"]),
        ):
            values = X.meeting(column)
            out |= {f"{prefix}_{code}": values == code for code in codes}
        country = X.meeting("country")
        out["host"] = country == X.party
        counterparts, row = X.counterparts()
        hosting = np.bincount(row, weights=counterparts.meeting("country") == counterparts.party, minlength=len(X))
        out["host_invited"] = (hosting > 0) | out["host"]
        out["proposer"] = X.meeting("proposer") == X.party
        mediators = pd.Series(X.meeting("mediators")).fillna("").str.split(";")
        out["mediator"] = np.array([party in names for party, names in zip(X.party, mediators, strict=True)])
        out["organisation"] = np.isin(X.party.astype(str), self.organisations_)
        out["in_series"] = pd.notna(X.meeting("series"))
        out["video"] = self.by_video(X)
        out["parties"] = np.log(np.maximum(X.n_parties(), 1))
        out["horizon"] = np.log1p(X.horizon)
        announced = X.meeting("announced_on").astype("datetime64[D]")
        known = ~np.isnat(announced)
        ago = (X.as_of.astype("datetime64[D]") - announced).astype(float)
        out["announced"] = known
        out["announced_ago"] = np.log1p(np.where(known, ago, 0))
        out["lead"] = np.log1p(np.where(known, ago + X.horizon, 0))
        return out
