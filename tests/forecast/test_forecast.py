"""Forecast: every view of it tells the same numbers, and they fit together."""

import json

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit, logit

import attend_ml as am
from attend_ml.dataset import Dataset
from attend_ml.evaluation.backtest import fit_as_of
from attend_ml.experiment import load_experiment
from attend_ml.forecast.fitted import Fitted
from attend_ml.records import LEVELS

ISTANBUL = "istanbul-2025-05-15"


@pytest.fixture(scope="module")
def recent(data, fitted):
    """Forecasts of every fourth meeting of 2024 and 2025, one a kind of case that could go wrong."""
    ids = data.meetings.meeting_id[data.meetings.date >= "2024-01-05"]
    return [am.predict(meeting, model=fitted) for meeting in ids[::4]]


# -- probabilities ---------------------------------------------------------------------------------------------------


def test_probabilities_of_one_party_are_a_series_by_level(fitted):
    found = am.predict(ISTANBUL, party="RUS", model=fitted).probabilities
    assert isinstance(found, pd.Series)
    assert found.name == "RUS"
    assert list(found.index) == list(LEVELS)


def test_probabilities_of_several_parties_are_a_table_with_a_row_each(istanbul):
    assert list(istanbul.probabilities.index) == istanbul.parties
    assert list(istanbul.probabilities.columns) == list(LEVELS)


def test_a_probability_is_that_of_the_meeting_being_held_times_that_given_it_is(recent):
    for forecast in recent:
        table = forecast.to_frame()
        np.testing.assert_allclose(table.probability, table.if_held * forecast.held, rtol=1e-12)
        np.testing.assert_allclose(
            table.pivot(index="party", columns="level", values="probability")[list(LEVELS)],
            np.atleast_2d(forecast.probabilities),
            rtol=1e-12,
        )


def test_probabilities_are_what_the_model_says_of_each_party(istanbul, forecaster, data):
    from attend_ml.asof import Situations

    said = forecaster.predict(Situations(data, [ISTANBUL] * 4, istanbul.parties, ["2025-05-14"] * 4))
    np.testing.assert_allclose(istanbul.probabilities, said[list(LEVELS)].mul(said.held, axis=0), rtol=1e-12)
    assert istanbul.held == pytest.approx(said.held.iloc[0], rel=1e-12)


def test_probabilities_are_coherent(recent):
    assert len(recent) > 30
    for forecast in recent:
        table = forecast.to_frame()
        assert 0 < forecast.held < 1
        assert table.if_held.between(0, 1, inclusive="neither").all()
        # No level is likelier than the meeting itself.
        assert (table.probability < forecast.held).all()


def test_the_forecasts_of_a_model_without_knowledge_are_the_past_shares(data):
    model = fit_as_of(data, load_experiment("climatology"), "2023-12-31")
    table = am.predict(ISTANBUL, model=Fitted(model, "x", pd.Timestamp("2023-12-31"))).to_frame()
    over = data.meetings.meeting_id[(data.meetings.date <= "2023-12-30") & (data.meetings.status == "held")]
    labels = data.delegations[data.delegations.meeting_id.isin(over)]
    for level in LEVELS:
        share = labels[level].mean()
        np.testing.assert_allclose(table.if_held[table.level == level], share, atol=0.002)


# -- intervals -------------------------------------------------------------------------------------------------------


def test_every_interval_holds_its_probability(recent):
    table = pd.concat([forecast.to_frame() for forecast in recent])
    assert (table.low <= table.probability).all()
    assert (table.probability <= table.high).all()
    assert (table.low >= 0).all()
    assert (table.high <= 1).all()


def test_an_interval_rests_on_the_cases_it_names(istanbul, forecaster):
    past = pd.DataFrame(forecaster.past_)
    past = past[past.horizon == 1]
    for row in istanbul.to_frame().itertuples():
        known = past[past[row.level].notna() & past[f"{row.level}_outcome"].notna()]
        near = known[np.abs(logit(known[row.level]) - logit(row.if_held)) <= 0.75]
        assert (row.cases, row.came) == (len(near), near[f"{row.level}_outcome"].sum())


