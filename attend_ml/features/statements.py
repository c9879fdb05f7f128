"""What was said: stances read from statements, by who spoke about whom and how lately."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Self

import numpy as np
import pandas as pd

from attend_ml._resources import codebook
from attend_ml.asof import Situations
from attend_ml.errors import RequestError, one_of
from attend_ml.event_index import add_by_row, seconds
from attend_ml.features.base import Extractor
from attend_ml.features.cues import READ_LEVELS, CueReader
from attend_ml.features.learned import learned
from attend_ml.features.people import People
from attend_ml.principals import kind_of_principal
from attend_ml.records import CUES

_NO_WORD = 4.0  # about the log of 54 days: longer ago than nearly every statement


class StatementCues(Extractor):
    """Stances of the party, of others towards it, and towards the other side.

    In training every statement is read by a reader fitted without the statements of its meeting; afterwards by one
    fitted on all.

    Parameters
    ----------
    book : dict or None, default=None
        Entries that take the place of those of the same name in the codebook ``statements``.
    cue_book : dict or None, default=None
        Codebook of the reader to use instead of the shipped ``cues``.
    cues : {"read", "annotated"}, default="read"
        "annotated" takes the table's ``cue`` and ``level_spoken`` in place of the reader's, to measure what better
        reading would be worth. Not for forecasts: nobody annotates a statement on the day.

    Attributes
    ----------
    reader_ : CueReader
        Fitted on every statement seen.

    See Also
    --------
    CueReader : Reads one statement.

    Examples
    --------
    >>> from attend_ml.asof import delegations_at
    >>> from attend_ml.load import load_dataset
    >>> rows = delegations_at(load_dataset().as_of("2014-01-01"), [1])
    >>> cues = StatementCues()
    >>> cues.fit_transform(rows).shape == (len(rows), len(cues.get_feature_names_out()))
    True
    """

    name = "statements"

    def __init__(self, book: dict[str, Any] | None = None, cue_book: dict[str, Any] | None = None, cues: str = "read"):
        super().__init__(book)
        self.cue_book = cue_book
        self.cues = cues

    def fit(self, X: Situations, y: pd.DataFrame | None = None) -> Self:
        """Fit the reader on the annotated statements that the situations may see."""
        self._check()
        super().fit(X)
        self._learn(X, out_of_fold=False)
        return self

    def fit_transform(self, X: Situations, y: pd.DataFrame | None = None) -> np.ndarray:
        """Fit, and return columns in which every statement was read by a reader that had not seen its meeting."""
        if self.cues == "annotated":
            return self.fit(X, y).transform(X)
        self._check()
        super().fit(X)
        return self._transform(X, self._learn(X, out_of_fold=True))

    def _check(self) -> None:
        if self.cues not in ("read", "annotated"):
            raise RequestError(f"cues: found {self.cues!r}; {one_of(('read', 'annotated'), str(self.cues))}")

    def _learn(self, X: Situations, out_of_fold: bool) -> np.ndarray:
        """Fit the reader; return what others, fitted without a statement's meeting, make of it if they are asked."""
        visible = X.visible_statements()
        marks = X.annotations().iloc[visible]
        texts = _texts(X, visible, self.cue_book or codebook("cues"))
        groups = texts.meeting_id.map(X.clusters()) if out_of_fold else None
        self.reader_, found = learned(self.cue_book, texts, marks.cue, marks.level_spoken, groups, self.book_["folds"])
        read = np.full((len(X.statements), len(CUES), len(READ_LEVELS)), np.nan)
        if found is not None:
            read[visible] = found
        return read

    def read(self, X: Situations) -> np.ndarray:
        """Return what the reader makes of the statements the situations may see.

        Returns
        -------
        ndarray of shape (n_statements, 9, 4)
            Shares of cue by level for every row of the statements table; NaN where no situation may see it.
        """
        read = np.full((len(X.statements), len(CUES), len(READ_LEVELS)), np.nan)
        visible = X.visible_statements()
        if self.cues == "annotated":
            marks = X.annotations().iloc[visible]
            cue = np.array([[mark == name for name in CUES] for mark in marks.cue], dtype=float)
            level = marks.level_spoken.fillna(READ_LEVELS[-1])
            levels = np.array([[mark == name for name in READ_LEVELS] for mark in level], dtype=float)
            if len(visible):
                read[visible] = cue[:, :, None] * levels[:, None, :]
        elif len(visible):
            read = self._read_once(X, visible)
        return read

    def _read_once(self, X: Situations, visible: np.ndarray) -> np.ndarray:
        """Read the statements this reader has not read before; what it read is kept with the tables."""
        kept: dict[str, Any] = X.kept("read", dict)
        if kept.get("reader") is not self.reader_:
            kept |= {"reader": self.reader_, "read": np.full((len(X.statements), len(CUES), len(READ_LEVELS)), np.nan)}
        read = kept["read"]
        new = visible[np.isnan(read[visible, 0, 0])]
        if len(new):
            read[new] = _joint(self.reader_, _texts(X, new, self.reader_.book_))
        hidden = np.setdiff1d(np.arange(len(read)), visible)
        out = read.copy()
        out[hidden] = np.nan
        return out

    def _columns(self) -> list[str]:
        stances = list(self.book_["stances"])
        names = [
            f"{whose}_{kind}_{s}"
            for whose in ("own", "about", "any", "others")
            for kind in ("last", "sum")
            for s in stances
        ]
        names += ["own_count", "about_count", "others_count", "own_age", "own_silent", "silent_when_due"]
        return [*names, "own_leader_spoke"]

    def _extract(self, X: Situations) -> dict[str, np.ndarray]:
        return dict(zip(self._columns(), self._transform(X, self.read(X)).T, strict=True))

    def stances(self, read: np.ndarray) -> np.ndarray:
        """Sum the shares (n, 9, 4) of cue by level into the codebook's stances, shape (n, n_stances)."""
        out = np.zeros((len(read), len(self.book_["stances"])))
        for k, products in enumerate(self.book_["stances"].values()):
            for product in products:
                share = _share(read, product.removeprefix("-"))
                out[:, k] += -share if product.startswith("-") else share
        return out

    def bearing(self, read: np.ndarray) -> np.ndarray:
        """Return how much of each statement bears on somebody's coming: the shares of all that is in any stance."""
        products = {product.removeprefix("-") for products in self.book_["stances"].values() for product in products}
        return np.sum([_share(read, product) for product in sorted(products)], axis=0)

    def _transform(self, X: Situations, read: np.ndarray) -> np.ndarray:
        book, n = self.book_, len(X)
        pairs = X.said()
        stance = self.stances(read[pairs.item])
        bearing = self.bearing(read[pairs.item])
        age = X.age(pairs).astype(float)
        roles = X.statements.speaker_role.fillna("unknown").to_numpy(dtype=object)[pairs.item]
        about, by = X.about_own(pairs), X.by_own(pairs)
        weight = pd.Series(roles).map(book["role_weight"]).to_numpy(dtype=float)
        weight = np.where(about & ~by, book["weight_of_others"], 1.0) * weight
        out: dict[str, np.ndarray] = {}
        for whose, mask in (("own", about & by), ("about", about & ~by), ("any", about), ("others", ~about)):
            row = pairs.row[mask]
            fade = 0.5 ** (age[mask] / book["half_life"]) * weight[mask]
            total = add_by_row(row, stance[mask] * fade[:, None], n)
            total = np.sign(total) * np.log1p(np.abs(total))
            newest = np.full(n, np.inf)
            # What bears on nobody's coming is no last word: its age counts as older.
            effective = age[mask] + 3.0 * (1 - bearing[mask])
            np.minimum.at(newest, row, effective)
            recency = np.exp(-(effective - newest[row]) / book["latest"]) * weight[mask]
            mass = np.bincount(row, weights=recency, minlength=n)
            last = add_by_row(row, stance[mask] * recency[:, None], n) / np.maximum(mass, 1e-9)[:, None]
            for k, name in enumerate(book["stances"]):
                out[f"{whose}_last_{name}"] = last[:, k]
                out[f"{whose}_sum_{name}"] = total[:, k]
            out[f"{whose}_count"] = np.log1p(np.bincount(row, minlength=n))
        own = about & by
        youngest = np.full(n, np.inf)
        np.minimum.at(youngest, pairs.row[own], age[own])
        out["own_age"] = np.where(
            np.isfinite(youngest), np.log1p(np.where(np.isfinite(youngest), youngest, 0)), _NO_WORD
        )
        out["own_silent"] = (~np.isfinite(youngest)).astype(float)
        named = sum(out[f"own_sum_{name}"] for name in ("leader_yes", "leader_no", "senior_yes", "working_yes"))
        out["silent_when_due"] = np.exp(-np.asarray(named) * 3) / (1 + np.maximum(X.horizon, 0))
        spoke = own & (roles == "leader")
        out["own_leader_spoke"] = (np.bincount(pairs.row[spoke], minlength=n) > 0).astype(float)
        return np.column_stack([out[name] for name in self._columns()])


