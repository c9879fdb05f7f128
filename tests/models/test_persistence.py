"""Saving and loading fitted forecasters: nothing half written, nothing trusted that is not ours."""

import io
import re
import zipfile
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
import skops.io
from sklearn.linear_model import LogisticRegression

from attend_ml.asof import delegations_at, outcomes
from attend_ml.errors import RequestError
from attend_ml.models.estimators import KINDS
from attend_ml.models.forecaster import AttendanceForecaster
from attend_ml.models.persistence import TRUSTED, load_model, save_model


@pytest.fixture(scope="module")
def rows(data):
    rows = delegations_at(data.as_of("2014-12-31"), [3])
    return rows.take(outcomes(rows).held.notna().to_numpy())


@pytest.fixture(scope="module")
def model(rows):
    return AttendanceForecaster("logistic", extractors=("context", "history")).fit(rows)


@pytest.fixture
def saved(model, tmp_path):
    save_model(model, tmp_path / "model.skops")
    return tmp_path / "model.skops"


@pytest.mark.parametrize("kind", KINDS)
def test_a_model_of_every_kind_gives_the_same_once_loaded(rows, kind, tmp_path):
    model = AttendanceForecaster(kind, extractors=("statements", "history")).fit(rows)
    save_model(model, tmp_path / "model.skops")
    loaded = load_model(tmp_path / "model.skops")
    pd.testing.assert_frame_equal(loaded.predict(rows), model.predict(rows), check_exact=True)


def test_what_a_forecast_tells_besides_is_kept(forecaster, tmp_path):
    save_model(forecaster, tmp_path / "model.skops")
    loaded = load_model(tmp_path / "model.skops")
    assert loaded.known_until_ == forecaster.known_until_ == "2023-12-31T23:59:59"
    assert loaded.last_date_ == forecaster.last_date_
    assert loaded.get_params() == forecaster.get_params()
    np.testing.assert_array_equal(loaded.typical_, forecaster.typical_)
    pd.testing.assert_frame_equal(pd.DataFrame(loaded.past_), pd.DataFrame(forecaster.past_), check_exact=True)
    for mine, theirs in zip(loaded.extractors_, forecaster.extractors_, strict=True):
        assert mine.words() == theirs.words()


def test_a_model_on_a_target_of_which_nothing_was_known_is_kept_too(rows, tmp_path):
    model = AttendanceForecaster("logistic", extractors=("context",)).fit(rows, outcomes(rows).assign(working=np.nan))
    save_model(model, tmp_path / "model.skops")
    assert load_model(tmp_path / "model.skops").predict(rows).working.isna().all()


def test_a_path_may_be_a_text(model, tmp_path):
    save_model(model, f"{tmp_path}/model.skops")
    assert load_model(f"{tmp_path}/model.skops").columns_.tolist() == model.columns_.tolist()


def test_only_types_named_beforehand_and_no_pickle_are_in_a_file(forecaster, tmp_path):
    save_model(forecaster, tmp_path / "model.skops")
    with zipfile.ZipFile(tmp_path / "model.skops") as archive:
        assert {name.rsplit(".", 1)[-1] for name in archive.namelist()} <= {"json", "npy", "npz"}
    assert set(skops.io.get_untrusted_types(file=tmp_path / "model.skops")) <= set(TRUSTED)


def test_a_type_that_is_not_trusted_is_refused_by_name(model, rows, tmp_path):
    foreign = AttendanceForecaster("logistic", extractors=("context",)).fit(rows)
    foreign.known_until_ = Fraction(1, 2)
    skops.io.dump(foreign, tmp_path / "foreign.skops")
    with pytest.raises(RequestError, match=r"foreign\.skops.*fractions\.Fraction.*not trusted: do not load"):
        load_model(tmp_path / "foreign.skops")


def test_a_model_of_another_kind_is_refused_by_name(tmp_path):
    skops.io.dump(LogisticRegression(), tmp_path / "other.skops")
    with pytest.raises(RequestError, match=r"other\.skops: found a LogisticRegression"):
        load_model(tmp_path / "other.skops")


# -- interrupted -------------------------------------------------------------------------------------------------


def test_an_interrupted_save_leaves_the_old_model_whole(saved, model, rows, monkeypatch):
    before = saved.read_bytes()

    def killed(obj, file, **options):
        with open(file, "wb") as out:  # noqa: PTH123 - as a killed process would leave it
            out.write(before[:100])
        raise KeyboardInterrupt

    monkeypatch.setattr(skops.io, "dump", killed)
    with pytest.raises(KeyboardInterrupt):
        save_model(model, saved)
    assert saved.read_bytes() == before
    assert load_model(saved).last_date_ == model.last_date_


def test_an_interrupted_first_save_leaves_no_model(model, tmp_path, monkeypatch):
    def killed(obj, file, **options):
        raise KeyboardInterrupt

    monkeypatch.setattr(skops.io, "dump", killed)
    with pytest.raises(KeyboardInterrupt):
        save_model(model, tmp_path / "model.skops")
    assert not (tmp_path / "model.skops").exists()


def test_a_save_after_an_interrupted_one_works_and_leaves_nothing_beside(saved, model, monkeypatch):
    def stopped(obj, file, **options):
        file.write_bytes(b"half")
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(skops.io, "dump", stopped)
        with pytest.raises(KeyboardInterrupt):
            save_model(model, saved)
    save_model(model, saved)
    assert [path.name for path in saved.parent.iterdir()] == ["model.skops"]
    assert load_model(saved).last_date_ == model.last_date_


# -- broken ------------------------------------------------------------------------------------------------------


def flipped(raw):
    """Return the file with one byte of its schema's compressed content changed."""
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        entry = archive.getinfo("schema.json")
    content = bytearray(raw)
    content[entry.header_offset + 30 + len(entry.filename) + entry.compress_size // 2] ^= 0xFF
    return bytes(content)


@pytest.mark.parametrize(
    "spoil",
    [lambda raw: raw[: len(raw) // 2], lambda raw: b"", lambda raw: b"no model", flipped],
    ids=["cut off", "empty", "no archive", "a flipped byte"],
)
def test_a_broken_file_is_refused_with_its_name_and_what_to_do(saved, spoil):
    saved.write_bytes(spoil(saved.read_bytes()))
    with pytest.raises(RequestError, match=r"model\.skops: it cannot be read .*train it again"):
        load_model(saved)


@pytest.mark.parametrize("schema", [None, "", "no json", "{}", "[]"])
def test_an_archive_that_holds_no_model_is_refused_with_its_name(tmp_path, schema):
    with zipfile.ZipFile(tmp_path / "photos.zip", "w") as archive:
        archive.writestr("a.txt", "a") if schema is None else archive.writestr("schema.json", schema)
    with pytest.raises(RequestError, match=re.escape("photos.zip: it cannot be read")):
        load_model(tmp_path / "photos.zip")


def test_a_missing_file_and_a_folder_are_refused_with_their_name(tmp_path):
    with pytest.raises(RequestError, match=r"none\.skops: it cannot be read .*No such file"):
        load_model(tmp_path / "none.skops")
    with pytest.raises(RequestError, match=re.escape(tmp_path.name)):
        load_model(tmp_path)
