"""The rules every model has to beat, by hand."""

import numpy as np
import pandas as pd
import pytest
from scipy.special import logit
from sklearn.base import clone
from sklearn.utils.estimator_checks import parametrize_with_checks

from attend_ml.models.rules import Climatology, LastStatement, PartyRecord, rule

BLIND = "a rule of the shares alone does not look at the columns, and so does not check them"
BINARY = "labels are 0 and 1, which the forecaster that fits the rules sees to"
EXPECTED = {
    "check_n_features_in_after_fitting": BLIND,
    "check_n_features_in": BLIND,
    "check_complex_data": BLIND,
    "check_dtype_object": BLIND,
    "check_estimators_nan_inf": BLIND,
    "check_estimator_sparse_tag": BLIND,
    "check_estimator_sparse_array": BLIND,
    "check_estimator_sparse_matrix": BLIND,
    "check_classifier_data_not_an_array": BLIND,
    "check_fit1d": BLIND,
    "check_fit2d_predict1d": BLIND,
    "check_classifiers_train": BLIND,
    "check_classifiers_classes": BINARY,
    "check_classifiers_regression_target": BINARY,
    "check_supervised_y_no_nan": BINARY,
    "check_supervised_y_2d": BINARY,
    "check_requires_y_none": BINARY,
    "check_estimators_empty_data_messages": "no cases give one half; the forecaster refuses to fit on none",
    "check_all_zero_sample_weights_error": "cases without weight are as no cases: one half",
}


@parametrize_with_checks([Climatology()], expected_failed_checks=lambda estimator: EXPECTED)
def test_climatology_is_a_scikit_learn_classifier(estimator, check):
    check(estimator)


@pytest.mark.parametrize("model", [PartyRecord("some column"), LastStatement("a_", "b", 3.0)])
def test_a_clone_has_the_parameters_of_a_rule(model):
    assert clone(model).get_params() == model.get_params()


# -- climatology -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("came", "n", "expected"), [(1, 3, 1.5 / 4), (0, 9, 0.05), (4, 4, 0.9), (0, 0, 0.5)])
def test_climatology_is_the_share_with_half_a_case_added_to_either_side(came, n, expected):
    model = Climatology().fit(np.zeros((n, 1)), np.r_[np.ones(came), np.zeros(n - came)])
    np.testing.assert_allclose(model.predict_proba(np.zeros((2, 1))), [[1 - expected, expected]] * 2)


def test_climatology_counts_a_case_by_its_weight():
    y = np.array([1, 0])
    model = Climatology().fit(np.zeros((2, 1)), y, sample_weight=np.array([3.0, 1.0]))
    assert model.predict_proba(np.zeros((1, 1)))[0, 1] == pytest.approx(3.5 / 5)


def test_climatology_says_yes_from_one_half_on():
    assert Climatology().fit(np.zeros((2, 1)), np.array([1, 0])).predict(np.zeros((3, 1))).tolist() == [1, 1, 1]
    assert Climatology().fit(np.zeros((3, 1)), np.array([1, 0, 0])).predict(np.zeros((1, 1))).tolist() == [0]


# -- the party's record ------------------------------------------------------------------------------------------


def test_the_partys_record_is_the_share_its_column_holds_as_log_odds():
    X = pd.DataFrame({"history__share_party_senior": logit([0.2, 0.9]), "another": [0.0, 0.0]})
    model = PartyRecord("history__share_party_senior").fit(X, np.array([1, 1]))
    np.testing.assert_allclose(model.predict_proba(X)[:, 1], [0.2, 0.9])
    assert model.predict(X).tolist() == [0, 1]


def test_without_its_column_the_partys_record_is_climatology():
    X = pd.DataFrame({"another": [0.0, 0.0, 0.0]})
    model = PartyRecord().fit(X, np.array([1, 0, 0]))
    assert model.predict_proba(X)[:, 1].tolist() == [0.375] * 3


# -- the last statement ------------------------------------------------------------------------------------------

YES, NO, SILENT = (0.9, 0.1, 0), (0.2, 0.7, 0), (0.0, 0.0, 1)


def words(*rows):
    names = ["statements__own_last_leader_yes", "statements__own_last_leader_no", "statements__own_silent"]
    return pd.DataFrame(rows, columns=names)


def test_a_last_word_is_worth_what_it_was_worth_before():
    X = words(*[YES] * 6, *[NO] * 4, *[SILENT] * 2)
    y = np.array([1, 1, 1, 1, 1, 0, 0, 0, 0, 1, 0, 0])
    model = LastStatement().fit(X, y)
    overall = 6.5 / 13
    expected = [(5 + 10 * overall) / 16, (1 + 10 * overall) / 14, (0 + 10 * overall) / 12]
    np.testing.assert_allclose(model.predict_proba(words(YES, NO, SILENT))[:, 1], expected)


def test_the_word_is_the_stance_most_strongly_read():
    model = LastStatement(strength=1e-9).fit(words(*[YES] * 5, *[NO] * 5), np.array([1] * 5 + [0] * 5))
    p = model.predict_proba(words((0.51, 0.49, 0), (0.49, 0.51, 0)))[:, 1]
    np.testing.assert_allclose(p, [1, 0], atol=1e-6)


def test_silence_counts_whatever_the_stances_hold():
    model = LastStatement(strength=1e-9).fit(words(*[YES] * 5, *[SILENT] * 5), np.array([1] * 5 + [0] * 5))
    assert model.predict_proba(words((0.9, 0.1, 1)))[0, 1] == pytest.approx(0, abs=1e-6)


def test_a_word_never_met_before_gives_the_overall_share():
    model = LastStatement().fit(words(*[YES] * 4), np.array([1, 1, 1, 0]))
    np.testing.assert_allclose(model.predict_proba(words(NO, SILENT))[:, 1], [3.5 / 5] * 2)


def test_the_strength_is_the_number_of_cases_the_overall_share_counts_for():
    X, y = words(*[YES] * 4, *[NO] * 4), np.array([1, 1, 1, 1, 0, 0, 0, 0])
    for strength in (1.0, 30.0):
        p = LastStatement(strength=strength).fit(X, y).predict_proba(words(YES))[0, 1]
        assert p == pytest.approx((4 + strength * 0.5) / (4 + strength))


def test_a_last_word_counts_by_its_weight():
    model = LastStatement().fit(words(YES, YES, NO), np.array([1, 0, 0]), sample_weight=np.array([5.0, 1.0, 2.0]))
    overall = 5.5 / 9
    assert model.predict_proba(words(YES))[0, 1] == pytest.approx((5 + 10 * overall) / 16)


# -- by name -----------------------------------------------------------------------------------------------------


def test_rules_by_name():
    assert isinstance(rule("climatology", "leader"), Climatology)
    assert isinstance(rule("last-statement", "leader"), LastStatement)
    assert rule("party-history", "working").column == "history__share_party_working"
