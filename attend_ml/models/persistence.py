"""Saving and loading fitted forecasters with skops: no pickle, and only types this package trusts by name."""

from __future__ import annotations

import os
from pathlib import Path

import skops.io

from attend_ml.errors import RequestError
from attend_ml.models.forecaster import AttendanceForecaster

# Class paths are the file format: renaming one of ours makes older files unreadable.
TRUSTED = (
    "attend_ml.features.context.MeetingContext",
    "attend_ml.features.cues.CueReader",
    "attend_ml.features.history.PartyHistory",
    "attend_ml.features.inputs.StatementInputs",
    "attend_ml.features.signals.EventSignals",
    "attend_ml.features.statements.StatementCues",
    "attend_ml.models.calibration.ForwardCalibrated",
    "attend_ml.models.forecaster.AttendanceForecaster",
    "attend_ml.models.rules.Climatology",
    "attend_ml.models.rules.LastStatement",
    "attend_ml.models.rules.PartyRecord",
    "attend_ml.models.scaling.ClippedScaler",
    "sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor",
    "sklearn.tree._tree.Tree",
)


def save_model(model: AttendanceForecaster, path: str | Path) -> None:
    """Write a fitted forecaster to a file.

    Parameters
    ----------
    model : AttendanceForecaster
    path : str or pathlib.Path
        Written whole or not at all: a run killed in between leaves no half file under this name.
    """
    from zipfile import ZIP_DEFLATED

    path = Path(path)
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        skops.io.dump(model, part, compression=ZIP_DEFLATED, compresslevel=6)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def load_model(path: str | Path) -> AttendanceForecaster:
    """Read a forecaster.

    Raises
    ------
    RequestError
        If the file is no such model, or holds types the package does not trust.
    """
    path = Path(path)
    try:
        untrusted = set(skops.io.get_untrusted_types(file=path)) - set(TRUSTED)
        if untrusted:
            raise RequestError(
                f"model {path.name}: found the types {sorted(untrusted)[:5]}; "
                "they are not trusted: do not load this file"
            )
        model = skops.io.load(path, trusted=list(TRUSTED))
    except RequestError:
        raise
    except Exception as error:  # skops and zipfile raise all kinds over a damaged file
        raise RequestError(f"model {path.name}: it cannot be read ({error}); train it again") from None
    if not isinstance(model, AttendanceForecaster):
        raise RequestError(f"model {path.name}: found a {type(model).__name__}; give a model this package has saved")
    return model
