"""From situations to probabilities: whether the meeting is held, and who comes if it is."""

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit, logit
from sklearn.base import clone

from attend_ml._resources import codebook
from attend_ml.asof import Situations, delegations_at, outcomes
from attend_ml.errors import RequestError
from attend_ml.evaluation.scores import auc, brier
from attend_ml.models.forecaster import (
    FORECASTS,
    TARGETS,
    AttendanceForecaster,
    _alike,
    coherent,
    highest,
    targets,
)
from attend_ml.records import LEVELS

SMALL = {"kind": "logistic", "extractors": ("context", "history")}


@pytest.fixture(scope="module")
def later(data):
    """All delegations of the meetings after those the session's model was fitted on, a week and a day before."""
    rows = delegations_at(data, [7, 1])
    return rows.take(rows.meeting("date").astype("datetime64[D]") > np.datetime64("2024-01-14"))


@pytest.fixture(scope="module")
def forecast(forecaster, later):
    return forecaster.predict(later)


@pytest.fixture(scope="module")
def early(data):
    """What a small model is fitted on."""
    rows = delegations_at(data.as_of("2016-12-31"), [3])
    return rows.take(outcomes(rows).held.notna().to_numpy())


@pytest.fixture(scope="module")
def small(early):
    return AttendanceForecaster(**SMALL).fit(early)


def fitted(model, target, rows):
    """Return what the classifier of a target says by itself."""
    return of_table(model, target, model.vectors(rows))


def of_table(model, target, table):
    return model.models_[target].predict_proba(model._of(target, table))[:, 1]


# -- what a forecast is ------------------------------------------------------------------------------------------


def test_forecasts_are_probabilities(forecast, later):
    assert forecast.columns.tolist() == list(FORECASTS)
    assert len(forecast) == len(later)
    assert ((forecast > 0) & (forecast < 1)).all(axis=None)


def test_that_anyone_comes_is_not_less_likely_than_that_any_level_does(forecast):
    assert all((forecast.anyone >= forecast[level]).all() for level in LEVELS)


def test_all_parties_of_a_meeting_have_the_same_chance_that_it_is_held(forecast, later):
    spread = forecast.held.groupby([later.meeting_id, later.as_of]).nunique()
    assert spread.max() == 1
    assert forecast.held.nunique() > 0.5 * len(spread)


def test_the_chance_that_it_is_held_is_the_mean_in_log_odds_over_all_parties(forecaster, data):
    parties = sorted(data.delegations.party[data.delegations.meeting_id == "istanbul-2025-05-15"])
    rows = Situations(data, ["istanbul-2025-05-15"] * len(parties), parties, ["2025-05-14"] * len(parties))
    views = forecaster.models_["held"].predict_proba(forecaster.vectors(rows))[:, 1]
    assert np.ptp(views) > 0
    np.testing.assert_allclose(forecaster.predict(rows).held, expit(logit(views).mean()))


def test_forecasts_do_not_depend_on_which_parties_are_asked_about(forecaster, forecast, later):
    one_each = np.flatnonzero(~pd.Series(later.meeting_id).duplicated().to_numpy())
    alone = forecaster.predict(later.take(one_each))
    pd.testing.assert_frame_equal(alone, forecast.iloc[one_each].reset_index(drop=True), rtol=1e-12)


def test_forecasts_do_not_depend_on_the_order_of_the_rows(forecaster, forecast, later):
    order = np.random.default_rng(0).permutation(len(later))
    pd.testing.assert_frame_equal(
        forecaster.predict(later.take(order)), forecast.iloc[order].reset_index(drop=True), rtol=1e-12
    )


def test_one_meeting_at_two_moments_is_two_forecasts(forecaster, data):
    rows = Situations(data, ["istanbul-2025-05-15"] * 2, ["RUS"] * 2, ["2025-05-11", "2025-05-15"])
    forecast = forecaster.predict(rows)
    assert forecast.held[0] != forecast.held[1]
    assert forecast.leader[0] > forecast.leader[1] + 0.1


