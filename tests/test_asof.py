"""Nothing from after the moment reaches a vector, and all from before does."""

from contextlib import suppress
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from attend_ml.asof import HORIZONS, Situations, delegations_at, outcomes
from attend_ml.dataset import Dataset
from attend_ml.errors import DataError, RequestError
from attend_ml.features.context import MeetingContext
from attend_ml.features.history import PartyHistory
from attend_ml.features.signals import EventSignals
from attend_ml.load import load_dataset
from attend_ml.records import LEVELS
from attend_ml.tables import columns

# Not made smaller when one fails: that takes minutes with whole datasets.
QUICK = settings(max_examples=15, deadline=None, database=None, phases=[Phase.explicit, Phase.generate])
DAY = pd.Timedelta(days=1)
# What is looked up by extractors, and combinations with columns that are often empty.
BY = (
    ("party",),
    ("host", "convened_level"),
    ("party", "series"),
    ("few", "topic"),
    ("party", "convened_level", "format"),
)
WINDOWS = (7.0, 30.0, 365.0)


def spoil(folder, name, old, new):
    path = folder / f"{name}.csv"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def append(folder, name, row):
    path = folder / f"{name}.csv"
    path.write_text(path.read_text(encoding="utf-8") + row + "\n", encoding="utf-8")


# -- the same by hand ------------------------------------------------------------------------------------------


class ByHand:
    """Goes through the tables row by row, with no index and no running sum."""

    def __init__(self, data: Dataset):
        self.meetings = {row.meeting_id: row for row in data.meetings.itertuples(index=False)}
        self.delegations = list(data.delegations.itertuples(index=False))
        self.statements = list(data.statements.itertuples(index=False))
        self.signals = list(data.signals.itertuples(index=False))
        self.invited = {}
        for row in self.delegations:
            self.invited.setdefault(row.meeting_id, []).append(row)

    def parties(self, meeting: str) -> list[str]:
        return sorted(row.party for row in self.invited.get(meeting, []))

    def others(self, meeting: str, party: str) -> list[str]:
        return [other for other in self.parties(meeting) if other != party]

    def said(self, meeting: str, at: pd.Timestamp) -> set[int]:
        return {i for i, row in enumerate(self.statements) if row.meeting_id == meeting and row.known_from <= at}

    def attribute(self, name: str, meeting: str, party: str):
        if name == "party":
            return party
        if name == "host":
            return self.meetings[meeting].country == party
        if name == "few":
            return len(self.parties(meeting)) <= 3
        value = getattr(self.meetings[meeting], name)
        return None if pd.isna(value) else value

    def over_by(self, at: pd.Timestamp) -> dict[str, pd.Timestamp]:
        """Return the meetings that were held and whose day was over, and when it was over."""
        ends = {name: row.date.normalize() + DAY for name, row in self.meetings.items() if row.status == "held"}
        return {name: end for name, end in ends.items() if end <= at}

    def past(self, meeting, party, at, by, days=None):
        own = [self.attribute(name, meeting, party) for name in by]
        came, known = [0, 0, 0], [0, 0, 0]
        for name, end in self.over_by(at).items():
            if None in own or (days is not None and end < at - pd.Timedelta(days=days)):
                continue
            rows = self.invited.get(name, [])
            # By video: some joined so, and nobody came.
            came_at_all = any(1 in (row.leader, row.senior, row.working) for row in rows)
            if not came_at_all and any(row.mode == "virtual" for row in rows):
                continue
            for row in rows:
                if [self.attribute(attribute, name, row.party) for attribute in by] == own:
                    for k, level in enumerate(LEVELS):
                        known[k] += getattr(row, level) in (0, 1)
                        came[k] += getattr(row, level) == 1
        return came, known

    def contacts(self, meeting, party, at, days):
        over, others = self.over_by(at), self.others(meeting, party)
        count, latest = [0, 0, 0], None
        for name, end in over.items():
            came = {row.party: row for row in self.invited.get(name, []) if 1 in (row.leader, row.senior, row.working)}
            for other in others:
                if party not in came or other not in came:
                    continue
                latest = end if latest is None else max(latest, end)
                if end >= at - pd.Timedelta(days=days):
                    both = [came[party], came[other]]
                    leaders = all(row.leader == 1 for row in both)
                    senior = all(1 in (row.leader, row.senior) for row in both)
                    for k, true in enumerate((True, leaders, senior and not leaders)):
                        count[k] += true
        return [n / max(len(others), 1) for n in count], None if latest is None else (at - latest) / DAY

    def signals_between(self, sources, targets, at, days):
        """Return the number of signals and the sum of their counts in the window."""
        since = at - pd.Timedelta(days=days)
        found = [
            1.0 if pd.isna(row.count) else row.count
            for row in self.signals
            if row.source_party in sources and row.target_party in targets and since <= row.known_from <= at
        ]
        return [len(found), sum(found)]


