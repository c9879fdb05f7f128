"""attend-ml forecasts who will come to a negotiation: the leader in person, senior officials, a working team.

Names are loaded when they are first used, so that importing the package costs next to nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from attend_ml._version import __version__

if TYPE_CHECKING:
    from attend_ml.dataset import Dataset
    from attend_ml.errors import AttendError, DataError, RequestError
    from attend_ml.forecast.forecast import Forecast
    from attend_ml.forecast.predict import predict
    from attend_ml.load import load_dataset
    from attend_ml.records import Meeting, Signal, Statement
    from attend_ml.tracking.backtest import backtest
    from attend_ml.tracking.train import train

_WHERE = {
    "AttendError": "attend_ml.errors",
    "DataError": "attend_ml.errors",
    "Dataset": "attend_ml.dataset",
    "Forecast": "attend_ml.forecast.forecast",
    "Meeting": "attend_ml.records",
    "RequestError": "attend_ml.errors",
    "Signal": "attend_ml.records",
    "Statement": "attend_ml.records",
    "backtest": "attend_ml.tracking.backtest",
    "load_dataset": "attend_ml.load",
    "predict": "attend_ml.forecast.predict",
    "train": "attend_ml.tracking.train",
}

__all__ = [
    "AttendError",
    "DataError",
    "Dataset",
    "Forecast",
    "Meeting",
    "RequestError",
    "Signal",
    "Statement",
    "__version__",
    "backtest",
    "load_dataset",
    "predict",
    "train",
]


def __getattr__(name: str) -> Any:
    if name not in _WHERE:
        raise AttributeError(f"module 'attend_ml' has no attribute {name!r}")
    value = getattr(import_module(_WHERE[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
