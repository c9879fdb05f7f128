"""Runs of the tracking store side by side."""

from __future__ import annotations

import json
from urllib.parse import quote

import pandas as pd

from attend_ml.errors import RequestError, one_of
from attend_ml.tracking import store

HOST = "127.0.0.1"
_SHOWN = ("leader/brier_h7", "leader/brier_h3", "leader/brier_h1", "leader/brier_choice")


def runs(metric: str = "leader/brier_h1", last: int = 10) -> pd.DataFrame:
    """Return the latest completed runs, the lowest of a metric first.

    Parameters
    ----------
    metric : str, default="leader/brier_h1"
    last : int, default=10

    Returns
    -------
    pandas.DataFrame
        ``run, run_id, experiment, kind, started, data`` and the metric beside some others, NaN where a run has none.

    Raises
    ------
    RequestError
        If there is no run, or none has the metric.
    """
    if last < 1:
        raise RequestError(f"--last: found {last}; write 1 or more")
    if not store.exists():
        raise RequestError(f"no run is recorded yet in {store.tracking_uri()}: run `attend-ml backtest` first")
    mlflow = store.connect()
    found = mlflow.search_runs(
        experiment_names=[store.EXPERIMENT],
        filter_string="tags.`attend_ml.state` = 'completed'",
        order_by=["attributes.start_time DESC"],
        max_results=last,
        output_format="list",
    )
    if not found:
        raise RequestError(f"no run is completed yet in {store.tracking_uri()}: run `attend-ml backtest` first")
    known = sorted({name for run in found for name in run.data.metrics})
    if metric not in known:
        raise RequestError(f"--metric: found {metric!r}; {one_of(known, metric)}")
    rows = []
    for run in found:
        tags = run.data.tags
        row = {"run": run.info.run_name, "run_id": run.info.run_id, "experiment": tags.get("attend_ml.experiment")}
        row |= {"kind": tags.get("attend_ml.kind", "train"), "data": tags.get("attend_ml.data_sha256", "")[:8]}
        row["started"] = pd.Timestamp(run.info.start_time, unit="ms")
        rows.append(row | {name: run.data.metrics.get(name) for name in dict.fromkeys((metric, *_SHOWN))})
    return pd.DataFrame(rows).sort_values(metric, kind="stable", ignore_index=True)


def ui_address(run_ids: list[str], port: int = 5000) -> str:
    """Return the address at which the MLflow UI compares the runs."""
    uri = store.tracking_uri()
    experiment = store.connect().get_experiment_by_name(store.EXPERIMENT).experiment_id
    base = uri.rstrip("/") if uri.startswith(("http://", "https://")) else f"http://{HOST}:{port}"
    return f"{base}/#/compare-runs?runs={quote(json.dumps(run_ids))}&experiments={quote(json.dumps([experiment]))}"
