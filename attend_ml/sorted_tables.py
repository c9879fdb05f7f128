"""The tables of a dataset with codes for their keys and sorted by time, made once a dataset."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from attend_ml.dataset import Dataset
from attend_ml.event_index import DAY, EventIndex, seconds
from attend_ml.labels import labels
from attend_ml.tables import known_when


class SortedTables:
    """The tables as arrays of codes and seconds.

    Parameters
    ----------
    data : Dataset
    """

    def __init__(self, data: Dataset):
        meetings, delegations = data.meetings, data.delegations
        self.meetings = meetings
        self.statements = data.statements.drop(columns=["cue", "level_spoken"])
        signals = data.signals
        self.meeting_index = pd.Index(meetings.meeting_id, dtype=object)
        self.date = seconds(meetings.date) // DAY * DAY
        announced = known_when(meetings.announced_on)
        self.announced = np.where(announced.notna(), seconds(announced), np.iinfo(np.int64).max)
        seen = [delegations.party, data.statements.about_party, data.statements.speaker_party]
        seen += [signals.source_party, signals.target_party, meetings.country]
        self.parties = pd.Index(sorted(set().union(*(set(s.dropna().unique()) for s in seen))), dtype=object)

        self.delegation_meeting = self.meeting_index.get_indexer(pd.Index(delegations.meeting_id, dtype=object))
        self.delegation_party = self.party_code(delegations.party)
        self.delegation_time = self.date[self.delegation_meeting] + DAY
        came = labels(data).to_numpy()
        self.delegation_values = np.hstack([np.nan_to_num(came), ~np.isnan(came)])
        held = (meetings.status == "held").to_numpy(dtype=bool) & ~self._by_video(delegations["mode"] == "virtual")
        self.delegation_met = held[self.delegation_meeting]
        # Sorted by party, so that the order of rows in the file changes nothing.
        self.invited = EventIndex(self.delegation_meeting, self.delegation_party.astype(np.int64))
        self.invited_count = np.bincount(self.delegation_meeting, minlength=len(meetings))

        said = data.statements
        self.about = self.party_code(said.about_party)
        self.speaker_party = self.party_code(said.speaker_party)
        # -1 means "no party" in both columns: it must match no row.
        self.about[self.about < 0] = -2
        self.speaker_party[self.speaker_party < 0] = -2
        self.said_day = seconds(said.date) // DAY
        # Statements of one moment are added up in an order of their own, not that of the file.
        self.said = EventIndex(
            self.meeting_index.get_indexer(pd.Index(said.meeting_id, dtype=object)),
            seconds(said.known_from),
            tie=pd.util.hash_pandas_object(self.statements.astype(str), index=False).to_numpy(),
        )
        source, target = self.party_code(signals.source_party), self.party_code(signals.target_party)
        self.dyad = np.where((source >= 0) & (target >= 0), source * len(self.parties) + target, -1)
        self.signal_time = seconds(signals.known_from)

    def _by_video(self, virtual: pd.Series) -> np.ndarray:
        """Tell which meetings some joined by video and nobody came to: they show nothing of who travels."""
        anyone = (self.delegation_values[:, :3] > 0).any(axis=1)
        n = len(self.meetings)
        joined = np.bincount(self.delegation_meeting, weights=virtual, minlength=n) > 0
        return joined & (np.bincount(self.delegation_meeting, weights=anyone, minlength=n) == 0)

    def party_code(self, parties: pd.Series | np.ndarray) -> np.ndarray:
        """Return the code of each party, -1 where it is in no table."""
        return self.parties.get_indexer(pd.Index(np.asarray(parties, dtype=object), dtype=object))

    def attribute(self, name: str, meeting: np.ndarray, party: np.ndarray) -> tuple[np.ndarray, int]:
        """Return the code of an attribute for each (meeting, party), -1 where empty, and how many there are."""
        if name == "party":
            return party, len(self.parties)
        if name == "host":
            country = self.party_code(self.meetings.country)
            return (country[meeting] == party).astype(np.int64), 2
        if name == "few":
            return (self.invited_count[meeting] <= 3).astype(np.int64), 2
        codes, uniques = pd.factorize(self.meetings[name])
        return codes[meeting], len(uniques)

    def combine(self, names: Sequence[str], meeting: np.ndarray, party: np.ndarray) -> np.ndarray:
        """Return one code for the combination of attributes, -1 where any is empty."""
        code = np.zeros(len(meeting), dtype=np.int64)
        empty = np.zeros(len(meeting), dtype=bool)
        for name in names:
            values, size = self.attribute(name, meeting, party)
            empty |= values < 0
            code = code * max(size, 1) + values
        return np.where(empty, -1, code)

    def encounters(self) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """Return both parties, the time and the kind of every pair of delegations that came to one meeting."""
        came = np.flatnonzero(self.delegation_met & (self.delegation_values[:, :3].sum(axis=1) > 0))
        table = pd.DataFrame({"meeting": self.delegation_meeting[came], "row": came})
        pairs = table.merge(table, on="meeting")
        left, right = pairs.row_x.to_numpy(), pairs.row_y.to_numpy()
        left, right = left[left != right], right[left != right]
        leader, senior = self.delegation_values[:, 0] > 0, self.delegation_values[:, :2].sum(axis=1) > 0
        leaders = leader[left] & leader[right]
        seniors = senior[left] & senior[right] & ~leaders
        values = np.column_stack([np.ones(len(left)), leaders, seniors]).astype(float)
        return self.delegation_party[left], self.delegation_party[right], self.delegation_time[left], values
