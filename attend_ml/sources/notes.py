"""What an import has to tell: the rows of a file it repaired, left out or did not understand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from attend_ml.errors import SHOWN

_ROWS_SHOWN = 8


@dataclass(frozen=True)
class Note:
    """Rows of a file of which the same is to be told.

    Parameters
    ----------
    text : str
        What it is, in the plural; the number follows.
    rows : mapping of str to tuple of int
        For each case the rows of the file; none where it is no matter of rows.

    Examples
    --------
    >>> print(Note("codes repaired", {"POR to PRT": (4257, 4456), "ZFA to ZAF": (4310,)}))
    codes repaired (3): POR to PRT (rows 4257, 4456), ZFA to ZAF (row 4310)
    """

    text: str
    rows: Mapping[str, tuple[int, ...]]

    @property
    def count(self) -> int:
        """Number of rows, a case without any being counted as one."""
        return sum(len(rows) or 1 for rows in self.rows.values())

    def __str__(self) -> str:
        cases = [f"{case} ({_rows_text(rows)})" if rows else case for case, rows in list(self.rows.items())[:SHOWN]]
        more = len(self.rows) - SHOWN
        return f"{self.text} ({self.count:,}): {', '.join(cases)}" + (f", and {more:,} more" if more > 0 else "")


def by_span(years: Mapping[int, Sequence[int]]) -> dict[str, tuple[int, ...]]:
    """Put the rows of years that follow each other together.

    Parameters
    ----------
    years : mapping of int to sequence of int
        Rows of each year.

    Returns
    -------
    dict of str to tuple of int
        The rows in order.

    Examples
    --------
    >>> by_span({1970: [9, 8], 1971: [7], 2015: [2]})
    {'1970 to 1971': (7, 8, 9), '2015': (2,)}
    """
    spans: list[list[int]] = []
    for year in sorted(years):
        if spans and spans[-1][-1] == year - 1:
            spans[-1].append(year)
        else:
            spans.append([year])
    names = [str(span[0]) if len(span) == 1 else f"{span[0]} to {span[-1]}" for span in spans]
    rows = [tuple(sorted(n for year in span for n in years[year])) for span in spans]
    return dict(zip(names, rows, strict=True))


def _rows_text(rows: tuple[int, ...]) -> str:
    shown = ", ".join(map(str, rows[:_ROWS_SHOWN]))
    more = len(rows) - _ROWS_SHOWN
    return f"row{'s' if len(rows) > 1 else ''} {shown}" + (f" and {more:,} more" if more > 0 else "")
