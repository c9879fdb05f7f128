"""What the tests of commands share: a backtest found once, without MLflow."""

from unittest.mock import MagicMock

import pytest

from attend_ml.experiment import Experiment, Features, Model, Scoring
from attend_ml.tracking import store
from attend_ml.tracking.backtest import Backtest, run_backtest


@pytest.fixture(scope="session")
def found(data) -> Backtest:
    """The party's record and climatology on two and a half years: sets need some before, and rules some to learn."""
    some = set(data.meetings.meeting_id[data.meetings.date >= "2021-09-01"])
    few = {name: frame[frame.meeting_id.isin(some)].reset_index(drop=True) for name, frame in data.tables().items()}
    scoring = Scoring("2023-01-01", 12, (7, 1))
    specs = [
        Experiment(name, features=Features(extractors=("history",)), model=Model(kind), scoring=scoring)
        for name, kind in (("record", "party-history"), ("shares", "climatology"))
    ]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(store, "connect", MagicMock)
        return run_backtest(specs, data._with(**few), n_jobs=1)
