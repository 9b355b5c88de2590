"""The rules of studies whose runs a loop of the user's trains: what belongs to them, what does not.

Of the rules of other studies those hold that are about rows, metrics, penalties and the search.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress

from sweep.metrics.columns import read_column
from sweep.records.parameters import EPOCHS
from sweep.regularizers.catalogue import (
    COCKTAIL,
    NONE,
    REGULARIZERS,
    has_strength,
    regularizes,
)
from sweep.runtime.user_code import label_of
from sweep.study._axis_values import values_are_in_limits
from sweep.study._bounds import AXIS_BOUNDS, AXIS_WORDS
from sweep.study._messages import Fault
from sweep.study._rule_view import FaultyKey, View, fault
from sweep.study.command import placeholders
from sweep.study.loop_settings import LoopSettings
from sweep.study.validators import NO_DATA, choose, found

LOOP_KEYS = (*LoopSettings.model_fields, "lr", "epochs", "batch_size")
"""Of ``[training]``."""
PACKAGES_OWN = {
    "hardware": ("population", "precision", "compile"),
    "search": ("layers", "profile", "scope", "include", "exclude", "timescale", "baselines"),
    "path": ("layers",),
}
"""Keys of other tables that say how the package's own loop trains."""
OF_LOOPS = ("training.run_seconds", "training.null_loss", "hardware.cpus", "hardware.gpus")
"""Keys that only a loop of the user's has a use for."""
UNDIVIDED = ("design", "n_folds", "test_fraction", "validation_fraction", "name")
"""Keys of ``[data]`` that say how a loop divides rows that it alone knows."""
OF_A_RUN = ("strength", "penalty", "seed", "fold", "split_seed", "epochs", "device", "final")
"""What a command may take of every run."""
FILES = ("results", "rows")
GIVEN = ("lr", "batch_size")
"""What it may take where the study gives it."""
LIMITED = frozenset({*AXIS_BOUNDS, *AXIS_WORDS})
"""Axes with limits of their own."""
TAKEN_NAMES = frozenset(
    {*OF_A_RUN, *FILES, "trial", "study", "phase", "path", "round", "state"}
    | {"n_runs", "gap", "seconds", "max_epochs", "tau", "ratio"}
)
"""What an axis cannot be called: columns and placeholders of another meaning."""


def is_loop(view: View) -> bool:
    """Whether a loop of the user's trains; also where it is at fault by itself."""
    return bool({"training.function", "training.command"} & view.given)


def data_are_left_out_for_loops_alone(view: View) -> Iterator[Fault]:
    """The one rule of this file for all studies."""
    if view("data.name") == NO_DATA and not is_loop(view):
        yield fault(
            "data.name",
            f'"{NO_DATA}" is for training.function and training.command, found neither; name a '
            "data set",
        )


def keys_of_loops_stand_with_a_loop(view: View) -> Iterator[Fault]:
    """The other rule for all studies."""
    for key in OF_LOOPS:
        if key in view.given and not is_loop(view):
            yield fault(
                key,
                "training.function or training.command must be given with it, found neither; "
                "remove it",
            )


def _one_loop_is_given(view: View) -> Iterator[Fault]:
    if {"training.function", "training.command"} <= view.given:
        yield fault(
            "training.command", "a function or a command must be given, found both; remove one"
        )


def _a_loop_trains_in_its_own_way(view: View) -> Iterator[Fault]:
    for place in sorted(view.given):
        table, key = place.split(".")
        ours = key not in LOOP_KEYS if table == "training" else key in PACKAGES_OWN.get(table, ())
        if table == "model" or ours:
            yield fault(
                place,
                "the loop of training.function or training.command does this itself, found the "
                "key too; remove it, or sweep it as an axis that the loop reads",
            )


def _rows_are_given_by_number(view: View) -> Iterator[Fault]:
    if view("data.name") != NO_DATA:
        if isinstance(view("data.ignore_index"), int):
            yield fault(
                "data.ignore_index",
                "a loop gets the numbers of all rows, found rows that are left out; remove the "
                "key, and give data without them",
            )
        if view("data.design") == "fresh":
            yield fault(
                "data.design",
                "a loop gets the numbers of rows of one data set, found fresh, which draws others "
                "each time; leave data.name out, and draw rows by run.split_seed in the loop",
            )
        return
    for place in sorted(view.given):
        table, key = place.split(".")
        if table == "data" and key not in UNDIVIDED:
            yield fault(
                place,
                "data.name must be given with it, found none; name the data, or remove it",
            )


