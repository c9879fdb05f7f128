"""Whose coming counts as a party's own."""

import csv

import pytest

from attend_ml._resources import folder
from attend_ml.principals import kind_of_principal


@pytest.mark.parametrize(
    ("party", "day", "kind"),
    [
        ("USA", "2020-01-01", "president"),
        ("GBR", "2020-01-01", "premier"),
        ("TUR", "2014-08-27", "premier"),
        ("TUR", "2014-08-28", "president"),
        ("POL", "2020-01-01", None),  # either of them
        ("NATO", "2020-01-01", None),
        ("ZZZ", "2020-01-01", None),
        (None, "2020-01-01", None),
        (float("nan"), "2020-01-01", None),
    ],
)
def test_by_party_and_day(party, day, kind):
    assert kind_of_principal(party, day) == kind


def test_most_offices_of_the_table_are_understood():
    with (folder("data") / "principals.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    told = [kind_of_principal(row["party"], row["to"] or "2025-06-30") for row in rows]
    assert sum(kind is not None for kind in told) > 0.7 * len(rows)
