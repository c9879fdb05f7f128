"""What must hold whatever the data: small random worlds, built through the checks of the tables."""

from contextlib import suppress

import numpy as np
import pandas as pd
import pytest
from hypothesis import Phase, assume, given, settings
from hypothesis import strategies as st

from attend_ml.asof import Situations, delegations_at, outcomes
from attend_ml.dataset import Dataset
from attend_ml.errors import RequestError
from attend_ml.evaluation import scores
from attend_ml.evaluation.backtest import fit_as_of, rolling_origin
from attend_ml.evaluation.planting import KINDS, plant
from attend_ml.experiment import Experiment, Features, Model, Scoring
from attend_ml.merging import stack
from attend_ml.models.forecaster import FORECASTS, TARGETS, AttendanceForecaster, coherent
from attend_ml.moments import moment
from attend_ml.records import CUES, LEVELS, ROLES
from attend_ml.tables import check_table, columns

QUICK = settings(
    max_examples=30, deadline=None, derandomize=True, database=None, phases=[Phase.explicit, Phase.generate]
)
FEW = settings(QUICK, max_examples=12)
MANY = settings(QUICK, max_examples=100)
START = pd.Timestamp("2020-01-01")
DAY = pd.Timedelta(days=1)
SECOND = pd.Timedelta(seconds=1)
TABLES = ("meetings", "delegations", "statements", "signals")

# -- small worlds ------------------------------------------------------------------------------------------------

parties = st.sampled_from(("CHE", "RUS", "UKR", "USA"))
codes = st.one_of(st.none(), parties)
flags = st.sampled_from([None, "0", "1"])
times = st.sampled_from(["", "", "T00:00Z", "T12:00Z", "T23:59Z"])
texts = st.sampled_from(
    ["The president will attend.", "He has no plans to travel.", "It depends on the other side.", "The minister goes."]
)
words = st.fixed_dictionaries(
    {
        "before": st.integers(0, 12),
        "time": times,
        "speaker_role": st.sampled_from(ROLES),
        "speaker_party": codes,
        "about_party": codes,
        "cue": st.sampled_from([None, *CUES]),
        "level_spoken": st.sampled_from([None, *LEVELS]),
        "text": texts,
    }
)
events = st.fixed_dictionaries(
    {
        "day": st.integers(-5, 45),
        "time": times,
        "source_party": codes,
        "target_party": codes,
        "cameo": st.sampled_from(["036", "042", "125", "190"]),
        "source_level": st.sampled_from([None, *LEVELS]),
        "count": st.sampled_from([None, "1", "7", "0.1"]),
    }
)
meetings = st.fixed_dictionaries(
    {
        "day": st.integers(0, 40),
        "country": codes,
        "series": st.sampled_from([None, "alps"]),
        "topic": st.sampled_from([None, "peace"]),
        "format": st.sampled_from(["bilateral", "summit"]),
        "convened_level": st.sampled_from(["leader", "senior", "unspecified"]),
        "status": st.sampled_from(["held", "held", "cancelled", None]),
        "announced": st.one_of(st.none(), st.integers(0, 20)),
        "invited": st.dictionaries(parties, st.fixed_dictionaries(dict.fromkeys(LEVELS, flags)), min_size=2),
        "said": st.lists(words, max_size=4),
    }
)


def day(n: int) -> str:
    return f"{START + n * DAY:%Y-%m-%d}"


def frame(name: str, rows: list[dict]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=pd.Index(columns(name)), dtype=object)


def rows_of(drawn: list[dict], done: list[dict]) -> dict[str, list[dict]]:
    """Return the rows of the four tables."""
    out = {name: [] for name in TABLES}
    for i, meeting in enumerate(drawn):
        name = f"talks-{i}"
        row = {key: meeting[key] for key in ("country", "series", "topic", "format", "convened_level", "status")}
        when = None if meeting["announced"] is None else day(meeting["day"] - meeting["announced"])
        row |= {"meeting_id": name, "name": name, "date": day(meeting["day"]), "announced_on": when}
        out["meetings"].append(row)
        out["delegations"] += [{"meeting_id": name, "party": p, **came} for p, came in meeting["invited"].items()]
        for k, said in enumerate(meeting["said"]):
            row = {key: value for key, value in said.items() if key not in ("before", "time")}
            date = day(meeting["day"] - said["before"]) + said["time"]
            out["statements"].append({**row, "meeting_id": name, "date": date, "speaker": f"Speaker {k}"})
    for event in done:
        row = {key: value for key, value in event.items() if key not in ("day", "time")}
        out["signals"].append({**row, "date": day(event["day"]) + event["time"]})
    return out


