"""Statements as sparse rows of numbers."""

import numpy as np
import pandas as pd

from attend_ml._resources import codebook
from attend_ml.features.inputs import StatementInputs

CLASSES = codebook("cues")["classes"]
TEXTS = ["The president will attend.", "The foreign minister will not come.", "No trip is planned."]


def said(texts=TEXTS, **columns):
    given = {"role": "spokesperson", "own": True, "convened": "leader", **columns}
    return pd.DataFrame({"text": texts, **given}, index=range(len(texts)))


def test_the_same_statements_give_the_same_rows_alone_or_together():
    inputs = StatementInputs(CLASSES)
    together = inputs.fit_transform(said()).toarray()
    assert np.isfinite(together).all()
    for k in range(3):
        alone = inputs.transform(said().iloc[[k]]).toarray()
        np.testing.assert_array_equal(alone[0], together[k])


def test_who_speaks_of_whom_and_at_which_level_the_meeting_is_changes_the_row():
    inputs = StatementInputs(CLASSES)
    table = pd.concat([said(), said(role="media"), said(own=False), said(convened="senior"), said(convened=None)])
    rows = inputs.fit_transform(table).toarray()
    assert len(np.unique(rows, axis=0)) == len(table)


def test_persons_change_the_row_where_they_are_given():
    inputs = StatementInputs(CLASSES)
    table = said(["Lindqvist will come."] * 2).assign(people=[{}, {"Lindqvist": "leader"}])
    rows = inputs.fit_transform(table).toarray()
    assert (rows[0] != rows[1]).any()


def test_texts_without_a_word_are_rows_like_any_other():
    inputs = StatementInputs(CLASSES)
    assert np.isfinite(inputs.fit_transform(said(["", "..."])).toarray()).all()
    assert inputs.transform(said([])).shape[0] == 0
    assert np.isfinite(inputs.transform(said(["Ничего", "x" * 9000])).toarray()).all()


def test_a_prime_minister_is_the_leader_only_where_no_president_is():
    inputs = StatementInputs(CLASSES)
    table = said(["The premier will come."] * 4).assign(principal=["president", "premier", None, float("nan")])
    table.loc[4] = said(["The minister will come."]).loc[0]
    rows = inputs.fit_transform(table).toarray()
    classes = rows[:, : len(inputs.classes_.get_feature_names_out())]
    np.testing.assert_array_equal(classes[0], classes[4])
    assert (classes[1:4] == classes[1]).all()
    assert (classes[0] != classes[1]).any()