def reports(signals: pd.DataFrame) -> np.ndarray:
    return np.column_stack([np.ones(len(signals)), signals["count"].fillna(1.0).to_numpy(dtype=float)])


def assert_same_as_by_hand(data: Dataset, rows: Situations) -> None:
    """Compare everything the rows see with what going through the tables by hand finds."""
    hand = ByHand(data)
    asked = [(m, p, pd.Timestamp(at)) for m, p, at in zip(rows.meeting_id, rows.party, rows.as_of, strict=True)]
    n = len(asked)

    assert rows.horizon.tolist() == [(hand.meetings[m].date.normalize() - at.normalize()).days for m, _, at in asked]
    assert rows.n_parties().tolist() == [len(hand.parties(m)) for m, *_ in asked]
    other, row = rows.counterparts()
    assert [other.party[row == i].tolist() for i in range(n)] == [hand.others(m, p) for m, p, _ in asked]

    pairs = rows.said()
    items = [pairs.item[pairs.row == i] for i in range(n)]
    assert [set(item) for item in items] == [hand.said(m, at) for m, _, at in asked]
    known = [[hand.statements[k].known_from for k in item] for item in items]
    assert all(a <= b for moments in known for a, b in pairwise(moments))
    said = [(*asked[i], hand.statements[k]) for i, k in zip(pairs.row, pairs.item, strict=True)]
    assert rows.about_own(pairs).tolist() == [s.about_party == p for _, p, _, s in said]
    assert rows.by_own(pairs).tolist() == [s.speaker_party == p for _, p, _, s in said]
    assert rows.age(pairs).tolist() == [(at.normalize() - s.date.normalize()).days for _, _, at, s in said]

    done, received = rows.signal_sums("reports", reports, WINDOWS)
    for i, (m, p, at) in enumerate(asked):
        others = hand.others(m, p)
        assert done[i].tolist() == [hand.signals_between([p], others, at, days) for days in WINDOWS]
        assert received[i].tolist() == [hand.signals_between(others, [p], at, days) for days in WINDOWS]

    for by in BY:
        for days in (None, 400.0):
            came, known = rows.past(by, days)
            expected = [hand.past(m, p, at, by, days) for m, p, at in asked]
            assert list(zip(came.tolist(), known.tolist(), strict=True)) == expected

    count, since_last = rows.contacts(365.0)
    for i, (m, p, at) in enumerate(asked):
        expected, ago = hand.contacts(m, p, at, 365.0)
        assert count[i].tolist() == expected
        assert np.isnan(since_last[i]) if ago is None else since_last[i] == ago


# -- small worlds ----------------------------------------------------------------------------------------------

START = pd.Timestamp("2020-01-01")
PARTIES = ("CHE", "NOR", "SWE", "UKR", "USA")
TIMES = st.sampled_from(["", "", "T00:00Z", "T11:59Z", "T12:00Z", "T23:59Z"])
codes = st.one_of(st.none(), st.sampled_from(PARTIES))
labels = st.sampled_from([None, "0", "1"])
levels = st.fixed_dictionaries(dict.fromkeys(LEVELS, labels))
meetings = st.fixed_dictionaries(
    {
        "day": st.integers(0, 40),
        "country": codes,
        "series": st.sampled_from([None, "alps", "fjord"]),
        "topic": st.sampled_from(["peace", "grain"]),
        "format": st.sampled_from(["bilateral", "summit"]),
        "convened_level": st.sampled_from(["leader", "unspecified"]),
        "status": st.sampled_from(["held", "held", "cancelled", None]),
        "invited": st.dictionaries(st.sampled_from(PARTIES), levels, min_size=1),
        "said": st.lists(st.tuples(st.integers(0, 20), TIMES, codes, codes), max_size=5),
    }
)
signals = st.tuples(st.integers(0, 45), TIMES, codes, codes, st.sampled_from([None, "1", "3"]))


