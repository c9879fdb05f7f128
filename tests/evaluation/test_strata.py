"""What kind of case a forecast is, by what was known when it was made, and scores for each kind."""

import numpy as np
import pandas as pd
import pytest

from attend_ml.asof import delegations_at, outcomes
from attend_ml.dataset import Dataset
from attend_ml.errors import RequestError
from attend_ml.evaluation.scores import brier, mean_interval, skill, skill_interval
from attend_ml.evaluation.strata import score_strata, strata
from attend_ml.load import load_dataset

HEAD = "meeting_id,date,speaker,speaker_role,speaker_party,about_party,cue,level_spoken,text,source_url"


def asked(party, horizon, meeting="oslo-2020-03-10", date="2020-03-10", leader=0.5):
    row = {"meeting_id": meeting, "party": party, "horizon": horizon, "date": pd.Timestamp(date), "leader": leader}
    return pd.DataFrame([row])


def said(folder, *lines):
    """Return the small tables with these statements in place of their own."""
    body = [f"oslo-2020-03-10,{line},A text.,https://example.org/1" for line in lines]
    (folder / "statements.csv").write_text("\n".join([HEAD, *body]) + "\n", encoding="utf-8")
    return load_dataset(folder)


# -- what was said -----------------------------------------------------------------------------------------------


def test_a_case_is_announced_from_the_day_on_which_the_party_has_said_who_comes(folder):
    # The fixture: on 5 March Sweden says that its prime minister will not come.
    data = load_dataset(folder)
    told = {h: strata(asked("SWE", h), data).announced[0] for h in (14, 6, 5, 0)}
    assert told == {14: "not announced", 6: "not announced", 5: "announced", 0: "announced"}
    spoken = {h: strata(asked("SWE", h), data).statement[0] for h in (6, 5)}
    assert spoken == {6: "no statement", 5: "statement"}
    other = strata(asked("NOR", 0), data).loc[0]
    assert (other.announced, other.statement) == ("not announced", "no statement")


@pytest.mark.parametrize(
    ("line", "announced", "statement"),
    [
        ("2020-03-05,A,spokesperson,SWE,SWE,commit,leader", "announced", "statement"),
        ("2020-03-05,A,spokesperson,SWE,SWE,name,", "announced", "statement"),
        ("2020-03-05,A,spokesperson,SWE,SWE,commit,", "not announced", "statement"),
        ("2020-03-05,A,spokesperson,SWE,SWE,ambiguous,leader", "not announced", "statement"),
        ("2020-03-05,A,media,,SWE,commit,leader", "not announced", "statement"),
        ("2020-03-05,A,minister,NOR,SWE,deny,leader", "not announced", "statement"),
        ("2020-03-05,A,minister,SWE,NOR,demand,leader", "not announced", "no statement"),
        ("2020-03-05,A,spokesperson,SWE,SWE,,", "not annotated", "statement"),
        ("2020-03-05,A,minister,NOR,SWE,,", "not announced", "statement"),
    ],
)
def test_announced_is_what_the_party_itself_has_said_of_a_named_person_or_level(folder, line, announced, statement):
    kinds = strata(asked("SWE", 1), said(folder, line)).loc[0]
    assert (kinds.announced, kinds.statement) == (announced, statement)


def test_one_annotated_statement_of_the_party_is_enough_to_tell(folder):
    blank, plain = "2020-03-05,A,aide,SWE,SWE,,", "2020-03-06,A,aide,SWE,SWE,{},leader"
    assert strata(asked("SWE", 1), said(folder, blank, plain.format("deny"))).announced[0] == "announced"
    assert strata(asked("SWE", 1), said(folder, blank, plain.format("other"))).announced[0] == "not announced"


def test_where_nothing_was_said_at_all_nothing_is_announced(folder):
    kinds = strata(pd.concat([asked("SWE", 1), asked("NOR", 1)], ignore_index=True), said(folder))
    assert kinds.announced.tolist() == ["not announced"] * 2
    assert kinds.statement.tolist() == ["no statement"] * 2


# -- the meeting and the forecast --------------------------------------------------------------------------------


def test_host_and_guest_and_the_meetings_own_columns(folder):
    data = load_dataset(folder)
    kinds = strata(pd.concat([asked("SWE", 1), asked("NOR", 1)], ignore_index=True), data)
    assert kinds.role.tolist() == ["guest", "host"]
    assert kinds.party.tolist() == ["SWE", "NOR"]
    assert kinds[["format", "convened_level"]].loc[0].tolist() == ["bilateral", "leader"]
    assert kinds.topic.isna().all()


def test_a_case_is_contested_from_a_tenth_to_nine_tenths(folder):
    data = load_dataset(folder)
    p = [0.0999, 0.1, 0.5, 0.9, 0.9001, np.nan]
    rows = pd.concat([asked("SWE", 1, leader=value) for value in p], ignore_index=True)
    kinds = strata(rows, data).contested
    assert kinds[:5].tolist() == ["clear", "contested", "contested", "contested", "clear"]
    assert pd.isna(kinds[5])
    # The forecast of the level that is asked about counts.
    assert strata(rows.assign(senior=0.01), data, "senior").contested.eq("clear").all()


