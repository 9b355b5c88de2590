"""The plan of the house, held: wings import only as the tables say, heavy libraries live in few."""

from __future__ import annotations

import ast
import functools
import subprocess
import sys
from collections.abc import Iterator, Mapping, Set
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

from sweep.records.parameters import DROPOUT, LAYER_STRENGTH, MODEL, OFFSET, USE
from sweep.regularizers.catalogue import COCKTAIL, REGULARIZERS
from sweep.study.catalogue import DATA_SETS, NETWORKS, OPTIMIZERS

ROOT = Path(__file__).parent.parent

ARROWS = {
    "sweep": {
        "cli": "imports phases store study checks records runtime",
        "estimators": "phases launchers training store study records runtime",
        "imports": "phases store study regularizers metrics records runtime",
        "phases": "launchers search training statistics store data study regularizers metrics "
        "records runtime",
        "launchers": "inspection training networks data study regularizers metrics records runtime",
        "inspection": "training networks data study regularizers metrics records runtime",
        "training": "networks data regularizers metrics records runtime",
        "toolkit": "networks regularizers records",
        "networks": "study metrics runtime",
        "data": "study metrics records runtime",
        "search": "store study regularizers records",
        "study": "checks regularizers metrics records runtime",
        "checks": "store regularizers metrics statistics records",
        "store": "metrics records runtime",
        "regularizers": "records runtime",
        "metrics": "runtime",
        "statistics": "",
        "runtime": "",
        "records": "",
    },
    "dashboards": {
        "pages": "sections figures gather",
        "sections": "figures gather",
        "figures": "gather",
        "gather": "",
    },
}
"""Which wings a wing imports; the errors are everybody's."""

OWNERS = {
    "torch": "cli.app estimators._all_rows phases._baselines phases._best_loop "
    "phases._best_model phases.best launchers inspection "
    "training networks data "
    "metrics._constant metrics._loss_kernel metrics.class_losses metrics.class_metrics "
    "metrics.custom metrics.custom_loss metrics.judges metrics.judging metrics.loss "
    "metrics.number_losses "
    "metrics.number_metrics metrics.ranking metrics.scores regularizers._decays "
    "regularizers._units "
    "regularizers._weightwise regularizers.custom regularizers.penalty toolkit "
    "runtime.c_library runtime.device runtime.host_state runtime.torch_state",
    "optuna": "search",
    "sqlalchemy": "store search.optuna_tables",
    "alembic": "store",
    "pandas": "checks store.frames data._table_files data._large_tables imports._study "
    "imports._table imports.from_frame imports.from_optuna estimators.regularized",
    "plotly": "",
    "jinja2": "",
    "ray": "launchers._ray_cluster",
    "typer": "cli.app",
    "rich": "cli.progress",
    "pydantic": "study",
}
"""The wings that import a library, or the only modules of a wing that do."""


def dotted(path: Path) -> str:
    """The name of a module; a folder is named by its ``__init__.py``."""
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


FILES = {
    package: {dotted(path): path for path in sorted((ROOT / package).rglob("*.py"))}
    for package in ARROWS
}
"""By package and dotted name."""


@functools.cache
def tree_of(name: str) -> ast.Module:
    """The syntax of a module: of the one process that runs these tests, when one asks for it."""
    return ast.parse(FILES[name.split(".")[0]][name].read_text(encoding="utf-8"))


def trees(*packages: str) -> Iterator[tuple[str, ast.Module]]:
    """The modules of packages, by name."""
    return ((name, tree_of(name)) for package in packages for name in FILES[package])


DOORS = {"sweep", "sweep.__main__", "sweep.regularize", "dashboards", "dashboards.__main__"}
INNER = [name for found in FILES.values() for name in found if name not in DOORS]
EVERYBODYS = "sweep.errors"


@functools.cache
def imported(tree: ast.AST) -> frozenset[str]:
    """What is imported, anywhere in the file: modules, or names of modules."""
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, "an import by its place"
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return frozenset(names)


