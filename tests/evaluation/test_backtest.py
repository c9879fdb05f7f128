"""Scoring by rolling origin: no forecast by a model that could have known."""

import os
import signal
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from attend_ml._resources import codebook
from attend_ml.asof import Situations
from attend_ml.dataset import Dataset
from attend_ml.errors import RequestError
from attend_ml.evaluation import backtest
from attend_ml.evaluation.backtest import fit_as_of, origins, rolling_origin, rolling_origins, with_start
from attend_ml.experiment import Experiment, Features, Model, Scoring
from attend_ml.models.forecaster import FORECASTS, AttendanceForecaster
from attend_ml.moments import moment

DAY = np.timedelta64(1, "D")


def experiment(kind="logistic", start="2024-09-01", months=4, horizons=(7, 1)):
    return Experiment(
        "quick",
        features=Features(extractors=("context", "history")),
        model=Model(kind),
        scoring=Scoring(start, months, horizons),
    )


@pytest.fixture(scope="module")
def table(data):
    return rolling_origin(data, experiment(), n_jobs=1)


def as_of(table):
    """Return the day as of which each row was forecast."""
    return table.date.dt.normalize() - pd.to_timedelta(table.horizon, unit="D")


# -- which model forecasts which row -----------------------------------------------------------------------------


def test_every_row_is_forecast_by_the_model_of_the_latest_origin_that_is_not_after_it(table):
    days = pd.to_datetime(["2024-09-01", "2025-01-01", "2025-05-01"]).as_unit("s")
    assert sorted(table.origin.unique()) == [f"{day:%Y-%m-%d}" for day in days]
    origin, when = pd.to_datetime(table.origin), as_of(table)
    assert (origin <= when).all()
    for day in days:
        assert not ((origin < day) & (day <= when)).any()


def test_every_delegation_known_to_have_come_of_something_is_forecast_at_each_horizon(table, data):
    dates = data.delegations.meeting_id.map(data.meetings.set_index("meeting_id").date).dt.normalize()
    for horizon in (7, 1):
        due = dates - pd.Timedelta(days=horizon) >= pd.Timestamp("2024-09-01")
        assert (table.horizon == horizon).sum() == due.sum()
    assert not table.duplicated(["meeting_id", "party", "horizon"]).any()


def test_the_labels_are_those_of_the_tables_and_of_meetings_held_only(table, data):
    labels = data.delegations.merge(data.meetings[["meeting_id", "status"]], on="meeting_id")
    labels = labels.set_index(["meeting_id", "party"]).loc[list(zip(table.meeting_id, table.party, strict=True))]
    np.testing.assert_array_equal(table.held_outcome, (labels.status == "held").astype(float))
    for level in ("leader", "senior", "working"):
        np.testing.assert_array_equal(table[f"{level}_outcome"], labels[level].where(labels.status == "held"))
    assert (table.held_outcome == 0).any()


def fitted_on(data, experiment):
    """Score by rolling origin; return the forecasts, and by origin the situations and outcomes fitted on."""
    found, calls = {}, []
    fit, at_origin = AttendanceForecaster.fit, backtest.fit_as_of

    def spy(self, X, y=None):
        calls.append((X, y))
        return fit(self, X, y)

    def note(data, experiment, when, without=()):
        model = at_origin(data, experiment, when, without)
        (found[str(when)],) = calls
        calls.clear()
        return model

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(AttendanceForecaster, "fit", spy)
        patch.setattr(backtest, "fit_as_of", note)
        table = rolling_origin(data, experiment, n_jobs=1)
    return table, dict(sorted(found.items()))


@pytest.fixture(scope="module")
def fits(data):
    """What each model was fitted on, by origin."""
    _, found = fitted_on(data, experiment("climatology"))
    assert list(found) == ["2024-09-01", "2025-01-01", "2025-05-01"]
    return found


