"""What a cell or a key of a card may hold."""

import datetime as dt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from attend_ml import records
from attend_ml.records import Delegation, Meeting, MeetingRow, Signal, Statement, known_parties, parse_moment

QUICK = settings(max_examples=100, deadline=None, database=None)
SAID = {"date": "2025-05-14", "text": "No decision has been taken."}
DONE = {"date": "2025-05-14", "cameo": "036"}
TALKS = {"meeting_id": "geneva-2030-01-10", "name": "Talks in Geneva", "date": "2030-01-10"}


@QUICK
@given(st.dates(min_value=dt.date(1970, 1, 1), max_value=dt.date(2499, 12, 31)))
def test_every_day_of_the_calendar_is_read(day):
    assert parse_moment(day.isoformat()) == (dt.datetime.combine(day, dt.time()), False)


@QUICK
@given(st.datetimes(min_value=dt.datetime(1970, 1, 1), max_value=dt.datetime(2499, 12, 31)))
def test_every_minute_in_utc_is_read(moment):
    minute = moment.replace(second=0, microsecond=0)
    assert parse_moment(f"{minute:%Y-%m-%dT%H:%MZ}") == (minute, True)


@pytest.mark.parametrize(
    "text",
    ["", "14.05.2025", "2025-5-14", "2025/05/14", "20250514", "2025-05-14 10:00", "2025-05-14T10:00", "2025-05",
     "2025-05-14T10:00+02:00", " 2025-05-14", "2025-05-14T1000Z", "٢٠٢٥-٠٥-١٤"],
)  # fmt: skip
def test_anything_but_an_iso_date_is_refused_with_the_way_to_write_it(text):
    with pytest.raises(ValueError, match="YYYY-MM-DD"):
        parse_moment(text)


@pytest.mark.parametrize("text", ["2025-02-29", "2025-04-31", "2025-13-01", "2025-00-10", "2025-05-14T24:30Z"])
def test_a_day_or_time_that_does_not_exist_is_refused_as_such(text):
    with pytest.raises(ValueError, match="there is no such day or time"):
        parse_moment(text)


def test_a_leap_day_is_a_day():
    assert parse_moment("2024-02-29")[0] == dt.datetime(2024, 2, 29)


@pytest.mark.parametrize(
    ("make", "nearest"),
    [
        (lambda: Statement(**SAID, cue="comit"), "did you mean 'commit'"),
        (lambda: Statement(**SAID, speaker_role="spokesman"), "did you mean 'spokesperson'"),
        (lambda: Statement(**SAID, level_spoken="leaders"), "did you mean 'leader'"),
        (lambda: Statement(**SAID, about_party="RU"), "did you mean 'RUS'"),
        (lambda: Signal(**DONE, source_level="seniors"), "did you mean 'senior'"),
        (lambda: Signal(**DONE, target_party="USAA"), "did you mean 'USA'"),
        (lambda: MeetingRow(**TALKS, format="bilatral"), "did you mean 'bilateral'"),
        (lambda: MeetingRow(**TALKS, topic="prisoner"), "did you mean 'prisoners'"),
        (lambda: MeetingRow(**TALKS, convened_level="unspecifed"), "did you mean 'unspecified'"),
        (lambda: MeetingRow(**TALKS, status="canceled"), "did you mean 'cancelled'"),
        (lambda: Delegation(meeting_id="x-2020-01-01", party="RUS", mode="in person"), "did you mean 'in_person'"),
    ],
)
def test_an_unknown_code_is_refused_and_the_nearest_named(make, nearest):
    with pytest.raises(ValidationError, match=nearest):
        make()


@pytest.mark.parametrize("options", ["LEVELS", "ROLES", "CUES", "FORMATS", "TOPICS", "STATUSES", "MODES"])
def test_every_code_of_the_schema_is_accepted(options):
    field = {
        "LEVELS": lambda code: Statement(**SAID, level_spoken=code).level_spoken,
        "ROLES": lambda code: Statement(**SAID, speaker_role=code).speaker_role,
        "CUES": lambda code: Statement(**SAID, cue=code).cue,
        "FORMATS": lambda code: MeetingRow(**TALKS, format=code).format,
        "TOPICS": lambda code: MeetingRow(**TALKS, topic=code).topic,
        "STATUSES": lambda code: MeetingRow(**TALKS, status=code).status,
        "MODES": lambda code: Delegation(meeting_id="x-2020-01-01", party="RUS", mode=code).mode,
    }[options]
    codes = getattr(records, options)
    assert [field(code) for code in codes] == list(codes)


