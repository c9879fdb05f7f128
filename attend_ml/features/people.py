"""Who somebody is, by name, as far as the tables tell: leader, senior official, working level, spokesperson."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from attend_ml.asof import Situations
from attend_ml.event_index import seconds
from attend_ml.sources.titles import level_of_title

NAME = re.compile(r"[^\W\d_a-zß-ÿ][\w'’-]*")
_POSSESSIVE = re.compile(r"['’]s?$")
# Longer names are those of offices or of several persons.
_LONGEST = 6


class People:
    """The persons the tables know by name, and since when.

    Somebody is known as the speaker of a statement, by the role, and as the head of a delegation once the meeting is
    over, by the title.

    Parameters
    ----------
    X : Situations
        All of its tables are read; what :meth:`named` answers depends only on what was known by the moment asked for.
    book : mapping
        ``[names]`` of the codebook ``cues``.

    Examples
    --------
    >>> from attend_ml._resources import codebook
    >>> from attend_ml.asof import delegations_at
    >>> from attend_ml.load import load_dataset
    >>> people = People(delegations_at(load_dataset(), [0]), codebook("cues")["names"])
    >>> people.named("Lavrov said that Putin would not come.", 1_740_000_000)
    {'Lavrov': 'senior', 'Putin': 'leader'}
    """

    def __init__(self, X: Situations, book: Mapping[str, Any]):
        found: defaultdict[str, list[tuple[int, str]]] = defaultdict(list)

        def add(name: Any, party: Any, level: str | None, when: int) -> None:
            words = str(name).split()
            if level is None or not is_person(words, book) or (len(words) == 1 and level == "spokesperson"):
                return
            surname = words[0] if party in book["family_name_first"] else words[-1]
            if surname not in book["ordinary"]:
                found[surname].append((when, level))

        said = X.statements[X.statements.speaker.notna()]
        rows = zip(said.speaker, said.speaker_party, said.speaker_role, seconds(said.known_from), strict=True)
        for name, party, role, when in rows:
            add(name, party, book["level_of_role"].get(role), int(when))
        for name, party, title, when in X.heads().itertuples(index=False):
            add(name, party, level_of_title(title), int(when))
        self._seen = {name: sorted(times) for name, times in found.items()}

    def named(self, text: str, when: int) -> dict[str, str]:
        """Return the persons a text names, and what each had been most often by a moment.

        Parameters
        ----------
        text : str
        when : int
            Seconds since 1970.

        Returns
        -------
        dict of str to str
            By surname: "leader", "senior", "working" or "spokesperson".
        """
        out = {}
        for match in NAME.finditer(text):
            name = surname(match.group())
            seen = self._seen.get(name, [])
            counts = Counter(level for _, level in seen[: bisect_right(seen, (when, "~"))])
            if counts:
                # Ties by name, so that the order of rows decides nothing.
                out[name] = min(counts, key=lambda level: (-counts[level], level))
        return out


def is_person(words: Sequence[str], book: Mapping[str, Any]) -> bool:
    """Tell whether the words are the name of a person, and not that of an office or of several persons.

    Parameters
    ----------
    words : sequence of str
    book : mapping
        ``[names]`` of the codebook ``cues``.

    Examples
    --------
    >>> from attend_ml._resources import codebook
    >>> book = codebook("cues")["names"]
    >>> [is_person(name.split(), book) for name in ("Ursula von der Leyen", "White House", "Kazakh foreign ministry")]
    [True, False, False]
    """
    named = all(word[0].isupper() or word in book["particles"] for word in words)
    office = any(word in book["offices"] or _POSSESSIVE.search(word) for word in words)
    return 0 < len(words) <= _LONGEST and len(words[-1]) > 1 and words[-1][0].isupper() and named and not office


def surname(word: str) -> str:
    """Return a name without the ending of the possessive.

    Examples
    --------
    >>> surname("Merkel's")
    'Merkel'
    """
    return _POSSESSIVE.sub("", word)
