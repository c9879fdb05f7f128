"""The registered model as MLflow loads and serves it."""

import json

import numpy as np
import pandas as pd
import pytest

import attend_ml as am
from attend_ml.tracking.served_example import example


@pytest.fixture(scope="module")
def served(trained, mlflow):
    return mlflow.pyfunc.load_model("models:/attend-ml@champion")


@pytest.fixture
def row():
    return example("2025-07-01T23:59:59")


def test_the_champion_forecasts_the_input_example(served, trained, row):
    found = served.predict(served.input_example)
    assert list(found.columns) == ["leader", "senior", "working", "held"]
    card = {
        k: v for k, v in row.iloc[0].items() if v and k not in ("party", "as_of", "parties", "statements", "signals")
    }
    lists = {k: json.loads(row[k].iloc[0]) for k in ("statements", "signals")}
    talks = am.Meeting(**card, parties=["NOR", "SWE"], **lists)
    wanted = am.predict(talks, party="NOR", as_of=row.as_of.iloc[0], model=trained.better.model_uri)
    np.testing.assert_allclose(found[["leader", "senior", "working"]].iloc[0], wanted.probabilities, rtol=1e-12)
    assert found.held.iloc[0] == pytest.approx(wanted.held, rel=1e-12)


def test_the_logged_example_is_the_one_shown(served, row):
    pd.testing.assert_frame_equal(served.input_example, row)


def test_one_row_in_is_one_row_out_in_the_same_order(served, row):
    both = served.predict(pd.concat([row.assign(party="SWE"), row, row.assign(party="SWE")]))
    alone = [served.predict(row.assign(party=party)).iloc[0] for party in ("SWE", "NOR", "SWE")]
    np.testing.assert_allclose(both, np.array(alone), rtol=1e-12)
    assert both.leader.iloc[0] != both.leader.iloc[1]


def test_no_rows_give_no_rows(served, row):
    found = served.predict(row.iloc[:0])
    assert len(found) == 0
    assert list(found.columns) == ["leader", "senior", "working", "held"]


def test_empty_cells_mean_not_known(served, row):
    bare = {"city": "", "topic": "", "statements": "", "signals": "", "country": ""}
    found = served.predict(row.assign(**bare))
    assert found.notna().all().all()


def test_a_group_of_the_training_data_can_be_a_party(served, row):
    found = served.predict(row.assign(parties="HTH;NOR", party="HTH"))
    assert 0 < found.leader.iloc[0] < 1


def test_a_moment_before_its_training_is_refused(served, row):
    with pytest.raises(am.RequestError, match=r"as_of 2025-06-30: this model was fitted .* until 2025-07-01"):
        served.predict(row.assign(as_of="2025-06-30"))


def test_a_moment_after_the_meeting_is_refused(served, row):
    with pytest.raises(am.RequestError, match="as-of date 2025-07-12 lies after example-2025-07-11"):
        served.predict(row.assign(as_of="2025-07-12"))


def test_a_party_that_is_not_invited_is_refused(served, row):
    with pytest.raises(am.RequestError, match="FRA is not among the parties of example-2025-07-11"):
        served.predict(row.assign(party="FRA"))


@pytest.mark.parametrize("column", ["statements", "party", "as_of"])
def test_a_missing_column_is_refused_by_name(served, row, column, mlflow):
    with pytest.raises(mlflow.exceptions.MlflowException, match=f"Model is missing inputs .'{column}'"):
        served.predict(row.drop(columns=column))


@pytest.mark.parametrize(
    ("cell", "told"),
    [
        ({"as_of": "soon"}, "found 'soon'; write a date"),
        ({"as_of": ""}, "as_of.*fill"),
        ({"party": ""}, "party.*fill"),
        ({"parties": ""}, "parties.*fill"),
        ({"parties": "NOR,SWE"}, "parties.*NOR,SWE"),
        ({"date": "10 July"}, "date.*10 July"),
        ({"format": "party"}, "format.*bilateral"),
        ({"statements": "[{"}, "statements"),
        ({"statements": "3"}, "statements"),
        ({"statements": '[{"date": "2025-07-08", "txt": "No."}]'}, "statements.*text"),
        ({"statements": '[{"date": "2025-08-08", "text": "No."}]'}, "2025-08-08.*after the meeting's date"),
        ({"signals": '[{"date": "2025-07-01", "cameo": "99"}]'}, "signals.*CAMEO"),
    ],
    ids=lambda value: "=".join(*value.items()) if isinstance(value, dict) else "",
)
def test_nonsense_in_a_row_is_refused_with_the_name_of_the_column(served, row, cell, told):
    with pytest.raises((am.AttendError, ValueError), match=rf"(?s){told}"):
        served.predict(row.assign(**cell))