@pytest.mark.parametrize("code", ["01", "036", "0231", "10", "125", "1012", "195", "20", "204", "112a"])
def test_a_cameo_code_is_kept_as_it_is_written(code):
    assert Signal(date="2025-05-14", cameo=code).cameo == code


@pytest.mark.parametrize("code", ["36", "46", "3", "00", "21", "210", "900", "1", "", "0361234", "O36", "036 x"])
def test_what_is_no_cameo_code_is_refused_with_the_leading_zero_in_the_remedy(code):
    with pytest.raises(ValidationError, match="leading zero"):
        Signal(date="2025-05-14", cameo=code)


@pytest.mark.parametrize(
    ("cell", "value"), [("0", 0), ("1", 1), (0, 0), (1.0, 1), ("1.0", 1), ("", None), (None, None)]
)
def test_a_flag_is_yes_no_or_not_known(cell, value):
    assert Delegation(meeting_id="x-2020-01-01", party="RUS", leader=cell).leader == value


@pytest.mark.parametrize("cell", ["2", "-1", "yes", "0.5", "true", 0.5])
def test_a_flag_that_is_neither_0_nor_1_is_refused(cell):
    with pytest.raises(ValidationError, match="write 1 \\(attended\\), 0 \\(did not\\)"):
        Delegation(meeting_id="x-2020-01-01", party="RUS", leader=cell)


@pytest.mark.parametrize("slug", ["Oslo-2020-03-10", "oslo_2020", "oslo--2020", "-oslo", "oslo 2020", "öslo"])
def test_an_id_that_is_no_slug_is_refused_with_an_example(slug):
    with pytest.raises(ValidationError, match="like geneva-2021-06-16"):
        MeetingRow(**{**TALKS, "meeting_id": slug})


def test_states_and_organisations_are_known_and_groups_only_where_they_are_listed():
    assert {"RUS", "UKR", "EUU", "NATO", "UNO", "XKX", "PSE"} <= known_parties()
    with pytest.raises(ValidationError, match=r"a group listed in party_codes\.csv"):
        Statement(**SAID, about_party="QQX")
    said = Statement.model_validate({**SAID, "about_party": "QQX"}, context={"parties": {"QQX"}})
    assert said.about_party == "QQX"


def test_a_record_made_in_python_may_name_a_group_of_the_shipped_tables():
    assert Statement(**SAID, about_party="HTH").about_party == "HTH"
    with pytest.raises(ValidationError):
        Statement.model_validate({**SAID, "about_party": "HTH"}, context={"parties": frozenset()})


def test_each_of_several_mediators_must_be_known():
    assert MeetingRow(**TALKS, mediators="CHE;UNO").mediators == "CHE;UNO"
    with pytest.raises(ValidationError, match="ISO 3166"):
        MeetingRow(**TALKS, mediators="CHE;XYZ")


def test_an_empty_or_blank_cell_means_not_known():
    said = Statement(**SAID, speaker="  ", cue="", speaker_party="")
    assert (said.speaker, said.cue, said.speaker_party) == (None, None, None)


def test_an_empty_topic_means_not_known():
    assert MeetingRow(**TALKS, topic="").topic in (None, "other")


def test_blanks_around_a_value_do_not_matter():
    assert Statement(date=" 2025-05-14", text=" It is so. ").text == "It is so."


@pytest.mark.parametrize("count", ["inf", "-inf", "1e999", float("inf")])
def test_a_number_that_is_not_finite_is_refused(count):
    with pytest.raises(ValidationError):
        Signal(**DONE, count=count)


def test_an_unknown_field_is_refused():
    with pytest.raises(ValidationError, match="speeker"):
        Statement(**SAID, speeker="Dmitry Peskov")


def test_a_record_cannot_be_changed_afterwards():
    said = Statement(**SAID)
    with pytest.raises(ValidationError):
        said.text = "Something else."
    assert said.text == SAID["text"]


def test_a_meeting_needs_at_least_one_party():
    with pytest.raises(ValidationError, match="parties"):
        Meeting(**TALKS, parties=[])
