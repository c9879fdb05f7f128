"""A statement as the row of word classes met in it."""

import re

import pytest

from attend_ml._resources import codebook
from attend_ml.features.wording import Wording

CLASSES = codebook("cues")["classes"]


@pytest.fixture(scope="module")
def wording():
    return Wording(CLASSES)


@pytest.mark.parametrize(
    ("text", "met"),
    [
        ("The chancellor would not travel.", ["premier", "will", "not", "come"]),
        ("The emir was not going.", ["president", "unlikely"]),
        ("The deputy foreign minister will attend.", ["working", "will", "come"]),
        ("The deputy prime minister will attend.", ["senior", "will", "come"]),
        ("The president's envoy will attend.", ["senior", "will", "come"]),
        ("The prime minister must come himself.", ["premier", "must", "come", "himself"]),
        ("He may join by video link.", ["pronoun", "maybe", "by_wire"]),
        ("No decision has been taken.", ["undecided"]),
        ("The premier skipped the summit.", ["premier", "stay_away", "event"]),
        ("", []),
        ("Ничего не известно", []),
    ],
)
def test_plain_sentences(wording, text, met):
    assert wording(text) == met


def test_sentences_that_differ_in_names_alone_look_alike(wording):
    people = {"Lindqvist": "leader", "Okafor": "leader"}
    first = wording("Lindqvist would not travel to Oslo.", people)
    assert first == wording("Okafor would not travel to Accra.", people) == ["person_leader", "will", "not", "come"]
    assert wording("Okafor's envoy will attend.", people)[0] == "person_leader"


def test_a_person_is_known_by_the_name_as_it_is_written(wording):
    people = {"May": "leader"}
    assert wording("May will come.", people) == ["person_leader", "will", "come"]
    assert wording("They may come.", people) == ["pronoun", "maybe", "come"]


def test_a_word_is_not_found_within_another():
    one = Wording([{"name": "maybe", "patterns": ["may", "if"]}])
    assert one("He may come, if asked.") == ["pronoun", "maybe", "maybe"]
    assert one("dismay, a motif, the mayor") == []


def test_the_first_class_that_fits_is_taken():
    classes = [{"name": "a", "patterns": ["no plans?"]}, {"name": "b", "patterns": ["no"]}]
    assert Wording(classes)("no plan, no") == ["a", "b"]
    assert Wording(classes[::-1])("no plan, no") == ["b", "b"]


@pytest.mark.parametrize("number", range(len(CLASSES)), ids=[one["name"] for one in CLASSES])
def test_every_class_of_the_codebook_is_met_in_the_tables_and_each_of_its_patterns_stands_alone(data, number):
    one = CLASSES[number]
    texts = data.statements.text.str.lower()
    for pattern in one["patterns"]:
        re.compile(pattern)
        assert "(?P<" not in pattern
    # One pattern a class: a bar left open in one would spill over into the next.
    whole = Wording([one])
    parts = [Wording([{"name": one["name"], "patterns": [pattern]}]) for pattern in one["patterns"]]
    for text in texts[::60]:
        assert bool(whole(text)) == any(part(text) for part in parts)
    assert 0.002 < texts.map(lambda text: bool(whole(text))).mean() < 0.9
