"""Every example in a docstring runs, and prints what it says."""

import doctest
import pkgutil
from importlib import import_module

import pytest

import attend_ml

MODULES = sorted(module.name for module in pkgutil.walk_packages(attend_ml.__path__, "attend_ml."))


@pytest.mark.parametrize("name", ["attend_ml", *MODULES])
def test_examples_of(name):
    flags = doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS
    result = doctest.testmod(import_module(name), optionflags=flags)
    assert result.failed == 0
