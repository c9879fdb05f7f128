"""Scoring on meetings kept apart: fitted once, forecast in date order, annotations unseen."""

import numpy as np
import pandas as pd
import pytest

from attend_ml.dataset import Dataset
from attend_ml.errors import RequestError
from attend_ml.evaluation import holdout
from attend_ml.evaluation.holdout import evaluate
from attend_ml.experiment import Experiment, Features, Model
from attend_ml.models.forecaster import FORECASTS, AttendanceForecaster

CUT = "2024-07-01"


def experiment(kind="logistic", extractors=("context", "history")):
    return Experiment("quick", features=Features(extractors=extractors), model=Model(kind))


def part(data, mask):
    """Return some meetings alone."""
    names = set(data.meetings.meeting_id[mask])
    tables = {name: frame[frame.meeting_id.isin(names)].reset_index(drop=True) for name, frame in data.tables().items()}
    return Dataset.of_checked(tables, data.parties, [link for link in data.links if names.issuperset(link)])


@pytest.fixture(scope="module")
def train(data):
    return part(data, data.meetings.date < CUT)


@pytest.fixture(scope="module")
def test(data):
    return part(data, data.meetings.date >= "2024-07-15")


@pytest.fixture(scope="module")
def table(train, test):
    return evaluate(experiment(), train, test, (7, 1))


def fitted_on(monkeypatch):
    """Note the situations that models are fitted on."""
    found, plain = [], AttendanceForecaster.fit
    monkeypatch.setattr(AttendanceForecaster, "fit", lambda self, X, y=None: found.append(X) or plain(self, X, y))
    return found


def turned(data, mask):
    """Return the same data with who came to some meetings turned over."""
    rows = data.delegations.meeting_id.isin(data.meetings.meeting_id[mask])
    levels = ["leader", "senior", "working"]
    table = data.delegations.copy()
    table.loc[rows, levels] = 1 - table.loc[rows, levels].fillna(0.0)
    return data._with(delegations=table)


# -- what is forecast --------------------------------------------------------------------------------------------


def test_every_delegation_of_the_test_data_is_forecast_at_each_horizon(table, test):
    wanted = {
        (m, p, h) for m, p in zip(test.delegations.meeting_id, test.delegations.party, strict=True) for h in (7, 1)
    }
    assert set(zip(table.meeting_id, table.party, table.horizon, strict=True)) == wanted
    assert len(table) == len(wanted)
    assert ((table[list(FORECASTS)] > 0) & (table[list(FORECASTS)] < 1)).all(axis=None)


def test_outcomes_are_those_of_the_test_data(table, test):
    status = test.meetings.set_index("meeting_id").status
    np.testing.assert_array_equal(table.held_outcome, (status[table.meeting_id] == "held").astype(float))
    leader = test.delegations.set_index(["meeting_id", "party"]).leader
    known = table.leader_outcome.notna()
    keys = list(zip(table.meeting_id[known], table.party[known], strict=True))
    np.testing.assert_array_equal(table.leader_outcome[known], leader[keys])


def test_a_model_is_fitted_once_on_what_was_over_before_the_first_forecast(train, test, monkeypatch):
    found = fitted_on(monkeypatch)
    table = evaluate(experiment("climatology"), train, test, (7, 1))
    (rows,) = found
    first = test.meetings.date.min().normalize() - pd.Timedelta(days=7)
    assert table.origin.unique().tolist() == [f"{first - pd.Timedelta(days=1):%Y-%m-%d}"]
    assert rows.meeting("date").max() < first.to_datetime64()
    assert set(rows.meeting_id) == set(train.delegations.meeting_id)


def test_meetings_without_known_outcomes_are_forecast_all_the_same(table, train, test):
    levels = dict.fromkeys(["leader", "senior", "working"], np.nan)
    blank = test._with(meetings=test.meetings.assign(status=None), delegations=test.delegations.assign(**levels))
    out = evaluate(experiment(), train, blank, (7, 1))
    assert len(out) == len(table)
    assert out[list(FORECASTS)].notna().all(axis=None)
    names = [name for name in out if name.endswith("_outcome")]
    assert out[names].isna().all(axis=None)


# -- what is known when ------------------------------------------------------------------------------------------


