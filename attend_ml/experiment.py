"""Specs of experiments: TOML files read into frozen dataclasses, in which nothing unknown goes unnoticed."""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

from attend_ml import _resources
from attend_ml.errors import RequestError, one_of
from attend_ml.records import parse_moment


@dataclass(frozen=True)
class Features:
    """Which extractors an experiment uses.

    Parameters
    ----------
    extractors : tuple of str
    without : tuple of str
        Columns left out: every one that starts with one of these.
    statements, context, history, signals : mapping
        Arguments of the extractor of that name.
    """

    extractors: tuple[str, ...] = ("context", "statements", "signals", "history")
    without: tuple[str, ...] = ()
    context: Mapping[str, Any] = field(default_factory=dict)
    statements: Mapping[str, Any] = field(default_factory=dict)
    signals: Mapping[str, Any] = field(default_factory=dict)
    history: Mapping[str, Any] = field(default_factory=dict)

    def parameters(self) -> dict[str, Mapping[str, Any]]:
        """Return the arguments by extractor."""
        return {name: getattr(self, name) for name in ("context", "statements", "signals", "history")}


@dataclass(frozen=True)
class Model:
    """Which estimator an experiment fits; see :func:`attend_ml.models.estimators.make_estimator`.

    Parameters
    ----------
    discount : float
        How much less the delegations to a meeting count the more they are, see
        :class:`attend_ml.models.forecaster.AttendanceForecaster`.
    kind, members, logistic, trees, boosting, calibration
        Name and parameters of the estimator.

    Raises
    ------
    RequestError
        If ``discount`` is not between 0 and 1.
    """

    kind: str = "blend"
    discount: float = 0.5
    members: tuple[str, ...] = ()
    logistic: Mapping[str, Any] = field(default_factory=dict)
    trees: Mapping[str, Any] = field(default_factory=dict)
    boosting: Mapping[str, Any] = field(default_factory=dict)
    calibration: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not 0 <= self.discount <= 1:
            raise RequestError(f"discount: found {self.discount}; write a number from 0 to 1")

    def parameters(self) -> dict[str, Any]:
        """Return the parameters of the estimator."""
        others = ("kind", "discount")
        return {item.name: getattr(self, item.name) for item in fields(self) if item.name not in others}


@dataclass(frozen=True)
class Scoring:
    """How an experiment is scored by rolling origin.

    Parameters
    ----------
    start : str
        First origin; rows before it are only fitted on.
    months : int
        Months between origins: models are fitted anew at each.
    horizons : tuple of int
        Whole days before the meeting.

    Raises
    ------
    RequestError
        If nothing can be scored so.
    """

    start: str = "2018-01-01"
    months: int = 6
    horizons: tuple[int, ...] = (14, 7, 3, 1, 0)

    def __post_init__(self) -> None:
        try:
            parse_moment(self.start)
        except ValueError as error:
            raise RequestError(f"start: found {self.start!r}; {error}") from None
        if self.months < 1:
            raise RequestError(f"months: found {self.months}; write 1 or more")
        if not self.horizons or min(self.horizons) < 0:
            raise RequestError(f"horizons: found {list(self.horizons)}; write one or more numbers of days, 0 or more")


@dataclass(frozen=True)
class Experiment:
    """One way to forecast, and how to score it.

    Examples
    --------
    >>> load_experiment("climatology").model.kind
    'climatology'
    """

    name: str
    summary: str = ""
    features: Features = field(default_factory=Features)
    model: Model = field(default_factory=Model)
    scoring: Scoring = field(default_factory=Scoring)

    def fingerprint(self) -> str:
        """Return the SHA-256 of everything that changes a forecast: not the name, nor how it is scored."""
        content = {"features": asdict(self.features), "model": asdict(self.model), "horizons": self.scoring.horizons}
        return hashlib.sha256(json.dumps(content, sort_keys=True, default=list).encode()).hexdigest()


def available() -> list[str]:
    """Return the names of the shipped experiments."""
    return list(_shipped())


def _shipped() -> dict[str, Path]:
    """Return the files by name: those at the top first, then those of the folders below."""
    top = _resources.folder("experiments")
    paths = sorted(top.rglob("*.toml"), key=lambda path: (len(path.parts), path.name))
    return {path.stem: path for path in paths}


def load_experiment(name: str | Path) -> Experiment:
    """Read a spec.

    Parameters
    ----------
    name : str or pathlib.Path
        A name under ``experiments/`` or one of its folders, or the path of a TOML file.

    Returns
    -------
    Experiment

    Raises
    ------
    RequestError
        If there is no such experiment, or the file has an unknown key or a wrong type.
    """
    path = Path(name)
    if path.suffix != ".toml":
        shipped = _shipped()
        if str(name) not in shipped:
            raise RequestError(
                f"experiment: found {str(name)!r}; {one_of(list(shipped), str(name))}, or the path of a TOML file"
            )
        path = shipped[str(name)]
    content = _read(path)
    seen = [path.resolve()]
    while "extends" in content:
        base = content.pop("extends")
        if not isinstance(base, str):
            raise RequestError(f"{path.name}: found extends = {base!r}; write a text, the name of an experiment")
        shipped = _shipped()
        if base not in shipped:
            raise RequestError(f"{path.name}: found extends = {base!r}; {one_of(list(shipped), base)}")
        below = shipped[base]
        if below.resolve() in seen:
            raise RequestError(f"{path.name}: found extends = {base!r}; it leads back to itself")
        seen.append(below.resolve())
        content = _overlay(_read(below), content)
    content.setdefault("name", path.stem)
    return _build(Experiment, content, path.name)


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise RequestError(
            f"experiment {path}: it cannot be read ({error.strerror}); give the path of a TOML file"
        ) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise RequestError(f"experiment {path.name}: this is no valid TOML ({error})") from None


def _overlay(base: dict[str, Any], top: dict[str, Any]) -> dict[str, Any]:
    out = dict(base)
    for key, value in top.items():
        nested = isinstance(value, dict) and isinstance(out.get(key), dict)
        out[key] = _overlay(out[key], value) if nested else value
    return out


_SECTIONS = {"features": Features, "model": Model, "scoring": Scoring}


def _build(cls: Any, content: dict[str, Any], where: str) -> Any:
    known = {f.name: f for f in fields(cls)}
    values: dict[str, Any] = {}
    for key, value in content.items():
        if key not in known:
            raise RequestError(f"{where}: found the unknown key {key!r}; {one_of(list(known), key)}")
        if key in _SECTIONS and cls is Experiment:
            if not isinstance(value, dict):
                raise RequestError(f"{where}: found {key} = {value!r}; write a table [{key}]")
            values[key] = _build(_SECTIONS[key], value, f"{where} [{key}]")
        else:
            values[key] = _typed(key, value, known[key], where)
    return cls(**values)


def _typed(key: str, value: Any, spec: Any, where: str) -> Any:
    kind = str(spec.type)
    number = ((int, float), "a number")
    kinds: dict[str, tuple[Any, str]] = {"str": (str, "a text"), "int": (int, "a whole number"), "float": number}
    wanted, article = (list, "a list") if kind.startswith("tuple") else kinds.get(kind, (dict, "a table"))
    if not isinstance(value, wanted) or isinstance(value, bool):
        raise RequestError(f"{where}: found {key} = {value!r}; write {article}")
    item, items = (int, "whole numbers") if kind == "tuple[int, ...]" else (str, "texts")
    if wanted is list and not all(type(found) is item for found in value):
        raise RequestError(f"{where}: found {key} = {value!r}; write a list of {items}")
    return tuple(value) if wanted is list else value
