"""The rules that join several keys of a study: each says one thing, and what to do about it.

A rule reads the keys that it needs from a ``View``. Where one of them is at fault by itself the
rule is passed over, so that every fault of a file is seen at once, and none that is only a
consequence of another.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path

from sweep.records.division import COLUMN_KEYS
from sweep.runtime.trees import as_tree, length, named_leaves
from sweep.study._item_rules import ITEM_RULES
from sweep.study._loop_rules import (
    LOOP_RULES,
    data_are_left_out_for_loops_alone,
    is_loop,
    keys_of_loops_stand_with_a_loop,
)
from sweep.study._messages import Fault, Location
from sweep.study._metric_rules import METRIC_RULES
from sweep.study._metrics import source_of
from sweep.study._rule_view import FaultyKey, View, fault
from sweep.study._search_rules import (
    SEARCH_RULES,
    cocktails_are_mixed_of_something,
    numbers_belong_to_their_penalty,
    ranges_stay_below_their_limits,
    strengths_belong_to_listed_penalties,
)
from sweep.study._training_rules import TRAINING_RULES
from sweep.study.catalogue import DATA_SETS, data_set
from sweep.study.settings import FEWEST_STRENGTHS
from sweep.study.validators import ARRAYS, INPUT, found, is_splitter

TABLE_FILES = {d.name: d.endings for d in DATA_SETS.values() if d.endings}
"""Data names that read a file, and how such a file's name may end."""
PATHS = (*TABLE_FILES, *(d.name for d in DATA_SETS.values() if d.folder))
"""Data names that take a path."""
TAKERS = {"data": [d.name for d in DATA_SETS.values() if d.generated], "model": []}
"""Builtin names that take arguments."""
FUNCTIONS = (
    "data.name",
    "data.collate",
    "model.name",
    "study.objective",
    "training.loss",
    "training.optimizer",
    "training.schedule",
    "training.augment",
    "training.function",
)
"""Keys that may name a function, or several in a list."""
FEWEST_POINTS = 5
FEWEST_FOR_WILCOXON = 5


def check_rules(view: View) -> Iterator[Fault]:
    """Every fault that joins several keys."""
    for rule in RULES_OF_LOOPS if is_loop(view) else STUDY_RULES:
        try:
            yield from rule(view)
        except FaultyKey:
            continue


# ---- data --------------------------------------------------------------------------------------


def _arrays_come_in_pairs(view: View) -> Iterator[Fault]:
    name, x, y, rows = (view(f"data.{key}") for key in ("name", "x", "y", "rows"))
    given = any(value is not None for value in (x, y, rows))
    if name != ARRAYS and given:
        yield fault(
            "data.name",
            f"either x and y or a name must be given, found both, and {found(name)}; leave one out",
        )
    elif name == ARRAYS and rows is not None and (x is not None or y is not None):
        yield fault("data.rows", "rows or x and y must be given, found both; leave one out")
    elif name == ARRAYS and rows is None and (x is None or y is None):
        yield fault(
            "data.name",
            f"{ARRAYS!r} stands for x and y given from Python, found no such arrays; launch the "
            "study from Python with data=(x, y), or name a data set",
        )
    elif name == ARRAYS and rows is None:
        for what, array in named_leaves(as_tree(x, length(y))).items():
            if length(array) != length(y):
                yield fault(
                    "data.y",
                    f"{what} and y must have equally many rows, found {length(array)} and "
                    f"{length(y)}; give one target for each row",
                )


def _tables_are_files(view: View) -> Iterator[Fault]:
    name, path, target = view("data.name"), view("data.path"), view("data.target")
    if not isinstance(name, str) or name not in TABLE_FILES:
        # what a function returns, or is given from Python, may be a table
        frame = not isinstance(name, str) or data_set(name) is None
        takers = {"data.path": PATHS, "data.target": TABLE_FILES}
        taken = {"data.path": name in PATHS, "data.target": frame or target == INPUT}
        for key, value in (("data.path", path), ("data.target", target)):
            if value is not None and not taken[key]:
                *first, last = takers[key]
                yield fault(
                    key,
                    f"only {', '.join(first)} and {last} take it, found {found(value)} with "
                    f"data.name = {found(name)}; remove it or change the name",
                )
        return
    if target is None:
        yield fault(
            "data.target", f"{name} needs the column to predict, found nothing; add target = ..."
        )
    if path is None:
        yield fault("data.path", f"{name} needs a file, found nothing; add path = ...")
    elif not path.endswith(TABLE_FILES[name]):
        yield fault(
            "data.path",
            f"a {name} file's name must end with {' or '.join(TABLE_FILES[name])}, "
            f"found {found(path)}; rename the file or change data.name",
        )
    elif not _is_file(view.folder / path):
        yield fault("data.path", _missing_file(path, view.folder))


