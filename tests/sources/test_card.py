"""Meeting cards: one meeting of the user's own, and all that can be wrong with it."""

import re

import pandas as pd
import pytest

from attend_ml.errors import DataError
from attend_ml.sources.card import read_card
from attend_ml.tables import check_table

CARD = """
[meeting]
meeting_id = "geneva-2030-01-10"
name = "Talks in Geneva"
date = "2030-01-10"
parties = ["RUS", "USA"]
"""
SAID = '[[statements]]\ndate = "2030-01-08"\ntext = "He will come."\n'
DONE = '[[signals]]\ndate = "2030-01-05"\nsource_party = "RUS"\ntarget_party = "USA"\ncameo = "036"\n'


@pytest.fixture
def card(tmp_path):
    """Write a card, and return its path."""

    def write(content):
        path = tmp_path / "talks.toml"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


def refused(path, parties=()):
    with pytest.raises(DataError) as caught:
        read_card(path, parties)
    return caught.value.problems


def the_one(path):
    (problem,) = refused(path)
    assert problem.where == "talks.toml"
    return problem.column, problem.found, problem.remedy


def test_a_card_is_read_with_its_statements_and_signals(card):
    meeting = read_card(card(CARD + SAID + SAID.replace("01-08", "01-09") + DONE))
    assert (meeting.meeting_id, meeting.parties) == ("geneva-2030-01-10", ["RUS", "USA"])
    assert [said.date for said in meeting.statements] == ["2030-01-08", "2030-01-09"]
    assert meeting.signals[0].cameo == "036"


def test_what_a_card_leaves_out_is_not_known(card):
    meeting = read_card(str(card(CARD)))
    assert (meeting.format, meeting.convened_level) == ("multilateral", "unspecified")
    assert (meeting.city, meeting.topic, meeting.announced_on, meeting.status) == (None, None, None, None)
    assert meeting.statements == meeting.signals == []


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("2030-01-10", "2030-01-10"),
        ('"2030-01-10T08:30Z"', "2030-01-10T08:30Z"),
        ("2030-01-10T08:30:00Z", "2030-01-10T08:30Z"),
        ("2030-01-10T08:30:00", "2030-01-10T08:30Z"),
        ("2030-01-10T10:30:00+02:00", "2030-01-10T08:30Z"),
        ("2030-01-10T00:30:00+02:00", "2030-01-09T22:30Z"),
    ],
)
def test_dates_may_be_texts_or_the_dates_of_toml_and_times_are_turned_to_utc(card, written, read):
    assert read_card(card(CARD.replace('"2030-01-10"', written))).date == read


def test_a_card_with_a_byte_order_mark_is_accepted(card):
    assert read_card(card(b"\xef\xbb\xbf" + CARD.encode())) == read_card(card(CARD))


def test_groups_are_accepted_where_they_are_listed(card):
    path = card(CARD.replace("USA", "HTH"))
    assert read_card(path, ["HTH"]).parties == ["RUS", "HTH"]
    (problem,) = refused(path)
    assert problem.found == "HTH"


