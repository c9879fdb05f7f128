"""How often this level came before: shares against a count by hand and against plain filtering of the tables."""

import copy

import numpy as np
import pandas as pd
import pytest
from scipy.special import logit

from attend_ml.asof import Situations, delegations_at
from attend_ml.features.history import PartyHistory
from attend_ml.records import LEVELS

# What the counts by hand below go by, whatever is changed in the shipped codebook.
HAND = {
    "shrinkage": 1.0,
    "effects": {},
    "shares": [
        {"name": "common", "by": ["convened_level"], "days": 1826, "prior": "half", "strength": 4.0},
        {"name": "party", "by": ["party", "convened_level"], "prior": "common", "strength": 4.0},
        {"name": "party_recent", "by": ["party", "convened_level"], "days": 730, "prior": "party", "strength": 4.0},
        {"name": "series", "by": ["party", "series"], "prior": "party", "strength": 2.0},
    ],
}


def columns(extractor, rows):
    names = [name.removeprefix("history__") for name in extractor.get_feature_names_out()]
    return pd.DataFrame(extractor.transform(rows), columns=names)


def known(history, rows, name):
    """Return of how many cases a share of the first row is made, for leader, senior and working."""
    spec = next(spec for spec in history.book_["shares"] if spec["name"] == name)
    return rows.past(spec["by"], spec.get("days"))[1][0].tolist()


@pytest.fixture(scope="module")
def rows(data):
    """A spread of delegations and horizons, the first and the last meetings among them."""
    every = delegations_at(data, [14, 1])
    return every.take(np.unique(np.r_[:4, np.arange(0, len(every), 61), len(every) - 4 : len(every)]))


@pytest.fixture(scope="module")
def history(rows):
    return PartyHistory().fit(rows)


def past_delegations(data, as_of):
    """Return what had come of delegations by a moment, by filtering."""
    table = data.delegations.merge(data.meetings, on="meeting_id", suffixes=("", "_meeting"))
    table["few"] = table.groupby("meeting_id").party.transform("size") <= 3
    table["host"] = table.country == table.party
    table["over"] = table.date.dt.normalize() + pd.Timedelta(days=1)
    came = (table[list(LEVELS)] == 1).any(axis=1).groupby(table.meeting_id).transform("any")
    video = (table["mode"] == "virtual").groupby(table.meeting_id).transform("any") & ~came
    return table[(table.over <= as_of) & (table.status == "held") & ~video]


def naive_shares(book, past, me, as_of):
    """Return shares and numbers of cases of the three levels, of one party at one moment, by filtering."""
    out = {"half": (np.full(3, 0.5), np.zeros(3))}
    for spec in book["shares"]:
        alike = np.ones(len(past), dtype=bool)
        for attribute in spec["by"]:
            alike &= (past[attribute] == me[attribute]).to_numpy()
        if "days" in spec:
            alike &= (past.over + pd.Timedelta(days=spec["days"]) >= as_of).to_numpy()
        labels = past.loc[alike, list(LEVELS)]
        known = labels.notna().sum().to_numpy()
        strength, prior = spec["strength"] * book["shrinkage"], out[spec["prior"]][0]
        out[spec["name"]] = (labels.sum().to_numpy() + strength * prior) / (known + strength), known
    return out


def me_at(data, meeting_id, party):
    meeting = data.meeting(meeting_id)
    few = (data.delegations.meeting_id == meeting_id).sum() <= 3
    return {**meeting.to_dict(), "party": party, "host": meeting.country == party, "few": few}


def test_shares_and_cases_equal_those_counted_by_filtering(data, rows, history):
    table = columns(history, rows)
    book = history.book_
    for i in range(len(rows)):
        me = me_at(data, rows.meeting_id[i], rows.party[i])
        naive = naive_shares(book, past_delegations(data, rows.as_of[i]), me, rows.as_of[i])
        for name in (spec["name"] for spec in book["shares"]):
            share, known = naive[name]
            found = table.loc[i, [f"share_{name}_{level}" for level in LEVELS]].to_numpy(dtype=float)
            np.testing.assert_allclose(found, logit(share), atol=1e-9, err_msg=f"{name} in row {i}")
            spec = next(spec for spec in book["shares"] if spec["name"] == name)
            counted = rows.take(np.array([i])).past(spec["by"], spec.get("days"))[1][0]
            np.testing.assert_array_equal(counted, known, err_msg=f"{name} in row {i}")


