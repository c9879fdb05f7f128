"""Reading a statement: which cue it is, and the level of the person whose coming it is about."""

import numpy as np
import pandas as pd
import pytest

from attend_ml.features.cues import READ_LEVELS, CueReader
from attend_ml.records import CUES

pytestmark = pytest.mark.usefixtures("all_examples")

YES = ["The president will attend.", "He will be there.", "She confirmed that she will travel.", "The king will come."]
NO = ["The president will not come.", "No trip is planned.", "She ruled out the visit.", "The king will skip it."]


BARE = {"classes": [], "example_weight": 0, "names": {}}  # learns from what it is given, and nothing else


def statements(texts, role="spokesperson", own=True, convened="leader"):
    return pd.DataFrame({"text": texts, "role": role, "own": own, "convened": convened})


@pytest.fixture(scope="module")
def reader():
    return CueReader(BARE).fit(statements(YES + NO), ["commit"] * 4 + ["deny"] * 4, ["leader"] * 8)


@pytest.fixture(scope="module")
def shipped(data):
    table = data.statements[data.statements.date < "2017-01-01"].reset_index(drop=True)
    convened = table.meeting_id.map(data.meetings.set_index("meeting_id").convened_level)
    own = (table.speaker_party == table.about_party).fillna(False).astype(bool)
    said = pd.DataFrame({"text": table.text, "role": table.speaker_role, "own": own, "convened": convened})
    return said, table


def test_shares_sum_to_one_for_any_text(reader):
    texts = ["", "???", "The president will not come.", "Ничего не известно", "x" * 5000]
    cue, level = reader.read(statements(texts))
    np.testing.assert_allclose(cue.sum(axis=1), 1)
    np.testing.assert_allclose(level.sum(axis=1), 1)
    assert cue.shape == (5, len(CUES))
    assert level.shape == (5, len(READ_LEVELS))
    assert (cue > 0).all()


def test_new_words_of_the_same_kind_are_read_as_the_same_cue(reader):
    cue, _ = reader.read(statements(["The chancellor will attend.", "The chancellor will not attend."]))
    assert [CUES[k] for k in cue.argmax(axis=1)] == ["commit", "deny"]


def test_a_level_that_was_always_the_same_is_read_always(reader):
    _, level = reader.read(statements(["Nothing is known."]))
    assert level[0, READ_LEVELS.index("leader")] > 0.99


def test_without_annotated_statements_and_examples_nothing_is_known():
    said = statements(YES)
    for marks in ([None] * 4, [""] * 4):
        cue, level = CueReader(BARE).fit(said, marks, ["leader"] * 4).read(said)
        np.testing.assert_array_equal(cue, np.full((4, 9), 1 / 9))
        np.testing.assert_array_equal(level, np.full((4, 4), 1 / 4))


def test_no_statements_give_no_rows(reader):
    cue, level = reader.read(statements([]))
    assert (cue.shape, level.shape) == ((0, 9), (0, 4))
    cue, level = CueReader().fit_read(statements([]), [], [], [], 5)
    assert (cue.shape, level.shape) == ((0, 9), (0, 4))


def test_statements_without_a_cue_teach_nothing(reader):
    more = CueReader(BARE).fit(
        statements([*YES, *NO, "The president will attend nothing."]),
        [*["commit"] * 4, *["deny"] * 4, None],
        ["leader"] * 9,
    )
    said = statements(["The president will attend.", "It is planned."])
    np.testing.assert_array_equal(more.read(said)[0], reader.read(said)[0])


def test_an_empty_level_is_read_as_none():
    reader = CueReader(BARE).fit(statements(YES + NO), ["commit"] * 8, ["leader"] * 4 + [None] * 4)
    _, level = reader.read(statements(["No trip is planned."]))
    assert READ_LEVELS[level[0].argmax()] == "none"


def test_the_level_a_meeting_was_called_for_changes_what_naming_a_minister_means(shipped, data):
    said, table = shipped
    reader = CueReader().fit(said, table.cue, table.level_spoken)
    text = ["The foreign minister will go to the talks."]
    for_leaders, _ = reader.read(statements(text, convened="leader"))
    for_ministers, _ = reader.read(statements(text, convened="senior"))
    commit, name = CUES.index("commit"), CUES.index("name")
    assert for_leaders[0, name] > for_ministers[0, name] + 0.1
    assert for_ministers[0, commit] > for_leaders[0, commit]


def test_statements_of_unseen_meetings_are_read_better_than_by_always_saying_the_commonest(shipped):
    said, table = shipped
    cue, level = CueReader().fit_read(said, table.cue, table.level_spoken, table.meeting_id, 5)
    right = np.array(CUES)[cue.argmax(axis=1)] == table.cue
    assert right.mean() > table.cue.value_counts(normalize=True).max() + 0.15
    level_right = np.array(READ_LEVELS)[level.argmax(axis=1)] == table.level_spoken.fillna("none")
    assert level_right.mean() > table.level_spoken.fillna("none").value_counts(normalize=True).max() + 0.1


def test_without_annotated_statements_the_examples_are_what_is_known():
    cue, level = CueReader().fit(statements([]), [], []).read(statements(YES + NO))
    assert [CUES[k] for k in cue.argmax(axis=1)] == ["commit"] * 4 + ["deny"] * 4
    assert READ_LEVELS[level[0].argmax()] == "leader"


