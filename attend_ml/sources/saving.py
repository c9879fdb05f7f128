"""Writing imported tables to a folder, whole or not at all."""

from __future__ import annotations

import tempfile
from pathlib import Path

from attend_ml.dataset import Dataset
from attend_ml.errors import RequestError

# No folder is read without meetings.csv: it goes first and comes last, so that it never stands beside half of the rest.
FILES = ("meetings.csv", "delegations.csv", "statements.csv", "signals.csv", "party_codes.csv", "links.csv")


def refuse_tables(folder: str | Path) -> None:
    """Refuse a folder that holds tables already.

    Parameters
    ----------
    folder : str or pathlib.Path
        It need not be there.

    Raises
    ------
    RequestError
        With the tables found.

    Examples
    --------
    >>> refuse_tables("a folder that is not there")
    """
    found = [name for name in FILES if (Path(folder) / name).exists()]
    if found:
        raise RequestError(
            f"{folder} holds {', '.join(found)} already; name another folder, or replace them with --force"
        )


def save_whole(data: Dataset, folder: str | Path, replace: bool = False) -> None:
    """Write the tables to a folder so that it never holds half of them.

    Parameters
    ----------
    data : Dataset
    folder : str or pathlib.Path
        Made if it is not there. Files in it that are no tables stay.
    replace : bool, default=False
        Replace tables that are there; the list of groups and the links of the old ones go with them.

    Raises
    ------
    RequestError
        If there are tables and they are not to be replaced, or the folder cannot be written.

    Notes
    -----
    A folder that is not there is written under another name beside its place, and appears with all its tables at once.
    Into one that is there, the tables are moved one by one when all are written, ``meetings.csv`` last: killed in
    between, it is a folder without ``meetings.csv``, which is refused wherever tables are read.

    Examples
    --------
    >>> from attend_ml.load import load_dataset
    >>> with tempfile.TemporaryDirectory() as parent:
    ...     save_whole(load_dataset(), Path(parent) / "copy")
    ...     copy = load_dataset(Path(parent) / "copy")
    >>> copy.fingerprint() == load_dataset().fingerprint()
    True
    """
    folder = Path(folder)
    if not replace:
        refuse_tables(folder)
    # Within the folder where there is one, as it may be on a disk of its own, to which nothing can be moved.
    beside = folder if folder.exists() else folder.parent
    try:
        beside.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".import-", dir=beside) as room:
            # A folder of its own, as a temporary one is closed to everybody else.
            staged = Path(room) / "tables"
            data.save(staged)
            if beside != folder:
                staged.rename(folder)
                return
            for name in FILES:
                (folder / name).unlink(missing_ok=True)
            for name in reversed(FILES):
                if (staged / name).exists():
                    (staged / name).replace(folder / name)
    except OSError as error:
        raise RequestError(f"{folder} cannot be written ({error.strerror}); name another folder") from None
