"""Where the shipped folders are found: in the checkout, in a wheel, and not in a stranger's folder."""

import tomllib

import pytest

from attend_ml import _resources

NAMES = ("features", "data", "experiments")


@pytest.fixture
def installed(tmp_path, monkeypatch):
    """An installation in a folder of its own; returns where the package and its neighbours lie."""
    package = tmp_path / "attend_ml"
    package.mkdir()
    monkeypatch.setattr(_resources, "_PACKAGE", package)
    return tmp_path


def find(name: str):
    # Without the memory of the folders found before.
    return _resources.folder.__wrapped__(name)


@pytest.mark.parametrize("name", NAMES)
def test_the_shipped_folders_are_there_and_not_empty(name):
    assert any(_resources.folder(name).glob("*.csv" if name == "data" else "*.toml"))


def test_a_wheel_finds_its_bundled_folders(installed):
    bundled = installed / "attend_ml" / "_bundled" / "data"
    bundled.mkdir(parents=True)
    assert find("data") == bundled


def test_a_strangers_folder_beside_the_package_is_not_taken_for_ours(installed):
    (installed / "data").mkdir()
    (installed / "pyproject.toml").write_text('[project]\nname = "other"\n', encoding="utf-8")
    bundled = installed / "attend_ml" / "_bundled" / "data"
    bundled.mkdir(parents=True)
    assert find("data") == bundled


def test_in_a_checkout_its_own_folder_comes_before_the_bundled_one(installed):
    (installed / "data").mkdir()
    (installed / "pyproject.toml").write_text('[project]\nname = "attend-ml"\n', encoding="utf-8")
    (installed / "attend_ml" / "_bundled" / "data").mkdir(parents=True)
    assert find("data") == installed / "data"


def test_an_installation_without_its_folder_says_which_and_what_to_do(installed):
    with pytest.raises(FileNotFoundError, match=r"without its features/ folder: reinstall it"):
        find("features")


@pytest.mark.parametrize("path", sorted(_resources.folder("features").glob("*.toml")), ids=lambda path: path.stem)
def test_every_codebook_is_read_as_it_stands(path):
    assert _resources.codebook(path.stem) == tomllib.loads(path.read_text(encoding="utf-8"))
    assert _resources.codebook(path.stem)
