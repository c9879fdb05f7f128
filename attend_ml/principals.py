"""Whose coming counts as a party's own: the office of its principal decision maker, by ``data/principals.csv``."""

from __future__ import annotations

import csv
import re
from functools import cache

from attend_ml import _resources

_KINDS = {"premier": r"\b(?:prime minister|premier|chancellor)\b", "president": r"\b(?:president|king|emir|sultan)\b"}


@cache
def _offices() -> dict[str, list[tuple[str, str, str]]]:
    out: dict[str, list[tuple[str, str, str]]] = {}
    with (_resources.folder("data") / "principals.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            out.setdefault(row["party"], []).append((row["from"], row["to"] or "9999", row["office"]))
    return out


def kind_of_principal(party: object, day: str) -> str | None:
    """Return whether a party's leader is its prime minister or its head of state.

    Parameters
    ----------
    party : str
        Code of the party; anything else is no party.
    day : str
        ISO date.

    Returns
    -------
    {"president", "premier"} or None
        "premier" also for chancellors, "president" also for monarchs who rule. None where the office is neither or
        may be either, and for parties not in the table.

    Examples
    --------
    >>> [kind_of_principal(party, "2014-01-01") for party in ("RUS", "DEU", "TUR", "NATO")]
    ['president', 'premier', 'premier', None]
    >>> kind_of_principal("TUR", "2020-01-01")
    'president'
    """
    for since, until, office in _offices().get(str(party), []):
        if since <= day <= until:
            kinds = [kind for kind, pattern in _KINDS.items() if re.search(pattern, office)]
            return kinds[0] if len(kinds) == 1 else None
    return None