def test_on_later_meetings_the_leader_is_forecast_better_than_by_the_share_of_the_past(forecast, later):
    came = outcomes(later).leader.where(outcomes(later).held == 1).to_numpy()
    known, eve = ~np.isnan(came), later.horizon == 1
    p, y = forecast.leader[known & eve].to_numpy(), came[known & eve]
    assert brier(p, y) < 0.75 * brier(np.full(len(y), y.mean()), y)
    assert auc(p, y) > 0.8


def test_no_rows_give_no_forecasts(forecaster, later):
    none = forecaster.predict(later.take(np.arange(0)))
    assert none.shape == (0, 7)
    assert none.columns.tolist() == list(FORECASTS)


def test_a_party_that_is_not_invited_is_refused_by_name(forecaster, data):
    rows = Situations(data, ["istanbul-2025-05-15"] * 2, ["RUS", "MNG"], ["2025-05-14"] * 2)
    with pytest.raises(RequestError, match=r"MNG is not among the parties of istanbul-2025-05-15.*delegations\.csv"):
        forecaster.predict(rows)


# -- fitting -----------------------------------------------------------------------------------------------------


def test_outcomes_are_looked_up_where_none_are_given(small, early):
    given = AttendanceForecaster(**SMALL).fit(early, outcomes(early))
    pd.testing.assert_frame_equal(given.predict(early), small.predict(early), check_exact=True)


def test_given_outcomes_are_those_fitted_on(small, early):
    turned = outcomes(early)
    turned["leader"] = 1 - turned.leader
    other = AttendanceForecaster(**SMALL).fit(early, turned)
    p, before = other.predict(early), small.predict(early)
    assert np.corrcoef(logit(p.leader), logit(before.leader))[0, 1] < -0.9
    # The model of senior officials learned the same; what is told of them is kept within what the leader's allows.
    for target in ("held", "senior", "working"):
        np.testing.assert_allclose(fitted(other, target, early), fitted(small, target, early), rtol=1e-12)
    np.testing.assert_array_equal(p.held, before.held)


def test_levels_of_meetings_that_were_not_held_teach_nothing(early, small):
    labels = outcomes(early)
    off = labels.held == 0
    assert off.sum() > 5
    labels.loc[off, list(LEVELS)] = 1.0
    p = AttendanceForecaster(**SMALL).fit(early, labels).predict(early)
    pd.testing.assert_frame_equal(p, small.predict(early), check_exact=True)


def test_nobody_is_expected_at_a_meeting_by_video(forecaster, data):
    rows = delegations_at(data, [1])
    video = rows.take(pd.Series(rows.meeting("name")).str.contains(r"\bvideo\b").to_numpy())
    said = forecaster.predict(video)
    assert len(video) > 0
    assert (said[list(LEVELS)] <= 0.03).all(axis=None)
    assert (said.held > 0.5).all()


def test_who_comes_is_not_learned_from_meetings_by_video(early, small, monkeypatch):
    video = (early.meeting_id == early.meeting_id[0]).astype(float)
    monkeypatch.setattr(AttendanceForecaster, "_by_video", lambda self, table: video[: len(table)])
    y = outcomes(early)
    other = y.assign(leader=np.where(video == 1, 1 - y.leader, y.leader))
    table = small.vectors(early)
    first, second = (
        of_table(AttendanceForecaster(**SMALL).fit(early, labels), "leader", table) for labels in (y, other)
    )
    assert not y.leader.equals(other.leader)
    np.testing.assert_array_equal(first, second)
    assert not np.array_equal(first, of_table(small, "leader", table))


def test_the_rules_to_beat_know_nothing_of_video(data):
    rows = delegations_at(data.as_of("2022-12-31"), [1])
    rows = rows.take(outcomes(rows).held.notna().to_numpy())
    said = AttendanceForecaster("climatology", extractors=["context"]).fit(rows).predict(rows)
    assert said.leader.nunique() == 1


@pytest.mark.parametrize("kind", ["climatology", "logistic", "trees", "blend"])
@pytest.mark.parametrize("label", [0.0, 1.0])
def test_a_level_that_always_or_never_came_has_its_share_as_forecast(early, kind, label):
    labels = outcomes(early).assign(leader=label)
    model = AttendanceForecaster(kind, extractors=("context",)).fit(early, labels)
    n = (labels.held == 1).sum()
    np.testing.assert_allclose(model.predict(early).leader, (n * label + 0.5) / (n + 1), rtol=1e-3)


