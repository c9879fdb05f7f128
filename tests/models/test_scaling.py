"""Standardised columns, held within a few standard deviations."""

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.utils.estimator_checks import parametrize_with_checks

from attend_ml.models.scaling import ClippedScaler


@parametrize_with_checks([ClippedScaler()])
def test_it_is_a_scikit_learn_transformer(estimator, check):
    check(estimator)


def test_within_the_limit_columns_are_standardised():
    X = np.array([[0.0, 10.0], [2.0, 30.0]])
    np.testing.assert_allclose(ClippedScaler().fit_transform(X), [[-1, -1], [1, 1]])
    np.testing.assert_allclose(ClippedScaler().fit(X).transform([[4.0, 15.0]]), [[3.0, -0.5]])


@pytest.mark.parametrize(("limit", "expected"), [(3.0, 3.0), (2.0, 2.0), (0.5, 0.5), (1000.0, 99.0)])
def test_a_case_far_off_is_held_at_the_limit_on_both_sides(limit, expected):
    scaler = ClippedScaler(limit).fit([[0.0], [2.0]])
    assert scaler.transform([[100.0], [-98.0]]).ravel().tolist() == [expected, -expected]


def test_the_mean_and_spread_are_those_of_the_uncut_columns():
    X = np.r_[np.zeros(99), 100.0][:, None]
    scaler = ClippedScaler().fit(X)
    assert scaler.mean_[0] == 1.0
    assert scaler.scale_[0] == pytest.approx(X.std())
    assert scaler.transform(X).max() == 3.0


def test_a_column_that_never_varies_gives_zeros_where_it_still_does_not():
    np.testing.assert_array_equal(ClippedScaler().fit_transform(np.full((5, 1), 7.0)), np.zeros((5, 1)))


def test_a_clone_keeps_the_limit():
    assert clone(ClippedScaler(limit=1.5)).get_params() == {"limit": 1.5}
