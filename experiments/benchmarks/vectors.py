"""How long the vectors of many delegations take, against filtering the tables once per delegation.

    python experiments/benchmarks/vectors.py
    python experiments/benchmarks/vectors.py --delegations 2000 --signals 100000 --repeats 1

Both ways read the statements with the same reader, fitted on the shipped tables; its time is in both. Neither tells the
effects of the history: they need the shares of every earlier delegation on the eve of its own meeting, for which the
plain way would take hours.
"""

from __future__ import annotations

import argparse
import time

import numpy as np
from plain import Plain
from report import Row, positive, show
from synthetic import dataset

from attend_ml._resources import codebook
from attend_ml.asof import Situations, delegations_at
from attend_ml.dataset import Dataset
from attend_ml.features.base import Extractor
from attend_ml.features.context import MeetingContext
from attend_ml.features.history import PartyHistory
from attend_ml.features.signals import EventSignals
from attend_ml.features.statements import StatementCues
from attend_ml.load import load_dataset

HORIZON = 1
FASTER, GROWTH = 50, 2.3


def extractors() -> list[Extractor]:
    """Return all extractors, fitted on the shipped tables."""
    rows = delegations_at(load_dataset(), [HORIZON])
    history = PartyHistory(book=codebook("history") | {"effects": {}})
    return [extractor.fit(rows) for extractor in (MeetingContext(), StatementCues(), EventSignals(), history)]


def build(data: Dataset, fitted: list[Extractor]) -> tuple[Situations, dict[str, np.ndarray], dict[str, float]]:
    """Build all vectors from tables of which nothing is remembered; also the seconds of each extractor."""
    seconds = {}
    start = time.perf_counter()
    rows = delegations_at(data, [HORIZON])
    seconds["sorting the tables"] = time.perf_counter() - start
    columns: dict[str, np.ndarray] = {}
    for extractor in fitted:
        start = time.perf_counter()
        values = extractor.transform(rows)
        seconds[extractor.name] = time.perf_counter() - start
        columns |= dict(zip(extractor.get_feature_names_out(), values.T, strict=True))
    return rows, columns, seconds


def fastest(data: Dataset, fitted: list[Extractor], repeats: int) -> dict[str, float]:
    # as_of() hands out new tables, so that every repeat sorts them and sums them up again.
    runs = [build(data.as_of("2100-01-01"), fitted)[2] for _ in range(repeats)]
    return min(runs, key=lambda seconds: sum(seconds.values()))


def plain_way(data: Dataset, fitted: list[Extractor], sample: int, seed: int) -> tuple[float, float]:
    """Return the seconds to read all statements, and those for one delegation; values are compared."""
    rows, columns, _ = build(data, fitted)
    reader = next(extractor for extractor in fitted if isinstance(extractor, StatementCues))
    start = time.perf_counter()
    read = reader.read(rows)
    plain = Plain(data, reader.stances(read), reader.bearing(read))
    once = time.perf_counter() - start
    chosen = np.random.default_rng(seed).choice(len(rows), sample, replace=False)
    start = time.perf_counter()
    found = [plain.row(rows.meeting_id[i], rows.party[i], rows.as_of[i]) for i in chosen]
    each = (time.perf_counter() - start) / sample
    for i, row in zip(chosen, found, strict=True):
        assert set(row) == set(columns), set(row) ^ set(columns)
        names = sorted(row)
        np.testing.assert_allclose(
            [float(row[name]) for name in names], [columns[name][i] for name in names], rtol=1e-9, atol=1e-9
        )
    return once, each


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--delegations", type=positive, default=20_000)
    parser.add_argument("--signals", type=positive, default=1_000_000)
    parser.add_argument("--sample", type=positive, default=40, help="delegations built in the plain way (default 40)")
    parser.add_argument("--repeats", type=positive, default=3, help="the fastest counts (default 3)")
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    shipped = load_dataset()
    texts = shipped.statements.text.to_numpy(dtype=object)
    each = len(shipped.statements) / len(shipped.delegations)
    fitted = extractors()
    data = dataset(args.delegations, args.signals, texts, each, args.seed)
    seconds = fastest(data, fitted, args.repeats)
    total = sum(seconds.values())
    once, one = plain_way(data, fitted, min(args.sample, args.delegations), args.seed)
    plain = once + one * args.delegations
    twice = dataset(2 * args.delegations, 2 * args.signals, texts, each, args.seed + 1)
    doubled = sum(fastest(twice, fitted, args.repeats).values())
    rows = [
        Row(f"vectors of {args.delegations:,} delegations, {args.signals:,} signals", total, "s"),
        *(Row(f"  of which {name}", value, "s") for name, value in seconds.items()),
        Row(f"the plain way, one delegation (mean of {args.sample}, values equal)", 1000 * one, "ms"),
        Row(f"the plain way, all: scaled up from {args.sample}, and {once:.1f} s once", plain, "s"),
        Row("the plain way takes", plain / total, "times as long", "at least", FASTER),
        Row("twice the data", doubled, "s"),
        Row("twice the data takes", doubled / total, "times as long", "at most", GROWTH),
    ]
    return show(f"{len(data.statements):,} statements, read; one moment a delegation, the day before", rows)


if __name__ == "__main__":
    raise SystemExit(main())