def test_what_came_of_earlier_test_meetings_is_known_once_their_day_is_over(table, train, test):
    day = test.meetings.date.sort_values().iloc[len(test.meetings) // 3].normalize()
    other = evaluate(experiment(), train, turned(test, test.meetings.date.dt.normalize() == day), (7, 1))
    as_of = table.date.dt.normalize() - pd.to_timedelta(table.horizon, unit="D")
    before = as_of <= day
    names = list(FORECASTS)
    pd.testing.assert_frame_equal(table.loc[before, names], other.loc[before, names], check_exact=True)
    moved = (table.loc[~before, names] != other.loc[~before, names]).any(axis=1)
    assert moved.mean() > 0.5


def test_outcomes_of_the_test_data_are_not_fitted_on(table, train, test):
    # With the columns that look back left out, nothing of who came is left to move a forecast.
    spec = experiment(extractors=("context",))
    one, other = (evaluate(spec, train, t, (7, 1)) for t in (test, turned(test, test.meetings.date > CUT)))
    pd.testing.assert_frame_equal(one[list(FORECASTS)], other[list(FORECASTS)], check_exact=True)


def test_annotations_of_the_test_data_are_not_used(data, test):
    train = part(data, data.meetings.date.between("2023-01-01", CUT))
    spec = experiment("last-statement", ("statements",))
    garbled = test.statements.assign(
        cue=test.statements.cue.map({"deny": "commit"}).fillna("deny"), level_spoken="leader"
    )
    empty = test.statements.assign(cue=None, level_spoken=None)
    tables = [evaluate(spec, train, test._with(statements=s), (1,)) for s in (test.statements, garbled, empty)]
    assert tables[0].leader.nunique() > 3
    for other in tables[1:]:
        pd.testing.assert_frame_equal(tables[0], other, check_exact=True)


def test_the_order_of_the_tables_does_not_matter(table, train, test):
    mixed = {name: rows.sample(frac=1, random_state=0) for name, rows in test.tables().items()}
    other = evaluate(experiment(), train, Dataset(**mixed, parties=test.parties, links=test.links), (7, 1))
    keys = ["meeting_id", "party", "horizon"]
    one, other = (t.sort_values(keys, ignore_index=True) for t in (table, other))
    np.testing.assert_allclose(one[list(FORECASTS)], other[list(FORECASTS)], rtol=0, atol=1e-12)


# -- what is left out --------------------------------------------------------------------------------------------


def test_a_meeting_in_both_and_those_linked_with_it_are_not_fitted_on_and_this_is_told(data, train, test, monkeypatch):
    shared = part(data, (data.meetings.date >= "2024-06-01") & (data.meetings.date < CUT))
    both = Dataset.of_checked(
        {name: pd.concat([test.tables()[name], rows], ignore_index=True) for name, rows in shared.tables().items()},
        data.parties,
        [(shared.meetings.meeting_id.iloc[0], train.meetings.meeting_id.iloc[0])],
    )
    found, told = fitted_on(monkeypatch), []
    evaluate(experiment("climatology"), train, both, (1,), tell=told.append)
    fitted = set(found[0].meeting_id)
    assert not fitted & set(shared.meetings.meeting_id)
    linked = train.clusters()
    left = set(linked.index[linked.isin(linked[[*shared.meetings.meeting_id, train.meetings.meeting_id.iloc[0]]])])
    assert fitted == set(train.delegations.meeting_id) - left
    assert told == [f"{len(left)} meetings of the training data are in the test data or linked with it: not fitted on"]


def test_training_meetings_after_the_first_forecast_are_not_fitted_on_and_this_is_told(data, monkeypatch):
    train = part(data, data.meetings.date < "2024-12-01")
    later = part(data, data.meetings.date >= "2024-12-15")
    test = part(data, data.meetings.date.between("2024-08-01", "2024-08-20"))
    found, told = fitted_on(monkeypatch), []
    other = part(data, (data.meetings.date < "2024-12-01") & ~data.meetings.meeting_id.isin(test.meetings.meeting_id))
    evaluate(experiment("climatology"), other, test, (1,), tell=told.append)
    day = test.meetings.date.min().normalize() - pd.Timedelta(days=2)
    late = other.meetings.meeting_id[other.meetings.date > day]
    assert len(late) > 10
    assert not set(found[0].meeting_id) & set(late)
    clusters = other.over(test).clusters()
    free = [name for name in late if clusters[name] not in set(clusters[test.meetings.meeting_id])]
    assert f"{len(free)} meetings of the training data were not over on {day:%Y-%m-%d}" in told[-1]
    told.clear()
    evaluate(experiment("climatology"), train, later, (1,), tell=told.append)
    assert not [text for text in told if "not over" in text]


def test_without_anybody_to_tell_all_goes_the_same_way(data, train, test):
    same = part(data, data.meetings.date >= "2024-06-01")
    one = evaluate(experiment("climatology"), train, same, (1,))
    other = evaluate(experiment("climatology"), train, same, (1,), tell=lambda text: None)
    pd.testing.assert_frame_equal(one, other, check_exact=True)


def test_test_data_that_name_no_delegation_are_refused(train, test):
    with pytest.raises(RequestError, match=r"the test data name no delegation: add delegations\.csv"):
        evaluate(experiment(), train, test._with(delegations=test.delegations.iloc[:0]))


def test_nothing_to_fit_on_is_refused(train, test):
    with pytest.raises(RequestError, match="nothing to fit on"):
        evaluate(experiment(), test, train)


def test_the_days_of_the_interface_are_the_default():
    assert holdout.HORIZONS == (7, 3, 1, 0)
