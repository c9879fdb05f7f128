"""Counts of events against plain filtering of the signals table."""

import numpy as np
import pandas as pd
import pytest

from attend_ml.asof import Situations, delegations_at
from attend_ml.errors import DataError
from attend_ml.features.signals import EventSignals

MEETING = [{"meeting_id": "oslo-2020-06-01", "date": "2020-06-01", "country": "NOR"}]
PARTIES = ("RUS", "USA", "CHN")
INVITED = [{"meeting_id": "oslo-2020-06-01", "party": party} for party in PARTIES]


def columns(rows, book=None):
    extractor = EventSignals(book).fit(rows)
    names = [name.removeprefix("signals__") for name in extractor.get_feature_names_out()]
    return pd.DataFrame(extractor.transform(rows), columns=names, index=rows.party)


def oslo(build, signals, as_of="2020-05-31"):
    data = build(MEETING, INVITED, signals=signals)
    return columns(Situations(data, ["oslo-2020-06-01"] * 3, PARTIES, [as_of] * 3))


def event(date="2020-05-20", source="RUS", target="USA", **more):
    return {"date": date, "source_party": source, "target_party": target, **more}


def longest_prefix(families, code):
    fits = [
        (len(prefix), family)
        for family, prefixes in families.items()
        for prefix in prefixes
        if prefix == code[: len(prefix)]
    ]
    return max(fits)[1]


def test_counts_equal_those_of_filtering(data):
    every = delegations_at(data, [7, 0])
    rows = every.take(np.arange(0, len(every), 67))
    table = columns(rows)
    book = EventSignals().fit(rows).book_
    signals = data.signals.assign(
        actor=data.signals.source_level.fillna("unknown"),
        family=[longest_prefix(book["families"], code) for code in data.signals.cameo],
        n=data.signals["count"].fillna(1.0),
    )
    busy = 0
    for i in range(len(rows)):
        as_of = pd.Timestamp(rows.as_of[i])
        invited = data.delegations.party[data.delegations.meeting_id == rows.meeting_id[i]]
        others = set(invited) - {rows.party[i]}
        known = signals[signals.known_from <= as_of]
        by_direction = {
            "done": known[(known.source_party == rows.party[i]) & known.target_party.isin(others)],
            "received": known[(known.target_party == rows.party[i]) & known.source_party.isin(others)],
        }
        for direction, part in by_direction.items():
            for days in book["windows"]:
                late = part[part.known_from >= as_of - pd.Timedelta(days=days)]
                for actor in ("leader", "senior", "working", "unknown"):
                    expected = np.log1p(late.n[late.actor == actor].sum())
                    assert table.iloc[i][f"{direction}_by_{actor}_{days}d"] == pytest.approx(expected)
                    busy += expected > 0
            month = part[part.known_from >= as_of - pd.Timedelta(days=30)]
            for family in book["families"]:
                expected = np.log1p(month.n[month.family == family].sum())
                assert table.iloc[i][f"{direction}_{family}"] == pytest.approx(expected)
    assert busy > 30


@pytest.mark.parametrize(
    ("cameo", "family"),
    [
        ("036", "meet_intent"),
        ("0361", "meet_intent"),
        ("033", "support"),
        ("046", "negotiate"),
        ("042", "talk"),
        ("0256", "negotiate"),
        ("0251", "support"),
        ("125", "refuse"),
        ("120", "refuse"),
        ("195", "fight"),
        ("163", "coerce"),
    ],
)
def test_a_code_belongs_to_the_family_with_the_longest_prefix_that_fits(build, cameo, family):
    table = oslo(build, [event(cameo=cameo)])
    families = [name for name in table.columns if name.startswith("done_") and "_by_" not in name]
    assert table.loc["RUS", families][table.loc["RUS", families] > 0].to_dict() == {f"done_{family}": np.log(2)}


def test_every_cameo_root_has_a_family(data):
    rows = Situations(data, ["istanbul-2025-05-15"], ["RUS"], ["2025-05-14"])
    extractor = EventSignals().fit(rows)
    assert [root for root in range(1, 21) if extractor._family(f"{root:02}0") is None] == []


def test_what_one_party_does_the_other_receives(build):
    table = oslo(build, [event(source_level="leader")])
    assert table.loc["RUS", "done_by_leader_30d"] == pytest.approx(np.log(2))
    assert table.loc["USA", "received_by_leader_30d"] == pytest.approx(np.log(2))
    assert table.loc["RUS", "received_by_leader_30d"] == 0
    assert table.loc["CHN"].abs().sum() == 0


