"""Reading a folder with the four tables."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd

from attend_ml import _resources
from attend_ml.dataset import Dataset
from attend_ml.errors import DataError, Problem
from attend_ml.records import known_parties
from attend_ml.tables import RECORDS, check_table, read_rows


@cache
def _shipped() -> Dataset:
    return _read_folder(_resources.folder("data"))


def load_dataset(path: str | Path | None = None) -> Dataset:
    """Read a folder with the four tables.

    Parameters
    ----------
    path : str, pathlib.Path or None, default=None
        Folder with ``meetings.csv``, ``statements.csv``, ``signals.csv`` and, where outcomes are known,
        ``delegations.csv``. Without the latter the parties are those spoken of in the statements. None means the
        tables that ship with the package.

    Returns
    -------
    Dataset

    Raises
    ------
    DataError
        With every problem of every file.

    Examples
    --------
    >>> len(load_dataset().meetings) > 400
    True
    """
    return _shipped() if path is None else _read_folder(Path(path))


def _read_folder(path: Path) -> Dataset:
    if not path.is_dir():
        raise DataError(
            [Problem(str(path), None, None, "no such folder", "give a folder with meetings.csv and the rest")]
        )
    parties = _read_party_codes(path)
    problems: list[Problem] = []
    frames: dict[str, pd.DataFrame] = {}
    lines: dict[str, np.ndarray] = {}
    for name in RECORDS:
        file = path / f"{name}.csv"
        if name == "delegations" and not file.exists():
            continue
        try:
            header, rows, lines[name] = read_rows(file)
            frames[name] = pd.DataFrame(rows, columns=pd.Index(header, dtype=str), dtype=object)
        except DataError as error:
            problems += error.problems
    where = {name: f"{name}.csv" for name in RECORDS}
    if problems:
        # Say what is wrong inside the readable files too, so that one pass mends all.
        for name, frame in frames.items():
            try:
                check_table(frame, name, where[name], lines[name], parties)
            except DataError as error:
                problems += error.problems
        raise DataError(problems)
    if "delegations" not in frames:
        frames["delegations"] = _spoken_of(frames["statements"])
    return Dataset(**frames, parties=parties, links=_read_links(path), where=where, lines=lines)


def _read_party_codes(path: Path) -> dict[str, str]:
    file = path / "party_codes.csv"
    if not file.exists():
        return {}
    header, rows, lines = read_rows(file)
    if header != ["party", "name"]:
        raise DataError([Problem(file.name, 1, None, ",".join(header), "the header must be party,name")])
    problems = [
        Problem(file.name, int(line), "party", code, "use an upper-case code that is not in use for a state")
        for (code, _), line in zip(rows, lines, strict=True)
        if not code.isalnum() or code != code.upper() or code in known_parties()
    ]
    if problems:
        raise DataError(problems)
    return {row[0]: row[1] for row in rows}


def _read_links(path: Path) -> list[tuple[str, str]]:
    file = path / "links.csv"
    if not file.exists():
        return []
    header, rows, _ = read_rows(file)
    if header[:2] != ["meeting_id", "linked_to"]:
        raise DataError(
            [Problem(file.name, 1, None, ",".join(header), "the header must begin with meeting_id,linked_to")]
        )
    return [(row[0], row[1]) for row in rows]


def _spoken_of(statements: pd.DataFrame) -> pd.DataFrame:
    if not {"meeting_id", "about_party"} <= set(statements.columns):
        return pd.DataFrame(columns=pd.Index(["meeting_id", "party"]), dtype=object)
    pairs = statements[["meeting_id", "about_party"]].rename(columns={"about_party": "party"})
    return pairs[pairs.party.str.strip() != ""].drop_duplicates().reset_index(drop=True)
