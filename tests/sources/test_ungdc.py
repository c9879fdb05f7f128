"""The list of speakers in the UN General Debate: what becomes of each kind of row, and what is told about it."""

import datetime as dt
import random

import pandas as pd
import pytest

from attend_ml._resources import codebook
from attend_ml.errors import DataError
from attend_ml.labels import labels
from attend_ml.load import load_dataset
from attend_ml.records import known_parties
from attend_ml.sources.saving import save_whole
from attend_ml.sources.titles import plain_words
from attend_ml.sources.ungdc import opening_day, read_ungdc

HEADER = ["Year", "Session", "ISO Code", "Country", "Name of Person Speaking", "Post"]


@pytest.fixture
def speakers(tmp_path):
    """Write rows under the header of the public list, and return what is read of them."""

    def read(*rows, header=HEADER):
        path = tmp_path / "speakers.csv"
        pd.DataFrame(rows, columns=pd.Index(header)).to_csv(path, index=False)
        return read_ungdc(path)

    return read


def row(year, code, post="Minister for Foregn Affairs", country="", name="Mr. Jan Novak"):
    return [year, year - 1945, code, country, name, post]


def levels(found, year, party):
    rows = found.data.delegations.query("meeting_id == @meeting and party == @party", local_dict={
        "meeting": f"ungd-{year}", "party": party})  # fmt: skip
    (one,) = rows[["leader", "senior", "working"]].to_numpy().tolist()
    return {level: value for level, value in zip(("leader", "senior", "working"), one, strict=True) if value == value}


def told(found):
    return [str(note) for note in found.notes]


def refused(speakers, *rows, **options):
    with pytest.raises(DataError) as caught:
        speakers(*rows, **options)
    return [(p.line, p.column, p.found, p.remedy) for p in caught.value.problems]


# -- rows ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("post", "level"),
    [
        ("President", "leader"),
        ("Prime Minister", "leader"),
        ("Vice-President", "senior"),
        ("Deputy Prime Minister", "senior"),
        ("MInister for  Foregn Affairs", "senior"),
        ("UN Representative", "working"),
        ("Chair of the Delegation", "working"),
        ("Chairman", "leader"),
    ],
)
def test_the_speakers_own_level_is_one_and_the_others_are_not_known(speakers, post, level):
    found = speakers(row(2010, "FRA", post))
    assert levels(found, 2010, "FRA") == {level: 1.0}
    assert (found.rows, found.posts, found.understood, found.notes) == (1, 1, 1, ())


def test_a_year_is_a_meeting_and_a_speaker_a_delegation(speakers):
    found = speakers(row(2010, "FRA"), row(2010, "PER"), row(2011, "FRA"))
    meetings = found.data.meetings.set_index("meeting_id")
    assert list(meetings.index) == ["ungd-2010", "ungd-2011"]
    first = meetings.loc["ungd-2010"]
    assert first[["name", "city", "country", "series"]].tolist() == [
        "UN General Debate, 65th session", "New York", "USA", "ungd"]  # fmt: skip
    assert first[["format", "convened_level", "status"]].tolist() == ["multilateral", "unspecified", "held"]
    assert first.date == pd.Timestamp("2010-09-23")
    seats = found.data.delegations
    assert seats[["meeting_id", "party"]].to_numpy().tolist() == [
        ["ungd-2010", "FRA"], ["ungd-2010", "PER"], ["ungd-2011", "FRA"]]  # fmt: skip
    assert seats.loc[0, ["head_name", "head_title", "mode"]].tolist() == [
        "Jan Novak", "Minister for Foregn Affairs", "in_person"]  # fmt: skip
    assert found.data.statements.empty
    assert found.data.signals.empty


def test_a_row_without_a_post_is_kept_its_levels_are_empty_and_it_is_told(speakers):
    found = speakers(row(1971, "FRA", ""), row(1972, "FRA", "Not indicated"), row(1975, "FRA", ""), row(1975, "PER"))
    assert levels(found, 1971, "FRA") == levels(found, 1972, "FRA") == {}
    assert (found.posts, found.understood) == (1, 1)
    assert told(found) == [
        "rows without a post; their levels are left empty (3): 1971 to 1972 (rows 2, 3), 1975 (row 4)"]  # fmt: skip


def test_a_post_that_tells_no_level_is_told_with_its_row(speakers):
    found = speakers(row(2010, "KWT", "Sheikh"), row(2011, "KWT", "Sheikh"), row(2011, "PER"))
    assert levels(found, 2010, "KWT") == {}
    assert (found.posts, found.understood) == (3, 1)
    assert told(found) == ["posts that tell no level, which is left empty (2): 'Sheikh' (rows 2, 3)"]


