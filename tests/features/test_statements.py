"""Stances of the party, of others towards it, and towards the other side."""

import numpy as np
import pandas as pd
import pytest

from attend_ml._resources import codebook
from attend_ml.asof import Situations, delegations_at
from attend_ml.errors import RequestError
from attend_ml.features.statements import StatementCues
from attend_ml.records import Meeting, Statement

MEETING_ID = "oslo-2020-06-11"
MEETINGS = [{"meeting_id": MEETING_ID, "date": "2020-06-11", "country": "NOR"}]
INVITED = [{"meeting_id": MEETING_ID, "party": party} for party in ("RUS", "USA")]


# What the cases below tell; the shipped codebook may hold more.
STANCES = {"leader_yes", "leader_no", "senior_yes", "working_yes", "senior_no", "party_yes", "party_no"}
STANCES |= {"condition", "unsure", "asked"}


def said(cue, level=None, day="2020-06-10", by="RUS", about="RUS", role="spokesperson", text="They spoke."):
    row = {"meeting_id": MEETING_ID, "date": day, "speaker": f"{by} {cue} {level}", "speaker_role": role}
    return {**row, "speaker_party": by, "about_party": about, "cue": cue, "level_spoken": level, "text": text}


def names(extractor):
    return [name.removeprefix("statements__") for name in extractor.get_feature_names_out()]


@pytest.fixture
def annotated(build):
    """Return a function: what annotated statements give for each party, on the day before the meeting."""

    def columns(statements, as_of="2020-06-10"):
        rows = Situations(build(MEETINGS, INVITED, statements), [MEETING_ID] * 2, ["RUS", "USA"], [as_of] * 2)
        extractor = StatementCues(cues="annotated").fit(rows)
        return pd.DataFrame(extractor.transform(rows), columns=names(extractor), index=rows.party)

    return columns


@pytest.fixture(scope="module")
def shipped(data):
    """An extractor that reads, fitted on what was said up to the end of 2018."""
    known = data.as_of("2018-12-31")
    rows = delegations_at(known, [0])
    return StatementCues().fit(rows.take(np.isin(rows.meeting_id.astype(str), known.statements.meeting_id.astype(str))))


# -- what a statement means, annotated ---------------------------------------------------------------------------


def test_the_partys_own_denial_is_a_no_to_the_leader_and_no_yes(annotated):
    row = annotated([said("deny", "leader")]).loc["RUS"]
    assert row.own_last_leader_no == 1
    assert row.own_sum_leader_no == pytest.approx(np.log(2))
    assert row.own_last_leader_yes == row.own_sum_leader_yes == 0
    assert row.own_count == pytest.approx(np.log(2))
    assert row[[name for name in row.index if name.startswith(("about_", "others_"))]].abs().sum() == 0


@pytest.mark.parametrize(
    ("cue", "level", "stances"),
    [
        ("commit", "leader", {"leader_yes"}),
        ("deny", "leader", {"leader_no"}),
        ("name", "senior", {"leader_no", "senior_yes"}),
        ("name", "working", {"leader_no", "working_yes"}),
        ("name", None, {"leader_no"}),
        ("commit", "senior", {"senior_yes"}),
        ("commit", "working", {"working_yes"}),
        ("deny", "senior", {"senior_no"}),
        ("commit", None, {"party_yes"}),
        ("deny", None, {"party_no"}),
        ("conditional", "leader", {"condition"}),
        ("ambiguous", None, {"unsure"}),
        ("demand", "leader", {"asked"}),
        ("invite", None, {"asked"}),
        ("propose", "senior", {"asked"}),
        ("other", "leader", set()),
    ],
)
def test_a_cue_and_a_level_make_a_stance(annotated, cue, level, stances):
    row = annotated([said(cue, level)]).loc["RUS"]
    found = {name.removeprefix("own_last_") for name in row.index if name.startswith("own_last_") and row[name] > 0}
    assert found & STANCES == stances
    for name, products in codebook("statements")["stances"].items():
        wanted = sum(
            (-1 if product.startswith("-") else 1) * (product.lstrip("-") in (f"{cue}:{level or 'none'}", f"{cue}:*"))
            for product in products
        )
        assert row[f"own_last_{name}"] == wanted, name
        assert row[f"own_sum_{name}"] == pytest.approx(np.sign(wanted) * np.log1p(abs(wanted))), name


