"""The registered model: loading it, and moving the champion's alias."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

from attend_ml.errors import RequestError
from attend_ml.forecast.fitted import Fitted
from attend_ml.models.persistence import load_model
from attend_ml.tracking import store


def load_fitted(uri: str) -> Fitted:
    """Load a logged model.

    Parameters
    ----------
    uri : str
        ``models:/attend-ml@champion``, ``models:/attend-ml/1``, ``runs:/<run id>/model`` or a local folder.

    Returns
    -------
    Fitted

    Raises
    ------
    RequestError
        If there is no such model.
    """
    mlflow = store.connect()
    try:
        folder = Path(mlflow.artifacts.download_artifacts(artifact_uri=uri))
    except Exception as error:  # MLflow raises what its stores raise
        reason = str(error).splitlines()[0]
        raise RequestError(
            f"model {uri!r}: it cannot be loaded ({reason}); `attend-ml ui` shows those there are"
        ) from None
    found = sorted(folder.rglob("forecaster.skops"))
    if not found:
        raise RequestError(f"model {uri!r}: it was not made by attend-ml; train one with `attend-ml train`")
    forecaster = load_model(found[0])
    return Fitted(forecaster, uri, pd.Timestamp(forecaster.known_until_))


def champion(at: pd.Timestamp) -> Fitted | None:
    """Return the registered champion, or None if there is none or it was fitted on what came after ``at``."""
    if not store.exists():
        return None
    client = store.connect().MlflowClient()
    version = champion_version(client)
    if version is None or pd.Timestamp(version.tags["known_until"]) > at:
        return None
    fitted = load_fitted(f"models:/{store.REGISTERED}@{store.ALIAS}")
    return Fitted(fitted.forecaster, f"{store.REGISTERED} version {version.version} (@{store.ALIAS})", fitted.until)


def register(client: Any, logged: Any, run_id: str, tags: dict[str, str]) -> str:
    """Register a logged model under the package's name and return its version."""
    from mlflow.exceptions import MlflowException

    try:
        client.create_registered_model(store.REGISTERED, description="Who will come to a negotiation")
    except MlflowException as error:
        if error.error_code != "RESOURCE_ALREADY_EXISTS":
            raise
    version = client.create_model_version(
        store.REGISTERED, logged.model_uri, run_id, tags=tags, model_id=logged.model_id
    )
    return str(version.version)


def champion_version(client: Any) -> Any | None:
    """Return the version the alias points to, or None."""
    from mlflow.exceptions import MlflowException

    try:
        return client.get_model_version_by_alias(store.REGISTERED, store.ALIAS)
    except MlflowException:
        return None
