"""What a kept result depends on, and where it is kept."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from attend_ml import _resources, fingerprints
from attend_ml.fingerprints import cache_folder, code_fingerprint, codebooks_fingerprint, key


@pytest.fixture
def shelf(tmp_path, monkeypatch):
    """A folder of codebooks of one's own."""
    (tmp_path / "one.toml").write_text("a = 1\n", encoding="utf-8")
    (tmp_path / "two.toml").write_text("b = 2\n", encoding="utf-8")
    monkeypatch.setattr(_resources, "folder", lambda name: tmp_path)
    return tmp_path


def test_a_changed_word_in_a_codebook_changes_the_fingerprint(shelf):
    before = codebooks_fingerprint()
    assert codebooks_fingerprint() == before
    (shelf / "two.toml").write_text("b = 3\n", encoding="utf-8")
    assert codebooks_fingerprint() != before


def test_another_codebook_or_another_name_changes_the_fingerprint(shelf):
    before = codebooks_fingerprint()
    (shelf / "three.toml").write_text("", encoding="utf-8")
    added = codebooks_fingerprint()
    (shelf / "three.toml").rename(shelf / "four.toml")
    assert len({before, added, codebooks_fingerprint()}) == 3


def test_what_is_no_codebook_changes_nothing(shelf):
    before = codebooks_fingerprint()
    (shelf / "notes.md").write_text("Mind the gap.\n", encoding="utf-8")
    assert codebooks_fingerprint() == before


def test_a_changed_line_of_code_changes_the_fingerprint(tmp_path, monkeypatch):
    package = tmp_path / "attend_ml"
    (package / "models").mkdir(parents=True)
    for name in ("fingerprints.py", "models/rules.py"):
        (package / name).write_text("A = 1\n", encoding="utf-8")
    monkeypatch.setattr(fingerprints, "__file__", str(package / "fingerprints.py"))
    found = []
    for text in ("A = 1\n", "A = 2\n", "A = 1\n"):
        (package / "models" / "rules.py").write_text(text, encoding="utf-8")
        (package / "models" / "rules.pyc").write_text(text * 2, encoding="utf-8")
        found.append(code_fingerprint.__wrapped__())
    assert found[0] == found[2] != found[1]


@pytest.mark.parametrize("name", ["__version__", "code_fingerprint", "codebooks_fingerprint", "version"])
def test_a_key_depends_on_version_code_codebooks_and_libraries(monkeypatch, name):
    before = key("a", 1)
    monkeypatch.setattr(fingerprints, name, "other" if name == "__version__" else lambda *of: "other")
    assert key("a", 1) != before


def test_a_key_depends_on_every_part_and_their_order():
    assert len({key("a", "b"), key("b", "a"), key("a"), key("a", "b", None)}) == 4
    assert len(key("a")) == 64


def test_a_key_is_the_same_in_every_process():
    env = {**os.environ, "PYTHONHASHSEED": "77"}
    code = "from attend_ml.fingerprints import key; print(key('a', 1, ('b', 2)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=env)
    assert done.stdout.strip() == key("a", 1, ("b", 2))


def test_what_is_kept_lies_in_the_users_cache_folder_and_asking_makes_none():
    assert cache_folder().name == "attend-ml"
    assert Path(os.environ["XDG_CACHE_HOME"]) in cache_folder().parents
    code = "from attend_ml.fingerprints import cache_folder; print(cache_folder().exists())"
    env = {**os.environ, "XDG_CACHE_HOME": os.environ["XDG_CACHE_HOME"] + "-none"}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=env)
    assert done.stdout.strip() == "False"