def test_a_party_that_spoke_twice_is_one_delegation_at_the_highest_level_and_told(speakers):
    found = speakers(
        row(2010, "IND", "UN Representative", name="Mr. A"), row(2010, "IND", "Prime Minister", name="Mrs B")
    )
    assert levels(found, 2010, "IND") == {"leader": 1.0}
    assert found.data.delegations.loc[0, ["head_name", "head_title"]].tolist() == ["B", "Prime Minister"]
    assert told(found) == [
        "rows of parties that spoke more than once in a year; the highest of the speakers counts (2): "
        "IND 2010 (rows 2, 3)"
    ]


def test_rows_of_years_that_the_tables_do_not_reach_are_counted(speakers):
    found = speakers(row(1946, "FRA"), row(1947, "FRA"), row(1970, "FRA"))
    assert len(found.data.meetings) == found.rows == 1
    assert told(found) == ["rows left out, as the tables begin in 1970 (2): 1946 to 1947 (rows 2, 3)"]


def test_the_order_of_rows_makes_no_difference(speakers):
    rows = [row(year, code, post) for year in (2009, 2010) for code, post in (
        ("FRA", "President"), ("PER", "Vice-President"), ("USA", "UN Representative"), ("KWT", "Sheikh"))]  # fmt: skip
    first = speakers(*rows)
    random.Random(0).shuffle(rows)
    second = speakers(*rows)
    assert first.data.fingerprint() == second.data.fingerprint()
    pd.testing.assert_frame_equal(first.data.delegations, second.data.delegations)


def test_after_the_years_of_the_codebook_it_is_not_known_how_a_speaker_took_part(speakers):
    last = codebook("ungdc")["mode"]["in_person_until"]
    found = speakers(row(last, "FRA", "President"), row(last + 1, "FRA", "President"))
    assert levels(found, last + 1, "FRA") == {"leader": 1.0}
    assert found.data.delegations["mode"].fillna("").tolist() == ["in_person", ""]


def test_in_every_year_the_levels_exclude_each_other_even_where_a_party_spoke_twice(speakers):
    codes = ("FRA", "PER", "USA", "DEU", "ITA", "ESP", "PRT", "POL", "CHE", "AUT")
    posts = ("President", "Minister for Trade", "UN Representative")
    found = speakers(*(row(2010, code, posts[i % 3]) for i, code in enumerate(codes)), row(2010, "FRA", "Ambassador"))
    assert labels(found.data).sum(axis=1).tolist() == [1.0] * len(codes)


def test_a_year_of_which_only_leaders_are_named_is_kept_and_told_but_not_learned_from(speakers):
    codes = ("FRA", "PER", "USA", "DEU", "ITA", "ESP", "PRT", "POL", "CHE", "AUT")
    found = speakers(*(row(1985, code, "President" if i < 3 else "") for i, code in enumerate(codes)))
    assert levels(found, 1985, "PER") == {"leader": 1.0}
    assert labels(found.data).isna().all(axis=None)
    text = "posts in years of which few are told, as a rule the leaders'; nothing is learned from these"
    assert f"{text} (3): 1985 (rows 2, 3, 4)" in told(found)


# -- codes of parties --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("year", "code", "country", "party"),
    [
        (2016, "POR", "Portugal", "PRT"),
        (2016, "ZFA", "South Africa", "ZAF"),
        (2017, "PKR", "Democratic People’s Republic of Korea", "PRK"),
        (2013, "EC", "European Council", "EUU"),
        (2013, "EU", "", "EUU"),
        (2010, "fra", "", "FRA"),
        (2010, "", "Côte d'Ivoire", None),
        (2010, "", "ivory-coast", "CIV"),
        (1987, "", "Leage of Arab States", "LAS"),
        (2001, "CHE", "Sweden", "SWE"),
        (2001, "SWE", "Swaziland", "SWZ"),
        (2003, "YUG", "Serbia and Montenegro", "SRB"),
        (1980, "YDYE", "Democratic Yemen", "YMD"),
        (1986, "DDR", "Republica Federal Alemana", "DEU"),
    ],
)
def test_wrong_codes_are_repaired_and_told(speakers, year, code, country, party):
    if party is None:
        ((line, column, found, remedy),) = refused(speakers, row(year, code, country=country))
        assert (line, column, found) == (2, "ISO Code", code)
        assert repr(country) in remedy
        return
    found = speakers(row(year, code, country=country))
    assert found.data.delegations.party.tolist() == [party]
    assert told(found) == [f"codes repaired (1): {code or 'none'} to {party} (row 2)"]


@pytest.mark.parametrize(("year", "code"), [(1980, "YUG"), (1991, "YUG"), (1985, "DDR"), (1985, "CSK")])
def test_states_of_the_past_are_listed_as_groups(speakers, tmp_path, year, code):
    found = speakers(row(year, code), row(year, "FRA"))
    assert found.notes == ()
    assert found.data.parties == {code: codebook("ungdc")["groups"][code]}
    save_whole(found.data, tmp_path / "out")
    assert load_dataset(tmp_path / "out").party_name(code) == codebook("ungdc")["groups"][code]


