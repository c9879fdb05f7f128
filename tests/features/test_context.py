"""The meeting itself: kind, host, proposer, distance in time."""

import numpy as np
import pandas as pd
import pytest

from attend_ml.asof import Situations, delegations_at
from attend_ml.features.context import MeetingContext

LEVELS = ("leader", "senior", "working", "unspecified")
FORMATS = ("bilateral", "trilateral", "multilateral", "summit", "proximity")


def columns(rows):
    extractor = MeetingContext().fit(rows)
    names = [name.removeprefix("context__") for name in extractor.get_feature_names_out()]
    return pd.DataFrame(extractor.transform(rows), columns=names, index=rows.party)


@pytest.fixture(scope="module")
def istanbul(data):
    return columns(Situations(data, ["istanbul-2025-05-15"] * 3, ["RUS", "TUR", "UKR"], ["2025-05-14"] * 3))


def test_istanbul_was_called_for_no_stated_level(istanbul):
    assert istanbul[[f"convened_{level}" for level in LEVELS]].to_numpy().tolist() == [[0, 0, 0, 1]] * 3


def test_istanbul_was_bilateral(istanbul):
    assert istanbul[[f"format_{form}" for form in FORMATS]].to_numpy().tolist() == [[1, 0, 0, 0, 0]] * 3


@pytest.mark.parametrize(
    ("column", "rus", "tur", "ukr"),
    [
        ("host", 0, 1, 0),
        ("host_invited", 1, 1, 1),
        ("proposer", 1, 0, 0),
        ("mediator", 0, 1, 0),
        ("organisation", 0, 0, 0),
        ("in_series", 1, 1, 1),
        ("announced", 1, 1, 1),
    ],
)
def test_part_each_party_had_in_istanbul(istanbul, column, rus, tur, ukr):
    assert istanbul.loc[["RUS", "TUR", "UKR"], column].tolist() == [rus, tur, ukr]


def test_istanbul_in_parties_and_days(istanbul, data):
    invited = int((data.delegations.meeting_id == "istanbul-2025-05-15").sum())
    row = istanbul.loc["RUS"]
    assert row.parties == pytest.approx(np.log(invited))
    assert row.horizon == pytest.approx(np.log1p(1))
    # Announced on 11 May: three days before the moment, four before the meeting.
    assert row.announced_ago == pytest.approx(np.log1p(3))
    assert row.lead == pytest.approx(np.log1p(4))


def test_an_organisation_is_told_from_a_state(build):
    data = build(
        [{"meeting_id": "brussels-2020-01-10", "date": "2020-01-10", "country": "BEL"}],
        [{"meeting_id": "brussels-2020-01-10", "party": party} for party in ("NATO", "EUU", "RUS")],
    )
    rows = Situations(data, ["brussels-2020-01-10"] * 3, ["NATO", "EUU", "RUS"], ["2020-01-09"] * 3)
    assert columns(rows).organisation.tolist() == [1, 1, 0]


def test_the_host_country_counts_as_taking_part_only_if_it_is_a_party(build):
    meetings = [
        {"meeting_id": "geneva-2020-01-10", "date": "2020-01-10", "country": "CHE"},
        {"meeting_id": "bern-2020-02-10", "date": "2020-02-10", "country": "CHE"},
        {"meeting_id": "online-2020-03-10", "date": "2020-03-10"},
    ]
    parties = [("geneva-2020-01-10", "RUS"), ("geneva-2020-01-10", "USA")]
    parties += [("bern-2020-02-10", "RUS"), ("bern-2020-02-10", "CHE")]
    parties += [("online-2020-03-10", "RUS"), ("online-2020-03-10", "USA")]
    data = build(meetings, [{"meeting_id": meeting, "party": party} for meeting, party in parties])
    table = columns(delegations_at(data, [1]))
    assert table.host_invited.tolist() == [0, 0, 1, 1, 0, 0]
    assert table.host.tolist() == [0, 0, 1, 0, 0, 0]