@st.composite
def worlds(draw, min_meetings=1, max_meetings=6):
    rows = rows_of(
        draw(st.lists(meetings, min_size=min_meetings, max_size=max_meetings)), draw(st.lists(events, max_size=8))
    )
    names = [row["meeting_id"] for row in rows["meetings"]]
    links = draw(st.lists(st.tuples(st.sampled_from(names), st.sampled_from(names)), max_size=3))
    return Dataset(**{name: frame(name, found) for name, found in rows.items()}, links=links)


moments_ = st.builds(
    lambda n, hours: START + n * DAY + hours,
    st.integers(-3, 40),
    st.sampled_from([DAY - SECOND, DAY - SECOND, 0.5 * DAY]),
)


def open_rows(data: Dataset, at: pd.Timestamp, asked: Dataset | None = None) -> Situations:
    """Return the delegations of the meetings not over at a moment, seen from it."""
    rows = delegations_at(asked or data, [0])
    rows = rows.take(rows.as_of >= at.to_datetime64())
    return Situations(data, rows.meeting_id, rows.party, np.full(len(rows), at.to_datetime64()))


def bits(table: pd.DataFrame) -> bytes:
    return table.to_numpy(dtype=float).tobytes()


def seen(forecaster: AttendanceForecaster, rows: Situations) -> tuple[bytes, bytes]:
    return bits(forecaster.vectors(rows)), bits(forecaster.predict(rows))


# -- what comes later --------------------------------------------------------------------------------------------


@st.composite
def later_rows(draw, at: pd.Timestamp, names: list[str]):
    """Return rows of any kind, all known after a moment only."""
    first = (at + SECOND).normalize()
    n = (first - START).days
    out = {name: [] for name in TABLES}
    for k in range(draw(st.integers(1, 3))):
        date = day(n + draw(st.integers(0, 20)))
        kind = draw(st.sampled_from(TABLES[1:]))
        if kind == "statements":
            said = draw(words)
            row = {key: value for key, value in said.items() if key not in ("before", "time")}
            row |= {"meeting_id": draw(st.sampled_from(names)), "date": date, "speaker": f"Later {k}"}
            out["statements"].append(row)
        elif kind == "signals":
            event = draw(events)
            row = {key: value for key, value in event.items() if key not in ("day", "time")}
            out["signals"].append({**row, "date": date})
        else:
            name = f"later-{k}"
            meeting = draw(meetings)
            row = {key: meeting[key] for key in ("country", "series", "topic", "format", "convened_level", "status")}
            out["meetings"].append({**row, "meeting_id": name, "name": name, "date": date})
            out["delegations"] += [{"meeting_id": name, "party": p, **came} for p, came in meeting["invited"].items()]
    return out


@QUICK
@given(st.data())
def test_rows_known_later_leave_vectors_and_probabilities_as_they_are(forecaster, draw):
    data, at = draw.draw(worlds()), draw.draw(moments_)
    rows = open_rows(data, at)
    assume(len(rows))
    new = draw.draw(later_rows(at, data.meetings.meeting_id.tolist()))
    tables = data.tables()
    for name, found in new.items():
        if found:
            # Checked cell by cell: a statement may come after the meeting.
            tables[name] = stack(check_table(frame(name, found), name), tables[name])
    other = Dataset.of_checked(tables, data.parties, data.links)
    assert seen(forecaster, open_rows(other, at, asked=data)) == seen(forecaster, rows)


@QUICK
@given(worlds(), moments_, st.sampled_from([*KINDS, "everything"]))
def test_whatever_the_probe_plants_later_leaves_vectors_and_probabilities_as_they_are(forecaster, data, at, kind):
    rows = open_rows(data, at)
    assume(len(rows))
    planted, _ = plant(data, kind, at)
    assert seen(forecaster, open_rows(planted, at, asked=data)) == seen(forecaster, rows)


