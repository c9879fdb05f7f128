"""Reasons: shares of a forecast that add up, told in plain words with their numbers right."""

from itertools import combinations
from math import factorial

import numpy as np
import pandas as pd
import pytest
from scipy.special import logit

import attend_ml as am
from attend_ml.asof import Situations
from attend_ml.evaluation.backtest import fit_as_of
from attend_ml.experiment import load_experiment
from attend_ml.forecast.fitted import Fitted
from attend_ml.forecast.reasons import GROUPS, _log_odds, contributions, reasons
from attend_ml.records import LEVELS

ISTANBUL = "istanbul-2025-05-15"


def at(data, meeting, party, day):
    return Situations(data, [meeting], [party], [day])


@pytest.fixture(scope="module")
def russia(data):
    """With few statements: the 11th was the day of the invitation."""
    return at(data, ISTANBUL, "RUS", "2025-05-11")


@pytest.fixture(scope="module")
def shares(forecaster, russia):
    return contributions(forecaster, russia)


def test_shares_of_base_groups_and_statements_add_up_to_the_forecast(shares, forecaster, russia):
    said = forecaster.predict(russia).iloc[0]
    total = shares.base + shares.groups.sum(axis=0) + shares.statements.sum(axis=0)
    np.testing.assert_allclose(total, logit([said[level] * said.held for level in LEVELS]), atol=1e-9)


def test_every_statement_known_by_then_has_a_share(shares, data):
    said = data.statements
    wanted = np.flatnonzero((said.meeting_id == ISTANBUL) & (said.date <= "2025-05-11"))
    np.testing.assert_array_equal(shares.items, wanted)
    assert shares.statements.shape == (len(wanted), 3)
    assert np.abs(shares.statements).max() > 0.05


def test_the_base_is_a_typical_meeting_whoever_meets(forecaster, shares, data):
    # Nothing of this meeting but how many parties it has may be in the base; here another of four parties.
    four = [m for m, n in data.delegations.groupby("meeting_id").size().items() if n == 4 and m != ISTANBUL]
    other = next(m for m in four[::-1] if data.meeting(m).date >= pd.Timestamp("2024-01-05"))
    party = data.delegations.party[data.delegations.meeting_id == other].iloc[0]
    day = data.meeting(other).date - pd.Timedelta(days=4)
    quiet = at(data.as_of("2012-01-01"), other, party, day)
    np.testing.assert_allclose(contributions(forecaster, quiet).base, shares.base, atol=0.05)


def test_the_same_forecast_is_always_told_the_same_way(forecaster, russia, shares):
    again = contributions(forecaster, russia)
    np.testing.assert_array_equal(again.statements, shares.statements)
    np.testing.assert_array_equal(again.groups, shares.groups)


def test_shares_are_shapley_values(forecaster, data):
    meeting = next(
        m
        for m, n in data.statements.groupby("meeting_id").size().items()
        if n == 2 and data.meeting(m).date >= pd.Timestamp("2024-01-05")
    )
    party = data.delegations.party[data.delegations.meeting_id == meeting].iloc[0]
    situation = at(data, meeting, party, data.meeting(meeting).date)
    found = contributions(forecaster, situation, n_permutations=600, seed=1)
    n = len(GROUPS) + 2
    assert len(found.items) == 2
    sets = np.array([[player >> k & 1 for k in range(n)] for player in range(2**n)], dtype=bool)
    value = dict(zip(map(tuple, sets), _log_odds(forecaster, situation, found.items, sets), strict=True))
    exact = np.zeros((n, 3))
    for player in range(n):
        others = [k for k in range(n) if k != player]
        for size in range(n):
            weight = factorial(size) * factorial(n - size - 1) / factorial(n)
            for members in combinations(others, size):
                before = tuple(k in members for k in range(n))
                after = tuple(k in (*members, player) for k in range(n))
                exact[player] += weight * (value[after] - value[before])
    np.testing.assert_allclose(np.vstack([found.groups, found.statements]), exact, atol=0.03)
    assert np.abs(exact).max() > 0.3


def test_a_party_that_is_not_invited_has_no_reasons(forecaster, data):
    with pytest.raises(ValueError, match=f"FRA is not a party of {ISTANBUL}"):
        contributions(forecaster, at(data, ISTANBUL, "FRA", "2025-05-11"))


# -- the words -------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def told(forecaster, data, russia):
    return reasons(forecaster, data, russia)


def test_every_level_is_told_by_base_three_groups_and_every_statement(told, shares):
    for level in LEVELS:
        rows = told[told.level == level]
        assert rows.reason.tolist() == ["base", *GROUPS, *["statement"] * len(shares.items)]


def test_what_is_told_has_the_shares_computed(told, shares):
    for k, level in enumerate(LEVELS):
        rows = told[told.level == level]
        wanted = [shares.base[k], *shares.groups[:, k], *shares.statements[:, k]]
        np.testing.assert_array_equal(rows.log_odds, wanted)


def test_the_context_tells_level_format_and_who_proposed(told):
    assert set(told.text[told.reason == "context"]) == {"called for no stated level, bilateral, Russia proposed it"}


