"""A progress bar on stderr, and only on a terminal."""

from __future__ import annotations

from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn


class Bar:
    """Shows how many steps of a task are done.

    Parameters
    ----------
    text : str
        What is being done.

    Examples
    --------
    >>> with Bar("counting") as bar:
    ...     bar.update(1, 2)
    """

    def __init__(self, text: str):
        out = Console(stderr=True)
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        # Left out rather than disabled elsewhere: disabled, it prints an empty line in some versions.
        self._progress = Progress(*columns, console=out, transient=True) if out.is_terminal else None
        self._task = self._progress.add_task(text, total=None) if self._progress else None

    def __enter__(self) -> Self:
        if self._progress:
            self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._progress:
            self._progress.stop()

    def update(self, done: int, of: int) -> None:
        """Show that ``done`` of ``of`` steps are done."""
        if self._progress and self._task is not None:
            self._progress.update(self._task, completed=done, total=of)