# -- one clear error for each wrong key ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "column", "found", "remedy"),
    [
        (CARD + 'format = "bilatral"', "[meeting], format", "bilatral", "did you mean 'bilateral'?"),
        (CARD + 'topic = "peas"', "[meeting], topic", "peas", "did you mean 'peace'?"),
        (CARD + 'convened_level = "boss"', "[meeting], convened_level", "boss", "use one of leader, senior, working"),
        (CARD + 'country = "SWITZ"', "[meeting], country", "SWITZ", "ISO 3166"),
        (CARD + 'mediators = "CHE;ZZZ"', "[meeting], mediators", "CHE;ZZZ", "ISO 3166"),
        (CARD.replace('"USA"', '"US"'), "[meeting], parties", "US", "did you mean 'USA'?"),
        (CARD.replace("geneva-2030-01-10", "Geneva 2030"), "[meeting], meeting_id", "Geneva 2030", "slug"),
        (CARD.replace('date = "2030-01-10"', 'date = "10.1.2030"'), "[meeting], date", "10.1.2030", "YYYY-MM-DD"),
        (CARD.replace('date = "2030-01-10"', 'date = "2030-02-30"'), "[meeting], date", "2030-02-30", "no such day"),
        (CARD.replace("name =", "city ="), "[meeting], name", "nothing", "fill it in"),
        (CARD + 'nmae = "x"', "[meeting], nmae", "x", "no such key; did you mean 'name'?"),
        (CARD + SAID + 'cue = "comit"', "[[statements]] number 1, cue", "comit", "did you mean 'commit'?"),
        (CARD + SAID + SAID + 'level_spoken = "x"', "[[statements]] number 2, level_spoken", "x", "use one of leader"),
        (CARD + '[[statements]]\ndate = "2030-01-08"', "[[statements]] number 1, text", "nothing", "fill it in"),
        (CARD + SAID.replace("He will come.", " "), "[[statements]] number 1, text", " ", "fill it in"),
        (CARD + DONE.replace('"036"', '"36"'), "[[signals]] number 1, cameo", "36", "leading zero"),
        (CARD + DONE + 'source_level = "x"', "[[signals]] number 1, source_level", "x", "use one of leader"),
        (CARD + DONE + 'count = "many"', "[[signals]] number 1, count", "many", "number"),
    ],
)  # fmt: skip
def test_a_wrong_key_or_value_is_told_once_with_its_place_value_and_remedy(card, text, column, found, remedy):
    assert the_one(card(text))[:2] == (column, found)
    assert remedy in the_one(card(text))[2]


def test_all_problems_of_a_card_are_told_at_once(card):
    text = CARD.replace("name =", "nam =") + 'format = "x"\n' + SAID + 'cue = "x"\n' + DONE + 'count = "x"\n'
    places = [problem.column for problem in refused(card(text))]
    assert places == ["[meeting], name", "[meeting], nam", "[meeting], format", "[[statements]] number 1, cue",
                      "[[signals]] number 1, count"]  # fmt: skip


def test_every_unknown_party_of_the_list_is_told(card):
    problems = refused(card(CARD.replace('"RUS", "USA"', '"RUZ", "FIN", "USB"')))
    assert [problem.found for problem in problems] == ["RUZ", "USB"]


def test_a_card_that_invites_nobody_is_refused(card):
    column, found, _ = the_one(card(CARD.replace('["RUS", "USA"]', "[]")))
    assert (column, found) == ("[meeting], parties", "[]")


def test_parties_that_are_no_list_are_refused_with_the_way_to_write_them(card):
    column, found, remedy = the_one(card(CARD.replace('["RUS", "USA"]', '"RUS"')))
    assert (column, found) == ("[meeting], parties", "RUS")
    assert re.search(r"\[.*\]", remedy)


SAME = [
    ("statements", SAID, "cue", "comit"),
    ("statements", SAID, "speaker_party", "XX"),
    ("statements", SAID, "date", "8.1.2030"),
    ("statements", SAID, "date", "2030-02-30"),
    ("signals", DONE, "cameo", "36"),
]


@pytest.mark.parametrize(("table", "block", "column", "value"), SAME, ids=[f"{c}-{v!r}" for *_, c, v in SAME])
def test_a_card_is_refused_in_the_same_words_as_a_table(card, table, block, column, value):
    kept = "\n".join(line for line in block.splitlines() if not line.startswith(column))
    *_, remedy = the_one(card(CARD + kept + f"\n{column} = {value!r}\n"))
    row = {"date": "2030-01-08", "text": "x", "cameo": "036", "speaker_role": "", "speaker_party": "",
           "about_party": "", "meeting_id": "", "source_party": "", "target_party": "", column: value}  # fmt: skip
    keep = ["date", "source_party", "target_party", "cameo"] if table == "signals" else [
        "meeting_id", "date", "speaker_role", "speaker_party", "about_party", "text"]  # fmt: skip
    with pytest.raises(DataError) as caught:
        check_table(pd.DataFrame([row])[list(dict.fromkeys([*keep, column]))].astype(object), table)
    assert remedy == caught.value.problems[0].remedy


def test_an_empty_date_is_told_as_empty(card):
    column, found, remedy = the_one(card(CARD.replace('date = "2030-01-10"', 'date = ""')))
    assert (column, found) == ("[meeting], date", "")
    assert "fill" in remedy


