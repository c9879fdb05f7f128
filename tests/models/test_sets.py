"""Sets of levels: each class is covered as often as was asked for, and nothing is ruled out on too little."""

import math

import numpy as np
import pytest
import skops.io
from hypothesis import given
from hypothesis import strategies as st
from sklearn.base import clone

from attend_ml.errors import RequestError
from attend_ml.models.sets import ConformalSets, recency

SHARES = np.array([0.06, 0.1, 0.35, 0.49])


def cases(n, seed=0, sharp=1.0):
    """Return probabilities of four classes, one of them rare, and what came; `sharp` overstates them when above 1."""
    rng = np.random.default_rng(seed)
    y = rng.choice(4, size=n, p=SHARES)
    z = rng.normal(size=(n, 4)) + 1.5 * np.eye(4)[y] + np.log(SHARES)
    P = np.exp(sharp * z)
    return P / P.sum(axis=1, keepdims=True), y


def covered(inside, y):
    return [inside[y == k, k].mean() for k in range(inside.shape[1])]


# -- coverage ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("sharp", [0.3, 1.0, 4.0])
@pytest.mark.parametrize("coverage", [0.8, 0.9])
def test_every_class_is_covered_as_asked_for_however_bold_the_forecasts_are(coverage, sharp):
    model = ConformalSets(coverage).fit(*cases(8000, sharp=sharp))
    P, y = cases(8000, seed=1, sharp=sharp)
    # A set that would be empty holds the likeliest class: that may be covered oftener, at most as often as it is it.
    likeliest = covered(np.eye(4, dtype=bool)[P.argmax(axis=1)], y)
    found = np.array(covered(model.sets(P), y))
    assert (found > coverage - 0.035).all()
    assert (found < np.maximum(likeliest, coverage) + 0.035).all()


def test_coverage_over_many_small_calibrations_is_not_below_what_was_asked_for():
    P, y = cases(2000, seed=1)
    each = [covered(ConformalSets().fit(*cases(300, seed=100 + seed)).sets(P), y) for seed in range(150)]
    mean = np.mean(each, axis=0)
    assert (mean > 0.895).all()
    # With about twenty cases of the rarest class the threshold lies up to one case higher than needed.
    assert (mean < [0.97, 0.95, 0.925, 0.925]).all()


def test_one_threshold_for_all_would_leave_the_rare_class_uncovered():
    # What the thresholds of their own are for.
    P, y = cases(8000)
    later, came = cases(8000, seed=1)
    threshold = np.quantile(1 - P[np.arange(len(y)), y], 0.9)
    assert covered(1 - later <= threshold, came)[0] < 0.75


def test_better_forecasts_give_smaller_sets():
    P, y = cases(4000)
    blurred = 0.3 * P + 0.7 * SHARES * np.random.default_rng(2).dirichlet(np.ones(4), len(P))
    blurred /= blurred.sum(axis=1, keepdims=True)
    size = [ConformalSets().fit(p[:2000], y[:2000]).sets(p[2000:]).sum(axis=1).mean() for p in (P, blurred)]
    assert size[0] < size[1] - 0.1


def test_a_higher_coverage_gives_sets_that_hold_those_of_a_lower():
    P, y = cases(1000)
    low, high = (ConformalSets(coverage).fit(P, y).sets(P) for coverage in (0.7, 0.95))
    assert (low <= high).all()
    assert low.sum() < high.sum()


def test_groups_are_covered_each_by_itself():
    (P, y), (Q, z) = cases(6000), cases(6000, seed=3, sharp=0.2)
    kind = np.repeat(["plain", "blurred"], 6000)
    (P1, y1), (Q1, z1) = cases(6000, seed=4), cases(6000, seed=5, sharp=0.2)
    model = ConformalSets().fit(np.vstack([P, Q]), np.r_[y, z], kind)
    assert model.groups_.tolist() == ["blurred", "plain"]
    for name, p, came in (("plain", P1, y1), ("blurred", Q1, z1)):
        np.testing.assert_allclose(covered(model.sets(p, np.full(len(p), name)), came), 0.9, atol=0.04)
    np.testing.assert_array_equal(model.thresholds_[1], ConformalSets().fit(P, y).thresholds_[0])


# -- thresholds by hand ------------------------------------------------------------------------------------------


def two(p):
    return np.column_stack([p, 1 - np.asarray(p)])


def test_thresholds_by_hand():
    # The second class came ten times. The rival's share was 1 - p; nine of ten must not lie above.
    p = np.array([0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.6])
    short = np.sort(1 - p)
    for coverage, place in ((0.9, 9), (0.8, 8), (0.5, 5), (0.05, 0)):
        model = ConformalSets(coverage).fit(two(1 - p), np.ones(10, dtype=int))
        assert model.thresholds_[0, 1] == pytest.approx(short[place])


@pytest.mark.parametrize(("n", "finite"), [(0, False), (1, False), (8, False), (9, True), (10, True)])
def test_with_fewer_than_nine_cases_of_a_class_it_cannot_be_ruled_out(n, finite):
    P = two(np.r_[np.linspace(0.6, 0.9, 30), np.linspace(0.7, 0.8, n)])
    model = ConformalSets().fit(P, np.r_[np.zeros(30, dtype=int), np.ones(n, dtype=int)])
    assert math.isfinite(model.thresholds_[0, 1]) == finite
    assert model.sets(two([0.999]))[0, 1] == (not finite)


def test_a_set_that_would_be_empty_holds_the_likeliest_class():
    # All cases were forecast rightly and with certainty: only the likeliest is left.
    model = ConformalSets().fit(np.eye(4)[np.arange(400) % 4], np.arange(400) % 4)
    np.testing.assert_array_equal(model.thresholds_, np.zeros((1, 4)))
    assert model.sets(np.array([[0.24, 0.26, 0.25, 0.25]])).tolist() == [[False, True, False, False]]