def test_the_other_sides_shares_are_the_mean_over_the_other_parties(data, rows, history):
    table = columns(history, rows)
    for i in range(0, len(rows), 3):
        meeting, as_of = rows.meeting_id[i], rows.as_of[i]
        invited = data.delegations.party[data.delegations.meeting_id == meeting]
        others = [party for party in invited if party != rows.party[i]]
        past = past_delegations(data, as_of)
        theirs = [naive_shares(history.book_, past, me_at(data, meeting, other), as_of) for other in others]
        for name in ("party", "series"):
            mean = np.mean([logit(share[name][0]) for share in theirs], axis=0) if theirs else np.zeros(3)
            found = table.loc[i, [f"others_share_{name}_{level}" for level in LEVELS]].to_numpy(dtype=float)
            np.testing.assert_allclose(found, mean, atol=1e-9, err_msg=f"{name} in row {i}")


def test_contacts_equal_those_counted_by_filtering(data, rows, history):
    table = columns(history, rows)
    days = history.book_["contacts"]["days"]
    for i in range(len(rows)):
        as_of = pd.Timestamp(rows.as_of[i])
        past = past_delegations(data, as_of)
        came = past[(past[list(LEVELS)] == 1).any(axis=1)]
        mine = came[came.party == rows.party[i]].set_index("meeting_id")
        invited = data.delegations.party[data.delegations.meeting_id == rows.meeting_id[i]]
        others = [party for party in invited if party != rows.party[i]]
        counts, latest = [], None
        for other in others:
            both = came[(came.party == other) & came.meeting_id.isin(mine.index)]
            latest = max([latest, *both.over] if latest else list(both.over), default=None)
            lately = both[both.over + pd.Timedelta(days=days) >= as_of]
            own = mine.loc[lately.meeting_id]
            leaders = (lately.leader.to_numpy() == 1) & (own.leader.to_numpy() == 1)
            theirs = ((lately.leader == 1) | (lately.senior == 1)).to_numpy()
            ours = ((own.leader == 1) | (own.senior == 1)).to_numpy()
            counts.append([len(lately), leaders.sum(), (theirs & ours & ~leaders).sum()])
        mean = np.mean(counts, axis=0) if counts else np.zeros(3)
        found = table.loc[i, ["contacts", "contacts_leaders", "contacts_senior"]].to_numpy(dtype=float)
        np.testing.assert_allclose(found, np.log1p(mean), atol=1e-12)
        ago = 8.0 if latest is None else np.log1p((as_of - latest) / pd.Timedelta(days=1))
        assert table.contact_ago[i] == pytest.approx(ago)


EFFECTS = {
    "usual": ["common"],
    "strength": 1.2,
    "of": [{"name": "party", "by": ["party"]}, {"name": "lately", "by": ["party", "host"], "days": 365}],
}


def test_effects_equal_those_counted_by_filtering(data):
    book = {**HAND, "effects": EFFECTS}
    early = delegations_at(data, [3]).take(np.arange(40, 160, 7))
    table = columns(PartyHistory(book).fit(early), early)
    usual: dict[tuple[str, str], np.ndarray] = {}
    for i in range(len(early)):
        past = past_delegations(data, early.as_of[i])
        me = me_at(data, early.meeting_id[i], early.party[i])
        for row in past.itertuples():
            if (row.meeting_id, row.party) not in usual:
                eve = row.over - pd.Timedelta(days=1, seconds=1)
                then = me_at(data, row.meeting_id, row.party)
                shares = naive_shares(HAND, past_delegations(data, eve), then, eve)
                usual[row.meeting_id, row.party] = shares["common"][0]
        for spec in EFFECTS["of"]:
            alike = past[np.all([past[name] == me[name] for name in spec["by"]], axis=0)]
            alike = alike[alike.over + pd.Timedelta(days=spec.get("days", 9999)) >= early.as_of[i]]
            for k, level in enumerate(LEVELS):
                known = alike[alike[level].notna()]
                share = np.array([usual[key][k] for key in zip(known.meeting_id, known.party, strict=True)])
                effect = np.sum(known[level].to_numpy() - share) / (np.sum(share * (1 - share)) + EFFECTS["strength"])
                assert table.loc[i, f"effect_{spec['name']}_{level}"] == pytest.approx(effect, abs=1e-9)
    assert (table.effect_party_leader != 0).sum() > 10