@pytest.mark.parametrize(
    ("statements", "balance"),
    [
        ([said("commit", "leader")], 1),
        ([said("deny", "leader")], -1),
        ([said("commit", "leader"), said("deny", "leader")], 0),
        ([said("commit", "senior")], 0),
    ],
)
def test_a_product_with_a_minus_counts_against_a_stance(build, statements, balance):
    rows = Situations(build(MEETINGS, INVITED, statements), [MEETING_ID], ["RUS"], ["2020-06-10"])
    book = {"stances": {**codebook("statements")["stances"], "both": ["commit:leader", "-deny:leader"]}}
    extractor = StatementCues(book, cues="annotated").fit(rows)
    row = dict(zip(names(extractor), extractor.transform(rows)[0], strict=True))
    assert row["own_last_both"] == pytest.approx(balance)
    assert row["own_sum_both"] == pytest.approx(balance * np.log(2))


def test_a_demand_by_the_other_side_is_said_about_the_party_and_by_the_other_about_others(annotated):
    table = annotated([said("demand", "leader", by="USA", about="RUS")])
    assert table.about_last_asked.to_dict() == {"RUS": 1, "USA": 0}
    assert table.others_last_asked.to_dict() == {"RUS": 0, "USA": 1}
    assert table.own_last_asked.to_dict() == {"RUS": 0, "USA": 0}
    assert table.about_count.to_dict() == {"RUS": pytest.approx(np.log(2)), "USA": 0}


def test_a_statement_about_a_third_party_counts_for_neither_as_its_own(annotated):
    table = annotated([said("deny", "leader", by="RUS", about="CHN")])
    assert table.own_silent.tolist() == [1, 1]
    assert table.others_last_leader_no.tolist() == [1, 1]


def test_a_statement_about_no_party_in_particular_is_about_neither(annotated):
    table = annotated([said("deny", "leader", by=None, about=None)])
    assert table[["own_count", "about_count"]].to_numpy().sum() == 0
    assert table.others_last_leader_no.tolist() == [1, 1]


def test_a_statement_about_no_party_is_not_about_a_party_that_stands_in_no_table(build):
    data = build(MEETINGS, INVITED, [said("deny", "leader", by=None, about=None)])
    rows = Situations(data, [MEETING_ID], ["TUV"], ["2020-06-10"])
    extractor = StatementCues(cues="annotated").fit(rows)
    row = dict(zip(names(extractor), extractor.transform(rows)[0], strict=True))
    assert (row["own_count"], row["about_count"], row["own_silent"]) == (0, 0, 1)


def test_a_statement_weighs_half_after_four_days_in_the_sums(annotated):
    statement = [said("deny", "leader", day="2020-06-01")]
    sums = [annotated(statement, as_of).loc["RUS", "own_sum_leader_no"] for as_of in ("2020-06-01", "2020-06-05")]
    assert sums == pytest.approx([np.log1p(1), np.log1p(0.5)])


def test_the_last_word_does_not_fade_while_nothing_follows(annotated):
    statement = [said("deny", "leader", day="2020-06-01")]
    assert annotated(statement, "2020-06-10").loc["RUS", "own_last_leader_no"] == pytest.approx(1)


def test_a_newer_word_takes_the_place_of_an_older(annotated):
    statements = [said("commit", "leader", day="2020-06-06"), said("deny", "leader", day="2020-06-09")]
    row = annotated(statements).loc["RUS"]
    older = np.exp(-3 / 1.5)
    assert row.own_last_leader_no == pytest.approx(1 / (1 + older))
    assert row.own_last_leader_yes == pytest.approx(older / (1 + older))
    earlier = annotated(statements, "2020-06-08").loc["RUS"]
    assert earlier.own_last_leader_yes == pytest.approx(1)


