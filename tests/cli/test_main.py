import subprocess
import sys

import pytest

from attend_ml import __version__
from attend_ml._resources import folder
from attend_ml.cli import COMMANDS, main

HEAVY = ("numpy", "pandas", "sklearn", "mlflow", "scipy", "matplotlib", "pydantic", "rich")


def test_help_names_every_command(capsys):
    assert main(["--help"]) == 0
    told = capsys.readouterr().out
    assert all(f"  {name} " in told for name in COMMANDS)


def test_help_loads_nothing_heavy():
    code = "import sys; from attend_ml.cli import main; main(['--help']); print('|'.join(sys.modules))"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    loaded = out.splitlines()[-1].split("|")
    assert [name for name in HEAVY if name in loaded] == []


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_command_tells_its_arguments(name, capsys):
    with pytest.raises(SystemExit) as end:
        main([name, "--help"])
    assert end.value.code == 0
    assert f"usage: attend-ml {name}" in capsys.readouterr().out


def test_version(capsys):
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"attend-ml {__version__}\n"


def test_no_command_is_wrong_usage_and_shows_the_help(capsys):
    assert main([]) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert "commands:" in printed.err


def test_a_mistyped_command_is_wrong_usage_and_names_the_nearest(capsys):
    assert main(["prdict"]) == 2
    assert "found 'prdict'; did you mean 'predict'?" in capsys.readouterr().err


def test_an_unknown_option_is_wrong_usage():
    with pytest.raises(SystemExit) as end:
        main(["predict", "istanbul-2025-05-15", "--partie", "RUS"])
    assert end.value.code == 2


def test_a_wrong_request_is_one_line_on_stderr(capsys):
    assert main(["predict", "istanbul-2025-05-16"]) == 1
    printed = capsys.readouterr()
    assert printed.out == ""
    assert len(printed.err.splitlines()) == 1
    assert "no meeting 'istanbul-2025-05-16' in the data; did you mean 'istanbul-2025-05-15'?" in printed.err


def test_a_reader_that_has_seen_enough_is_no_error():
    data = folder("data")
    code = f"import sys; from attend_ml.cli import main; sys.exit(main(['data', 'describe', '{data}']))"
    command = f'{sys.executable} -c "{code}" | head -1; exit ${{PIPESTATUS[0]}}'
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "Tables\n", "")


def test_stopping_by_hand_leaves_no_traceback(monkeypatch, capsys):
    def stop(arguments):
        raise KeyboardInterrupt

    monkeypatch.setattr("attend_ml.cli.data.main", stop)
    assert main(["data", "check", "."]) == 130
    assert capsys.readouterr().err == "attend-ml: stopped\n"


def test_python_m_runs_the_command_line():
    done = subprocess.run([sys.executable, "-m", "attend_ml", "--version"], capture_output=True, text=True, check=True)
    assert done.stdout == f"attend-ml {__version__}\n"
