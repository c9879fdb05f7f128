"""The registered model as MLflow serves it: this file itself is logged, so that nothing is pickled."""

from __future__ import annotations

import json
from typing import Any

import mlflow
import numpy as np
import pandas as pd
from mlflow.pyfunc import PythonModel
from pydantic import ValidationError

from attend_ml.asof import Situations
from attend_ml.errors import RequestError
from attend_ml.load import load_dataset
from attend_ml.models.persistence import load_model
from attend_ml.moments import moment
from attend_ml.records import LEVELS, Meeting, MeetingRow, remedy_of

COLUMNS = (*MeetingRow.model_fields, "parties", "party", "as_of", "statements", "signals")


class ServedForecaster(PythonModel):
    """One row per (meeting, party, as_of) in, the probabilities of the levels out."""

    def load_context(self, context: Any) -> None:
        """Load the forecaster and the tables it looks the past up in."""
        self.forecaster = load_model(context.artifacts["forecaster"])
        self.tables = load_dataset(context.artifacts["tables"])
        self.until = pd.Timestamp(self.forecaster.known_until_)

    def predict(self, context: Any, model_input: pd.DataFrame, params: dict[str, Any] | None = None) -> pd.DataFrame:
        """Return the probability of each level all in all.

        Parameters
        ----------
        context : object
            Not used.
        model_input : pandas.DataFrame
            The columns of meetings.csv, ``party``, ``as_of``, ``parties`` (``;``-joined), and ``statements`` and
            ``signals`` as JSON lists of rows; cells may be empty.
        params : dict or None, default=None
            Not used.

        Returns
        -------
        pandas.DataFrame
            ``leader, senior, working`` and ``held``, a row for each row given.

        Raises
        ------
        RequestError
            If a row's ``as_of`` lies before what the model was fitted on.
        """
        out = []
        for row in model_input.to_dict("records"):
            given = {str(k): v for k, v in row.items() if v is not None and v == v and v != ""}
            for name in ("party", "parties", "as_of"):
                if name not in given:
                    raise RequestError(f"{name}: found nothing; fill it in")
            as_of = moment(str(given["as_of"]))
            if as_of < self.until:
                raise RequestError(
                    f"as_of {as_of:%Y-%m-%d}: this model was fitted on what was known until {self.until:%Y-%m-%d} "
                    "and may have seen the outcome; use a model trained with an earlier --until"
                )
            meeting = self._meeting(given)
            data = self.tables.with_meeting(meeting)
            situation = Situations(data, [meeting.meeting_id], [given["party"]], np.array([as_of.to_datetime64()]))
            forecast = self.forecaster.predict(situation).iloc[0]
            out.append({**{level: forecast[level] * forecast.held for level in LEVELS}, "held": forecast.held})
        return pd.DataFrame(out, columns=[*LEVELS, "held"])

    def _meeting(self, given: dict[str, Any]) -> Meeting:
        card: dict[str, Any] = {k: v for k, v in given.items() if k in MeetingRow.model_fields}
        card["parties"] = given["parties"].split(";")
        for name in ("statements", "signals"):
            try:
                card[name] = json.loads(given.get(name, "[]"))
            except ValueError as error:
                raise RequestError(f"{name}: found {given[name]!r}; write a JSON list of rows ({error})") from None
        try:
            return Meeting.model_validate(card, context={"parties": frozenset(self.tables.parties)})
        except ValidationError as error:
            first = error.errors()[0]
            where = ", ".join(str(part) for part in first["loc"])
            raise RequestError(f"{where}: found {first['input']!r}; {remedy_of(first)}") from None


mlflow.models.set_model(ServedForecaster())
