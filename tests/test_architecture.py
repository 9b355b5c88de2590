"""The table of floors, held: imports only go down, and heavy libraries live in few files."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

FLOORS = (
    "errors interrupts records regularizers checks glmnet interpolation verdicts occupancy "
    "mnist1d_draw",
    "places callables faults hardware importance ladder layers noise optim penalty progress ranges "
    "resampling rungs schema scoring segments smoothing tables timescale urls",
    "arrays generated penalties profiles settings view boundary database forwards invariance",
    "stacking lease rows migrating",
    "data metrics models store chains compiled own_penalties search_rules",
    "rules zeroing",
    "study",
    "shapes splits search mirror study_docs table_docs frames penalizing disturbing stopping",
    "banks ledger suspicions fused graphs slots materials",
    "population layer_profiles",
    "explore lanes conclusions anatomy baselines",
    "workshop paths",
    "launchers winner",
    "driver",
    "cli",
)
FLOOR_OF = {name: floor for floor, names in enumerate(FLOORS) for name in names.split()}

OWNERS = {
    "torch": "anatomy arrays baselines disturbing forwards invariance layer_profiles layers noise "
    "own_penalties penalizing penalties penalty scoring hardware data metrics models splits banks "
    "materials stacking stopping chains compiled fused graphs optim segments population lanes "
    "workshop launchers winner driver cli zeroing",
    "optuna": "search mirror importance",
    "sqlalchemy": "schema urls database lease store table_docs frames mirror migrating",
    "alembic": "migrating",
    "pandas": "frames tables",
    "plotly": "",
    "jinja2": "",
    "ray": "launchers",
    "typer": "cli",
    "rich": "progress",
    "pydantic": "ranges study settings faults checks study_docs",
}


def modules() -> dict[str, ast.Module]:
    paths = sorted((ROOT / "sweep").glob("*.py"))
    return {path.stem: ast.parse(path.read_text(encoding="utf-8")) for path in paths}


def imported(tree: ast.AST) -> set[str]:
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module == "sweep":
            names |= {f"sweep.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
    return names


INNER = {name: tree for name, tree in modules().items() if not name.startswith("__")}


def test_every_file_has_a_floor() -> None:
    assert set(INNER) == set(FLOOR_OF)


@pytest.mark.parametrize("name", sorted(INNER))
def test_imports_only_go_down(name: str) -> None:
    for target in imported(INNER[name]):
        assert target != "sweep", f"{name} imports its own front door"
        assert not target.startswith("dashboards"), f"{name} imports the report generator"
        if target.startswith("sweep."):
            below = target.removeprefix("sweep.")
            assert FLOOR_OF[below] < FLOOR_OF[name], f"{name} imports {below}"


@pytest.mark.parametrize("library", sorted(OWNERS))
def test_each_library_lives_in_the_few_files_that_own_it(library: str) -> None:
    users = {
        name
        for name, tree in INNER.items()
        if any(target.split(".")[0] == library for target in imported(tree))
    }
    assert users <= set(OWNERS[library].split())


@pytest.mark.parametrize("path", sorted((ROOT / "sweep").glob("*.py")), ids=lambda p: p.stem)
def test_every_file_says_what_it_is_and_stays_short(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert ast.get_docstring(ast.parse(text))
    assert len(text.splitlines()) <= 520


@pytest.mark.parametrize(
    "statement",
    [
        "import sweep",
        "import sweep.study.study, sweep.store.store, sweep.store.frames, sweep.cli.app",
        "import sweep.statistics.boundary",
        "import dashboards",
    ],
)
def test_light_imports_do_not_load_torch(statement: str) -> None:
    code = f"{statement}\nimport sys\nassert not {{'torch', 'optuna'}} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT)


READERS = {"pickle.load", "pickle.loads", "torch.load", "numpy.load", "pandas.read_pickle"}
"""What runs the code that is in a file."""


def test_nothing_unpickles_but_what_this_programs_own_processes_sent() -> None:
    """Through their pipes; no file and no row of a database is ever read so."""
    users = set()
    for path in [*(ROOT / "sweep").rglob("*.py"), *(ROOT / "dashboards").rglob("*.py")]:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        short = {
            alias.asname or alias.name: alias.name
            for node in ast.walk(tree)
            if isinstance(node, ast.Import)
            for alias in node.names
        }
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
                called = f"{short.get(node.value.id, '')}.{node.attr}"
                users |= {path.stem} if called in READERS else set()
            if isinstance(node, ast.ImportFrom):
                names = {f"{node.module}.{alias.name}" for alias in node.names}
                assert not names & READERS, path
    assert users == {"launchers"}
