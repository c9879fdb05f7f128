"""What the tests of forecasts share."""

from pathlib import Path

import pandas as pd
import pytest

import attend_ml as am
from attend_ml.forecast.fitted import Fitted
from attend_ml.forecast.forecast import Forecast
from attend_ml.models.forecaster import AttendanceForecaster

ISTANBUL = "istanbul-2025-05-15"


@pytest.fixture(scope="session")
def fitted(forecaster: AttendanceForecaster) -> Fitted:
    """A model that may forecast the meetings of 2024 and 2025."""
    return Fitted(forecaster, "logistic to 2023", pd.Timestamp("2023-12-31 23:59:59"))


@pytest.fixture(scope="session")
def istanbul(fitted: Fitted) -> Forecast:
    """All four parties, as known the day before."""
    return am.predict(ISTANBUL, model=fitted)


@pytest.fixture
def no_cached_models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder for fitted models, so that none fitted on other data can stand in."""
    monkeypatch.setattr("attend_ml.forecast.fitted.cache_folder", lambda: tmp_path)
    return tmp_path / "models"