def targets(tree: ast.AST) -> set[str]:
    """The project's own modules that are imported."""
    names = {name for name in imported(tree) if name.split(".")[0] in FILES}
    return {
        name if name in FILES[name.split(".")[0]] else name.rpartition(".")[0] for name in names
    }


def wing_of(name: str) -> str:
    return name.split(".")[1]


def has_no_circle(graph: Mapping[str, Set[str]]) -> bool:
    """CycleError, which names the circle, where it has one."""
    return bool(list(TopologicalSorter(graph).static_order()))


@pytest.mark.parametrize("package", sorted(ARROWS))
def test_wings_import_the_wings_of_the_table_and_use_every_arrow_of_it(package: str) -> None:
    found: dict[str, set[str]] = {wing: set() for wing in ARROWS[package]}
    for name, tree in trees(package):
        if name in DOORS or name == EVERYBODYS:
            continue
        own = {t for t in targets(tree) if t.startswith(f"{package}.") and t != EVERYBODYS}
        found[wing_of(name)] |= {wing_of(target) for target in own} - {wing_of(name)}
    assert found == {wing: set(arrows.split()) for wing, arrows in ARROWS[package].items()}


@pytest.mark.parametrize("package", sorted(ARROWS))
def test_neither_wings_nor_modules_import_in_a_circle(package: str) -> None:
    assert has_no_circle({wing: set(arrows.split()) for wing, arrows in ARROWS[package].items()})
    assert has_no_circle({name: targets(tree) for name, tree in trees(package)})


def test_the_engine_imports_neither_its_front_door_nor_the_reports() -> None:
    for name, tree in trees("sweep"):
        used = targets(tree)
        assert "sweep" not in used, name
        assert not {target for target in used if target.startswith("dashboards")}, name


def test_what_begins_with_an_underscore_stays_in_its_wing() -> None:
    for name, tree in trees("sweep", "dashboards"):
        for target in targets(tree) - DOORS:
            private = any(part.startswith("_") for part in target.split("."))
            home = target.split(".")[:2]
            assert not private or name.split(".")[:2] == home, f"{name} imports {target}"


@pytest.mark.parametrize("library", sorted(OWNERS))
def test_each_library_lives_with_exactly_its_owners(library: str) -> None:
    owners, found = set(OWNERS[library].split()), set()
    for name, tree in trees("sweep"):
        if any(target.split(".")[0] == library for target in imported(tree)):
            short = name.removeprefix("sweep.")
            found.add(wing_of(name) if wing_of(name) in owners else short)
    assert found == owners


BUILTIN: Mapping[str, Set[str]] = {
    "regularizers training": {*REGULARIZERS, COCKTAIL},
    "networks": set(NETWORKS),
    "training": set(OPTIMIZERS),
    "data": {known.name for known in DATA_SETS.values() if not known.endings},
}
"""The builtin names, by the wings that make what they name; others ask the catalogues."""


@functools.cache
def compared(tree: ast.AST) -> frozenset[str]:
    """The words that a condition compares with, or looks for, or in."""
    sides = (
        side
        for node in ast.walk(tree)
        if isinstance(node, ast.Compare)
        for side in (node.left, *node.comparators)
    )
    inside = (
        part
        for side in sides
        for part in (side.elts if isinstance(side, ast.Tuple | ast.List | ast.Set) else [side])
    )
    return frozenset(
        part.value
        for part in inside
        if isinstance(part, ast.Constant) and isinstance(part.value, str)
    )


@pytest.mark.parametrize("wings", sorted(BUILTIN))
def test_conditions_on_builtin_names_stay_with_those_who_make_them(wings: str) -> None:
    owners = [f"sweep.{wing}" for wing in wings.split()]
    found = {
        name: compared(tree_of(name)) & BUILTIN[wings]
        for name in INNER
        if name.rpartition(".")[0] not in owners
    }
    assert not {name: words for name, words in found.items() if words}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a == 'l1'", {"l1"}),
        ("a in ('mlp', 'cnn') and b", {"mlp", "cnn"}),
        ("'sgd' != a", {"sgd"}),
        ("not b and {'l2': 1}[a]", set()),
    ],
)
def test_the_words_of_a_condition_are_found(text: str, words: set[str]) -> None:
    assert compared(ast.parse(text)) == words


