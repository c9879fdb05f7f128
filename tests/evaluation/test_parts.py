"""What was forecast is kept: a backtest that was killed goes on where it stopped, and takes nothing that is stale."""

import os
import signal
import subprocess
import sys
import time
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from attend_ml import fingerprints
from attend_ml.dataset import Dataset
from attend_ml.evaluation import backtest, parts
from attend_ml.evaluation.backtest import rolling_origin
from attend_ml.evaluation.parts import Parts
from attend_ml.experiment import Experiment, Features, Model, Scoring

SPEC = Experiment(
    "quick",
    features=Features(extractors=("context", "history")),
    model=Model("climatology"),
    scoring=Scoring("2023-07-01", 6, (7, 1)),
)
ORIGINS = ["2023-07-01", "2024-01-01", "2024-07-01", "2025-01-01"]


def score(data, folder, spec=SPEC, fresh=False, **options):
    """Score by rolling origin; return the forecasts and how many origins were taken from an earlier run."""
    kept = Parts(data, fresh, folder)
    return rolling_origin(data, spec, n_jobs=1, parts=kept, **options), kept.taken


def files(folder):
    return sorted((folder / "backtests").iterdir())


@pytest.fixture(scope="module")
def table(data):
    """The forecasts as they are made without keeping any."""
    return rolling_origin(data, SPEC, n_jobs=1)


@pytest.fixture(scope="module")
def whole(data, tmp_path_factory):
    """A folder in which a whole backtest was kept."""
    folder = tmp_path_factory.mktemp("whole")
    score(data, folder)
    return folder


@pytest.fixture
def folder(whole, tmp_path):
    """A copy of it, to be spoilt."""
    (tmp_path / "backtests").mkdir()
    for path in files(whole):
        (tmp_path / "backtests" / path.name).write_bytes(path.read_bytes())
    return tmp_path


def forbid_fitting(monkeypatch):
    def refuse(*args, **options):
        raise AssertionError("fitted again")

    monkeypatch.setattr(backtest, "fit_as_of", refuse)


# -- a second run ------------------------------------------------------------------------------------------------


def test_each_origin_is_kept_in_a_file_that_names_experiment_and_day(whole):
    assert [path.name.rsplit("-", 1)[0] for path in files(whole)] == [f"quick-{day}" for day in ORIGINS]
    assert {path.suffix for path in files(whole)} == {".parquet"}


def test_a_second_run_fits_nothing_and_gives_the_same_to_the_last_bit(data, folder, table, monkeypatch):
    forbid_fitting(monkeypatch)
    told = []
    again, taken = score(data, folder, progress=lambda *done: told.append(done))
    assert taken == 4
    pd.testing.assert_frame_equal(again, table, check_exact=True)
    assert told == [(4, 4)]


def test_asked_for_anew_nothing_is_taken_and_all_is_kept_again(data, folder, table):
    before = {path: path.stat().st_mtime_ns for path in files(folder)}
    again, taken = score(data, folder, fresh=True)
    assert taken == 0
    pd.testing.assert_frame_equal(again, table, check_exact=True)
    assert {path for path in files(folder) if path.stat().st_mtime_ns > before[path]} == set(before)


def test_what_no_run_has_used_for_a_month_is_removed(data, folder):
    old, new, half = files(folder)[0], files(folder)[1], folder / "backtests" / "quick.parquet.7.part"
    half.write_bytes(b"half")
    for path, days in ((old, 31), (half, 31), (new, 29)):
        os.utime(path, (time.time() - days * 86_400,) * 2)
    Parts(data, folder=folder)
    assert not old.exists()
    assert not half.exists()
    assert new.exists()


def test_what_is_used_is_kept_for_another_month(data, folder):
    for path in files(folder):
        os.utime(path, (time.time() - 29 * 86_400,) * 2)
    score(data, folder)
    assert all(time.time() - path.stat().st_mtime < 3600 for path in files(folder))


def test_without_a_folder_the_users_cache_is_taken(data):
    assert Parts(data).folder == fingerprints.cache_folder() / "backtests"


# -- a run that was stopped --------------------------------------------------------------------------------------


def test_a_run_whose_origin_fails_goes_on_with_that_origin(data, tmp_path, table, monkeypatch):
    fitted, plain = [], backtest.fit_as_of

    def fit(data, experiment, when, without=()):
        if len(fitted) == 2:
            raise MemoryError
        fitted.append(str(when))
        return plain(data, experiment, when, without)

    with monkeypatch.context() as patch:
        patch.setattr(backtest, "fit_as_of", fit)
        with pytest.raises(MemoryError):
            score(data, tmp_path)
    assert len(files(tmp_path)) == 2
    told = []
    again, taken = score(data, tmp_path, progress=lambda *done: told.append(done))
    assert taken == 2
    assert told == [(2, 4), (3, 4), (4, 4)]
    pd.testing.assert_frame_equal(again, table, check_exact=True)


def test_a_process_killed_while_it_scores_leaves_what_was_done_and_the_next_goes_on(data, tmp_path, table):
    code = f"""
import pathlib, time
from attend_ml.evaluation.backtest import rolling_origin
from attend_ml.evaluation.parts import Parts
from attend_ml.experiment import Experiment, Features, Model, Scoring
from attend_ml.load import load_dataset

def scored(done, of):
    print("scored", done, "of", of, flush=True)
    if done == 3:
        time.sleep(60)

data = load_dataset()
spec = {SPEC!r}
rolling_origin(data, spec, n_jobs=1, progress=scored, parts=Parts(data, folder=pathlib.Path({str(tmp_path)!r})))
"""
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as process:
        told = [process.stdout.readline() for _ in range(4)]
        process.send_signal(signal.SIGKILL)
        assert process.wait() == -signal.SIGKILL
    assert told == [f"scored {done} of 4\n" for done in range(4)]
    assert len(files(tmp_path)) == 3
    again, taken = score(data, tmp_path)
    assert taken == 3
    pd.testing.assert_frame_equal(again, table, check_exact=True)


