"""Sets calibrated origin by origin: on earlier forecasts of other meetings only, and scored by what came."""

import math

import numpy as np
import pandas as pd
import pytest

from attend_ml.evaluation.class_scores import class_probabilities
from attend_ml.evaluation.set_scores import IN, LEAST, rolling_sets, set_table
from attend_ml.models.forecaster import HIGHEST
from attend_ml.models.sets import ConformalSets, recency

SHARES = np.array([0.08, 0.12, 0.35, 0.45])
HORIZONS = (7, 1)
ORIGINS = np.array(["2020-01-01", "2020-07-01", "2021-01-01", "2021-07-01"])


def forecasts(n_meetings=500, seed=0):
    """Return forecasts of two delegations to each meeting, four origins half a year apart, meetings in order."""
    rng = np.random.default_rng(seed)
    n = 2 * n_meetings
    y = rng.choice(4, size=n, p=SHARES)
    day = np.sort(rng.integers(20, 720, n_meetings)).repeat(2)
    out = []
    for horizon in HORIZONS:
        z = rng.normal(size=(n, 4)) + (2.5 - 0.1 * horizon) * np.eye(4)[y] + np.log(SHARES)
        P = np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)
        table = pd.DataFrame({"meeting_id": [f"m{k // 2}" for k in range(n)], "party": ["AAA", "BBB"] * n_meetings})
        table["horizon"] = horizon
        table["date"] = (np.datetime64("2020-01-01") + day.astype("timedelta64[D]")).astype("datetime64[s]")
        table["cluster"] = table.meeting_id
        as_of = table.date.to_numpy() - np.timedelta64(horizon, "D")
        table["origin"] = ORIGINS[np.searchsorted(ORIGINS.astype("datetime64[s]"), as_of, side="right") - 1]
        table = table.assign(leader=P[:, 3], highest_senior=P[:, 2], highest_working=P[:, 1], highest_outcome=y * 1.0)
        out.append(table)
    order = ["date", "meeting_id", "party", "horizon"]
    return pd.concat(out).sort_values(order, kind="stable", ignore_index=True)


@pytest.fixture(scope="module")
def table():
    return forecasts()


@pytest.fixture(scope="module")
def sets(table):
    return rolling_sets(table)


# -- what the thresholds come from -------------------------------------------------------------------------------


def test_the_first_origin_has_nothing_to_go_on_and_rules_nothing_out(sets):
    first = sets[sets.origin == "2020-01-01"]
    assert (first.calibrated_on == 0).all()
    assert first[list(IN)].to_numpy().all()
    assert sets.groupby("origin").calibrated_on.first().is_monotonic_increasing


def test_earlier_years_may_count_less(table):
    origin = ORIGINS[-1]
    asked, earlier = table.origin == origin, (table.origin < origin) & (table.date < pd.Timestamp(origin))
    P, y = class_probabilities(table), table.highest_outcome.to_numpy(dtype=int)
    weight = recency(table.date[earlier].to_numpy(), origin, 90.0)
    expected = ConformalSets().fit(P[earlier], y[earlier], weight=weight).sets(P[asked])
    found = rolling_sets(table, half_life=90.0)
    np.testing.assert_array_equal(found.loc[asked, list(IN)], expected)
    assert (found[list(IN)].to_numpy() != rolling_sets(table)[list(IN)].to_numpy()).any()


def test_an_origin_is_calibrated_on_earlier_forecasts_of_meetings_that_were_over(table, sets):
    for origin in ORIGINS[1:]:
        asked = table.origin == origin
        earlier = (table.origin < origin) & (table.date < pd.Timestamp(origin))
        P, y = class_probabilities(table), table.highest_outcome.to_numpy(dtype=int)
        weight = recency(table.date[earlier].to_numpy(), origin)
        expected = ConformalSets().fit(P[earlier], y[earlier], weight=weight).sets(P[asked])
        np.testing.assert_array_equal(sets.loc[asked, list(IN)], expected)
        assert (sets.calibrated_on[asked] == earlier.sum()).all()
    # Some forecasts of an origin are for meetings after the next one: these do not count there.
    assert ((table.origin < "2021-01-01") & (table.date >= pd.Timestamp("2021-01-01"))).any()


def test_what_came_at_or_after_an_origin_changes_no_set_of_it(table, sets):
    late = table.date >= pd.Timestamp("2021-01-01")
    other = table.assign(highest_outcome=table.highest_outcome.where(~late, 0.0))
    told = table.origin <= "2021-01-01"
    changed = rolling_sets(other)
    np.testing.assert_array_equal(changed.loc[told, list(IN)], sets.loc[told, list(IN)])
    assert (changed.loc[~told, list(IN)] != sets.loc[~told, list(IN)]).to_numpy().any()


