"""The leakage probe: does anything that became known later reach a forecast?"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import partial
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from joblib import Parallel, delayed

from attend_ml.asof import Situations, delegations_at
from attend_ml.dataset import Dataset
from attend_ml.errors import RequestError
from attend_ml.evaluation.backtest import fit_as_of
from attend_ml.evaluation.planting import DAY, KINDS, plant, say
from attend_ml.experiment import Experiment, Model
from attend_ml.models.forecaster import AttendanceForecaster
from attend_ml.moments import When, moment

COUNTS = (
    "rows_planted",
    "delegations",
    "vectors_moved",
    "fits_moved",
    "probabilities_moved",
    "control_vectors_moved",
    "control_fits_moved",
    "control_probabilities_moved",
)
VERDICTS = ("clean", "moved", "not convincing", "not read")
# What only one extractor is there to read: without it a control need not move anything.
_READ_BY = {"statements": "statements", "links": "statements", "signals": "signals", "announcements": "context"}
# Where the moments lie when none are given: shares of the meetings, in order of date.
_FITTED = (0.45, 0.7)
_LOOKED_AT = (0.35, 0.55, 0.65, 0.75, 0.85, 0.95)


def leakage_probe(
    data: Dataset,
    experiment: Experiment,
    moments: Sequence[When] | None = None,
    n_jobs: int = 2,
    progress: Callable[[int, int], None] | None = None,
) -> pd.DataFrame:
    """Plant rows that tell the outcome after a moment, and count the forecasts from before it that move.

    Every kind of row is planted after each moment, see :mod:`attend_ml.evaluation.planting`. For every delegation at
    every horizon up to the moment, and every one to come seen from the moment itself, columns and probabilities must
    be the same to the last bit on both datasets, and so must be what a model is fitted on as of the moment. The
    control is the same planted dataset seen by the forecasts made after the moment, which must move: else it would
    say nothing that those before did not.

    Parameters
    ----------
    data : Dataset
    experiment : Experiment
        Its extractors, model and horizons are probed.
    moments : sequence of date-like or None, default=None
        Moments to plant and fit at; some meetings must be over by each, and others not. When None, the eve of the
        meeting at 45 % of all in order of date and the day of that at 70 %, and six more at which nothing is fitted.
    n_jobs : int, default=2
        Processes.
    progress : callable or None, default=None
        Called with the number of steps done and of all.

    Returns
    -------
    pandas.DataFrame
        A row for each of :data:`attend_ml.evaluation.planting.KINDS`, for all of them at once ("everything"), and
        for statements made right after the forecasts at each of the two shortest horizons. Counts are sums over the
        moments:

        * ``plant``; ``rows_planted``; ``delegations``: forecasts compared;
        * ``vectors_moved``, ``probabilities_moved``: forecasts whose columns or probabilities differ;
        * ``fits_moved``: moments at which columns or labels that the model is fitted on differ;
        * ``control_vectors_moved``, ``control_probabilities_moved``: the same of forecasts made after the moment;
          ``control_fits_moved``: of a fit on all data, which is tried where no later forecast moved;
        * ``verdict``: one of :data:`VERDICTS`. "moved": there is a leak; "not convincing": nothing moved, but
          neither did the control; "not read": the same, as the experiment has no extractor that reads such rows.

    Raises
    ------
    RequestError
        If no outcome was known by one of the moments, or no meeting lies after it.

    See Also
    --------
    passed : Whether the table shows no leak.

    Notes
    -----
    With "everything" the model is fitted anew on the planted data. With one kind it is so only where what it is
    fitted on differs: equal columns and labels give an equal model.

    Examples
    --------
    >>> from attend_ml.experiment import Features
    >>> from attend_ml.load import load_dataset
    >>> spec = Experiment("quick", features=Features(("context",)), model=Model("climatology"))
    >>> table = leakage_probe(load_dataset(), spec, ["2014-01-01"], n_jobs=1)
    >>> passed(table)
    True
    >>> table.set_index("plant").verdict[["outcomes", "announcements", "signals"]].tolist()
    ['clean', 'clean', 'not read']
    """
    seams = sorted(set(experiment.scoring.horizons))[:2]
    fitted, looked_at = _moments(data, moments, seams)
    total = len(fitted) * (2 + len(KINDS)) + len(looked_at) + len(seams)
    done = 0

    def run(steps: Sequence[Callable[[], Any]]) -> list[Any]:
        nonlocal done
        out: list[Any] = [None] * len(steps)
        parallel = Parallel(n_jobs=n_jobs, return_as="generator_unordered")
        for number, result in parallel(delayed(_numbered)(number, step) for number, step in enumerate(steps)):
            out[number] = result
            done += 1
            if progress:
                progress(done, total)
        return out

    # Late fits take longest: begun first, no process waits for another at the end.
    views = run([partial(_fit, data, experiment, at, kind) for at in fitted for kind in (None, "everything")])
    bases = views[::2]
    found = [_counted(data, experiment, base, view) for base, view in zip(bases, views[1::2], strict=True)]
    steps = [partial(_one_kind, data, experiment, kind, base) for base in bases for kind in KINDS]
    steps += [partial(_look, data, experiment, at, bases[0]) for at in looked_at]
    steps += [partial(_seam, data, experiment, horizon, bases[0]) for horizon in seams]
    return _table([*found, *run(steps)], experiment)


def passed(table: pd.DataFrame) -> bool:
    """Tell whether a probe found no leak, and could have found one.

    Parameters
    ----------
    table : pandas.DataFrame
        As :func:`leakage_probe` returns it.

    Returns
    -------
    bool
        False where anything moved, where a control did not, and where none was looked at.

    Examples
    --------
    >>> passed(pd.DataFrame({"verdict": ["clean", "not read"]}))
    True
    >>> passed(pd.DataFrame({"verdict": ["clean", "not convincing"]}))
    False
    """
    return bool(table.verdict.isin(["clean", "not read"]).all() and (table.verdict == "clean").any())


class _View(NamedTuple):
    """A model fitted as of a moment, and what it makes of every situation."""

    kind: str | None
    rows_planted: int
    at: pd.Timestamp
    model: AttendanceForecaster
    learned: str
    vectors: np.ndarray
    probabilities: np.ndarray


def _numbered(number: int, step: Callable[[], Any]) -> tuple[int, Any]:
    return number, step()


def _moments(
    data: Dataset, moments: Sequence[When] | None, horizons: Sequence[int]
) -> tuple[list[pd.Timestamp], list[pd.Timestamp]]:
    """Return the moments to fit at, the latest first, and those at which columns alone are looked at."""
    dates = data.meetings.date[data.meetings.status.notna()].dt.normalize().sort_values()
    if dates.empty:
        raise RequestError("there is nothing to probe: the data know the outcome of no meeting")

    def at(shares: Iterable[float]) -> list[pd.Timestamp]:
        # The very moments of forecasts, so that some stand right before what is planted.
        days = [dates.iloc[int(share * len(dates))] for share in shares]
        return [moment(day - horizons[(k + 1) % len(horizons)] * DAY) for k, day in enumerate(days)]

    fitted = at(_FITTED) if moments is None else [moment(when) for when in moments]
    for when in fitted:
        if when >= dates.iloc[-1] + DAY:
            raise RequestError(f"there is nothing to plant after {when:%Y-%m-%d}: every meeting is over by then")
    return sorted(set(fitted), reverse=True), at(_LOOKED_AT) if moments is None else []


def _asked(data: Dataset, experiment: Experiment, at: pd.Timestamp, planted: Dataset | None = None) -> Situations:
    """Return every delegation at every horizon, and those of open meetings at the moment; on the planted data if any.

    Few horizons end between the moment and a meeting after it. Forecasts from the very moment, however long before
    the meeting, stand right before all that is planted.
    """
    rows = delegations_at(data, experiment.scoring.horizons)
    last = delegations_at(data, [0])
    last = last.take(last.as_of >= at.to_datetime64())
    return Situations(
        data if planted is None else planted,
        np.concatenate([rows.meeting_id, last.meeting_id]),
        np.concatenate([rows.party, last.party]),
        np.concatenate([rows.as_of, np.full(len(last), at.to_datetime64(), dtype=rows.as_of.dtype)]),
    )


def _fit(data: Dataset, experiment: Experiment, at: pd.Timestamp, kind: str | None) -> _View:
    planted, rows_planted = (data, 0) if kind is None else plant(data, kind, at)
    model = _model(planted, experiment, at)
    seen = _seen(model, _asked(data, experiment, at, planted))
    return _View(kind, rows_planted, at, model, _learned(planted, experiment, at), *seen)


def _model(data: Dataset, experiment: Experiment, at: pd.Timestamp) -> AttendanceForecaster:
    # A midnight would be taken for the whole day.
    return fit_as_of(data, experiment, f"{at:%Y-%m-%dT%H:%MZ}" if at == at.normalize() else at.to_datetime64())


def _learned(data: Dataset, experiment: Experiment, at: pd.Timestamp) -> str:
    """Return a fingerprint of the columns and labels that any model of the experiment is fitted on."""
    # The same without the classifiers, which take most of the time.
    model = _model(data, replace(experiment, model=Model("climatology")), at)
    digest = hashlib.sha256(model.typical_.tobytes())
    for name, values in sorted(model.past_.items()):
        digest.update(f"{name} {values.tolist()}".encode())
    return digest.hexdigest()


def _seen(model: AttendanceForecaster, rows: Situations) -> tuple[np.ndarray, np.ndarray]:
    return model.vectors(rows).to_numpy(dtype=float), model.predict(rows).to_numpy(dtype=float)


def _one_kind(data: Dataset, experiment: Experiment, kind: str, base: _View) -> dict[str, Any]:
    """Plant one kind of row after the moment of a model, and count what moves before it and after it."""
    planted, rows_planted = plant(data, kind, base.at)
    learned, model = _learned(planted, experiment, base.at), base.model
    if learned != base.learned:
        model = _model(planted, experiment, base.at)
    seen = _seen(model, _asked(data, experiment, base.at, planted))
    count = _counted(data, experiment, base, _View(kind, rows_planted, base.at, model, learned, *seen))
    if not count["control_vectors_moved"] and not count["control_probabilities_moved"]:
        end = data.meetings.date.max().normalize() + DAY
        count["control_fits_moved"] = int(_learned(data, experiment, end) != _learned(planted, experiment, end))
    return count


def _look(data: Dataset, experiment: Experiment, at: pd.Timestamp, base: _View) -> dict[str, Any]:
    """Plant everything after a moment, and look at it with a model that was fitted as of another."""
    planted, rows_planted = plant(data, "everything", at)
    before, after = (_seen(base.model, _asked(data, experiment, at, tables)) for tables in (data, planted))
    same = base._replace(at=at, vectors=before[0], probabilities=before[1])
    other = same._replace(kind="everything", rows_planted=rows_planted, vectors=after[0], probabilities=after[1])
    return _counted(data, experiment, same, other)


def _seam(data: Dataset, experiment: Experiment, horizon: int, base: _View) -> dict[str, Any]:
    """Make statements right after the moment of each forecast at a horizon, and as a control right before it."""
    rows = delegations_at(data, [horizon])
    before = _seen(base.model, rows)
    count: dict[str, Any] = {"plant": f"statements, horizon {horizon}", "delegations": len(rows)}
    for late, prefix in ((True, ""), (False, "control_")):
        planted, count["rows_planted"] = say(data, horizon, late)
        after = _seen(base.model, delegations_at(planted, [horizon]))
        for name, one, other in zip(("vectors", "probabilities"), before, after, strict=True):
            count[f"{prefix}{name}_moved"] = int(_differ(one, other).sum())
    return count


def _counted(data: Dataset, experiment: Experiment, base: _View, view: _View) -> dict[str, Any]:
    before = _asked(data, experiment, view.at).as_of <= view.at.to_datetime64()
    vectors = _differ(base.vectors, view.vectors)
    probabilities = _differ(base.probabilities, view.probabilities)
    return {
        "plant": view.kind,
        "rows_planted": view.rows_planted,
        "delegations": int(before.sum()),
        "vectors_moved": int(vectors[before].sum()),
        "fits_moved": int(base.learned != view.learned),
        "probabilities_moved": int(probabilities[before].sum()),
        "control_vectors_moved": int(vectors[~before].sum()),
        "control_probabilities_moved": int(probabilities[~before].sum()),
    }


def _differ(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Tell which rows differ in any bit; all of them where there is another number of columns."""
    if one.shape != other.shape:
        return np.ones(len(one), dtype=bool)
    bits = [np.ascontiguousarray(values, dtype=float).view(np.int64) for values in (one, other)]
    return np.asarray((bits[0] != bits[1]).any(axis=1))


def _table(counts: list[dict[str, Any]], experiment: Experiment) -> pd.DataFrame:
    table = pd.DataFrame(counts, columns=pd.Index(["plant", *COUNTS])).fillna(dict.fromkeys(COUNTS, 0))
    table = table.astype(dict.fromkeys(COUNTS, int)).groupby("plant", sort=False)[list(COUNTS)].sum()
    seams = [name for name in table.index if name not in KINDS and name != "everything"]
    table = table.loc[[*KINDS, "everything", *seams]].reset_index()
    return table.assign(verdict=[_verdict(row, experiment) for row in table.to_dict("records")])


def _verdict(row: dict[Any, Any], experiment: Experiment) -> str:
    names = ("vectors_moved", "fits_moved", "probabilities_moved")
    if any(row[name] for name in names):
        return "moved"
    if any(row[f"control_{name}"] for name in names):
        return "clean"
    reader = _READ_BY.get(row["plant"].split(",")[0])
    return "not convincing" if reader is None or reader in experiment.features.extractors else "not read"
