"""What is known of the errors of a folder of data: an audit, how two codings agree, and the corrections made."""

from __future__ import annotations

import textwrap
from math import sqrt
from pathlib import Path
from statistics import NormalDist

import pandas as pd

from attend_ml.errors import DataError, Problem, one_of
from attend_ml.records import CUES, LEVELS
from attend_ml.tables import RECORDS, read_rows

VERDICTS = ("ok", "error", "unverified")
SEVERITIES = ("label", "detail")
NO_REASON = "(no reason given)"
_WIDTH, _TOP = 78, 12


def wilson(k: int, n: int, level: float = 0.95) -> tuple[float, float]:
    """Return the score interval of a share (Wilson 1927), which is sound for small counts and for none.

    Parameters
    ----------
    k, n : int
        Found, of how many.
    level : float, default=0.95

    Returns
    -------
    low, high : float
        0 and 1 where ``n`` is 0.

    Examples
    --------
    >>> [round(bound, 3) for bound in wilson(1, 100)]
    [0.002, 0.054]
    """
    if not n:
        return 0.0, 1.0
    z = NormalDist().inv_cdf((1 + level) / 2)
    middle = (k + z * z / 2) / (n + z * z)
    half = z / (n + z * z) * sqrt(k * (n - k) / n + z * z / 4)
    return max(middle - half, 0.0), min(middle + half, 1.0)


def audit_lines(folder: Path) -> list[str]:
    """Tell how many rows of the audited sample were wrong, by table and kind of error.

    Parameters
    ----------
    folder : pathlib.Path
        Its ``audit.csv`` has one line for each row of the sample, with ``table``, ``verdict`` (ok, error,
        unverified), ``severity`` of an error (label: a column that is forecast or learnt from; detail: any other)
        and, optionally, ``flags_not_shown`` (1 where a flag of 1 is on no page seen).

    Returns
    -------
    list of str
        Empty where there is no such file. A row that could not be verified does not count towards the rate.

    Raises
    ------
    DataError
        With every problem of the file.
    """
    file = folder / "audit.csv"
    if not file.exists():
        return []
    rows = _read(file, ("table", "verdict", "severity"))
    problems = _unknown(file.name, rows, "table", tuple(RECORDS)) + _unknown(file.name, rows, "verdict", VERDICTS)
    problems += _unknown(file.name, rows[rows.verdict == "error"], "severity", SEVERITIES)
    if problems:
        raise DataError(sorted(problems, key=lambda problem: problem.line or 0))
    title = "Audit: a sample of rows, read against their pages"
    lines = [title, "-" * len(title)]
    lines.append(f"{'':<14}{'rows':>6}{'ok':>6}{'label error':>13}{'detail error':>14}{'unverified':>12}")
    rates = []
    for table, part in _by_table(rows):
        wrong = part.severity[part.verdict == "error"]
        label, detail = int((wrong == "label").sum()), int((wrong == "detail").sum())
        unverified = int((part.verdict == "unverified").sum())
        n = len(part) - unverified
        lines.append(f"{table:<14}{len(part):>6,}{n - label - detail:>6,}{label:>13,}{detail:>14,}{unverified:>12,}")
        rates += [_rate(f"{table}: any error", label + detail, n), _rate(f"{table}: label errors", label, n)]
        shown = part.get("flags_not_shown", pd.Series(dtype=object)).eq("1")
        if shown.any():
            rates.append(_rate(f"{table}: a flag of 1 rests on a rule of thumb", int(shown.sum()), len(part)))
    return [*lines, "Shares of the sample, with the 95% interval of Wilson:", *rates]


def coding_lines(folder: Path) -> list[str]:
    """Tell how often two readers who did not know of each other coded a statement alike.

    Parameters
    ----------
    folder : pathlib.Path
        Its ``second_coding.csv`` has one line for each statement coded twice, with ``cue, level_spoken`` and
        ``cue_again, level_again``.

    Returns
    -------
    list of str
        Empty where there is no such file. Cohen's kappa (1960) is the agreement beyond that of chance.

    Raises
    ------
    DataError
        With every problem of the file.
    """
    file = folder / "second_coding.csv"
    if not file.exists():
        return []
    rows = _read(file, ("cue", "level_spoken", "cue_again", "level_again"))
    problems = _unknown(file.name, rows, "cue", CUES) + _unknown(file.name, rows, "cue_again", CUES)
    for column in ("level_spoken", "level_again"):
        problems += _unknown(file.name, rows, column, (*LEVELS, ""))
    if problems:
        raise DataError(sorted(problems, key=lambda problem: problem.line or 0))
    title = f"Statements coded twice, without knowing of each other: {len(rows):,}"
    lines = [title, "-" * len(title)]
    for name, first, again in (("cue", "cue", "cue_again"), ("level spoken of", "level_spoken", "level_again")):
        same = int((rows[first] == rows[again]).sum())
        lines.append(_rate(f"{name}: the same (kappa {_kappa(rows[first], rows[again]):.2f})", same, len(rows)))
    return lines


