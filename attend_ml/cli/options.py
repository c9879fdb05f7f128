"""Arguments that several commands share."""

from __future__ import annotations

import argparse


def horizons(text: str) -> tuple[int, ...]:
    """Read days before the meeting, as in ``14,7,3,1,0``: falling, each once.

    Raises
    ------
    argparse.ArgumentTypeError
        If one is no whole number of days, 0 or more.

    Examples
    --------
    >>> horizons("1,7")
    (7, 1)
    """
    days = []
    for part in text.split(","):
        if not part.strip().isdecimal():
            raise argparse.ArgumentTypeError(f"found {part.strip()!r}; write whole numbers of days, as in 14,7,3,1,0")
        days.append(int(part))
    return tuple(sorted(set(days), reverse=True))