def test_blanks_around_a_code_need_no_repair(speakers):
    assert speakers(row(2010, "FRA  ")).notes == ()


def test_a_code_at_odds_with_the_country_is_kept_and_told(speakers):
    found = speakers(row(2010, "NER", country="Nigeria"))
    assert found.data.delegations.party.tolist() == ["NER"]
    assert told(found) == ["rows whose code and country are at odds; the code was kept (1): NER beside Nigeria (row 2)"]


# -- files that are refused --------------------------------------------------------------------------------------


def test_all_wrong_rows_are_told_at_once(speakers):
    rows = [row(2010, "QQQ", country="Atlantis"), row(2010, "FRA"), ["201O", 65, "PER", "", "", ""],
            [2010, 66, "PER", "", "", ""], row(2010, ""), [1944, "", "PER", "", "", ""]]  # fmt: skip
    problems = refused(speakers, *rows)
    assert [problem[:3] for problem in problems] == [
        (2, "ISO Code", "QQQ"), (4, "Year", "201O"), (5, "Session", "66"), (6, "ISO Code", ""), (7, "Year", "1944")
    ]  # fmt: skip
    assert "'Atlantis'" in problems[0][3]
    assert "session 65" in problems[2][3]


def test_columns_may_have_other_headings_and_order_and_unused_ones_are_told(speakers):
    found = speakers(["President", "PER", 2010, "x"], header=["POST", "iso_code", "Year ", "Remarks"])
    assert levels(found, 2010, "PER") == {"leader": 1.0}
    assert told(found) == ["columns not used (1): 'Remarks' (row 1)"]


@pytest.mark.parametrize(
    ("header", "remedy"),
    [
        (["Year", "ISO Code", "Job"], "no column of the post"),
        (["When", "ISO Code", "Post"], "no column of the year"),
        (["Year", "State", "Post"], "no column of the code"),
    ],
)
def test_a_missing_column_is_named(speakers, header, remedy):
    ((line, _, found, told),) = refused(speakers, [2010, "PER", "President"], header=header)
    assert (line, found) == (1, ",".join(header))
    assert remedy in told


def test_a_column_that_stands_twice_is_named(speakers):
    problems = refused(speakers, [2010, "PER", "King", "Pope"], header=["Year", "ISO Code", "Post", "Position"])
    assert [(line, found) for line, _, found, _ in problems] == [(1, "Post, Position")]


def test_a_list_of_early_years_alone_is_no_empty_success(speakers):
    ((_, _, found, remedy),) = refused(speakers, row(1950, "FRA"))
    assert found == "1 rows"
    assert "1970" in remedy


# -- files, days and the codebook --------------------------------------------------------------------------------


def test_a_workbook_and_a_text_file_give_the_same(workbook, speakers):
    rows = [row(2010, "FRA", "President"), row(2010, "PER", ""), row(1969, "PER"), row(2003, "YUG")]
    book, text = read_ungdc(workbook(HEADER, *rows)), speakers(*rows)
    assert book.data.fingerprint() == text.data.fingerprint()
    assert told(book) == told(text)


def test_sheets_that_are_not_read_are_told(workbook):
    found = read_ungdc(workbook(HEADER, row(2010, "FRA", "President"), more={"Notes": [["x"]], "Empty": []}))
    assert told(found) == ["sheets not read, as only the first is (1): 'Notes'"]


@pytest.mark.parametrize(
    ("year", "month", "day"),
    [(1984, 9, 24), (1992, 9, 21), (1994, 9, 26), (2001, 11, 10), (2003, 9, 23), (2004, 9, 21), (2006, 9, 19),
     (2007, 9, 25), (2008, 9, 23), (2012, 9, 25), (2013, 9, 24), (2015, 9, 28), (2016, 9, 20), (2017, 9, 19)],
)  # fmt: skip
def test_each_debate_opens_on_its_day(year, month, day):
    assert opening_day(year) == dt.date(year, month, day)


def test_the_codebook_keeps_its_word():
    book = codebook("ungdc")
    assert set(book["columns"]) == {"year", "session", "code", "country", "speaker", "post"}
    assert all(opening_day(int(year)).year == int(year) for year in book["opening"])
    known = known_parties() | set(book["groups"])
    named = [entry["party"] for entry in [*book["codes"], *book["pairs"]]] + list(book["countries"].values())
    assert set(named) <= known
    # A group that is a state would be refused in party_codes.csv.
    assert not set(book["groups"]) & known_parties()
    headings = [heading for headings in book["columns"].values() for heading in headings]
    assert headings == [plain_words(heading) for heading in dict.fromkeys(headings)]
