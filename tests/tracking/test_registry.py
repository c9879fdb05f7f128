"""Registered models: which is taken, which is refused, and what is said of an address that leads nowhere."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import attend_ml as am
from attend_ml.forecast.fitted import Fitted
from attend_ml.tracking import store
from attend_ml.tracking.registry import champion, champion_version, load_fitted
from attend_ml.tracking.train import train

ISTANBUL = "istanbul-2025-05-15"
TALKS = am.Meeting(
    meeting_id="oslo-2026-01-10",
    name="Talks in Oslo",
    date="2026-01-10",
    country="NOR",
    format="bilateral",
    convened_level="senior",
    parties=["NOR", "SWE"],
)
BETTER = Path(__file__).with_name("better.toml")
CHAMPION = "models:/attend-ml@champion"


def test_a_meeting_to_come_is_forecast_by_the_champion(trained):
    forecast = am.predict(TALKS)
    assert forecast.model == "attend-ml version 2 (@champion)"
    named = am.predict(TALKS, model=trained.better.model_uri)
    pd.testing.assert_frame_equal(forecast.probabilities, named.probabilities)


def test_the_record_of_a_trained_model_is_that_of_its_rolling_origin(trained, mlflow):
    path = mlflow.artifacts.download_artifacts(run_id=trained.better.run_id, artifact_path="predictions.csv")
    logged = pd.read_csv(path, keep_default_na=False, na_values=[""])
    past = pd.DataFrame(load_fitted(trained.better.model_uri).forecaster.past_)
    key = ["meeting_id", "party", "horizon"]
    both = past.merge(logged, on=key, suffixes=("", "_logged"), validate="1:1")
    assert len(both) == len(past) == len(logged)
    for name in ("leader", "leader_outcome", "highest_outcome"):
        pd.testing.assert_series_equal(both[name], both[f"{name}_logged"], check_names=False, rtol=1e-9)


def test_a_champion_of_other_data_does_not_answer(trained, monkeypatch):
    other = champion(pd.Timestamp("2026-01-09"))
    names = [f"other-{name}" for name in other.forecaster.past_["meeting_id"]]
    monkeypatch.setitem(other.forecaster.past_, "meeting_id", np.array(names))
    monkeypatch.setattr("attend_ml.tracking.registry.champion", lambda at: other)
    monkeypatch.setattr("attend_ml.forecast.predict.fitted_as_of", lambda data, at: Fitted(other.forecaster, "own", at))
    assert am.predict(TALKS).model == "own"


def test_a_model_may_be_asked_for_by_version_alias_or_run(trained):
    by = [
        am.predict(TALKS, model=uri)
        for uri in (CHAMPION, "models:/attend-ml/2", f"runs:/{trained.better.run_id}/model")
    ]
    for forecast in by[1:]:
        pd.testing.assert_frame_equal(forecast.probabilities, by[0].probabilities)
    assert [forecast.model for forecast in by[:2]] == [CHAMPION, "models:/attend-ml/2"]
    other = am.predict(TALKS, model="models:/attend-ml/1")
    assert not other.probabilities.equals(by[0].probabilities)


def test_a_registered_model_that_has_seen_the_outcome_is_refused_by_name(trained):
    with pytest.raises(am.RequestError, match=rf"model {CHAMPION} has seen what became known after 2025-05-14"):
        am.predict(ISTANBUL, model=CHAMPION)


def test_a_replay_leaves_the_champion_alone(trained, monkeypatch):
    asked = []
    quick = load_fitted("models:/attend-ml/1")
    monkeypatch.setattr(
        "attend_ml.forecast.predict.fitted_as_of",
        lambda data, at: asked.append(at) or Fitted(quick.forecaster, "of the replay", at),
    )
    assert am.predict(ISTANBUL).model == "of the replay"
    assert asked == [pd.Timestamp("2025-05-14 23:59:59")]


def test_a_model_trained_until_an_earlier_day_may_forecast_a_replay(trained, mlflow, data):
    run = train(BETTER, until="2024-12-31", n_jobs=1)
    forecast = am.predict(ISTANBUL, model=run.model_uri)
    assert forecast.model == run.model_uri
    fitted = load_fitted(run.model_uri)
    assert fitted.until == pd.Timestamp("2024-12-31 23:59:59")
    dates = data.meetings.set_index("meeting_id").date[fitted.forecaster.past_["meeting_id"]]
    assert dates.max() < pd.Timestamp("2024-12-31")
    with pytest.raises(am.RequestError, match=r"has seen what became known after 2024-11-17.*--until 2024-10-31"):
        am.predict("g20-rio-2024-11-18", model=run.model_uri)
    # Nor has it been scored on what came later.
    path = mlflow.artifacts.download_artifacts(run_id=run.run_id, artifact_path="predictions.csv")
    assert pd.read_csv(path).date.max() <= "2024-12-31"


def test_the_champion_is_for_moments_after_its_training(trained):
    assert champion(pd.Timestamp("2025-06-30 23:59:59")) is None
    found = champion(pd.Timestamp("2025-07-01 23:59:59"))
    assert found.until == pd.Timestamp("2025-07-01 23:59:59")
    assert found.forecaster.kind == "party-history"


def test_without_a_store_there_is_no_champion_and_no_store_is_made(untouched):
    assert champion(pd.Timestamp("2026-01-01")) is None
    assert not untouched.exists()


@pytest.mark.parametrize(
    ("uri", "reason"),
    [
        ("models:/attend-ml/99", "version=99"),
        ("models:/attendml@champion", "attendml"),
        ("models:/attend-ml@champ", "champ"),
        ("nowhere", "nowhere"),
    ],
)
def test_an_address_that_leads_nowhere_is_named(uri, reason, trained):
    with pytest.raises(am.RequestError, match=rf"model '{uri}': it cannot be loaded \(.*{reason}.*attend-ml ui"):
        am.predict(TALKS, model=uri)


def test_a_folder_that_is_no_model_of_this_package_is_refused(trained, tmp_path):
    (tmp_path / "MLmodel").write_text("flavors: {}\n", encoding="utf-8")
    with pytest.raises(am.RequestError, match="it was not made by attend-ml"):
        am.predict(TALKS, model=str(tmp_path))


def test_a_model_folder_can_be_loaded_from_disk(trained, mlflow):
    folder = mlflow.artifacts.download_artifacts(artifact_uri=CHAMPION)
    pd.testing.assert_frame_equal(am.predict(TALKS, model=folder).probabilities, am.predict(TALKS).probabilities)


def test_a_registered_version_tells_until_when_it_knows_and_of_which_experiment(trained, client):
    version = champion_version(client)
    assert version.tags == {"known_until": "2025-07-01T23:59:59", "experiment": "better"}
    assert version.run_id == trained.better.run_id
    assert version.name == store.REGISTERED
