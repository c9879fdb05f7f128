"""Which model answers: fitted before the moment, once a month, and kept."""

import numpy as np
import pandas as pd
import pytest

import attend_ml as am
from attend_ml.asof import Situations
from attend_ml.dataset import Dataset
from attend_ml.experiment import Experiment, Features, Model, Scoring
from attend_ml.forecast.fitted import fitted_as_of, last_day_before
from attend_ml.moments import moment

# Fitted in a few hundredths of a second.
QUICK = Experiment("quick", features=Features(("context", "history")), model=Model("party-history"))
ISTANBUL = "istanbul-2025-05-15"


@pytest.fixture
def tables(data):
    """The shipped tables, remembering nothing."""
    return copy_of(data)


def copy_of(data: Dataset) -> Dataset:
    return Dataset(**data.tables(), parties=data.parties, links=data.links)


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def forbid_fitting(monkeypatch):
    def refuse(*args, **kwargs):
        raise AssertionError("fitted again")

    monkeypatch.setattr("attend_ml.evaluation.backtest.fit_as_of", refuse)


@pytest.mark.parametrize(
    ("when", "day"),
    [
        ("2025-05-14 23:59:59", "2025-04-30"),
        ("2025-05-01 00:00:00", "2025-04-30"),
        ("2025-01-31 12:00:00", "2024-12-31"),
        ("2024-03-31 23:59:59", "2024-02-29"),
    ],
)
def test_a_replay_takes_the_model_of_the_end_of_the_month_before(when, day):
    assert last_day_before(pd.Timestamp(when)) == day


@pytest.mark.parametrize("when", ["2015-03-01T00:00Z", "2015-03-01", "2015-03-31", "2020-02-29T08:30Z", "2025-07-01"])
def test_the_model_knows_nothing_from_after_the_moment(when, tables, no_cached_models):
    fitted = fitted_as_of(tables, moment(when), QUICK)
    assert fitted.until <= moment(when)
    assert pd.Timestamp(fitted.forecaster.known_until_) == fitted.until
    dates = tables.meetings.set_index("meeting_id").date
    seen = dates[np.unique(fitted.forecaster.past_["meeting_id"])]
    assert seen.max() + pd.Timedelta(days=1) <= fitted.until + pd.Timedelta(seconds=1)
    # Nor does it know too little: what was over by then was fitted on.
    over = tables.meetings[
        (tables.meetings.date + pd.Timedelta(days=1) <= fitted.until) & tables.meetings.status.notna()
    ]
    invited = set(tables.delegations.meeting_id)
    assert set(seen.index) == set(over.meeting_id) & invited


def test_the_name_of_the_model_tells_experiment_and_day(tables, no_cached_models):
    fitted = fitted_as_of(tables, moment("2020-06-15"), QUICK)
    assert fitted.name == "quick, fitted on what was known on 2020-05-31"


def test_the_models_of_one_month_are_one_and_of_two_months_two(tables, no_cached_models):
    first = fitted_as_of(tables, moment("2020-06-02"), QUICK)
    again = fitted_as_of(tables, moment("2020-06-30"), QUICK)
    later = fitted_as_of(tables, moment("2020-07-01"), QUICK)
    assert again is first
    assert later.until == pd.Timestamp("2020-06-30 23:59:59")
    assert len(names(no_cached_models)) == 2


def test_a_kept_model_is_read_and_forecasts_the_same(tables, no_cached_models, monkeypatch):
    fresh = fitted_as_of(copy_of(tables), moment("2020-06-15"), QUICK)
    forbid_fitting(monkeypatch)
    kept = fitted_as_of(copy_of(tables), moment("2020-06-15"), QUICK)
    rows = Situations(tables, [ISTANBUL] * 2, ["RUS", "UKR"], ["2025-05-14"] * 2)
    assert kept.forecaster is not fresh.forecaster
    assert (kept.name, kept.until) == (fresh.name, fresh.until)
    pd.testing.assert_frame_equal(kept.forecaster.predict(rows), fresh.forecaster.predict(rows), check_exact=True)


def test_a_kept_model_serves_data_that_has_changed_only_later(tables, no_cached_models, monkeypatch):
    fitted_as_of(copy_of(tables), moment("2020-06-15"), QUICK)
    late = tables.delegations.meeting_id.isin(tables.meetings.meeting_id[tables.meetings.date > "2020-06-01"])
    changed = tables.delegations.assign(leader=tables.delegations.leader.mask(late, 1.0))
    forbid_fitting(monkeypatch)
    later = Dataset(**{**tables.tables(), "delegations": changed}, parties=tables.parties, links=tables.links)
    fitted_as_of(later, moment("2020-06-15"), QUICK)