def _texts(X: Situations, rows: np.ndarray, book: Mapping[str, Any]) -> pd.DataFrame:
    """Return what the reader needs of some statements; persons are known by what was known when it was made."""
    people = X.kept(f"people:{json.dumps(book['names'], sort_keys=True)}", lambda: People(X, book["names"]))
    table = X.statements.iloc[rows]
    moments, days = seconds(table.known_from), table.date.dt.strftime("%Y-%m-%d")
    return pd.DataFrame(
        {
            "text": table.text,
            "role": table.speaker_role,
            "own": (table.speaker_party == table.about_party).fillna(False).astype(bool),
            "convened": table.meeting_id.map(X.convened()),
            "people": [people.named(*one) for one in zip(table.text, moments.tolist(), strict=True)],
            "principal": [kind_of_principal(*one) for one in zip(table.about_party, days, strict=True)],
            "meeting_id": table.meeting_id,
        }
    )


def _share(read: np.ndarray, product: str) -> np.ndarray:
    cue, level = product.split(":")
    shares = read[:, CUES.index(cue)]
    return np.asarray(shares.sum(axis=1) if level == "*" else shares[:, READ_LEVELS.index(level)])


def _joint(reader: CueReader, texts: pd.DataFrame) -> np.ndarray:
    cue, level = reader.read(texts)
    return cue[:, :, None] * level[:, None, :]