def test_a_model_is_fitted_anew_at_each_origin_on_what_was_over(fits):
    latest = []
    for origin, (rows, labels) in fits.items():
        date = rows.meeting("date").astype("datetime64[D]")
        assert (date + DAY <= np.datetime64(origin) + DAY).all()
        assert (date < np.datetime64(origin) + DAY).all()
        assert labels.held.notna().all()
        latest.append(date.max())
    sizes = [len(rows) for rows, _ in fits.values()]
    assert sizes == sorted(set(sizes))
    assert latest == sorted(set(latest))


def test_a_model_is_not_fitted_on_the_meetings_it_forecasts(fits, table):
    for origin, (rows, _) in fits.items():
        assert not set(rows.meeting_id) & set(table.meeting_id[table.origin == origin])


@pytest.fixture(scope="module")
def chained(data):
    """The same tables with meetings before and after the origin of January linked, one over a third."""
    dates = data.meetings.set_index("meeting_id").date
    before = dates.index[dates < "2024-08-01"][-4:]
    between = dates.index[(dates > "2024-09-10") & (dates < "2024-12-31")][:1]
    after = dates.index[(dates > "2025-01-10") & (dates < "2025-04-30")][:3]
    links = [(before[0], after[0]), (after[1], before[1]), (before[2], between[0]), (between[0], after[2])]
    return Dataset(**data.tables(), parties=data.parties, links=links), before, between, after


def test_linked_meetings_stay_on_one_side(chained):
    linked, before, between, after = chained
    table, found = fitted_on(linked, experiment("climatology"))
    _, january, may = (set(rows.meeting_id) for rows, _ in found.values())
    assert set(after) <= set(table.meeting_id[table.origin == "2025-01-01"])
    assert not january & {*before[:3], *between}
    assert before[3] in january
    # In May the linked meetings lie behind together, and all are learned from.
    assert {*before, *between, *after} <= may


def test_linked_meetings_share_their_cluster(chained):
    linked, before, between, after = chained
    table = rolling_origin(linked, experiment("climatology", start="2025-01-01", months=12), n_jobs=1)
    cluster = table.drop_duplicates("meeting_id").set_index("meeting_id").cluster
    assert cluster[after[0]] == linked.clusters()[before[0]]
    assert linked.clusters()[[before[2], between[0], after[2]]].nunique() == 1
    assert linked.clusters()[[before[0], before[1], before[2], before[3]]].nunique() == 4


def test_meetings_left_out_teach_nothing(data):
    model = fit_as_of(data, experiment("climatology"), "2024-12-31")
    some = data.meetings.meeting_id[(data.meetings.date < "2024-12-01")][::3]
    less = fit_as_of(data, experiment("climatology"), "2024-12-31", without=some)
    assert set(model.past_["meeting_id"]) - set(less.past_["meeting_id"]) == set(some) & set(model.past_["meeting_id"])
    assert not set(less.past_["meeting_id"]) & set(some)


# -- nothing from after ------------------------------------------------------------------------------------------


def garbled(data, turn):
    """Change the outcomes of all meetings from a day on, and take away what was said and done after it."""
    later = data.meetings.date >= turn
    status = data.meetings.status.where(~later, data.meetings.status.map({"held": "cancelled"}).fillna("held"))
    open_still = data.delegations.meeting_id.isin(data.meetings.meeting_id[later])
    levels = data.delegations[["leader", "senior", "working"]]
    return data._with(
        meetings=data.meetings.assign(status=status),
        delegations=data.delegations.assign(**levels.where(~open_still, 1 - levels)),
        statements=data.statements[data.statements.known_from <= moment(turn)].reset_index(drop=True),
        signals=data.signals[data.signals.known_from <= moment(turn)].reset_index(drop=True),
    )


