"""What every extractor promises, with its shipped codebook: no look into the future, no surprise in a table's order."""

import json
import os
import shutil
import subprocess
import sys
from collections import Counter

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone

from attend_ml import _resources
from attend_ml.asof import Situations, delegations_at
from attend_ml.dataset import Dataset
from attend_ml.evaluation.backtest import fit_as_of
from attend_ml.experiment import Experiment, Scoring, load_experiment
from attend_ml.features.base import describe
from attend_ml.models.forecaster import EXTRACTORS
from attend_ml.models.persistence import save_model
from attend_ml.moments import moment

CUT = "2017-06-30"
DAY = pd.Timedelta(days=1)
every_extractor = pytest.mark.parametrize("name", list(EXTRACTORS))


def over(known):
    """Return the situations a model is fitted on: those of meetings that are over, a week and a day before."""
    rows = delegations_at(known, [7, 1])
    done = set(known.meetings.meeting_id[known.meetings.status.notna()])
    return rows.take(np.array([meeting in done for meeting in rows.meeting_id]))


def on(data, rows):
    """Return the same situations on other tables."""
    return Situations(data, rows.meeting_id, rows.party, rows.as_of)


@pytest.fixture(scope="module")
def past(data):
    return over(data.as_of(CUT))


@pytest.fixture(scope="module")
def fitted(past):
    return {name: cls().fit(past) for name, cls in EXTRACTORS.items()}


@pytest.fixture(scope="module")
def trained(past):
    """The columns each extractor gives in training."""
    return {name: cls().fit_transform(past) for name, cls in EXTRACTORS.items()}


@pytest.fixture(scope="module")
def asked(data):
    """Situations up to the cut: replays of earlier meetings, and all meetings of the months to come."""
    replays = delegations_at(data, [3, 0])
    replays = replays.take(np.flatnonzero(replays.as_of <= moment(CUT).to_datetime64())[::5])
    ahead = data.delegations[data.delegations.meeting_id.isin(upcoming(data))]
    return Situations(
        data,
        np.r_[replays.meeting_id, ahead.meeting_id],
        np.r_[replays.party, ahead.party],
        np.r_[replays.as_of, np.full(len(ahead), moment(CUT).to_datetime64())],
    )


def upcoming(data):
    at = moment(CUT)
    return data.meetings.meeting_id[(data.meetings.date > at) & (data.meetings.date < at + 200 * DAY)]


@pytest.fixture(scope="module")
def planted(data):
    """The same tables with everything that became known after the cut changed, and more added."""
    at = moment(CUT)
    meetings, delegations = data.meetings.copy(), data.delegations.copy()
    later = meetings.date + DAY > at
    meetings["status"] = meetings.status.where(
        ~later, meetings.status.map(lambda s: "held" if s != "held" else "cancelled")
    )
    ahead = meetings.date > at
    meetings["announced_on"] = meetings.announced_on.where(~(ahead & ~(meetings.announced_on <= at)), meetings.date)
    open_still = delegations.meeting_id.isin(meetings.meeting_id[later])
    for level in ("leader", "senior", "working"):
        delegations[level] = delegations[level].where(~open_still, 1 - delegations[level].fillna(1.0))
    delegations["head_name"] = delegations.head_name.where(~open_still, "Somebody Else")

    busiest = [party for party, _ in Counter(delegations.party).most_common(12)]
    parties = ["TUV", *busiest]
    series = sorted(meetings.series.dropna().unique())
    new_meetings, new_delegations, new_statements, new_signals = [], [], [], []
    for k in range(30):
        day = f"{(at + (k + 1) * DAY):%Y-%m-%d}"
        meeting_id = f"aaa-planted-{k}-{day}"
        row = {
            "meeting_id": meeting_id,
            "name": "Planted",
            "date": day,
            "country": parties[k % 13],
            "format": "bilateral",
        }
        row |= {"convened_level": "leader", "topic": "peace", "status": "held", "announced_on": day}
        new_meetings.append({**row, "series": series[k % len(series)]})
        new_delegations += [
            {"meeting_id": meeting_id, "party": party, "leader": 1, "senior": 1, "working": 0} for party in parties
        ]
    first_second = f"{(at + DAY):%Y-%m-%d}T00:00Z"
    for meeting_id, party in zip(delegations.meeting_id, delegations.party, strict=True):
        if meeting_id in set(meetings.meeting_id[ahead]):
            said = {"meeting_id": meeting_id, "date": first_second, "speaker_role": "leader", "speaker_party": party}
            said |= {"about_party": party, "cue": "deny", "level_spoken": "leader"}
            new_statements.append({**said, "text": "The president will not come, never."})
    for source in parties:
        for target in parties:
            event = {"date": first_second, "source_party": source, "target_party": target, "cameo": "036"}
            new_signals.append({**event, "source_level": "leader", "count": 3})

    def added(frame, rows):
        frame = frame.drop(columns="known_from", errors="ignore")
        return pd.concat(
            [frame, pd.DataFrame(rows, columns=frame.columns, dtype=object).astype(object)], ignore_index=True
        )

    def known(frame):
        return frame[frame.known_from <= at]

    return Dataset(
        added(as_text(meetings), new_meetings),
        added(delegations.astype(object), new_delegations),
        added(as_text(known(data.statements)), new_statements),
        added(as_text(known(data.signals)), new_signals),
        data.parties,
        data.links,
    )