def test_rows_keep_their_index_and_many_agree_with_one_by_one(data):
    rows = delegations_at(data, [7, 1])
    rows = rows.take(np.arange(0, len(rows), 97))
    table = rows.frame().assign(date=rows.meeting("date"), leader=0.5)
    table.index = np.arange(len(table))[::-1] * 3
    kinds = strata(table, data)
    assert kinds.index.tolist() == table.index.tolist()
    for i in range(0, len(table), 5):
        pd.testing.assert_frame_equal(kinds.iloc[[i]], strata(table.iloc[[i]], data))
        past = data.as_of(rows.as_of[i])
        mine = past.statements[(past.statements.meeting_id == table.meeting_id.iloc[i])]
        mine = mine[mine.date.dt.normalize() <= data.meeting(table.meeting_id.iloc[i]).date]
        spoken = (mine.about_party == table.party.iloc[i]).any()
        assert kinds.statement.iloc[i] == ("statement" if spoken else "no statement")


def test_a_meeting_that_is_not_there_is_told(data):
    with pytest.raises(RequestError, match="no meeting 'oslo-2020-03-10' in the data"):
        strata(asked("SWE", 1), data)


# -- scores ------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def predictions(data: Dataset):
    """Forecasts of a sort that scores well, and of a rule that always says the same."""
    rows = delegations_at(data, [7, 1])
    rows = rows.take(np.arange(len(rows) - 900, len(rows)))
    table = rows.frame().drop(columns="as_of").assign(date=rows.meeting("date"))
    table["cluster"] = table.meeting_id.map(data.clusters())
    table["leader_outcome"] = outcomes(rows).leader.to_numpy()
    noise = np.random.default_rng(0).uniform(0, 0.5, len(table))
    table["leader"] = np.abs(table.leader_outcome.fillna(0) - noise)
    return table


def test_each_kind_is_scored_by_itself(predictions, data):
    other = predictions.assign(leader=0.4)
    out = score_strata(predictions, data, reference=other).set_index(["stratum", "value", "horizon"])
    known = predictions[predictions.leader_outcome.notna() & (predictions.horizon == 1)]
    hosts = known[strata(known, data).role == "host"]
    p, y, cluster = hosts.leader.to_numpy(), hosts.leader_outcome.to_numpy(), hosts.cluster.to_numpy(dtype=str)
    row = out.loc[("role", "host", 1)]
    assert (row.n, row.n_both, row.brier) == (len(hosts), len(hosts), pytest.approx(brier(p, y)))
    assert (row.brier_low, row.brier_high) == pytest.approx(mean_interval((p - y) ** 2, cluster))
    rule = np.full(len(p), 0.4)
    assert row.skill == pytest.approx(skill(p, y, rule))
    assert (row.skill_low, row.skill_high) == pytest.approx(skill_interval(p, y, rule, cluster))


def test_the_kinds_of_a_stratum_make_up_all_cases(predictions, data):
    out = score_strata(predictions, data)
    known = predictions[predictions.leader_outcome.notna()]
    for horizon, n in known.horizon.value_counts().items():
        for name in ("announced", "statement", "contested", "role", "format", "party"):
            assert out.n[(out.stratum == name) & (out.horizon == horizon)].sum() == n, name
    total = out[(out.stratum == "role") & (out.horizon == 1)]
    whole = known[known.horizon == 1]
    assert np.average(total.brier, weights=total.n) == pytest.approx(brier(whole.leader, whole.leader_outcome))


def test_few_cases_are_listed_with_their_number_and_without_scores(predictions, data):
    out = score_strata(predictions, data)
    few = out.n < 20
    assert few.any()
    assert out[few].brier.isna().all()
    assert out[~few].brier.notna().all()
    assert out.skill.isna().all()
    everyone = score_strata(predictions, data, least=1)
    assert everyone[everyone.n > 0].brier.notna().all()
    assert (everyone.n == out.n).all()


def test_skill_is_over_the_cases_both_have_forecast(predictions, data):
    other = predictions.assign(leader=0.4)
    part = other[(other.party != "USA") & (other.index % 2 == 0)]
    out = score_strata(predictions, data, reference=part).set_index(["stratum", "value", "horizon"])
    assert (out.n_both <= out.n).all()
    assert out.loc[("party", "USA", 1)].n_both == 0
    assert np.isnan(out.loc[("party", "USA", 1)].skill)
    assert out.loc[("party", "USA", 1)].brier > 0
    # In whatever order the rule's forecasts come.
    mixed = score_strata(predictions, data, reference=part.sample(frac=1, random_state=0))
    pd.testing.assert_frame_equal(mixed.set_index(["stratum", "value", "horizon"]), out)


def test_levels_one_after_another_and_horizons_falling(predictions, data):
    both = predictions.assign(senior=0.5, senior_outcome=1.0)
    out = score_strata(both, data, levels=("leader", "senior"))
    assert out.level.drop_duplicates().tolist() == ["leader", "senior"]
    assert (out.groupby(["level", "stratum", "value"]).horizon.apply(list).map(lambda h: h == [7, 1])).all()
    assert out[out.level == "senior"].brier.dropna().eq(0.25).all()


def test_nothing_to_score_is_an_empty_table_with_its_columns(predictions, data):
    out = score_strata(predictions[:0], data)
    assert out.empty
    assert out.columns.tolist() == score_strata(predictions, data).columns.tolist()
    assert strata(predictions[:0], data).empty
