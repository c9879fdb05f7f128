"""The errors a user can meet: each says what was found, where, and what to do."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

SHOWN = 20


class AttendError(Exception):
    """Anything the caller can mend; the command line prints it as one line and exits with 1."""


class RequestError(AttendError):
    """The request itself cannot be answered: an unknown meeting, a model that has seen the outcome."""


@dataclass(frozen=True)
class Problem:
    """One thing wrong in one place of a table.

    Parameters
    ----------
    where : str
        File name, or the name of the table when it did not come from a file.
    line : int or None
        Line in the file, the header being line 1; None when the whole file is meant.
    column : str or None
        Column, or None when the whole row or file is meant.
    found : str
        The value met, as it stands in the file.
    remedy : str
        What was expected and what to do.

    Examples
    --------
    >>> print(Problem("statements.csv", 12, "cue", "comit", "use one of commit, deny"))
    statements.csv, line 12, column cue: found 'comit'; use one of commit, deny
    """

    where: str
    line: int | None
    column: str | None
    found: str
    remedy: str

    def __str__(self) -> str:
        place = [self.where]
        if self.line is not None:
            place.append(f"line {self.line}")
        if self.column is not None:
            place.append(f"column {self.column}")
        found = self.found if len(self.found) <= 80 else self.found[:77] + "..."
        return f"{', '.join(place)}: found {found!r}; {self.remedy}"


class DataError(AttendError):
    """One or more problems in the tables, all of them at once.

    Attributes
    ----------
    problems : list of Problem
        Every problem found; the message shows the first 20 and counts the rest.
    """

    def __init__(self, problems: Iterable[Problem]):
        self.problems = list(problems)
        super().__init__(self._message())

    def __reduce__(self) -> tuple[type[DataError], tuple[list[Problem]]]:
        # Carried between processes by its problems: by itself Python would hand the message over instead.
        return type(self), (self.problems,)

    def _message(self) -> str:
        lines = [str(problem) for problem in self.problems[:SHOWN]]
        more = len(self.problems) - SHOWN
        if more > 0:
            lines.append(f"... and {more:,} more problem{'s' if more > 1 else ''} of {len(self.problems):,}")
        return "\n".join(lines)


def one_of(options: Sequence[str], found: str = "") -> str:
    """Tell the allowed values, the nearest one first where something close was written.

    Examples
    --------
    >>> one_of(["commit", "deny"], "comit")
    "did you mean 'commit'? use one of commit, deny"
    >>> one_of(["a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l", "m"])
    'use one of a, b, c, d, e, f, g, h, i, j, k, l, ... (13 in all)'
    """
    options = list(options)
    shown = ", ".join(options[:12])
    if len(options) > 12:
        shown += f", ... ({len(options)} in all)"
    near = get_close_matches(found, options, n=1)
    return (f"did you mean {near[0]!r}? " if near else "") + f"use one of {shown}"