def test_meetings_newly_linked_are_fitted_anew(tables, no_cached_models):
    fitted_as_of(copy_of(tables), moment("2020-06-15"), QUICK)
    first, second = tables.meetings.meeting_id[:2]
    linked = Dataset(**tables.tables(), parties=tables.parties, links=[*tables.links, (first, second)])
    fitted_as_of(linked, moment("2020-06-15"), QUICK)
    assert len(names(no_cached_models)) == 2


def test_a_corrected_outcome_is_fitted_anew(tables, no_cached_models):
    fitted_as_of(copy_of(tables), moment("2020-06-15"), QUICK)
    first = tables.delegations.index[tables.delegations.leader == 0][0]
    changed = tables.delegations.assign(leader=tables.delegations.leader.where(tables.delegations.index != first, 1.0))
    mended = Dataset(**{**tables.tables(), "delegations": changed}, parties=tables.parties, links=tables.links)
    fitted_as_of(mended, moment("2020-06-15"), QUICK)
    assert len(names(no_cached_models)) == 2


def test_another_experiment_is_another_model_even_under_the_same_name(tables, no_cached_models):
    fitted_as_of(tables, moment("2020-06-15"), QUICK)
    fewer = Experiment("quick", features=Features(("context", "history")), model=Model("climatology"))
    assert fitted_as_of(tables, moment("2020-06-15"), fewer).forecaster.kind == "climatology"
    assert len(names(no_cached_models)) == 2


def test_how_an_experiment_is_scored_is_no_reason_to_fit_anew(tables, no_cached_models, monkeypatch):
    fitted_as_of(tables, moment("2020-06-15"), QUICK)
    forbid_fitting(monkeypatch)
    yearly = Experiment("quick", "told otherwise", QUICK.features, QUICK.model, Scoring(start="2015-01-01", months=12))
    fitted_as_of(copy_of(tables), moment("2020-06-15"), yearly)


def test_once_all_outcomes_are_known_one_model_serves_every_later_month(tables, no_cached_models):
    for when in ("2025-08-15", "2026-02-15", "2031-01-01"):
        fitted = fitted_as_of(copy_of(tables), moment(when), QUICK)
        assert fitted.until == pd.Timestamp("2025-07-01 23:59:59")
    assert len(names(no_cached_models)) == 1


def test_cards_and_rows_of_ones_own_are_answered_by_the_model_that_is_kept(tables, no_cached_models, monkeypatch):
    # Otherwise every new card, and every statement added to one, would cost a fit before it is answered.
    monkeypatch.setattr("attend_ml.tracking.registry.champion", lambda at: None)
    monkeypatch.setattr("attend_ml.forecast.predict.fitted_as_of", lambda data, at: fitted_as_of(data, at, QUICK))
    card = {"meeting_id": "oslo-2026-01-21", "name": "Talks", "date": "2026-01-21", "parties": ["NOR", "SWE"]}
    said = am.Statement(date="2025-06-20", about_party="NOR", speaker_party="NOR", text="The king will come.")
    am.predict(am.Meeting(**card), data=tables)
    kept = names(no_cached_models)
    forbid_fitting(monkeypatch)
    am.predict(am.Meeting(**card, statements=[said]), data=copy_of(tables))
    rows = pd.DataFrame([said.model_dump()])
    am.predict(am.Meeting(**card), data=copy_of(tables), statements=rows)
    assert names(no_cached_models) == kept
    assert len(kept) == 1


def test_a_damaged_file_in_the_cache_does_not_stop_a_forecast(tables, no_cached_models):
    whole = fitted_as_of(copy_of(tables), moment("2020-06-15"), QUICK)
    for file in no_cached_models.iterdir():
        file.write_bytes(file.read_bytes()[:1000])
    again = fitted_as_of(copy_of(tables), moment("2020-06-15"), QUICK)
    assert again.until == whole.until


def test_without_any_outcome_there_is_nothing_to_fit_on(tables, no_cached_models):
    with pytest.raises(am.RequestError, match="nothing to fit on: no meeting with a known outcome"):
        fitted_as_of(tables, moment("2012-04-20"), QUICK)
    assert not no_cached_models.exists()


def test_the_shipped_champion_is_the_experiment_of_a_replay():
    forecast = am.predict(ISTANBUL, party="RUS", as_of="2025-05-14")
    assert forecast.model == "champion, fitted on what was known on 2025-04-30"
