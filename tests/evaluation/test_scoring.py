"""Tables of scores: by level and horizon, against the rules, of one experiment against another, and as written."""

import math

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import brier_score_loss, log_loss, roc_auc_score

from attend_ml.evaluation.backtest import rolling_origin
from attend_ml.evaluation.class_scores import class_probabilities
from attend_ml.evaluation.scores import mean_interval
from attend_ml.evaluation.scoring import (
    SCORES,
    choice,
    highest_table,
    horizons_of,
    long_table,
    pair_choice,
    pair_table,
    score_table,
    scored,
    skill_table,
)
from attend_ml.experiment import Experiment, Features, Model, Scoring
from attend_ml.records import LEVELS


def run(data, kind):
    features, scoring = Features(extractors=("context", "history")), Scoring("2024-09-01", 4, (7, 1))
    return rolling_origin(data, Experiment("quick", features=features, model=Model(kind), scoring=scoring), n_jobs=1)


@pytest.fixture(scope="module")
def table(data):
    return run(data, "logistic")


@pytest.fixture(scope="module")
def plain(data):
    return run(data, "climatology")


def forecasts(**columns):
    """Return forecasts of the leader, each of a meeting of its own."""
    n = len(columns["leader"])
    out = {"meeting_id": [f"m{k}" for k in range(n)], "party": ["AAA"] * n, "horizon": [1] * n}
    return pd.DataFrame({**out, "cluster": out["meeting_id"], **columns})


# -- by level and horizon ----------------------------------------------------------------------------------------


def test_the_scores_are_those_of_scikit_learn_on_the_rows_of_each_level_and_horizon(table):
    scores = score_table(table, ("leader", "senior")).set_index(["level", "horizon"])
    assert scores.index.tolist() == [("leader", 7), ("leader", 1), ("senior", 7), ("senior", 1)]
    for (level, horizon), row in scores.iterrows():
        part = table[(table.horizon == horizon) & table[f"{level}_outcome"].notna()]
        p, y = part[level], part[f"{level}_outcome"]
        assert row.n == len(part)
        assert row.brier == pytest.approx(brier_score_loss(y, p))
        assert row.log_loss == pytest.approx(log_loss(y, p))
        assert row.auc == pytest.approx(roc_auc_score(y, p))
        bins = [list(chunk) for chunk in np.array_split(np.argsort(p.to_numpy(), kind="stable"), 10)]
        gaps = [len(chunk) * abs(p.to_numpy()[chunk].mean() - y.to_numpy()[chunk].mean()) for chunk in bins]
        assert row.calibration_error == pytest.approx(sum(gaps) / len(part))
        assert row.reliability - row.resolution + row.uncertainty == pytest.approx(row.brier)
        assert row.uncertainty == pytest.approx(y.mean() * (1 - y.mean()))
        assert (row.brier_low, row.brier_high) == mean_interval(
            ((p - y) ** 2).to_numpy(), part.cluster.to_numpy(dtype=str)
        )
        assert row.brier_low < row.brier < row.brier_high


def test_rows_without_outcome_or_forecast_are_not_scored():
    rows = forecasts(
        leader=[0.5, 0.5, np.nan, 1.0],
        leader_outcome=[1.0, np.nan, 1.0, 1.0],
        horizon=[1, 1, 1, 7],
        cluster=list("abcd"),
    )
    scores = score_table(rows, intervals=False)
    assert scores[["level", "horizon", "n", "brier"]].to_numpy().tolist() == [
        ["leader", 7, 1, 0.0],
        ["leader", 1, 1, 0.25],
    ]
    assert "brier_low" not in scores
    assert scored(rows, "leader").index.tolist() == [0, 3]
    assert scored(rows, "leader", 7).index.tolist() == [3]


def test_nothing_to_score_gives_no_rows(table):
    assert len(score_table(table.iloc[:0])) == 0
    assert len(highest_table(table.iloc[:0])) == 0
    assert len(pair_table({"one": table.iloc[:0], "two": table}, "two")) == 0
    assert math.isnan(choice(table.iloc[:0]))


def test_horizons_fall(table):
    assert horizons_of(table.sample(frac=1, random_state=0)) == [7, 1]


def test_the_learned_model_beats_climatology_on_the_same_rows(table, plain):
    assert plain[["meeting_id", "party", "horizon"]].equals(table[["meeting_id", "party", "horizon"]])
    learned, shares = (score_table(t, intervals=False).set_index("horizon").brier for t in (table, plain))
    assert (learned < shares - 0.02).all()
    assert SCORES.keys() == {"brier", "log_loss", "auc", "calibration_error"}


# -- against a rule, and another experiment ----------------------------------------------------------------------


def test_skill_is_told_on_the_rows_both_have_forecast(table, plain):
    half = plain[plain.index % 3 == 0]
    skills = skill_table(table, half.sample(frac=1, random_state=0)).set_index("horizon")
    assert skills.index.tolist() == [7, 1]
    for horizon, row in skills.iterrows():
        mine = scored(table[table.index % 3 == 0], "leader", horizon)
        theirs = scored(half, "leader", horizon)
        assert row.n == len(mine) == len(theirs)
        scores = [brier_score_loss(part.leader_outcome, part.leader) for part in (mine, theirs)]
        assert row.skill == pytest.approx(1 - scores[0] / scores[1])
        assert row.skill_low < row.skill < row.skill_high
        assert row.skill > 0.1


