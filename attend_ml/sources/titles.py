"""The level at which the holder of a post attends, by its title.

The rules are in ``features/titles.toml``. They know English titles as lists of speakers and news reports write them.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cache, lru_cache

from attend_ml._resources import codebook
from attend_ml.records import LEVELS

_APART = re.compile(r", *| and ")
_BREAKS = str.maketrans({**dict.fromkeys(";/()[]:|\n", ","), "&": " and ", "’": "'", "‘": "'", "`": "'"})
# Marks that hyphenation of a printed page leaves within a word.
_WITHIN = re.compile("[.\u00ad\u00b7\u2027\ufeff]")
_OTHER = re.compile(r"(?:[^\w',]|_)+")


@dataclass(frozen=True)
class _Book:
    spelling: tuple[tuple[re.Pattern[str], str], ...]
    masks: tuple[tuple[re.Pattern[str], str], ...]
    rules: tuple[tuple[re.Pattern[str], str], ...]


@cache
def _book() -> _Book:
    book = codebook("titles")

    def whole_words(*patterns: str) -> re.Pattern[str]:
        text = "|".join(f"(?:{pattern})" for pattern in patterns)
        # Twice, as a word may itself be written with others.
        for name, words in [*book["words"].items()] * 2:
            text = text.replace(f"{{{name}}}", words)
        return re.compile(rf"(?<![\w'])(?:{text})(?!\w)")

    return _Book(
        tuple((whole_words(wrong), right) for wrong, right in book["spelling"].items()),
        tuple((whole_words(mask["pattern"]), mask["text"]) for mask in book["masks"]),
        tuple((whole_words(*rule["patterns"]), rule["level"]) for rule in book["rules"]),
    )


def plain_words(text: str) -> str:
    """Return a text in small letters, without accents, full stops and hyphens, with one blank between words.

    Parameters
    ----------
    text : str

    Returns
    -------
    str
        Brackets, semicolons and slashes are commas. Empty where the text has no letter or digit.

    Examples
    --------
    >>> plain_words("Côte d’Ivoire  (Ivory-Coast)")
    "cote d'ivoire, ivory coast"
    """
    # Small letters may come apart once more ("ǰ"), and signs become others ("…").
    text = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    text = _WITHIN.sub("", "".join(letter for letter in text if not unicodedata.combining(letter)))
    return re.sub(r"[\s,]*,[\s,]*", ", ", _OTHER.sub(" ", text.translate(_BREAKS))).strip(" ,'")


def normalise_title(title: str) -> str:
    """Return a title as the rules read it: its plain words, with known misspellings mended.

    Parameters
    ----------
    title : str

    Returns
    -------
    str
        Empty where the title has no letter or digit.

    Examples
    --------
    >>> normalise_title(" MInister for  Foregn Affairs; Vice-President")
    'minister for foreign affairs, vice president'
    """
    text = plain_words(title)
    for wrong, right in _book().spelling:
        text = wrong.sub(right, text)
    return text


@lru_cache(maxsize=8192)
def level_of_title(title: str) -> str | None:
    """Return the level at which the holder of a post attends.

    Parameters
    ----------
    title : str
        One post or several, with or without names of countries and persons: "Prime Minister and Minister for Foreign
        Affairs" is the highest of the two, "Special Envoy of the President" is no president.

    Returns
    -------
    {"leader", "senior", "working"} or None
        None where the title is empty, tells no level ("Former President") or is not known.

    Notes
    -----
    The title alone does not tell which of a president and a prime minister decides in a country: both are leader.

    Examples
    --------
    >>> level_of_title("Deputy Prime Minister and Minister for Foregn Affairs")
    'senior'
    >>> level_of_title("Not indicated") is None
    True
    """
    text = normalise_title(title)
    for served, instead in _book().masks:
        text = served.sub(instead, text)
    found = {_level_of_part(part) for part in _APART.split(text)}
    return next((level for level in LEVELS if level in found), None)


def _level_of_part(part: str) -> str | None:
    return next((level for pattern, level in _book().rules if pattern.search(part)), None)