def test_a_process_killed_while_it_writes_leaves_no_half_file_under_the_name(data, tmp_path, table, monkeypatch):
    def half(self, path, **options):
        path.write_bytes(b"PAR1 half")
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(pd.DataFrame, "to_parquet", half)
        with pytest.raises(KeyboardInterrupt):
            score(data, tmp_path)
    assert [path.suffix for path in files(tmp_path)] == [".part"]
    again, taken = score(data, tmp_path)
    assert taken == 0
    pd.testing.assert_frame_equal(again, table, check_exact=True)


@pytest.mark.parametrize(
    "spoil",
    [lambda raw: raw[: len(raw) // 2], lambda raw: raw[:-1], lambda raw: b"", lambda raw: b"no table"],
    ids=["cut off", "the last byte missing", "empty", "no table"],
)
def test_a_damaged_file_is_made_anew(data, folder, table, spoil):
    path = files(folder)[2]
    path.write_bytes(spoil(path.read_bytes()))
    again, taken = score(data, folder)
    assert taken == 3
    pd.testing.assert_frame_equal(again, table, check_exact=True)
    _, taken = score(data, folder)
    assert taken == 4


# -- what is not taken -------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def asked(data):
    """The rows of the last origin."""
    return backtest._origins_of(data, SPEC, None)[-1]


def path_of(data, asked, folder, spec=SPEC):
    return Parts(data, folder=folder).path(spec, *asked)


def changed(data, table):
    """Return the same data with one cell of a table changed."""
    rows = data.tables()[table].copy()
    column = {"meetings": "name", "delegations": "head_name", "statements": "text", "signals": "text"}[table]
    rows.loc[rows.index[0], column] = "Other"
    return data._with(**{table: rows})


@pytest.mark.parametrize("table", ["meetings", "delegations", "statements", "signals"])
def test_other_data_make_other_files(data, asked, tmp_path, table):
    assert path_of(changed(data, table), asked, tmp_path) != path_of(data, asked, tmp_path)


def test_other_links_make_other_files(data, asked, tmp_path):
    first, second = data.meetings.meeting_id[:2]
    linked = Dataset.of_checked(data.tables(), data.parties, [*data.links, (first, second)])
    assert path_of(linked, asked, tmp_path) != path_of(data, asked, tmp_path)
    turned = Dataset.of_checked(data.tables(), data.parties, data.links[::-1])
    assert path_of(turned, asked, tmp_path) == path_of(data, asked, tmp_path)


@pytest.mark.parametrize(
    "other",
    [
        replace(SPEC, model=Model("party-history")),
        replace(SPEC, features=Features(extractors=("history",))),
        replace(SPEC, scoring=Scoring("2023-07-01", 6, (7, 1, 0))),
    ],
    ids=["model", "features", "horizons fitted on"],
)
def test_another_experiment_of_the_same_name_makes_other_files(data, asked, tmp_path, other):
    assert path_of(data, asked, tmp_path, other) != path_of(data, asked, tmp_path)


def test_other_origins_keep_the_files_of_those_that_are_the_same(data, folder):
    yearly = replace(SPEC, scoring=Scoring("2024-01-01", 6, (7, 1)))
    table, taken = score(data, folder, yearly)
    assert taken == 3
    assert table.origin.unique().tolist() == ORIGINS[1:]
    # The same origin with other meetings to forecast is not the same.
    assert score(data, folder, replace(SPEC, scoring=Scoring("2024-07-01", 12, (7, 1))))[1] == 0


def test_forecasts_at_other_horizons_are_made_anew(data, folder):
    table, taken = score(data, folder, horizons=(3,))
    assert taken == 0
    assert table.horizon.unique().tolist() == [3]


@pytest.mark.parametrize("name", ["code_fingerprint", "codebooks_fingerprint"])
def test_other_code_and_codebooks_make_other_files(data, asked, tmp_path, monkeypatch, name):
    before = path_of(data, asked, tmp_path)
    monkeypatch.setattr(fingerprints, name, lambda: "other")
    assert path_of(data, asked, tmp_path) != before


def test_the_data_of_another_process_are_the_same_data(data, asked, tmp_path):
    # Strings hash differently in every process.
    code = (
        "import numpy as np, pathlib\nfrom attend_ml.evaluation import backtest\n"
        "from attend_ml.evaluation.parts import Parts\n"
        "from attend_ml.experiment import Experiment, Features, Model, Scoring\n"
        "from attend_ml.load import load_dataset\n"
        f"data, spec = load_dataset(), {SPEC!r}\n"
        "print(Parts(data, folder=pathlib.Path('.')).path(spec, *backtest._origins_of(data, spec, None)[-1]).name)"
    )
    env = {**os.environ, "PYTHONHASHSEED": "77"}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=env)
    assert done.stdout.strip() == path_of(data, asked, tmp_path).name


def test_days_are_read_as_they_were_written(whole, table):
    kept = pd.concat(pd.read_parquet(path) for path in files(whole))
    assert len(kept) == len(table)
    assert np.isin(kept.origin.unique(), ORIGINS).all()
    assert parts._KEPT_DAYS == 30