def meeting(day, **more):
    return {"meeting_id": f"geneva-{day}", "date": day, "country": "CHE", **more}


def delegation(day, party, **came):
    return {"meeting_id": f"geneva-{day}", "party": party, **came}


def test_a_share_by_hand(build):
    days = ["2020-01-10", "2020-02-10", "2020-03-10", "2020-06-01"]
    came = [1, 0, 0]
    data = build(
        [meeting(day) for day in days],
        [delegation(day, "RUS", leader=leader) for day, leader in zip(days, came, strict=False)]
        + [delegation(days[3], "RUS")],
    )
    rows = Situations(data, ["geneva-2020-06-01"], ["RUS"], ["2020-05-31"])
    shares = PartyHistory(HAND).fit(rows).shares(rows)
    # One of three came, pulled to one half by four cases; then pulled to that by four more.
    common = (1 + 4 * 0.5) / (3 + 4)
    assert shares["common"][0, 0] == pytest.approx(common)
    assert shares["party"][0, 0] == pytest.approx((1 + 4 * common) / (3 + 4))
    assert shares["common"][0, 1] == 0.5


def test_the_more_cases_the_nearer_a_share_is_to_what_was_seen(build):
    def share(n):
        days = [f"2020-01-{day:02}" for day in range(1, n + 1)]
        data = build(
            [meeting(day) for day in [*days, "2020-06-01"]],
            [delegation(day, "RUS", leader=1) for day in days] + [delegation("2020-06-01", "RUS")],
        )
        rows = Situations(data, ["geneva-2020-06-01"], ["RUS"], ["2020-05-31"])
        return PartyHistory(HAND).fit(rows).shares(rows)["party"][0, 0]

    shares = [share(n) for n in (0, 1, 5, 25)]
    assert shares[0] == 0.5
    assert shares == sorted(shares)
    assert 0.98 < shares[-1] < 1


def test_shrinkage_is_laid_over_all_strengths(rows, history):
    twice = PartyHistory({"shrinkage": 2 * history.book_["shrinkage"]}).fit(rows)
    book = copy.deepcopy(history.book_)
    for spec in book["shares"]:
        spec["strength"] *= 2
    for name, share in PartyHistory(book).fit(rows).shares(rows).items():
        np.testing.assert_allclose(twice.shares(rows)[name], share, rtol=1e-12)
        assert not np.allclose(history.shares(rows)[name], share), name


def test_every_share_of_the_codebook_is_a_column_of_each_level(rows, history):
    names = set(columns(history, rows))
    for level in LEVELS:
        mine = {name for name in names if name.startswith("share_") and name.endswith(f"_{level}")}
        assert mine == {f"share_{spec['name']}_{level}" for spec in history.book_["shares"]}
        assert {f"others_share_party_{level}", f"others_share_series_{level}"} <= names
    assert {"contacts", "contacts_leaders", "contacts_senior", "contact_ago"} <= names


def test_a_larger_strength_keeps_a_share_nearer_its_prior(rows, history):
    book = copy.deepcopy(history.book_)
    for spec in book["shares"]:
        if spec["name"] == "party":
            spec["strength"] = 4000.0
    shares = PartyHistory(book).fit(rows).shares(rows)
    assert np.abs(shares["party"] - shares["common"]).max() < 0.01
    assert np.abs(history.shares(rows)["party"] - shares["common"]).max() > 0.2