def test_fewer_cases_make_wider_intervals(recent):
    table = pd.concat([forecast.to_frame().assign(held=forecast.held) for forecast in recent])
    alike = table[table.if_held.between(0.35, 0.65)].assign(width=lambda t: (t.high - t.low) / t.held)
    few, many = alike.nsmallest(5, "cases"), alike.nlargest(5, "cases")
    assert 2 * few.cases.max() < many.cases.min()
    assert few.width.min() > many.width.max()


# -- the highest level -----------------------------------------------------------------------------------------------


def test_the_chances_of_the_highest_level_fit_those_of_the_levels(recent):
    for forecast in recent:
        highest = forecast.highest().pivot(index="party", columns="level", values="if_held")
        np.testing.assert_allclose(highest.sum(axis=1), 1)
        told = forecast.to_frame().pivot(index="party", columns="level", values="if_held")
        np.testing.assert_allclose(highest.leader, told.leader, rtol=1e-9)
        assert (highest.senior <= told.senior + 1e-9).all()


def test_no_set_is_empty(recent):
    table = pd.concat([forecast.highest().assign(meeting=forecast.meeting.meeting_id) for forecast in recent])
    assert table.groupby(["meeting", "party"]).in_set.any().all()
    # Some levels are ruled out, and not always the same.
    assert table.groupby("level").in_set.mean().between(0.05, 0.95).all()


def test_where_nothing_can_be_ruled_out_it_is_told_what_to_watch_for(data, fitted, monkeypatch):
    monkeypatch.setitem(
        fitted.forecaster.past_, "highest_outcome", np.full(len(fitted.forecaster.past_["party"]), np.nan)
    )
    forecast = am.predict(ISTANBUL, as_of="2025-05-14", model=fitted)
    assert forecast.highest().in_set.all()
    told = {row["party"]: row["highest"] for row in forecast.to_dict()["forecasts"]}
    assert told["RUS"]["set"] == ["nobody", "working", "senior", "leader"]
    assert told["RUS"]["watch_for"] == "the names on the delegation of Russia"
    before = am.predict(ISTANBUL, party="TUR", as_of="2025-05-10", model=fitted)
    assert before.watch_for("TUR") == "the first word from Turkey on who comes"


def test_where_something_is_ruled_out_there_is_nothing_to_watch_for(istanbul):
    table = istanbul.highest()
    for row in istanbul.to_dict()["forecasts"]:
        mine = table[table.party == row["party"]]
        assert row["highest"]["if_held"] == dict(zip(mine.level, mine.if_held, strict=True))
        assert row["highest"]["set"] == mine.level[mine.in_set].tolist()
        assert (row["highest"]["watch_for"] is None) == (len(row["highest"]["set"]) < 4)


# -- tables and JSON -------------------------------------------------------------------------------------------------


def test_the_table_has_a_row_for_each_party_and_level(istanbul):
    table = istanbul.to_frame()
    assert list(table.columns) == [
        "meeting_id",
        "party",
        "level",
        "probability",
        "if_held",
        "low",
        "high",
        "cases",
        "came",
    ]
    assert list(zip(table.party, table.level, strict=True)) == [(p, lv) for p in istanbul.parties for lv in LEVELS]
    assert set(table.meeting_id) == {ISTANBUL}


def test_the_dictionary_has_the_promised_keys(istanbul):
    told = istanbul.to_dict()
    assert set(told) >= {"meeting_id", "as_of", "held", "model", "data", "forecasts"}
    assert (told["meeting_id"], told["as_of"], told["model"]) == (ISTANBUL, "2025-05-14", "logistic to 2023")
    for party in told["forecasts"]:
        assert set(party) >= {"party", "levels", "drivers", "analogues"}
        assert list(party["levels"]) == list(LEVELS)
        assert all(set(level) >= {"probability", "if_held", "interval"} for level in party["levels"].values())
        assert all(set(row) == {"level", "text", "source_url", "log_odds"} for row in party["drivers"])