def test_any_of_several_mediators_is_known_as_one_and_part_of_a_code_is_not(build):
    data = build(
        [{"meeting_id": "doha-2020-01-10", "date": "2020-01-10", "country": "QAT", "mediators": "QAT;USA;UNO"}],
        [{"meeting_id": "doha-2020-01-10", "party": party} for party in ("USA", "UNO", "AFG")],
    )
    rows = Situations(data, ["doha-2020-01-10"] * 3, ["USA", "UNO", "AFG"], ["2020-01-09"] * 3)
    assert columns(rows).mediator.tolist() == [1, 1, 0]


def test_an_announcement_still_to_come_looks_like_none(build):
    meetings = [
        {"meeting_id": "oslo-2020-01-20", "date": "2020-01-20", "announced_on": "2020-01-10"},
        {"meeting_id": "bern-2020-01-20", "date": "2020-01-20"},
    ]
    invited = [{"meeting_id": meeting["meeting_id"], "party": "RUS"} for meeting in meetings]
    rows = Situations(build(meetings, invited), ["oslo-2020-01-20", "bern-2020-01-20"], ["RUS"] * 2, ["2020-01-09"] * 2)
    values = MeetingContext().fit_transform(rows)
    np.testing.assert_array_equal(values[0], values[1])


def test_an_announcement_is_known_when_its_day_is_over(build):
    data = build(
        [{"meeting_id": "oslo-2020-01-20", "date": "2020-01-20", "announced_on": "2020-01-10"}],
        [{"meeting_id": "oslo-2020-01-20", "party": "RUS"}],
    )
    rows = Situations(data, ["oslo-2020-01-20"] * 2, ["RUS"] * 2, ["2020-01-10", "2020-01-12"])
    table = columns(rows)
    assert table.announced.tolist() == [1, 1]
    assert table.announced_ago.tolist() == pytest.approx([0.0, np.log1p(2)])
    assert table.lead.tolist() == pytest.approx([np.log1p(10)] * 2)


def test_an_announcement_is_not_known_in_the_morning_of_its_day(build):
    data = build(
        [{"meeting_id": "oslo-2020-01-20", "date": "2020-01-20", "announced_on": "2020-01-10"}],
        [{"meeting_id": "oslo-2020-01-20", "party": "RUS"}],
    )
    rows = Situations(data, ["oslo-2020-01-20"], ["RUS"], ["2020-01-10T08:00Z"])
    assert columns(rows).announced.tolist() == [0]


def test_the_number_of_parties_counts_all_invited_and_only_those_of_the_meeting(data):
    rows = delegations_at(data, [1])
    invited = data.delegations.groupby("meeting_id").size()
    np.testing.assert_allclose(columns(rows).parties, np.log([invited[meeting] for meeting in rows.meeting_id]))


def test_the_horizon_is_counted_in_whole_days(data):
    when = ["2025-05-15", "2025-05-14T01:00Z", "2025-05-08"]
    rows = Situations(data, ["istanbul-2025-05-15"] * 3, ["RUS"] * 3, when)
    assert columns(rows).horizon.tolist() == pytest.approx([0.0, np.log(2), np.log(8)])


@pytest.mark.parametrize(
    ("name", "video"),
    [
        ("G20 leaders' summit (video)", 1),
        ("SCO summit held virtually", 1),
        ("Putin-Trump phone talks", 1),
        ("Leaders' call on Ukraine", 1),
        ("Coalition call", 1),
        ("Talks in Geneva", 0),
        ("Christchurch Call summit, Paris", 0),
        ("Caller's conference", 0),
    ],
)
def test_a_meeting_by_video_is_told_by_its_name(build, name, video):
    data = build(
        [{"meeting_id": "a-2020-01-10", "date": "2020-01-10", "name": name}],
        [{"meeting_id": "a-2020-01-10", "party": "NOR"}],
    )
    assert columns(Situations(data, ["a-2020-01-10"], ["NOR"], ["2020-01-09"])).video.tolist() == [video]