def as_text(frame):
    """Return a table with dates as they stand in a file, so that rows can be added."""
    out = frame.astype(object)
    for name in {"date", "announced_on"} & set(frame.columns):
        out[name] = frame[name].dt.strftime("%Y-%m-%d").where(frame[name].notna(), None)
    return out


@pytest.fixture(scope="module")
def shuffled(data):
    tables = {
        name: frame.sample(frac=1, random_state=seed).reset_index(drop=True)
        for seed, (name, frame) in enumerate(data.tables().items())
    }
    return Dataset(**tables, parties=data.parties, links=data.links)


# -- nothing from the future -------------------------------------------------------------------------------------


@every_extractor
def test_what_comes_later_leaves_vectors_as_they_are_to_the_last_bit(fitted, asked, planted, name):
    np.testing.assert_array_equal(fitted[name].transform(on(planted, asked)), fitted[name].transform(asked))


@every_extractor
def test_what_comes_later_leaves_fitting_as_it_is_to_the_last_bit(past, trained, planted, name):
    planted_past = over(planted.as_of(CUT))
    assert planted_past.frame().equals(past.frame())
    np.testing.assert_array_equal(EXTRACTORS[name]().fit_transform(planted_past), trained[name])


@every_extractor
def test_fitting_on_the_whole_tables_sees_no_more_than_on_those_cut_at_the_moment(past, trained, data, name):
    np.testing.assert_array_equal(EXTRACTORS[name]().fit_transform(on(data, past)), trained[name])


@every_extractor
def test_what_was_planted_is_seen_once_its_time_has_come(fitted, data, planted, name):
    rows = delegations_at(data, [0])
    rows = rows.take(np.isin(rows.meeting_id.astype(str), upcoming(data).astype(str)))
    changed = fitted[name].transform(on(planted, rows)) != fitted[name].transform(rows)
    assert changed.any(axis=1).mean() > 0.3


def test_what_comes_later_leaves_the_probabilities_of_a_fitted_model_as_they_are_to_the_last_bit(data, planted, asked):
    spec = load_experiment("logistic")
    quick = Experiment("quick", features=spec.features, model=spec.model, scoring=Scoring(horizons=(7, 1)))
    before, after = fit_as_of(data, quick, CUT), fit_as_of(planted, quick, CUT)
    ahead = asked.take(asked.as_of == moment(CUT).to_datetime64())
    pd.testing.assert_frame_equal(after.predict(on(planted, ahead)), before.predict(ahead), check_exact=True)


# -- order does not matter ---------------------------------------------------------------------------------------


@every_extractor
def test_the_order_of_rows_in_the_tables_does_not_matter(fitted, asked, shuffled, name):
    np.testing.assert_array_equal(fitted[name].transform(on(shuffled, asked)), fitted[name].transform(asked))


@every_extractor
def test_the_order_of_the_situations_does_not_matter(fitted, asked, name):
    order = np.random.default_rng(0).permutation(len(asked))
    np.testing.assert_array_equal(fitted[name].transform(asked.take(order)), fitted[name].transform(asked)[order])