def _columns_are_named_where_there_are_some(view: View) -> Iterator[Fault]:
    """Builtin data sets have x and y alone; a file has columns, and a function may have keys."""
    known, target = data_set(view("data.name")), view("data.target")
    seen = {target: "target"} if target is not None else {}
    for key in COLUMN_KEYS:
        column = view(f"data.{key}")
        if not isinstance(column, str):
            continue
        if known is not None and not known.endings:
            yield fault(
                f"data.{key}",
                f"{known.name} has no column beside x and y, found {found(column)}; remove it",
            )
        elif column in seen:
            yield fault(
                f"data.{key}",
                f"a column of its own must be named, found {found(column)} for {seen[column]} "
                "too; name another",
            )
        seen[column] = key


def _what_python_gives_is_of_its_kind(view: View) -> Iterator[Fault]:
    columns, splitter = view("data.columns"), view("data.splitter")
    strange = [] if isinstance(columns, Mapping) else [columns]
    if isinstance(columns, Mapping):
        strange = [key for key in columns if key not in COLUMN_KEYS]
    if columns is not None and strange:
        yield fault(
            "data.columns",
            f"a dict of arrays for {', '.join(COLUMN_KEYS)} must be given, found "
            f"{found(strange[0])}; give them as keys of data",
        )
    elif columns and view("data.name") != ARRAYS:
        yield fault(
            f"data.{next(iter(columns))}",
            f"an array goes with x and y, or rows, from Python, found data.name = "
            f"{found(view('data.name'))}; name a column or a key, or give x and y",
        )
    if splitter is not None and not is_splitter(splitter):
        yield fault(
            "data.splitter",
            f"a scikit-learn splitter must be given, found {found(splitter)}; give it as design",
        )


def _time_needs_windows(view: View) -> Iterator[Fault]:
    design = view("data.design")
    parts = view("data.split") is not None or view("data.splitter") is not None
    if view("data.time") is not None and design not in ("kfold", "holdout") and not parts:
        yield fault(
            "data.design",
            f"rows in the order of time need windows, found {found(design)}; set design = "
            '"kfold" for n_folds windows one after the other, or "holdout" for the latest alone',
        )


def _functions_are_in_files(view: View) -> Iterator[Fault]:
    for location, name in _functions(view):
        home, _, function = name.rpartition(":") if isinstance(name, str) else ("", "", "")
        if function and home.endswith(".py") and not _is_file(view.folder / home):
            yield Fault(location, _missing_file(home, view.folder))


def _functions(view: View) -> Iterator[tuple[Location, object]]:
    """Where a function may be named, and what is named there; keys at fault are passed over."""
    for key in FUNCTIONS:
        with suppress(FaultyKey):
            location: Location = tuple(key.split("."))
            value = view(key)
            if isinstance(value, tuple):
                yield from (((*location, place), one) for place, one in enumerate(value))
            else:
                yield location, value
    with suppress(FaultyKey):
        for place, entry in enumerate(view("study.metrics")):
            yield ("study", "metrics", place), source_of(entry)


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):  # a name too long, or with a NUL in it
        return False


def _missing_file(path: str, folder: Path) -> str:
    return (
        f"the file must exist, found no {found(path)} in {folder}; paths are relative to the study"
    )


def _fresh_data_need_a_generator(view: View) -> Iterator[Fault]:
    name = view("data.name")
    known = data_set(name)
    finite = name == ARRAYS or (known is not None and not known.generated)
    if view("data.design") == "fresh" and finite:
        yield fault(
            "data.design",
            f"fresh needs data that can be drawn anew, found {name}, one finite data set; "
            'set design = "resample", or name mnist1d or a function that takes seed',
        )


def _some_rows_are_left_to_train_on(view: View) -> Iterator[Fault]:
    test, validation = view("data.test_fraction"), view("data.validation_fraction")
    # folds decide under kfold; under fresh, test rows are a data set of their own
    if view("data.design") not in ("kfold", "fresh") and test + validation >= 1:
        yield fault(
            "data.validation_fraction",
            "test_fraction + validation_fraction < 1 must hold, got "
            f"{test} + {validation}; the rest is what runs train on",
        )


def _folds_belong_to_kfold(view: View) -> Iterator[Fault]:
    if "data.n_folds" in view.given and view("data.design") != "kfold":
        yield fault(
            "data.n_folds",
            f"only the kfold design has folds, found design = {found(view('data.design'))}; "
            'remove n_folds or set design = "kfold"',
        )