def test_events_towards_several_parties_of_the_meeting_are_added_up(build):
    table = oslo(build, [event(target="USA"), event(target="CHN"), event(target="CHN")])
    assert table.loc["RUS", "done_talk"] == pytest.approx(np.log(4))


def test_events_with_parties_that_are_not_invited_do_not_count(build):
    table = oslo(
        build, [event(target="UKR"), event(source="UKR", target="RUS"), event(target="RUS"), event(target=None)]
    )
    assert table.abs().to_numpy().sum() == 0


def test_a_signal_recorded_for_another_meeting_counts_for_this_one_too(build):
    other = {"meeting_id": "bern-2020-05-25", "date": "2020-05-25", "country": "CHE"}
    data = build([*MEETING, other], INVITED, signals=[event(meeting_id="bern-2020-05-25")])
    table = columns(Situations(data, ["oslo-2020-06-01"], ["RUS"], ["2020-05-31"]))
    assert table.loc["RUS", "done_talk"] == pytest.approx(np.log(2))


@pytest.mark.parametrize(
    ("date", "week", "month", "quarter"),
    [
        ("2020-05-31", 1, 1, 1),
        ("2020-05-24", 1, 1, 1),
        ("2020-05-23", 0, 1, 1),
        ("2020-05-01", 0, 1, 1),
        ("2020-04-30", 0, 0, 1),
        ("2020-03-02", 0, 0, 1),
        ("2020-03-01", 0, 0, 0),
    ],
)
def test_windows_reach_so_many_days_back(build, date, week, month, quarter):
    row = oslo(build, [event(date, source_level="senior")]).loc["RUS"]
    found = [row[f"done_by_senior_{days}d"] > 0 for days in (7, 30, 90)]
    assert found == [bool(week), bool(month), bool(quarter)]


def test_an_event_with_a_time_counts_from_that_moment(build):
    signals = [event("2020-05-31T10:00Z"), event("2020-05-31T18:00Z")]
    assert oslo(build, signals, "2020-05-31T12:00Z").loc["RUS", "done_talk"] == pytest.approx(np.log(2))
    assert oslo(build, signals, "2020-05-31T09:00Z").loc["RUS", "done_talk"] == 0
    assert oslo(build, signals, "2020-05-31").loc["RUS", "done_talk"] == pytest.approx(np.log(3))


def test_an_event_without_a_level_is_by_an_unknown_actor(build):
    row = oslo(build, [event()]).loc["RUS"]
    assert row.done_by_unknown_30d == pytest.approx(np.log(2))
    assert row[["done_by_leader_30d", "done_by_senior_30d", "done_by_working_30d"]].sum() == 0


def test_the_number_of_reports_counts_and_an_empty_one_is_one_report(build):
    assert oslo(build, [event(count=5), event()]).loc["RUS", "done_talk"] == pytest.approx(np.log(7))


@pytest.mark.parametrize("count", [7, 0.1, 1e17])
def test_events_of_other_pairs_change_nothing_whatever_their_number_of_reports(build, count):
    mine = [event(count=3), event("2020-05-25", count=1)]
    foreign = [event(source="AFG", target="AGO", count=count)]
    np.testing.assert_array_equal(oslo(build, mine + foreign).to_numpy(), oslo(build, mine).to_numpy())


def test_an_infinite_number_of_reports_is_refused(build):
    with pytest.raises(DataError, match="line 2, column count"):
        build(MEETING, INVITED, signals=[event(source="AFG", target="AGO", count="inf")])


def test_two_codebooks_on_one_dataset_do_not_mix(data):
    rows = delegations_at(data, [1]).take(np.arange(0, 1800, 9))
    shipped = EventSignals().fit(rows)
    before = shipped.transform(rows)
    book = {
        **shipped.book_,
        "families": {**shipped.book_["families"], "talk": ["18"], "fight": ["01", "04", "19", "20"]},
    }
    names = shipped.get_feature_names_out().tolist()
    at = names.index("signals__done_talk")
    assert (EventSignals(book).fit(rows).transform(rows)[:, at] != before[:, at]).any()
    np.testing.assert_array_equal(shipped.transform(rows), before)


def test_windows_of_a_codebook_name_the_columns_and_set_their_length(build):
    data = build(MEETING, INVITED, signals=[event("2020-05-20", source_level="leader")])
    rows = Situations(data, ["oslo-2020-06-01"], ["RUS"], ["2020-05-31"])
    book = {**EventSignals().fit(rows).book_, "windows": [5, 12]}
    table = columns(rows, book)
    assert table.done_by_leader_5d.tolist() == [0.0]
    assert table.done_by_leader_12d.tolist() == pytest.approx([np.log(2)])
    assert "done_by_leader_30d" not in table