def _kappa(first: pd.Series, again: pd.Series) -> float:
    chance = float((first.value_counts(normalize=True) * again.value_counts(normalize=True)).sum())
    return (float((first == again).mean()) - chance) / (1 - chance) if chance < 1 else float("nan")


def correction_lines(folder: Path) -> list[str]:
    """Tell how many corrections were made, by table, column and reason.

    Parameters
    ----------
    folder : pathlib.Path
        Its ``corrections.csv`` has one line for each correction, with ``table``, ``column`` and ``reason``, and
        optionally ``basis``: what the reason rests on.

    Returns
    -------
    list of str
        Empty where there is no such file.

    Raises
    ------
    DataError
        If the file cannot be read or lacks one of the columns.
    """
    file = folder / "corrections.csv"
    if not file.exists():
        return []
    rows = _read(file, ("table", "column", "reason"))
    problems = _unknown(file.name, rows, "table", tuple(RECORDS))
    if problems:
        raise DataError(problems)
    title = f"Corrections: {len(rows):,}"
    lines = [title, "-" * len(title)]
    for table, part in _by_table(rows):
        lines += _hang(f"{table:<14}{len(part):>6,}  ", _listed(_changed(part)))
    if "basis" in rows:
        lines += _hang("They rest on: ", _listed(rows.basis))
    reasons = _ranked(rows.table + "\n" + rows.reason.where(rows.reason != "", NO_REASON))
    lines.append("Reasons, the commonest first:")
    for key, n in reasons.head(_TOP).items():
        table, _, reason = str(key).partition("\n")
        lines += _hang(f"{n:>6,}  {table:<12}  ", reason)
    rest = reasons.iloc[_TOP:]
    if len(rest):
        lines.append(f"{int(rest.sum()):>6,}  for {len(rest):,} other reasons")
    return lines


def _read(file: Path, needed: tuple[str, ...]) -> pd.DataFrame:
    header, rows, lines = read_rows(file)
    missing = [name for name in needed if name not in header]
    if missing:
        raise DataError([Problem(file.name, 1, None, ",".join(header), f"add the missing column {missing[0]!r}")])
    frame = pd.DataFrame(rows, columns=pd.Index(header), dtype=object)
    return frame.apply(lambda cells: cells.str.strip()).assign(line_in_file=lines) if rows else frame


def _unknown(file: str, rows: pd.DataFrame, column: str, options: tuple[str, ...]) -> list[Problem]:
    wrong = rows[~rows[column].isin(options)]
    return [
        Problem(file, int(line), column, value, one_of(options, value))
        for line, value in zip(wrong.get("line_in_file", ()), wrong[column], strict=True)
    ]


def _by_table(rows: pd.DataFrame) -> list[tuple[str, pd.DataFrame]]:
    parts = [(table, rows[rows.table == table]) for table in RECORDS]
    return [(table, part) for table, part in parts if len(part)]


def _ranked(values: pd.Series) -> pd.Series:
    return values.value_counts().sort_index().sort_values(ascending=False, kind="stable")


def _listed(values: pd.Series) -> str:
    return ", ".join(f"{name} {n:,}" for name, n in _ranked(values).items())


def _changed(rows: pd.DataFrame) -> pd.Series:
    """Return the column of each correction, and of a whole row whether it was added or removed."""
    if not {"old", "new"} <= set(rows):
        return rows.column
    return rows.column.where(rows.column != "(row)", "row " + rows.old + rows.new)


def _rate(label: str, k: int, n: int) -> str:
    if not n:
        return f"  {label:<48}nothing could be verified"
    low, high = wilson(k, n)
    return f"  {label:<48}{k / n:>6.1%}  ({low:.1%} to {high:.1%})"


def _hang(head: str, text: str) -> list[str]:
    indent = " " * len(head)
    return textwrap.wrap(text, _WIDTH, initial_indent=head, subsequent_indent=indent, break_on_hyphens=False)