@pytest.mark.parametrize("kind", ["climatology", "logistic"])
def test_a_level_of_which_nothing_was_known_has_no_forecast(early, kind):
    model = AttendanceForecaster(kind, extractors=("context",)).fit(early, outcomes(early).assign(working=np.nan))
    forecast = model.predict(early)
    unknown = ["working", "highest_working"]
    assert forecast[unknown].isna().all(axis=None)
    assert forecast.drop(columns=unknown).notna().all(axis=None)
    assert (forecast.anyone >= forecast[["leader", "senior"]].max(axis=1)).all()


def test_where_no_meeting_was_ever_held_no_level_has_a_forecast(early):
    forecast = (
        AttendanceForecaster("logistic", extractors=("context",))
        .fit(early, outcomes(early).assign(held=0.0))
        .predict(early)
    )
    assert forecast.drop(columns="held").isna().all(axis=None)
    assert (forecast.held < 0.01).all()


def test_fitting_twice_gives_the_same_model(early, small):
    again = AttendanceForecaster(**SMALL).fit(early)
    pd.testing.assert_frame_equal(again.predict(early), small.predict(early), check_exact=True)


@pytest.mark.parametrize(("discount", "expected"), [(0.0, [1, 1, 1, 1]), (1.0, [2 / 3, 2 / 3, 2, 2 / 3])])
def test_the_more_parties_a_meeting_has_the_less_each_counts(discount, expected):
    meetings = np.array(["summit", "summit", "visit", "summit"], dtype=object)
    np.testing.assert_allclose(_alike(meetings, discount), expected)
    half = _alike(meetings, 0.5)
    assert half.mean() == pytest.approx(1)
    assert half[2] / half[0] == pytest.approx(np.sqrt(3))


def test_more_rows_of_one_meeting_move_less_where_every_meeting_counts_alike(early):
    twice = early.take(np.repeat(np.arange(len(early)), 1 + (early.meeting_id == early.meeting_id[0])))
    moved = []
    for discount in (1.0, 0.0):
        once, again = (AttendanceForecaster(**SMALL, discount=discount).fit(rows) for rows in (early, twice))
        moved.append(np.abs(fitted(again, "senior", early) - fitted(once, "senior", early)).max())
    assert moved[0] < moved[1]


def test_columns_left_out_are_not_looked_at(early):
    model = AttendanceForecaster(**SMALL, without=("history__share_party", "context__host")).fit(early)
    assert not [name for name in model.columns_ if name.startswith(("history__share_party", "context__host"))]
    assert "history__share_series_leader" in model.columns_
    assert model.vectors(early).columns.tolist() == model.columns_.tolist()
    assert np.isfinite(model.predict(early)).all(axis=None)


def test_arguments_of_extractors_reach_them(early):
    model = AttendanceForecaster(
        "climatology", extractors=("statements",), extractor_parameters={"statements": {"cues": "annotated"}}
    )
    assert model.fit(early).extractors_[0].cues == "annotated"


def test_the_typical_case_is_the_mean_of_the_columns_fitted_on(small, early):
    np.testing.assert_allclose(small.typical_, small.vectors(early).mean())
    assert dict(zip(small.columns_, small.typical_, strict=True))["context__horizon"] == pytest.approx(np.log(4))


def test_the_latest_meeting_fitted_on_is_kept_by_date(small, early):
    assert small.last_date_ == str(early.meeting("date").max())[:10]


