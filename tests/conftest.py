"""What tests share. Nothing is read from or written to the user's own folders."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

HOME = Path(tempfile.mkdtemp(prefix="attend-ml-tests-"))
# Before anything of the package is imported, and for the processes that tests start.
os.environ.update(
    HOME=str(HOME),
    XDG_CACHE_HOME=str(HOME / "cache"),
    XDG_DATA_HOME=str(HOME / "data"),
    OMP_NUM_THREADS="1",
    HYPOTHESIS_STORAGE_DIRECTORY=str(HOME / "hypothesis"),
    MPLBACKEND="Agg",
)
for name in ("MLFLOW_TRACKING_URI", "MLFLOW_REGISTRY_URI"):
    os.environ.pop(name, None)

import pytest  # noqa: E402

from attend_ml.dataset import Dataset  # noqa: E402
from attend_ml.evaluation.backtest import fit_as_of  # noqa: E402
from attend_ml.experiment import load_experiment  # noqa: E402
from attend_ml.features.cues import CueReader  # noqa: E402
from attend_ml.load import load_dataset  # noqa: E402
from attend_ml.models.forecaster import AttendanceForecaster  # noqa: E402

ALL_EXAMPLES = CueReader.shown


def pytest_sessionfinish() -> None:
    shutil.rmtree(HOME, ignore_errors=True)


@pytest.fixture(scope="session", autouse=True)
def few_examples() -> Iterator[None]:
    """One in forty of the made-up statements a reader learns from: how well it reads is what few tests are about."""
    some = ALL_EXAMPLES().iloc[::40]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(CueReader, "shown", staticmethod(lambda: some))
        yield


@pytest.fixture
def all_examples(monkeypatch: pytest.MonkeyPatch) -> None:
    """All of them, where reading well is what is tested, or where other processes read too."""
    monkeypatch.setattr(CueReader, "shown", staticmethod(ALL_EXAMPLES))


@pytest.fixture(scope="session")
def data() -> Dataset:
    """The shipped tables."""
    return load_dataset()


@pytest.fixture(scope="session")
def forecaster(data: Dataset) -> AttendanceForecaster:
    """All extractors and a logistic regression, fitted on what was known at the end of 2023."""
    return fit_as_of(data, load_experiment("logistic"), "2023-12-31")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with four small, correct tables, to be spoilt."""
    (tmp_path / "meetings.csv").write_text(
        "meeting_id,name,date,city,country,format,convened_level,status\n"
        "oslo-2020-03-10,Talks in Oslo,2020-03-10,Oslo,NOR,bilateral,leader,held\n"
        "bern-2021-06-01,Talks in Bern,2021-06-01,Bern,CHE,bilateral,senior,cancelled\n",
        encoding="utf-8",
    )
    (tmp_path / "delegations.csv").write_text(
        "meeting_id,party,leader,senior,working\n"
        "oslo-2020-03-10,NOR,1,1,\n"
        "oslo-2020-03-10,SWE,0,1,1\n"
        "bern-2021-06-01,CHE,,,\n",
        encoding="utf-8",
    )
    (tmp_path / "statements.csv").write_text(
        "meeting_id,date,speaker,speaker_role,speaker_party,about_party,cue,level_spoken,text,source_url\n"
        "oslo-2020-03-10,2020-03-05,Spokesperson,spokesperson,SWE,SWE,deny,leader,"
        "The prime minister will not travel to Oslo.,https://example.org/1\n",
        encoding="utf-8",
    )
    (tmp_path / "signals.csv").write_text(
        "meeting_id,date,source_party,target_party,cameo,source_level,text\n"
        ",2020-02-20,NOR,SWE,042,senior,The foreign minister visited.\n",
        encoding="utf-8",
    )
    return tmp_path