@pytest.mark.parametrize(
    ("extractors", "start", "months", "turn"),
    [
        (("context", "history"), "2025-02-01", 2, "2025-02-15"),
        (("context", "statements", "signals", "history"), "2015-07-01", 600, "2016-03-01"),
    ],
)
def test_what_happened_later_does_not_move_a_forecast(data, extractors, start, months, turn):
    features, scoring = Features(extractors=extractors), Scoring(start, months, (1,))
    spec = Experiment("quick", features=features, model=Model("logistic"), scoring=scoring)
    whole, other = (rolling_origin(tables, spec, n_jobs=1) for tables in (data, garbled(data, turn)))
    assert whole[["meeting_id", "party"]].equals(other[["meeting_id", "party"]])
    before = (as_of(whole) <= turn).to_numpy()
    assert before.sum() > 10
    names = list(FORECASTS)
    pd.testing.assert_frame_equal(whole.loc[before, names], other.loc[before, names], check_exact=True)
    # The forecasts after it do move: by what the parties did since, and by what the models fitted later learned.
    moved = whole.loc[~before, names] != other.loc[~before, names]
    assert moved.any(axis=1).mean() > 0.9
    assert moved.mean(axis=None) > 0.88


def test_a_model_fitted_at_an_origin_does_not_depend_on_what_comes_after(data):
    models = [fit_as_of(tables, experiment(), "2025-02-14") for tables in (data, garbled(data, "2025-02-15"))]
    np.testing.assert_array_equal(models[0].typical_, models[1].typical_)
    rows = Situations(data, ["istanbul-2025-05-15"] * 2, ["RUS", "UKR"], ["2025-02-10"] * 2)
    pd.testing.assert_frame_equal(models[0].predict(rows), models[1].predict(rows), check_exact=True)


def test_a_model_tells_until_when_it_knows(data):
    model = fit_as_of(data, experiment("climatology"), "2016-12-31")
    assert model.known_until_ == "2016-12-31T23:59:59"
    assert model.last_date_ <= "2016-12-31"


def test_a_meeting_of_the_very_day_is_not_yet_fitted_on(data):
    day = data.meetings.date[data.meetings.status.notna()].iloc[100]
    on_the_day = fit_as_of(data, experiment("climatology"), f"{day:%Y-%m-%d}")
    next_day = fit_as_of(data, experiment("climatology"), f"{day + pd.Timedelta(days=1):%Y-%m-%d}")
    assert on_the_day.last_date_ < f"{day:%Y-%m-%d}" == next_day.last_date_


# -- running -----------------------------------------------------------------------------------------------------


def test_two_processes_give_what_one_gives(table, data):
    pd.testing.assert_frame_equal(rolling_origin(data, experiment(), n_jobs=2), table, check_exact=True)


def test_another_process_gives_the_same_figures_to_the_last_bit(data, tmp_path):
    # Strings hash differently in every process, and sets of them come in another order.
    # The other process would learn from all examples, and take its time.
    bare = {"cue_book": {**codebook("cues"), "example_weight": 0}}
    features = Features(extractors=("context", "statements", "signals", "history"), statements=bare)
    model = Model("blend", members=("logistic", "trees", "boosting"))
    spec = Experiment("quick", features=features, model=model, scoring=Scoring("2014-06-01", 6, (1,)))
    code = (
        "import sys\nfrom attend_ml.evaluation.backtest import rolling_origin\n"
        "from attend_ml.experiment import Experiment, Features, Model, Scoring\n"
        "from attend_ml.load import load_dataset\n"
        f"rolling_origin(load_dataset().as_of('2015-06-30'), {spec!r}, n_jobs=1).to_pickle(sys.argv[1])"
    )
    env = {**os.environ, "PYTHONHASHSEED": "77", "OMP_NUM_THREADS": "2"}
    subprocess.run([sys.executable, "-c", code, str(tmp_path / "table")], check=True, env=env)
    there = pd.read_pickle(tmp_path / "table")
    here = rolling_origin(data.as_of("2015-06-30"), spec, n_jobs=1)
    assert len(here) > 50
    pd.testing.assert_frame_equal(there, here, check_exact=True)


def test_experiments_side_by_side_give_what_each_gives_alone(table, data):
    both = rolling_origins(data, [experiment("climatology"), experiment()], n_jobs=1)
    pd.testing.assert_frame_equal(both[1], table, check_exact=True)
    alone = rolling_origin(data, experiment("climatology"), n_jobs=1)
    pd.testing.assert_frame_equal(both[0], alone, check_exact=True)


