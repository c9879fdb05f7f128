"""What a reader of statements is given: words, runs of letters, classes of words, and who speaks of whom."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from scipy import sparse
from sklearn.base import BaseEstimator
from sklearn.feature_extraction import DictVectorizer
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer

from attend_ml.features.wording import Wording
from attend_ml.records import LEVELS

# Weights of the blocks, chosen by rolling origin: with thousands of statements words count for as much as classes.
_CLASSES = 2.0
_WORDS = 2.5
_LETTERS = 2.0
_FACTS = 0.5
# Classes that come between who and what without changing it.
_BETWEEN = ("say", "day")
_APART = 4
_HEADS = ("president", "premier")


class StatementInputs(BaseEstimator):
    """Turns statements into sparse rows of numbers.

    Parameters
    ----------
    classes : sequence of mapping, default=()
        ``[[classes]]`` of the codebook ``cues``.

    See Also
    --------
    CueReader : Reads statements by these inputs.

    Examples
    --------
    >>> said = pd.DataFrame({"text": ["He will come.", "He may come."], "role": "aide", "own": True, "convened": None})
    >>> StatementInputs().fit_transform(said).shape[0]
    2
    """

    def __init__(self, classes: Sequence[Mapping[str, Any]] = ()):
        self.classes = classes

    def fit_transform(self, said: pd.DataFrame) -> sparse.csr_matrix:
        """Learn the words and return the rows; columns ``text, role, own, convened``, see :class:`CueReader`."""
        # With few texts a word may be met once only.
        least = 2 if len(said) > 20 else 1
        token = r"(?u)\b\w+\b"
        self.classes_ = CountVectorizer(
            ngram_range=(1, 4), binary=True, lowercase=False, token_pattern=r"\S+", min_df=least
        )
        self.words_ = TfidfVectorizer(ngram_range=(1, 3), min_df=least, sublinear_tf=True, token_pattern=token)
        self.letters_ = TfidfVectorizer(analyzer="char_wb", ngram_range=(3, 5), min_df=2 * least, sublinear_tf=True)
        self.facts_ = DictVectorizer()
        rows, texts, facts = self._read(said)
        # An empty text tells no words, and a vectorizer refuses to learn from nothing.
        for vectorizer, content in ((self.classes_, rows), (self.words_, texts), (self.letters_, texts)):
            try:
                vectorizer.fit(content)
            except ValueError:
                vectorizer.set_params(min_df=1).fit(["nothing", *content])
        self.facts_.fit(facts)
        X = self._numbers(rows, texts, facts)
        self.n_inputs_ = X.shape[1]
        return X

    def transform(self, said: pd.DataFrame) -> sparse.csr_matrix:
        """Return the rows of statements, shape (n, n_inputs); there may be none."""
        if len(said) == 0:
            return sparse.csr_matrix((0, self.n_inputs_))
        return self._numbers(*self._read(said))

    def _read(self, said: pd.DataFrame) -> tuple[list[str], pd.Series, list[dict[str, float]]]:
        wording = Wording(self.classes)
        unknown = [None] * len(said)
        people, principal = said.get("people", unknown), said.get("principal", unknown)
        rows = zip(said.text, people, principal, strict=True)
        met = [_ranked(wording(text, named), kind) for text, named, kind in rows]
        convened = said.convened.fillna("unspecified")
        facts = [_facts(*one) for one in zip(met, said.role, said.own, convened, strict=True)]
        return [" ".join(row) for row in met], said.text, facts

    def _numbers(self, rows: list[str], texts: pd.Series, facts: list[dict[str, float]]) -> sparse.csr_matrix:
        classes = self.classes_.transform(rows).astype(float)
        length = np.sqrt(np.maximum(np.asarray(classes.sum(axis=1)).ravel(), 1))
        blocks = [sparse.diags(_CLASSES / length) @ classes, _WORDS * self.words_.transform(texts)]
        blocks += [_LETTERS * self.letters_.transform(texts), _FACTS * self.facts_.transform(facts)]
        return sparse.hstack(blocks).tocsr()


def _ranked(met: list[str], principal: Any) -> list[str]:
    """Return the classes with heads of state and of government at the rank they have for the party spoken of."""
    level = {kind: "leader" if principal in (kind, None) or principal != principal else "senior" for kind in _HEADS}
    return [level.get(name, name) for name in met]


def _facts(met: list[str], role: Any, own: Any, convened: str) -> dict[str, float]:
    """Return who speaks, who is spoken of first and last, and which classes are met, by the level of the meeting.

    "The minister will go" is a commitment to a ministers' meeting, and names a substitute for a summit.
    """
    levels = [name.removeprefix("person_") for name in met]
    levels = [name for name in levels if name in LEVELS]
    first, last = (levels[0], levels[-1]) if levels else ("nobody", "nobody")
    out = {
        f"first {first}": 1.0,
        f"last {last}": 1.0,
        f"convened {convened}": 1.0,
        f"convened {convened}, first {first}": 1.0,
        f"convened {convened}, last {last}": 1.0,
        f"role {role}": 1.0,
        f"role {role}, last {last}": 1.0,
        f"role {role}, own {bool(own)}": 0.5,
        f"own {bool(own)}": 1.0,
    }
    for name in set(met):
        out[f"{name}, convened {convened}"] = 0.5
        out[f"{name}, own {bool(own)}"] = 0.5
    core = [name for name in met if name not in _BETWEEN]
    for i, name in enumerate(core):
        for later in core[i + 2 : i + 1 + _APART]:
            out[f"{name} then {later}"] = 0.7
    if core:
        out[f"begins {core[0]}"] = out[f"ends {core[-1]}"] = 1.0
    return out
