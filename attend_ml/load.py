"""Reading a folder with the four tables."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd

from attend_ml import _resources
from attend_ml.checks import inspect_tables
from attend_ml.dataset import Dataset
from attend_ml.errors import DataError, Problem
from attend_ml.records import known_parties
from attend_ml.tables import RECORDS, check_table, read_rows, scan_rows


@cache
def _shipped() -> Dataset:
    return _read_folder(_resources.folder("data"), {})


def load_dataset(path: str | Path | None = None, parties: Mapping[str, str] | None = None) -> Dataset:
    """Read a folder with the four tables.

    Parameters
    ----------
    path : str, pathlib.Path or None, default=None
        Folder with ``meetings.csv``, ``statements.csv``, ``signals.csv`` and, where outcomes are known,
        ``delegations.csv``. Without the latter the parties are those spoken of in the statements. None means the
        tables that ship with the package.
    parties : mapping of str to str or None, default=None
        Codes and names of groups known beside those the folder lists itself.

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
    return _shipped() if path is None else _read_folder(Path(path), parties or {})


def _read_folder(path: Path, known: Mapping[str, str]) -> Dataset:
    if not path.is_dir():
        raise DataError(
            [Problem(str(path), None, None, "no such folder", "give a folder with meetings.csv and the rest")]
        )
    own, problems = _read_party_codes(path / "party_codes.csv")
    parties = {**known, **own}
    frames: dict[str, pd.DataFrame] = {}
    lines: dict[str, np.ndarray] = {}
    for name in RECORDS:
        file = path / f"{name}.csv"
        if name == "delegations" and not file.exists():
            continue
        try:
            header, rows, lines[name], found = scan_rows(file)
            frames[name] = pd.DataFrame(rows, columns=pd.Index(header, dtype=str), dtype=object)
            problems += found
        except DataError as error:
            problems += error.problems
    tables, found = inspect_tables(frames, parties, {name: f"{name}.csv" for name in RECORDS}, lines)
    problems += found
    links, found = _read_links(path / "links.csv", tables.get("meetings"))
    problems += found
    if problems:
        raise DataError(problems)
    if "delegations" not in tables:
        tables["delegations"] = _spoken_of(tables["statements"], parties)
    return Dataset.of_checked(tables, parties, links)


def _read_party_codes(file: Path) -> tuple[dict[str, str], list[Problem]]:
    names: dict[str, str] = {}
    if not file.exists():
        return names, []
    try:
        header, rows, lines = read_rows(file)
    except DataError as error:
        return names, error.problems
    if header != ["party", "name"]:
        return names, [Problem(file.name, 1, None, ",".join(header), "the header must be party,name")]
    problems: list[Problem] = []
    for (code, name), line in zip(rows, lines, strict=True):
        if not code.isalnum() or code != code.upper() or code in known_parties():
            remedy = "use an upper-case code that is not in use for a state"
            problems.append(Problem(file.name, int(line), "party", code, remedy))
        elif code in names:
            problems.append(Problem(file.name, int(line), "party", code, "this code stands twice; give each its own"))
        names.setdefault(code, name)
    return names, problems


def _read_links(file: Path, meetings: pd.DataFrame | None) -> tuple[list[tuple[str, str]], list[Problem]]:
    if not file.exists():
        return [], []
    try:
        header, rows, lines = read_rows(file)
    except DataError as error:
        return [], error.problems
    if header[:2] != ["meeting_id", "linked_to"]:
        remedy = "the header must begin with meeting_id,linked_to"
        return [], [Problem(file.name, 1, None, ",".join(header), remedy)]
    known = None if meetings is None else set(meetings.meeting_id)
    problems = [
        Problem(file.name, int(line), column, found, "no such meeting in meetings.csv; add it there or correct the id")
        for row, line in zip(rows, lines, strict=True)
        for column, found in zip(header[:2], row[:2], strict=True)
        if known is not None and found not in known
    ]
    return [(row[0], row[1]) for row in rows], problems


def _spoken_of(statements: pd.DataFrame, parties: Iterable[str]) -> pd.DataFrame:
    pairs = statements[["meeting_id", "about_party"]].rename(columns={"about_party": "party"})
    return check_table(pairs.dropna().drop_duplicates().reset_index(drop=True), "delegations", parties=parties)
