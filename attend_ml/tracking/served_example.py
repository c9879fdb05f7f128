"""One row as the served model takes it: an invented meeting after everything the model was fitted on."""

from __future__ import annotations

import json

import pandas as pd


def example(known_until: str) -> pd.DataFrame:
    """Return the input example logged with a model.

    Parameters
    ----------
    known_until : str
        The invented meeting takes place ten days later.

    Returns
    -------
    pandas.DataFrame of one row

    Examples
    --------
    >>> example("2025-06-30T23:59:59").date.tolist()
    ['2025-07-10']
    """
    end = pd.Timestamp(known_until)
    day = {n: f"{end + pd.Timedelta(days=n):%Y-%m-%d}" for n in (7, 9, 10)}
    said = {
        "date": day[7],
        "speaker": "Spokesperson",
        "speaker_role": "spokesperson",
        "speaker_party": "NOR",
        "about_party": "NOR",
        "text": "The foreign minister will lead the delegation.",
    }
    done = {
        "date": day[7],
        "source_party": "NOR",
        "target_party": "SWE",
        "cameo": "036",
        "source_level": "senior",
    }
    row = {
        "meeting_id": f"example-{day[10]}",
        "name": "An invented meeting",
        "date": day[10],
        "city": "Oslo",
        "country": "NOR",
        "format": "bilateral",
        "series": "",
        "topic": "general",
        "proposer": "",
        "mediators": "",
        "announced_on": "",
        "convened_level": "senior",
        "status": "",
        "source_url": "",
        "parties": "NOR;SWE",
        "party": "NOR",
        "as_of": day[9],
        "statements": json.dumps([said]),
        "signals": json.dumps([done]),
    }
    return pd.DataFrame([row])
