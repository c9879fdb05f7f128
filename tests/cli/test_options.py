"""Arguments that several commands share."""

import argparse

import pytest

from attend_ml.cli.options import horizons


@pytest.mark.parametrize(
    ("text", "days"),
    [("14,7,3,1,0", (14, 7, 3, 1, 0)), ("1", (1,)), ("0,7", (7, 0)), (" 7 , 1 ", (7, 1)), ("1,1,7", (7, 1))],
)
def test_days_are_read_falling_and_each_once(text, days):
    assert horizons(text) == days


@pytest.mark.parametrize(("text", "found"), [("", ""), ("7,", ""), ("7,one", "one"), ("-1", "-1"), ("1.5", "1.5")])
def test_anything_but_whole_days_is_refused_with_an_example(text, found):
    with pytest.raises(argparse.ArgumentTypeError) as caught:
        horizons(text)
    assert str(caught.value) == f"found {found!r}; write whole numbers of days, as in 14,7,3,1,0"