@QUICK
@given(worlds(), moments_)
def test_vectors_are_those_of_the_data_cut_at_the_moment(forecaster, data, at):
    rows = open_rows(data, at)
    assume(len(rows))
    assert seen(forecaster, open_rows(data.as_of(at), at)) == seen(forecaster, rows)


# -- order -------------------------------------------------------------------------------------------------------


@QUICK
@given(worlds(), st.randoms(use_true_random=False))
def test_the_order_of_rows_in_the_tables_does_not_matter(forecaster, data, random):
    mixed = {name: rows.sample(frac=1, random_state=random.randrange(2**32)) for name, rows in data.tables().items()}
    one, other = delegations_at(Dataset(**mixed, links=data.links[::-1])), delegations_at(data)
    assert bits(forecaster.vectors(one)) == bits(forecaster.vectors(other))
    # A product of matrices rounds a row by where it stands among the others.
    np.testing.assert_allclose(forecaster.predict(one), forecaster.predict(other), rtol=0, atol=1e-12)


@QUICK
@given(worlds(), st.randoms(use_true_random=False))
def test_a_forecast_does_not_depend_on_what_else_is_asked(forecaster, data, random):
    rows = delegations_at(data)
    some = np.array(random.sample(range(len(rows)), k=min(3, len(rows))))
    np.testing.assert_array_equal(forecaster.vectors(rows.take(some)), forecaster.vectors(rows).iloc[some])
    np.testing.assert_allclose(
        forecaster.predict(rows.take(some)), forecaster.predict(rows).iloc[some], rtol=0, atol=1e-12
    )


# -- probabilities -----------------------------------------------------------------------------------------------


def assert_coherent(forecast: pd.DataFrame) -> None:
    assert list(forecast.columns) == list(FORECASTS)
    values = forecast.to_numpy()
    assert np.all(np.isnan(values) | ((values >= 0) & (values <= 1)))
    for level in LEVELS:
        known = forecast[level].notna() & forecast.anyone.notna()
        assert (forecast.anyone[known] >= forecast[level][known]).all()
    steps = forecast[["leader", "highest_senior", "highest_working"]].dropna().sum(axis=1)
    assert (steps <= 1 + 1e-9).all()


@QUICK
@given(worlds())
def test_probabilities_are_coherent_whatever_is_asked(forecaster, data):
    forecast = forecaster.predict(delegations_at(data))
    assert forecast.notna().all(axis=None)
    assert_coherent(forecast)


@FEW
@given(worlds(min_meetings=3), st.sampled_from(["climatology", "party-history", "last-statement", "logistic"]))
def test_probabilities_are_coherent_whatever_is_fitted_on(data, kind):
    spec = Experiment("random", model=Model(kind), scoring=Scoring(horizons=(1, 0)))
    with suppress(RequestError):  # nothing to fit on
        model = fit_as_of(data, spec, "2020-03-01")
        assert_coherent(model.predict(delegations_at(data)))


@MANY
@given(st.lists(st.tuples(*[st.floats(0, 1)] * (len(TARGETS) - 1)), min_size=1, max_size=5), st.booleans())
def test_any_probabilities_are_made_coherent(values, exclusive):
    p = dict(zip(TARGETS[1:], np.array(values).T, strict=True))
    assert_coherent(pd.DataFrame({"held": 0.5, **coherent(p, exclusive)})[list(FORECASTS)])


# -- rolling origin ----------------------------------------------------------------------------------------------


@FEW
@given(data=worlds(min_meetings=4, max_meetings=8))
def test_no_model_is_fitted_on_a_meeting_linked_to_one_it_forecasts_or_not_over(data):
    spec = Experiment(
        "random",
        features=Features(extractors=("context",)),
        model=Model("climatology"),
        scoring=Scoring("2020-01-10", 1, (1, 0)),
    )
    fitted, asked = [], []
    with pytest.MonkeyPatch.context() as patch:
        fit, predict = AttendanceForecaster.fit, AttendanceForecaster.predict
        patch.setattr(AttendanceForecaster, "fit", lambda self, X, y=None: fitted.append(X) or fit(self, X, y))
        patch.setattr(AttendanceForecaster, "predict", lambda self, X: asked.append(X) or predict(self, X))
        with suppress(RequestError):  # nothing to fit on, or to score
            rolling_origin(data, spec, n_jobs=1)
    clusters, dates = data.clusters(), data.meetings.set_index("meeting_id").date
    for past, rows in zip(fitted, asked, strict=False):
        assert set(clusters[past.meeting_id]) & set(clusters[rows.meeting_id]) == set()
        assert (dates[past.meeting_id].max() + DAY) <= pd.Timestamp(rows.as_of.min()) + SECOND
        assert outcomes(past).held.notna().all()


