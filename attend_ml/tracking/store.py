"""Where runs are kept, and MLflow set up to keep them there."""

from __future__ import annotations

import logging
import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import platformdirs

from attend_ml.errors import RequestError

EXPERIMENT = "attend-ml"
REGISTERED = "attend-ml"
ALIAS = "champion"
_SQLITE = "sqlite:///"


def data_folder() -> Path:
    """Return the user's data folder for the package; it is made when something is written."""
    return Path(platformdirs.user_data_dir("attend-ml", appauthor=False))


def tracking_uri() -> str:
    """Return ``MLFLOW_TRACKING_URI``, or the address of the SQLite file in the user's data folder."""
    return os.environ.get("MLFLOW_TRACKING_URI") or f"sqlite:///{data_folder() / 'mlflow.db'}"


def artifacts_uri(uri: str) -> str | None:
    """Return where the artifacts of a store are kept: beside an SQLite file, else where the server says (None).

    MLflow's own default for a file is the current folder.
    """
    if not uri.startswith(_SQLITE):
        return None
    return (Path(uri.removeprefix(_SQLITE)).resolve().parent / "artifacts").as_uri()


def exists() -> bool:
    """Tell whether there can be runs: a server is named, or the SQLite file is there."""
    return bool(os.environ.get("MLFLOW_TRACKING_URI")) or (data_folder() / "mlflow.db").exists()


def quiet_environment() -> dict[str, str]:
    """Return the environment in which MLflow sends no telemetry and starts no job workers."""
    return {"MLFLOW_DISABLE_TELEMETRY": "true", "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false"}


@cache
def _import() -> ModuleType:
    # Read by MLflow when it is imported; DO_NOT_TRACK alone does not stop its telemetry.
    os.environ.update(quiet_environment())
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import mlflow
    for name in ("mlflow", "alembic"):
        logging.getLogger(name).setLevel(logging.ERROR)
    return mlflow


def _experiment(mlflow: ModuleType, uri: str) -> Any:
    try:
        return mlflow.get_experiment_by_name(EXPERIMENT)
    except Exception as error:  # MLflow raises what the database or the server raises
        reason = str(error).splitlines()[0]
        raise RequestError(f"tracking store {uri}: it cannot be used ({reason}); see MLFLOW_TRACKING_URI") from None


def connect() -> ModuleType:
    """Return MLflow, pointed at the package's store.

    The store is an absolute address: MLflow's own default lies in the current folder, so that every notebook would
    get a store of its own.
    """
    mlflow = _import()
    uri, registry = tracking_uri(), os.environ.get("MLFLOW_REGISTRY_URI")
    if uri.startswith(_SQLITE):
        Path(uri.removeprefix(_SQLITE)).parent.mkdir(parents=True, exist_ok=True)
    with _environment_kept():
        mlflow.set_tracking_uri(uri)
        mlflow.set_registry_uri(registry or uri)
    if _experiment(mlflow, uri) is None:
        mlflow.create_experiment(EXPERIMENT, artifacts_uri(uri))
    mlflow.set_experiment(EXPERIMENT)
    return mlflow


@contextmanager
def _environment_kept() -> Iterator[None]:
    """Undo what MLflow writes into the environment: a later change of it, as in a notebook, would go unnoticed."""
    before = {name: os.environ.get(name) for name in ("MLFLOW_TRACKING_URI", "MLFLOW_REGISTRY_URI")}
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