def test_a_word_that_bears_on_nobodys_coming_is_no_last_word(annotated):
    statements = [said("deny", "leader", day="2020-06-08"), said("other", day="2020-06-09")]
    row = annotated(statements).loc["RUS"]
    # Its age of one day counts as four; the denial is two days old.
    assert row.own_last_leader_no == pytest.approx(1 / (1 + np.exp(-2 / 1.5)))
    assert row.own_age == pytest.approx(np.log(2))


def test_who_speaks_sets_the_weight(annotated):
    roles = {"leader": 1.0, "minister": 0.9, "lawmaker": 0.4, None: 0.5}
    for role, weight in roles.items():
        row = annotated([said("deny", "leader", role=role)]).loc["RUS"]
        assert row.own_sum_leader_no == pytest.approx(np.log1p(weight)), role
        assert row.own_last_leader_no == pytest.approx(1), role
    both = [said("commit", "leader", role="lawmaker"), said("deny", "leader", role="leader")]
    assert annotated(both).loc["RUS", "own_last_leader_yes"] == pytest.approx(0.4 / 1.4)


def test_only_the_partys_own_leader_counts_as_the_leader_having_spoken(annotated):
    statements = [said("deny", "leader", role="leader"), said("demand", by="USA", about="RUS", role="leader")]
    assert annotated(statements).own_leader_spoke.to_dict() == {"RUS": 1, "USA": 0}
    assert annotated([said("deny", "leader")]).own_leader_spoke.to_dict() == {"RUS": 0, "USA": 0}


def test_silence(annotated):
    table = annotated([said("ambiguous", by="RUS"), said("demand", by="RUS", about="USA")], "2020-06-10")
    assert table.own_silent.to_dict() == {"RUS": 0, "USA": 1}
    assert table.own_age.to_dict() == {"RUS": 0, "USA": 4}
    assert table.own_count.tolist() == pytest.approx([np.log(2), 0])
    nothing = annotated([])
    assert nothing.own_silent.tolist() == [1, 1]
    assert nothing.drop(columns=["own_silent", "own_age", "silent_when_due"]).to_numpy().sum() == 0


def test_silence_weighs_the_more_the_nearer_the_meeting_and_ends_with_a_name(annotated):
    due = [annotated([], as_of).loc["RUS", "silent_when_due"] for as_of in ("2020-06-02", "2020-06-10", "2020-06-11")]
    assert due == pytest.approx([0.1, 0.5, 1.0])
    unsure = annotated([said("ambiguous", "leader")]).loc["RUS", "silent_when_due"]
    named = annotated([said("name", "senior")]).loc["RUS", "silent_when_due"]
    assert unsure == pytest.approx(0.5)
    # Naming an envoy is a no to the leader and a yes to senior officials.
    assert named == pytest.approx(0.5 * np.exp(-3 * 2 * np.log(2)))


def test_statements_of_other_meetings_do_not_count(build):
    other = {"meeting_id": "bern-2020-06-11", "date": "2020-06-11"}
    data = build([*MEETINGS, other], INVITED, [{**said("deny", "leader"), "meeting_id": "bern-2020-06-11"}])
    rows = Situations(data, [MEETING_ID], ["RUS"], ["2020-06-10"])
    extractor = StatementCues(cues="annotated").fit(rows)
    assert dict(zip(names(extractor), extractor.transform(rows)[0], strict=True))["own_silent"] == 1


def test_a_statement_of_the_day_is_known_when_the_day_is_over_and_one_with_a_time_from_then(annotated):
    day, hour = [said("deny", "leader")], [said("deny", "leader", day="2020-06-10T09:00Z")]
    assert annotated(day, "2020-06-10T12:00Z").loc["RUS", "own_silent"] == 1
    assert annotated(day, "2020-06-10").loc["RUS", "own_silent"] == 0
    assert annotated(hour, "2020-06-10T08:59Z").loc["RUS", "own_silent"] == 1
    assert annotated(hour, "2020-06-10T12:00Z").loc["RUS", "own_silent"] == 0


