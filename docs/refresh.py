"""Puts into the Markdown files what their commands print, so that no figure in them is typed by hand.

A block to fill stands between two comments::

    <!-- output: attend-ml data describe data -->
    <!-- end of output -->

The command is ``attend-ml ...`` or ``python FILE``, run from the top folder with an empty home. ``markdown:`` in place
of ``output:`` leaves out the fence, for commands that print Markdown. ``<!-- output of the code above -->`` runs the
nearest Python block before it. Any FILE.md may be named on the command line; all are done when none is.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BLOCK = re.compile(
    r"(?P<head><!-- (?P<kind>output|markdown)(?:: (?P<command>[^\n]+?)| of the code above) -->\n)"
    r"(?P<body>.*?)(?P<tail><!-- end of output -->)",
    re.DOTALL,
)
CODE = re.compile(r"```python\n(.*?)```", re.DOTALL)


def markdown_files() -> list[Path]:
    """Return the files that may hold blocks."""
    return sorted([ROOT / "README.md", ROOT / "data" / "README.md", *(ROOT / "docs").rglob("*.md")])


@cache
def run(arguments: tuple[str, ...], home: str) -> str:
    """Run a command from the top folder and return what it prints; stop with its message if it fails."""
    environment = {**os.environ, "HOME": home, "XDG_CACHE_HOME": f"{home}/cache", "XDG_DATA_HOME": f"{home}/data"}
    environment |= {"OMP_NUM_THREADS": "1", "COLUMNS": "110", "PYTHONPATH": str(ROOT)}
    done = subprocess.run(arguments, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    # A refusal is an output too: documents show error messages.
    if done.returncode not in (0, 1) or "Traceback" in done.stderr:
        sys.exit(f"{shlex.join(arguments)} ended with {done.returncode}:\n{done.stderr}")
    text = done.stdout + done.stderr if done.returncode else done.stdout
    return "\n".join(line.rstrip() for line in text.strip().splitlines())


def arguments_of(command: str) -> tuple[str, ...]:
    """Return how a documented command is run here."""
    first, *rest = shlex.split(command)
    if first == "attend-ml":
        return (sys.executable, "-m", "attend_ml", *rest)
    if first == "python":
        return (sys.executable, *rest)
    sys.exit(f"found the command {command!r}; blocks run attend-ml or python")


def refresh(path: Path, home: str) -> bool:
    """Fill the blocks of one file and tell whether it changed."""
    text = path.read_text(encoding="utf-8")

    def fill(block: re.Match[str]) -> str:
        if block["command"]:
            printed = run(arguments_of(block["command"]), home)
        else:
            printed = run((sys.executable, "-c", CODE.findall(text[: block.start()])[-1]), home)
        body = f"```text\n{printed}\n```\n" if block["kind"] == "output" else f"{printed}\n"
        return block["head"] + body + block["tail"]

    fresh = BLOCK.sub(fill, text)
    if fresh != text:
        path.write_text(fresh, encoding="utf-8")
    return fresh != text


def main(names: list[str]) -> None:
    """Refresh the named files, or all."""
    with tempfile.TemporaryDirectory() as home:
        if not names:
            run((sys.executable, "docs/istanbul.py"), home)
        for path in [Path(name).resolve() for name in names] or markdown_files():
            print(f"{path.relative_to(ROOT)}: {'changed' if refresh(path, home) else 'as it was'}")


if __name__ == "__main__":
    main(sys.argv[1:])
