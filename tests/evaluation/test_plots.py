"""The figures show the numbers."""

import io

import numpy as np
import pandas as pd
import pytest

from attend_ml.evaluation.plots import horizon_figure, reliability_figure
from attend_ml.evaluation.scores import reliability


@pytest.fixture(scope="module")
def predictions():
    rng = np.random.default_rng(0)
    p = rng.uniform(size=300)
    y = (rng.random(300) < p**2).astype(float)
    y[::17] = np.nan
    return pd.DataFrame({"senior": p, "senior_outcome": y})


def known(predictions):
    rows = predictions.dropna()
    return rows.senior.to_numpy(), rows.senior_outcome.to_numpy()


def line(axes, label):
    return next(drawn for drawn in axes.lines if drawn.get_label() == label).get_xydata()


def test_the_curve_goes_through_the_points_of_reliability(predictions):
    top = reliability_figure(predictions, "senior").axes[0]
    np.testing.assert_array_equal(line(top, "as it came"), reliability(*known(predictions))[:, :2])
    np.testing.assert_array_equal(line(top, "as said"), [[0, 0], [1, 1]])


def test_the_bars_count_the_forecasts_whose_outcome_is_known(predictions):
    p, _ = known(predictions)
    bars = reliability_figure(predictions, "senior").axes[1].patches
    assert [bar.get_height() for bar in bars] == np.histogram(p, bins=np.linspace(0, 1, 21))[0].tolist()
    assert sum(bar.get_height() for bar in bars) == len(p)


def test_axes_say_which_level_and_what_is_counted(predictions):
    top, bottom = reliability_figure(predictions, "senior", title="Quick").axes
    assert top.get_title() == "Quick"
    assert "senior" in top.get_ylabel()
    assert "senior" in bottom.get_xlabel()
    assert (top.get_xlim(), top.get_ylim()) == ((0, 1), (0, 1))


def test_a_forecast_that_is_missing_is_left_out_of_the_curve(predictions):
    some = predictions.copy()
    some.loc[::10, "senior"] = np.nan
    top = reliability_figure(some, "senior").axes[0]
    np.testing.assert_array_equal(line(top, "as it came"), reliability(*known(some))[:, :2])


def test_without_known_outcomes_the_figure_is_empty_and_does_not_fail(predictions):
    figure = reliability_figure(predictions.assign(senior_outcome=np.nan), "senior")
    assert len(line(figure.axes[0], "as it came")) == 0


@pytest.fixture
def scores():
    return pd.DataFrame(
        {
            "level": ["leader"] * 3 + ["senior"],
            "horizon": [7, 3, 0, 7],
            "brier": [0.12, 0.10, 0.05, 0.2],
            "brier_low": [0.10, 0.09, 0.03, 0.1],
            "brier_high": [0.14, 0.12, 0.06, 0.3],
        }
    )


def test_the_scores_by_days_are_drawn_with_their_interval(scores):
    axes = horizon_figure(scores, "leader", "Quick").axes[0]
    np.testing.assert_array_equal(line(axes, "Brier score"), [[0, 0.12], [1, 0.10], [2, 0.05]])
    assert [tick.get_text() for tick in axes.get_xticklabels()] == ["7", "3", "0"]
    band = {tuple(point) for point in axes.collections[0].get_paths()[0].vertices}
    assert {(0, 0.10), (0, 0.14), (2, 0.03), (2, 0.06)} <= band
    assert axes.get_title() == "Quick"


def test_always_saying_one_half_is_drawn_for_comparison(scores):
    assert line(horizon_figure(scores).axes[0], "always one half")[:, 1].tolist() == [0.25, 0.25]


def test_a_score_above_the_usual_is_not_cut_off(scores):
    bottom, top = horizon_figure(scores, "senior").axes[0].get_ylim()
    assert bottom <= 0.1
    assert top >= 0.3


def test_both_figures_can_be_saved(predictions, scores):
    for figure in (reliability_figure(predictions, "senior"), horizon_figure(scores)):
        file = io.BytesIO()
        figure.savefig(file, format="png")
        assert file.getvalue().startswith(b"\x89PNG")
