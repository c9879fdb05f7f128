"""Imports run downwards only, MLflow stays in its room, and importing the package loads nothing heavy."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import attend_ml

PACKAGE = Path(attend_ml.__file__).parent
# From the ground up. A module may import those on lines above its own, and its neighbours in one folder.
# forecast/fitted.py is a room of its own: it turns an experiment into a model as of a day, which both tracking and
# the rest of forecast stand on.
ROOMS = (
    ("_version",),
    ("_resources", "errors", "event_index", "threads"),
    ("principals",),
    ("records",),
    ("experiment", "fingerprints", "moments", "tables"),
    ("checks", "merging"),
    ("dataset",),
    ("labels", "load", "describe_errors"),
    ("sorted_tables",),
    ("asof", "describe"),
    ("sources",),
    ("features",),
    ("models",),
    ("evaluation",),
    ("forecast.fitted",),
    ("tracking",),
    ("forecast",),
    ("cli",),
    ("__main__",),
)
RANK = {room: rank for rank, rooms in enumerate(ROOMS) for room in rooms}
HEAVY = ("numpy", "pandas", "sklearn", "scipy", "mlflow", "matplotlib", "pydantic", "skops", "joblib", "rich")
MODULES = sorted(path for path in PACKAGE.rglob("*.py") if "_bundled" not in path.parts)


def name_of(path: Path) -> str:
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def room_of(module: str) -> str:
    """Return the room of a module of the package: the longest beginning of its name that is one."""
    parts = module.split(".")
    names = [".".join(parts[:n]) for n in range(len(parts), 0, -1)]
    return next((name for name in names if name in RANK), parts[0])


def for_types_only(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and ast.unparse(node.test) in ("TYPE_CHECKING", "typing.TYPE_CHECKING")


def imports(tree: ast.AST, lazy: bool = True):
    """Yield (line, module) of all imports; ``from a import b`` gives ``a.b`` where that is a module, else ``a``."""
    for node in ast.iter_child_nodes(tree):
        if for_types_only(node) or (not lazy and isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)):
            continue
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"line {node.lineno}: write the import from the package's name on"
            for alias in node.names:
                full = f"{node.module}.{alias.name}"
                place = PACKAGE.parent.joinpath(*full.split("."))
                yield node.lineno, full if place.is_dir() or place.with_suffix(".py").exists() else node.module
        else:
            yield from imports(node, lazy)


def own(path: Path, lazy: bool = True):
    """Yield (line, module) of what a file imports of the package, its name left out."""
    for line, module in imports(ast.parse(path.read_text(encoding="utf-8")), lazy):
        top, _, rest = module.partition(".")
        if top == "attend_ml":
            yield line, rest


def test_every_module_has_its_room():
    rooms = {room_of(name_of(path)) for path in MODULES} - {""}
    assert sorted(rooms - set(RANK)) == []
    assert sorted(set(RANK) - rooms - {"forecast.fitted"}) == []


@pytest.mark.parametrize("path", MODULES, ids=lambda path: name_of(path) or "attend_ml")
def test_a_room_imports_only_from_rooms_below(path):
    room = room_of(name_of(path))
    if not room:
        # The front door opens every room, and only when its name is called.
        assert [module for _, module in own(path)] == ["_version"]
        return
    upwards = [
        f"{path.relative_to(PACKAGE)}, line {line}: {module}"
        for line, module in own(path)
        if room_of(module) != room and RANK[room_of(module)] >= RANK[room]
    ]
    assert upwards == []


def test_no_module_is_imported_by_what_it_imports():
    needs = {name_of(path): {module for _, module in own(path)} for path in MODULES if name_of(path)}
    done: set[str] = set()

    def visit(module, trail):
        assert module not in trail, " imports ".join([*trail[trail.index(module) :], module])
        if module not in done:
            for other in sorted(needs.get(module, ())):
                visit(other, [*trail, module])
            done.add(module)

    for module in needs:
        visit(module, [])


@pytest.mark.parametrize("path", MODULES, ids=lambda path: name_of(path) or "attend_ml")
def test_only_tracking_imports_mlflow(path):
    found = [line for line, module in imports(ast.parse(path.read_text("utf-8"))) if module.split(".")[0] == "mlflow"]
    assert found == [] or room_of(name_of(path)) == "tracking"


def test_the_rule_finds_an_import_that_runs_upwards():
    source = (
        "from attend_ml import cli\n"
        "if TYPE_CHECKING:\n"
        "    import mlflow\n"
        "def f():\n"
        "    from attend_ml.tracking import store\n"
    )
    assert list(imports(ast.parse(source))) == [(1, "attend_ml.cli"), (5, "attend_ml.tracking.store")]
    assert list(imports(ast.parse(source), lazy=False)) == [(1, "attend_ml.cli")]
    assert RANK[room_of("tracking.store")] > RANK[room_of("forecast.fitted")] > RANK[room_of("evaluation.scores")]


def loaded_by(statement: str) -> set[str]:
    """Return the top-level packages that a statement loads in a fresh interpreter."""
    code = f"import sys\nbefore = set(sys.modules)\n{statement}\nprint(*(set(sys.modules) - before))"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return {module.split(".")[0] for module in run.stdout.split()}


@pytest.mark.parametrize("statement", ["import attend_ml", "import attend_ml; dir(attend_ml)", "import attend_ml.cli"])
def test_importing_the_package_or_its_command_line_loads_nothing_heavy(statement):
    loaded = loaded_by(statement)
    assert "attend_ml" in loaded
    assert loaded & set(HEAVY) == set()


def test_reading_tables_loads_neither_a_model_nor_mlflow_nor_a_chart():
    loaded = loaded_by("import attend_ml; attend_ml.load_dataset()")
    assert "pandas" in loaded
    assert loaded & {"sklearn", "scipy", "mlflow", "matplotlib", "skops", "joblib"} == set()


def test_an_unknown_name_of_the_package_is_an_attribute_error():
    with pytest.raises(AttributeError, match="module 'attend_ml' has no attribute 'predct'"):
        _ = attend_ml.predct
