"""Nothing from after the moment reaches a vector."""

import numpy as np

from attend_ml.asof import Situations, delegations_at
from attend_ml.features.context import MeetingContext
from attend_ml.features.history import PartyHistory
from attend_ml.features.signals import EventSignals
from attend_ml.load import load_dataset


def test_vectors_are_the_same_from_the_data_cut_at_the_moment():
    data = load_dataset()
    rows = delegations_at(data, [3]).take(np.arange(0, 1800, 45))
    for extractor in (MeetingContext(), PartyHistory(), EventSignals()):
        whole = extractor.fit(rows).transform(rows)
        for i in range(len(rows)):
            cut = data.as_of(rows.as_of[i])
            one = Situations(cut, rows.meeting_id[[i]], rows.party[[i]], rows.as_of[[i]])
            np.testing.assert_array_equal(extractor.transform(one)[0], whole[i])
