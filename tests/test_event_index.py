"""Look-ups in sorted events give what going through all events one by one gives."""

import numpy as np
import pandas as pd
from hypothesis import example, given, settings
from hypothesis import strategies as st

from attend_ml.event_index import SPAN, EventIndex, add_by_row, seconds

QUICK = settings(max_examples=150, deadline=None, database=None)

# Few groups and times, so that ties and empty groups are met often.
times = st.one_of(st.integers(0, 12), st.integers(0, int(SPAN) - 1))
events = st.lists(st.tuples(st.integers(-2, 3), times, st.integers(-5, 5)), max_size=25)
queries = st.lists(st.tuples(st.integers(-2, 5), times, st.one_of(st.none(), st.integers(-20, 15))), max_size=12)


def build(rows):
    group, time, value = (np.array([row[k] for row in rows], dtype=np.int64) for k in range(3))
    return EventIndex(group, time, np.column_stack([value, np.ones(len(rows))]).astype(float))


def columns(asked):
    group = np.array([row[0] for row in asked], dtype=np.int64)
    until = np.array([row[1] for row in asked], dtype=np.int64)
    return group, until


def seen(rows, group, until, since=None):
    """Return the events of the group in [since, until], by time, those of one time in their order."""
    found = [i for i, row in enumerate(rows) if group >= 0 and row[0] == group and row[1] <= until]
    found = [i for i in found if since is None or rows[i][1] >= since]
    return sorted(found, key=lambda i: (rows[i][1], i))


@QUICK
@given(events, queries)
@example([], [(0, 5, None)])
@example([(0, 5, 1)], [])
def test_sums_are_those_of_the_events_in_the_window(rows, asked):
    group, until = columns(asked)
    everything = build(rows).sums(group, until)
    for i, (g, u, _) in enumerate(asked):
        found = seen(rows, g, u)
        assert everything[i].tolist() == [sum(rows[k][2] for k in found), len(found)]
    since = np.array([0 if s is None else s for *_, s in asked], dtype=np.int64)
    window = build(rows).sums(group, until, since)
    for i, (g, u, _) in enumerate(asked):
        found = seen(rows, g, u, since[i])
        assert window[i].tolist() == [sum(rows[k][2] for k in found), len(found)]


@QUICK
@given(events, queries)
@example([], [(0, 5, None)])
def test_the_last_event_is_the_latest_by_the_moment_or_none(rows, asked):
    group, until = columns(asked)
    found = [seen(rows, g, u) for g, u, _ in asked]
    assert build(rows).last(group, until).tolist() == [events[-1] if events else -1 for events in found]


@QUICK
@given(events, queries)
@example([], [(0, 5, None)])
def test_every_event_by_the_moment_is_paired_with_the_row_in_order_of_time(rows, asked):
    group, until = columns(asked)
    pairs = build(rows).pairs(group, until)
    expected = [(i, k) for i, (g, u, _) in enumerate(asked) for k in seen(rows, g, u)]
    assert list(zip(pairs.row.tolist(), pairs.item.tolist(), strict=True)) == expected


def test_both_ends_of_a_window_belong_to_it():
    index = build([(0, 10, 1), (0, 20, 2), (0, 30, 4)])
    group = np.zeros(3, dtype=np.int64)
    until, since = np.array([20, 19, 30]), np.array([10, 11, 20])
    assert index.sums(group, until, since)[:, 0].tolist() == [3.0, 0.0, 6.0]


def test_a_window_that_ends_before_it_begins_is_empty():
    assert build([(0, 10, 1)]).sums(np.array([0]), np.array([5]), np.array([20])).tolist() == [[0.0, 0.0]]


def test_a_sum_does_not_change_with_what_comes_later_or_elsewhere():
    def asked(rows):
        group, time, value = (np.array(column) for column in zip(*rows, strict=True))
        return EventIndex(group, time, value[:, None]).sums(np.array([5]), np.array([100])).item()

    rows = [(5, 10, 0.1), (5, 20, 0.2)]
    assert asked([*rows, (3, 500, 3000000.7), (5, 500, 1e15)]) == asked(rows)


def test_dates_are_seconds_since_1970_whatever_their_unit():
    days = pd.Series(pd.to_datetime(["1970-01-02 00:00", "2020-03-05 12:00"]))
    assert seconds(days).tolist() == [86_400, 1_583_409_600]
    assert seconds(days.astype("datetime64[ns]")).tolist() == [86_400, 1_583_409_600]


def test_a_missing_date_lies_before_every_other():
    assert seconds(pd.Series([pd.NaT, pd.Timestamp("1700-01-01")])).argmin() == 0
    assert seconds(pd.Series([pd.NaT]))[0] == np.iinfo(np.int64).min


@QUICK
@given(st.lists(st.tuples(st.integers(0, 4), st.integers(-9, 9), st.integers(-9, 9)), max_size=20))
def test_values_are_added_up_by_row(rows):
    row = np.array([r for r, *_ in rows], dtype=np.int64)
    values = np.array([v for _, *v in rows], dtype=float).reshape(-1, 2)
    expected = [[sum(v[k] for r, *v in rows if r == i) for k in range(2)] for i in range(6)]
    assert add_by_row(row, values, 6).tolist() == expected