def test_the_dictionary_tells_the_numbers_of_the_table(istanbul):
    table = istanbul.to_frame().set_index(["party", "level"])
    told = istanbul.to_dict()
    assert told["held"] == istanbul.held
    for party in told["forecasts"]:
        for level, values in party["levels"].items():
            row = table.loc[(party["party"], level)]
            assert values["probability"] == row.probability
            assert values["if_held"] == row.if_held
            assert values["interval"] == [row.low, row.high]
            assert values["cases"] == row.cases


def test_the_dictionary_tells_drivers_and_similar_meetings_of_each_party(istanbul):
    for party in istanbul.to_dict()["forecasts"]:
        for level in LEVELS:
            rows = [row for row in party["drivers"] if row["level"] == level]
            table = istanbul.drivers(level, party["party"])
            assert [row["text"] for row in rows] == table.text.tolist()
            assert [row["log_odds"] for row in rows] == table.log_odds.tolist()
        table = istanbul.analogues(5, party["party"])
        assert [row["meeting_id"] for row in party["analogues"]] == table.meeting_id.tolist()
        assert [row["date"] for row in party["analogues"]] == [f"{date:%Y-%m-%d}" for date in table.date]


def test_the_dictionary_is_json_without_nan(recent):
    unknown = set()
    for forecast in recent[::9]:
        told = forecast.to_dict()
        assert json.loads(json.dumps(told, allow_nan=False)) == told
        unknown |= {row["working"] for party in told["forecasts"] for row in party["analogues"]}
    # The working level of many past delegations is not known.
    assert unknown == {None, 0.0, 1.0}


@pytest.mark.parametrize("level", LEVELS)
def test_a_level_nobody_has_ever_noted_is_told_as_not_known(level, data):
    tables = {**data.tables(), "delegations": data.delegations.assign(**{level: np.nan})}
    bare = Dataset(**tables, parties=data.parties, links=data.links)
    model = Fitted(fit_as_of(bare, load_experiment("party-history"), "2023-12-31"), "x", pd.Timestamp("2023-12-31"))
    forecast = am.predict(ISTANBUL, data=bare, model=model, party="RUS")
    told = json.loads(json.dumps(forecast.to_dict(), allow_nan=False))
    levels = told["forecasts"][0]["levels"]
    assert levels[level]["probability"] is None
    assert all(0 < levels[other]["probability"] < 1 for other in LEVELS if other != level)
    assert "nan" not in repr(forecast)


def test_the_data_behind_a_forecast_are_named_by_their_fingerprint(istanbul, data, fitted):
    assert istanbul.to_dict()["data"] == data.fingerprint()
    more = pd.DataFrame([{"date": "2025-05-13", "speaker_party": "RUS", "about_party": "RUS", "text": "Not decided."}])
    more = more.assign(speaker_role="spokesperson")
    assert am.predict(ISTANBUL, "USA", model=fitted, statements=more).to_dict()["data"] != data.fingerprint()


# -- what is printed -------------------------------------------------------------------------------------------------


def test_what_is_printed_names_meeting_moment_model_and_the_next_call(istanbul):
    text = repr(istanbul)
    assert text.startswith(
        "Russia-Ukraine direct talks in Istanbul, first round of 2025, 15 May 2025, as known on 2025-05-14\n"
    )
    assert "Model: logistic to 2023." in text
    assert ".drivers('leader')" in text
    assert ".analogues()" in text


def test_what_is_printed_are_the_probabilities_in_percent(istanbul):
    lines = repr(istanbul).splitlines()
    assert f"held: {istanbul.held:.0%}" in lines
    printed = {line.split()[0]: line.split()[1:] for line in lines if line[:3] in istanbul.parties}
    wanted = {
        party: [f"{p:.0%}" for p in istanbul.probabilities.loc[party, list(LEVELS)]] for party in istanbul.parties
    }
    assert printed == wanted


