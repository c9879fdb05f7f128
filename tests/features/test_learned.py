"""Readers learned a moment ago are kept, each for what it was learned from."""

import numpy as np
import pandas as pd
import pytest

from attend_ml._resources import codebook
from attend_ml.features.cues import CueReader
from attend_ml.features.learned import learned

BARE = {"classes": [], "example_weight": 0, "names": {}}
TEXTS = ["He will come.", "He will not come.", "She will attend.", "She will skip it."]


def said(texts=TEXTS, **columns):
    return pd.DataFrame({"text": texts, "role": "aide", "own": True, "convened": "leader", **columns})


CUE, LEVEL, GROUPS = ["commit", "deny"] * 2, ["leader"] * 4, ["a", "a", "b", "b"]


def test_the_same_statements_give_the_same_reader():
    first, read = learned(BARE, said(), CUE, LEVEL, GROUPS, 2)
    again, read_again = learned(BARE, said().set_axis([5, 6, 7, 8]), CUE, LEVEL, GROUPS, 2)
    assert first is again
    assert read is read_again
    cue, level = CueReader(BARE).fit_read(said(), CUE, LEVEL, GROUPS, 2)
    np.testing.assert_array_equal(read, cue[:, :, None] * level[:, None, :])


def test_without_groups_nothing_is_read_out_of_fold():
    reader, read = learned(BARE, said(), CUE, LEVEL)
    assert read is None
    np.testing.assert_array_equal(reader.read(said())[0], CueReader(BARE).fit(said(), CUE, LEVEL).read(said())[0])


@pytest.mark.parametrize(
    "other",
    [
        {"said": said([*TEXTS[:3], "She may come."])},
        {"said": said(role="media")},
        {"said": said(people=[{"A": "leader"}] * 4)},
        {"cue": CUE[::-1]},
        {"level": ["senior"] * 4},
        {"book": {**BARE, "classes": codebook("cues")["classes"]}},
    ],
)
def test_anything_else_gives_another(other):
    given = {"book": BARE, "said": said(), "cue": CUE, "level": LEVEL}
    assert learned(**given)[0] is not learned(**{**given, **other})[0]


def test_other_groups_and_folds_are_read_anew():
    reader, read = learned(BARE, said(), CUE, LEVEL, GROUPS, 2)
    for groups, folds in ((["a", "b", "a", "b"], 2), (["a", "b", "c", "d"], 4), (["a", "b", "c", "d"], 3)):
        same, other = learned(BARE, said(), CUE, LEVEL, groups, folds)
        assert same is reader
        assert other is not read


def test_a_changed_codebook_gives_another_reader(monkeypatch):
    before = learned(None, said(), CUE, LEVEL)[0]
    assert learned(None, said(), CUE, LEVEL)[0] is before
    changed = {**codebook("cues"), "example_weight": 0}
    for module in ("cues", "learned"):
        monkeypatch.setattr(f"attend_ml.features.{module}.codebook", lambda name: changed)
    assert learned(None, said(), CUE, LEVEL)[0] is not before
