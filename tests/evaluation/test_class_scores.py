"""Scores of the highest level that comes: by hand, against scikit-learn's, and what must hold whatever is forecast."""

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn import metrics

from attend_ml.evaluation.class_scores import (
    class_calibration_error,
    class_log_loss,
    class_probabilities,
    ranked_probability_score,
)
from attend_ml.evaluation.scores import brier, calibration_error


@pytest.fixture(scope="module")
def forecasts():
    rng = np.random.default_rng(0)
    P = rng.dirichlet([1, 1, 2, 3], 4000)
    return P, (P.cumsum(axis=1) < rng.random((len(P), 1))).sum(axis=1)


# -- probabilities -----------------------------------------------------------------------------------------------


def test_the_classes_are_the_steps_and_what_is_left_is_nobody():
    steps = {"leader": [0.5, 1.0], "highest_senior": [0.3, 0.0], "highest_working": [0.1, 0.0]}
    np.testing.assert_allclose(class_probabilities(pd.DataFrame(steps)), [[0.1, 0.1, 0.3, 0.5], [0, 0, 0, 1]])


def test_a_step_never_seen_counts_as_never_and_rows_sum_to_one():
    steps = {"leader": [0.6, 0.7], "highest_senior": [np.nan, 0.4], "highest_working": [np.nan, 0.1]}
    P = class_probabilities(pd.DataFrame(steps))
    np.testing.assert_allclose(P[0], [0.4, 0, 0, 0.6])
    # Steps that sum to more than one by rounding, or by far, leave nothing for nobody.
    np.testing.assert_allclose(P[1], np.array([0, 0.1, 0.4, 0.7]) / 1.2)


# -- ranked probability score ------------------------------------------------------------------------------------


def test_ranked_probability_score_by_hand():
    # Cumulative forecast 0.1, 0.3, 0.6, 1; senior came: 0, 0, 1, 1. Squares 0.01, 0.09, 0.16, 0; over three.
    P = np.array([[0.1, 0.2, 0.3, 0.4]])
    assert ranked_probability_score(P, np.array([2])) == pytest.approx([0.26 / 3])


@pytest.mark.parametrize(("said", "came", "score"), [(3, 3, 0), (3, 2, 1 / 3), (3, 1, 2 / 3), (3, 0, 1), (0, 3, 1)])
def test_far_misses_cost_more_than_near_ones(said, came, score):
    assert ranked_probability_score(np.eye(4)[[said]], np.array([came])) == pytest.approx([score])


def test_of_two_classes_it_is_the_brier_score(forecasts):
    P, y = forecasts
    p, came = P[:, 3], (y == 3).astype(int)
    assert ranked_probability_score(np.column_stack([1 - p, p]), came).mean() == pytest.approx(brier(p, came))


@given(st.integers(0, 2**16))
def test_it_is_proper_and_stays_between_nought_and_one(seed):
    rng = np.random.default_rng(seed)
    truth, other = rng.dirichlet(np.ones(4)), rng.dirichlet(np.ones(4))
    scores = [ranked_probability_score(np.tile(P, (4, 1)), np.arange(4)) for P in (truth, other)]
    assert all(((s >= 0) & (s <= 1 + 1e-12)).all() for s in scores)
    assert truth @ scores[0] <= truth @ scores[1] + 1e-12


# -- log-loss and calibration ------------------------------------------------------------------------------------


def test_log_loss_is_that_of_scikit_learn(forecasts):
    P, y = forecasts
    assert class_log_loss(P, y).mean() == pytest.approx(metrics.log_loss(y, P), rel=1e-4)
    assert class_log_loss(np.array([[0.0, 1.0]]), np.array([0])) == pytest.approx([-math.log(1e-6)])


def test_calibration_error_is_the_mean_over_classes(forecasts):
    P, y = forecasts
    assert class_calibration_error(P, y) == pytest.approx(
        np.mean([calibration_error(P[:, k], y == k) for k in range(4)])
    )
    assert class_calibration_error(P, y) < 0.02
    # Said of everybody what holds of the next class.
    assert class_calibration_error(np.roll(P, 1, axis=1), y) > 0.1


def test_calibration_error_by_hand():
    # Said 0.7 to 0.3, came 5 of 10 each: both classes are 0.2 off; a third class is neither forecast nor met.
    P, y = np.tile([0.7, 0.3, 0.0], (10, 1)), np.repeat([0, 1], 5)
    assert class_calibration_error(P, y) == pytest.approx(0.2)
    assert class_calibration_error(np.tile([1.0, 0, 0], (10, 1)), np.zeros(10, dtype=int)) == 0.0


def test_nothing_to_score_is_no_number():
    none = np.empty((0, 4)), np.empty(0, dtype=int)
    assert math.isnan(class_calibration_error(*none))
    assert len(ranked_probability_score(*none)) == len(class_log_loss(*none)) == 0