def test_a_moment_within_the_day_is_printed_with_its_hour(fitted):
    forecast = am.predict(ISTANBUL, as_of="2025-05-14T12:30Z", model=fitted)
    assert "as known on 2025-05-14T12:30Z" in repr(forecast)
    assert forecast.to_dict()["as_of"] == "2025-05-14T12:30Z"


# -- drivers ---------------------------------------------------------------------------------------------------------


def test_drivers_add_up_to_the_log_odds_of_the_probability_all_in_all(istanbul):
    for level in LEVELS:
        total = istanbul.drivers(level).groupby("party").log_odds.sum()
        np.testing.assert_allclose(expit(total[istanbul.parties]), istanbul.probabilities[level], rtol=1e-9)


def test_drivers_begin_with_the_base_and_then_fall_in_strength(istanbul):
    for level in LEVELS:
        for party in istanbul.parties:
            rows = istanbul.drivers(level, party)
            assert rows.reason.tolist().count("base") == 1
            assert rows.reason[0] == "base"
            assert rows.log_odds[1:].abs().is_monotonic_decreasing
            assert set(rows.level) == {level}
            assert set(rows.party) == {party}


def test_drivers_of_all_parties_stand_in_the_order_of_the_parties(istanbul):
    assert istanbul.drivers("senior").party.drop_duplicates().tolist() == istanbul.parties


def test_the_leader_is_what_drivers_tell_of_by_default(istanbul):
    pd.testing.assert_frame_equal(istanbul.drivers(), istanbul.drivers("leader"))


def test_every_statement_known_by_then_is_a_driver_with_its_source(data, fitted):
    forecast = am.predict(ISTANBUL, as_of="2025-05-12", party="RUS", model=fitted)
    said = data.statements[(data.statements.meeting_id == ISTANBUL) & (data.statements.date <= "2025-05-12")]
    rows = forecast.drivers("leader")
    rows = rows[rows.reason == "statement"]
    assert sorted(rows.source_url) == sorted(said.source_url)
    for row in said.itertuples():
        told = rows[rows.text.str.contains(row.text, regex=False)]
        assert told.source_url.tolist() == [row.source_url]
        assert told.text.iloc[0].startswith(f"{row.date.day} May 2025, {row.speaker}")


def test_the_spokesmans_refusal_speaks_against_the_leader(fitted):
    no = pd.DataFrame(
        [
            {
                "date": "2025-05-14",
                "speaker": "Dmitry Peskov",
                "speaker_role": "spokesperson",
                "speaker_party": "RUS",
                "about_party": "RUS",
                "text": "The president will not go to Istanbul.",
                "source_url": "https://example.org/no",
            }
        ]
    )
    rows = am.predict(ISTANBUL, party="RUS", model=fitted, statements=no).drivers("leader")
    assert rows.log_odds[rows.source_url == "https://example.org/no"].item() < -0.1


def test_an_unknown_level_is_answered_with_the_nearest(istanbul):
    with pytest.raises(am.RequestError, match="level: found 'leaders'; did you mean 'leader'"):
        istanbul.drivers("leaders")


def test_drivers_of_an_unknown_party_are_answered_with_the_nearest(istanbul):
    with pytest.raises(am.RequestError, match="party: found 'RUZ'; did you mean 'RUS'"):
        istanbul.drivers("leader", party="RUZ")


def test_similar_meetings_of_an_unknown_party_are_answered_with_the_nearest(istanbul):
    with pytest.raises(am.RequestError, match="party: found 'RUZ'; did you mean 'RUS'"):
        istanbul.analogues(party="RUZ")


def test_similar_meetings_are_those_of_the_party_asked_about(istanbul, fitted):
    for party in ("RUS", "UKR"):
        alone = am.predict(ISTANBUL, party=party, model=fitted)
        pd.testing.assert_frame_equal(istanbul.analogues(7, party), alone.analogues(7))
    assert istanbul.analogues(7, "RUS").meeting_id.tolist() != istanbul.analogues(7, "UKR").meeting_id.tolist()
    pd.testing.assert_frame_equal(istanbul.analogues(), istanbul.analogues(5, "RUS"))
