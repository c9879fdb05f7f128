"""Who came, as it is learned from and scored."""

from __future__ import annotations

import numpy as np
import pandas as pd

from attend_ml.dataset import Dataset
from attend_ml.records import LEVELS

# So many delegations, of more than one level and no level of which is known not to have come, are no accident.
_LISTED = 10


def labels(data: Dataset) -> pd.DataFrame:
    """Return the levels of each delegation, in the order of the table.

    Where a meeting is a list of speakers (of ten or more delegations exactly one level is known, it is not the same
    for all, and of none is any level known to have stayed away), the levels exclude each other: the speaker's rank is
    all that is on record, and the two others, unknown in the table, count as not being it.

    Parameters
    ----------
    data : Dataset

    Returns
    -------
    pandas.DataFrame of shape (n_delegations, 3)
        ``leader, senior, working`` as 0, 1 or NaN where not known.

    Examples
    --------
    >>> from attend_ml.load import load_dataset
    >>> labels(load_dataset()).columns.tolist()
    ['leader', 'senior', 'working']
    """
    return data.cached("labels", lambda: _labels(data.delegations))


def _labels(delegations: pd.DataFrame) -> pd.DataFrame:
    table = delegations[list(LEVELS)].astype(float)
    known = table.notna().any(axis=1)
    single = (table.sum(axis=1) == 1) & (table.notna().sum(axis=1) == 1)
    by_meeting = pd.DataFrame({"known": known, "single": single, **(table == 1)}).groupby(delegations.meeting_id).sum()
    kinds = (by_meeting[list(LEVELS)] > 0).sum(axis=1)
    listed = (by_meeting.known >= _LISTED) & (by_meeting.known == by_meeting.single) & (kinds > 1)
    rows = delegations.meeting_id.map(listed).to_numpy(dtype=bool) & known.to_numpy()
    values = table.to_numpy(copy=True)
    values[rows] = np.nan_to_num(values[rows])
    return pd.DataFrame(values, columns=list(LEVELS))
