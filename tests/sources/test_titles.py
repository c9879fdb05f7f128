"""Titles of posts and the level they tell: every example of the codebook, and what a reader of titles must not do."""

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from attend_ml._resources import codebook
from attend_ml.records import LEVELS
from attend_ml.sources.titles import level_of_title, normalise_title, plain_words

RULES = codebook("titles")["rules"]
EXAMPLES = [(title, rule["level"]) for rule in RULES for title in rule["examples"]]


@pytest.mark.parametrize(("title", "level"), EXAMPLES, ids=[title for title, _ in EXAMPLES])
def test_every_example_of_the_codebook_has_the_level_of_its_rule(title, level):
    assert level_of_title(title) == (None if level == "none" else level)


def test_every_rule_says_what_it_is_and_has_examples():
    for rule in RULES:
        assert set(rule) == {"level", "says", "patterns", "examples"}
        assert rule["level"] in (*LEVELS, "none")
        assert rule["says"]
        assert len(rule["examples"]) >= 1


def test_every_pattern_is_a_regular_expression_whose_words_are_all_listed():
    book = codebook("titles")
    patterns = [p for rule in RULES for p in rule["patterns"]] + [mask["pattern"] for mask in book["masks"]]
    named = {name for pattern in [*patterns, *book["words"].values()] for name in re.findall(r"\{([a-z]+)\}", pattern)}
    assert named <= set(book["words"])
    for pattern in patterns:
        re.compile(re.sub(r"\{[a-z]+\}", "x", pattern))


@pytest.mark.parametrize(
    ("title", "level"),
    [
        # The highest post of several counts, in any order and however they are joined.
        ("Prime Minister and Minister for Foreign Affairs", "leader"),
        ("Minister for Foreign Affairs; Deputy Prime Minister", "senior"),
        ("Minister of Finance / Prime Minister", "leader"),
        ("Ambassador, Permanent Representative", "working"),
        # Whom somebody serves has not come.
        ("Special Envoy of the President", "senior"),
        ("Minister at the Prime Minister's Office", "senior"),
        ("Assistant to the President and Prime Minister", "senior"),
        ("Adviser to the Deputy Minister of Defence", "working"),
        # Deputies are no heads, and deputies of ministers no ministers.
        ("Vice-President of the Republic", "senior"),
        ("First Deputy Prime Minister", "senior"),
        ("Deputy Minister of Foreign Affairs", "working"),
        ("Deputy Secretary of State", "working"),
        ("Deputy Secretary of the Security Council", "working"),
        # Heads of something smaller than a state.
        ("Head of the Government Delegation", "working"),
        ("Chairman of the Foreign Affairs Committee of the House of Commons", None),
        ("President of the Senate", "senior"),
        ("Secretary, Supreme National Security Council", "senior"),
        ("Secretary General, Finance Ministry", "working"),
        ("Deputy Secretary-General", "working"),
        ("Leader, Northern Movement", "leader"),
        ("Leader of the Opposition", None),
        ("Leader of the Delegation", "working"),
        # A minister for parliament is no deputy, as a parliamentary secretary is.
        ("Parliamentary Affairs Minister", "senior"),
        ("Parliamentary Secretary to the Minister of Trade", "working"),
        # Names of countries and persons do not disturb.
        ("President of the People's Republic of Mozambique", "leader"),
        ("Russian President Vladimir Putin", "leader"),
        ("Defence Minister Rustem Umerov", "senior"),
        # Misspellings, marks of hyphenation and accents of real lists.
        ("Misnter of External Relations", "senior"),
        ("Commis·sioner for External Affairs", "senior"),
        ("Chargé d’affaires a.i.", "working"),
    ],
)
def test_titles_are_read_as_people_read_them(title, level):
    assert level_of_title(title) == level


@pytest.mark.parametrize(
    "title", ["", "  ", "?", "missing", "Former President", "Prime Minister-designate", "First Lady", "Президент"]
)
def test_a_title_that_tells_no_level_has_none(title):
    assert level_of_title(title) is None


def test_capitals_accents_blanks_and_hyphens_make_no_difference():
    assert plain_words(" CÔTE-d’Ivoire\u00ad ;(West) ") == "cote d'ivoire, west"
    assert normalise_title("vice  PRESIDENT") == normalise_title("Vice-President") == "vice president"


@given(st.text(max_size=40))
@example("\u00b4")
@example("ǰ…İ")
def test_any_text_has_a_level_or_none_and_is_plain_the_second_time(text):
    assert level_of_title(text) in (*LEVELS, None)
    assert plain_words(plain_words(text)) == plain_words(text)


@given(st.permutations(["Minister for Trade", "Ambassador", "Prime Minister"]), st.sampled_from([", ", "; ", " and "]))
def test_the_order_of_posts_makes_no_difference(posts, between):
    assert level_of_title(between.join(posts)) == "leader"