def test_examples_teach_words_that_no_annotated_statement_holds(shipped):
    said, table = shipped
    # Only what was said on those who came: without examples nothing else can be read.
    yes = (table.cue == "commit").to_numpy()
    text = statements(["The president begged off, pleading a bad cold."])
    cue, _ = CueReader().fit(said[yes], table.cue[yes], table.level_spoken[yes]).read(text)
    assert CUES[cue[0].argmax()] == "deny"


def test_a_person_known_by_name_is_read_at_that_persons_level():
    text = statements(["Lindqvist would fly to the talks on Monday."])
    reader = CueReader().fit(statements([]), [], [])
    read = {who: reader.read(text.assign(people=[{"Lindqvist": who}]))[1][0] for who in ("leader", "senior", "working")}
    for level, name in enumerate(READ_LEVELS[:3]):
        assert read[name][level] == max(shares[level] for shares in read.values())


def test_out_of_fold_a_single_group_is_not_read_at_all():
    marks = ["commit"] * 4 + ["deny"] * 4
    cue, level = CueReader(BARE).fit_read(statements(YES + NO), marks, ["leader"] * 8, ["one"] * 8, 5)
    np.testing.assert_array_equal(cue, np.full((8, 9), 1 / 9))
    np.testing.assert_array_equal(level, np.full((8, 4), 1 / 4))


def test_out_of_fold_the_marks_of_ones_own_group_change_nothing():
    groups = np.repeat(["a", "b", "c", "d"], 2)
    said = statements([text for pair in zip(YES, NO, strict=True) for text in pair])
    marks = np.array(["commit", "deny"] * 4, dtype=object)
    others = marks.copy()
    others[groups == "b"] = ["deny", "commit"]
    read = [CueReader(BARE).fit_read(said, cue, ["leader"] * 8, groups, 4)[0] for cue in (marks, others)]
    np.testing.assert_array_equal(read[0][groups == "b"], read[1][groups == "b"])
    assert (read[0][groups != "b"] != read[1][groups != "b"]).any()


PAIR = [CUES.index("commit"), CUES.index("deny")]


def out_of_fold_by_hand(reader, said, marks, groups):
    """Words are weighed over all annotated rows; the marks of one's own group are left out."""
    X, known = reader.inputs_.transform(said), np.array([mark is not None for mark in marks])
    shares = np.zeros((len(said), 2))
    for group in np.unique(groups):
        rows = np.flatnonzero((groups != group) & known)
        names = marks[rows].astype(str)
        order = np.lexsort([names, said.text.to_numpy(dtype=str)[rows]])
        models = reader._fit_linear(X[rows[order]], names[order], np.ones(len(rows)))
        share = {name: float((names == name).mean()) for name in ("commit", "deny")}
        found = [models[k][0].predict_proba(X[groups == group])[:, 1] / share[k] ** 0.25 for k in ("commit", "deny")]
        shares[groups == group] = (found / np.sum(found, axis=0)).T
    return shares


def test_out_of_fold_a_statement_nobody_annotated_is_read_and_teaches_nothing():
    groups = np.repeat(["a", "b", "c", "d"], 2)
    said = statements([text for pair in zip(YES, NO, strict=True) for text in pair])
    marks, level = np.array(["commit", "deny"] * 4, dtype=object), ["leader"] * 8
    marks[7] = None
    reader = CueReader(BARE)
    read, _ = reader.fit_read(said, marks, level, groups, 4)
    np.testing.assert_allclose(read[:, PAIR], out_of_fold_by_hand(reader, said, marks, groups), atol=1e-4)
    assert np.ptp(read[7]) > 0.01


def test_fitting_and_reading_at_once_gives_the_same_reader_as_fitting():
    said, marks, groups = statements(YES + NO), ["commit"] * 4 + ["deny"] * 4, list("abcdabcd")
    both, alone = CueReader(BARE), CueReader(BARE).fit(said, marks, ["leader"] * 8)
    both.fit_read(said, marks, ["leader"] * 8, groups, 4)
    np.testing.assert_array_equal(both.read(said)[0], alone.read(said)[0])


def test_out_of_fold_each_row_is_read_by_a_reader_of_the_other_groups():
    said, marks, groups = statements(YES + NO), np.array(["commit"] * 4 + ["deny"] * 4), np.array(list("abcdabcd"))
    reader = CueReader(BARE)
    read, _ = reader.fit_read(said, marks, ["leader"] * 8, groups, 4)
    np.testing.assert_allclose(read[:, PAIR], out_of_fold_by_hand(reader, said, marks, groups), atol=1e-4)


def test_a_stronger_penalty_reads_less_into_a_text():
    said, marks = statements(YES + NO), ["commit"] * 4 + ["deny"] * 4
    sure, _ = CueReader(BARE, C=100.0).fit(said, marks, ["leader"] * 8).read(said)
    unsure, _ = CueReader(BARE, C=0.01).fit(said, marks, ["leader"] * 8).read(said)
    assert sure[:, CUES.index("commit")].std() > 2 * unsure[:, CUES.index("commit")].std()
