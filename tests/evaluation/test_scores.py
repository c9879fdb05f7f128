"""Scores of probabilities against scikit-learn's and by hand, and their intervals against simulation."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn import metrics
from sklearn.isotonic import IsotonicRegression

from attend_ml.evaluation.scores import (
    auc,
    brier,
    brier_parts,
    calibration_error,
    log_loss,
    mean_interval,
    reliability,
    skill,
    skill_interval,
)


@pytest.fixture(scope="module")
def forecasts():
    rng = np.random.default_rng(0)
    p = rng.uniform(0.01, 0.99, 500)
    return p, (rng.random(500) < p).astype(float)


def test_brier_score_log_loss_and_auc_are_those_of_scikit_learn(forecasts):
    p, y = forecasts
    assert brier(p, y) == pytest.approx(metrics.brier_score_loss(y, p))
    assert log_loss(p, y) == pytest.approx(metrics.log_loss(y, p))
    assert auc(p, y) == pytest.approx(metrics.roc_auc_score(y, p))


def test_by_hand():
    p, y = np.array([0.8, 0.4, 0.1]), np.array([1.0, 1.0, 0.0])
    assert brier(p, y) == pytest.approx((0.04 + 0.36 + 0.01) / 3)
    assert log_loss(p, y) == pytest.approx(-(math.log(0.8) + math.log(0.4) + math.log(0.9)) / 3)
    assert auc(p, 1 - y) == 0.0


def test_a_certain_forecast_that_fails_costs_much_but_not_everything():
    assert log_loss(np.array([0.0]), np.array([1.0])) == pytest.approx(-math.log(1e-6))
    assert log_loss(np.array([1.0, 0.0]), np.array([1.0, 0.0])) == pytest.approx(0.0, abs=2e-6)


def test_nothing_to_score_is_no_number():
    none = np.array([])
    for score in (brier, log_loss, auc, calibration_error):
        assert math.isnan(score(none, none)), score
    assert all(math.isnan(end) for end in mean_interval(none, none))


@pytest.mark.parametrize("outcome", [0.0, 1.0])
def test_where_one_outcome_only_was_met_there_is_no_auc_but_the_other_scores(outcome):
    p, y = np.array([0.2, 0.7]), np.full(2, outcome)
    assert math.isnan(auc(p, y))
    assert brier(p, y) == pytest.approx(metrics.brier_score_loss(y, p, pos_label=1))
    assert log_loss(p, y) == pytest.approx(metrics.log_loss(y, p, labels=[0, 1]))


# -- calibration -------------------------------------------------------------------------------------------------


def test_calibration_error_by_hand():
    # Two bins of ten: said 0.2 and came 0.4; said 0.7 and came 0.6.
    p = np.r_[np.full(10, 0.2), np.full(10, 0.7)]
    y = np.r_[[1] * 4, [0] * 6, [1] * 6, [0] * 4].astype(float)
    np.testing.assert_allclose(reliability(p, y), [[0.2, 0.4, 10], [0.7, 0.6, 10]])
    assert calibration_error(p, y) == pytest.approx((0.2 + 0.1) / 2)


def test_bins_hold_equal_numbers_and_rise(forecasts):
    points = reliability(*forecasts)
    assert points[:, 2].tolist() == [50] * 10
    assert (np.diff(points[:, 0]) > 0).all()
    np.testing.assert_allclose(points.mean(axis=0)[:2], [forecasts[0].mean(), forecasts[1].mean()])


@pytest.mark.parametrize(("n", "bins"), [(1, 1), (19, 1), (20, 2), (95, 9), (99, 9), (100, 10), (5000, 10)])
def test_few_cases_make_few_bins(n, bins):
    p = np.linspace(0, 1, n)
    points = reliability(p, (p > 0.5).astype(float))
    assert len(points) == bins
    assert points[:, 2].sum() == n


def test_the_order_of_cases_does_not_matter(forecasts):
    p, y = forecasts
    order = np.random.default_rng(1).permutation(len(p))
    np.testing.assert_allclose(reliability(p[order], y[order]), reliability(p, y))


def test_forecasts_that_are_right_on_the_whole_have_a_small_calibration_error_and_bold_ones_a_large():
    rng = np.random.default_rng(0)
    p = rng.uniform(0.2, 0.8, 20_000)
    y = (rng.random(20_000) < p).astype(float)
    assert calibration_error(p, y) < 0.02
    assert calibration_error(np.where(p > 0.5, 0.95, 0.05), y) > 0.2


# -- intervals ---------------------------------------------------------------------------------------------------


def clustered(rng, n=60):
    """Return values of clusters of one to eight rows that are alike, with a true mean of 0.5."""
    size = rng.integers(1, 9, n)
    cluster = np.repeat(np.arange(n), size)
    return np.repeat(rng.normal(0.5, 0.2, n), size) + rng.normal(0, 0.02, len(cluster)), cluster


def test_intervals_cover_the_true_mean_about_nine_times_in_ten():
    rng = np.random.default_rng(0)
    covered = [
        low <= 0.5 <= high for low, high in (mean_interval(*clustered(rng), n_resamples=300) for _ in range(400))
    ]
    assert 0.85 < np.mean(covered) < 0.94


def test_rows_drawn_one_by_one_would_give_intervals_far_too_narrow():
    # What makes the test above one of clusters: with each row its own, the same data are not covered.
    rng = np.random.default_rng(0)
    covered = []
    for _ in range(200):
        values, cluster = clustered(rng)
        low, high = mean_interval(values, np.arange(len(cluster)), n_resamples=300)
        covered.append(low <= 0.5 <= high)
    assert np.mean(covered) < 0.75


def test_a_cluster_is_drawn_whole():
    # Two clusters of mean 0 and 1: drawn whole, a resample has the mean 0, one half or 1, and nothing between.
    values, cluster = np.repeat([0.0, 1.0], 50), np.repeat(["a", "b"], 50)
    assert mean_interval(values, cluster) == (0.0, 1.0)
    assert mean_interval(values, cluster, level=0.2) == (0.5, 0.5)


def test_a_single_cluster_has_no_width():
    assert mean_interval(np.array([0.0, 1.0, 0.5]), np.zeros(3)) == (0.5, 0.5)


def test_a_large_cluster_counts_by_its_rows():
    values, cluster = np.r_[np.zeros(90), np.ones(10)], np.r_[np.zeros(90), np.arange(1, 11)]
    low, high = mean_interval(values, cluster)
    assert low < 0.1 < high
    assert high > 0.5


def test_a_higher_level_is_wider_and_the_same_seed_gives_the_same():
    values, cluster = clustered(np.random.default_rng(0))
    narrow, wide = mean_interval(values, cluster, level=0.5), mean_interval(values, cluster, level=0.99)
    assert wide[0] < narrow[0] < narrow[1] < wide[1]
    assert mean_interval(values, cluster) == mean_interval(values, cluster)
    assert mean_interval(values, cluster, seed=1) != mean_interval(values, cluster)


# -- the parts of the Brier score --------------------------------------------------------------------------------


@given(st.integers(0, 2**16), st.integers(1, 60), st.integers(1, 20))
def test_the_parts_add_up_exactly_and_none_is_below_nought(seed, n, values):
    rng = np.random.default_rng(seed)
    p, y = rng.integers(0, values + 1, n) / values, rng.integers(0, 2, n)
    miscalibration, discrimination, uncertainty = brier_parts(p, y)
    assert miscalibration - discrimination + uncertainty == pytest.approx(brier(p, y), abs=1e-12)
    assert min(miscalibration, discrimination, uncertainty) >= -1e-12
    assert discrimination <= uncertainty + 1e-12
    assert uncertainty == pytest.approx(y.mean() * (1 - y.mean()))


def test_parts_by_hand():
    # Said 0.2 and came 1 of 4; said 0.6 and came 3 of 4: recalibrated 0.25 and 0.75.
    p, y = np.repeat([0.2, 0.6], 4), np.array([1, 0, 0, 0, 1, 1, 1, 0])
    assert brier_parts(p, y) == pytest.approx((0.5 * (0.05**2 + 0.15**2), 0.25**2, 0.25))
    # Said the wrong way round, isotonic regression pools all: nothing is told apart.
    assert brier_parts(1 - p, y) == pytest.approx((brier(1 - p, y) - 0.25, 0.0, 0.25))


def test_the_recalibration_is_that_of_isotonic_regression(forecasts):
    p, y = forecasts
    again = IsotonicRegression(y_min=0, y_max=1).fit_transform(p, y)
    miscalibration, discrimination, uncertainty = brier_parts(p, y)
    assert miscalibration == pytest.approx(brier(p, y) - brier(again, y))
    assert discrimination == pytest.approx(uncertainty - brier(again, y))


def test_stretching_forecasts_changes_their_reliability_and_not_their_resolution(forecasts):
    p, y = forecasts
    plain, bold = brier_parts(p, y), brier_parts(np.round(p**3, 12), y)
    assert bold[0] > plain[0] + 0.02
    assert bold[1] == pytest.approx(plain[1])
    assert plain[0] < 0.02


@pytest.mark.parametrize("outcome", [0.0, 1.0])
def test_where_one_outcome_only_was_met_all_is_miscalibration(outcome):
    p = np.array([0.2, 0.7, 0.9])
    y = np.full(3, outcome)
    assert brier_parts(p, y) == pytest.approx((brier(p, y), 0.0, 0.0))
    assert all(math.isnan(part) for part in brier_parts(p[:0], y[:0]))


# -- skill -------------------------------------------------------------------------------------------------------


def test_skill_by_hand():
    y = np.array([1.0, 0.0])
    half = np.full(2, 0.5)
    assert skill(y, y, half) == 1.0
    assert skill(half, y, half) == 0.0
    assert skill(1 - y, y, half) == pytest.approx(1 - 1 / 0.25)
    # Nothing is better than a perfect rule, and there is no share of it.
    assert math.isnan(skill(half, y, y))
    assert math.isnan(skill(y[:0], y[:0], y[:0]))


def test_the_interval_of_skill_covers_it_and_draws_clusters_whole(forecasts):
    p, y = forecasts
    rule, cluster = np.full(len(p), y.mean()), np.arange(len(p)) // 5
    low, high = skill_interval(p, y, rule, cluster)
    assert low < skill(p, y, rule) < high
    assert skill_interval(p, y, rule, cluster) == (low, high)
    wide = skill_interval(np.repeat(p, 4), np.repeat(y, 4), np.repeat(rule, 4), np.repeat(np.arange(len(p)), 4))
    alone = skill_interval(p, y, rule, np.arange(len(p)))
    assert wide == pytest.approx(alone)
    assert np.ptp(skill_interval(p, y, rule, cluster, level=0.5)) < high - low


def test_forecasts_and_rule_are_drawn_together():
    # Case by case the forecast has half the error of the rule, however hard the case: the ratio does not move.
    error = np.random.default_rng(0).uniform(0.1, 1, 60)
    low, high = skill_interval(error / 2, np.zeros(60), error, np.arange(60))
    assert low == pytest.approx(0.75)
    assert high == pytest.approx(0.75)


def test_without_cases_or_an_erring_rule_there_is_no_interval():
    none = np.array([])
    assert all(math.isnan(end) for end in skill_interval(none, none, none, none))
    y = np.array([0.0, 1.0])
    assert all(math.isnan(end) for end in skill_interval(y, y, y, np.arange(2)))
