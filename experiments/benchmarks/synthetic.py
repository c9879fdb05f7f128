"""Invented tables of any size, of the shape of the shipped ones."""

from __future__ import annotations

import numpy as np
import pandas as pd

from attend_ml.dataset import Dataset
from attend_ml.records import FORMATS, LEVELS, ROLES, known_parties

N_PARTIES = 80
FIRST, LAST = np.datetime64("2005-01-01"), np.datetime64("2024-12-31")
CAMEO = ("010", "036", "042", "043", "046", "051", "057", "111", "112", "125", "130", "138", "163", "172", "190", "195")


def dataset(n_delegations: int, n_signals: int, texts: np.ndarray, statements_each: float, seed: int = 0) -> Dataset:
    """Draw tables.

    Parameters
    ----------
    n_delegations, n_signals : int
    texts : ndarray of str
        What statements say is drawn from these.
    statements_each : float
        Statements to a delegation.
    seed : int, default=0
    """
    rng = np.random.default_rng(seed)
    codes = np.array(sorted(known_parties())[:N_PARTIES], dtype=object)
    # Few parties are met often, most seldom.
    often = 1 / np.arange(1, N_PARTIES + 1) ** 0.7
    often /= often.sum()

    sizes = []
    while sum(sizes) < n_delegations:
        sizes.append(int(rng.integers(2, 6)))
    sizes[-1] -= sum(sizes) - n_delegations
    n_meetings = len(sizes)
    ids = np.array([f"meeting-{k}" for k in range(n_meetings)], dtype=object)
    days = FIRST + rng.integers(0, int((LAST - FIRST).astype(int)), n_meetings)
    invited = [rng.choice(N_PARTIES, size, replace=False, p=often) for size in sizes]
    first = np.array([parties[0] for parties in invited])
    country = np.where(rng.random(n_meetings) < 0.6, codes[first], codes[rng.integers(0, N_PARTIES, n_meetings)])
    announced = (days - rng.integers(0, 40, n_meetings)).astype("datetime64[s]")
    series = [f"series-{k}" for k in range(300)]
    meetings = pd.DataFrame(
        {
            "meeting_id": ids,
            "name": ids,
            "date": days.astype("datetime64[s]"),
            "country": country,
            "format": rng.choice(FORMATS, n_meetings),
            "series": _or_empty(rng, rng.choice(series, n_meetings), 0.5),
            "topic": "general",
            "proposer": _or_empty(rng, codes[first], 0.6),
            "mediators": _or_empty(rng, np.char.add(np.char.add(codes[first].astype(str), ";"), "CHE"), 0.8),
            "announced_on": np.where(rng.random(n_meetings) < 0.3, np.datetime64("NaT"), announced),
            "convened_level": rng.choice([*LEVELS, "unspecified"], n_meetings),
            "status": rng.choice(["held", "cancelled", "postponed"], n_meetings, p=[0.9, 0.06, 0.04]),
        }
    )
    of = np.repeat(np.arange(n_meetings), sizes)
    party = codes[np.concatenate(invited)]
    delegations = pd.DataFrame({"meeting_id": ids[of], "party": party})
    for level, share in zip(LEVELS, (0.5, 0.7, 0.8), strict=True):
        label = (rng.random(n_delegations) < share).astype(float)
        delegations[level] = np.where(rng.random(n_delegations) < 0.15, np.nan, label)

    n_said = int(n_delegations * statements_each)
    about = rng.integers(0, n_delegations, n_said)
    own = rng.random(n_said) < 0.6
    statements = pd.DataFrame(
        {
            "meeting_id": ids[of[about]],
            "date": (days[of[about]] - rng.integers(0, 15, n_said)).astype("datetime64[s]"),
            "speaker": [f"Speaker {k}" for k in range(n_said)],
            "speaker_role": _or_empty(rng, rng.choice(ROLES, n_said), 0.05),
            "speaker_party": _or_empty(rng, np.where(own, party[about], rng.choice(codes, n_said)), 0.05),
            "about_party": _or_empty(rng, party[about], 0.1),
            "text": rng.choice(texts, n_said),
        }
    )
    signals = pd.DataFrame(
        {
            "date": (FIRST + rng.integers(0, int((LAST - FIRST).astype(int)), n_signals)).astype("datetime64[s]"),
            "source_party": codes[rng.choice(N_PARTIES, n_signals, p=often)],
            "target_party": codes[rng.choice(N_PARTIES, n_signals, p=often)],
            "cameo": rng.choice(np.array(CAMEO, dtype=object), n_signals),
            "source_level": _or_empty(rng, rng.choice(LEVELS, n_signals), 0.4),
            "count": rng.integers(1, 9, n_signals).astype(float),
        }
    )
    return Dataset(meetings, delegations, statements, signals)


def _or_empty(rng: np.random.Generator, values: np.ndarray, share: float) -> np.ndarray:
    out = np.asarray(values).astype(object)
    out[rng.random(len(out)) < share] = None
    return out
