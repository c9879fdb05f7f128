"""What it costs to import the package, and to ask its command for help.

    python experiments/benchmarks/imports.py
    python experiments/benchmarks/imports.py --repeats 5

Every number is the fastest of several fresh processes: what else a machine does only ever adds to it.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time

from report import Row, positive, show

PANDAS, HELP = 1 / 3, 1.5
COMMANDS = {
    "python -c pass": ["-c", "pass"],
    "import attend_ml": ["-c", "import attend_ml"],
    "import pandas": ["-c", "import pandas"],
    "attend-ml --help": ["-m", "attend_ml", "--help"],
    "attend-ml --version": ["-m", "attend_ml", "--version"],
}


def seconds(arguments: list[str]) -> float:
    start = time.perf_counter()
    done = subprocess.run([sys.executable, *arguments], capture_output=True, text=True, check=False)
    took = time.perf_counter() - start
    if done.returncode:
        raise SystemExit(f"python {' '.join(arguments)} ended with {done.returncode}:\n{done.stderr}")
    return took


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeats", type=positive, default=15, help="processes for each command (default 15)")
    args = parser.parse_args()
    best = dict.fromkeys(COMMANDS, float("inf"))
    # In turn, so that a busy moment of the machine meets all of them alike; the first round only warms the disk.
    for k in range(args.repeats + 1):
        for name, arguments in COMMANDS.items():
            took = seconds(arguments)
            best[name] = min(best[name], took) if k else best[name]
    rows = [Row(name, 1000 * value, "ms") for name, value in best.items()]
    rows += [
        Row(
            "import attend_ml, to import pandas",
            best["import attend_ml"] / best["import pandas"],
            "times",
            "at most",
            PANDAS,
        ),
        Row(
            "attend-ml --help, to python -c 'import attend_ml'",
            best["attend-ml --help"] / best["import attend_ml"],
            "times",
            "at most",
            HELP,
        ),
    ]
    return show(f"processes of {sys.executable}, the fastest of {args.repeats}", rows)


if __name__ == "__main__":
    raise SystemExit(main())
