"""What README and docs say can be followed: links lead somewhere, and figures come from commands."""

import re
import runpy
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
REFRESH = runpy.run_path(str(ROOT / "docs" / "refresh.py"))
FILES = REFRESH["markdown_files"]()
LINK = re.compile(r"\]\((?!https?://|#)([^)#]+)(?:#[^)]*)?\)")


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_to_files_that_are_there(path):
    targets = LINK.findall(path.read_text(encoding="utf-8"))
    assert [target for target in targets if not (path.parent / target).exists()] == []


def test_every_output_shown_is_filled_by_a_command_that_can_be_run():
    blocks = [block for path in FILES for block in REFRESH["BLOCK"].finditer(path.read_text(encoding="utf-8"))]
    assert len(blocks) >= 5
    assert [block["head"] for block in blocks if not block["body"].strip()] == []
    for block in blocks:
        if block["command"]:
            rest = REFRESH["arguments_of"](block["command"])[1:]
            assert rest[:2] == ("-m", "attend_ml") or (ROOT / rest[0]).is_file()


def test_the_cheapest_output_is_what_the_command_prints_now(tmp_path):
    text = (ROOT / "data" / "README.md").read_text(encoding="utf-8")
    block = next(b for b in REFRESH["BLOCK"].finditer(text) if b["command"] == "attend-ml data describe data")
    printed = REFRESH["run"](REFRESH["arguments_of"](block["command"]), str(tmp_path))
    assert block["body"] == f"```text\n{printed}\n```\n"


def test_every_make_target_of_the_readme_is_in_the_makefile():
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), flags=re.MULTILINE))
    named = set(re.findall(r"^make ([a-z]+)", (ROOT / "README.md").read_text(encoding="utf-8"), flags=re.MULTILINE))
    assert {"demo", "test"} <= named <= targets