def _arguments_need_a_function(view: View) -> Iterator[Fault]:
    for table, takers in TAKERS.items():
        try:
            name, args = view(f"{table}.name"), view(f"{table}.args")
        except FaultyKey:
            continue
        if args and isinstance(name, str) and ":" not in name and name not in takers:
            yield fault(
                f"{table}.args",
                f"only a function takes arguments, found {found(args)} with name = "
                f"{found(name)}; remove args",
            )


# ---- search and path -------------------------------------------------------------------------


def _startup_fits_into_trials(view: View) -> Iterator[Fault]:
    startup, trials = view("search.startup"), view("search.trials")
    if startup is not None and startup > trials:
        yield fault(
            "search.startup",
            f"startup <= trials must hold, got {startup} > {trials}; "
            "lower it, or leave it out for half of the trials",
        )


def _wilcoxon_needs_pairs(view: View) -> Iterator[Fault]:
    resamples = view("search.resamples")
    if view("search.pruner") == "wilcoxon" and resamples < FEWEST_FOR_WILCOXON:
        yield fault(
            "search.resamples",
            f"the wilcoxon pruner compares at least {FEWEST_FOR_WILCOXON} paired runs, found "
            f'{resamples}; raise it, or set pruner = "halving"',
        )


def _control_needs_a_pruner(view: View) -> Iterator[Fault]:
    if view("search.control") and view("search.pruner") == "none":
        yield fault(
            "search.control",
            "a control trains what the pruner stopped, found true with pruner = 'none'; "
            "remove it, or choose a pruner",
        )


def _a_path_has_enough_points(view: View) -> Iterator[Fault]:
    points = view("path.points")
    if 0 < points < FEWEST_POINTS:
        yield fault(
            "path.points",
            f"0 or at least {FEWEST_POINTS} must be given, found {points}; "
            "a curve needs more points, 0 leaves the path out",
        )


def _a_path_has_error_bars(view: View) -> Iterator[Fault]:
    points, resamples = view("path.points"), view("path.resamples")
    if points > 0 and resamples < 2:
        yield fault(
            "path.resamples",
            f"a path needs at least 2 for its error bars, found {resamples}; "
            "5 is the floor for a usable interval",
        )


def _runs_are_spent_on_fresh_data(view: View) -> Iterator[Fault]:
    if view("path.runs") is None:
        return
    design, ladder = view("data.design"), view("path.ladder")
    if design != "fresh":
        yield fault(
            "path.runs",
            f"resamples of data that are drawn anew are added one by one, found design = "
            f"{found(design)}; leave it out, or set data.design = 'fresh'",
        )
    if ladder != "adaptive" or view("path.points") < FEWEST_STRENGTHS:
        yield fault(
            "path.runs",
            f"strengths are added one by one, up to {FEWEST_STRENGTHS} at least, found ladder = "
            f"{found(ladder)} and points = {view('path.points')}; leave it out, or give an "
            "adaptive ladder of more points",
        )


ROW_RULES: tuple[Callable[[View], Iterator[Fault]], ...] = (
    _arrays_come_in_pairs,
    _tables_are_files,
    _columns_are_named_where_there_are_some,
    _what_python_gives_is_of_its_kind,
    _time_needs_windows,
    _functions_are_in_files,
    *ITEM_RULES,
    _fresh_data_need_a_generator,
    _some_rows_are_left_to_train_on,
    _folds_belong_to_kfold,
)
SIZE_RULES: tuple[Callable[[View], Iterator[Fault]], ...] = (
    _startup_fits_into_trials,
    _wilcoxon_needs_pairs,
    _control_needs_a_pruner,
    _a_path_has_enough_points,
    _a_path_has_error_bars,
    _runs_are_spent_on_fresh_data,
)
STUDY_RULES = (
    *ROW_RULES,
    data_are_left_out_for_loops_alone,
    keys_of_loops_stand_with_a_loop,
    *METRIC_RULES,
    _arguments_need_a_function,
    *TRAINING_RULES,
    *SEARCH_RULES,
    *SIZE_RULES,
)
RULES_OF_LOOPS = (
    *ROW_RULES,
    *METRIC_RULES,
    *LOOP_RULES,
    numbers_belong_to_their_penalty,
    strengths_belong_to_listed_penalties,
    ranges_stay_below_their_limits,
    cocktails_are_mixed_of_something,
    *SIZE_RULES,
)
"""Where a loop of the user's trains."""