@given(st.integers(0, 2**16), st.integers(0, 200), st.floats(0.05, 0.99))
def test_no_set_is_ever_empty_and_the_order_of_cases_does_not_matter(seed, n, coverage):
    rng = np.random.default_rng(seed)
    P, y = rng.dirichlet(np.ones(4), n), rng.integers(0, 4, n)
    new, order = rng.dirichlet(np.ones(4), 20), rng.permutation(n)
    inside = ConformalSets(coverage).fit(P, y).sets(new)
    assert inside.any(axis=1).all()
    np.testing.assert_array_equal(inside, ConformalSets(coverage).fit(P[order], y[order]).sets(new))


# -- weights -----------------------------------------------------------------------------------------------------


def test_a_case_that_weighs_nothing_is_as_if_it_were_not_there():
    P, y = cases(300)
    weight = (np.arange(300) < 200).astype(float)
    left, right = ConformalSets().fit(P, y, weight=weight), ConformalSets().fit(P[:200], y[:200])
    np.testing.assert_array_equal(left.thresholds_, right.thresholds_)


def test_weights_by_hand():
    # Values 1/2, 2/3, 4/5 and weights 1, 1, 0.5, the new case 1 more: half of 3.5 is reached by the second.
    P = two(np.array([0.5, 2 / 3, 0.8]))
    model = ConformalSets(0.5).fit(P, np.ones(3, dtype=int), weight=np.array([1, 1, 0.5]))
    assert model.thresholds_[0, 1] == pytest.approx(2 / 3)
    assert ConformalSets(0.8).fit(P, np.ones(3, dtype=int)).thresholds_[0, 1] == math.inf


def test_what_is_long_ago_counts_less_so_that_the_sets_follow_a_drift():
    (old, came_old), (new, came_new) = cases(4000), cases(4000, seed=3, sharp=0.2)
    P, y = np.vstack([old, new]), np.r_[came_old, came_new]
    weight = np.repeat(recency(["2020-01-01", "2024-01-01"], "2024-06-01", 180.0), 4000)
    later, came = cases(4000, seed=4, sharp=0.2)
    far = [abs(np.mean(covered(ConformalSets().fit(P, y, weight=w).sets(later), came)) - 0.9) for w in (weight, None)]
    assert far[0] < 0.02 < far[1]


def test_recency_halves_by_the_half_life():
    assert recency(["2024-01-01", "2023-01-01"], "2025-12-31", 365.0) == pytest.approx([0.25, 0.125], rel=0.01)
    assert recency(["2024-01-01", "1999-01-01"], "2025-12-31", None).tolist() == [1.0, 1.0]
    assert recency([], "2025-12-31", 365.0).shape == (0,)


# -- what can go wrong -------------------------------------------------------------------------------------------


def test_without_any_case_everything_is_in():
    model = ConformalSets().fit(np.empty((0, 4)), np.empty(0, dtype=int))
    assert model.sets(np.array([[0.97, 0.01, 0.01, 0.01]])).all()
    assert model.sets(np.empty((0, 4))).shape == (0, 4)
    none = ConformalSets().fit(np.empty((0, 4)), np.empty(0, dtype=int), np.empty(0, dtype=int))
    assert none.sets(np.array([[0.97, 0.01, 0.01, 0.01]]), np.array([7])).all()


def test_a_forecast_that_is_not_known_rules_nothing_out_and_calibrates_nothing():
    P, y = cases(300)
    model = ConformalSets().fit(np.vstack([P, np.full((5, 4), np.nan)]), np.r_[y, np.zeros(5, dtype=int)])
    np.testing.assert_array_equal(model.thresholds_, ConformalSets().fit(P, y).thresholds_)
    assert model.sets(np.array([[0.97, np.nan, 0.01, 0.01]])).all()


def test_a_group_not_met_in_calibration_rules_nothing_out():
    P, y = cases(400)
    model = ConformalSets().fit(P, y, np.arange(400) % 2)
    certain = np.tile([0.97, 0.01, 0.01, 0.01], (4, 1))
    assert model.sets(certain, np.array([-1, 0, 1, 2])).all(axis=1).tolist() == [True, False, False, True]


def test_groups_are_given_both_times_or_never():
    P, y = cases(50)
    with pytest.raises(RequestError, match="groups: they were given at fitting; do the same here"):
        ConformalSets().fit(P, y, y).sets(P)
    with pytest.raises(RequestError, match="groups: they were not given at fitting"):
        ConformalSets().fit(P, y).sets(P, y)


@pytest.mark.parametrize("coverage", [0, 1, 90, -0.1])
def test_a_coverage_that_is_no_share_is_refused(coverage):
    with pytest.raises(RequestError, match=r"write a share between 0 and 1, like 0\.9"):
        ConformalSets(coverage).fit(*cases(10))


@pytest.mark.parametrize("wrong", [4, -1, math.nan])
def test_an_outcome_that_is_no_class_is_refused(wrong):
    P, y = cases(10)
    with pytest.raises(RequestError, match="write the place of a class, 0 to 3"):
        ConformalSets().fit(P, np.r_[y[:9], wrong])


def test_a_fitted_one_is_written_and_read_by_skops():
    P, y = cases(300)
    model = ConformalSets().fit(P, y, y % 2)
    again = skops.io.loads(skops.io.dumps(model), trusted=["attend_ml.models.sets.ConformalSets"])
    np.testing.assert_array_equal(again.sets(P, y % 2), model.sets(P, y % 2))
    assert clone(model).get_params() == {"coverage": 0.9}