def test_progress_counts_the_origins_of_all_experiments(data):
    told = []
    specs = [experiment("climatology"), experiment("climatology", start="2025-01-01")]
    rolling_origins(data, specs, n_jobs=1, progress=lambda *done: told.append(done))
    # What is asked for on one day is made together, the latest day first: both in 2025, the first one alone before.
    assert told == [(0, 5), (2, 5), (4, 5), (5, 5)]


def test_one_may_forecast_at_other_days_than_the_model_was_fitted_on(data):
    plain = rolling_origin(data, experiment("climatology"), n_jobs=1)
    other = rolling_origin(data, experiment("climatology"), n_jobs=1, horizons=(3, 1))
    assert set(other.horizon) == {3, 1}
    keys, names = ["meeting_id", "party", "horizon"], list(FORECASTS)
    same = plain.merge(other, on=[*keys, "origin"], suffixes=("", "_other"))
    assert len(same) == (other.horizon == 1).sum()
    np.testing.assert_array_equal(same[names], same[[f"{name}_other" for name in names]])


def test_progress_is_told_once_an_origin(data):
    told = []
    rolling_origin(data, experiment("climatology"), n_jobs=1, progress=lambda done, of: told.append((done, of)))
    assert told == [(0, 3), (1, 3), (2, 3), (3, 3)]


def test_rows_come_by_date_meeting_party_and_horizon(table):
    keys = list(zip(table.date, table.meeting_id, table.party, table.horizon, strict=True))
    assert keys == sorted(keys)


def test_origins_by_hand(data):
    assert data.meetings.date.max() == pd.Timestamp("2025-06-30")
    assert origins(data, "2024-11-01", 4).astype(str).tolist() == ["2024-11-01", "2025-03-01"]
    assert origins(data, "2025-04-30", 1).astype(str).tolist() == ["2025-04-30", "2025-05-01", "2025-06-01"]
    assert origins(data, "2026-01-01", 1).astype(str).tolist() == ["2026-01-01"]


def test_a_start_that_suits_the_data_is_kept(data):
    assert with_start(data, experiment()) == experiment()


def test_data_that_end_before_the_first_origin_are_scored_from_the_year_by_which_half_is_over(data):
    dates = data.meetings.date.sort_values()
    spec = with_start(data, experiment(start="2026-01-01"))
    assert spec.scoring.start == f"{dates.iloc[len(dates) // 2].year}-01-01"
    assert replace(spec, scoring=replace(spec.scoring, start="2026-01-01")) == experiment(start="2026-01-01")
    over = dates[dates < "2016-12-31"]
    early = with_start(data.as_of("2016-12-31"), experiment(start="2018-01-01"))
    assert early.scoring.start == f"{over.iloc[len(over) // 2].year}-01-01"
    assert with_start(data.as_of("2011-01-01"), experiment()) == experiment()


def test_a_start_after_the_last_meeting_is_refused(data):
    with pytest.raises(RequestError, match="nothing to score: no meeting lies after the first origin 2026-01-01"):
        rolling_origin(data, experiment(start="2026-01-01"), n_jobs=1)


def test_a_start_before_the_first_meeting_is_refused(data):
    with pytest.raises(RequestError, match="there is nothing to fit on"):
        rolling_origin(data, experiment("climatology", start="2012-01-01", months=120), n_jobs=1)


def test_a_start_that_is_no_date_is_refused(data):
    with pytest.raises(RequestError, match="last year"):
        rolling_origin(data, experiment(start="last year"), n_jobs=1)


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="needs a timer to end a loop without end")
@pytest.mark.parametrize("months", [0, -6])
def test_no_months_between_origins_are_refused(data, months):
    def ring(number, frame):
        raise TimeoutError

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, 0.3)
    try:
        with pytest.raises(RequestError):
            origins(data, "2024-01-01", months)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
