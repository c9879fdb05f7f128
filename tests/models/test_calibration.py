"""Calibrating and blending on meetings later than those a model was fitted on."""

import numpy as np
import pytest
from scipy.special import expit, logit
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss
from sklearn.pipeline import make_pipeline

from attend_ml.models.calibration import ForwardCalibrated, fit_weighted
from attend_ml.models.scaling import ClippedScaler


class Says(ClassifierMixin, BaseEstimator):
    """Gives the first column times a factor as log-odds, and remembers what it was fitted on."""

    seen: list = []  # noqa: RUF012 - shared on purpose: clones are what is fitted

    def __init__(self, factor=1.0, column=0):
        self.factor = factor
        self.column = column

    def fit(self, X, y, sample_weight=None):
        self.classes_ = np.array([0, 1])
        Says.seen.append((X, y, sample_weight))
        return self

    def predict_proba(self, X):
        p = expit(self.factor * X[:, self.column])
        return np.column_stack([1 - p, p])


@pytest.fixture
def seen(monkeypatch):
    """What members were fitted on, in order."""
    calls = []
    monkeypatch.setattr(Says, "seen", calls)
    return calls


def cases(n, seed=0, tilt=1.0):
    """Return scores and outcomes whose log-odds are `tilt` times the score."""
    rng = np.random.default_rng(seed)
    X = rng.normal(scale=1.5, size=(n, 1))
    return X, (rng.random(n) < expit(tilt * X[:, 0])).astype(int)


def test_overconfident_forecasts_are_better_on_later_data_once_calibrated():
    X, y = cases(4000)
    later, outcome = cases(4000, seed=1)
    model = ForwardCalibrated([("bold", Says(4.0))], prior=1000.0).fit(X, y, date=np.arange(4000))
    bold = log_loss(outcome, Says(4.0).predict_proba(later))
    best = log_loss(outcome, Says(1.0).predict_proba(later))
    calibrated = log_loss(outcome, model.predict_proba(later))
    assert calibrated < bold - 0.1
    assert calibrated < best + 0.03
    assert model.weights_[0] < 0.5


def test_timid_forecasts_are_sharpened():
    X, y = cases(4000)
    model = ForwardCalibrated([("timid", Says(0.5))], prior=10.0).fit(X, y, date=np.arange(4000))
    assert model.weights_[0] == pytest.approx(2.0, abs=0.25)


def test_good_forecasts_stay_about_as_they_are():
    X, y = cases(4000)
    model = ForwardCalibrated([("good", Says())], prior=10.0).fit(X, y, date=np.arange(4000))
    assert model.weights_[0] == pytest.approx(1.0, abs=0.12)
    assert model.intercept_ == pytest.approx(0.0, abs=0.12)


def test_forecasts_that_are_always_too_high_are_shifted():
    X, _ = cases(4000)
    y = (np.random.default_rng(3).random(4000) < expit(X[:, 0] - 1.0)).astype(int)
    model = ForwardCalibrated([("high", Says())], prior=10.0).fit(X, y, date=np.arange(4000))
    assert model.intercept_ == pytest.approx(-1.0, abs=0.2)


def test_few_cases_move_forecasts_little_and_a_strong_prior_hardly_at_all():
    X, y = cases(400)
    weights = [
        ForwardCalibrated([("bold", Says(4.0))], prior=prior).fit(X, y, date=np.arange(400)).weights_[0]
        for prior in (1.0, 1000.0, 1e7)
    ]
    assert weights == sorted(weights)
    assert weights[0] < 0.5
    assert weights[2] > 0.99


def test_the_better_of_two_members_gets_the_weight():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(4000, 2))
    y = (rng.random(4000) < expit(X[:, 0])).astype(int)
    members = [("knows", Says(1.0, 0)), ("guesses", Says(1.0, 1))]
    model = ForwardCalibrated(members, prior=10.0).fit(X, y, date=np.arange(4000))
    assert model.weights_[0] > 0.85
    assert model.weights_[1] < 0.1


def test_members_that_are_alike_share_the_weight():
    X, y = cases(2000)
    model = ForwardCalibrated([("one", Says()), ("same", Says())]).fit(X, y, date=np.arange(2000))
    assert model.weights_[0] == pytest.approx(model.weights_[1])
    assert model.weights_.sum() == pytest.approx(1.0, abs=0.2)