def day(n: int) -> str:
    return f"{START + n * DAY:%Y-%m-%d}"


def table(name: str, rows: list[dict]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=pd.Index(columns(name)), dtype=object)


@st.composite
def worlds(draw):
    """Return a dataset and delegations to ask about, all at one moment before their meetings are over."""
    drawn = draw(st.lists(meetings, min_size=1, max_size=6))
    at = START + draw(st.integers(0, 40)) * DAY + draw(st.sampled_from([DAY - pd.Timedelta(seconds=1), 0.5 * DAY]))
    tables = {name: [] for name in ("meetings", "delegations", "statements", "signals")}
    asked = []
    for i, meeting in enumerate(drawn):
        name = f"talks-{i}"
        row = {key: value for key, value in meeting.items() if key not in ("day", "invited", "said")}
        tables["meetings"].append({**row, "meeting_id": name, "name": name, "date": day(meeting["day"])})
        for party, level in meeting["invited"].items():
            tables["delegations"].append({"meeting_id": name, "party": party, **level})
            if START + (meeting["day"] + 1) * DAY > at:
                asked.append((name, party))
        for k, (before, time, speaker, about) in enumerate(meeting["said"]):
            said = {"meeting_id": name, "date": day(meeting["day"] - before) + time, "text": f"{i}, {k}"}
            tables["statements"].append({**said, "speaker_party": speaker, "about_party": about})
    for n, time, source, target, count in draw(st.lists(signals, max_size=12)):
        event = {"date": day(n) + time, "source_party": source, "target_party": target, "cameo": "036", "count": count}
        tables["signals"].append(event)
    return Dataset(**{name: table(name, rows) for name, rows in tables.items()}), asked, at


def ask(data: Dataset, asked, at: pd.Timestamp) -> Situations:
    when = np.full(len(asked), at.to_datetime64()).astype("datetime64[s]")
    return Situations(data, [name for name, _ in asked], [party for _, party in asked], when)


@settings(QUICK, max_examples=40)
@given(worlds())
def test_what_a_row_sees_is_what_going_through_the_tables_by_hand_finds(world):
    data, asked, at = world
    assert_same_as_by_hand(data, ask(data, asked, at))


def view(data: Dataset, asked, at: pd.Timestamp) -> dict[str, list]:
    """Return everything that rows can see, in values that do not depend on the order or the number of table rows."""
    rows = ask(data, asked, at)
    pairs = rows.said()
    seen = zip(pairs.row, rows.statements.text.iloc[pairs.item], rows.about_own(pairs), rows.by_own(pairs),
               rows.age(pairs), strict=True)  # fmt: skip
    world, group, of = rows.whole_meetings()
    out = {
        "said": sorted(seen),
        "visible": sorted(rows.statements.text.iloc[rows.visible_statements()]),
        "others": [rows.counterparts()[1].tolist(), rows.counterparts()[0].frame().astype(str).to_numpy().tolist()],
        "whole": [[tuple(x) for x in world.frame().astype(str).to_numpy()[group == k]] for k in of],
        "n_parties": rows.n_parties().tolist(),
        "contacts": [part.tolist() for part in rows.contacts(365.0)],
        "signals": [part.tolist() for part in rows.signal_sums("reports", reports, WINDOWS)],
    }
    for name in ("date", "city", "country", "series", "format", "topic", "convened_level", "announced_on"):
        out[name] = pd.Series(rows.meeting(name)).astype(str).tolist()
    for by in BY:
        out["+".join(by)] = [part.tolist() for days in (None, 400.0) for part in rows.past(by, days)]
    # NaN is equal to nothing, itself included.
    return {name: str(value) for name, value in out.items()}


@QUICK
@given(worlds())
def test_a_row_sees_the_same_in_the_data_cut_at_its_moment(world):
    data, asked, at = world
    assert view(data.as_of(at), asked, at) == view(data, asked, at)


@QUICK
@given(worlds(), st.randoms(use_true_random=False))
def test_the_order_of_rows_in_the_tables_does_not_matter(world, random):
    data, asked, at = world
    mixed = {name: frame.sample(frac=1, random_state=random.randrange(2**32)) for name, frame in data.tables().items()}
    assert view(Dataset(**mixed), asked, at) == view(data, asked, at)