def _penalties_are_of_the_catalogue(view: View) -> Iterator[Fault]:
    for penalty in view("search.penalties"):
        if not isinstance(penalty, str) or ":" in penalty:
            known = ", ".join((NONE, *REGULARIZERS, COCKTAIL))
            yield fault(
                "search.penalties",
                f"one of {known} must be given, found the function {label_of(penalty)}; a loop "
                "applies what it likes under the name of one of these",
            )


def _axes_have_names_of_their_own(view: View) -> Iterator[Fault]:
    for name, axis in view("search.axes").items():
        if read_column(name) or (name in TAKEN_NAMES and name != EPOCHS):
            yield fault("search.axes", f"{name} has another meaning; rename the axis", name)
        elif name not in LIMITED and not name.isidentifier():
            yield fault(
                "search.axes",
                f"letters, digits and _ must be given, found {found(name)}; rename the axis",
                name,
            )
        elif name in LIMITED:
            yield from values_are_in_limits(name, axis, name)


def _a_command_takes_what_is_known(view: View) -> Iterator[Fault]:
    command = view("training.command")
    if command is None:
        return
    given = [key for key in GIVEN if f"training.{key}" in view.given]
    known = list(
        dict.fromkeys((*OF_A_RUN, *FILES, *given, *view("search.axes"), *view("search.cocktail")))
    )
    for name in placeholders(command):
        if name in GIVEN and name not in known:
            yield fault(
                "training.command",
                f"training.{name} must be given for {{{name}}}, found nothing; add it",
            )
        elif name not in known:
            yield fault(
                "training.command",
                f"braces must hold one of {', '.join(known)}, found {{{name}}}; "
                f"{choose(name, known)}",
            )
    if "rows" in placeholders(command) and view("data.name") == NO_DATA:
        yield fault(
            "training.command",
            "the numbers of rows need data, found {rows} without data.name; name the data",
        )


def _a_command_takes_what_differs(view: View) -> Iterator[Fault]:
    """Runs that differ in what their command does not take would be one run many times."""
    command = view("training.command")
    if command is None:
        return
    taken = set(placeholders(command))
    names = [label_of(penalty) for penalty in view("search.penalties")]
    wanted = [*view("search.axes"), *view("search.cocktail")]
    if any(has_strength(name) and regularizes(name) for name in names):
        wanted.append("strength")
    if len(names) > 1 + (NONE in names) + bool(view("search.cocktail")):
        wanted.append("penalty")
    if view("data.name") != NO_DATA:
        wanted.append("rows")
    for name in wanted:
        if name not in taken:
            yield fault(
                "training.command",
                f"runs differ in {name}, found no {{{name}}}; add it to the words of the command",
            )
    with suppress(FaultyKey):
        repeated = max(view("path.resamples") if view("path.points") else 1, 1)
        repeated = max(repeated, view("search.resamples"))
        if repeated > 1 and not taken & {"seed", "split_seed", "fold", "rows"}:
            yield fault(
                "training.command",
                "repetitions must differ, found none of {seed}, {split_seed}, {fold} and {rows}; "
                "add {seed}",
            )


def _gpus_are_cuda(view: View) -> Iterator[Fault]:
    device = view("hardware.device")
    if view("hardware.gpus") and not device.startswith(("auto", "cuda")):
        yield fault(
            "hardware.gpus",
            f"a run that has one trains on cuda, found device = {found(device)}; leave one out",
        )


LOOP_RULES: tuple[Callable[[View], Iterator[Fault]], ...] = (
    _one_loop_is_given,
    _a_loop_trains_in_its_own_way,
    _rows_are_given_by_number,
    _penalties_are_of_the_catalogue,
    _axes_have_names_of_their_own,
    _a_command_takes_what_is_known,
    _a_command_takes_what_differs,
    _gpus_are_cuda,
)
"""In the order of the faults in a message."""
