from pathlib import Path

import pandas as pd
import pytest
from scipy.stats import binomtest

from attend_ml.describe_errors import audit_lines, coding_lines, correction_lines, wilson
from attend_ml.errors import DataError

DATA = Path(__file__).parents[1] / "data"


def audit(folder: Path, *rows: str, header: str = "table,verdict,severity,flags_not_shown") -> list[str]:
    (folder / "audit.csv").write_text("\n".join([header, *rows]) + "\n")
    return audit_lines(folder)


def coding(folder: Path, *rows: str, header: str = "cue,level_spoken,cue_again,level_again") -> list[str]:
    (folder / "second_coding.csv").write_text("\n".join([header, *rows]) + "\n")
    return coding_lines(folder)


def corrections(folder: Path, *rows: str, header: str = "table,column,old,new,reason,basis") -> list[str]:
    (folder / "corrections.csv").write_text("\n".join([header, *rows]) + "\n")
    return correction_lines(folder)


@pytest.mark.parametrize(("k", "n"), [(0, 20), (1, 100), (6, 100), (50, 50)])
def test_the_interval_is_that_of_wilson(k, n):
    expected = binomtest(k, n).proportion_ci(method="wilson")
    assert wilson(k, n) == pytest.approx((expected.low, expected.high), abs=1e-12)


def test_an_interval_from_nothing_is_all_there_is():
    assert wilson(0, 0) == (0.0, 1.0)


def test_audited_rows_are_counted_by_verdict_and_kind_of_error(tmp_path):
    rows = ["delegations,ok,,", "delegations,ok,,", "statements,error,label,", "statements,error,detail,"]
    lines = audit(tmp_path, *rows, "statements,error,detail,", "statements,unverified,,")
    assert lines[3].split() == ["delegations", "2", "2", "0", "0", "0"]
    assert lines[4].split() == ["statements", "4", "0", "1", "2", "1"]


def test_the_error_rate_is_told_with_its_interval(tmp_path):
    lines = audit(
        tmp_path, *["statements,ok,,"] * 94, *["statements,error,label,"] * 4, *["statements,error,detail,"] * 2
    )
    assert lines[-2].split(": ")[1].split() == ["any", "error", "6.0%", "(2.8%", "to", "12.5%)"]
    assert lines[-1].split(": ")[1].split() == ["label", "errors", "4.0%", "(1.6%", "to", "9.8%)"]


def test_a_row_that_could_not_be_verified_does_not_count_towards_the_rate(tmp_path):
    lines = audit(tmp_path, "statements,error,label,", "statements,ok,,", "statements,unverified,,")
    assert "50.0%" in lines[-1]


def test_no_rate_is_told_where_nothing_could_be_verified(tmp_path):
    assert audit(tmp_path, "statements,unverified,,")[-1].endswith("nothing could be verified")


def test_flags_that_rest_on_a_rule_of_thumb_are_told_where_there_are_any(tmp_path):
    lines = audit(tmp_path, "delegations,ok,,1", "delegations,ok,,", "statements,ok,,")
    (line,) = [line for line in lines if "rule of thumb" in line]
    assert line.strip().startswith("delegations")
    assert "50.0%" in line


def test_the_shipped_audit_is_told_as_its_file_has_it():
    rows = pd.read_csv(DATA / "audit.csv")
    lines = audit_lines(DATA)
    for table in ("delegations", "statements"):
        part = rows[rows.table == table]
        (line,) = [line.split() for line in lines if line.split()[:2] == [table, str(len(part))]]
        kinds = [(part.verdict == "ok"), (part.severity == "label"), (part.severity == "detail")]
        assert line[2:] == [*(str(kind.sum()) for kind in kinds), str((part.verdict == "unverified").sum())]


@pytest.mark.parametrize(
    ("row", "column", "hint"),
    [
        ("statement,ok,,", "table", "did you mean 'statements'?"),
        ("statements,okay,,", "verdict", "did you mean 'ok'?"),
        ("statements,error,,", "severity", "use one of label, detail"),
    ],
)
def test_a_wrong_cell_of_the_audit_is_refused_with_line_and_column(tmp_path, row, column, hint):
    with pytest.raises(DataError, match=rf"audit\.csv, line 3, column {column}: .*") as error:
        audit(tmp_path, "delegations,ok,,", row)
    assert hint in str(error.value)


def test_wrong_cells_of_the_audit_are_told_all_at_once_in_the_order_of_lines(tmp_path):
    with pytest.raises(DataError) as error:
        audit(tmp_path, "statements,okay,,", "statement,ok,,")
    assert [problem.line for problem in error.value.problems] == [2, 3]


def test_an_audit_without_a_needed_column_is_refused(tmp_path):
    with pytest.raises(DataError, match=r"line 1.*add the missing column 'severity'"):
        audit(tmp_path, "statements,ok", header="table,verdict")