# -- the shipped tables ------------------------------------------------------------------------------------------


def ahead(data: Dataset, at: pd.Timestamp, days: int = 45) -> list[tuple[str, str]]:
    """Return the delegations to the meetings of the days after a moment."""
    date = data.delegations.meeting_id.map(data.meetings.set_index("meeting_id").date)
    near = data.delegations[(date >= at.normalize()) & (date < at + days * DAY)]
    return list(zip(near.meeting_id, near.party, strict=True))


def test_a_sample_of_the_shipped_delegations_sees_what_is_found_by_hand(data):
    rows = delegations_at(data)
    sample = np.random.default_rng(0).choice(len(rows), 30, replace=False)
    assert_same_as_by_hand(data, rows.take(sample))


@pytest.mark.parametrize("when", ["2014-09-03 23:59:59", "2019-12-06 12:00:00", "2023-05-12 23:59:59"])
def test_the_order_of_rows_in_the_shipped_tables_does_not_matter(data, when):
    at = pd.Timestamp(when)
    mixed = {name: frame.sample(frac=1, random_state=7) for name, frame in data.tables().items()}
    asked = ahead(data, at)
    assert len(asked) > 10
    assert view(Dataset(**mixed, parties=data.parties), asked, at) == view(data, asked, at)


def planted(data: Dataset, at: pd.Timestamp, asked) -> Dataset:
    """Return the data with everything after a moment turned over, and much more put in."""
    today, names = f"{at:%Y-%m-%d}", sorted({name for name, _ in asked})
    tables = {name: frame.copy() for name, frame in data.tables().items()}

    open_ = tables["meetings"].date.dt.normalize() >= at.normalize()
    tables["meetings"].loc[open_, "status"] = tables["meetings"].status[open_].map({"held": "cancelled"}).fillna("held")
    silent = open_ & ~(tables["meetings"].announced_on <= at)
    tables["meetings"].loc[silent, "announced_on"] = tables["meetings"].date[silent]
    late = tables["delegations"].meeting_id.isin(tables["meetings"].meeting_id[open_])
    for level in LEVELS:
        tables["delegations"].loc[late, level] = 1.0 - tables["delegations"].loc[late, level].fillna(0.0)
    tables["delegations"].loc[late, ["mode", "head_name"]] = ["in_person", "The leader"]

    dates = {name: max(data.meeting(name).date.normalize(), at.normalize()) for name in names}
    said = [
        {"meeting_id": name, "date": f"{date:%Y-%m-%d}", "speaker_role": "leader", "speaker_party": party,
         "about_party": party, "text": f"{party} comes to {name} after all, it is said too late.", "cue": "commit"}
        for name, party in asked
        for date in (dates[name],)
        if date + DAY > at + pd.Timedelta(seconds=1)
    ]  # fmt: skip
    done = [
        {"date": f"{at.normalize() + n * DAY:%Y-%m-%d}", "source_party": a, "target_party": b, "cameo": "190",
         "count": "12345"}
        for n in ((0, 1, 9) if at + pd.Timedelta(seconds=1) < at.normalize() + DAY else (1, 9))
        for name, a in asked
        for other, b in asked
        if name == other and a != b
    ]  # fmt: skip
    held = [
        {"meeting_id": f"later-{k}-{i}", "name": "Later", "date": f"{at.normalize() + n * DAY:%Y-%m-%d}",
         "country": row.country, "format": row.format, "series": row.series, "topic": row.topic,
         "convened_level": row.convened_level, "status": "held"}
        for k, name in enumerate(names)
        for i, n in enumerate((0, 1, 30))
        for row in (data.meeting(name),)
    ]  # fmt: skip
    came = [
        {"meeting_id": f"later-{k}-{i}", "party": party, "leader": "1", "senior": "1", "working": "0"}
        for k, name in enumerate(names)
        for i in range(3)
        # A code before all others, so that every other gets another place.
        for party in sorted({"ABW", *(p for m, p in asked if m == name)})
    ]
    assert said or today != f"{at:%Y-%m-%d}"
    new = {"meetings": held, "delegations": came, "statements": said, "signals": done}
    # Put in front, so that no row keeps its place.
    for name, rows in new.items():
        old = tables[name].drop(columns="known_from", errors="ignore").astype(object)
        tables[name] = pd.concat([table(name, rows), old], ignore_index=True)
    return Dataset(**tables, parties=data.parties)


