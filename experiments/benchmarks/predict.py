"""How long a forecast takes once the model and the tables are in memory, and what a thousand at once cost.

    python experiments/benchmarks/predict.py
    python experiments/benchmarks/predict.py --repeats 50 --rows 200 --singles 20

One forecast is `attend_ml.predict`, as users call it. A thousand are `AttendanceForecaster.predict` on
`Situations` of a thousand rows, against the same call for each row alone.
"""

from __future__ import annotations

import argparse
import time

import numpy as np
from report import Row, positive, show

import attend_ml as am
from attend_ml.asof import HORIZONS, Situations, delegations_at
from attend_ml.forecast.fitted import fitted_as_of
from attend_ml.load import load_dataset
from attend_ml.moments import moment

MILLISECONDS, CHEAPER = 50, 20
UNTIL = "2024-01-01"


def later_rows(n: int) -> Situations:
    """Return situations of 2024 and 2025, at every horizon, the same ones over again where there are fewer."""
    data = load_dataset()
    rows = delegations_at(data, HORIZONS)
    rows = rows.take(np.flatnonzero(rows.as_of >= np.datetime64(UNTIL)))
    mixed = np.random.default_rng(0).permutation(len(rows))
    return rows.take(np.resize(mixed, n))


def seconds(call) -> float:
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--meeting", default="istanbul-2025-05-15")
    parser.add_argument("--party", default="RUS")
    parser.add_argument("--as-of", default="2025-05-14")
    parser.add_argument("--repeats", type=positive, default=200, help="calls of am.predict (default 200)")
    parser.add_argument("--rows", type=positive, default=1000, help="forecasts in one call (default 1000)")
    parser.add_argument("--singles", type=positive, default=100, help="of these made one by one (default 100)")
    args = parser.parse_args()

    def one() -> am.Forecast:
        return am.predict(args.meeting, party=args.party, as_of=args.as_of)

    first = seconds(one)
    busy = time.process_time()
    once = np.array([seconds(one) for _ in range(args.repeats)])
    busy = (time.process_time() - busy) / args.repeats

    model = fitted_as_of(load_dataset(), moment(UNTIL)).forecaster
    rows = later_rows(args.rows)
    singles = [rows.take(np.array([k])) for k in range(min(args.singles, args.rows))]
    model.predict(rows.take(np.arange(min(5, args.rows))))
    together = min(seconds(lambda: model.predict(rows)) for _ in range(5)) / args.rows
    alone = float(np.median([seconds(lambda row=row: model.predict(row)) for row in singles]))
    # What is compared must be the same: at once or alone, a row gets the same probabilities.
    np.testing.assert_allclose(
        model.predict(rows).iloc[: len(singles)], np.vstack([model.predict(row) for row in singles]), rtol=1e-9
    )
    table = [
        Row("the first am.predict of the process", 1000 * first, "ms"),
        Row(
            f"am.predict of one party, warm, median of {args.repeats}",
            1000 * np.median(once),
            "ms",
            "at most",
            MILLISECONDS,
        ),
        Row("  nine in ten within", 1000 * np.quantile(once, 0.9), "ms"),
        Row("  of the processor, mean; less than the median where others use the machine", 1000 * busy, "ms"),
        Row(f"one forecast among {args.rows:,} in one call", 1000 * together, "ms"),
        Row(f"one forecast alone, median of {len(singles)}", 1000 * alone, "ms"),
        Row("one among many is cheaper", alone / together, "times", "at least", CHEAPER),
    ]
    return show(f"{args.meeting}, {args.party}, as of {args.as_of}", table)


if __name__ == "__main__":
    raise SystemExit(main())
