"""The table of what helps: differences to the champion on the same forecasts, with their intervals."""

import runpy
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from attend_ml.evaluation.class_scores import class_probabilities, ranked_probability_score
from attend_ml.experiment import load_experiment

SCRIPT = runpy.run_path(str(Path(__file__).resolve().parent.parent / "experiments" / "what_helps.py"))


def forecasts(leader: float, n: int = 20) -> pd.DataFrame:
    """Return forecasts of meetings of one party each, to every second of which the leader came."""
    came = np.tile([3.0, 2.0], n // 2)
    names = [f"m{k:02}" for k in range(n)]
    table = pd.DataFrame({"meeting_id": names, "party": "RUS", "horizon": 7, "cluster": names})
    table["highest_outcome"] = came
    p = np.where(came == 3, leader, 1 - leader)
    return table.assign(leader=p, highest_senior=1 - p, highest_working=0.0, anyone=1.0)


@pytest.mark.parametrize("folder", ["ablations", "alternatives"])
def test_every_experiment_of_a_folder_is_the_champion_but_for_one_thing(folder):
    names = SCRIPT["names_in"](folder)
    assert len(names) > 10
    champion = load_experiment("champion").fingerprint()
    assert all(load_experiment(name).fingerprint() != champion for name in names)


def test_a_better_forecast_has_a_difference_below_zero_in_bold():
    good, bad = (SCRIPT["highest"](forecasts(p), ranked_probability_score) for p in (0.9, 0.6))
    value, low, high = found = SCRIPT["change"](good, bad)
    assert value == pytest.approx((0.1**2 - 0.4**2) / 3)
    assert low <= value <= high < 0
    assert SCRIPT["cells"](found)[0] == "**−0.0500**"


def test_an_interval_that_holds_zero_is_not_bold():
    assert SCRIPT["cells"]((0.001, -0.002, 0.004)) == ["+0.0010", "−0.0020 to +0.0040"]


def test_only_the_horizons_a_champion_is_chosen_by_count():
    table = forecasts(0.8)
    far = pd.concat([table, table.assign(horizon=14, leader=0.0)], ignore_index=True)
    scores = SCRIPT["highest"](far, ranked_probability_score)
    came = table.highest_outcome.to_numpy(dtype=int)
    np.testing.assert_allclose(scores.to_numpy(), ranked_probability_score(class_probabilities(table), came))