def test_stances_of_a_codebook_of_ones_own_make_the_columns(build):
    rows = Situations(build(MEETINGS, INVITED, [said("commit", "senior")]), [MEETING_ID], ["RUS"], ["2020-06-10"])
    book = {**StatementCues().fit(rows).book_, "stances": {"leader_yes": ["commit:*"]}}
    # The four stances of which silence is made must stand in a codebook.
    book["stances"] |= {"leader_no": [], "senior_yes": [], "working_yes": []}
    extractor = StatementCues(book, cues="annotated").fit(rows)
    row = dict(zip(names(extractor), extractor.transform(rows)[0], strict=True))
    assert (row["own_last_leader_yes"], row["own_last_senior_yes"]) == (1, 0)
    assert "own_last_asked" not in row


# -- reading -----------------------------------------------------------------------------------------------------


def read(extractor, data, *texts, day="2020-06-10"):
    """Return the columns of Russia on the eve of a summit before which it said these things."""
    card = Meeting(
        meeting_id="oslo-summit-2020-06-11",
        name="Summit in Oslo",
        date="2020-06-11",
        country="NOR",
        format="bilateral",
        convened_level="leader",
        parties=["RUS", "USA"],
        statements=[
            Statement(
                date=day,
                speaker="Spokesman",
                speaker_role="spokesperson",
                speaker_party="RUS",
                about_party="RUS",
                text=text,
            )
            for text in texts
        ],
    )
    rows = Situations(data.with_meeting(card), ["oslo-summit-2020-06-11"], ["RUS"], ["2020-06-10"])
    return dict(zip(names(extractor), extractor.transform(rows)[0], strict=True))


def test_a_denial_read_from_text_lowers_the_yes_and_raises_the_no(shipped, data):
    promised = read(shipped, data, "The president will travel to the summit.")
    denied = read(shipped, data, "The president will not travel to the summit.")
    for kind in ("last", "sum"):
        assert denied[f"own_{kind}_leader_yes"] < promised[f"own_{kind}_leader_yes"] - 0.2
        assert denied[f"own_{kind}_leader_no"] > promised[f"own_{kind}_leader_no"] + 0.2
    assert denied["own_last_leader_no"] > 0.5
    assert promised["own_last_leader_yes"] > 0.5


def test_each_statement_is_shared_out_whole(shipped, data):
    rows = delegations_at(data, [0])
    shares = shipped.read(rows)
    visible = rows.visible_statements()
    np.testing.assert_allclose(shares[visible].sum(axis=(1, 2)), 1)
    assert shares.shape == (len(data.statements), 9, 4)


def test_statements_no_situation_may_see_are_not_read(shipped, data):
    rows = Situations(data, ["istanbul-2025-05-15"], ["RUS"], ["2025-05-13"])
    read_at_all = ~np.isnan(shipped.read(rows)[:, 0, 0])
    expected = (data.statements.meeting_id == "istanbul-2025-05-15") & (data.statements.date <= "2025-05-13")
    np.testing.assert_array_equal(read_at_all, expected)


@pytest.mark.parametrize("change", ["emptied", "garbled"])
def test_the_annotations_are_never_needed_to_transform(shipped, data, change):
    rows = delegations_at(data, [1])
    rows = rows.take(np.arange(0, len(rows), 4))
    told = data.statements.copy()
    if change == "emptied":
        told[["cue", "level_spoken"]] = None
    else:
        told["cue"] = told.cue.map({"deny": "commit", "commit": "deny"}).fillna("name")
        told["level_spoken"] = "working"
    blind = Situations(data._with(statements=told), rows.meeting_id, rows.party, rows.as_of)
    np.testing.assert_array_equal(shipped.transform(blind), shipped.transform(rows))