@pytest.mark.parametrize("when", ["2014-09-03 23:59:59", "2019-12-06 12:00:00", "2023-05-12 23:59:59"])
def test_facts_planted_after_the_moment_reach_nothing(data, when):
    at = pd.Timestamp(when)
    asked = ahead(data, at)
    other = planted(data, at, asked)
    assert other.as_of("2030-01-01").fingerprint() != data.as_of("2030-01-01").fingerprint()
    one, two = view(data, asked, at), view(other, asked, at)
    assert [name for name in one if one[name] != two[name]] == []


@pytest.mark.parametrize("when", ["2014-09-03 23:59:59", "2019-12-06 12:00:00", "2023-05-12 23:59:59"])
def test_facts_planted_before_the_moment_reach_what_they_bear_on(data, when):
    # So that the test above can fail: the same facts are seen by those who look later.
    at = pd.Timestamp(when)
    asked = [(name, party) for name, party in ahead(data, at) if data.meeting(name).date > at + 3 * DAY]
    other, later = planted(data, at, asked), at.normalize() + 3 * DAY
    one, two = view(data, asked, later), view(other, asked, later)
    changed = {name for name in one if one[name] != two[name]}
    assert changed >= {"signals", "contacts", "party", "host+convened_level"}


def test_sums_of_fractions_do_not_change_with_facts_planted_after_the_moment(data):
    at = pd.Timestamp("2023-05-12 23:59:59")
    asked = ahead(data, at)
    known = data.signals.drop(columns="known_from").astype(object)
    known["tone"] = [str(0.1 * (i % 7)) for i in range(len(known))]
    later = table("signals", [{"date": "2023-05-14", "source_party": a, "target_party": b, "cameo": "190",
                               "tone": "12345678.9"} for a in PARTIES for b in PARTIES if a != b])  # fmt: skip
    rest = {name: frame for name, frame in data.tables().items() if name != "signals"}
    sums = []
    for frame in (known, pd.concat([known, later], ignore_index=True)):
        rows = ask(Dataset(**rest, signals=frame, parties=data.parties), asked, at)
        sums += [rows.signal_sums("tone", lambda signals: signals[["tone"]].fillna(0.0).to_numpy(), WINDOWS)]
    assert np.any(sums[0][0] > 0)
    for one, other in zip(*sums, strict=True):
        np.testing.assert_array_equal(one, other)


def test_sums_of_fractions_do_not_change_with_the_order_of_rows(folder):
    def asked(tones):
        (folder / "signals.csv").write_text(
            "date,source_party,target_party,cameo,tone\n"
            + "".join(f"2020-02-20,NOR,SWE,042,{tone}\n" for tone in tones),
            encoding="utf-8",
        )
        rows = Situations(load_dataset(folder), ["oslo-2020-03-10"], ["SWE"], ["2020-03-09"])
        return rows.signal_sums("tone", lambda signals: signals[["tone"]].to_numpy(), [30.0])[1].item()

    assert asked([0.1, 0.2, 0.3]) == asked([0.3, 0.2, 0.1])


def test_vectors_are_the_same_from_the_data_cut_at_the_moment():
    data = load_dataset()
    rows = delegations_at(data, [3]).take(np.arange(0, 1800, 45))
    for extractor in (MeetingContext(), PartyHistory(), EventSignals()):
        whole = extractor.fit(rows).transform(rows)
        for i in range(len(rows)):
            cut = data.as_of(rows.as_of[i])
            one = Situations(cut, rows.meeting_id[[i]], rows.party[[i]], rows.as_of[[i]])
            np.testing.assert_array_equal(extractor.transform(one)[0], whole[i])


