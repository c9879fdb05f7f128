"""Where the codebooks, the shipped tables and the experiment specs are.

In a checkout they are the top-level folders ``features/``, ``data/`` and ``experiments/``; in an installed
wheel the same folders are package data under ``attend_ml/_bundled/``. The checkout's own are found first, so
that an editable install reads the files one is editing.
"""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

_PACKAGE = Path(__file__).resolve().parent


@cache
def folder(name: str) -> Path:
    """Return the folder of the resource.

    Parameters
    ----------
    name : {"features", "data", "experiments"}

    Returns
    -------
    pathlib.Path

    Raises
    ------
    FileNotFoundError
        If the installation lacks the folder.

    Examples
    --------
    >>> (folder("features") / "parties.toml").exists()
    True
    """
    checkout = _PACKAGE.parent
    for candidate in (checkout / name, _PACKAGE / "_bundled" / name):
        # A site-packages folder may hold a stranger's `data/`: only a tree with our pyproject is a checkout.
        if candidate.is_dir() and (candidate.parent == _PACKAGE / "_bundled" or _is_checkout(checkout)):
            return candidate
    raise FileNotFoundError(f"attend-ml is installed without its {name}/ folder: reinstall it")


def _is_checkout(root: Path) -> bool:
    pyproject = root / "pyproject.toml"
    return pyproject.is_file() and 'name = "attend-ml"' in pyproject.read_text(encoding="utf-8")


@cache
def codebook(name: str) -> dict[str, Any]:
    """Return a codebook of ``features/`` as nested dictionaries; treat it as read-only.

    Parameters
    ----------
    name : str
        File name without ``.toml``.

    Returns
    -------
    dict

    Examples
    --------
    >>> codebook("parties")["organisations"]["NATO"]
    'NATO'
    """
    return tomllib.loads((folder("features") / f"{name}.toml").read_text(encoding="utf-8"))


@cache
def examples(name: str) -> pd.DataFrame:
    """Return a table of made-up examples of ``features/``, all cells text, empty ones None; treat it as read-only.

    Parameters
    ----------
    name : str
        File name without ``.csv``.

    Examples
    --------
    >>> sorted(examples("cue_examples").columns)
    ['convened', 'cue', 'level', 'own', 'role', 'text']
    """
    import pandas as pd

    table = pd.read_csv(folder("features") / f"{name}.csv", dtype=str, keep_default_na=False)
    return table.astype(object).replace("", None)