def test_a_forecast_is_the_weighted_sum_of_the_members_log_odds():
    X, y = cases(500)
    model = ForwardCalibrated([("one", Says(2.0)), ("two", Says(-0.5))], prior=10.0).fit(X, y, date=np.arange(500))
    z = model.intercept_ + model.weights_[0] * 2 * X[:5, 0] - model.weights_[1] * 0.5 * X[:5, 0]
    np.testing.assert_allclose(model.predict_proba(X[:5]), np.column_stack([1 - expit(z), expit(z)]), rtol=1e-6)
    np.testing.assert_array_equal(model.predict(X), model.predict_proba(X)[:, 1] >= 0.5)


# -- blocks by date ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("n_blocks", [1, 2, 5])
def test_each_block_is_forecast_by_members_fitted_on_earlier_dates_only(seen, n_blocks):
    rng = np.random.default_rng(0)
    # A hundred dates with one to nine rows each, in no order; the date stands in the column too.
    date = rng.permutation(np.repeat(np.arange(100), rng.integers(1, 10, 100)))
    X = date[:, None].astype(float)
    model = ForwardCalibrated([("spy", Says(0.01))], n_blocks=n_blocks).fit(X, rng.integers(0, 2, len(date)), date)
    *forward, last = seen
    assert len(forward) == n_blocks
    ends = [call[0].max() for call in forward]
    assert ends == sorted(set(ends))
    for (fitted, _, _), end in zip(forward, ends, strict=True):
        assert len(fitted) == (date <= end).sum()
    first_forecast = date[~np.isnan(model.forward_)].min()
    assert ends[0] < first_forecast
    assert len(last[0]) == len(date)


def test_rows_of_one_date_are_forecast_together_or_not_at_all():
    rng = np.random.default_rng(0)
    date = rng.permutation(np.repeat(np.arange(30), rng.integers(1, 20, 30)))
    X, y = cases(len(date))
    model = ForwardCalibrated([("good", Says())]).fit(X, y, date)
    forecast = ~np.isnan(model.forward_)
    assert all(len(set(forecast[date == day])) == 1 for day in range(30))
    assert 0.35 < forecast.mean() < 0.65


def test_the_outcome_of_the_last_block_does_not_reach_its_own_forecast():
    X, y = cases(400)
    date = np.arange(400)
    members = [("linear", LogisticRegression())]

    def raw(y):
        model = ForwardCalibrated(members, n_blocks=1, prior=10.0).fit(X, y, date)
        done = ~np.isnan(model.forward_)
        return (logit(model.forward_[done]) - model.intercept_) / model.weights_[0]

    garbled = np.where(date >= 300, 1 - y, y)
    # The scores behind the calibration come from members fitted on the rows before; only its two numbers may change.
    np.testing.assert_allclose(raw(garbled), raw(y), rtol=1e-6)


def test_dates_can_be_days():
    X, y = cases(200)
    days = np.datetime64("2020-01-01") + np.arange(200)
    by_day = ForwardCalibrated([("good", Says(3.0))]).fit(X, y, days)
    by_number = ForwardCalibrated([("good", Says(3.0))]).fit(X, y, np.arange(200))
    np.testing.assert_array_equal(by_day.forward_, by_number.forward_)


def test_a_larger_warm_up_leaves_fewer_rows_forecast():
    X, y = cases(400)
    done = [
        (~np.isnan(ForwardCalibrated([("good", Says())], warm_up=share).fit(X, y, np.arange(400)).forward_)).sum()
        for share in (0.25, 0.5, 0.75)
    ]
    assert done == [300, 200, 100]


# -- little to learn from ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("label", [0, 1])
def test_where_only_one_outcome_was_ever_met_its_share_is_the_forecast(label):
    X, _ = cases(50)
    model = ForwardCalibrated([("linear", LogisticRegression()), ("spy", Says())])
    model.fit(X, np.full(50, label), date=np.arange(50))
    expected = (50 * label + 0.5) / 51
    np.testing.assert_allclose(model.predict_proba(X)[:, 1], np.full(50, expected))
    assert np.isnan(model.forward_).all()


def test_a_first_part_with_one_outcome_only_is_left_out_of_the_calibration():
    X, y = cases(400)
    y[:250] = 0
    model = ForwardCalibrated([("linear", LogisticRegression())]).fit(X, y, date=np.arange(400))
    # Blocks begin at rows 200 and 300; only before the second had both outcomes been met.
    np.testing.assert_array_equal(~np.isnan(model.forward_), np.arange(400) >= 300)
    assert np.isfinite(model.predict_proba(X)).all()


