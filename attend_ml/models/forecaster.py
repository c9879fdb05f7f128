"""From situations to probabilities: whether the meeting is held, and who comes if it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Self

import numpy as np
import pandas as pd
from scipy.special import expit, logit
from sklearn.base import BaseEstimator

from attend_ml.asof import Situations, outcomes
from attend_ml.errors import RequestError, one_of
from attend_ml.features.base import Extractor
from attend_ml.features.context import MeetingContext
from attend_ml.features.history import PartyHistory
from attend_ml.features.signals import EventSignals
from attend_ml.features.statements import StatementCues
from attend_ml.models.estimators import make_estimator
from attend_ml.models.rules import RULES
from attend_ml.records import LEVELS
from attend_ml.threads import one_thread

EXTRACTORS: dict[str, type[Extractor]] = {
    "context": MeetingContext,
    "statements": StatementCues,
    "signals": EventSignals,
    "history": PartyHistory,
}
_DIGITS = 9
# What is fitted. "senior_instead": senior officials come, given that the leader does not; "working_instead": a working
# team comes, given that neither of them does.
TARGETS = ("held", *LEVELS, "senior_instead", "working_instead")
# What is told; all but "held" given that the meeting is held.
FORECASTS = ("held", *LEVELS, "anyone", "highest_senior", "highest_working")
# Nobody comes to a meeting by video or telephone: levels count who is there in person. What is left is the chance that
# it is moved to a room after all.
_VIDEO, _BY_VIDEO = "context__video", 0.02
# The highest level that comes, from the lowest to the highest, as counted in ``highest_outcome``.
HIGHEST = ("nobody", "working", "senior", "leader")


class AttendanceForecaster(BaseEstimator):
    """Extractors, one classifier for "is held", and one a level given that it is.

    Parameters
    ----------
    kind : str, default="blend"
        Named estimator, see :func:`attend_ml.models.estimators.make_estimator`.
    parameters : mapping or None, default=None
        Its parameters.
    extractors : sequence of {"context", "statements", "signals", "history"}
        Which extractors are used.
    extractor_parameters : mapping of str to mapping or None, default=None
        Arguments of extractors by their name.
    without : sequence of str, default=()
        Columns left out: every one that starts with one of these.
    discount : float, default=0.5
        Exponent by which the parties of a meeting count less the more they are, as what they do hangs together: with 0
        every delegation counts alike, with 1 every meeting. Rules are taken as they are.

    Attributes
    ----------
    columns_ : ndarray of str
    models_ : dict of str to classifier
        By target.
    typical_ : ndarray of shape (n_columns,)
        Mean of each column over the fitting set: the case about which nothing is known.
    past_ : dict of str to ndarray
        The record: forecasts of past delegations by members fitted on earlier meetings (NaN for the first), and what
        came of them, with the columns that :func:`attend_ml.evaluation.backtest.rolling_origin` has too.
    last_date_ : str
        Date of the latest meeting fitted on.
    exclusive_ : bool
        No delegation fitted on had people of two levels, as where only the rank of one speaker is recorded.

    Notes
    -----
    The highest level that comes is forecast step by step, as in a continuation-ratio model (Fienberg 1980): the
    leader; if not, senior officials; if not, a working team; else nobody. The chance of a level is kept within what
    these allow.

    To a meeting by video nobody comes, by definition of the levels. Nothing is learned from such meetings as to who
    comes, and of each level the same small chance is left; the rules to beat are taken as they are.

    ``held`` is forecast from every party's view of the meeting and averaged in log-odds, so that it is one number
    per meeting and does not depend on which parties are asked about.

    Examples
    --------
    >>> from attend_ml.asof import delegations_at, outcomes
    >>> from attend_ml.load import load_dataset
    >>> rows = delegations_at(load_dataset().as_of("2014-01-01"), [1])
    >>> past = rows.take(outcomes(rows).held.notna().to_numpy())
    >>> model = AttendanceForecaster("climatology", extractors=["context"]).fit(past)
    >>> model.predict(past.take(np.arange(2))).columns.tolist()
    ['held', 'leader', 'senior', 'working', 'anyone', 'highest_senior', 'highest_working']
    """

    def __init__(
        self,
        kind: str = "blend",
        parameters: Mapping[str, Any] | None = None,
        extractors: Sequence[str] = ("context", "statements", "signals", "history"),
        extractor_parameters: Mapping[str, Mapping[str, Any]] | None = None,
        without: Sequence[str] = (),
        discount: float = 0.5,
    ):
        self.kind = kind
        self.parameters = parameters
        self.extractors = extractors
        self.extractor_parameters = extractor_parameters
        self.without = without
        self.discount = discount

    def fit(self, X: Situations, y: pd.DataFrame | None = None) -> Self:
        """Fit extractors and classifiers.

        Parameters
        ----------
        X : Situations
            Of meetings that are over.
        y : pandas.DataFrame or None, default=None
            Their outcomes; looked up in the situations' own data when None.

        Returns
        -------
        self

        Raises
        ------
        RequestError
            If no outcome is known.
        """
        if not self.extractors:
            raise RequestError(f"extractors: found none; {one_of(list(EXTRACTORS))}")
        y = outcomes(X) if y is None else y
        if len(X) == 0 or y.held.isna().all():
            raise RequestError("there is nothing to fit on: no meeting with a known outcome lies before this date")
        with one_thread():
            return self._fit(X, y)

    def _fit(self, X: Situations, y: pd.DataFrame) -> Self:
        self.extractors_ = []
        blocks = []
        for name in self.extractors:
            if name not in EXTRACTORS:
                raise RequestError(f"extractor: found {name!r}; {one_of(list(EXTRACTORS), name)}")
            extractor = EXTRACTORS[name]()
            given = (self.extractor_parameters or {}).get(name, {})
            for key in given:
                if key not in extractor.get_params():
                    options = one_of(list(extractor.get_params()), key)
                    raise RequestError(f"{name}: found the argument {key!r}; {options}")
            extractor.set_params(**given)
            blocks.append(extractor.fit_transform(X, y))
            self.extractors_.append(extractor)
        names = np.concatenate([e.get_feature_names_out() for e in self.extractors_]).astype(str)
        for left_out in self.without:
            if not any(name.startswith(left_out) for name in names):
                raise RequestError(f"without: found {left_out!r}; no column begins so: {one_of(list(names), left_out)}")
        self.kept_ = np.array([not name.startswith(tuple(self.without)) for name in names], dtype=bool)
        if not self.kept_.any():
            raise RequestError("no column is left: leave fewer out with `without`")
        self.columns_ = names[self.kept_]
        table = self._table(blocks)
        self.typical_ = table.to_numpy().mean(axis=0)
        date = X.as_of.astype("datetime64[D]") + X.horizon.astype("timedelta64[D]")
        self.last_date_ = str(date.max())
        self.models_ = {}
        labels = targets(y)
        for target in TARGETS[1:]:
            labels[target][self._by_video(table) == 1] = np.nan
        self.exclusive_ = not (y[list(LEVELS)].sum(axis=1) > 1).any()
        for target in TARGETS:
            label = labels[target]
            known = ~np.isnan(label)
            if not known.any():
                continue
            model = make_estimator(self.kind, target, self.parameters)
            args: dict[str, Any] = {}
            if hasattr(model, "members"):
                args = {"date": date[known], "sample_weight": _alike(X.meeting_id[known], self.discount)}
            self.models_[target] = model.fit(self._of(target, table[known]), label[known], **args)
        self.past_ = self._past(X, table, labels)
        return self

    def _past(self, X: Situations, table: pd.DataFrame, labels: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
        """Return the forward forecasts and what came of them: the record a new forecast is compared with."""
        p = {}
        for target in TARGETS:
            model, known = self.models_.get(target), ~np.isnan(labels[target])
            p[target] = np.full(len(X), np.nan)
            if model is not None:
                made = getattr(model, "forward_", model.predict_proba(self._of(target, table[known]))[:, 1])
                p[target][known] = made
        past = {"meeting_id": X.meeting_id, "party": X.party, "horizon": X.horizon, "date": X.meeting("date")}
        told = {"held": p["held"], **coherent(p, self.exclusive_)}
        came = {f"{target}_outcome": labels[target] for target in TARGETS}
        return _record(pd.DataFrame({**past, **told, **came, "highest_outcome": highest(labels)}))

    def keep_record(self, predictions: pd.DataFrame) -> None:
        """Put forecasts of whole models fitted earlier in the place of those the members made while fitting.

        Parameters
        ----------
        predictions : pandas.DataFrame
            As :func:`attend_ml.evaluation.backtest.rolling_origin` returns it, of the same experiment and data.
        """
        self.past_ = _record(predictions)

    def vectors(self, X: Situations) -> pd.DataFrame:
        """Return the named columns of each situation."""
        with one_thread():
            return self._table([extractor.transform(X) for extractor in self.extractors_])

    def _table(self, blocks: list[np.ndarray]) -> pd.DataFrame:
        # Sums over rows in another order differ in their last bits: rounded, they are equal for a tree to split.
        return pd.DataFrame(np.hstack(blocks)[:, self.kept_].round(_DIGITS), columns=self.columns_)

    def predict(self, X: Situations) -> pd.DataFrame:
        """Return the probabilities.

        Parameters
        ----------
        X : Situations

        Returns
        -------
        pandas.DataFrame of shape (len(X), 7)
            ``held``; and given that it is held ``leader``, ``senior``, ``working``, ``anyone``, and ``highest_senior``
            and ``highest_working``, that this is the highest level that comes. The chance of a level all in all is
            its product with ``held``. NaN for a target no outcome of which was known at fitting.
        """
        everyone, group, of = X.whole_meetings()
        keys = pd.MultiIndex.from_arrays([group, everyone.party])
        own = keys.get_indexer(pd.MultiIndex.from_arrays([of, X.party]))
        if (own < 0).any():
            i = int(np.flatnonzero(own < 0)[0])
            raise RequestError(
                f"{X.party[i]} is not among the parties of {X.meeting_id[i]}; "
                "add it to delegations.csv or the meeting card"
            )
        return self.combine(self.vectors(everyone), group, of, own)

    def combine(self, table: pd.DataFrame, group: np.ndarray, of: np.ndarray, own: np.ndarray) -> pd.DataFrame:
        """Return the probabilities from the columns of all parties of some meetings.

        Parameters
        ----------
        table : pandas.DataFrame of shape (n_everyone, n_columns)
            Columns of every party of every meeting, as :meth:`vectors` gives them.
        group : ndarray of shape (n_everyone,)
            The meeting each belongs to, counted from 0.
        of : ndarray of shape (n,)
            The meeting of each row asked about.
        own : ndarray of shape (n,)
            Its position in ``table``.

        Returns
        -------
        pandas.DataFrame of shape (n, 7)
            As :meth:`predict` returns it.
        """
        mine = table.iloc[own].reset_index(drop=True)
        held = _mean_log_odds(self._probability("held", table), group, of)
        video = self._by_video(mine)
        p = {target: (1 - video) * self._probability(target, mine) + video * _BY_VIDEO for target in TARGETS[1:]}
        return pd.DataFrame({"held": held, **coherent(p, self.exclusive_)})

    def _probability(self, target: str, table: pd.DataFrame) -> np.ndarray:
        if target not in self.models_ or len(table) == 0:
            return np.full(len(table), np.nan)
        return self.models_[target].predict_proba(self._of(target, table))[:, 1]

    def _by_video(self, table: pd.DataFrame) -> np.ndarray:
        """Return 1 for meetings by video, 0 for others; the mean where the context is not known."""
        if _VIDEO not in self.columns_ or self.kind in RULES:
            return np.zeros(len(table))
        return table[_VIDEO].to_numpy()

    def _of(self, target: str, table: pd.DataFrame) -> pd.DataFrame:
        """Leave out the shares of the other levels: what the ministers did says little of the president."""
        if target not in LEVELS:
            return table
        others = tuple(f"_{level}" for level in LEVELS if level != target)
        shares = ("history__share_", "history__others_share_", "history__effect_")
        mine = [not (name.startswith(shares) and name.endswith(others)) for name in self.columns_]
        return table.loc[:, mine]


def _alike(meeting_id: np.ndarray, discount: float) -> np.ndarray:
    """Return weights of mean one that fall with the number of rows of the same meeting."""
    _, meeting, rows = np.unique(meeting_id.astype(str), return_inverse=True, return_counts=True)
    weight = rows[meeting] ** -float(discount)
    return np.asarray(weight / weight.mean())


def targets(y: pd.DataFrame) -> dict[str, np.ndarray]:
    """Return the label of every target, NaN where a row is not to be fitted or scored on.

    Parameters
    ----------
    y : pandas.DataFrame
        Columns ``held, leader, senior, working``.

    Returns
    -------
    dict of str to ndarray
        By target. Levels only where the meeting was held: the zeros of a meeting that was not held tell nothing on
        who comes.

    Examples
    --------
    >>> y = pd.DataFrame({"held": [1.0, 0.0], "leader": [0.0, 0.0], "senior": [1.0, 0.0], "working": [np.nan, 0.0]})
    >>> targets(y)["senior_instead"].tolist()
    [1.0, nan]
    """
    held = y.held.to_numpy(dtype=float)
    leader, senior, working = np.where(held == 1, y[list(LEVELS)].to_numpy(dtype=float).T, np.nan)
    return {
        "held": held,
        **{"leader": leader, "senior": senior, "working": working},
        "senior_instead": np.where(leader == 0, senior, np.nan),
        "working_instead": np.where((leader == 0) & (senior == 0), working, np.nan),
    }


def highest(labels: Mapping[str, np.ndarray]) -> np.ndarray:
    """Return the highest level that came, as its place in :data:`HIGHEST`; NaN where not known.

    Parameters
    ----------
    labels : mapping of str to ndarray
        As :func:`targets` returns them.

    Examples
    --------
    >>> y = pd.DataFrame({"held": [1.0, 1.0], "leader": [1.0, 0.0], "senior": [np.nan, 0.0], "working": [np.nan, 0.0]})
    >>> highest(targets(y)).tolist()
    [3.0, 0.0]
    """
    leader, senior, working = labels["leader"], labels["senior_instead"], labels["working_instead"]
    return np.select([leader == 1, senior == 1, working == 1, working == 0], [3.0, 2.0, 1.0, 0.0], default=np.nan)


def coherent(p: Mapping[str, np.ndarray], exclusive: bool = False) -> dict[str, np.ndarray]:
    """Return forecasts that can all be true at once.

    Parameters
    ----------
    p : mapping of str to ndarray
        Probability of every target but "held"; NaN where it was not fitted.
    exclusive : bool, default=False
        A delegation has people of one level only.

    Returns
    -------
    dict of str to ndarray
        As :meth:`AttendanceForecaster.predict` names them.

    Examples
    --------
    >>> one = {"leader": 0.5, "senior": 0.1, "working": 0.2, "senior_instead": 0.8, "working_instead": 0.0}
    >>> told = coherent({name: np.array([value]) for name, value in one.items()})
    >>> told["highest_senior"].round(3), told["senior"].round(3), told["anyone"].round(3)
    (array([0.4]), array([0.4]), array([0.9]))
    """
    leader = p["leader"]
    senior = (1 - leader) * p["senior_instead"]
    working = (1 - leader) * (1 - p["senior_instead"]) * p["working_instead"]
    some = leader + senior + working
    if exclusive:
        levels = {"leader": leader, "senior": senior, "working": working}
    else:
        levels = {
            "leader": leader,
            "senior": _within(p["senior"], senior, leader + senior),
            "working": _within(p["working"], working, some),
        }
    # Rounding may leave the sum of the steps a hair below the greatest level, or above one.
    anyone = np.minimum(np.fmax.reduce([some, *levels.values()]), 1.0)
    return {**levels, "anyone": anyone, "highest_senior": senior, "highest_working": working}


def _record(table: pd.DataFrame) -> dict[str, np.ndarray]:
    """Return the columns of a table of forecasts and outcomes as arrays that can be saved with a model."""
    outcome = [*(f"{target}_outcome" for target in TARGETS), "highest_outcome"]
    record = {name: table[name].to_numpy(dtype=float) for name in (*FORECASTS, *outcome)}
    record["horizon"] = table.horizon.to_numpy(dtype=int)
    names = {"meeting_id": table.meeting_id, "party": table.party, "date": table.date.dt.strftime("%Y-%m-%d")}
    return {**{name: column.to_numpy(dtype=str) for name, column in names.items()}, **record}


def _within(p: np.ndarray, low: np.ndarray, high: np.ndarray) -> np.ndarray:
    # A step that was never seen has no forecast, and sets no bound.
    return np.fmin(np.fmax(p, low), high)


def _mean_log_odds(p: np.ndarray, group: np.ndarray, of: np.ndarray) -> np.ndarray:
    z = logit(np.clip(p, 1e-6, 1 - 1e-6))
    n = of.max(initial=-1) + 1
    mean = np.bincount(group, weights=z, minlength=n) / np.maximum(np.bincount(group, minlength=n), 1)
    return expit(mean)[of]
