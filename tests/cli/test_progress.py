import io

from rich.console import Console

from attend_ml.cli import progress


def run(monkeypatch, terminal: bool) -> str:
    out = io.StringIO()
    monkeypatch.setattr(progress, "Console", lambda stderr: Console(file=out, force_terminal=terminal, width=80))
    with progress.Bar("scoring") as bar:
        bar.update(2, 5)
    return out.getvalue()


def test_on_a_terminal_it_shows_how_far_it_is(monkeypatch):
    printed = run(monkeypatch, terminal=True)
    assert "scoring" in printed
    assert "2/5" in printed


def test_elsewhere_nothing_at_all_is_written(monkeypatch):
    assert run(monkeypatch, terminal=False) == ""