def test_a_party_never_seen_before_has_the_share_of_all(build):
    days = ["2020-01-10", "2020-02-10", "2020-03-10"]
    data = build(
        [meeting(day) for day in [*days, "2020-06-01"]],
        [delegation(day, party, leader=1, senior=0) for day in days for party in ("RUS", "USA")]
        + [delegation("2020-06-01", "MNG")],
    )
    rows = Situations(data, ["geneva-2020-06-01"], ["MNG"], ["2020-05-31"])
    history = PartyHistory(HAND).fit(rows)
    shares, table = history.shares(rows), columns(history, rows)
    np.testing.assert_array_equal(shares["party"], shares["common"])
    np.testing.assert_array_equal(shares["party_recent"], shares["common"])
    shipped = PartyHistory().fit(rows).shares(rows)
    np.testing.assert_array_equal(shipped["party_any"], shipped["common"])
    assert shares["common"][0].tolist() == pytest.approx([(6 + 2) / 10, 2 / 10, 0.5])
    assert known(history, rows, "party") == [0, 0, 0]
    assert known(history, rows, "common") == [6, 6, 0]
    assert table.contact_ago[0] == 8.0


def test_a_party_that_is_in_no_table_has_the_share_of_all(data):
    rows = Situations(data, ["istanbul-2025-05-15"], ["TUV"], ["2025-05-14"])
    assert not (data.delegations.party == "TUV").any()
    shares = PartyHistory().fit(rows).shares(rows)
    np.testing.assert_array_equal(shares["party"], shares["common"])


@pytest.mark.parametrize("status", ["cancelled", "postponed"])
def test_meetings_that_were_not_held_do_not_count(build, status):
    data = build(
        [meeting("2020-01-10", status=status), meeting("2020-06-01")],
        [delegation("2020-01-10", party, leader=1) for party in ("RUS", "USA")]
        + [delegation("2020-06-01", party) for party in ("RUS", "USA")],
    )
    rows = Situations(data, ["geneva-2020-06-01"], ["RUS"], ["2020-05-31"])
    history = PartyHistory(HAND).fit(rows)
    assert known(history, rows, "party") == known(history, rows, "common") == [0, 0, 0]
    assert (history.shares(rows)["party"] == 0.5).all()
    assert columns(history, rows).contacts[0] == 0


def test_a_meeting_counts_from_the_end_of_its_day(build):
    data = build(
        [meeting("2020-01-10"), meeting("2020-06-01")],
        [delegation("2020-01-10", "RUS", leader=1), delegation("2020-06-01", "RUS")],
    )
    when = ["2020-01-10", "2020-01-11T00:00Z", "2020-01-11"]
    rows = Situations(data, ["geneva-2020-06-01"] * 3, ["RUS"] * 3, when)
    share = PartyHistory(HAND).fit(rows).shares(rows)["common"][:, 0]
    # Midnight in a text with a time is that very moment: the first second after the meeting's day.
    assert share.tolist() == pytest.approx([0.5, (1 + 4 * 0.5) / (1 + 4), (1 + 4 * 0.5) / (1 + 4)])
    np.testing.assert_array_equal(rows.past(["party"])[1][:, 0], [0, 1, 1])


def test_an_unknown_label_counts_neither_for_nor_against(build):
    days = ["2020-01-10", "2020-02-10"]
    data = build(
        [meeting(day) for day in [*days, "2020-06-01"]],
        [delegation(days[0], "RUS", leader=1), delegation(days[1], "RUS", senior=1), delegation("2020-06-01", "RUS")],
    )
    rows = Situations(data, ["geneva-2020-06-01"], ["RUS"], ["2020-05-31"])
    history = PartyHistory(HAND).fit(rows)
    assert known(history, rows, "party") == [1, 1, 0]
    assert history.shares(rows)["common"][0].tolist() == [0.6, 0.6, 0.5]


def test_old_cases_leave_a_window_and_stay_in_the_whole_record(build):
    data = build(
        [meeting("2015-01-10"), meeting("2020-06-01")],
        [delegation("2015-01-10", "RUS", leader=1), delegation("2020-06-01", "RUS")],
    )
    rows = Situations(data, ["geneva-2020-06-01"], ["RUS"], ["2020-05-31"])
    history = PartyHistory(HAND).fit(rows)
    assert known(history, rows, "party")[0] == 1
    assert known(history, rows, "party_recent") == known(history, rows, "common") == [0, 0, 0]
    shares = history.shares(rows)
    assert shares["common"][0, 0] == 0.5
    assert shares["party_recent"][0, 0] == shares["party"][0, 0] == pytest.approx((1 + 4 * 0.5) / (1 + 4))