def test_a_meeting_that_was_not_held_is_no_contact_and_no_past_whatever_its_delegations_say(folder):
    append(folder, "delegations", "bern-2021-06-01,NOR,1,1,1")
    append(folder, "delegations", "bern-2021-06-01,SWE,1,1,1")
    append(folder, "meetings", "rome-2022-01-01,Rome,2022-01-01,Rome,ITA,summit,leader,")
    append(folder, "delegations", "rome-2022-01-01,NOR,,,")
    append(folder, "delegations", "rome-2022-01-01,SWE,,,")
    rows = Situations(load_dataset(folder), ["rome-2022-01-01"], ["NOR"], ["2021-12-31"])
    # Oslo alone, whose day was over at midnight after 2020-03-10: both came, only one leader.
    count, since_last = rows.contacts(1000)
    assert count.tolist() == [[1, 0, 1]]
    assert since_last.tolist() == [(rows.as_of[0] - np.datetime64("2020-03-11", "s")).astype(int) / 86_400]
    came, known = rows.past(["party"])
    assert (came.tolist(), known.tolist()) == ([[1, 1, 0]], [[1, 1, 0]])


# -- what is refused or hidden -----------------------------------------------------------------------------------


def test_a_moment_after_the_meeting_is_refused_with_both_dates(folder):
    data = load_dataset(folder)
    with pytest.raises(RequestError, match=r"as-of date 2020-03-11 lies after oslo-2020-03-10 \(2020-03-10\)"):
        Situations(data, ["bern-2021-06-01", "oslo-2020-03-10"], ["CHE", "SWE"], ["2021-05-01", "2020-03-11"])


@pytest.mark.parametrize("when", ["2020-03-10", "2020-03-10T23:59Z", "2010-01-01"])
def test_the_day_of_the_meeting_and_any_day_before_are_accepted(folder, when):
    assert len(Situations(load_dataset(folder), ["oslo-2020-03-10"], ["SWE"], [when])) == 1


def test_the_first_moment_after_the_day_of_the_meeting_is_refused(folder):
    with pytest.raises(RequestError, match="lies after oslo-2020-03-10"):
        Situations(load_dataset(folder), ["oslo-2020-03-10"], ["SWE"], ["2020-03-11T00:00Z"])


def test_an_unknown_meeting_is_refused_and_the_nearest_named(folder):
    with pytest.raises(RequestError, match=r"no meeting 'oslo-2020-03-11' .*did you mean 'oslo-2020-03-10'\?"):
        Situations(load_dataset(folder), ["oslo-2020-03-10", "oslo-2020-03-11"], ["SWE", "SWE"], ["2020-03-01"] * 2)


def test_a_text_that_is_no_date_is_refused(folder):
    with pytest.raises(RequestError, match="found '2020-02-30'"):
        Situations(load_dataset(folder), ["oslo-2020-03-10"], ["SWE"], ["2020-02-30"])


def test_a_day_means_the_same_alone_and_in_an_array(folder):
    data, days = load_dataset(folder), np.array(["2020-03-05"], dtype="datetime64[D]")
    alone = Situations(data, ["oslo-2020-03-10"], ["SWE"], ["2020-03-05"])
    array = Situations(data, ["oslo-2020-03-10"], ["SWE"], days)
    assert array.as_of.tolist() == alone.as_of.tolist()
    assert array.said().item.tolist() == [0]


def test_the_outcome_of_the_meeting_itself_is_refused(folder):
    rows = Situations(load_dataset(folder), ["oslo-2020-03-10"], ["SWE"], ["2020-03-09"])
    with pytest.raises(KeyError, match="status is an outcome"):
        rows.meeting("status")


@pytest.mark.parametrize("column", ["cue", "level_spoken"])
def test_annotations_are_not_among_the_statements_a_row_sees(data, column):
    rows = Situations(data, ["istanbul-2025-05-15"], ["RUS"], ["2025-05-14"])
    assert column not in rows.statements
    assert rows.annotations()[column].equals(data.statements[column])


@pytest.fixture
def announced(folder):
    spoil(folder, "meetings", "city,", "announced_on,")
    spoil(folder, "meetings", ",Oslo,", ",2020-03-01,")
    spoil(folder, "meetings", ",Bern,", ",2021-05-20T10:00Z,")
    return load_dataset(folder)


@pytest.mark.parametrize(
    ("when", "seen"),
    [
        ("2020-02-29", None),
        ("2020-03-01", "2020-03-01"),
        ("2020-03-01T09:00Z", None),
    ],
)
def test_an_announcement_is_seen_when_its_day_is_over(announced, when, seen):
    (found,) = Situations(announced, ["oslo-2020-03-10"], ["SWE"], [when]).meeting("announced_on")
    assert found == np.datetime64(seen) if seen else np.isnat(found)