def test_an_experiment_has_no_skill_over_itself(table):
    skills = skill_table(table, table)
    assert skills[["skill", "skill_low", "skill_high"]].to_numpy().tolist() == [[0, 0, 0]] * 2
    assert len(skill_table(table, table.iloc[:0])) == 0


def test_every_other_experiment_is_compared_with_the_first_forecast_by_forecast(table, plain):
    pairs = pair_table({"plain": plain, "learned": table, "few": table.head(40)}, "plain", "senior")
    assert pairs[["experiment", "against", "level"]].drop_duplicates().to_numpy().tolist() == [
        ["learned", "plain", "senior"],
        ["few", "plain", "senior"],
    ]
    row = pairs[(pairs.experiment == "learned") & (pairs.horizon == 1)].iloc[0]
    mine, theirs = scored(table, "senior", 1), scored(plain, "senior", 1)
    change = (mine.senior - mine.senior_outcome) ** 2 - (theirs.senior - theirs.senior_outcome) ** 2
    assert row.n == len(mine)
    assert row.difference == pytest.approx(change.mean())
    assert row.low < row.difference < row.high
    few = pairs[pairs.experiment == "few"]
    assert few.n.sum() == table.head(40).senior_outcome.notna().sum()


def test_a_difference_that_is_the_same_everywhere_has_no_width():
    base = forecasts(leader=[0.5] * 6, leader_outcome=[1.0] * 6)
    pairs = pair_table({"base": base, "better": base.assign(leader=0.9)}, "base")
    expected = 0.01 - 0.25
    assert pairs[["difference", "low", "high"]].iloc[0].tolist() == pytest.approx([expected] * 3)


def test_the_difference_in_the_score_of_choice_leaves_the_other_days_out():
    base = forecasts(leader=[0.5] * 4, leader_outcome=[1.0] * 4, horizon=[14, 7, 3, 1])
    better = base.assign(leader=[0.0, 0.9, 0.5, 0.5])
    difference, low, high = pair_choice(better, base)
    assert difference == pytest.approx((0.01 - 0.25) / 3)
    assert low <= difference <= high
    assert choice(better) - choice(base) == pytest.approx(difference)


# -- the highest level -------------------------------------------------------------------------------------------


def test_the_highest_level_by_hand():
    one = {"leader": 0.5, "highest_senior": 0.25, "highest_working": 0.25}
    rows = pd.DataFrame([{**one, "highest_outcome": 3.0}, {**one, "highest_outcome": 0.0}]).assign(
        horizon=[7, 1], cluster=["a", "b"]
    )
    out = highest_table(rows)
    assert out.horizon.tolist() == [7, 1]
    # Nobody, working, senior, leader: 0, 0.25, 0.25, 0.5.
    assert out.ranked_probability_score.tolist() == pytest.approx([(0.25**2 + 0.5**2) / 3, (1 + 0.75**2 + 0.5**2) / 3])
    assert out.log_loss.tolist() == pytest.approx([-np.log(0.5), -np.log(1e-6)])
    assert (out.rps_low == out.ranked_probability_score).all()


def test_the_highest_level_is_scored_where_it_is_known(table):
    out = highest_table(table).set_index("horizon")
    for horizon, row in out.iterrows():
        part = table[(table.horizon == horizon) & table.highest_outcome.notna()]
        assert row.n == len(part)
        y = part.highest_outcome.to_numpy(dtype=int)
        assert row.log_loss == pytest.approx(log_loss(y, class_probabilities(part), labels=[0, 1, 2, 3]))
        assert row.rps_low < row.ranked_probability_score < row.rps_high
        assert 0 < row.calibration_error < 0.2


# -- as written to a file ----------------------------------------------------------------------------------------


def test_forecasts_are_written_with_a_row_for_each_level(table):
    out = long_table(table, "mine", LEVELS)
    assert out.columns.tolist() == [
        *("meeting_id", "party", "level", "horizon", "probability", "probability_if_held", "outcome", "experiment")
    ]
    assert out.level.head(6).tolist() == [*LEVELS, *LEVELS]
    assert len(out) == 3 * len(table)
    for level in LEVELS:
        rows = out[out.level == level].reset_index(drop=True)
        assert rows[["meeting_id", "party", "horizon"]].equals(table[["meeting_id", "party", "horizon"]])
        np.testing.assert_array_equal(rows.probability_if_held, table[level])
        np.testing.assert_allclose(rows.probability, table[level] * table.held)
    assert (out.experiment == "mine").all()


def test_nobody_came_to_a_meeting_that_was_not_held_and_who_came_to_one_that_is_open_is_empty():
    rows = forecasts(
        leader=[0.5] * 3, leader_outcome=[1.0, np.nan, np.nan], held=[0.8, 0.8, np.nan], held_outcome=[1.0, 0.0, np.nan]
    )
    out = long_table(rows, "mine", ("leader",))
    assert out.outcome.isna().tolist() == [False, False, True]
    assert out.outcome.dropna().tolist() == [1, 0]
    # Without a forecast that it is held, it is taken to be.
    assert out.probability.tolist() == pytest.approx([0.4, 0.4, 0.5])
    assert out.to_csv(index=False).splitlines()[1:] == [
        "m0,AAA,leader,1,0.4,0.5,1,mine",
        "m1,AAA,leader,1,0.4,0.5,0,mine",
        "m2,AAA,leader,1,0.5,0.5,,mine",
    ]
