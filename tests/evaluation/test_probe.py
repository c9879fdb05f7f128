"""The leakage probe finds nothing in the package, finds every leak made on purpose, and owns up when it cannot see."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from attend_ml.asof import Situations, outcomes
from attend_ml.dataset import Dataset
from attend_ml.errors import RequestError
from attend_ml.evaluation import planting, probe
from attend_ml.evaluation.planting import DAY, KINDS, plant, say
from attend_ml.evaluation.probe import COUNTS, VERDICTS, leakage_probe, passed
from attend_ml.experiment import Experiment, Features, Model, Scoring
from attend_ml.features.base import Extractor
from attend_ml.features.context import MeetingContext
from attend_ml.features.history import PartyHistory
from attend_ml.features.statements import StatementCues
from attend_ml.moments import moment
from attend_ml.sorted_tables import SortedTables

SEAMS = ["statements, horizon 0", "statements, horizon 1"]
MOVED = ["vectors_moved", "fits_moved", "probabilities_moved"]
CUT = "2016-05-15"


def experiment(*extractors, kind="logistic", horizons=(3, 1, 0)):
    return Experiment(
        "quick", features=Features(extractors=extractors), model=Model(kind), scoring=Scoring(horizons=horizons)
    )


def between(data: Dataset, first: str, last: str) -> Dataset:
    """Return the meetings of some years alone."""
    names = data.meetings.meeting_id[data.meetings.date.between(first, last)]
    tables = {name: frame[frame.meeting_id.isin(names)] for name, frame in data.tables().items()}
    return Dataset(**tables, parties=data.parties, links=[link for link in data.links if set(link) <= set(names)])


@pytest.fixture(scope="module")
def few(data):
    return between(data, "2014-09-01", "2017-03-31")


@pytest.fixture
def small(few):
    """Meetings before and after the cut, of which nothing is kept that was made before a leak."""
    return few._with()


def moved(data, *extractors, **options):
    """Return the names of the plants that moved anything."""
    table = leakage_probe(data, experiment(*extractors, **options), [CUT], n_jobs=1)
    assert passed(table) == (not (table.verdict == "moved").any())
    assert ((table[MOVED] > 0).any(axis=1) == (table.verdict == "moved")).all()
    return set(table.plant[table.verdict == "moved"])


# -- the package as it is ----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def table(data):
    steps = []
    spec = experiment("context", "statements", "history", horizons=(7, 1, 0))
    out = leakage_probe(
        between(data, "2023-01-01", "2024-03-31"), spec, n_jobs=1, progress=lambda *done: steps.append(done)
    )
    assert steps == [(k, steps[-1][1]) for k in range(1, steps[-1][1] + 1)]
    return out.set_index("plant")


def test_the_table_has_a_row_for_each_plant_and_counts_only(table):
    assert table.index.tolist() == [*KINDS, "everything", *SEAMS]
    assert table.columns.tolist() == [*COUNTS, "verdict"]
    assert all(pd.api.types.is_integer_dtype(table[name]) for name in COUNTS)
    assert set(table.verdict) <= set(VERDICTS)


@pytest.mark.parametrize("kind", [*KINDS, "everything", *SEAMS])
def test_nothing_planted_after_the_moment_reaches_a_forecast_of_the_shipped_data(table, kind):
    row = table.loc[kind]
    assert row.rows_planted > 0
    assert row.delegations > 0
    assert row[MOVED].tolist() == [0, 0, 0]


@pytest.mark.parametrize("kind", [*KINDS, "everything", *SEAMS])
def test_everything_planted_reaches_those_who_look_later(table, kind):
    control = table.loc[kind, ["control_vectors_moved", "control_fits_moved", "control_probabilities_moved"]]
    if kind == "signals":
        assert control.tolist() == [0, 0, 0]
        assert table.verdict[kind] == "not read"
    elif kind == "links":
        assert control.sum() >= 2
    else:
        assert control["control_vectors_moved"] > 100
        assert control["control_probabilities_moved"] > 100


def test_every_statement_right_before_the_moment_is_heard(table):
    for kind in SEAMS:
        assert table.control_vectors_moved[kind] == table.delegations[kind]


def test_the_shipped_data_pass(table):
    assert passed(table)


# -- leaks made on purpose ---------------------------------------------------------------------------------------


def add_column(monkeypatch, leak):
    """Let the columns on the meeting tell something more, in place of the lead time."""
    plain = MeetingContext._extract
    monkeypatch.setattr(MeetingContext, "_extract", lambda self, X: {**plain(self, X), "lead": leak(X)})


def test_statements_counted_whenever_made_are_found(small, monkeypatch):
    add_column(
        monkeypatch,
        lambda X: pd.Series(X.meeting_id).map(X.statements.meeting_id.value_counts()).fillna(0.0).to_numpy(dtype=float),
    )
    assert moved(small, "context") == {"statements", "everything", *SEAMS}


def test_statements_heard_a_second_too_early_are_found(small, monkeypatch):
    def heard(X):
        return np.bincount(X._tables.said.pairs(X._m, X._t + 1).row, minlength=len(X)).astype(float)

    add_column(monkeypatch, heard)
    assert moved(small, "context") == {"statements", "everything", *SEAMS}


def test_a_reader_fitted_on_later_statements_is_found(data, monkeypatch):
    monkeypatch.setattr(Dataset, "as_of", keeping(Dataset.as_of, "statements"))
    monkeypatch.setattr(Situations, "visible_statements", lambda self: np.arange(len(self.statements)))
    some = between(data, "2016-01-01", "2016-09-30")
    assert {"statements", "everything"} <= moved(some, "statements", kind="climatology", horizons=(1,))


def keeping(plain, *names):
    """Return an ``as_of`` that forgets to cut some tables."""

    def as_of(self, when):
        return plain(self, when)._with(**{name: getattr(self, name) for name in names})

    return as_of


def test_outcomes_of_the_meeting_itself_are_found(small, monkeypatch):
    add_column(monkeypatch, lambda X: outcomes(X).leader.fillna(0.5).to_numpy())
    assert moved(small, "context") == {"outcomes", "everything"}


def test_who_led_the_delegation_is_found(small, monkeypatch):
    def title(X):
        table = X._data.delegations.set_index(["meeting_id", "party"]).head_title
        titles = table.reindex(pd.MultiIndex.from_arrays([X.meeting_id, X.party]))
        return titles.str.contains("President").fillna(False).to_numpy(dtype=float)

    add_column(monkeypatch, title)
    assert moved(small, "context") == {"outcomes", "everything"}


def test_the_status_of_the_meeting_itself_is_found(small, monkeypatch):
    add_column(monkeypatch, lambda X: outcomes(X).held.fillna(0.5).to_numpy())
    assert moved(small, "context") == {"status", "everything"}


def test_announcements_seen_too_early_are_found(small, monkeypatch):
    def always(X):
        return pd.notna(X._tables.meetings.announced_on.to_numpy()[X._m]).astype(float)

    add_column(monkeypatch, always)
    assert moved(small, "context") == {"announcements", "everything"}


def test_signals_counted_a_second_too_early_are_found(small, monkeypatch):
    plain = SortedTables.__init__

    def early(self, data):
        plain(self, data)
        self.signal_time = self.signal_time - 1

    monkeypatch.setattr(SortedTables, "__init__", early)
    assert moved(small, "context", "signals") == {"signals", "everything"}


def test_meetings_counted_on_their_own_day_are_found(small, monkeypatch):
    plain = SortedTables.__init__

    def early(self, data):
        plain(self, data)
        self.delegation_time = self.delegation_time - 86_400

    monkeypatch.setattr(SortedTables, "__init__", early)
    assert {"meetings", "everything"} <= moved(small, "context", "history")


def test_fitting_on_meetings_not_over_is_found(small, monkeypatch):
    monkeypatch.setattr(Dataset, "as_of", lambda self, when: self)
    found = leakage_probe(small, experiment("context"), [CUT], n_jobs=1).set_index("plant")
    assert (found.fits_moved[["outcomes", "status", "meetings", "everything"]] == 1).all()
    assert (found.probabilities_moved[["outcomes", "status", "meetings", "everything"]] > 100).all()
    assert found.vectors_moved[["outcomes", "status"]].tolist() == [0, 0]
    assert found.verdict["status"] == "moved"


def test_outcomes_not_cut_are_found_by_what_is_fitted_on(small, monkeypatch):
    monkeypatch.setattr(Dataset, "as_of", keeping(Dataset.as_of, "meetings", "delegations"))
    found = leakage_probe(small, experiment("context", kind="climatology"), [CUT], n_jobs=1).set_index("plant")
    assert found.fits_moved["outcomes"] == 1
    assert found.probabilities_moved["outcomes"] == found.delegations["outcomes"]


def test_a_table_is_returned_whatever_moved(small, monkeypatch):
    add_column(monkeypatch, lambda X: outcomes(X).leader.fillna(0.5).to_numpy())
    found = leakage_probe(small, experiment("context", kind="climatology"), [CUT], n_jobs=1)
    assert len(found) == len(KINDS) + 3
    assert not passed(found)


def test_a_change_of_one_bit_is_a_change():
    one = np.array([[0.1, np.nan], [1.0, 2.0]])
    other = one.copy()
    other[1, 1] = np.nextafter(2.0, 3.0)
    assert probe._differ(one, other).tolist() == [False, True]
    assert probe._differ(one, other[:, :1]).tolist() == [True, True]


# -- a control that does not move --------------------------------------------------------------------------------


def test_extractors_that_see_nothing_convince_nobody(small, monkeypatch):
    def nothing(self, X, y=None):
        self.fit(X)
        return np.zeros((len(X), len(self._columns())))

    monkeypatch.setattr(StatementCues, "fit", Extractor.fit)
    monkeypatch.setattr(StatementCues, "fit_transform", nothing)
    monkeypatch.setattr(StatementCues, "transform", nothing)
    found = leakage_probe(small, experiment("context", "statements", kind="climatology"), [CUT], n_jobs=1)
    verdict = found.set_index("plant").verdict
    assert verdict["outcomes"] == "clean"
    assert (verdict[["statements", "links", *SEAMS]] == "not convincing").all()
    assert not passed(found)


def test_a_plant_that_plants_nothing_convinces_nobody(small, monkeypatch):
    monkeypatch.setitem(planting.KINDS, "outcomes", lambda data, at, mask: (data, 0))
    found = leakage_probe(small, experiment("context", kind="climatology"), [CUT], n_jobs=1).set_index("plant")
    assert found.verdict["outcomes"] == "not convincing"
    assert not passed(found.reset_index())


def test_what_no_extractor_of_the_experiment_reads_need_not_move(small):
    found = leakage_probe(small, experiment("history", kind="party-history"), [CUT], n_jobs=1).set_index("plant")
    unread = ["statements", "signals", "announcements", "links", *SEAMS]
    assert (found.verdict[unread] == "not read").all()
    assert (found.verdict.drop(unread) == "clean").all()
    assert passed(found.reset_index())


def test_a_history_that_never_looks_back_is_not_convincing_in_its_columns(small, monkeypatch):
    monkeypatch.setattr(PartyHistory, "transform", lambda self, X: np.zeros((len(X), len(self._columns()))))
    found = leakage_probe(small, experiment("history", kind="climatology"), [CUT], n_jobs=1).set_index("plant")
    assert (found.control_vectors_moved == 0).all()
    # Labels are fitted on all the same.
    assert found.control_fits_moved["outcomes"] == 1


# -- what is asked -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("when", ["2017-07-01", "2030-01-01"])
def test_a_moment_after_which_there_is_no_meeting_is_refused(small, when):
    with pytest.raises(RequestError, match=f"nothing to plant after {when}"):
        leakage_probe(small, experiment("context"), [when], n_jobs=1)


def test_a_moment_before_the_first_outcome_is_refused(small):
    with pytest.raises(RequestError, match="nothing to fit on"):
        leakage_probe(small, experiment("context"), ["2010-01-01"], n_jobs=1)


def test_data_without_outcomes_are_refused(small):
    silent = small._with(meetings=small.meetings.assign(status=None))
    with pytest.raises(RequestError, match="nothing to probe"):
        leakage_probe(silent, experiment("context"), n_jobs=1)


def test_midnight_is_a_moment_and_not_a_day(small):
    found = leakage_probe(small, experiment("context", kind="climatology"), ["2016-05-15T00:00Z"], n_jobs=1)
    assert passed(found)


def test_two_processes_find_the_same(small):
    spec = experiment("context", kind="climatology", horizons=(1,))
    tables = [leakage_probe(small, spec, [CUT], n_jobs=n) for n in (1, 2)]
    pd.testing.assert_frame_equal(*tables)


# -- planting ----------------------------------------------------------------------------------------------------


def contents(data: Dataset, names=None) -> dict[str, list]:
    """Return the rows of each table in an order of their own."""
    return {
        name: sorted(map(str, frame.astype(str).to_numpy().tolist()))
        for name, frame in data.tables().items()
        if names is None or name in names
    }


@pytest.mark.parametrize("kind", [*KINDS, "everything"])
@pytest.mark.parametrize("when", ["2016-05-15", "2016-05-15T12:30Z"])
def test_what_was_known_is_left_as_it_is(small, kind, when):
    at = moment(when)
    planted, rows = plant(small, kind, at)
    assert rows > 0
    names = ("statements", "signals") if kind in ("meetings", "everything") else None
    assert contents(planted.as_of(at), names) == contents(small.as_of(at), names)
    old = planted._with(
        meetings=planted.meetings[planted.meetings.meeting_id.isin(small.meetings.meeting_id)],
        delegations=planted.delegations[planted.delegations.meeting_id.isin(small.meetings.meeting_id)],
    )
    assert contents(old.as_of(at)) == contents(small.as_of(at))


@pytest.mark.parametrize("kind", [*KINDS, "everything"])
def test_planted_tables_have_the_types_of_the_old_ones(small, kind):
    planted, _ = plant(small, kind, moment(CUT))
    for name, frame in small.tables().items():
        pd.testing.assert_series_equal(planted.tables()[name].dtypes, frame.dtypes)


@pytest.mark.parametrize("kind", set(KINDS) - {"statements"})
def test_planted_tables_pass_the_checks(small, kind):
    planted, _ = plant(small, kind, moment(CUT))
    Dataset(**planted.tables(), parties=planted.parties, links=planted.links)


def test_statements_are_planted_on_the_meetings_day_and_the_day_after_and_about_past_meetings(small):
    at = moment(CUT)
    planted, rows = plant(small, "statements", at)
    said = planted.statements.iloc[:rows]
    days = (said.date.dt.normalize() - said.meeting_id.map(small.meetings.set_index("meeting_id").date)) // DAY
    assert {0, 1} <= set(days)
    assert (days > 100).any()
    assert said.known_from.min() == at + pd.Timedelta(seconds=1)
    assert set(said.cue) == {"commit", "deny"}


def test_in_everything_each_open_meeting_gets_another_status_or_other_outcomes(small):
    at = moment(CUT)
    planted, _ = plant(small, "everything", at)
    open_ = small.meetings[small.meetings.date > at].meeting_id
    status = small.meetings.set_index("meeting_id").status[open_]
    other = planted.meetings.set_index("meeting_id").status[open_]
    leader = small.delegations.set_index("meeting_id").leader
    flipped = planted.delegations.set_index("meeting_id").leader
    for name in open_:
        same = leader[[name]].fillna(0).tolist() == flipped[[name]].tolist()
        assert (status[name] == other[name]) != same


def test_statements_at_the_seam_are_known_from_one_second_to_one_day_after_or_just_before(small):
    for late, expected in ((True, {1, 86_400}), (False, {-59, 0})):
        planted, rows = say(small, 3, late)
        said = planted.statements.iloc[:rows]
        day = said.meeting_id.map(small.meetings.set_index("meeting_id").date).dt.normalize()
        stop = day - 2 * DAY - pd.Timedelta(seconds=1)
        assert set((said.known_from - stop).dt.total_seconds()) == expected


def test_an_unknown_kind_is_refused(small):
    with pytest.raises(KeyError):
        plant(small, "rumours", moment(CUT))


def test_where_nothing_is_open_nothing_is_planted(small):
    for kind in [*KINDS, "everything"]:
        planted, rows = plant(small, kind, moment("2030-01-01"))
        assert rows == 0 or kind in ("statements", "everything")
        assert contents(planted, ["meetings", "delegations"]) == contents(small, ["meetings", "delegations"])


def test_the_same_experiment_is_probed_whatever_its_name(small):
    spec = experiment("context", kind="climatology", horizons=(1,))
    tables = [leakage_probe(small, replace(spec, name=name), [CUT], n_jobs=1) for name in ("one", "two")]
    pd.testing.assert_frame_equal(*tables)