@pytest.mark.parametrize(("when", "seen"), [("2021-05-20T09:59Z", False), ("2021-05-20T10:00Z", True)])
def test_an_announcement_with_a_time_is_seen_from_that_minute(announced, when, seen):
    (found,) = Situations(announced, ["bern-2021-06-01"], ["CHE"], [when]).meeting("announced_on")
    assert np.isnat(found) == (not seen)


# -- hours, years ----------------------------------------------------------------------------------------------


def test_the_past_is_the_same_in_the_data_cut_on_the_day_after_a_meeting_with_an_hour(folder):
    spoil(folder, "meetings", "2020-03-10,Oslo", "2020-03-10T16:00Z,Oslo")
    data, at = load_dataset(folder), pd.Timestamp("2020-03-11 09:00")
    asked = [("bern-2021-06-01", "NOR")]
    assert view(data.as_of(at), asked, at) == view(data, asked, at)


def test_the_hour_of_a_meeting_does_not_change_its_horizon_nor_the_last_moment(folder):
    spoil(folder, "meetings", "2020-03-10,Oslo", "2020-03-10T08:00Z,Oslo")
    rows = Situations(load_dataset(folder), ["oslo-2020-03-10"] * 2, ["SWE"] * 2, ["2020-03-10", "2020-03-09T20:00Z"])
    assert rows.horizon.tolist() == [0, 1]


def test_a_meeting_before_1970_sees_its_statements_or_is_refused(folder):
    for name, row in (
        ("meetings", "yalta-1945-02-04,Yalta,1945-02-04,Yalta,RUS,trilateral,leader,held"),
        ("delegations", "yalta-1945-02-04,RUS,1,1,1"),
        ("statements", "yalta-1945-02-04,1945-01-20,Press,media,,RUS,,,He will receive them.,"),
    ):
        append(folder, name, row)
    with suppress(DataError):
        rows = Situations(load_dataset(folder), ["yalta-1945-02-04"], ["RUS"], ["1945-02-03"])
        assert rows.said().item.tolist() == [1]


def test_a_slip_of_the_year_counts_for_no_other_parties(folder):
    for name, row in (
        ("delegations", "oslo-2020-03-10,CHE,,,"),
        ("signals", ",2564-07-28,NOR,SWE,190,,A slip."),
    ):
        append(folder, name, row)
    with suppress(DataError):
        data = load_dataset(folder)
        rows = Situations(data, ["oslo-2020-03-10"], ["CHE"], ["2020-03-09"])
        assert rows.signal_sums("reports", reports, [365.0])[1].max() == 0


# -- some statements unsaid --------------------------------------------------------------------------------------


def test_a_statement_hidden_from_one_row_is_seen_by_the_others_only(folder):
    append(folder, "statements", "oslo-2020-03-10,2020-03-06,X,media,NOR,NOR,,,Hm.,")
    rows = Situations(load_dataset(folder), ["oslo-2020-03-10"] * 3, ["SWE", "NOR", "SWE"], ["2020-03-09"] * 3)
    fewer = rows.hiding(np.array([0]), np.array([[True], [False], [False]]))

    def seen(situations):
        pairs = situations.said()
        return list(zip(pairs.row.tolist(), pairs.item.tolist(), strict=True))

    assert seen(fewer) == [(0, 1), (1, 0), (1, 1), (2, 0), (2, 1)]
    assert seen(fewer.take(np.array([2, 0]))) == [(0, 0), (0, 1), (1, 1)]
    assert seen(rows) == [(i, k) for i in range(3) for k in (0, 1)]
    assert fewer.visible_statements().tolist() == [0, 1]
    # The same meeting at the same moment is another world where something else was said.
    world, group, of = fewer.whole_meetings()
    assert [sorted(k for i, k in seen(world) if group[i] == g) for g in of] == [[1, 1], [0, 0, 1, 1], [0, 0, 1, 1]]


def test_hiding_nothing_changes_nothing(data):
    rows = Situations(data, ["istanbul-2025-05-15"], ["RUS"], ["2025-05-14"])
    same = rows.hiding(np.empty(0, dtype=np.int64), np.empty((1, 0), dtype=bool))
    assert same.said().item.tolist() == rows.said().item.tolist()
    assert len(rows.said().item) > 0


# -- many rows -------------------------------------------------------------------------------------------------


