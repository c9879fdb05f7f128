"""The four tables together, and what of them was known at a moment."""

import datetime as dt
from collections import defaultdict

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from attend_ml.dataset import Dataset
from attend_ml.errors import DataError, RequestError
from attend_ml.load import load_dataset
from attend_ml.moments import moment
from attend_ml.records import Meeting, Signal, Statement

QUICK = settings(max_examples=15, deadline=None, database=None)
DAYS = st.datetimes(dt.datetime(2012, 1, 1), dt.datetime(2025, 12, 31)).map(lambda at: at.replace(microsecond=0))


def spoil(folder, table, old, new):
    path = folder / f"{table}.csv"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def append(folder, table, row):
    path = folder / f"{table}.csv"
    path.write_text(path.read_text(encoding="utf-8") + row + "\n", encoding="utf-8")


def assert_same(one: Dataset, other: Dataset) -> None:
    for name, frame in one.tables().items():
        assert_frame_equal(other.tables()[name], frame, check_exact=True)
    assert (other.parties, other.links) == (one.parties, one.links)


def plain(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the cells alone: pandas gives a column another type where it is added to an empty one."""
    return frame.astype(object).where(frame.notna(), None)


@pytest.fixture
def full(folder):
    """The small folder with every optional column, times of day, a group, a link and a general signal."""
    (folder / "meetings.csv").write_text(
        "meeting_id,name,date,city,country,format,series,topic,proposer,mediators,announced_on,convened_level,status,"
        "source_url\n"
        "oslo-2020-03-10,Talks in Oslo,2020-03-10,Oslo,NOR,bilateral,,peace,SWE,CHE;UNO,2020-03-01,leader,held,\n"
        "bern-2021-06-01,Talks in Bern,2021-06-01,Bern,CHE,bilateral,alps,other,,,,senior,cancelled,https://example.org\n"
        "rome-2021-06-02,Talks in Rome,2021-06-02,Rome,ITA,summit,,general,,,2021-05-20,leader,,\n",
        encoding="utf-8",
    )
    append(folder, "delegations", "rome-2021-06-02,HTH,,,")
    append(folder, "statements", "rome-2021-06-02,2021-05-30T17:45Z,,media,,HTH,,,It may come.,")
    append(folder, "statements", 'rome-2021-06-02,2021-05-31,,,,HTH,name,senior,"Two\r\nlines, ""quoted"".",')
    (folder / "party_codes.csv").write_text("party,name\nHTH,Ansar Allah\n", encoding="utf-8")
    (folder / "links.csv").write_text("meeting_id,linked_to\nbern-2021-06-01,rome-2021-06-02\n", encoding="utf-8")
    return folder


# -- moments ---------------------------------------------------------------------------------------------------

END = pd.Timestamp("2025-05-14 23:59:59")


@pytest.mark.parametrize(
    "day",
    [
        "2025-05-14",
        dt.date(2025, 5, 14),
        dt.datetime(2025, 5, 14),
        np.datetime64("2025-05-14"),
        pd.Timestamp("2025-05-14"),
        pd.Timestamp("2025-05-14", tz="UTC"),
    ],
)
def test_a_day_means_its_last_second_whatever_it_is_written_in(day):
    assert moment(day) == END


@pytest.mark.parametrize(
    "time",
    [
        "2025-05-14T18:00Z",
        dt.datetime(2025, 5, 14, 18),
        np.datetime64("2025-05-14T18:00"),
        pd.Timestamp("2025-05-14 18:00"),
        pd.Timestamp("2025-05-14 21:00", tz="Europe/Istanbul"),
        dt.datetime(2025, 5, 14, 20, tzinfo=dt.timezone(dt.timedelta(hours=2))),
    ],
)
def test_a_time_means_that_very_moment_in_utc(time):
    assert moment(time) == pd.Timestamp("2025-05-14 18:00")
    assert moment(time).tzinfo is None


def test_midnight_written_as_a_time_is_the_moment_at_which_the_day_begins():
    assert moment("2025-05-14T00:00Z") == pd.Timestamp("2025-05-14")


@pytest.mark.parametrize("text", ["", "14 May 2025", "2025-05-32", "tomorrow", "2025-05-14T25:00Z"])
def test_a_text_that_is_no_date_is_refused_with_what_was_found(text):
    with pytest.raises(RequestError, match=f"as-of date: found '{text}'; .*YYYY-MM-DD"):
        moment(text)


@pytest.mark.parametrize("value", [pd.NaT, None, 20250514, 2025.0])
def test_what_is_no_date_at_all_is_refused(value):
    with pytest.raises(RequestError, match="as-of date"):
        moment(value)


# -- as of -----------------------------------------------------------------------------------------------------


@QUICK
@given(DAYS)
def test_nothing_known_later_is_left_and_nothing_known_earlier_lost(data, when):
    at, cut = moment(when), data.as_of(when)
    for name in ("statements", "signals"):
        frame = data.tables()[name]
        expected = frame[[known <= at for known in frame.known_from]].reset_index(drop=True)
        assert_frame_equal(cut.tables()[name], expected)
    over = [day.normalize() + pd.Timedelta(days=1) <= at for day in data.meetings.date]
    assert cut.meetings.status[over].equals(data.meetings.status[over])
    assert cut.meetings.status[~np.array(over)].isna().all()
    known = data.delegations.meeting_id.isin(data.meetings.meeting_id[over])
    assert_frame_equal(cut.delegations[known], data.delegations[known])
    assert cut.delegations[~known].drop(columns=["meeting_id", "party"]).isna().all(axis=None)


@QUICK
@given(DAYS, DAYS)
def test_looking_from_two_moments_is_looking_from_the_earlier(data, one, other):
    assert_same(data.as_of(one).as_of(other), data.as_of(min(moment(one), moment(other))))


def test_meetings_and_parties_invited_to_come_stay(data):
    cut = data.as_of("2020-01-01")
    assert cut.meetings.meeting_id.equals(data.meetings.meeting_id)
    assert cut.delegations[["meeting_id", "party"]].equals(data.delegations[["meeting_id", "party"]])


def test_the_whole_is_not_changed_by_looking_from_a_moment(data):
    before = {name: frame.copy() for name, frame in data.tables().items()}
    data.as_of("2015-06-01")
    for name, frame in data.tables().items():
        assert_frame_equal(frame, before[name])


def test_the_outcome_of_a_meeting_is_known_from_the_day_after(folder):
    data = load_dataset(folder)
    assert data.as_of("2020-03-10").meetings.status.isna().all()
    assert data.as_of("2020-03-10").delegations.leader.isna().all()
    after = data.as_of("2020-03-11T00:00Z")
    assert after.meetings.status[0] == "held"
    assert after.meetings.status[1:].isna().all()
    assert after.delegations.leader.tolist()[:2] == [1.0, 0.0]


def test_the_outcome_of_a_meeting_with_an_hour_is_known_from_the_day_after_too(folder):
    spoil(folder, "meetings", "2020-03-10,Oslo", "2020-03-10T16:00Z,Oslo")
    assert load_dataset(folder).as_of("2020-03-11T09:00Z").meetings.status[0] == "held"


@pytest.mark.parametrize("column", ["mode", "head_name", "head_title", "source_url"])
def test_who_led_a_delegation_and_the_page_that_tells_it_are_outcomes(data, column):
    given = data.delegations[column]
    assert given.notna().any()
    later = data.delegations.meeting_id.map(data.meetings.set_index("meeting_id").date) > pd.Timestamp("2018-01-01")
    cut = data.as_of("2018-01-01").delegations[column]
    assert cut[later].isna().all()
    assert cut[~later].equals(given[~later])


@pytest.mark.parametrize(
    ("when", "n"), [("2020-03-04", 0), ("2020-03-05T12:00Z", 0), ("2020-03-05T23:59Z", 0), ("2020-03-05", 1)]
)
def test_a_statement_of_a_day_is_known_when_the_day_is_over(folder, when, n):
    assert len(load_dataset(folder).as_of(when).statements) == n


@pytest.mark.parametrize(("when", "n"), [("2020-03-05T12:29Z", 0), ("2020-03-05T12:30Z", 1), ("2020-03-05", 1)])
def test_a_statement_with_a_time_is_known_from_that_minute(folder, when, n):
    spoil(folder, "statements", "2020-03-05", "2020-03-05T12:30Z")
    cut = load_dataset(folder).as_of(when)
    assert len(cut.statements) == n
    assert (cut.statements.date == pd.Timestamp("2020-03-05 12:30")).all()


def test_an_announcement_that_lies_ahead_is_hidden_but_its_meeting_stays(full):
    cut = load_dataset(full).as_of("2021-05-19")
    assert cut.meetings.announced_on.tolist() == [pd.Timestamp("2020-03-01"), pd.NaT, pd.NaT]
    assert load_dataset(full).as_of("2021-05-20").meetings.announced_on[2] == pd.Timestamp("2021-05-20")


def test_an_announcement_of_a_day_is_known_when_the_day_is_over(full):
    data = load_dataset(full)
    assert data.as_of("2021-05-20T09:00Z").meetings.announced_on.isna()[2]


def test_no_date_to_look_from_is_refused(data):
    with pytest.raises(RequestError, match="found '2025-02-30'"):
        data.as_of("2025-02-30")


# -- one meeting -----------------------------------------------------------------------------------------------


def test_a_meeting_is_found_by_its_id(data):
    assert data.meeting("istanbul-2025-05-15").city == "Istanbul"


def test_an_unknown_meeting_is_refused_and_the_nearest_named(data):
    with pytest.raises(RequestError, match=r"no meeting 'istanbul-2025-05-16' .*did you mean 'istanbul-2025-05-15'\?"):
        data.meeting("istanbul-2025-05-16")


def test_where_no_id_is_near_none_is_named(data):
    with pytest.raises(RequestError, match=r"no meeting 'zzz' in the data; give an id of meetings\.csv") as caught:
        data.meeting("zzz")
    assert "did you mean" not in str(caught.value)


# -- one meeting more ------------------------------------------------------------------------------------------

TALKS = {"meeting_id": "rome-2020-06-01", "name": "Talks in Rome", "date": "2020-06-01", "country": "ITA"}


def test_a_meeting_of_ones_own_is_added_with_its_parties_statements_and_signals(folder):
    base = load_dataset(folder)
    said = Statement(date="2020-05-30T10:00Z", speaker_party="ITA", about_party="ITA", text="He will come.")
    done = Signal(date="2020-05-20", source_party="ITA", target_party="NOR", cameo="036")
    data = base.with_meeting(Meeting(**TALKS, parties=["ITA", "NOR"], statements=[said], signals=[done]))
    assert data.meeting("rome-2020-06-01").country == "ITA"
    assert data.delegations.party[data.delegations.meeting_id == "rome-2020-06-01"].tolist() == ["ITA", "NOR"]
    new = data.statements.iloc[-1]
    assert (new.meeting_id, new.text, new.known_from) == (
        "rome-2020-06-01",
        said.text,
        pd.Timestamp("2020-05-30 10:00"),
    )
    assert data.signals.iloc[-1][["meeting_id", "cameo"]].tolist() == ["rome-2020-06-01", "036"]
    assert_same(base, load_dataset(folder))


def test_what_was_there_before_is_not_changed_by_one_meeting_more(folder):
    base = load_dataset(folder)
    data = base.with_meeting(Meeting(**TALKS, parties=["ITA"]))
    for name, frame in base.tables().items():
        assert_frame_equal(plain(data.tables()[name].iloc[: len(frame)]), plain(frame))


def test_a_meeting_of_a_known_id_takes_the_place_of_the_old_with_all_that_belongs_to_it(folder):
    append(folder, "signals", "oslo-2020-03-10,2020-02-21,NOR,SWE,036,,Of this meeting.")
    oslo = {**TALKS, "meeting_id": "oslo-2020-03-10", "date": "2020-03-12"}
    data = load_dataset(folder).with_meeting(Meeting(**oslo, parties=["ITA"]))
    assert data.meetings.meeting_id.tolist() == ["bern-2021-06-01", "oslo-2020-03-10"]
    assert data.meeting("oslo-2020-03-10").date == pd.Timestamp("2020-03-12")
    assert data.delegations.party.tolist() == ["CHE", "ITA"]
    assert len(data.statements) == 0
    assert data.signals.text.tolist() == ["The foreign minister visited."]


def test_a_party_named_twice_is_invited_once(folder):
    data = load_dataset(folder).with_meeting(Meeting(**TALKS, parties=["ITA", "NOR", "ITA"]))
    assert data.delegations.party.tolist()[3:] == ["ITA", "NOR"]


def test_a_group_of_the_data_may_be_invited(full):
    base = load_dataset(full)
    meeting = Meeting.model_validate({**TALKS, "parties": ["HTH"]}, context={"parties": base.parties})
    assert base.with_meeting(meeting).delegations.party.iloc[-1] == "HTH"


@pytest.mark.parametrize(
    ("more", "column", "found"),
    [
        ({"statements": [Statement(date="2020-06-02", text="Late.")]}, "date", "2020-06-02"),
        ({"announced_on": "2020-06-03"}, "announced_on", "2020-06-03"),
    ],
)
def test_a_meeting_of_ones_own_that_contradicts_itself_is_refused(folder, more, column, found):
    with pytest.raises(DataError) as caught:
        load_dataset(folder).with_meeting(Meeting(**TALKS, parties=["ITA"], **more))
    (problem,) = caught.value.problems
    assert (problem.column, problem.found) == (column, found)
    assert "rome-2020-06-01" in problem.where


# -- more rows -------------------------------------------------------------------------------------------------

ROW = {"date": "2020-03-06", "speaker_role": "media", "speaker_party": "SWE", "about_party": "SWE", "text": "Hm."}


def rows(**changed):
    return pd.DataFrame([{**ROW, **changed}])


@pytest.mark.parametrize("given", [{}, {"meeting_id": ""}, {"meeting_id": None}, {"meeting_id": "oslo-2020-03-10"}])
def test_rows_are_added_to_the_meeting_asked_about(folder, given):
    base = load_dataset(folder)
    data = base.with_rows("oslo-2020-03-10", rows(**given), None)
    assert data.statements.meeting_id.tolist() == ["oslo-2020-03-10"] * 2
    assert data.statements.text.iloc[-1] == "Hm."
    assert data.statements.known_from.iloc[-1] == pd.Timestamp("2020-03-06 23:59:59")
    assert_same(base, load_dataset(folder))


def test_signals_are_added_too(folder):
    done = pd.DataFrame([{"date": "2020-03-06", "source_party": "NOR", "target_party": "SWE", "cameo": "036"}])
    data = load_dataset(folder).with_rows("oslo-2020-03-10", None, done)
    assert data.signals.cameo.tolist() == ["042", "036"]


def test_rows_of_another_meeting_are_refused(folder):
    with pytest.raises(DataError, match="found 'bern-2021-06-01'; only rows of oslo-2020-03-10 can be added"):
        load_dataset(folder).with_rows("oslo-2020-03-10", rows(meeting_id="bern-2021-06-01"), None)


@pytest.mark.parametrize(
    ("changed", "column", "remedy"),
    [
        ({"date": "2020-03-16"}, "date", "after the meeting's date"),
        ({"speaker_role": "outlet"}, "speaker_role", "use one of leader"),
        ({"meeting_id": "bern-2021-06-01"}, "meeting_id", "only rows of oslo-2020-03-10"),
        ({"date": "2020-03-05", "speaker": "Spokesperson", "text": "The prime minister will not travel to Oslo."},
         "meeting_id", "stand twice"),
    ],
)  # fmt: skip
def test_a_wrong_row_is_told_with_its_own_line_and_column(folder, changed, column, remedy):
    with pytest.raises(DataError) as caught:
        load_dataset(folder).with_rows("oslo-2020-03-10", rows(**changed), None)
    (problem,) = caught.value.problems
    assert (problem.line, problem.column) == (2, column)
    assert remedy in problem.remedy


def test_rows_of_an_unknown_meeting_are_refused(folder):
    with pytest.raises((DataError, RequestError), match="oslo-2020-03-11"):
        load_dataset(folder).with_rows("oslo-2020-03-11", rows(), None)


@pytest.fixture
def with_confidence(folder):
    """Statements as the reader of articles writes them, with a column more."""
    spoil(folder, "statements", "source_url", "source_url,confidence")
    spoil(folder, "statements", "example.org/1", "example.org/1,0.8")
    return load_dataset(folder)


def test_plain_rows_are_added_to_statements_read_from_articles(with_confidence):
    data = with_confidence.with_rows("oslo-2020-03-10", rows(), None)
    assert data.statements.text.iloc[-1] == "Hm."


def test_statements_read_from_articles_are_added_to_plain_rows(folder):
    data = load_dataset(folder).with_rows("oslo-2020-03-10", rows(confidence="0.8"), None)
    assert data.statements.text.iloc[-1] == "Hm."


# -- one dataset over another ----------------------------------------------------------------------------------


def test_a_meeting_known_to_both_is_taken_from_the_upper_dataset(full, data):
    upper = load_dataset(full)
    own = "istanbul-2025-05-15"
    base = Dataset(
        **{name: frame[frame.meeting_id == own] for name, frame in data.tables().items()}, parties=data.parties
    )
    shared = base.with_meeting(
        Meeting(**{**TALKS, "meeting_id": "oslo-2020-03-10", "date": "2020-03-12"}, parties=["ITA"])
    )
    merged = upper.over(shared)
    assert set(merged.meetings.meeting_id) == {own, "oslo-2020-03-10", "bern-2021-06-01", "rome-2021-06-02"}
    assert merged.meeting("oslo-2020-03-10").date == pd.Timestamp("2020-03-10")
    oslo = merged.delegations.meeting_id == "oslo-2020-03-10"
    assert merged.delegations.party[oslo].tolist() == ["NOR", "SWE"]
    assert len(merged.statements) == len(base.statements) + len(upper.statements)
    assert merged.parties == {**data.parties, **upper.parties}
    assert merged.links == upper.links


def test_links_and_groups_of_both_are_kept(full, data):
    merged = load_dataset(full).over(data)
    assert set(merged.links) == {*data.links, ("bern-2021-06-01", "rome-2021-06-02")}
    assert merged.clusters()["bern-2021-06-01"] == merged.clusters()["rome-2021-06-02"]
    assert merged.party_name("HTH") == "Ansar Allah"


def test_a_dataset_over_itself_is_itself(data):
    assert data.over(data).fingerprint() == data.fingerprint()


def test_a_signal_of_no_meeting_in_both_datasets_counts_once(folder):
    data = load_dataset(folder)
    assert data.over(data).fingerprint() == data.fingerprint()


def test_plain_tables_are_laid_over_statements_read_from_articles(with_confidence, data):
    assert len(data.over(with_confidence).meetings) == len(data.meetings) + 2


# -- saving ----------------------------------------------------------------------------------------------------


def test_the_shipped_data_are_read_back_bit_by_bit_as_they_were_saved(data, tmp_path):
    data.save(tmp_path / "new" / "folder")
    again = load_dataset(tmp_path / "new" / "folder")
    assert_same(again, data)
    assert again.fingerprint() == data.fingerprint()


def test_times_of_day_groups_links_and_texts_are_read_back_as_they_were_saved(full, tmp_path):
    data = load_dataset(full)
    assert data.statements.known_from[1] == pd.Timestamp("2021-05-30 17:45")
    assert data.statements.text[2] == 'Two\r\nlines, "quoted".'
    data.save(tmp_path / "saved")
    assert_same(load_dataset(tmp_path / "saved"), data)


def test_what_was_known_at_a_moment_is_read_back_as_it_was_saved(data, tmp_path):
    cut = data.as_of("2019-04-01")
    cut.save(tmp_path)
    assert_same(load_dataset(tmp_path), cut)


def test_tables_that_lack_optional_columns_are_read_back_as_they_were_saved(folder, tmp_path):
    data = load_dataset(folder)
    data.save(tmp_path / "saved")
    assert_same(load_dataset(tmp_path / "saved"), data)


def test_groups_and_links_of_an_older_dataset_in_the_folder_are_not_read_back(full, data, tmp_path):
    tables = load_dataset(full)
    tables.save(tmp_path)
    rest = {name: frame[frame.meeting_id != "rome-2021-06-02"] for name, frame in tables.tables().items()}
    Dataset(**rest).save(tmp_path)
    again = load_dataset(tmp_path)
    assert (again.parties, again.links) == ({}, ())


def test_a_dataset_is_made_of_its_own_tables_again(data):
    assert_same(Dataset(**data.tables(), parties=data.parties, links=data.links), data)


# -- the fingerprint -------------------------------------------------------------------------------------------


@QUICK
@given(st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_change_the_fingerprint(full_data, random):
    tables = {
        name: frame.sample(frac=1, random_state=random.randrange(2**32)) for name, frame in full_data.tables().items()
    }
    assert Dataset(**tables, parties=full_data.parties).fingerprint() == full_data.fingerprint()


@pytest.fixture(scope="module")
def full_data(data):
    """A few dozen of the shipped rows."""
    ids = data.meetings.meeting_id[-12:]
    tables = {name: frame[frame.meeting_id.isin(ids)] for name, frame in data.tables().items()}
    return Dataset(**tables, parties=data.parties)


CELLS = {
    "meetings": {"name": "Other", "date": "2020-03-09", "city": "Bergen", "country": "SWE", "format": "summit",
                 "series": "fjord", "topic": "grain", "proposer": "NOR", "mediators": "CHE",
                 "announced_on": "2020-03-02", "convened_level": "senior", "status": "postponed", "source_url": "https://example.org/2"},
    "delegations": {"party": "FIN", "leader": "0", "senior": "", "working": "1", "mode": "virtual", "head_name": "X",
                    "head_title": "Y", "source_url": "https://example.org/2"},
    "statements": {"meeting_id": "", "date": "2020-03-06", "speaker": "", "speaker_role": "media",
                   "speaker_party": "NOR", "about_party": "NOR", "cue": "", "level_spoken": "senior",
                   "text": "The prime minister will travel to Oslo.", "source_url": ""},
    "signals": {"meeting_id": "oslo-2020-03-10", "date": "2020-02-21", "source_party": "FIN", "target_party": "FIN",
                "cameo": "043", "source_actor": "Minister", "source_level": "", "target_actor": "King",
                "target_level": "leader", "count": "2", "goldstein": "0.5", "tone": "-0.25", "text": "Other.",
                "source_url": "https://example.org/2"},
}  # fmt: skip


@pytest.mark.parametrize(("table", "column"), [(table, column) for table in CELLS for column in CELLS[table]])
def test_any_cell_changes_the_fingerprint(full, table, column):
    data = load_dataset(full)
    frame = data.tables()[table].drop(columns="known_from", errors="ignore").astype(object)
    frame.loc[0, column] = CELLS[table][column]
    tables = data.tables() | {table: frame}
    assert Dataset(**tables, parties=data.parties).fingerprint() != data.fingerprint()


def test_a_row_more_or_less_changes_the_fingerprint(full):
    data = load_dataset(full)
    append(full, "signals", ",2020-02-20,NOR,SWE,042,senior,The foreign minister visited.")
    assert load_dataset(full).fingerprint() != data.fingerprint()


def test_two_cells_exchanged_between_rows_change_the_fingerprint(full):
    data = load_dataset(full)
    spoil(full, "delegations", "NOR,1,1", "NOR,0,1")
    spoil(full, "delegations", "SWE,0,1", "SWE,1,1")
    assert load_dataset(full).fingerprint() != data.fingerprint()


def test_midnight_and_no_time_are_not_the_same_to_the_fingerprint(full):
    data = load_dataset(full)
    spoil(full, "statements", "2020-03-05", "2020-03-05T00:00Z")
    other = load_dataset(full)
    assert len(other.as_of("2020-03-05T12:00Z").statements) == len(data.as_of("2020-03-05T12:00Z").statements) + 1
    assert other.fingerprint() != data.fingerprint()


@pytest.mark.parametrize("text", ["None", "nan", "NaN", "NaT", "<NA>"])
def test_a_text_that_looks_like_nothing_is_not_nothing_to_the_fingerprint(full, text):
    spoil(full, "statements", "Spokesperson,", ",")
    data = load_dataset(full)
    spoil(full, "statements", "2020-03-05,,", f"2020-03-05,{text},")
    assert load_dataset(full).fingerprint() != data.fingerprint()


# -- clusters --------------------------------------------------------------------------------------------------


@QUICK
@given(st.lists(st.tuples(st.integers(0, 11), st.integers(0, 11)), max_size=12))
def test_meetings_linked_over_others_are_one_cluster_and_all_others_are_not(full_data, pairs):
    ids = full_data.meetings.meeting_id.tolist()
    linked = Dataset(**full_data.tables(), parties=full_data.parties, links=[(ids[a], ids[b]) for a, b in pairs])
    neighbours = defaultdict(set)
    for a, b in pairs:
        neighbours[ids[a]].add(ids[b])
        neighbours[ids[b]].add(ids[a])

    def reached(start):
        found, todo = {start}, [start]
        while todo:
            new = neighbours[todo.pop()] - found
            found |= new
            todo += new
        return found

    clusters = linked.clusters()
    assert set(clusters.index) == set(ids)
    for meeting in ids:
        assert set(clusters.index[clusters == clusters[meeting]]) == reached(meeting)
        assert clusters[meeting] in reached(meeting)


def test_the_shipped_links_make_clusters_of_more_than_two(data):
    sizes = data.clusters().value_counts()
    assert sizes.sum() == len(data.meetings)
    assert sizes.max() > 2


def test_meetings_are_known_to_belong_together_once_both_are_over(data):
    dates = data.meetings.set_index("meeting_id").date
    first, second = max(data.links, key=lambda link: max(dates[list(link)]))
    last = max(dates[first], dates[second])
    assert (first, second) not in data.as_of(last).links
    assert (first, second) in data.as_of(last + pd.Timedelta(days=1)).links
    then = data.as_of("2015-01-01")
    assert then.links == tuple(link for link in data.links if (dates[list(link)] < "2015-01-01").all())
    assert len(data.links) > len(then.links) > 0
    clusters = then.clusters()
    late = dates.index[dates >= "2015-01-01"]
    assert (clusters[late] == late).all()
    assert data.as_of("2026-01-01").clusters().equals(data.clusters())


# -- the rest --------------------------------------------------------------------------------------------------


def test_problems_of_frames_are_told_with_the_name_of_the_table(full):
    tables = load_dataset(full).tables()
    tables["delegations"] = pd.DataFrame({"meeting_id": ["oslo-2020-03-10"], "party": ["SVE"]})
    with pytest.raises(DataError, match=r"^delegations, line 2, column party: found 'SVE'; "):
        Dataset(**tables)


def test_a_dataset_tells_its_size_and_span(full):
    assert repr(load_dataset(full)) == (
        "Dataset(3 meetings, 4 delegations, 3 statements, 1 signals; 2020-03-10 to 2021-06-02)"
    )


@pytest.mark.parametrize(("code", "name"), [("NATO", "NATO"), ("RUS", "Russia"), ("ZZZ", "ZZZ")])
def test_a_party_is_told_by_its_plain_name_or_else_by_its_code(data, code, name):
    assert data.party_name(code) == name


def test_the_last_outcome_is_that_of_the_latest_meeting_whose_outcome_is_there(full):
    data = load_dataset(full)
    assert data.last_outcome() == pd.Timestamp("2021-06-01")
    assert data.as_of("2020-12-31").last_outcome() == pd.Timestamp("2020-03-10")
    assert data.as_of("2020-01-01").last_outcome() < pd.Timestamp("1700-01-01")
