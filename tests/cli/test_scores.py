"""Scores in a terminal, as JSON, and forecasts in a file."""

import json
from pathlib import Path

import pandas as pd
import pytest

from attend_ml.cli.scores import (
    as_json,
    show_backtest,
    show_evaluation,
    show_others,
    show_parts,
    writable,
    write_predictions,
)
from attend_ml.errors import RequestError
from attend_ml.evaluation.scoring import score_table
from attend_ml.records import LEVELS


def rows_under(printed, heading):
    """Return the cells of the table under a line that begins so; two blanks or more part the cells."""
    lines = printed.splitlines()
    start = next(k for k, line in enumerate(lines) if line.startswith(heading))
    out = []
    for line in lines[start:]:
        if not line.strip():
            break
        out.append([cell.strip() for cell in line.split("  ") if cell.strip()])
    return out


# -- in a terminal -----------------------------------------------------------------------------------------------


def test_scores_stand_side_by_side_with_their_intervals(found, capsys):
    show_backtest(found)
    printed = capsys.readouterr().out
    heads, week, day = rows_under(printed, "days before  forecasts")
    assert heads == ["days before", "forecasts", "record", "shares"]
    leader = found.scores[found.scores.level == "leader"].set_index(["experiment", "horizon"])
    for cells, horizon in ((week, 7), (day, 1)):
        wanted = [leader.loc[(name, horizon)] for name in ("record", "shares")]
        scores = [f"{row.brier:.3f} ({row.brier_low:.3f}-{row.brier_high:.3f})" for row in wanted]
        assert cells == [str(horizon), str(wanted[0].n), *scores]


def test_how_much_the_others_differ_from_the_first_comes_last(found, capsys):
    show_backtest(found)
    printed = capsys.readouterr().out
    told = rows_under(printed, "Brier score, leader: how much it differs from that of record; below 0 is better")
    row = found.pairs.iloc[0]
    assert told[1] == ["days before", "shares"]
    assert told[2] == ["7", f"{row.difference:+.4f} ({row.low:+.4f} to {row.high:+.4f})"]
    assert printed.rstrip().endswith("`attend-ml compare` lists the runs and tells where to see them in MLflow.")


def test_kinds_of_cases_and_sets_are_shown_of_the_first_alone(found, capsys):
    show_backtest(found)
    printed = capsys.readouterr().out
    assert printed.count("Brier score of the leader by kind of case") == 1
    assert printed.count("Sets of highest levels") == 1
    assert printed.index("record") < printed.index("by kind of case") < printed.index("\nshares\n")


def test_no_line_is_wider_than_a_window(found, capsys):
    show_backtest(found)
    assert max(map(len, capsys.readouterr().out.splitlines())) <= 110


def test_parts_of_the_score_and_skill_over_each_rule_are_shown(found, capsys):
    scores = found.scores[found.scores.experiment == "record"]
    show_parts(scores)
    printed = capsys.readouterr().out
    row = scores[(scores.level == "leader") & (scores.horizon == 7)].iloc[0]
    heads, first, *_ = rows_under(printed, "days before  Brier")
    assert heads == ["days before", "Brier", "reliab.", "resol.", "uncert.", "log loss", "AUC", "calib. error"]
    names = ["brier", "reliability", "resolution", "uncertainty", "log_loss", "auc", "calibration_error"]
    assert first == ["7", *(f"{row[name]:.3f}" for name in names)]
    heads, first, *_ = rows_under(printed, "days before  skill")
    assert heads[1:] == [f"skill over {name}" for name in ("climatology", "party-history", "last-statement")]
    told = [row[f"skill_climatology{end}"] for end in ("", "_low", "_high")]
    assert first[1] == f"{told[0]:.3f} ({told[1]:.3f} to {told[2]:.3f})"


def test_every_figure_on_the_other_levels_has_its_heading(found, capsys):
    scores = found.scores[found.scores.experiment == "record"]
    show_others(found.predictions["record"], scores)
    heads, first, second = rows_under(capsys.readouterr().out, "days before")
    assert heads == [
        *("days before", "senior", "working", "held"),
        *("highest level: ranked probability score", "log loss", "calib. error"),
    ]
    row = found.summaries["record"].highest.set_index("horizon").loc[7]
    by = scores.set_index(["level", "horizon"]).brier
    assert first == [
        "7",
        *(f"{by[level, 7]:.3f}" for level in ("senior", "working", "held")),
        *(f"{row[name]:.3f}" for name in ("ranked_probability_score", "log_loss", "calibration_error")),
    ]
    assert len(second) == len(heads)


