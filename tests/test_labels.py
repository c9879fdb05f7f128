"""Who came, as it is learned from: what lists of speakers tell of the levels they do not name."""

import numpy as np
import pandas as pd
import pytest

from attend_ml._resources import codebook
from attend_ml.dataset import Dataset
from attend_ml.labels import labels
from attend_ml.records import LEVELS
from attend_ml.tables import columns

PARTIES = sorted(codebook("parties")["states"])[:16]


def a_list(*levels):
    """A meeting of a delegation for each level; None where the rank of who spoke is not told."""
    meeting = {"meeting_id": "list-2010-09-23", "name": "A list", "date": "2010-09-23", "city": "New York"}
    meeting |= {"country": "USA", "format": "multilateral", "convened_level": "unspecified", "status": "held"}
    came = [
        {"meeting_id": "list-2010-09-23", "party": party, **({level: "1"} if level else {})}
        for party, level in zip(PARTIES, levels, strict=False)
    ]
    rows = {"meetings": [meeting], "delegations": came, "statements": [], "signals": []}
    return Dataset(*(pd.DataFrame(rows[name], columns=pd.Index(columns(name)), dtype=object) for name in rows))


def test_of_a_list_the_levels_exclude_each_other():
    found = labels(a_list(*["leader", "senior"] * 5, None))
    assert found.iloc[0].tolist() == [1.0, 0.0, 0.0]
    assert found.iloc[1].tolist() == [0.0, 1.0, 0.0]
    assert found.iloc[10].isna().all()


@pytest.mark.parametrize("named", [["leader"] * 3, ["leader"] * 7, ["leader"] * 6 + ["senior"]])
def test_from_a_list_that_names_the_rank_of_few_nothing_is_learned(named):
    data = a_list(*named, *[None] * (16 - len(named)))
    assert labels(data).isna().all(axis=None)
    assert data.delegations[list(LEVELS)].notna().any(axis=1).sum() == len(named), "the table keeps what is known"


def test_a_list_of_which_half_is_named_counts():
    found = labels(a_list(*["leader"] * 4, *["senior"] * 6, *[None] * 6))
    assert found.notna().all(axis=1).sum() == 10


def test_a_small_meeting_of_which_little_is_known_is_no_list():
    found = labels(a_list("leader", None, None, None))
    assert found.loc[0, "leader"] == 1
    assert np.isnan(found.loc[0, "senior"])


def test_where_all_named_are_of_one_level_the_others_stay_unknown():
    found = labels(a_list(*["leader"] * 12))
    assert found.leader.tolist() == [1.0] * 12
    assert found[["senior", "working"]].isna().all(axis=None)


def test_the_shipped_tables_are_taken_as_they_are(data):
    pd.testing.assert_frame_equal(
        labels(data), data.delegations[list(LEVELS)].astype(float).reset_index(drop=True), check_names=False
    )
