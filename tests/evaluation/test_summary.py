"""All that is told of an experiment, in one place."""

import pandas as pd
import pytest

from attend_ml.evaluation.backtest import rolling_origins
from attend_ml.evaluation.scoring import highest_table, score_table, skill_table
from attend_ml.evaluation.set_scores import rolling_sets, set_table
from attend_ml.evaluation.strata import score_strata
from attend_ml.evaluation.summary import STRATA_RULE, summarise
from attend_ml.experiment import Experiment, Features, Model, Scoring


@pytest.fixture(scope="module")
def tables(data):
    """Forecasts of two rules at three horizons, of enough earlier origins to make sets of."""
    scoring = Scoring("2023-01-01", 12, (14, 7, 1))
    specs = [
        Experiment(kind, features=Features(extractors=("history",)), model=Model(kind), scoring=scoring)
        for kind in ("party-history", "climatology")
    ]
    return dict(zip(("party-history", "climatology"), rolling_origins(data, specs, n_jobs=1), strict=True))


@pytest.fixture(scope="module")
def summary(tables, data):
    return summarise(tables["climatology"], data, tables)


def test_scores_and_skills_are_those_of_the_tables(summary, tables):
    mine = tables["climatology"]
    pd.testing.assert_frame_equal(summary.scores, score_table(mine, ["leader", "senior", "working", "held"]))
    pd.testing.assert_frame_equal(summary.highest, highest_table(mine))
    assert list(summary.skills) == ["party-history", "climatology"]
    pd.testing.assert_frame_equal(summary.skills["party-history"], skill_table(mine, tables["party-history"]))
    assert (summary.skills["party-history"].skill < 0).all()


def test_kinds_of_cases_are_told_a_week_and_a_day_before_with_the_skill_over_the_partys_record(summary, tables, data):
    mine = tables["climatology"]
    assert summary.strata.horizon.unique().tolist() == [7, 1]
    assert (summary.strata.reference == STRATA_RULE).all()
    wanted = score_strata(mine[mine.horizon != 14], data, reference=tables["party-history"])
    pd.testing.assert_frame_equal(summary.strata.drop(columns="reference"), wanted)
    assert (summary.strata.skill.dropna() < 0.5).all()


def test_without_the_days_asked_for_all_are_told_and_without_the_rule_no_skill(tables, data):
    mine = tables["climatology"]
    early = summarise(mine[mine.horizon == 14], data, {"climatology": mine})
    assert early.strata.horizon.unique().tolist() == [14]
    assert early.strata.reference.isna().all()
    assert early.strata.skill.isna().all()
    assert early.strata.brier.notna().any()


def test_sets_come_by_horizon_and_last_all_together(summary, tables):
    sets = rolling_sets(tables["climatology"])
    last = summary.sets[summary.sets.horizon.isna()]
    assert last.index.tolist() == list(range(len(summary.sets) - 5, len(summary.sets)))
    pd.testing.assert_frame_equal(
        last.drop(columns="horizon").reset_index(drop=True), set_table(sets, by_horizon=False)
    )
    first = summary.sets[summary.sets.horizon.notna()]
    assert first.horizon.unique().tolist() == [14, 7, 1]
    pd.testing.assert_frame_equal(first.astype({"horizon": int}), set_table(sets))
    # Written to a file, days are whole numbers, and all together is empty.
    days = [line.split(",")[0] for line in summary.sets.to_csv(index=False).splitlines()[1:]]
    assert list(dict.fromkeys(days)) == ["14", "7", "1", ""]


def test_where_too_little_was_forecast_earlier_sets_have_no_cases(tables, data):
    mine = tables["climatology"]
    first = summarise(mine[mine.origin == "2023-01-01"], data, tables)
    assert first.sets.horizon.isna().all()
    assert first.sets.n.tolist() == [0] * 5
