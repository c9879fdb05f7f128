"""``attend-ml compare``: the runs as a table, the address that opens them, and JSON."""

import json

import numpy as np
import pandas as pd
import pytest

from attend_ml.cli import main
from attend_ml.errors import RequestError
from attend_ml.tracking import compare

ADDRESS = "http://127.0.0.1:5000/#/compare-runs?runs=" + "x" * 200


@pytest.fixture
def asked(monkeypatch):
    """Each comparison asked for, without a store."""
    calls = []
    rows = pd.DataFrame(
        {
            "run": ["champion backtest", "party-history backtest"],
            "run_id": ["a", "b"],
            "experiment": ["champion", "party-history"],
            "kind": "backtest",
            "data": "0123abcd",
            "started": pd.to_datetime(["2031-05-01 10:30", "2031-05-02 11:45"]),
            "leader/brier_h1": [0.10234, 0.14821],
            "leader/brier_h7": [0.12, np.nan],
        }
    )

    def runs(metric, last):
        calls.append((metric, last))
        return rows

    def address(run_ids, port):
        calls.append((run_ids, port))
        return ADDRESS

    monkeypatch.setattr(compare, "runs", runs)
    monkeypatch.setattr(compare, "ui_address", address)
    return calls


def test_the_latest_ten_are_compared_by_the_leaders_score_on_the_eve(asked, capsys):
    assert main(["compare"]) == 0
    assert asked == [("leader/brier_h1", 10), (["a", "b"], 5000)]


def test_metric_number_and_port_may_be_given(asked, capsys):
    assert main(["compare", "--metric", "senior/brier_h3", "--last", "3", "--port", "5050"]) == 0
    assert asked == [("senior/brier_h3", 3), (["a", "b"], 5050)]


def test_a_run_is_a_line_in_the_order_found(asked, capsys):
    main(["compare"])
    lines = capsys.readouterr().out.splitlines()
    first = next(k for k, line in enumerate(lines) if line.startswith("champion"))
    assert lines[first].split() == ["champion", "backtest", "2031-05-01", "10:30", "0.1023", "0.1200"]
    assert lines[first + 1].split() == ["party-history", "backtest", "2031-05-02", "11:45", "0.1482", "-"]
    heads = " ".join(lines[:first])
    assert "started (UTC)" in heads
    assert heads.count("leader") == 2
    assert all(name in heads for name in ("brier h1", "brier h7"))


def test_the_address_stands_whole_on_a_line_of_its_own(asked, capsys):
    main(["compare"])
    out = capsys.readouterr().out
    assert out.endswith(f"`attend-ml ui` serves the store; these runs side by side:\n{ADDRESS}\n")


def test_as_json(asked, capsys):
    assert main(["compare", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert list(told) == ["metric", "runs", "address"]
    assert told["metric"] == "leader/brier_h1"
    assert told["address"] == ADDRESS
    assert [run["run_id"] for run in told["runs"]] == ["a", "b"]
    assert told["runs"][1]["leader/brier_h7"] is None
    assert told["runs"][0]["started"] == "2031-05-01 10:30:00"


def test_with_no_run_recorded_it_ends_with_one(monkeypatch, capsys):
    def refuse(metric, last):
        raise RequestError("no run is recorded yet")

    monkeypatch.setattr(compare, "runs", refuse)
    assert main(["compare"]) == 1
    assert capsys.readouterr().err == "attend-ml: no run is recorded yet\n"
