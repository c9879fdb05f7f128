"""Why: what each statement, and each group of facts, adds to a forecast's log-odds."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy.special import logit

from attend_ml._resources import codebook
from attend_ml.asof import Situations
from attend_ml.dataset import Dataset
from attend_ml.features.context import MeetingContext
from attend_ml.features.cues import READ_LEVELS
from attend_ml.features.statements import StatementCues
from attend_ml.models.forecaster import AttendanceForecaster
from attend_ml.records import CUES, LEVELS

_CLIP = 1e-6
# The groups of columns that are told as one reason each; statements are told one by one.
GROUPS = ("context", "history", "signals")


class Contributions(NamedTuple):
    """Shares in a forecast, in log-odds.

    Parameters
    ----------
    base : ndarray of shape (n_levels,)
        Log-odds of a typical meeting of which nothing was said.
    groups : ndarray of shape (3, n_levels)
        Of context, history and signals.
    statements : ndarray of shape (n_statements, n_levels)
    items : ndarray of shape (n_statements,)
        Their positions in the statements table.
    """

    base: np.ndarray
    groups: np.ndarray
    statements: np.ndarray
    items: np.ndarray


def contributions(
    model: AttendanceForecaster, situation: Situations, n_permutations: int = 16, seed: int = 0
) -> Contributions:
    """Share out one forecast among what it rests on.

    Shapley values (Shapley 1953; sampled by permutations as in Castro et al. 2009, each with its reverse): the
    statements and the groups of facts enter one after the other in random order, and each is given the mean change
    of the final log-odds when it enters. What has not entered is hidden (a statement) or typical (a group). Each
    order sums to the forecast, so their mean does too.

    Parameters
    ----------
    model : AttendanceForecaster
    situation : Situations of length 1
    n_permutations : int, default=16
        Orders drawn, each used forwards and backwards.
    seed : int, default=0

    Returns
    -------
    Contributions
        For the probability that the level comes all in all.
    """
    items = np.unique(situation.said().item)
    n_players = len(GROUPS) + len(items)
    rng = np.random.default_rng(seed)
    orders = [rng.permutation(n_players) for _ in range(n_permutations)]
    orders += [order[::-1] for order in orders]
    # A set of players is a row: row 0 nobody, then each order's growing prefixes; equal rows are computed once.
    sets = np.zeros((len(orders), n_players + 1, n_players), dtype=bool)
    for k, order in enumerate(orders):
        for step, player in enumerate(order):
            sets[k, step + 1 :, player] = True
    flat, where = np.unique(sets.reshape(-1, n_players), axis=0, return_inverse=True)
    values = _log_odds(model, situation, items, flat)[where].reshape(len(orders), n_players + 1, len(LEVELS))
    gained = np.zeros((n_players, len(LEVELS)))
    for k, order in enumerate(orders):
        gained[order] += np.diff(values[k], axis=0)
    gained /= len(orders)
    return Contributions(values[0, 0], gained[: len(GROUPS)], gained[len(GROUPS) :], items)


def _log_odds(model: AttendanceForecaster, situation: Situations, items: np.ndarray, sets: np.ndarray) -> np.ndarray:
    """Return the log-odds of every level for each set of players, shape (n_sets, 3)."""
    parts = []
    for chunk in np.array_split(sets, max(1, len(sets) // 2000)):
        worlds = situation.take(np.zeros(len(chunk), dtype=int)).hiding(items, ~chunk[:, len(GROUPS) :])
        everyone, group, of = worlds.whole_meetings()
        table = model.vectors(everyone)
        for g, name in enumerate(GROUPS):
            columns = np.array([column.startswith(f"{name}__") for column in model.columns_])
            absent = ~chunk[group, g]
            table.loc[absent, columns] = model.typical_[columns]
        own = everyone.party == situation.party[0]
        if not own.any():
            raise ValueError(f"{situation.party[0]} is not a party of {situation.meeting_id[0]}")
        forecast = model.combine(table, group, of, np.flatnonzero(own))
        p = forecast[list(LEVELS)].to_numpy() * forecast.held.to_numpy()[:, None]
        parts.append(logit(np.clip(p, _CLIP, 1 - _CLIP)))
    return np.vstack(parts)


def reasons(model: AttendanceForecaster, data: Dataset, situation: Situations) -> pd.DataFrame:
    """Tell in plain words what a forecast rests on.

    Parameters
    ----------
    model : AttendanceForecaster
    data : Dataset
        The situation's own.
    situation : Situations of length 1

    Returns
    -------
    pandas.DataFrame
        ``level, reason, text, source_url, log_odds``: for every level a row for its base, for each group and each
        statement; ``log_odds`` of a level add up to those of its probability.
    """
    shares = contributions(model, situation)
    words = codebook("reasons")
    told = _tell_groups(model, data, situation, words)
    rows: list[tuple[str, str, str, str | None, float]] = []
    for k, level in enumerate(LEVELS):
        rows.append((level, "base", words["base"], None, shares.base[k]))
        for g, name in enumerate(GROUPS):
            text = told[name][k]
            if any(column.startswith(f"{name}__") for column in model.columns_):
                rows.append((level, name, text, None, shares.groups[g, k]))
    for i, (text, url) in enumerate(_tell_statements(model, data, situation, shares.items, words)):
        rows += [(level, "statement", text, url, shares.statements[i, k]) for k, level in enumerate(LEVELS)]
    names = ["level", "reason", "text", "source_url", "log_odds"]
    # As objects, so that a missing address stays None.
    return pd.DataFrame(rows, columns=names, dtype=object).astype({"log_odds": float})


def _tell_groups(
    model: AttendanceForecaster, data: Dataset, situation: Situations, words: dict
) -> dict[str, list[str]]:
    meeting = data.meeting(situation.meeting_id[0])
    party = data.party_name(situation.party[0])
    facts = [words["convened"].format(level=words["levels"][meeting.convened_level]), meeting.format]
    if meeting.country == situation.party[0]:
        facts.append(words["host"].format(party=party))
    if meeting.proposer == situation.party[0]:
        facts.append(words["proposer"].format(party=party))
    if any(isinstance(e, MeetingContext) and e.by_video(situation).any() for e in model.extractors_):
        facts.append(words["video"])
    came, known = situation.past(("party", "convened_level"))
    history = [
        words["record"].format(
            party=party,
            who=words["levels"][level],
            came=int(came[0, k]),
            known=int(known[0, k]),
            kind=words["levels"][meeting.convened_level],
        )
        if known[0, k]
        else words["no_record"].format(party=party)
        for k, level in enumerate(LEVELS)
    ]
    ones = lambda signals: np.ones((len(signals), 1))  # noqa: E731
    done, received = situation.signal_sums("all", ones, [30])
    events = words["events"].format(party=party, done=int(done[0, 0, 0]), received=int(received[0, 0, 0]))
    return {"context": [", ".join(facts)] * 3, "history": history, "signals": [events] * 3}


def _tell_statements(
    model: AttendanceForecaster, data: Dataset, situation: Situations, items: np.ndarray, words: dict
) -> list[tuple[str, str | None]]:
    extractor = next((e for e in model.extractors_ if isinstance(e, StatementCues)), None)
    out = []
    read = extractor.read(situation) if extractor is not None else None
    for item in items:
        row = data.statements.iloc[item]
        who = row.speaker if isinstance(row.speaker, str) else words["unnamed"]
        of = f" ({data.party_name(row.speaker_party)})" if isinstance(row.speaker_party, str) else ""
        text = f"{row.date.day} {row.date:%B %Y}, {who}{of}: {row.text}"
        if read is not None:
            cue = CUES[read[item].sum(axis=1).argmax()]
            level = READ_LEVELS[read[item].sum(axis=0).argmax()]
            about = data.party_name(row.about_party) if isinstance(row.about_party, str) else words["nobody"]
            whose = words["levels"].get(level, "")
            heard = words["heard_level"] if whose else words["heard"]
            text += " " + heard.format(cue=words["cues"][cue], party=about, level=whose)
        out.append((text, row.source_url if isinstance(row.source_url, str) else None))
    return out
