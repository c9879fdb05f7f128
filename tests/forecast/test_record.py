"""Comparable past forecasts, intervals from them, and similar past meetings."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

import attend_ml as am
from attend_ml.asof import Situations
from attend_ml.forecast.record import comparable, highest_sets, interval, similar

ISTANBUL = "istanbul-2025-05-15"


@pytest.fixture
def model():
    """Eight past forecasts, at 7 days and at 1 day."""
    past = {
        "horizon": np.array([7, 7, 7, 7, 1, 1, 1, 1]),
        "leader": np.array([0.50, 0.33, 0.31, np.nan, 0.50, 0.67, 0.69, 0.50]),
        "leader_outcome": np.array([1.0, 0.0, 1.0, 1.0, 1.0, 1.0, 1.0, np.nan]),
    }
    return SimpleNamespace(past_=past)


def test_forecasts_within_three_quarters_of_log_odds_are_comparable(model):
    # A week ahead: 0.50 and 0.33 (log-odds -0.71) are near one half, 0.31 (-0.80) is not.
    assert comparable(model, "leader", 0.5, 7) == (2, 1)
    # A day ahead: 0.50 and 0.67 are, 0.69 is not; the last has no known outcome.
    assert comparable(model, "leader", 0.5, 1) == (2, 2)


@pytest.mark.parametrize(("horizon", "cases"), [(14, 2), (5, 2), (2, 2), (0, 2)])
def test_the_nearest_horizon_known_is_taken(model, horizon, cases):
    came = {14: 1, 5: 1, 2: 2, 0: 2}[horizon]
    assert comparable(model, "leader", 0.5, horizon) == (cases, came)


def test_nothing_far_from_every_past_forecast_is_comparable(model):
    assert comparable(model, "leader", 0.01, 7) == (0, 0)


def test_a_level_never_known_has_no_comparable_case(model):
    assert comparable(model, "working", 0.5, 7) == (0, 0)


@pytest.mark.parametrize(
    ("p", "cases", "low", "high"),
    [
        # No case: the arcsine distribution, whose quantile at q is sin(pi q / 2) squared.
        (0.5, 0, np.sin(np.pi * 0.025) ** 2, np.sin(np.pi * 0.475) ** 2),
        # One case at one half: the uniform distribution.
        (0.5, 1, 0.05, 0.95),
        # Beta(2, 1), of which the distribution function is x squared.
        (0.75, 2, 0.05**0.5, 0.95**0.5),
        # Beta(1, 3): one minus the cube of one minus x.
        (0.5 / 3, 3, 1 - 0.95 ** (1 / 3), 1 - 0.05 ** (1 / 3)),
    ],
)
def test_an_interval_is_jeffreys(p, cases, low, high):
    np.testing.assert_allclose(interval(p, cases), (low, high), rtol=1e-9)


def test_an_interval_of_another_width_can_be_asked_for():
    np.testing.assert_allclose(interval(0.5, 1, level=0.5), (0.25, 0.75), rtol=1e-9)


@pytest.mark.parametrize("p", [0.0, 1e-6, 0.5, 1 - 1e-6, 1.0])
@pytest.mark.parametrize("cases", [0, 3, 1000])
def test_an_interval_holds_its_probability(p, cases):
    low, high = interval(p, cases)
    assert 0 <= low <= p <= high <= 1


def test_an_interval_narrows_with_the_cases():
    widths = [high - low for low, high in (interval(0.3, cases) for cases in (0, 10, 100, 1000))]
    assert widths == sorted(widths, reverse=True)
    assert widths[-1] < 0.05 < widths[1]


# -- similar meetings ------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def table(data, forecaster):
    return similar(forecaster, data, Situations(data, [ISTANBUL], ["RUS"], ["2025-05-14"]), 20)


def test_similar_meetings_lie_before_the_model_was_fitted(table):
    assert len(table) == 20
    assert table.date.max() <= pd.Timestamp("2023-12-31")


def test_similar_meetings_tell_who_came(table, data):
    known = data.delegations.set_index(["meeting_id", "party"])
    labels = known.loc[pd.MultiIndex.from_frame(table[["meeting_id", "party"]]), ["leader", "senior", "working"]]
    np.testing.assert_array_equal(table[["leader", "senior", "working"]], labels)
    meetings = data.meetings.set_index("meeting_id").loc[table.meeting_id]
    assert (meetings.status == "held").all()
    np.testing.assert_array_equal(table.name, meetings.name)
    np.testing.assert_array_equal(table.date, meetings.date)


def test_each_similar_meeting_stands_once_and_the_nearest_first(table):
    assert table.meeting_id.is_unique
    assert table.distance.is_monotonic_increasing
    assert ISTANBUL not in set(table.meeting_id)


def test_the_distance_of_a_similar_meeting_is_what_the_description_says(table, data, forecaster):
    here = forecaster.predict(Situations(data, [ISTANBUL], ["RUS"], ["2025-05-14"])).leader.iloc[0]
    for row in table.itertuples():
        there = data.meeting(row.meeting_id)
        wanted = abs(np.log(row.forecast / (1 - row.forecast)) - np.log(here / (1 - here)))
        wanted += 1.0 * (there.convened_level != "unspecified") + 0.5 * (there.format != "bilateral")
        wanted += 0.5 * (there.country == row.party) + 0.25 * (row.party != "RUS")
        assert row.distance == pytest.approx(wanted, abs=1e-9)


def test_the_forecast_of_a_similar_meeting_is_the_one_as_many_days_ahead(table, data, forecaster):
    past = pd.DataFrame(forecaster.past_)
    past = past[past.horizon == 1].set_index(["meeting_id", "party"])
    wanted = past.leader.loc[pd.MultiIndex.from_frame(table[["meeting_id", "party"]])]
    np.testing.assert_array_equal(table.forecast, wanted)


def test_fewer_similar_meetings_are_the_nearest_of_more(table, data, forecaster):
    few = similar(forecaster, data, Situations(data, [ISTANBUL], ["RUS"], ["2025-05-14"]), 3)
    pd.testing.assert_frame_equal(few, table.head(3))


def test_a_meeting_is_not_similar_to_itself(data, forecaster):
    known = forecaster.past_["meeting_id"]
    meeting = known[-1]
    party = forecaster.past_["party"][-1]
    day = data.meeting(meeting).date - pd.Timedelta(days=1)
    found = similar(forecaster, data, Situations(data, [meeting], [party], [day]), 1000)
    assert len(found) > 100
    assert meeting not in set(found.meeting_id)


def test_analogues_of_the_champion_all_lie_before_the_moment():
    forecast = am.predict(ISTANBUL, party="RUS", as_of="2025-05-14")
    found = forecast.analogues(50)
    assert len(found) == 50
    assert found.date.max() <= pd.Timestamp("2025-04-30")


# -- the highest level -----------------------------------------------------------------------------------------------


def told(*steps):
    """Forecasts from the chances that the highest level is a working team, senior officials, the leader."""
    table = pd.DataFrame(steps, columns=["highest_working", "highest_senior", "leader"])
    return table.assign(anyone=table.sum(axis=1))


def recorded(table, came, date="2020-01-01"):
    past = table.assign(highest_outcome=np.array(came, dtype=float), date=date)
    return SimpleNamespace(past_={name: past[name].to_numpy() for name in past}, last_date_="2020-01-01")


def test_the_set_holds_the_levels_that_came_when_they_were_as_likely():
    # Nobody never came on 0.1, a working team came on 0.2: ten times each, so that nine of ten are told apart.
    past = told(*[(0.2, 0.3, 0.4)] * 10, *[(0.1, 0.1, 0.1)] * 10, *[(0.1, 0.6, 0.2)] * 10, *[(0.1, 0.1, 0.7)] * 10)
    model = recorded(past, [1] * 10 + [0] * 10 + [2] * 10 + [3] * 10)
    table = highest_sets(model, told((0.25, 0.35, 0.3), (0.1, 0.1, 0.1)))
    assert table.level.tolist() == ["nobody", "working", "senior", "leader"] * 2
    assert table.row.tolist() == [0] * 4 + [1] * 4
    np.testing.assert_allclose(table.if_held, [0.1, 0.25, 0.35, 0.3, 0.7, 0.1, 0.1, 0.1])
    # The strongest rival of a working team may have two thirds of what both have, that of the others an eighth or a
    # quarter.
    assert table.in_set.tolist() == [False, True, False, False, True, False, False, False]
    assert (table.cases == 40).all()


def test_past_cases_count_less_the_longer_they_are_ago():
    # The leader came on 0.7 of late, and on 0.2 long ago.
    past = told(*[(0.1, 0.1, 0.7)] * 30, *[(0.1, 0.5, 0.2)] * 5)
    table = told((0.1, 0.4, 0.4))
    for date, inside in (("2020-01-01", True), ("1990-01-01", False)):
        model = recorded(past, [3] * 35, np.repeat(["2020-01-01", date], [30, 5]))
        assert highest_sets(model, table).set_index("level").in_set["leader"] == inside


def test_with_too_few_past_cases_of_every_level_no_set_rules_anything_out():
    model = recorded(told((0.1, 0.2, 0.6), (0.1, 0.6, 0.2)), [3, 2])
    assert highest_sets(model, told((0.01, 0.01, 0.97))).in_set.all()


def test_past_cases_without_a_forecast_or_an_outcome_do_not_count():
    past = told((0.1, 0.2, 0.6), (0.1, 0.2, np.nan), (0.1, 0.2, 0.6))
    table = highest_sets(recorded(past, [3, 3, np.nan]), told((0.1, 0.2, 0.6)))
    assert (table.cases == 1).all()


def test_a_forecast_that_could_not_be_made_rules_nothing_out():
    past = told(*[(0.05, 0.05, 0.85)] * 20, *[(0.8, 0.1, 0.05)] * 20)
    table = highest_sets(recorded(past, [3] * 20 + [1] * 20), told((0.1, 0.1, np.nan)))
    assert table.if_held.isna().all()
    assert table.in_set.all()


def test_sets_of_the_champion_s_record_hold_each_level_about_nine_times_in_ten(forecaster, data):
    # On the record itself, so that nothing but the arithmetic is tested.
    past = pd.DataFrame(forecaster.past_)
    past = past[past.leader.notna() & past.highest_outcome.notna()]
    past["date"] = forecaster.last_date_
    model = SimpleNamespace(past_={name: past[name].to_numpy() for name in past}, last_date_=forecaster.last_date_)
    table = highest_sets(model, past.reset_index(drop=True))
    inside = table.in_set.to_numpy().reshape(-1, 4)
    came = past.highest_outcome.to_numpy(dtype=int)
    for level in range(4):
        rows = came == level
        likeliest = table.if_held.to_numpy().reshape(-1, 4)[rows].argmax(axis=1) == level
        assert inside[rows, level].mean() >= 0.9
        assert inside[rows, level].mean() <= max(0.9, likeliest.mean()) + 5 / rows.sum() + 0.05