def test_a_meeting_outside_any_series_takes_the_partys_share(build):
    data = build(
        [meeting("2020-01-10", series="g20"), meeting("2020-06-01")],
        [delegation("2020-01-10", "RUS", leader=1), delegation("2020-06-01", "RUS")],
    )
    rows = Situations(data, ["geneva-2020-06-01"], ["RUS"], ["2020-05-31"])
    history = PartyHistory(HAND).fit(rows)
    shares = history.shares(rows)
    np.testing.assert_array_equal(shares["series"], shares["party"])
    assert shares["party"][0, 0] > 0.5
    assert known(history, rows, "series") == [0, 0, 0]


def test_a_meeting_by_video_says_nothing_of_who_travels(build):
    days = ("2020-01-10", "2020-02-10", "2020-03-10")
    meetings = [{"meeting_id": f"talks-{day}", "date": day} for day in days]
    came = [
        {"meeting_id": f"talks-{days[0]}", "party": "NOR", "leader": 1, "mode": "in_person"},
        {"meeting_id": f"talks-{days[0]}", "party": "SWE", "leader": 0, "mode": "virtual"},
        {"meeting_id": f"talks-{days[1]}", "party": "NOR", "leader": 0, "mode": "virtual"},
        {"meeting_id": f"talks-{days[1]}", "party": "SWE", "leader": 0, "mode": "absent"},
        {"meeting_id": f"talks-{days[2]}", "party": "NOR"},
        {"meeting_id": f"talks-{days[2]}", "party": "SWE"},
    ]
    rows = Situations(build(meetings, came), [f"talks-{days[2]}"] * 2, ["NOR", "SWE"], ["2020-03-09"] * 2)
    came_then, known_then = rows.past(["party"])
    # Of the meeting to which Norway came, that Sweden was there by video alone does count.
    assert came_then[:, 0].tolist() == [1, 0]
    assert known_then[:, 0].tolist() == [1, 1]


def test_a_share_told_against_another_is_the_difference_of_their_log_odds(rows):
    book = copy.deepcopy(HAND)
    plain = columns(PartyHistory(book).fit(rows), rows)
    book["shares"][1]["than"] = "common"
    told = columns(PartyHistory(book).fit(rows), rows)
    for level in LEVELS:
        expected = plain[f"share_party_{level}"] - plain[f"share_common_{level}"]
        np.testing.assert_allclose(told[f"share_party_{level}"], expected)
        np.testing.assert_allclose(told[f"share_series_{level}"], plain[f"share_series_{level}"])


def test_what_is_not_asked_of_the_others_is_left_out(rows):
    book = {**copy.deepcopy(HAND), "others": ["party"], "contacts": {}}
    names = set(columns(PartyHistory(book).fit(rows), rows))
    assert "others_share_party_leader" in names
    assert not any(name.startswith(("others_share_series", "contact")) for name in names)
    alone = columns(PartyHistory({**book, "others": []}).fit(rows), rows)
    assert all(name.startswith("share_") for name in alone)


def test_who_comes_more_often_than_all_others_has_an_effect_above_none(build):
    days = [f"2020-01-{day:02}" for day in range(1, 21)]
    came = [{**delegation(day, party, leader=float(party == "RUS"))} for day in days for party in ("RUS", "USA")]
    asked = [delegation("2020-06-01", party) for party in ("RUS", "USA", "FRA")]
    data = build([meeting(day) for day in [*days, "2020-06-01"]], came + asked)
    rows = Situations(data, ["geneva-2020-06-01"] * 3, ["RUS", "USA", "FRA"], ["2020-05-31"] * 3)
    effect = columns(PartyHistory({**HAND, "effects": EFFECTS}).fit(rows), rows).effect_party_leader
    assert effect[0] > 1
    assert effect[0] == pytest.approx(-effect[1])
    assert effect[2] == 0


def test_effects_are_left_out_where_none_is_asked_for(rows):
    names = PartyHistory(HAND).fit(rows).get_feature_names_out()
    assert not [name for name in names if "effect" in name]