def test_with_all_rows_of_one_date_nothing_is_calibrated():
    X, y = cases(60)
    model = ForwardCalibrated([("bold", Says(4.0))]).fit(X, y, date=np.zeros(60))
    assert model.weights_.tolist() == [1.0]
    assert model.intercept_ == 0.0
    np.testing.assert_allclose(model.predict_proba(X), Says(4.0).predict_proba(X), atol=1e-4)


def test_a_single_row_can_be_fitted_on():
    model = ForwardCalibrated([("linear", LogisticRegression())]).fit([[1.0]], [1], date=np.array([5]))
    assert model.predict_proba([[0.0]])[0, 1] == pytest.approx(0.75)


# -- weights, members, parameters --------------------------------------------------------------------------------


def test_rows_without_weight_teach_nothing():
    X, y = cases(600)
    weight = np.where(np.arange(600) % 3 == 0, 0.0, 1.0)
    garbled = np.where(weight == 0, 1 - y, y)
    p = [
        ForwardCalibrated([("linear", LogisticRegression())], prior=10.0)
        .fit(X, labels, np.arange(600), sample_weight=weight)
        .predict_proba(X)
        for labels in (y, garbled)
    ]
    np.testing.assert_allclose(p[0], p[1], rtol=1e-6)


def test_weights_reach_members_and_calibration(seen):
    X, y = cases(400)
    weight = np.random.default_rng(0).uniform(0.5, 2, 400)
    weighted = ForwardCalibrated([("spy", Says(3.0))], prior=10.0).fit(X, y, np.arange(400), sample_weight=weight)
    np.testing.assert_array_equal(seen[-1][2], weight)
    np.testing.assert_array_equal(seen[0][2], weight[:200])
    plain = ForwardCalibrated([("spy", Says(3.0))], prior=10.0).fit(X, y, np.arange(400))
    assert weighted.weights_[0] != plain.weights_[0]
    assert seen[-1][2] is None


def test_of_a_pipeline_the_last_step_gets_the_weights():
    X, y = cases(100)
    weight = np.where(y == 1, 5.0, 1.0)
    pipeline = make_pipeline(ClippedScaler(), LogisticRegression())
    plain = fit_weighted(clone(pipeline), X, y, None)
    weighted = fit_weighted(clone(pipeline), X, y, weight)
    assert weighted.predict_proba(X)[:, 1].mean() > plain.predict_proba(X)[:, 1].mean() + 0.1
    assert weighted[0].mean_[0] == plain[0].mean_[0]


def test_the_members_given_are_not_fitted_themselves():
    member = LogisticRegression()
    X, y = cases(100)
    model = ForwardCalibrated([("linear", member)]).fit(X, y, np.arange(100))
    assert not hasattr(member, "coef_")
    assert hasattr(model.members_[0], "coef_")


def test_a_clone_has_the_parameters_and_unfitted_members():
    model = ForwardCalibrated([("linear", LogisticRegression(C=0.5))], n_blocks=3, warm_up=0.4, prior=7.0)
    X, y = cases(100)
    copy = clone(model.fit(X, y, np.arange(100)))
    assert (copy.n_blocks, copy.warm_up, copy.prior) == (3, 0.4, 7.0)
    assert copy.members[0][1].C == 0.5
    assert not hasattr(copy, "weights_")


def test_fitted_twice_it_gives_the_same():
    X, y = cases(300)
    model = ForwardCalibrated([("linear", LogisticRegression())])
    first = model.fit(X, y, np.arange(300)).predict_proba(X)
    np.testing.assert_array_equal(model.fit(X, y, np.arange(300)).predict_proba(X), first)


def test_old_rows_count_less_by_their_half_life(seen):
    X, y = cases(40)
    date = np.datetime64("2000-01-01", "D") + np.repeat([0, 1461, 2922], [20, 10, 10])
    ForwardCalibrated([("says", Says())], half_life=4.0).fit(X, y, date=date)
    weight = seen[-1][2]
    np.testing.assert_allclose(weight, np.repeat([0.25, 0.5, 1.0], [20, 10, 10]))
    ForwardCalibrated([("says", Says())], half_life=4.0).fit(X, y, date=date, sample_weight=np.full(40, 2.0))
    np.testing.assert_allclose(seen[-1][2], 2 * weight)
