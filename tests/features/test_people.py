"""Who is known by name, and since when."""

import pandas as pd
import pytest

from attend_ml._resources import codebook
from attend_ml.asof import delegations_at
from attend_ml.event_index import seconds
from attend_ml.features.people import People, is_person, surname

BOOK = codebook("cues")["names"]
MARCH, MAY, JULY = (int(pd.Timestamp(f"2030-{month}-01").timestamp()) for month in ("03", "05", "07"))


@pytest.fixture
def people(build):
    data = build(
        meetings=[
            {"meeting_id": "a", "date": "2030-04-01", "status": "held"},
            {"meeting_id": "b", "date": "2030-06-01"},
        ],
        delegations=[
            {
                "meeting_id": "a",
                "party": "NOR",
                "leader": "0",
                "senior": "1",
                "head_name": "Kari Lindqvist",
                "head_title": "Foreign Minister",
            },
            {"meeting_id": "a", "party": "CHN", "leader": "1", "head_name": "Zhao Ming", "head_title": "President"},
            {"meeting_id": "a", "party": "SWE", "leader": "0", "head_name": "Nils Berg", "head_title": "tall"},
            {"meeting_id": "b", "party": "NOR"},
        ],
        statements=[
            {
                "meeting_id": "a",
                "date": "2030-02-01",
                "speaker": "Ola Hansen",
                "speaker_role": "leader",
                "speaker_party": "NOR",
                "about_party": "NOR",
                "text": "He will come.",
            },
            {
                "meeting_id": "b",
                "date": "2030-04-20",
                "speaker": "Ola Hansen",
                "speaker_role": "minister",
                "speaker_party": "NOR",
                "about_party": "NOR",
                "text": "He will come.",
            },
            {
                "meeting_id": "b",
                "date": "2030-04-21",
                "speaker": "Ola Hansen",
                "speaker_role": "minister",
                "speaker_party": "NOR",
                "about_party": "NOR",
                "text": "He will come.",
            },
            {
                "meeting_id": "b",
                "date": "2030-04-21",
                "speaker": "Royal Norwegian Ministry of Foreign Affairs",
                "speaker_role": "spokesperson",
                "speaker_party": "NOR",
                "about_party": "NOR",
                "text": "He will come.",
            },
            {
                "meeting_id": "b",
                "date": "2030-04-22",
                "speaker": "Theresa May",
                "speaker_role": "leader",
                "speaker_party": "GBR",
                "about_party": "NOR",
                "text": "He will come.",
            },
        ],
    )
    return People(delegations_at(data, [0]), BOOK)


def test_a_head_of_delegation_is_known_when_the_meeting_is_over(people):
    assert people.named("Lindqvist said no.", MARCH) == {}
    assert people.named("Lindqvist said no.", MAY) == {"Lindqvist": "senior"}


def test_a_speaker_is_known_by_the_role_had_most_often_so_far(people):
    assert people.named("Hansen's plane", MARCH) == {"Hansen": "leader"}
    assert people.named("Hansen's plane", JULY) == {"Hansen": "senior"}


def test_where_the_family_name_stands_first_it_is_the_one_known(people):
    assert people.named("Zhao would come, and Ming too.", MAY) == {"Zhao": "leader"}


@pytest.mark.parametrize(
    ("name", "person"),
    [
        ("Ursula von der Leyen", True),
        ("Mohammed bin Salman", True),
        ("Lula", True),
        ("White House", False),
        ("Holy See", False),
        ("Swiss foreign ministry", False),
        ("Office of the Norwegian premier", False),
        ("Renzi's office", False),
        ("Biden, Sisi and Emir Tamim", False),
        ("A B", False),
        ("", False),
    ],
)
def test_offices_and_lists_of_names_are_no_persons(name, person):
    assert is_person(name.split(), BOOK) == person


def test_words_offices_and_titles_that_tell_nothing_make_nobody_known(people):
    assert people.named("In May the Affairs of Berg were settled by the Royal ones.", JULY) == {}
    assert people.named("", JULY) == {}


def test_names_are_met_as_written(people):
    assert people.named("hansen", JULY) == {}


def test_nobody_is_known_before_the_first_statement_of_the_shipped_tables(data):
    people = People(delegations_at(data, [0]), BOOK)
    first = int(seconds(data.statements.known_from).min())
    assert not any(people.named(text, first - 1) for text in data.statements.text[:50])
    assert people.named("Putin and Lavrov", 1_740_000_000) == {"Putin": "leader", "Lavrov": "senior"}


@pytest.mark.parametrize(("word", "name"), [("Merkel's", "Merkel"), ("Guterres’", "Guterres"), ("Xi", "Xi")])
def test_a_possessive_is_the_same_name(word, name):
    assert surname(word) == name