def test_a_host_is_told_to_be_one(forecaster, data):
    rows = reasons(forecaster, data, at(data, ISTANBUL, "TUR", "2025-05-11"))
    assert set(rows.text[rows.reason == "context"]) == {"called for no stated level, bilateral, Turkey is the host"}


def test_a_meeting_by_video_is_told_to_be_one_and_its_shares_add_up(forecaster, data):
    situation = at(data, "virtual-2025-03-15", "GBR", "2025-03-14")
    table = reasons(forecaster, data, situation)
    context = table[(table.reason == "context") & (table.level == "leader")].iloc[0]
    assert "held by video" in context.text
    assert context.log_odds < -1
    said = forecaster.predict(situation).iloc[0]
    total = table[table.level == "leader"].log_odds.sum()
    assert total == pytest.approx(logit(said.leader * said.held), abs=1e-9)


def test_the_record_counts_the_partys_earlier_meetings_of_the_kind(forecaster, data):
    meeting = "g20-rio-2024-11-18"
    day = data.meeting(meeting).date - pd.Timedelta(days=1)
    rows = reasons(forecaster, data, at(data, meeting, "RUS", day))
    before = data.meetings[(data.meetings.date < day) & (data.meetings.status == "held")]
    # Of meetings by video, to which nobody came, none is counted.
    before = before[before.meeting_id.isin(data.delegations.meeting_id[data.delegations["mode"] == "in_person"])]
    kind = before.meeting_id[before.convened_level == data.meeting(meeting).convened_level]
    past = data.delegations[data.delegations.meeting_id.isin(kind) & (data.delegations.party == "RUS")]
    names = {"leader": "the leader", "senior": "senior officials", "working": "a working team"}
    for level in LEVELS:
        text = rows.text[(rows.reason == "history") & (rows.level == level)].item()
        came, known = past[level].sum(), past[level].notna().sum()
        wanted = f"Russia: {names[level]} came to {came:.0f} of {known} earlier meetings called for the leader"
        assert text == wanted
    assert past.leader.notna().sum() > 20


def test_a_party_never_met_before_is_told_to_have_no_record(forecaster, data):
    talks = am.Meeting(meeting_id="x-2025-09-10", name="X", date="2025-09-10", parties=["FJI", "RUS"])
    tables = data.with_meeting(talks)
    rows = reasons(forecaster, tables, at(tables, "x-2025-09-10", "FJI", "2025-09-09"))
    assert set(rows.text[rows.reason == "history"]) == {"Fiji: no earlier meeting of this kind is known"}


def test_the_events_of_thirty_days_are_counted(told, data):
    others = ["TUR", "UKR", "USA"]
    recent = data.signals[data.signals.date.between("2025-04-11", "2025-05-11")]
    done = ((recent.source_party == "RUS") & recent.target_party.isin(others)).sum()
    received = (recent.source_party.isin(others) & (recent.target_party == "RUS")).sum()
    wanted = f"in the 30 days before, {done} events by Russia towards the others and {received} towards it"
    assert set(told.text[told.reason == "signals"]) == {wanted}
    assert done > 0
    assert received > 0


def test_a_statement_is_told_with_day_speaker_words_and_how_it_was_heard(fitted):
    said = {"date": "2025-05-14", "speaker": "Dmitry Peskov", "speaker_role": "spokesperson", "speaker_party": "RUS"}
    said |= {"about_party": "RUS", "text": "Putin will not attend the talks.", "source_url": "https://example.org/no"}
    forecast = am.predict(ISTANBUL, party="RUS", model=fitted, statements=pd.DataFrame([said]))
    rows = forecast.drivers("leader")
    wanted = (
        "14 May 2025, Dmitry Peskov (Russia): Putin will not attend the talks. [heard as: will not come; on Russia, "
    )
    assert rows.text[rows.source_url == said["source_url"]].item() == wanted + "the leader]"


def test_a_statement_by_nobody_on_nobody_is_told_so(forecaster, data):
    said = am.Statement(date="2025-09-08", text="The talks are being prepared.")
    talks = am.Meeting(
        meeting_id="x-2025-09-10", name="X", date="2025-09-10", parties=["USA", "RUS"], statements=[said]
    )
    tables = data.with_meeting(talks)
    rows = reasons(forecaster, tables, at(tables, "x-2025-09-10", "RUS", "2025-09-09"))
    row = rows[rows.reason == "statement"].iloc[0]
    assert row.text.startswith("8 September 2025, an unnamed source: The talks are being prepared. [heard as: ")
    assert "on nobody named" in row.text
    assert row.source_url is None


def test_a_model_that_reads_no_statements_and_signals_tells_neither(data):
    model = fit_as_of(data, load_experiment("party-history"), "2023-12-31")
    forecast = am.predict(
        ISTANBUL, party="RUS", model=Fitted(model, "x", pd.Timestamp("2023-12-31")), as_of="2025-05-11"
    )
    rows = forecast.drivers("leader")
    assert "signals" not in set(rows.reason)
    assert "context" not in set(rows.reason)
    assert rows.log_odds.sum() == pytest.approx(logit(forecast.probabilities["leader"]), abs=1e-9)
    assert not rows.text.str.contains("heard as", regex=False).any()
    assert (rows.log_odds[rows.reason == "statement"] == 0).all()
