"""The command line: one module a command, each callable with a list of arguments.

Nothing heavy is imported before a command needs it, so that ``--help`` answers at once.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from importlib import import_module

from attend_ml._version import __version__

COMMANDS = {
    "predict": "who will come to a meeting, why, and how such meetings went before",
    "train": "fit, score by rolling origin, log a run in MLflow, register the model",
    "backtest": "score experiments side by side by rolling origin, each a run in MLflow",
    "evaluate": "fit once on one data set, forecast and score another",
    "compare": "the runs in the tracking store side by side",
    "data": "check or describe a folder with the four tables",
    "ui": "open the runs in the MLflow UI on 127.0.0.1",
}
_USAGE = "usage: attend-ml [--version] [--help] COMMAND ..."


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command.

    Parameters
    ----------
    argv : sequence of str or None, default=None
        Arguments after the program's name; those of the process when None.

    Returns
    -------
    int
        0 done; 1 the data or the request is wrong, told in one line on stderr; 2 usage.

    Examples
    --------
    >>> main(["--version"])
    attend-ml ...
    0
    """
    arguments = list(sys.argv[1:] if argv is None else argv)
    if not arguments:
        print(_help(), file=sys.stderr)
        return 2
    name, *rest = arguments
    if name in ("--help", "-h"):
        print(_help())
        return 0
    if name == "--version":
        print(f"attend-ml {__version__}")
        return 0
    if name not in COMMANDS:
        from attend_ml.errors import one_of

        print(f"{_USAGE}\nattend-ml: found {name!r}; {one_of(list(COMMANDS), name)}", file=sys.stderr)
        return 2
    from attend_ml.errors import AttendError

    try:
        status: int = import_module(f"attend_ml.cli.{name}").main(rest)
        sys.stdout.flush()
    except AttendError as error:
        print(f"attend-ml: {error}", file=sys.stderr)
        return 1
    except BrokenPipeError:
        # The reader (a pager, head) has seen enough; without this Python complains once more at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        print("attend-ml: stopped", file=sys.stderr)
        return 130
    return status


def _help() -> str:
    width = max(map(len, COMMANDS))
    lines = [_USAGE, "", "Forecasts who will come to a negotiation.", "", "commands:"]
    lines += [f"  {name:<{width}}  {told}" for name, told in COMMANDS.items()]
    return "\n".join([*lines, "", "`attend-ml COMMAND --help` tells the rest."])
