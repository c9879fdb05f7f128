"""Backtests: experiments side by side, each a run, and nothing computed twice."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import attend_ml as am
from attend_ml.evaluation.scoring import pair_table, score_table, skill_table
from attend_ml.experiment import Experiment, Features, Model, Scoring
from attend_ml.models.rules import RULES
from attend_ml.tracking import backtest as tracked
from attend_ml.tracking.backtest import load_experiments, run_backtest

HERE = Path(__file__).parent
BETTER, WORSE = HERE / "better.toml", HERE / "worse.toml"
# Three rules beside the two experiments, all of one origin.
ORIGINS = 5


# -- what is found -----------------------------------------------------------------------------------------------


def test_every_experiment_is_scored_by_level_and_horizon(tested):
    assert list(tested.predictions) == ["better", "worse"]
    columns = ["experiment", "level", "horizon", "n", "brier", "log_loss", "auc", "calibration_error"]
    assert tested.scores.columns[:8].tolist() == columns
    for name, rows in tested.scores.groupby("experiment"):
        wanted = score_table(tested.predictions[name], ["leader", "senior", "working", "held"])
        pd.testing.assert_frame_equal(rows[wanted.columns].reset_index(drop=True), wanted)
    leader = tested.scores[tested.scores.level == "leader"].pivot(index="horizon", columns="experiment", values="brier")
    assert (leader.better < leader.worse).all()


def test_skill_is_told_over_every_rule_though_none_was_asked_for(tested):
    leader = tested.scores[tested.scores.level == "leader"].set_index(["experiment", "horizon"])
    for rule in RULES:
        assert leader[[f"skill_{rule}", f"skill_{rule}_low", f"skill_{rule}_high"]].notna().all(axis=None)
    # The poor experiment is climatology, but for the days it is fitted on; the better one is the party's record.
    np.testing.assert_allclose(leader["skill_climatology"]["worse"], 0, atol=1e-4)
    np.testing.assert_allclose(leader["skill_party-history"]["better"], 0, atol=1e-12)
    assert (leader["skill_climatology"]["better"] > 0.1).all()
    others = tested.scores[tested.scores.level != "leader"]
    assert others[[f"skill_{rule}" for rule in RULES]].isna().all(axis=None)


def test_the_others_are_compared_with_the_first(tested):
    pd.testing.assert_frame_equal(tested.pairs, pair_table(tested.predictions, "better"))
    assert set(tested.pairs.experiment) == {"worse"}
    assert (tested.pairs.difference > 0).all()


def test_kinds_of_cases_and_sets_are_told_of_each(tested):
    for name in ("better", "worse"):
        summary = tested.summaries[name]
        assert {"announced", "statement", "contested", "role", "party"} <= set(summary.strata.stratum)
        assert summary.sets.highest.tolist() == ["any", "nobody", "working", "senior", "leader"]
        skills = skill_table(tested.predictions[name], tested.predictions["better"])
        assert summary.skills["party-history"].skill.tolist() == pytest.approx(skills.skill.tolist())


# -- the runs ----------------------------------------------------------------------------------------------------


def test_each_experiment_leaves_one_finished_run(tested, mlflow):
    assert list(tested.run_ids) == ["better", "worse"]
    for name, run_id in tested.run_ids.items():
        run = mlflow.get_run(run_id)
        assert run.info.run_name == f"{name} backtest"
        assert run.info.status == "FINISHED"
        tags = {tag: run.data.tags[f"attend_ml.{tag}"] for tag in ("experiment", "kind", "state")}
        assert tags == {"experiment": name, "kind": "backtest", "state": "completed"}
        scores = tested.scores[(tested.scores.experiment == name) & (tested.scores.level == "leader")]
        brier = scores.set_index("horizon").brier
        assert run.data.metrics["leader/brier_h7"] == pytest.approx(brier[7])


def test_a_backtest_that_dies_leaves_no_run_that_counts(client, monkeypatch):
    def die(*args, **options):
        raise KeyboardInterrupt

    monkeypatch.setattr(tracked, "log_scores", die)
    with pytest.raises(KeyboardInterrupt):
        run_backtest(WORSE, n_jobs=1)
    experiment = client.get_experiment_by_name("attend-ml")
    last = client.search_runs([experiment.experiment_id], order_by=["attributes.start_time DESC"], max_results=1)[0]
    assert last.info.status == "FAILED"
    assert "attend_ml.state" not in last.data.tags


def test_no_model_is_registered(tested, client):
    runs = {version.run_id for version in client.search_model_versions("name='attend-ml'")}
    assert not runs & set(tested.run_ids.values())


# -- nothing twice -----------------------------------------------------------------------------------------------


def test_a_second_backtest_takes_all_from_the_first_and_finds_the_same_to_the_last_bit(tested):
    told = []
    again = run_backtest([BETTER, WORSE], n_jobs=1, progress=lambda *done: told.append(done))
    assert again.taken == ORIGINS
    assert told == [(ORIGINS, ORIGINS)]
    pd.testing.assert_frame_equal(again.scores, tested.scores, check_exact=True)
    pd.testing.assert_frame_equal(again.pairs, tested.pairs, check_exact=True)
    for name, summary in tested.summaries.items():
        pd.testing.assert_frame_equal(again.summaries[name].strata, summary.strata, check_exact=True)
        pd.testing.assert_frame_equal(again.summaries[name].sets, summary.sets, check_exact=True)
    assert not set(again.run_ids.values()) & set(tested.run_ids.values())


def test_computed_anew_by_two_processes_the_figures_are_the_same_to_the_last_bit(
    home, all_examples, monkeypatch, tmp_path
):
    # Apart from what other tests have computed, as other processes read by all of the examples.
    monkeypatch.setattr("attend_ml.evaluation.parts.cache_folder", lambda: tmp_path)
    told = []
    here = run_backtest([BETTER, WORSE], n_jobs=1, fresh=True)
    again = run_backtest([BETTER, WORSE], n_jobs=2, fresh=True, progress=lambda *done: told.append(done))
    assert again.taken == 0
    # All experiments of a day are made together, and there is but one day.
    assert told == [(0, ORIGINS), (ORIGINS, ORIGINS)]
    pd.testing.assert_frame_equal(again.scores, here.scores, check_exact=True)
    for name, table in here.predictions.items():
        pd.testing.assert_frame_equal(again.predictions[name], table, check_exact=True)


# -- what may be asked -------------------------------------------------------------------------------------------


@pytest.fixture
def unlogged(home, monkeypatch):
    """Leave out what takes longest where only scores are looked at."""
    monkeypatch.setattr(tracked, "log_scores", lambda *args: None)


def test_in_python_it_returns_the_scores(tested):
    scores = am.backtest([BETTER, WORSE], n_jobs=1)
    pd.testing.assert_frame_equal(scores, tested.scores, check_exact=True)


def test_one_experiment_needs_no_list_and_data_may_be_a_folder(data, tmp_path, unlogged):
    data.save(tmp_path)
    scores = am.backtest(str(WORSE), data=tmp_path, n_jobs=1)
    assert scores.experiment.unique().tolist() == ["worse"]
    pd.testing.assert_frame_equal(scores, am.backtest(WORSE, data=data, n_jobs=1), check_exact=True)


def test_other_days_are_scored_where_they_are_asked_for(data, unlogged):
    scores = am.backtest(WORSE, data, horizons=(2,), n_jobs=1)
    assert scores.horizon.unique().tolist() == [2]
    assert scores["skill_last-statement"].notna().any()


def test_one_experiment_is_compared_with_none(unlogged):
    assert run_backtest(WORSE, n_jobs=1).pairs.empty


def test_names_files_and_specs_are_read_and_rules_stands_for_three():
    spec = Experiment("mine", model=Model("logistic"))
    found = load_experiments(["champion", "rules", spec, WORSE, str(BETTER)])
    assert [one.name for one in found] == ["champion", *RULES, "mine", "worse", "better"]
    assert [one.name for one in load_experiments("rules")] == list(RULES)
    assert load_experiments(spec) == [spec]


def test_what_is_named_twice_is_taken_once():
    found = load_experiments(["climatology", "rules", "climatology"])
    assert [one.name for one in found] == ["climatology", "party-history", "last-statement"]


def test_two_different_experiments_of_one_name_are_refused(tmp_path):
    mine = tmp_path / "climatology.toml"
    mine.write_text('extends = "logistic"\n', encoding="utf-8")
    with pytest.raises(am.RequestError, match="two experiments are called 'climatology': give one another name"):
        load_experiments(["climatology", mine])


def test_no_experiment_is_refused():
    with pytest.raises(am.RequestError, match="experiments: found none"):
        am.backtest([])


def test_a_mistyped_experiment_is_refused_before_anything_is_scored():
    with pytest.raises(am.RequestError, match="found 'climatolgy'; did you mean 'climatology'"):
        am.backtest(["champion", "climatolgy"])


def test_a_start_after_the_last_meeting_is_moved_to_where_there_is_something_to_score(data, unlogged):
    scoring = Scoring("2030-01-01", 60, (1,))
    spec = Experiment("late", features=Features(("context",)), model=Model("climatology"), scoring=scoring)
    scores = am.backtest(spec, data, n_jobs=1)
    assert (scores.n > 300).all()
