"""``attend-ml ui``."""

from __future__ import annotations

import argparse
import os
import socket
import sys
from collections.abc import Sequence

from attend_ml.errors import RequestError

HOST = "127.0.0.1"


def parser() -> argparse.ArgumentParser:
    """Return the command's arguments."""
    out = argparse.ArgumentParser(
        prog="attend-ml ui", description="The MLflow UI on 127.0.0.1 over the project's store; Ctrl-C stops it."
    )
    out.add_argument("--port", metavar="PORT", type=int, default=5000, help="default: 5000")
    return out


def main(argv: Sequence[str]) -> int:
    """Run the command; its process becomes the server."""
    args = parser().parse_args(argv)
    from attend_ml.tracking import store

    if not store.exists():
        raise RequestError(f"no run is recorded yet in {store.tracking_uri()}: run `attend-ml train` first")
    uri = store.tracking_uri()
    experiment = store.connect().get_experiment_by_name(store.EXPERIMENT).experiment_id
    # MLflow opens in its GenAI mode unless told otherwise.
    page = f"#/experiments/{experiment}/runs?workflowType=machine_learning&compareRunsMode=CHART"
    page += "&orderByKey=metrics.%60leader%2Fbrier_choice%60&orderByAsc=true"
    if uri.startswith(("http://", "https://")):
        print(f"the runs are at {uri.rstrip('/')}/{page}")
    else:
        _serve(uri, args.port, page)
    return 0


def _serve(uri: str, port: int, page: str) -> None:
    from attend_ml.tracking import store

    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            raise RequestError(f"port {port} of {HOST} is in use: give another with --port") from None
    print(f"the runs are at http://{HOST}:{port}/{page}\nCtrl-C stops the server", flush=True)
    command = [sys.executable, "-m", "mlflow", "server", "--host", HOST, "--port", str(port), "--workers", "1"]
    command += ["--backend-store-uri", uri]
    artifacts = store.artifacts_uri(uri)
    if artifacts:
        command += ["--default-artifact-root", artifacts]
    os.execve(sys.executable, command, {**os.environ, **store.quiet_environment()})