def test_the_record_of_past_forecasts_was_made_by_members_fitted_earlier(small, early):
    past = pd.DataFrame(small.past_)
    labels = targets(outcomes(early))
    np.testing.assert_array_equal(past.leader_outcome, labels["leader"])
    assert past.party.tolist() == early.party.tolist()
    known = past.leader_outcome.notna()
    first, last = past[known].iloc[: known.sum() // 3], past[known].iloc[-known.sum() // 3 :]
    assert first.leader.isna().all()
    assert last.leader.notna().all()
    in_sample = small.predict(early).leader
    assert (past.leader - in_sample).abs().max() > 0.01


def test_the_record_has_the_same_columns_whether_members_or_whole_models_made_it(small, early):
    names = {"meeting_id", "party", "horizon", "date", "highest_outcome", *FORECASTS}
    assert set(small.past_) == names | {f"{target}_outcome" for target in TARGETS}
    model = clone(small).fit(early)
    made = pd.DataFrame(small.past_).assign(date=lambda t: pd.to_datetime(t.date), leader=0.25, origin="2020-01-01")
    model.keep_record(made.head(7))
    assert set(model.past_) == set(small.past_)
    assert model.past_["leader"].tolist() == [0.25] * 7
    assert model.past_["date"].tolist() == small.past_["date"][:7].tolist()


def test_the_record_is_coherent_where_all_steps_were_forecast(small):
    past = pd.DataFrame(small.past_).dropna(subset=["leader", "highest_senior", "highest_working"])
    assert len(past) > 10
    assert (past.leader + past.highest_senior + past.highest_working <= 1 + 1e-12).all()
    assert (past.senior >= past.highest_senior - 1e-12).all()


def test_a_clone_has_the_parameters_and_nothing_learned(small):
    copy = clone(small)
    assert copy.get_params() == small.get_params()
    assert not hasattr(copy, "models_")


@pytest.mark.parametrize("level", LEVELS)
def test_the_shares_of_other_levels_do_not_move_a_level(forecaster, later, level):
    everyone = later.take(np.arange(1))
    table = forecaster.vectors(everyone)
    moved = table.copy()
    others = [other for other in LEVELS if other != level]
    own, *shares = (
        [name for name in table if "share" in name and name.endswith(f"_{one}")] for one in (level, *others)
    )
    # Of the party and of the other side, every share of the codebook.
    assert len(own) == len(shares[0]) == len(shares[1]) > len(codebook("history")["shares"])
    moved[shares[0] + shares[1]] += 1.0
    assert of_table(forecaster, level, moved)[0] == of_table(forecaster, level, table)[0]
    for other in others:
        assert of_table(forecaster, other, moved)[0] != of_table(forecaster, other, table)[0]
    zero = np.zeros(1, dtype=int)
    before, after = (forecaster.combine(t, zero, zero, zero) for t in (table, moved))
    assert (after.leader[0] == before.leader[0]) == (level == "leader")
    assert (after[others[0]] != before[others[0]]).all()


@pytest.mark.parametrize("column", ["history__contacts_leaders", "history__contacts_senior", "history__contacts"])
@pytest.mark.parametrize("level", LEVELS)
def test_earlier_meetings_of_either_level_may_move_every_level(forecaster, later, column, level):
    table = forecaster.vectors(later.take(np.arange(1)))
    moved = table.copy()
    moved[column] += 1.0
    zero = np.zeros(1, dtype=int)
    assert (
        forecaster.combine(moved, zero, zero, zero)[level][0] != forecaster.combine(table, zero, zero, zero)[level][0]
    )


# -- labels ------------------------------------------------------------------------------------------------------


def test_labels_of_the_targets():
    nan = np.nan
    y = pd.DataFrame(
        [
            [1, 1, 0, nan],
            [1, 0, 0, 0],
            [1, 0, 0, nan],
            [1, 0, 0, 1],
            [1, 0, 1, nan],
            [1, nan, 1, 0],
            [0, 0, 0, 0],
            [nan, 1, 1, 1],
        ],
        columns=["held", *LEVELS],
        dtype=float,
    )
    labels = targets(y)
    assert tuple(labels) == TARGETS
    np.testing.assert_array_equal(labels["held"], [1, 1, 1, 1, 1, 1, 0, nan])
    np.testing.assert_array_equal(labels["leader"], [1, 0, 0, 0, 0, nan, nan, nan])
    np.testing.assert_array_equal(labels["working"], [nan, 0, nan, 1, nan, 0, nan, nan])
    # Asked only where nobody higher came for certain.
    np.testing.assert_array_equal(labels["senior_instead"], [nan, 0, 0, 0, 1, nan, nan, nan])
    np.testing.assert_array_equal(labels["working_instead"], [nan, 0, nan, 1, nan, nan, nan, nan])
    # The leader; nobody; perhaps a working team; one; senior officials, at least.
    np.testing.assert_array_equal(highest(labels), [3, 0, nan, 1, 2, nan, nan, nan])


# -- probabilities that fit together -----------------------------------------------------------------------------


def told(exclusive=False, **p):
    out = coherent({name: np.array([value]) for name, value in p.items()}, exclusive)
    return {name: value[0] for name, value in out.items()}


def test_the_steps_are_taken_one_after_the_other():
    p = told(leader=0.5, senior=0.6, working=0.3, senior_instead=0.8, working_instead=0.5)
    assert p["highest_senior"] == pytest.approx(0.5 * 0.8)
    assert p["highest_working"] == pytest.approx(0.5 * 0.2 * 0.5)
    assert p["anyone"] == pytest.approx(0.5 + 0.4 + 0.05)
    assert (p["leader"], p["senior"], p["working"]) == (0.5, 0.6, 0.3)


@pytest.mark.parametrize(("said", "kept"), [(0.1, 0.4), (0.6, 0.6), (0.99, 0.9)])
def test_a_level_is_kept_within_what_the_steps_allow(said, kept):
    # Senior officials come instead of the leader in 0.4 of all cases, and with them at most in 0.5 more.
    p = told(leader=0.5, senior=said, working=0.3, senior_instead=0.8, working_instead=0.5)
    assert p["senior"] == pytest.approx(kept)


def test_where_levels_exclude_each_other_each_is_its_own_step():
    p = told(True, leader=0.5, senior=0.9, working=0.9, senior_instead=0.8, working_instead=0.5)
    assert (p["senior"], p["working"]) == (p["highest_senior"], p["highest_working"])
    assert p["leader"] + p["senior"] + p["working"] == pytest.approx(p["anyone"])


def test_levels_are_taken_to_exclude_each_other_where_no_delegation_had_two(early, small):
    assert not small.exclusive_
    labels = outcomes(early)
    labels["senior"] = labels.senior.where(labels.leader != 1, 0.0)
    labels["working"] = labels.working.where((labels.leader != 1) & (labels.senior != 1), 0.0)
    model = AttendanceForecaster("logistic", extractors=("context",)).fit(early, labels)
    assert model.exclusive_
    forecast = model.predict(early)
    np.testing.assert_array_equal(forecast.senior, forecast.highest_senior)
    np.testing.assert_array_equal(forecast.working, forecast.highest_working)


# -- refusals ----------------------------------------------------------------------------------------------------


def test_fitting_on_no_rows_is_refused(early):
    with pytest.raises(RequestError, match="there is nothing to fit on"):
        AttendanceForecaster(**SMALL).fit(early.take(np.arange(0)))


def test_fitting_on_meetings_still_to_come_is_refused(data):
    rows = delegations_at(data.as_of("2012-01-01"), [1])
    with pytest.raises(RequestError, match="no meeting with a known outcome"):
        AttendanceForecaster(**SMALL).fit(rows)


def test_an_unknown_extractor_is_refused_by_name_with_the_nearest(early):
    with pytest.raises(RequestError, match=r"extractor: found 'histroy'; did you mean 'history'\?"):
        AttendanceForecaster("logistic", extractors=("context", "histroy")).fit(early)


def test_an_unknown_kind_is_refused_by_name_with_the_nearest(early):
    with pytest.raises(RequestError, match=r"model kind: found 'tree'; did you mean 'trees'\?"):
        AttendanceForecaster("tree", extractors=("context",)).fit(early)


@pytest.mark.parametrize(
    "asked",
    [
        {"kind": "logistic", "extractors": ()},
        {"kind": "logistic", "extractors": ("context",), "without": ("context",)},
        {"kind": "last-statement", "extractors": ("context",)},
        {"kind": "logistic", "extractors": ("context",), "without": ("contxt__host",)},
        {"kind": "logistic", "extractors": ("context",), "extractor_parameters": {"context": {"bok": {}}}},
    ],
    ids=["no extractors", "no columns left", "no statements to judge by", "misspelt column", "misspelt argument"],
)
def test_a_model_that_cannot_be_as_asked_is_refused_in_plain_words(early, asked):
    with pytest.raises(RequestError):
        AttendanceForecaster(**asked).fit(early)