# -- scores ------------------------------------------------------------------------------------------------------

probabilities = st.floats(0, 1)
cases = st.lists(st.tuples(probabilities, st.integers(0, 1), st.integers(0, 5)), min_size=1, max_size=60)


def arrays(drawn) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    p, y, cluster = (np.array(column) for column in zip(*drawn, strict=True))
    return p.astype(float), y.astype(float), cluster


@MANY
@given(cases)
def test_scores_keep_their_bounds(drawn):
    p, y, _ = arrays(drawn)
    assert 0 <= scores.brier(p, y) <= 1
    assert 0 <= scores.log_loss(p, y) <= -np.log(1e-6) + 1e-9
    assert 0 <= scores.calibration_error(p, y) <= 1
    area = scores.auc(p, y)
    assert np.isnan(area) == (len(set(y)) < 2)
    assert np.isnan(area) or 0 <= area <= 1


@MANY
@given(cases)
def test_perfect_forecasts_score_best_and_contrary_ones_worst(drawn):
    _, y, _ = arrays(drawn)
    assert scores.brier(y, y) == scores.calibration_error(y, y) == 0
    assert scores.brier(1 - y, y) == 1
    assert scores.log_loss(y, y) < 1e-5
    if len(set(y)) == 2:
        assert (scores.auc(y, y), scores.auc(1 - y, y)) == (1, 0)


@MANY
@given(cases)
def test_an_area_turned_over_is_what_is_left(drawn):
    p, y, _ = arrays(drawn)
    p = p.round(3)
    assume(len(set(y)) == 2)
    assert scores.auc(-p, y) == pytest.approx(1 - scores.auc(p, y))


@MANY
@given(cases, st.integers(1, 12))
def test_reliability_counts_every_case_once_in_rising_bins(drawn, bins):
    p, y, _ = arrays(drawn)
    parts = scores.reliability(p, y, bins)
    assert parts[:, 2].sum() == len(p)
    assert len(parts) <= bins
    assert ((parts[:, :2] >= 0) & (parts[:, :2] <= 1 + 1e-12)).all()
    assert (np.diff(parts[:, 0]) >= -1e-12).all()
    assert parts[:, 0] @ parts[:, 2] == pytest.approx(p.sum())
    assert parts[:, 1] @ parts[:, 2] == pytest.approx(y.sum())


@MANY
@given(cases, st.integers(0, 3))
def test_an_interval_lies_between_the_extremes_and_holds_what_is_the_same_everywhere(drawn, seed):
    p, _, cluster = arrays(drawn)
    low, high = scores.mean_interval(p, cluster, n_resamples=200, seed=seed)
    assert p.min() - 1e-9 <= low <= high <= p.max() + 1e-9
    same = scores.mean_interval(np.full(len(p), 0.25), cluster, n_resamples=50, seed=seed)
    assert same == pytest.approx((0.25, 0.25))


@MANY
@given(cases)
def test_the_parts_of_the_brier_score_make_it_up(drawn):
    p, y, _ = arrays(drawn)
    reliability, resolution, uncertainty = scores.brier_parts(p, y)
    assert reliability - resolution + uncertainty == pytest.approx(scores.brier(p, y))
    assert reliability >= -1e-9
    assert -1e-9 <= resolution <= uncertainty + 1e-9
    assert uncertainty <= 0.25


@MANY
@given(cases, probabilities)
def test_no_forecast_has_more_skill_than_a_perfect_one(drawn, reference):
    p, y, _ = arrays(drawn)
    found = scores.skill(p, y, np.full(len(y), reference))
    assert np.isnan(found) or found <= 1


def test_moments_are_read_as_the_worlds_are_built():
    assert moment(day(0)) == START + DAY - SECOND
