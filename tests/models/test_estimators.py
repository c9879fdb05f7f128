"""The named estimators an experiment can ask for."""

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit

from attend_ml.errors import RequestError
from attend_ml.models.calibration import ForwardCalibrated
from attend_ml.models.estimators import KINDS, RULES, make_estimator
from attend_ml.models.rules import Climatology, LastStatement, PartyRecord

NAMES = ["history__share_party_leader", "statements__own_last_yes", "statements__own_last_no", "statements__own_silent"]


@pytest.fixture(scope="module")
def cases():
    rng = np.random.default_rng(0)
    X = pd.DataFrame(rng.normal(size=(600, 4)), columns=NAMES)
    return X, (rng.random(600) < expit(3 * X.iloc[:, 1])).astype(int).to_numpy()


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_fitted_and_gives_probabilities(cases, kind):
    X, y = cases
    model = make_estimator(kind, "leader")
    model.fit(X, y, **({} if kind in RULES else {"date": np.arange(600)}))
    p = model.predict_proba(X)
    assert p.shape == (600, 2)
    assert ((p >= 0) & (p <= 1)).all()
    np.testing.assert_allclose(p.sum(axis=1), 1)


@pytest.mark.parametrize("kind", ["logistic", "trees", "boosting", "blend"])
def test_what_is_learned_tells_the_outcomes_apart(cases, kind):
    X, y = cases
    p = make_estimator(kind, "leader").fit(X, y, date=np.arange(600)).predict_proba(X)[:, 1]
    assert p[y == 1].mean() > p[y == 0].mean() + 0.1


@pytest.mark.parametrize(
    ("kind", "cls"),
    [("climatology", Climatology), ("party-history", PartyRecord), ("last-statement", LastStatement)],
)
def test_a_rule_is_taken_as_it_is(kind, cls):
    assert type(make_estimator(kind, "leader")) is cls


@pytest.mark.parametrize(
    ("kind", "target", "members"),
    [
        ("logistic", "leader", ["logistic"]),
        ("trees", "leader", ["trees"]),
        ("blend", "held", ["logistic", "trees"]),
        ("blend", "leader", ["logistic", "trees"]),
        ("blend", "senior_instead", ["logistic", "trees"]),
        ("trees", "working_instead", ["trees"]),
        ("boosting", "leader", ["boosting"]),
    ],
)
def test_members_by_kind_and_target(kind, target, members):
    model = make_estimator(kind, target)
    assert isinstance(model, ForwardCalibrated)
    assert [name for name, _ in model.members] == members


def test_a_blend_is_of_the_members_asked_for():
    model = make_estimator("blend", "leader", {"members": ("boosting", "logistic")})
    assert [name for name, _ in model.members] == ["boosting", "logistic"]
    with pytest.raises(RequestError, match=r"members: found 'tree'; did you mean 'trees'\?"):
        make_estimator("blend", "leader", {"members": ("tree",)})


@pytest.mark.parametrize("kind", ["trees", "boosting"])
def test_members_named_for_a_blend_do_not_change_another_kind(kind):
    model = make_estimator(kind, "leader", {"members": ("logistic",)})
    assert [name for name, _ in model.members] == [kind]


def test_parameters_are_laid_over_the_defaults():
    every = {"members": ("logistic", "trees", "boosting")}
    given = {"logistic": {"C": 0.5}, "trees": {"min_samples_leaf": 7}, "boosting": {"max_leaf_nodes": 5}}
    default = make_estimator("blend", "leader", every)
    model = make_estimator("blend", "leader", {**every, **given, "calibration": {"prior": 3.0}})
    for (name, member), (_, plain) in zip(model.members, default.members, strict=True):
        (one, other) = (m[-1] if name == "logistic" else m for m in (member, plain))
        changed = {key for key, value in one.get_params().items() if value != other.get_params()[key]}
        assert changed == set(given[name])
        assert one.get_params()[changed.pop()] == next(iter(given[name].values()))
    assert (model.prior, default.prior) == (3.0, ForwardCalibrated([]).prior)
    assert (model.n_blocks, model.warm_up) == (default.n_blocks, default.warm_up)


@pytest.mark.parametrize("kind", ["trees", "boosting"])
def test_trees_are_the_same_each_time(cases, kind):
    X, y = cases
    p = [make_estimator(kind, "leader").fit(X, y, date=np.arange(600)).predict_proba(X) for _ in range(2)]
    np.testing.assert_array_equal(p[0], p[1])


def test_an_unknown_kind_is_refused_by_name_with_the_nearest():
    with pytest.raises(RequestError, match=r"model kind: found 'logistik'; did you mean 'logistic'\?"):
        make_estimator("logistik", "leader")
    with pytest.raises(RequestError, match="use one of climatology, party-history, last-statement, logistic"):
        make_estimator("oracle", "leader")