@every_extractor
def test_a_situation_has_the_same_vector_alone_and_among_others(fitted, asked, name):
    whole = fitted[name].transform(asked)
    for i in range(0, len(asked), 40):
        np.testing.assert_array_equal(fitted[name].transform(asked.take(np.array([i])))[0], whole[i])


@every_extractor
def test_the_order_of_the_situations_fitted_on_does_not_matter(past, trained, name):
    order = np.random.default_rng(0).permutation(len(past))
    np.testing.assert_array_equal(EXTRACTORS[name]().fit_transform(past.take(order)), trained[name][order])


@every_extractor
def test_fitted_on_tables_in_another_order_the_columns_are_nearly_the_same(past, trained, shuffled, name):
    again = EXTRACTORS[name]().fit_transform(on(shuffled.as_of(CUT), past))
    # The reader's solver stops at a tolerance, which it meets at another point when its rows come in another order.
    np.testing.assert_allclose(again, trained[name], atol=1e-6)


# -- empty and unheard-of ----------------------------------------------------------------------------------------


@every_extractor
def test_no_situations_give_no_rows_of_full_width(fitted, past, name):
    none = past.take(np.arange(0))
    width = len(fitted[name].get_feature_names_out())
    assert fitted[name].transform(none).shape == (0, width)
    assert EXTRACTORS[name]().fit_transform(none).shape == (0, width)


@pytest.fixture
def unheard_of(build):
    """A meeting of two parties never met before, about which nothing was said and before which nothing happened."""
    return build(
        [{"meeting_id": "funafuti-2018-01-10", "date": "2018-01-10", "convened_level": "unspecified"}],
        [{"meeting_id": "funafuti-2018-01-10", "party": party} for party in ("TUV", "NRU")],
    )


@every_extractor
def test_a_meeting_of_which_nothing_is_known_has_finite_columns(fitted, past, data, unheard_of, name):
    rows = delegations_at(unheard_of.over(data), [30, 0])
    rows = rows.take(rows.meeting_id == "funafuti-2018-01-10")
    assert len(rows) == 4
    assert np.isfinite(fitted[name].transform(rows)).all()


@every_extractor
def test_tables_without_statements_signals_and_past_are_fitted_and_give_finite_columns(unheard_of, name):
    rows = delegations_at(unheard_of, [7, 0])
    extractor = EXTRACTORS[name]()
    assert np.isfinite(extractor.fit_transform(rows)).all()
    assert np.isfinite(extractor.transform(rows)).all()


@every_extractor
def test_all_shipped_delegations_have_finite_columns(fitted, data, name):
    assert np.isfinite(fitted[name].transform(delegations_at(data, [14, 1]))).all()


# -- names and words ---------------------------------------------------------------------------------------------


@every_extractor
def test_every_column_has_a_name_of_its_own(fitted, asked, name):
    names = fitted[name].get_feature_names_out()
    assert len(names) == fitted[name].transform(asked.take(np.arange(2))).shape[1]
    assert len(set(names)) == len(names)
    assert all(column.startswith(f"{name}__") for column in names)


@every_extractor
def test_every_column_has_words_and_unit(fitted, name):
    words = fitted[name].words()
    assert list(words) == fitted[name].get_feature_names_out().tolist()
    assert [column for column, entry in words.items() if not (entry.get("words") and entry.get("unit"))] == []


@every_extractor
def test_every_entry_of_the_codebook_describes_some_column(fitted, name):
    entries = fitted[name].book_["columns"]
    used = {id(describe(column, entries)) for column in fitted[name]._columns()}
    assert [key for key, entry in entries.items() if id(entry) not in used] == []


# -- scikit-learn's own contract ---------------------------------------------------------------------------------


@every_extractor
def test_a_clone_has_the_parameters_and_nothing_learned(fitted, name):
    copy = clone(fitted[name])
    assert copy.get_params() == fitted[name].get_params()
    assert not hasattr(copy, "book_")