@pytest.mark.parametrize(
    ("line", "remedy"),
    [
        ("cameo = 36", "write a text in quotes"),
        ('cameo = "036"\ncount = "many"', "write a number"),
        ('cameo = "036"\ntext = 5', "write a text in quotes"),
    ],
)
def test_a_value_of_the_wrong_type_is_told_in_the_words_of_toml(card, line, remedy):
    assert the_one(card(CARD + DONE.replace('cameo = "036"', line)))[2].startswith(remedy)


def test_a_number_that_is_not_finite_is_refused(card):
    assert the_one(card(CARD + DONE + "count = inf"))[:2] == ("[[signals]] number 1, count", "inf")


# -- what contradicts the meeting --------------------------------------------------------------------------------


def test_a_statement_after_the_meeting_is_refused_with_its_number(card):
    column, found, remedy = the_one(card(CARD + SAID + SAID.replace("01-08", "01-11")))
    assert (column, found) == ("[[statements]] number 2, date", "2030-01-11")
    assert "this is after the meeting (2030-01-10)" in remedy


def test_a_statement_on_the_day_of_the_meeting_is_accepted(card):
    assert len(read_card(card(CARD + SAID.replace("2030-01-08", "2030-01-10T23:59Z"))).statements) == 1


def test_a_meeting_announced_after_its_day_is_refused(card):
    column, found, remedy = the_one(card(CARD + 'announced_on = "2030-01-11"'))
    assert (column, found) == ("[meeting], announced_on", "2030-01-11")
    assert "after the meeting" in remedy


@pytest.mark.parametrize("block", [SAID, DONE], ids=["statement", "signal"])
def test_a_row_of_another_meeting_is_refused(card, block):
    column, found, _ = the_one(card(CARD + block + 'meeting_id = "vienna-2030-01-10"\n'))
    assert column.endswith("number 1, meeting_id")
    assert found == "vienna-2030-01-10"


def test_the_cards_own_id_may_be_repeated_in_its_rows(card):
    meeting = read_card(card(CARD + SAID + 'meeting_id = "geneva-2030-01-10"\n'))
    assert meeting.statements[0].meeting_id == "geneva-2030-01-10"


def test_a_statement_written_twice_is_refused(card):
    column, *_ = the_one(card(CARD + SAID + SAID))
    assert column.startswith("[[statements]] number 2")


# -- the shape of the card ---------------------------------------------------------------------------------------


def test_a_card_without_its_meeting_says_what_to_add(card):
    column, found, remedy = the_one(card(SAID))
    assert (column, found) == ("[meeting]", "no such table")
    assert "add [meeting] with" in remedy


def test_the_remedy_for_a_card_without_its_meeting_names_every_key_that_is_needed(card):
    assert {"meeting_id", "name", "date", "parties"} <= set(re.findall(r"\w+", the_one(card(""))[2]))


@pytest.mark.parametrize(("table", "nearest"), [("[[statement]]", "statements"), ("[meetings]", "meeting")])
def test_an_unknown_table_is_refused_and_the_nearest_named(card, table, nearest):
    (problem,) = refused(card(CARD + f"{table}\n"))
    assert problem.found == f"[{table.strip('[]')}]"
    assert f"did you mean {nearest!r}?" in problem.remedy


def test_single_brackets_are_told(card):
    column, _, remedy = the_one(card(CARD + SAID.replace("[[statements]]", "[statements]")))
    assert column == "statements"
    assert remedy == "write [[statements]] with two brackets"


def test_broken_toml_is_told_with_its_line(card):
    _, found, remedy = the_one(card(CARD + "city = \n"))
    assert "line 7" in found
    assert "TOML" in remedy


def test_a_card_in_another_encoding_is_told_with_its_byte(card):
    _, found, remedy = the_one(card(CARD.replace("Talks", "Gespräche").encode("latin-1")))
    assert found == "byte 0xe4"
    assert "UTF-8" in remedy


@pytest.mark.parametrize("content", [b"", b"\xef\xbb\xbf", b"\0\0\0"])
def test_a_card_of_nothing_or_of_zero_bytes_is_refused(card, content):
    assert len(refused(card(content))) == 1


def test_a_card_that_is_not_there_is_named(tmp_path):
    (problem,) = refused(tmp_path / "nowhere.toml")
    assert problem.found == str(tmp_path / "nowhere.toml")
    assert "No such file" in problem.remedy
