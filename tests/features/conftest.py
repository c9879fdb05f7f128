"""Small datasets for the tests of features."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import pandas as pd
import pytest

from attend_ml.dataset import Dataset
from attend_ml.tables import columns

DEFAULTS: dict[str, dict[str, Any]] = {
    "meetings": {
        "name": "Talks",
        "format": "bilateral",
        "topic": "general",
        "convened_level": "leader",
        "status": "held",
    },
    "delegations": {},
    "statements": {"speaker_role": "spokesperson", "text": "They spoke."},
    "signals": {"cameo": "042"},
}
Rows = Iterable[Mapping[str, Any]]


@pytest.fixture(scope="session")
def build() -> Callable[..., Dataset]:
    """Return a function that makes a dataset of rows in which only what matters is written."""

    def make(
        meetings: Rows,
        delegations: Rows,
        statements: Rows = (),
        signals: Rows = (),
        links: Iterable[tuple[str, str]] = (),
    ) -> Dataset:
        given = {"meetings": meetings, "delegations": delegations, "statements": statements, "signals": signals}
        frames = {
            name: pd.DataFrame([{**DEFAULTS[name], **row} for row in rows], columns=columns(name), dtype=object)
            for name, rows in given.items()
        }
        return Dataset(**frames, links=links)

    return make
