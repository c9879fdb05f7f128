"""What a stored result depends on, and where such results are kept."""

from __future__ import annotations

import hashlib
from functools import cache
from importlib.metadata import version
from pathlib import Path

import platformdirs

from attend_ml import _resources
from attend_ml._version import __version__

# A forecast may change in its last digits with these.
LIBRARIES = ("scikit-learn", "pandas", "numpy", "scipy")


def codebooks_fingerprint() -> str:
    """Return the SHA-256 of all codebooks and examples."""
    digest = hashlib.sha256()
    for path in sorted(path for path in _resources.folder("features").iterdir() if path.suffix in (".toml", ".csv")):
        digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()


@cache
def code_fingerprint() -> str:
    """Return the SHA-256 of the package's code: what other code made is not taken from the cache."""
    digest = hashlib.sha256()
    package = Path(__file__).resolve().parent
    for path in sorted(package.rglob("*.py")):
        digest.update(path.relative_to(package).as_posix().encode() + path.read_bytes())
    return digest.hexdigest()


def key(*parts: object) -> str:
    """Return the SHA-256 of the parts, the codebooks, this package's code and version, and those of the libraries.

    Examples
    --------
    >>> key("a", 1) == key("a", 1), key("a", 1) == key("a", 2)
    (True, False)
    """
    made_by = [__version__, code_fingerprint(), codebooks_fingerprint(), *(version(name) for name in LIBRARIES)]
    return hashlib.sha256("|".join(map(str, [*made_by, *parts])).encode()).hexdigest()


@cache
def cache_folder() -> Path:
    """Return the user's cache folder for the package; it is made when something is written."""
    return Path(platformdirs.user_cache_dir("attend-ml", appauthor=False))