def test_an_audit_without_rows_is_no_error(tmp_path):
    assert audit(tmp_path)[0].startswith("Audit")


def test_agreement_of_two_codings_is_told_with_interval_and_kappa(tmp_path):
    # Three of four cues agree; by chance (3/4 x 1/2 + 1/4 x 1/2) half would, so that kappa is one half.
    rows = ["commit,leader,commit,leader", "commit,leader,commit,leader", "commit,,deny,", "deny,leader,deny,leader"]
    lines = coding(tmp_path, *rows)
    assert lines[0] == "Statements coded twice, without knowing of each other: 4"
    assert lines[2].split(": ")[1].split() == ["the", "same", "(kappa", "0.50)", "75.0%", "(30.1%", "to", "95.4%)"]
    assert lines[3].split(": ")[1].split()[2:] == ["(kappa", "1.00)", "100.0%", "(51.0%", "to", "100.0%)"]


def test_the_shipped_second_coding_is_of_the_statements_in_their_order_and_what_both_agreed_on_stands():
    rows = pd.read_csv(DATA / "second_coding.csv", keep_default_na=False)
    said = pd.read_csv(DATA / "statements.csv", keep_default_na=False)
    keys = ["meeting_id", "date", "about_party"]
    pd.testing.assert_frame_equal(rows[keys], said[keys])
    for settled, first, again in (("cue", "cue", "cue_again"), ("level_spoken", "level_spoken", "level_again")):
        agreed = rows[first] == rows[again]
        # The third reader saw both columns where either differed, and might change what had been agreed on.
        assert (said[settled][agreed] == rows[first][agreed]).mean() > 0.99


@pytest.mark.parametrize(
    ("row", "column"), [("comit,,deny,", "cue"), ("deny,,deni,", "cue_again"), ("deny,,deny,boss", "level_again")]
)
def test_a_wrong_code_is_refused_with_line_and_column(tmp_path, row, column):
    with pytest.raises(DataError, match=rf"second_coding\.csv, line 3, column {column}: "):
        coding(tmp_path, "deny,,deny,", row)


def test_without_a_second_coding_nothing_is_told(tmp_path):
    assert coding_lines(tmp_path) == []


def test_corrections_are_counted_by_table_and_column(tmp_path):
    lines = corrections(
        tmp_path, "statements,cue,deny,name,x,page", "meetings,date,a,b,x,page", "statements,cue,a,b,y,page"
    )
    assert lines[0] == "Corrections: 3"
    assert [line.split() for line in lines[2:4]] == [["meetings", "1", "date", "1"], ["statements", "2", "cue", "2"]]


def test_rows_added_and_removed_are_told_apart(tmp_path):
    lines = corrections(tmp_path, "delegations,(row),removed,,x,page", "delegations,(row),,added,y,page")
    assert "row added 1, row removed 1" in lines[2]


def test_corrections_are_counted_by_reason_the_commonest_first(tmp_path):
    rows = ["statements,cue,a,b,rare,page", *["statements,cue,a,b,often,page"] * 2, "meetings,date,a,b,often,page"]
    lines = corrections(tmp_path, *rows, "meetings,date,a,b,,page")
    reasons = [line.split() for line in lines[lines.index("Reasons, the commonest first:") + 1 :]]
    assert reasons[0] == ["2", "statements", "often"]
    assert ["1", "meetings", "(no", "reason", "given)"] in reasons


def test_reasons_beyond_the_twelve_commonest_are_counted(tmp_path):
    lines = corrections(tmp_path, *(f"statements,cue,a,b,reason {n:02},page" for n in range(15)))
    assert lines[-1].split() == ["3", "for", "3", "other", "reasons"]


def test_what_corrections_rest_on_is_told_where_the_file_has_it(tmp_path):
    assert "They rest on: page 1" in corrections(tmp_path, "statements,cue,a,b,x,page")
    lines = corrections(tmp_path, "statements,cue,x", header="table,column,reason")
    assert not [line for line in lines if line.startswith("They rest on")]


def test_the_reasons_of_the_shipped_corrections_add_up():
    total = len(pd.read_csv(DATA / "corrections.csv"))
    lines = correction_lines(DATA)
    assert lines[0] == f"Corrections: {total}"
    first = lines.index("Reasons, the commonest first:") + 1
    assert sum(int(line[:6]) for line in lines[first:] if line[:6].strip()) == total


def test_no_line_is_wider_than_78_columns():
    assert max(map(len, [*audit_lines(DATA), *correction_lines(DATA)])) <= 78


def test_a_correction_of_an_unknown_table_is_refused_with_its_line(tmp_path):
    with pytest.raises(
        DataError, match=r"corrections\.csv, line 2, column table: found 'meeting'; did you mean 'meetings'"
    ):
        corrections(tmp_path, "meeting,date,a,b,x,page")