def test_where_the_highest_level_is_not_known_nothing_is_shown_of_it(found, capsys):
    show_others(found.predictions["record"].assign(highest_outcome=float("nan")), found.scores)
    assert capsys.readouterr().out == ""


def test_scores_on_test_data_are_shown_without_skill(found, capsys):
    table = found.predictions["record"]
    scores = score_table(table, [*LEVELS, "held"])
    show_evaluation("record", table, scores)
    printed = capsys.readouterr().out
    assert printed.startswith("record: Brier scores on the test data, given that the meeting is held\n")
    row = scores[(scores.level == "leader") & (scores.horizon == 7)].iloc[0]
    assert f"{row.brier_low:.3f} to {row.brier_high:.3f}" in printed
    assert "skill" not in printed


def test_without_known_outcomes_it_says_that_nothing_is_scored(found, capsys):
    none = found.predictions["record"].head(0)
    show_evaluation("record", none, score_table(none, [*LEVELS, "held"]))
    assert capsys.readouterr().out == "record: no outcome of the test data is known, so nothing is scored\n"


# -- as JSON -----------------------------------------------------------------------------------------------------


def test_json_holds_all_that_is_shown_of_every_experiment(found):
    told = json.loads(as_json(found.predictions, found.scores, found))
    assert list(told) == ["scores", "highest", "pairs", "strata", "sets"]
    assert len(told["scores"]) == len(found.scores)
    assert told["scores"][0]["brier"] == found.scores.brier[0]
    assert told["pairs"] == found.pairs.to_dict("records")
    for name in ("record", "shares"):
        assert len(told["highest"][name]) == 2
        assert len(told["strata"][name]) == len(found.summaries[name].strata)
        assert len(told["sets"][name]) == len(found.summaries[name].sets)
    assert told["strata"]["shares"][0]["reference"] == "party-history"


def test_what_is_not_known_is_null(found):
    text = as_json(found.predictions, found.scores, found)
    assert "NaN" not in text
    told = json.loads(text)
    senior = next(row for row in told["scores"] if row["level"] == "senior")
    assert senior["skill_climatology"] is None
    days = [row["horizon"] for row in told["sets"]["record"]]
    assert set(days) == {7, 1, None}
    few = [row for row in told["strata"]["record"] if row["n"] < 20]
    assert {row["brier"] for row in few} == {None}


def test_of_one_experiment_on_test_data_scores_alone_are_told(found):
    table = found.predictions["record"]
    told = json.loads(as_json({"record": table}, score_table(table, ["leader"])))
    assert list(told) == ["scores", "highest"]


# -- in a file ---------------------------------------------------------------------------------------------------


def test_forecasts_of_all_experiments_are_written_into_one_file(found, tmp_path):
    write_predictions(str(tmp_path / "all.csv"), found.predictions)
    table = pd.read_csv(tmp_path / "all.csv", keep_default_na=False, na_values=[""])
    assert table.columns.tolist() == [
        *("meeting_id", "party", "level", "horizon", "probability", "probability_if_held", "outcome", "experiment")
    ]
    assert len(table) == 3 * sum(map(len, found.predictions.values()))
    assert table.experiment.unique().tolist() == ["record", "shares"]
    leader = table[(table.experiment == "record") & (table.level == "leader")].reset_index(drop=True)
    mine = found.predictions["record"]
    assert leader.probability_if_held.tolist() == mine.leader.tolist()
    held = mine.held_outcome == 1
    assert leader.outcome[held].equals(mine.leader_outcome[held].rename("outcome"))
    assert (leader.outcome[~held] == 0).all()
    assert [path.name for path in tmp_path.iterdir()] == ["all.csv"]


def test_an_interrupted_write_leaves_the_old_file_whole(found, tmp_path, monkeypatch):
    (tmp_path / "all.csv").write_text("old", encoding="utf-8")

    def stop(self, path, **options):
        Path(path).write_text("half", encoding="utf-8")
        raise KeyboardInterrupt

    monkeypatch.setattr(pd.DataFrame, "to_csv", stop)
    with pytest.raises(KeyboardInterrupt):
        write_predictions(str(tmp_path / "all.csv"), found.predictions)
    assert (tmp_path / "all.csv").read_text(encoding="utf-8") == "old"


def test_a_file_that_can_be_written_is_not_refused(tmp_path):
    writable(None)
    writable(str(tmp_path / "new.csv"))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["nowhere/all.csv", "."])
def test_a_file_that_cannot_be_written_is_refused_by_name(tmp_path, name):
    with pytest.raises(RequestError, match=r"--predictions .*: it cannot be written; give a file in a folder"):
        writable(str(tmp_path / name))
