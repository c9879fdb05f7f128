"""All that is told of an experiment's forecasts: scores, skill over the rules, kinds of cases, and sets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from attend_ml.dataset import Dataset
from attend_ml.evaluation.scoring import highest_table, score_table, skill_table
from attend_ml.evaluation.set_scores import rolling_sets, set_table
from attend_ml.evaluation.strata import score_strata
from attend_ml.records import LEVELS

# Kinds of cases are told apart a week and a day before; at five horizons a table of them is long and says the same.
STRATA_AT = (7, 1)
# The rule they are compared with: it knows the parties, so that no kind looks easy for being a matter of habit.
STRATA_RULE = "party-history"


@dataclass(frozen=True)
class Summary:
    """What the forecasts of an experiment were worth.

    Parameters
    ----------
    scores : pandas.DataFrame
        Of the levels and of ``held``, see :func:`attend_ml.evaluation.scoring.score_table`.
    skills : dict of str to pandas.DataFrame
        By name of the rule, see :func:`attend_ml.evaluation.scoring.skill_table`.
    highest : pandas.DataFrame
        See :func:`attend_ml.evaluation.scoring.highest_table`.
    strata : pandas.DataFrame
        Of the leader, at 7 and 1 days or, where neither was forecast, at all horizons; see
        :func:`attend_ml.evaluation.strata.score_strata`. ``reference`` names the rule that the skill is over, and is
        None where its forecasts were not given.
    sets : pandas.DataFrame
        See :func:`attend_ml.evaluation.set_scores.set_table`; last come all horizons together, with none in
        ``horizon``.
    """

    scores: pd.DataFrame
    skills: dict[str, pd.DataFrame]
    highest: pd.DataFrame
    strata: pd.DataFrame
    sets: pd.DataFrame


def summarise(predictions: pd.DataFrame, data: Dataset, others: Mapping[str, pd.DataFrame]) -> Summary:
    """Score forecasts in every way that is told.

    Parameters
    ----------
    predictions : pandas.DataFrame
        As :func:`attend_ml.evaluation.backtest.rolling_origin` returns it.
    data : Dataset
        What was forecast.
    others : mapping of str to pandas.DataFrame
        Forecasts of the rules to compare with, by name.

    Returns
    -------
    Summary
    """
    at = predictions[predictions.horizon.isin(STRATA_AT)]
    strata = score_strata(predictions if at.empty else at, data, reference=others.get(STRATA_RULE))
    sets = rolling_sets(predictions)
    by_horizon, together = set_table(sets), set_table(sets, by_horizon=False)
    together.insert(0, "horizon", pd.Series(pd.NA, index=together.index, dtype="Int64"))
    return Summary(
        score_table(predictions, [*LEVELS, "held"]),
        {name: skill_table(predictions, other) for name, other in others.items()},
        highest_table(predictions),
        strata.assign(reference=STRATA_RULE if STRATA_RULE in others else None),
        pd.concat([by_horizon.astype({"horizon": "Int64"}), together], ignore_index=True),
    )
