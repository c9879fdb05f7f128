"""Who came, as it is learned from and scored."""

from __future__ import annotations

import numpy as np
import pandas as pd

from attend_ml.dataset import Dataset
from attend_ml.records import LEVELS

# So many delegations, of more than one level and no level of which is known not to have come, are no accident.
_LISTED = 10
# The least share of a list of which the rank is told, for those told to stand for all.
_TOLD = 0.5


def labels(data: Dataset) -> pd.DataFrame:
    """Return the levels of each delegation, in the order of the table.

    Where a meeting is a list of speakers (of ten or more delegations exactly one level is known, it is not the same
    for all, and of none is any level known to have stayed away), the levels exclude each other: the speaker's rank is
    all that is on record, and the two others, unknown in the table, count as not being it. Where of ten or more
    delegations fewer than half are known in this way, they were named for their rank, as a rule the leaders alone: how
    often that rank came cannot be learned from them, and none of their levels is known here.

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
    grouped = pd.DataFrame({"known": known, "single": single, **(table == 1)}).groupby(delegations.meeting_id)
    by_meeting = grouped.sum()
    kinds = (by_meeting[list(LEVELS)] > 0).sum(axis=1)
    singles = by_meeting.known == by_meeting.single
    size = grouped.size()
    listed = singles & (by_meeting.known >= _LISTED) & (by_meeting.known >= _TOLD * size) & (kinds > 1)
    picked = singles & (size >= _LISTED) & (by_meeting.known < _TOLD * size)

    def rows(meetings: pd.Series) -> np.ndarray:
        return delegations.meeting_id.map(meetings).to_numpy(dtype=bool) & known.to_numpy()

    values = table.to_numpy(copy=True)
    values[rows(listed)] = np.nan_to_num(values[rows(listed)])
    values[rows(picked)] = np.nan
    return pd.DataFrame(values, columns=list(LEVELS))
