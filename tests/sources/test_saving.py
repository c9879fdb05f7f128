"""Imported tables are written whole or not at all."""

import os

import pytest

from attend_ml.errors import DataError, RequestError
from attend_ml.load import load_dataset
from attend_ml.sources.saving import FILES, save_whole
from attend_ml.tables import write_table


def test_what_is_written_is_what_is_read(folder, tmp_path):
    data = load_dataset(folder)
    save_whole(data, tmp_path / "a" / "b")
    assert load_dataset(tmp_path / "a" / "b").fingerprint() == data.fingerprint()
    assert sorted(path.name for path in (tmp_path / "a" / "b").iterdir()) == sorted(FILES[:4])


@pytest.mark.parametrize("name", FILES)
def test_a_folder_with_tables_is_refused_and_left_as_it_was(folder, tmp_path, name):
    out = tmp_path / "out"
    out.mkdir()
    (out / name).write_text("mine")
    with pytest.raises(RequestError, match=f"out holds {name} already; .*--force"):
        save_whole(load_dataset(folder), out)
    assert [path.name for path in out.iterdir()] == [name]
    assert (out / name).read_text() == "mine"


def test_tables_are_replaced_on_demand_and_other_files_stay(folder, tmp_path):
    data, out = load_dataset(folder), tmp_path / "out"
    out.mkdir()
    for name in (*FILES, "notes.txt"):
        (out / name).write_text("old")
    save_whole(data, out, replace=True)
    assert load_dataset(out).fingerprint() == data.fingerprint()
    assert sorted(path.name for path in out.iterdir()) == sorted([*FILES[:4], "notes.txt"])
    assert (out / "notes.txt").read_text() == "old"


def test_an_import_that_fails_while_writing_leaves_the_old_tables(folder, tmp_path, monkeypatch):
    data, out = load_dataset(folder), tmp_path / "out"
    save_whole(data, out)

    def full(*args):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("attend_ml.dataset.write_table", full)
    with pytest.raises(RequestError, match="No space left on device"):
        save_whole(data, out, replace=True)
    assert load_dataset(out).fingerprint() == data.fingerprint()
    assert sorted(path.name for path in out.iterdir()) == sorted(FILES[:4])


def test_an_import_killed_while_writing_leaves_no_folder(folder, tmp_path, monkeypatch):
    data, out = load_dataset(folder), tmp_path / "new" / "out"
    seen = []

    def killed(table, path):
        seen.append((path.name, out.exists()))
        if path.name == "signals.csv":
            raise KeyboardInterrupt
        write_table(table, path)

    monkeypatch.setattr("attend_ml.dataset.write_table", killed)
    with pytest.raises(KeyboardInterrupt):
        save_whole(data, out)
    assert seen == [(name, False) for name in FILES[:4]]
    assert list(out.parent.iterdir()) == []


@pytest.mark.skipif(os.name != "posix", reason="other systems keep no such rights")
def test_a_new_folder_can_be_read_by_whom_other_folders_can(folder, tmp_path):
    (tmp_path / "other").mkdir()
    save_whole(load_dataset(folder), tmp_path / "out")
    assert (tmp_path / "out").stat().st_mode == (tmp_path / "other").stat().st_mode


def test_an_import_killed_while_moving_leaves_no_folder_that_can_be_read(folder, tmp_path, monkeypatch):
    data, out = load_dataset(folder), tmp_path / "out"
    save_whole(data, out)
    move = type(out).replace

    def killed(path, target):
        if target.name == "delegations.csv":
            raise KeyboardInterrupt
        return move(path, target)

    monkeypatch.setattr(type(out), "replace", killed)
    with pytest.raises(KeyboardInterrupt):
        save_whole(data, out, replace=True)
    with pytest.raises(DataError, match=r"meetings\.csv"):
        load_dataset(out)


def test_a_place_that_cannot_be_written_is_named(folder, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(RequestError, match="file cannot be written"):
        save_whole(load_dataset(folder), tmp_path / "file")
