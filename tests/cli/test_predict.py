import json

import numpy as np
import pandas as pd
import pytest

from attend_ml.cli import main
from attend_ml.forecast import predict as making
from attend_ml.forecast.fitted import Fitted
from attend_ml.load import load_dataset

ISTANBUL = ["predict", "istanbul-2025-05-15", "--as-of", "2025-05-14"]


@pytest.fixture(autouse=True)
def quick(monkeypatch, forecaster):
    """The session's model in place of the champion, which takes ten seconds to fit."""
    fitted = Fitted(forecaster, "logistic of 2023", pd.Timestamp("2023-12-31 23:59:59"))
    monkeypatch.setattr(making, "fitted_as_of", lambda data, at: fitted)


def test_one_party_is_told_with_reasons_sources_and_similar_meetings(capsys):
    assert main([*ISTANBUL, "--party", "RUS"]) == 0
    printed = capsys.readouterr()
    assert printed.err == ""
    expected = making.predict("istanbul-2025-05-15", "RUS", "2025-05-14")
    lines = printed.out.splitlines()
    assert lines[0].endswith("15 May 2025")
    assert "as known on 2025-05-14, 1 day before" in lines[1]
    leader = next(line for line in lines if line.startswith("Russia  leader")).split()
    assert leader[2] == f"{expected.probabilities['leader']:.0%}"
    strongest = expected.drivers("leader").iloc[1]
    assert f"{strongest.log_odds:+.2f}  " in printed.out
    assert "weaker reasons together" in printed.out
    assert f"in all: {expected.probabilities['leader']:.0%}" in printed.out
    for url in expected.drivers("leader").head(9).source_url.dropna():
        assert f"        {url}\n" in printed.out  # whole, on a line of its own
    assert expected.analogues(1).name.iloc[0][:30] in printed.out
    assert lines[-1] == "model: logistic of 2023"


def test_reasons_shown_add_up_to_the_total_shown(capsys):
    main([*ISTANBUL, "--party", "RUS"])
    told = [line[:6] for line in capsys.readouterr().out.splitlines() if line[:2] in (" +", " -")]
    numbers = np.array([float(number) for number in told])
    assert abs(numbers[:-1].sum() - numbers[-1]) < 0.06  # ten roundings to two digits


def test_the_levels_in_the_set_bear_a_star(capsys):
    main(ISTANBUL)
    lines = capsys.readouterr().out.splitlines()
    start = next(k for k, line in enumerate(lines) if line.startswith("Highest level that comes"))
    table = making.predict("istanbul-2025-05-15", None, "2025-05-14").highest()
    names = {"RUS": "Russia", "TUR": "Turkey", "UKR": "Ukraine", "USA": "United States"}
    for line, (party, rows) in zip(lines[start + 2 : start + 6], table.groupby("party", sort=False), strict=True):
        cells = [f"{p:.0%}{'*' if inside else ''}" for p, inside in zip(rows.if_held, rows.in_set, strict=True)]
        expected = [*names[party].split(), *cells]
        assert line.split()[: len(expected)] == expected


def test_where_nothing_can_be_ruled_out_it_is_said_with_what_to_watch_for(capsys, monkeypatch, forecaster):
    monkeypatch.setitem(forecaster.past_, "highest_outcome", np.full(len(forecaster.past_["party"]), np.nan))
    main([*ISTANBUL, "--party", "RUS"])
    printed = " ".join(capsys.readouterr().out.split())
    assert "not enough to go on: watch for the names on the delegation of Russia" in printed


def test_without_a_party_all_are_told(capsys):
    assert main(ISTANBUL) == 0
    printed = capsys.readouterr().out
    for name in ("Russia", "Turkey", "Ukraine", "United States"):
        assert f"Why: the leader of {name}" in printed
    assert "--party RUS shows more" in printed


def test_the_default_is_the_day_before(capsys):
    assert main(["predict", "istanbul-2025-05-15", "--party", "RUS"]) == 0
    assert "as known on 2025-05-14, 1 day before" in capsys.readouterr().out


def test_the_day_itself_is_told_so(capsys):
    assert main(["predict", "istanbul-2025-05-15", "--party", "RUS", "--as-of", "2025-05-15"]) == 0
    assert "as known on 2025-05-15, on the day itself" in capsys.readouterr().out


def test_json_is_one_object_with_the_promised_keys(capsys):
    assert main([*ISTANBUL, "--party", "RUS", "--json"]) == 0
    printed = capsys.readouterr()
    assert printed.err == ""
    told = json.loads(printed.out)
    assert {"meeting_id", "as_of", "held", "model", "data", "forecasts"} <= set(told)
    (forecast,) = told["forecasts"]
    assert forecast["party"] == "RUS"
    assert set(forecast["levels"]) == {"leader", "senior", "working"}
    assert {"probability", "if_held", "interval"} <= set(forecast["levels"]["leader"])
    assert {"level", "text", "source_url", "log_odds"} <= set(forecast["drivers"][0])
    assert forecast["analogues"][0]["meeting_id"] in set(load_dataset().meetings.meeting_id)


def test_more_statements_come_from_a_file(tmp_path, capsys):
    file = tmp_path / "more.csv"
    file.write_text(
        "meeting_id,date,speaker_role,speaker_party,about_party,text\n"
        ",2025-05-14,spokesperson,RUS,RUS,President Putin will attend the talks in Istanbul in person.\n"
    )
    assert main([*ISTANBUL, "--party", "RUS", "--json"]) == 0
    before = json.loads(capsys.readouterr().out)["forecasts"][0]["levels"]["leader"]["probability"]
    assert main([*ISTANBUL, "--party", "RUS", "--json", "--statements", str(file)]) == 0
    after = json.loads(capsys.readouterr().out)["forecasts"][0]
    assert after["levels"]["leader"]["probability"] > before
    assert any("will attend the talks in Istanbul in person" in reason["text"] for reason in after["drivers"])


def test_brackets_in_a_text_are_shown_as_they_are(tmp_path, capsys):
    file = tmp_path / "more.csv"
    text = "President Putin will attend the talks in [bold]Istanbul[/] in person."
    file.write_text(f"meeting_id,date,speaker_role,speaker_party,about_party,text\n,2025-05-14,leader,RUS,RUS,{text}\n")
    assert main([*ISTANBUL, "--party", "RUS", "--statements", str(file)]) == 0
    assert "[bold]Istanbul[/]" in " ".join(capsys.readouterr().out.split())