def test_annotated_columns_follow_the_annotations_and_not_the_text(build):
    texts = ["The president will come.", "The president will not come."]
    one, other = (build(MEETINGS, INVITED, [said("deny", "leader", text=text)]) for text in texts)
    rows = [Situations(data, [MEETING_ID], ["RUS"], ["2020-06-10"]) for data in (one, other)]
    extractor = StatementCues(cues="annotated").fit(rows[0])
    np.testing.assert_array_equal(extractor.transform(rows[0]), extractor.transform(rows[1]))
    np.testing.assert_array_equal(extractor.fit_transform(rows[0]), extractor.transform(rows[0]))


def test_a_statement_nobody_annotated_has_no_stance_when_annotations_are_asked_for(annotated):
    row = annotated([said(None)]).loc["RUS"]
    assert row.own_silent == 0
    assert row[[name for name in row.index if name.startswith("own_last_")]].sum() == 0


def test_a_misspelt_way_of_taking_cues_is_refused(build):
    rows = Situations(build(MEETINGS, INVITED, [said("deny", "leader")]), [MEETING_ID], ["RUS"], ["2020-06-10"])
    with pytest.raises(RequestError, match="did you mean 'annotated'"):
        StatementCues(cues="anotated").fit_transform(rows)


# -- reading in training -----------------------------------------------------------------------------------------


def tokens(n):
    """Return made-up words that share hardly any run of letters."""
    letters = np.array(list("abcdefghijklmnopqrstuvwxyz"))
    return ["".join(word) for word in letters[np.random.default_rng(7).integers(0, 26, (n, 12))]]


def secret(build, linked):
    """Return pairs of meetings whose statements hold one word that tells the cue, and is found nowhere else."""
    meetings, invited, statements, links = [], [], [], []
    cue_of = {}
    for k, token in enumerate(tokens(40)):
        cue = "commit" if k % 2 else "deny"
        pair = [f"oslo-{k}{half}-2020-06-11" for half in "ab"]
        links.append(tuple(pair))
        for meeting_id in pair:
            meetings.append({"meeting_id": meeting_id, "date": "2020-06-11"})
            invited.append({"meeting_id": meeting_id, "party": "RUS"})
            text = f"The spokesman said {token} of the journey."
            statements += [
                {**said(cue, "leader", day=day, text=text), "meeting_id": meeting_id}
                for day in ("2020-06-08", "2020-06-09")
            ]
            cue_of[meeting_id] = cue
    data = build(meetings, invited, statements, links=links if linked else ())
    rows = delegations_at(data, [0])
    return rows, np.array([cue_of[meeting_id] == "commit" for meeting_id in rows.meeting_id])


def told_apart(extractor, values, commit):
    """Return by how much more of a yes is read where the word means one."""
    yes = values[:, names(extractor).index("own_last_leader_yes")]
    return yes[commit].mean() - yes[~commit].mean()


def test_in_training_no_statement_is_read_by_a_reader_that_saw_its_meeting_or_one_linked_with_it(build):
    rows, commit = secret(build, linked=True)
    extractor = StatementCues()
    in_training = told_apart(extractor, extractor.fit_transform(rows), commit)
    assert told_apart(extractor, extractor.transform(rows), commit) > 0.5
    assert in_training < 0.1


def test_in_training_meetings_not_linked_do_teach_the_reader(build):
    # Without this the test above would hold for a reader that reads nothing.
    rows, commit = secret(build, linked=False)
    extractor = StatementCues()
    assert told_apart(extractor, extractor.fit_transform(rows), commit) > 0.3


def test_in_training_a_statement_is_read_otherwise_than_afterwards(data):
    rows = delegations_at(data.as_of("2014-12-31"), [1])
    extractor = StatementCues()
    in_training = extractor.fit_transform(rows)
    afterwards = extractor.transform(rows)
    counts = [i for i, name in enumerate(names(extractor)) if name.endswith(("_count", "own_age", "_silent", "_spoke"))]
    np.testing.assert_array_equal(in_training[:, counts], afterwards[:, counts])
    assert np.abs(in_training - afterwards).max() > 0.2
