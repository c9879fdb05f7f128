"""The package as others get it: built, installed in a clean environment, run in another folder."""

import json
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    out = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(out), str(ROOT)]
    subprocess.run(command, check=True, capture_output=True)
    (found,) = out.glob("attend_ml-*.whl")
    return found


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory) -> Path:
    """The programs of an environment that has the wheel, and its dependencies from the one the tests run in."""
    home = tmp_path_factory.mktemp("env")
    venv.create(home, with_pip=False)
    paths = {"base": str(home), "platbase": str(home)}
    site = Path(sysconfig.get_path("purelib", vars=paths))
    # A path file adds the folder and not what is installed there in editable mode: attend-ml is only in the wheel.
    (site / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")
    python = Path(sysconfig.get_path("scripts", vars=paths)) / "python"
    install = ["install", "--quiet", "--no-deps", "--no-index", "--disable-pip-version-check", str(wheel)]
    subprocess.run([sys.executable, "-m", "pip", "--python", str(python), *install], check=True, capture_output=True)
    return python.parent


def run(command: list[str], folder: Path) -> str:
    return subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True).stdout


def test_the_wheel_holds_the_package_its_codebooks_data_and_experiments_and_nothing_else(wheel):
    names = zipfile.ZipFile(wheel).namelist()
    tops = {name.split("/")[0] for name in names if not name.split("/")[0].endswith(".dist-info")}
    assert tops == {"attend_ml"}
    bundled = {name.split("/")[2] for name in names if name.startswith("attend_ml/_bundled/")}
    assert bundled == {"features", "data", "experiments"}
    for folder in ("features", "data", "experiments"):
        pattern = "*.csv" if folder == "data" else "*.toml"
        paths = (path.relative_to(ROOT).as_posix() for path in (ROOT / folder).rglob(pattern))
        shipped = {f"attend_ml/_bundled/{path}" for path in paths}
        assert shipped <= set(names)
    assert "attend_ml/py.typed" in names
    assert any(name.endswith("licenses/LICENSE") for name in names)
    assert not [name for name in names if name.endswith(".py") and "/_bundled/" in name]


def test_the_installed_package_reads_its_own_folders(installed, tmp_path):
    code = "import attend_ml; from attend_ml._resources import folder; print(attend_ml.__file__); print(folder('data'))"
    module, data = run([str(installed / "python"), "-c", code], tmp_path).split()
    assert str(installed.parent) in module
    assert str(installed.parent) in data


def test_the_installed_command_forecasts_in_another_folder(installed, tmp_path):
    arguments = ["predict", "istanbul-2025-05-15", "--party", "RUS", "--as-of", "2025-05-14", "--json"]
    told = json.loads(run([str(installed / "attend-ml"), *arguments], tmp_path))
    assert told["forecasts"][0]["party"] == "RUS"
    assert 0 < told["forecasts"][0]["levels"]["leader"]["probability"] < 0.3
    assert list(tmp_path.iterdir()) == []
