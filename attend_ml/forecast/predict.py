"""Making a forecast."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from attend_ml.asof import Situations
from attend_ml.dataset import Dataset
from attend_ml.errors import RequestError, one_of
from attend_ml.forecast.fitted import Fitted, fitted_as_of, last_day_before
from attend_ml.forecast.forecast import Forecast, moment_text
from attend_ml.load import load_dataset
from attend_ml.moments import When, moment
from attend_ml.records import Meeting
from attend_ml.sources.card import read_card
from attend_ml.tables import read_table


def predict(
    meeting: str | Path | Meeting,
    party: str | None = None,
    as_of: When | None = None,
    data: Dataset | str | Path | None = None,
    model: str | Fitted | None = None,
    statements: str | Path | pd.DataFrame | None = None,
    signals: str | Path | pd.DataFrame | None = None,
) -> Forecast:
    """Forecast who will come to a meeting.

    Parameters
    ----------
    meeting : str, pathlib.Path or Meeting
        Id of a meeting in the data, the path of a meeting card (a file ending in ``.toml``), or a meeting of one's own.
    party : str or None, default=None
        Code of one party; all invited when None.
    as_of : date-like or None, default=None
        Nothing that became known later is used, neither by the columns nor in fitting. The day before the meeting
        when None.
    data : Dataset, path or None, default=None
        The four tables; those shipped with the package when None. A folder that knows no outcome by ``as_of`` is laid
        over the shipped tables, which give the past.
    model : str, Fitted or None, default=None
        Address of a model in the tracking store, like ``models:/attend-ml@champion``. When None, the registered
        champion if it was fitted before ``as_of``, else the champion's experiment fitted on what was known at the
        end of the month before.
    statements, signals : path, pandas.DataFrame or None, default=None
        Rows to add to the meeting's; ``meeting_id`` may be left empty.

    Returns
    -------
    Forecast

    Raises
    ------
    RequestError
        If there is no such meeting or party, ``as_of`` lies after the meeting, or the model has seen what came later.
    DataError
        If the card or a table is wrong.

    Examples
    --------
    >>> predict("istanbul-2025-05-15", party="RUS", as_of="2025-05-14").probabilities.index.tolist()
    ['leader', 'senior', 'working']
    """
    tables = data if isinstance(data, Dataset) else load_dataset(data)
    if isinstance(meeting, str) and meeting.endswith(".toml"):
        meeting = Path(meeting)
    if isinstance(meeting, Path):
        meeting = read_card(meeting, tables.parties)
    meeting_id = meeting.meeting_id if isinstance(meeting, Meeting) else meeting
    date = pd.Timestamp(meeting.date if isinstance(meeting, Meeting) else tables.meeting(meeting_id).date)
    date = date.tz_localize(None).normalize()
    at = moment(date - pd.Timedelta(days=1) if as_of is None else as_of)
    # Fitted on what is in the data alone: a card is asked about, and leaves no model of its own behind.
    past = tables
    if at < tables.first_outcome():
        past = load_dataset()
        tables = tables.over(past)
    if isinstance(meeting, Meeting):
        tables = tables.with_meeting(meeting)
    if statements is not None or signals is not None:
        tables = tables.with_rows(
            meeting_id, _read(statements, "statements", tables), _read(signals, "signals", tables)
        )
    parties = sorted(tables.delegations.party[tables.delegations.meeting_id == meeting_id])
    if not parties:
        raise RequestError(f"{meeting_id} has no parties; add rows to delegations.csv")
    if party is not None and party not in parties:
        raise RequestError(
            f"party: found {party!r}; {one_of(parties, party)}, or add it to those invited to {meeting_id}"
        )
    wanted = parties if party is None else [party]
    fitted = _choose(past, at, model)
    if fitted.until > at:
        raise RequestError(
            f"model {fitted.name} has seen what became known after {moment_text(at)}: leave out --model, or give one "
            f"trained with --until {last_day_before(at)} or earlier"
        )
    when = np.full(len(wanted), np.datetime64(at, "s"))
    return Forecast(tables, Situations(tables, [meeting_id] * len(wanted), wanted, when), fitted)


def _choose(data: Dataset, at: pd.Timestamp, model: str | Fitted | None) -> Fitted:
    if isinstance(model, Fitted):
        return model
    if model is not None:
        from attend_ml.tracking.registry import load_fitted

        return load_fitted(model)
    if at > data.last_outcome():
        # Only a forecast of what is still to come can be made by a model that knows all of the data.
        from attend_ml.tracking.registry import champion

        found = champion(at)
        # One that was trained on other data, as on speakers at the UN, has nothing to say on these.
        if found is not None and not data.meetings.meeting_id.isin(found.forecaster.past_["meeting_id"]).any():
            found = None
        if found is not None:
            return found
    return fitted_as_of(data, at)


def _read(rows: str | Path | pd.DataFrame | None, table: str, data: Dataset) -> pd.DataFrame | None:
    if rows is None or isinstance(rows, pd.DataFrame):
        return rows
    return read_table(Path(rows), table, data.parties)