def test_rows_are_taken_by_place_and_by_mask(data):
    rows = delegations_at(data, [7]).take(np.arange(10))
    frame = rows.frame()
    assert rows.take(np.array([4, 1, 1])).frame().equals(frame.iloc[[4, 1, 1]].reset_index(drop=True))
    mask = np.arange(10) % 3 == 0
    assert rows.take(mask).frame().equals(frame[mask].reset_index(drop=True))


def test_no_rows_see_nothing_and_fail_at_nothing(data):
    rows = delegations_at(data, [7]).take(np.empty(0, dtype=np.int64))
    assert len(rows.said().item) == 0
    assert rows.past(["party"])[0].shape == (0, 3)
    assert rows.contacts(30)[0].shape == (0, 3)
    assert rows.signal_sums("reports", reports, [7.0])[0].shape == (0, 1, 2)
    assert len(rows.whole_meetings()[0]) == 0


def test_a_party_no_table_knows_has_no_past_and_no_signals(data):
    rows = Situations(data, ["istanbul-2025-05-15"], ["XYZ"], ["2025-05-14"])
    assert rows.past(["party"])[1].tolist() == [[0, 0, 0]]
    assert np.all(rows.signal_sums("reports", reports, [365.0])[0] == 0)
    assert rows.contacts(3650)[0].tolist() == [[0, 0, 0]]


def test_what_nobody_said_of_nobody_is_not_taken_for_the_word_of_a_party_no_table_knows(folder):
    append(folder, "statements", "oslo-2020-03-10,2020-03-06,,media,,,,,Somebody may come.,")
    rows = Situations(load_dataset(folder), ["oslo-2020-03-10"], ["XYZ"], ["2020-03-09"])
    pairs = rows.said()
    assert pairs.item.tolist() == [0, 1]
    assert rows.about_own(pairs).tolist() == [False, False]
    assert rows.by_own(pairs).tolist() == [False, False]


def test_every_delegation_stands_at_every_horizon_meeting_by_meeting_in_order_of_date(data):
    frame = delegations_at(data).frame()
    assert HORIZONS == (14, 7, 3, 1, 0)
    assert len(frame) == len(data.delegations) * 5
    assert frame.horizon.tolist() == [14, 7, 3, 1, 0] * len(data.delegations)
    assert (frame.as_of.dt.strftime("%H:%M:%S") == "23:59:59").all()
    dates = frame.meeting_id.map(data.meetings.set_index("meeting_id").date)
    assert dates.is_monotonic_increasing
    assert ((dates - frame.as_of.dt.normalize()).dt.days == frame.horizon).all()
    pairs = set(zip(frame.meeting_id, frame.party, strict=True))
    assert pairs == set(zip(data.delegations.meeting_id, data.delegations.party, strict=True))


def test_delegations_stand_in_the_same_order_whatever_the_order_of_rows(data):
    mixed = {name: frame.sample(frac=1, random_state=3) for name, frame in data.tables().items()}
    assert delegations_at(Dataset(**mixed, parties=data.parties)).frame().equals(delegations_at(data).frame())


def test_outcomes_are_those_of_the_tables_and_a_meeting_not_held_is_told(folder):
    append(folder, "meetings", "rome-2022-01-01,Rome,2022-01-01,Rome,ITA,summit,leader,")
    append(folder, "delegations", "rome-2022-01-01,ITA,,,")
    ids = ["rome-2022-01-01", "oslo-2020-03-10", "bern-2021-06-01", "oslo-2020-03-10", "oslo-2020-03-10"]
    rows = Situations(load_dataset(folder), ids, ["ITA", "SWE", "CHE", "NOR", "FIN"], ["2020-03-09"] * 5)
    nan = np.nan
    expected = [[nan] * 4, [1, 0, 1, 1], [0, nan, nan, nan], [1, 1, 1, nan], [1, nan, nan, nan]]
    found = outcomes(rows)
    assert found.columns.tolist() == ["held", *LEVELS]
    np.testing.assert_array_equal(found.to_numpy(), expected)


def test_outcomes_of_the_data_cut_at_the_moment_are_not_known(data):
    at = pd.Timestamp("2019-12-06 23:59:59")
    assert outcomes(ask(data.as_of(at), ahead(data, at), at)).isna().all(axis=None)
    assert outcomes(ask(data, ahead(data, at), at)).held.notna().all()