@every_extractor
def test_parameters_set_are_those_used(fitted, past, name):
    book = {**fitted[name].book_, "note": "mine"}
    extractor = EXTRACTORS[name]()
    parameters = {key: book if key == "book" else value for key, value in extractor.get_params().items()}
    assert extractor.set_params(**parameters) is extractor
    assert extractor.get_params()["book"] is book
    assert clone(extractor).fit(past.take(np.arange(0))).book_ == book


@every_extractor
def test_fitting_leaves_the_parameters_alone(fitted, past, name):
    book = json.loads(json.dumps(fitted[name].book_))
    extractor = EXTRACTORS[name](book).fit(past.take(np.arange(20)))
    extractor.transform(past.take(np.arange(20)))
    assert extractor.book is book
    assert book == fitted[name].book_


# -- saved and loaded --------------------------------------------------------------------------------------------

LOAD = """
import sys
import numpy as np
from attend_ml.asof import delegations_at
from attend_ml.load import load_dataset
from attend_ml.models.persistence import load_model
model, out = load_model(sys.argv[1]), sys.argv[2]
rows = delegations_at(load_dataset(), [1]).take(np.arange(0, 1800, 6))
np.savez(out, *[e.transform(rows) for e in model.extractors_], probabilities=model.predict(rows).to_numpy())
"""


def test_saved_here_and_loaded_in_another_process_everything_is_the_same_to_the_last_bit(forecaster, data, tmp_path):
    save_model(forecaster, tmp_path / "model.skops")
    command = [sys.executable, "-W", "error", "-c", LOAD, str(tmp_path / "model.skops"), str(tmp_path / "out.npz")]
    done = subprocess.run(command, capture_output=True, text=True, env=dict(os.environ), check=False)
    assert done.returncode == 0, done.stderr
    there = np.load(tmp_path / "out.npz")
    rows = delegations_at(data, [1]).take(np.arange(0, 1800, 6))
    assert [extractor.name for extractor in forecaster.extractors_] == ["context", "statements", "signals", "history"]
    for i, extractor in enumerate(forecaster.extractors_):
        np.testing.assert_array_equal(there[f"arr_{i}"], extractor.transform(rows))
    np.testing.assert_array_equal(there["probabilities"], forecaster.predict(rows).to_numpy())


# -- codebooks changed after fitting -----------------------------------------------------------------------------

EDITS = {
    "context": ('formats = ["bilateral", ', 'formats = ["summit", '),
    "history": ("strength = 4.0", "strength = 40.0"),
    "parties": ('EUU = "European Union"\n', ""),
    "signals": ('talk = ["01", "04"]', 'talk = ["18", "19"]'),
    "statements": ("half_life = 4.0", "half_life = 0.5"),
    "cues": ('"spokes(?:man|woman|person)", "media"', '"the", "media"'),
}


@pytest.fixture
def edit_codebooks(tmp_path, monkeypatch):
    """Return a function that puts changed codebooks in the place of the shipped ones."""
    shipped = _resources.folder("features")

    def edit():
        shutil.copy(shipped / "cue_examples.csv", tmp_path)
        for path in shipped.glob("*.toml"):
            text = path.read_text(encoding="utf-8")
            if path.stem in EDITS:
                old, new = EDITS[path.stem]
                assert old in text
                text = text.replace(old, new)
            (tmp_path / path.name).write_text(text, encoding="utf-8")
        monkeypatch.setattr(_resources, "folder", lambda name: tmp_path)
        _resources.codebook.cache_clear()

    yield edit
    monkeypatch.undo()
    _resources.codebook.cache_clear()


@every_extractor
def test_a_fitted_extractor_does_not_change_when_the_codebooks_do(fitted, data, edit_codebooks, name):
    rows = delegations_at(data, [1])
    assert (rows.party == "EUU").any()
    before = fitted[name].transform(rows)
    names, words = fitted[name].get_feature_names_out().tolist(), fitted[name].words()
    edit_codebooks()
    np.testing.assert_array_equal(fitted[name].transform(rows), before)
    assert fitted[name].get_feature_names_out().tolist() == names
    assert fitted[name].words() == words


@every_extractor
def test_an_extractor_fitted_afterwards_follows_the_changed_codebook(fitted, past, edit_codebooks, name):
    before = fitted[name].transform(past)
    edit_codebooks()
    assert (EXTRACTORS[name]().fit(past).transform(past) != before).any()
