"""Scores by kind of case, and sets of levels, in a terminal."""

import numpy as np
import pytest

from attend_ml.cli.strata import MOST, show_sets, show_strata
from attend_ml.evaluation.strata import LEAST


@pytest.fixture(scope="module")
def strata(found):
    return found.summaries["shares"].strata


@pytest.fixture(scope="module")
def sets(found):
    return found.summaries["record"].sets


def cells(printed, *beginning):
    """Return the cells of the line that begins with these words; two blanks or more part them."""
    for line in printed.splitlines():
        found = [cell.strip() for cell in line.split("  ") if cell.strip()]
        if found[: len(beginning)] == list(beginning):
            return found[len(beginning) :]
    raise AssertionError(f"no line begins with {beginning}")


def test_a_kind_of_case_is_told_with_cases_score_and_skill_at_each_day(strata, capsys):
    show_strata(strata)
    printed = capsys.readouterr().out
    assert "Brier score of the leader by kind of case (90 % interval), and skill over party-history" in printed
    wanted = []
    for horizon in (7, 1):
        row = strata[(strata.value == "guest") & (strata.horizon == horizon)].iloc[0]
        score = f"{row.brier:.3f} ({row.brier_low:.3f}-{row.brier_high:.3f})"
        wanted += [f"{row.n:,}", score, f"{row.skill:.2f}"]
    assert cells(printed, "role", "guest") == wanted
    assert cells(printed, "cases", "7 days before", "skill", "cases", "1 day before") == ["skill"]


def test_parties_with_few_cases_are_counted_and_not_listed(strata, capsys):
    show_strata(strata)
    printed = capsys.readouterr().out
    party = strata[strata.stratum == "party"]
    n = party.groupby("value").n.max().sort_values(ascending=False, kind="stable")
    for code in n.index:
        assert (f" {code} " in printed) == (n[code] >= LEAST and code in n.index[:MOST]), code
    assert f"kinds with fewer than {LEAST} cases (" in printed
    assert f"{(n < LEAST).sum()} of party" in printed


def test_of_many_parties_those_with_most_cases_are_listed_and_the_rest_counted(strata, capsys, monkeypatch):
    monkeypatch.setattr("attend_ml.cli.strata.MOST", 3)
    party = strata[strata.stratum == "party"]
    n = party.groupby("value").n.max().sort_values(ascending=False, kind="stable")
    enough = (n >= LEAST).sum()
    assert enough > 3
    show_strata(strata)
    printed = capsys.readouterr().out
    assert [f" {code} " in printed for code in n.index[:5]] == [True] * 3 + [False] * 2
    told = next(
        line for line in printed.splitlines() if line.startswith("with fewer cases than those shown, see --json:")
    )
    assert told.endswith(f", {enough - 3} of party")
    # They stand in the order of their names.
    shown = sorted(n.index[:3])
    assert printed.index(f" {shown[0]} ") < printed.index(f" {shown[1]} ") < printed.index(f" {shown[2]} ")


def test_a_kind_with_enough_cases_at_one_day_alone_has_dashes_at_the_other(strata, capsys):
    some = strata[~((strata.value == "host") & (strata.horizon == 7))]
    few = (some.value == "guest") & (some.horizon == 1)
    show_strata(some.assign(brier=some.brier.where(~few)))
    printed = capsys.readouterr().out
    assert cells(printed, "host")[:3] == ["-", "-", "-"]
    assert cells(printed, "role", "guest")[3:] == ["-", "-", "-"]


def test_where_all_cases_are_of_one_kind_it_is_named_and_not_told_again(strata, capsys):
    show_strata(strata[strata.value != "host"])
    printed = capsys.readouterr().out
    assert "of one kind throughout: contested (contested), role (guest)" in printed
    assert not [line for line in printed.splitlines() if line.startswith("role")]


def test_without_a_rule_there_is_no_skill(strata, capsys):
    show_strata(strata.assign(skill=np.nan, reference=None))
    printed = capsys.readouterr().out
    assert "skill over" not in printed
    assert cells(printed, "role", "guest")[2] == "-"


def test_with_too_few_cases_of_every_kind_nothing_is_shown(strata, sets, capsys):
    show_strata(strata.assign(brier=np.nan))
    show_sets(sets.assign(n=0))
    assert capsys.readouterr().out == ""


def test_sets_are_told_by_what_came_and_their_size_by_day(sets, capsys):
    show_sets(sets)
    printed = capsys.readouterr().out
    row = sets[sets.horizon.isna() & (sets.highest == "leader")].iloc[0]
    interval = f"{row.coverage_low:.3f} to {row.coverage_high:.3f}"
    assert cells(printed, "leader") == [f"{row.n:,}", f"{row.coverage:.3f}", interval]
    sizes = sets[sets.horizon.notna() & (sets.highest == "any")]
    assert cells(printed, "days before") == ["7", "1"]
    assert cells(printed, "levels in a set") == [f"{size:.2f}" for size in sizes["size"]]
    assert cells(printed, "share of sets that rule nothing out") == [f"{share:.2f}" for share in sizes.full]


def test_a_level_that_never_came_is_left_out(sets, capsys):
    never = sets.highest == "nobody"
    show_sets(sets.assign(n=sets.n.where(~never, 0), coverage=sets.coverage.where(~never)))
    printed = capsys.readouterr().out
    assert "nobody" not in printed
    assert "nan" not in printed
