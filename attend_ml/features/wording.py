"""The classes of words met in a statement: who, comes or not, certain or not."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from attend_ml.features.people import NAME, surname

_PERSON = "person"
_PRONOUN = "pronoun"
# Texts that are kept with what was met in them, some kilobytes each.
_MOST = 30_000
_Met = dict[tuple[str, tuple[tuple[str, str], ...]], list[str]]


class Wording:
    """Reads a text as the row of word classes met in it.

    Parameters
    ----------
    classes : sequence of mapping
        ``[[classes]]`` of the codebook ``cues``: each with ``name`` and ``patterns``. Where several fit at a place the
        first one is taken.

    See Also
    --------
    CueReader : Learns what the classes are worth.

    Examples
    --------
    >>> book = [{"name": "come", "patterns": ["com(?:e|ing)"]}, {"name": "not", "patterns": ["not"]}]
    >>> Wording(book)("Smith is not coming, he said.", {"Smith": "leader"})
    ['person_leader', 'not', 'come', 'pronoun']
    """

    def __init__(self, classes: Sequence[Mapping[str, Any]]):
        self._pattern, self._met = _compiled(tuple((one["name"], tuple(one["patterns"])) for one in classes))

    def __call__(self, text: str, people: Mapping[str, str] | None = None) -> list[str]:
        """Return the classes in the order of the text.

        Parameters
        ----------
        text : str
        people : mapping of str to str or None, default=None
            Surnames and the level of who bears them: read as ``person_`` and the level.
        """
        known = tuple(sorted((people or {}).items()))
        met = self._met.get((text, known))
        if met is None:
            if len(self._met) >= _MOST:
                self._met.clear()
            met = self._met[text, known] = self._find(text, dict(known))
        return list(met)

    def _find(self, text: str, people: Mapping[str, str]) -> list[str]:
        def mark(match: re.Match[str]) -> str:
            level = people.get(surname(match.group()))
            return f"§{level}" if level else match.group()

        # Names are looked up as written, before capitals are gone: "May" is a month or a minister, "may" is neither.
        marked = NAME.sub(mark, text).lower()
        return [_class(match) for match in self._pattern.finditer(marked)]


def _class(match: re.Match[str]) -> str:
    name = str(match.lastgroup)
    return f"person_{match.group(name)}" if name == _PERSON else name


@lru_cache(maxsize=8)
def _compiled(classes: tuple[tuple[str, tuple[str, ...]], ...]) -> tuple[re.Pattern[str], _Met]:
    """Return the pattern of all classes, and where what was met is kept: many models read the same statements."""
    parts = [rf"(?P<{name}>(?<!\w)(?:{'|'.join(patterns)})(?!\w))" for name, patterns in classes]
    parts += [rf"(?P<{_PRONOUN}>(?<!\w)(?:he|she|they)(?!\w))", rf"§(?P<{_PERSON}>\w+)"]
    return re.compile("|".join(parts)), {}