def test_meetings_linked_with_one_that_is_forecast_do_not_calibrate_it(table):
    last = table.origin == "2021-07-01"
    one = table.meeting_id.iloc[-1]
    first = table.meeting_id == "m0"
    linked = table.assign(cluster=table.cluster.where(~first, one))
    plain, without = rolling_sets(table), rolling_sets(linked)
    assert (plain.calibrated_on[last] - without.calibrated_on[last] == first.sum()).all()
    assert (plain.calibrated_on[~last] == without.calibrated_on[~last]).all()


def test_unknown_outcomes_get_a_set_and_calibrate_nothing(table):
    gone = table.index % 3 == 0
    holes = table.assign(highest_outcome=table.highest_outcome.where(~gone))
    sets = rolling_sets(holes)
    assert len(sets) == len(table)
    kept = rolling_sets(table[~gone])
    np.testing.assert_array_equal(sets.loc[~gone, list(IN)], kept[list(IN)])
    assert (
        set_table(sets).query("highest == 'any'").n < set_table(rolling_sets(table)).query("highest == 'any'").n
    ).all()


def test_a_missing_forecast_rules_nothing_out(table):
    sets = rolling_sets(table.assign(leader=table.leader.where(table.index != len(table) - 1)))
    assert sets[list(IN)].iloc[-1].all()
    assert not sets[list(IN)].iloc[-200:-1].all(axis=None)


def test_thresholds_for_each_horizon_apart(table):
    sets = rolling_sets(table, by_horizon=True)
    for horizon in HORIZONS:
        own = table.horizon == horizon
        np.testing.assert_array_equal(sets.loc[own, list(IN)], rolling_sets(table[own])[list(IN)])


def test_rows_keep_their_order_and_index(table, sets):
    mixed = table.sample(frac=1, random_state=0)
    again = rolling_sets(mixed)
    pd.testing.assert_frame_equal(again.sort_index(), sets)


def test_another_model_of_sets_can_be_given(table, sets):
    small = rolling_sets(table, ConformalSets(0.6))
    # Of one class only may be what stands for an empty set.
    several = small[list(IN)].sum(axis=1) > 1
    assert (small.loc[several, list(IN)].to_numpy() <= sets.loc[several, list(IN)].to_numpy()).all()
    assert small[list(IN)].sum(axis=None) < sets[list(IN)].sum(axis=None)


# -- scores ------------------------------------------------------------------------------------------------------


def test_every_level_is_covered_nine_times_in_ten(table):
    out = set_table(rolling_sets(forecasts(3000)), by_horizon=False).set_index("highest")
    assert out.coverage[list(HIGHEST)].between(0.87, 0.95).all()
    assert out["size"]["any"] < 2.2


def test_by_hand():
    known = {"horizon": 1, "calibrated_on": LEAST}
    held = [("a", 3.0, "0011"), ("b", 3.0, "0010"), ("b", 0.0, "1111"), ("c", np.nan, "1111")]
    rows = [
        {**known, "cluster": c, "highest_outcome": y, **dict(zip(IN, [s == "1" for s in inside], strict=True))}
        for c, y, inside in held
    ]
    early = {**rows[2], "calibrated_on": LEAST - 1}
    out = set_table(pd.DataFrame([*rows, early])).set_index("highest")
    assert out.index.tolist() == ["any", *HIGHEST]
    assert out.loc["any", ["n", "coverage", "size", "full"]].tolist() == pytest.approx([3, 2 / 3, 7 / 3, 1 / 3])
    assert out.loc["leader", ["n", "coverage", "size", "full"]].tolist() == [2, 0.5, 1.5, 0.0]
    assert out.loc["nobody", ["n", "coverage", "size", "full"]].tolist() == [1, 1.0, 4.0, 1.0]
    assert out.loc["leader", ["coverage_low", "coverage_high"]].tolist() == [0.0, 1.0]
    assert out.n["senior"] == 0
    assert math.isnan(out.coverage["senior"])
    assert math.isnan(out.coverage_low["senior"])


def test_horizons_fall_and_all_together_have_no_such_column(sets):
    out = set_table(sets)
    assert out.horizon.drop_duplicates().tolist() == [7, 1]
    total = set_table(sets, by_horizon=False)
    assert "horizon" not in total
    assert total.n.tolist() == out.groupby("highest", sort=False).n.sum().tolist()


def test_nothing_to_score_is_an_empty_table_with_its_columns(sets):
    none = set_table(sets[:0])
    assert none.empty
    assert none.columns.tolist() == set_table(sets).columns.tolist()
    assert set_table(sets[:0], by_horizon=False).n.tolist() == [0] * 5
    assert rolling_sets(forecasts(1)[:0]).columns.tolist() == sets.columns.tolist()
