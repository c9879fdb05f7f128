"""The named estimators an experiment can ask for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sklearn.ensemble import ExtraTreesClassifier, HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from attend_ml.errors import RequestError, one_of
from attend_ml.models.calibration import ForwardCalibrated
from attend_ml.models.rules import RULES, rule
from attend_ml.models.scaling import ClippedScaler

MEMBERS = ("logistic", "trees", "boosting")
KINDS = (*RULES, *MEMBERS, "blend")
# Chosen by rolling origin on the shipped data; experiments/what_helps.py prints what others score.
_LOGISTIC = {"C": 0.005}
_TREES = {"n_estimators": 40, "min_samples_leaf": 4, "max_features": 0.3}
_BOOSTING = {
    "learning_rate": 0.1,
    "max_iter": 60,
    "max_leaf_nodes": 8,
    "max_bins": 64,
    "min_samples_leaf": 40,
    "l2_regularization": 5.0,
    "max_features": 0.3,
}


def make_estimator(kind: str, target: str, parameters: Mapping[str, Any] | None = None) -> Any:
    """Return an unfitted binary classifier for a target.

    Parameters
    ----------
    kind : {"climatology", "party-history", "last-statement", "logistic", "trees", "boosting", "blend"}
        Rules are taken as they are; the others are calibrated on later meetings than they were fitted on. A blend is
        of ``logistic`` and ``trees``, or of the members named in its parameters.
    target : {"held", "leader", "senior", "working", "senior_instead", "working_instead"}
    parameters : mapping, default={}
        ``logistic``: arguments of LogisticRegression; ``trees``: of ExtraTreesClassifier (Geurts et al. 2006);
        ``boosting``: of HistGradientBoostingClassifier; ``calibration``: of ForwardCalibrated. Each is laid over the
        defaults. ``members``: names of what a blend is of.

    Returns
    -------
    classifier

    Raises
    ------
    RequestError
        If there is no estimator of that name.

    Examples
    --------
    >>> [name for name, _ in make_estimator("blend", "leader").members]
    ['logistic', 'trees']
    """
    parameters = parameters or {}
    if kind not in KINDS:
        raise RequestError(f"model kind: found {kind!r}; {one_of(KINDS, kind)}")
    if kind in RULES:
        return rule(kind, target)
    linear = LogisticRegression(**{"max_iter": 1000, **_LOGISTIC, **parameters.get("logistic", {})})
    trees = ExtraTreesClassifier(**{"random_state": 0, **_TREES, **parameters.get("trees", {})})
    boosting = HistGradientBoostingClassifier(**{"random_state": 0, **_BOOSTING, **parameters.get("boosting", {})})
    members = {"logistic": make_pipeline(ClippedScaler(), linear), "trees": trees, "boosting": boosting}
    wanted = parameters.get("members") or ("logistic", "trees") if kind == "blend" else (kind,)
    for name in wanted:
        if name not in MEMBERS:
            raise RequestError(f"members: found {name!r}; {one_of(MEMBERS, name)}")
    return ForwardCalibrated([(name, members[name]) for name in wanted], **parameters.get("calibration", {}))