PREFIXES = {kind.prefix for kind in (USE, OFFSET, DROPOUT, MODEL, LAYER_STRENGTH)}


def constants(tree: ast.AST) -> set[object]:
    """Every constant of a file: the whole texts, and the parts of texts that are put together."""
    return {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant)}


def test_the_prefixes_of_parameters_stand_in_one_module() -> None:
    users = {name for name in INNER if constants(tree_of(name)) & PREFIXES}
    assert users == {"sweep.records.parameters"}
    assert constants(ast.parse('f"offset.{layer}"')) & PREFIXES
    assert constants(ast.parse('name.startswith("use.")')) & PREFIXES


@pytest.mark.parametrize("name", sorted(INNER))
def test_every_file_says_what_it_is_and_stays_short(name: str) -> None:
    tree = tree_of(name)
    assert not tree.body or ast.get_docstring(tree)
    assert all((node.end_lineno or 0) <= 400 for node in tree.body)


@pytest.mark.parametrize("name", sorted(INNER))
def test_no_class_does_too_much(name: str) -> None:
    for node in ast.walk(tree_of(name)):
        if isinstance(node, ast.ClassDef):
            methods = [f for f in node.body if isinstance(f, ast.FunctionDef)]
            assert (node.end_lineno or 0) - node.lineno < 250, node.name
            assert len(methods) <= 20, node.name


@pytest.mark.parametrize(
    "statement",
    [
        "import sweep",
        "import sweep.study.loading, sweep.store.store, sweep.store.frames, sweep.cli.app, "
        "sweep.statistics.boundary",
        "import dashboards",
    ],
)
def test_light_imports_do_not_load_torch(statement: str) -> None:
    heavy = {"torch", "optuna", "sklearn"}
    code = f"{statement}\nimport sys\nassert not {heavy} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT)


def at_import(tree: ast.Module) -> ast.Module:
    """What is imported when a module is: not within functions, and not for types alone."""
    imports = [node for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom)]
    return ast.Module(list[ast.stmt](imports), [])


def test_the_door_for_loops_of_ones_own_loads_torch_and_the_formulas_alone() -> None:
    found, waiting = set[str](), {"sweep.regularize"}
    while waiting:
        name = waiting.pop()
        found.add(name)
        waiting |= targets(at_import(tree_of(name))) - found
    assert {wing_of(name) for name in found} == {
        "regularize",
        "toolkit",
        "networks",
        "regularizers",
        "records",
        "errors",
    }
    names = {one for name in found for one in imported(at_import(tree_of(name)))}
    libraries = {name.split(".")[0] for name in names} - set(sys.stdlib_module_names)
    assert libraries == {"sweep", "torch"}


READERS = {"pickle.load", "pickle.loads", "torch.load", "numpy.load", "pandas.read_pickle"}
"""What runs the code that is in a file."""


def reads_plain_values(node: ast.Call) -> bool:
    """Whether it is a call of torch.load that runs no code."""
    return any(
        word.arg == "weights_only"
        and isinstance(word.value, ast.Constant)
        and word.value.value is True
        for word in node.keywords
    )


def test_nothing_unpickles_but_what_this_programs_own_processes_sent() -> None:
    """Through their pipes; no file and no row of a database is ever read so."""
    users = set()
    for name, tree in trees("sweep", "dashboards"):
        short = {
            alias.asname or alias.name: alias.name
            for node in ast.walk(tree)
            if isinstance(node, ast.Import)
            for alias in node.names
        }
        plain = set[int]()
        for node in ast.walk(tree):  # a call comes before what it calls
            if isinstance(node, ast.Call) and reads_plain_values(node):
                plain.add(id(node.func))
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
                called = f"{short.get(node.value.id, '')}.{node.attr}"
                reads = called in READERS and id(node) not in plain
                users |= {name} if reads else set()
            if isinstance(node, ast.ImportFrom):
                names = {f"{node.module}.{alias.name}" for alias in node.names}
                assert not names & READERS, name
    assert users == {"sweep.launchers.launcher", "sweep.launchers._processes"}
