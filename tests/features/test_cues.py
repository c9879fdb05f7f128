"""Reading a statement: which cue it is, and the level of the person whose coming it is about."""

import re

import numpy as np
import pandas as pd
import pytest

from attend_ml._resources import codebook
from attend_ml.features.cues import READ_LEVELS, CueReader, compile_group
from attend_ml.records import CUES

YES = ["The president will attend.", "He will be there.", "She confirmed that she will travel.", "The king will come."]
NO = ["The president will not come.", "No trip is planned.", "She ruled out the visit.", "The king will skip it."]


def statements(texts, role="spokesperson", own=True, convened="leader"):
    return pd.DataFrame({"text": texts, "role": role, "own": own, "convened": convened})


@pytest.fixture(scope="module")
def reader():
    return CueReader().fit(statements(YES + NO), ["commit"] * 4 + ["deny"] * 4, ["leader"] * 8)


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


def test_without_annotated_statements_nothing_is_known():
    said = statements(YES)
    for marks in ([None] * 4, [""] * 4):
        cue, level = CueReader().fit(said, marks, ["leader"] * 4).read(said)
        np.testing.assert_array_equal(cue, np.full((4, 9), 1 / 9))
        np.testing.assert_array_equal(level, np.full((4, 4), 1 / 4))


def test_no_statements_give_no_rows(reader):
    cue, level = reader.read(statements([]))
    assert (cue.shape, level.shape) == ((0, 9), (0, 4))


def test_statements_without_a_cue_teach_nothing(reader):
    more = CueReader().fit(
        statements([*YES, *NO, "The president will attend nothing."]),
        [*["commit"] * 4, *["deny"] * 4, None],
        ["leader"] * 9,
    )
    said = statements(["The president will attend.", "It is planned."])
    np.testing.assert_array_equal(more.read(said)[0], reader.read(said)[0])


def test_an_empty_level_is_read_as_none():
    reader = CueReader().fit(statements(YES + NO), ["commit"] * 8, ["leader"] * 4 + [None] * 4)
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
    reader = CueReader().fit(said, table.cue, table.level_spoken)
    cue, level = reader.read_out_of_fold(said, table.cue, table.level_spoken, table.meeting_id, 5)
    right = np.array(CUES)[cue.argmax(axis=1)] == table.cue
    assert right.mean() > table.cue.value_counts(normalize=True).max() + 0.15
    level_right = np.array(READ_LEVELS)[level.argmax(axis=1)] == table.level_spoken.fillna("none")
    assert level_right.mean() > table.level_spoken.fillna("none").value_counts(normalize=True).max() + 0.1


def test_out_of_fold_a_single_group_is_not_read_at_all(reader):
    marks = ["commit"] * 4 + ["deny"] * 4
    cue, level = reader.read_out_of_fold(statements(YES + NO), marks, ["leader"] * 8, ["one"] * 8, 5)
    np.testing.assert_array_equal(cue, np.full((8, 9), 1 / 9))
    np.testing.assert_array_equal(level, np.full((8, 4), 1 / 4))


def test_out_of_fold_the_marks_of_ones_own_group_change_nothing():
    groups = np.repeat(["a", "b", "c", "d"], 2)
    said = statements([text for pair in zip(YES, NO, strict=True) for text in pair])
    marks = np.array(["commit", "deny"] * 4, dtype=object)
    others = marks.copy()
    others[groups == "b"] = ["deny", "commit"]
    read = []
    for cue in (marks, others):
        reader = CueReader().fit(said, cue, ["leader"] * 8)
        read.append(reader.read_out_of_fold(said, cue, ["leader"] * 8, groups, 4)[0])
    np.testing.assert_array_equal(read[0][groups == "b"], read[1][groups == "b"])
    assert (read[0][groups != "b"] != read[1][groups != "b"]).any()


def test_out_of_fold_a_statement_nobody_annotated_is_read_and_teaches_nothing():
    groups = np.repeat(["a", "b", "c", "d"], 2)
    said = statements([text for pair in zip(YES, NO, strict=True) for text in pair])
    marks, level = np.array(["commit", "deny"] * 4, dtype=object), ["leader"] * 8
    reader = CueReader().fit(said, marks, level)
    whole, _ = reader.read_out_of_fold(said, marks, level, groups, 4)
    marks[7] = None
    some, _ = reader.read_out_of_fold(said, marks, level, groups, 4)
    # The last group is read as before, by a reader of the others; the others by one that knows less.
    np.testing.assert_array_equal(some[6:], whole[6:])
    assert (some[:6] != whole[:6]).any(axis=1).all()


def test_a_stronger_penalty_reads_less_into_a_text():
    said, marks = statements(YES + NO), ["commit"] * 4 + ["deny"] * 4
    sure, _ = CueReader(C=100.0).fit(said, marks, ["leader"] * 8).read(said)
    unsure, _ = CueReader(C=0.01).fit(said, marks, ["leader"] * 8).read(said)
    assert sure[:, CUES.index("commit")].std() > 2 * unsure[:, CUES.index("commit")].std()


def test_phrases_of_a_codebook_of_ones_own_are_the_inputs():
    book = {"phrases": {"yes": ["da\\b"], "no": ["njet\\b"], "a": ["a\\b"], "b": ["b\\b"]}}
    reader = CueReader(book).fit(statements(["Da.", "Njet."]), ["commit", "deny"], ["leader"] * 2)
    found = reader.phrases(pd.Series(["NJET, he said.", "da", "dam"]))
    assert found.tolist() == [[0, 1, 0, 0], [1, 0, 0, 0], [0, 0, 0, 0]]
    book["phrases"].clear()
    assert len(reader.book_["phrases"]) == 4


@pytest.mark.parametrize("group", list(codebook("cues")["phrases"]))
def test_every_phrase_of_the_shipped_codebook_is_a_pattern_and_every_group_is_met(data, group):
    phrases = codebook("cues")["phrases"][group]
    for phrase in phrases:
        re.compile(phrase)
    # One pattern a group: a bar left open in one phrase would spill over into the next.
    together = compile_group(tuple(phrases))
    for text in data.statements.text.str.lower()[::7]:
        alone = any(compile_group((phrase,)).search(text) for phrase in phrases)
        assert bool(together.search(text)) == alone
    share = data.statements.text.str.lower().map(lambda text: bool(together.search(text))).mean()
    assert 0.005 < share < 0.9


@pytest.mark.parametrize(
    ("group", "text"),
    [
        ("will_not_come", "putin will not attend the summit."),
        ("will_come", "macron will attend the talks."),
        ("condition", "they will come only if the guns fall silent."),
        ("undecided", "no decision has been taken."),
        ("demand", "putin must come himself."),
        ("instead", "lavrov goes instead of putin."),
        ("leader_word", "the president stays at home."),
        ("senior_word", "the foreign minister flies."),
        ("working_word", "experts will meet."),
    ],
)
def test_a_plain_sentence_is_found_by_its_phrase_group(group, text):
    assert compile_group(tuple(codebook("cues")["phrases"][group])).search(text)


def test_a_phrase_is_not_found_in_the_middle_or_at_the_end_of_a_word():
    pattern = compile_group(("may", "if"))
    assert pattern.search("he may come, if asked")
    assert not pattern.search("dismay")
    assert not pattern.search("a motif")


def test_a_phrase_is_not_found_at_the_beginning_of_a_longer_word():
    assert not compile_group(("may",)).search("the mayor of kyiv")
    assert not compile_group(tuple(codebook("cues")["phrases"]["undecided"])).search("the mayor of kyiv")
