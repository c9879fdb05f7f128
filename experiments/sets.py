"""Prints how often sets of levels hold what came, and their size, for several ways to make them, in Markdown."""

from __future__ import annotations

import numpy as np
import pandas as pd

from attend_ml.evaluation.backtest import rolling_origin
from attend_ml.evaluation.class_scores import class_probabilities
from attend_ml.evaluation.parts import Parts
from attend_ml.evaluation.set_scores import IN, LEAST, rolling_sets, set_table
from attend_ml.experiment import load_experiment
from attend_ml.load import load_dataset
from attend_ml.models.forecaster import HIGHEST
from attend_ml.models.sets import HALF_LIFE, ConformalSets


class Share(ConformalSets):
    """How far a probability falls short of the likeliest one's, as a share of it: the likeliest is always in."""

    @staticmethod
    def nonconformity(P: np.ndarray) -> np.ndarray:
        return 1 - P / P.max(axis=1, keepdims=True)


class LeastLikely(ConformalSets):
    """One minus the probability (LAC; Sadinle et al. 2019)."""

    @staticmethod
    def nonconformity(P: np.ndarray) -> np.ndarray:
        return 1 - P


class Adaptive(ConformalSets):
    """The sum of the probabilities down to the class, likeliest first (APS; Romano et al. 2020)."""

    extra = 0.0

    @classmethod
    def nonconformity(cls, P: np.ndarray) -> np.ndarray:
        order = np.argsort(-P, axis=1, kind="stable")
        sums = np.take_along_axis(P, order, axis=1).cumsum(axis=1) + cls.extra * np.arange(P.shape[1])
        out = np.empty_like(P)
        np.put_along_axis(out, order, sums, axis=1)
        return out


class Regularised(Adaptive):
    """The same with a tenth added for every class after the first (RAPS; Angelopoulos et al. 2021)."""

    extra = 0.1


class Ordered(ConformalSets):
    """The sum of the probabilities of the neighbours taken in up to the class, from the likeliest outwards."""

    @staticmethod
    def nonconformity(P: np.ndarray) -> np.ndarray:
        out = np.empty_like(P)
        for row, p in enumerate(P):
            low = high = int(p.argmax())
            out[row, low] = total = p[low]
            while low > 0 or high < len(p) - 1:
                up = low == 0 or (high < len(p) - 1 and p[high + 1] >= p[low - 1])
                low, high = (low, high + 1) if up else (low - 1, high)
                taken = high if up else low
                total += p[taken]
                out[row, taken] = total
        return out


YEAR = 365.25
WAYS = {
    "the strongest rival's share, three years ago counts half": (ConformalSets(), HALF_LIFE, False),
    "the same, two years ago counts half": (ConformalSets(), 2 * YEAR, False),
    "the same, a year ago counts half": (ConformalSets(), YEAR, False),
    "the same, all years alike": (ConformalSets(), None, False),
    "the same, each horizon apart": (ConformalSets(), HALF_LIFE, True),
    "share of the likeliest": (Share(), HALF_LIFE, False),
    "one minus the probability (LAC)": (LeastLikely(), HALF_LIFE, False),
    "adaptive (APS)": (Adaptive(), HALF_LIFE, False),
    "adaptive, regularised (RAPS)": (Regularised(), HALF_LIFE, False),
    "adaptive, without gaps in the order": (Ordered(), HALF_LIFE, False),
}


def main() -> None:
    """Forecast with the champion and print the table."""
    data = load_dataset()
    predictions = rolling_origin(data, load_experiment("champion"), parts=Parts(data))
    print(table(predictions))


def table(predictions: pd.DataFrame) -> str:
    """Return a line of the Markdown table for each way."""
    lines = ["| threshold on | " + " | ".join(HIGHEST) + " | size, 7 days | size, 1 day | full |", "|---" * 8 + "|"]
    for name, (model, half_life, by_horizon) in WAYS.items():
        lines.append(line(name, rolling_sets(predictions, model, half_life, by_horizon)))
    for name, apart in (("LAC, best thresholds, known afterwards", True), ("the same, one for all levels", False)):
        lines.append(line(name, afterwards(predictions, apart)))
    return "\n".join(lines)


def afterwards(predictions: pd.DataFrame, apart: bool) -> pd.DataFrame:
    """Return sets with thresholds set by the very cases that are scored: about the smallest these forecasts allow."""
    sets = rolling_sets(predictions)
    rows = sets.index[sets.highest_outcome.notna() & (sets.calibrated_on >= LEAST)]
    for horizon in predictions.horizon.unique():
        at = rows[sets.horizon[rows] == horizon]
        short = 1 - class_probabilities(predictions.loc[at])
        came = sets.highest_outcome[at].to_numpy(dtype=int)
        own = short[np.arange(len(at)), came]
        limit = [np.quantile(own[came == k] if apart else own, 0.9) for k in range(len(IN))]
        sets.loc[at, list(IN)] = short <= np.array(limit)
    return sets


def line(name: str, sets: pd.DataFrame) -> str:
    """Return a line of the table."""
    by_class = set_table(sets, by_horizon=False).set_index("highest")
    size = set_table(sets).set_index(["highest", "horizon"])["size"]["any"]
    cells = [f"{by_class.coverage[level]:.3f}" for level in HIGHEST]
    cells += [f"{size[7]:.2f}", f"{size[1]:.2f}", f"{by_class.full['any']:.3f}"]
    return f"| {name} | " + " | ".join(cells) + " |"


if __name__ == "__main__":
    main()
