"""The leakage probe in a terminal and as JSON."""

import pandas as pd
import pytest

from attend_ml.cli.probe import probe_content, show_probe, show_verdict
from attend_ml.evaluation.probe import COUNTS


def probed(*verdicts, **counts):
    """Return a table of one plant for each verdict."""
    rows = [{"plant": f"plant {k}", **dict.fromkeys(COUNTS, 0), **counts} for k in range(len(verdicts))]
    return pd.DataFrame(rows).assign(verdict=list(verdicts))


def test_a_row_tells_what_was_planted_and_what_it_moved(capsys):
    counts = {"rows_planted": 1234, "delegations": 5678, "vectors_moved": 90, "fits_moved": 1}
    show_probe("mine", probed("moved", probabilities_moved=78, control_vectors_moved=4321, **counts))
    heading, heads, row = capsys.readouterr().out.splitlines()
    assert heading.startswith("mine: what moved")
    assert heads.split("  ")[0] == "planted"
    assert row.split() == ["plant", "0", "1,234", "5,678", "90", "1", "78", "4,321", "forecasts", "moved"]
    assert len(heading) <= 110


@pytest.mark.parametrize(
    ("control", "told"),
    [
        ({"control_vectors_moved": 2, "control_probabilities_moved": 3}, "3 forecasts"),
        ({"control_fits_moved": 1}, "a fit"),
        ({"control_fits_moved": 2}, "2 fits"),
        ({}, "nothing"),
    ],
)
def test_the_control_tells_what_moved_where_it_should(capsys, control, told):
    show_probe("mine", probed("clean", **control))
    assert f"  {told}  " in capsys.readouterr().out


def test_the_verdict_names_what_leaked_and_where(capsys):
    show_verdict({"one": probed("clean", "not read"), "two": probed("moved", "clean", "moved")})
    told = "failed: two forecasts with what became known later (plant 0; plant 2)"
    assert capsys.readouterr().out == f"\n{told}\n"


@pytest.mark.parametrize(("verdicts", "where"), [(("clean", "not convincing"), " (plant 1)"), (("not read",), "")])
def test_a_probe_that_could_not_have_found_a_leak_has_not_passed(capsys, verdicts, where):
    tables = {"mine": probed(*verdicts)}
    show_verdict(tables)
    assert capsys.readouterr().out.startswith(f"\nfailed: mine was not put to the test{where}: ")
    assert probe_content(tables)["passed"] is False


def test_passed_where_nothing_moved_in_any_experiment(capsys):
    tables = {"one": probed("clean", "not read"), "two": probed("clean")}
    show_verdict(tables)
    assert capsys.readouterr().out == "\npassed: nothing that became known later moved a forecast\n"
    content = probe_content(tables)
    assert content["passed"] is True
    assert list(content["probe"]) == ["one", "two"]
    assert content["probe"]["one"][1] == {"plant": "plant 1", **dict.fromkeys(COUNTS, 0), "verdict": "not read"}
