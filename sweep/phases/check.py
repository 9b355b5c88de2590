"""Checks a study as ``run_study`` would before its first run: rows, network, axes, and the size."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sweep.launchers.context import TrainingContext
from sweep.launchers.loop_context import AnyContext, LoopContext, make_context
from sweep.launchers.run_lengths import describe_timescale
from sweep.launchers.sizing import trains_whole_epochs
from sweep.phases.budget import planned_runs
from sweep.phases.facts import collect_facts, own_dropout_line
from sweep.records.division import DividedBy
from sweep.records.facts import StudyFacts
from sweep.runtime.c_library import UNUSED
from sweep.runtime.torch_state import plain_defaults
from sweep.runtime.user_code import name_of
from sweep.statistics.number_words import count
from sweep.study.study import Study, check_given
from sweep.study.toml_writer import toml_value


@dataclass(frozen=True)
class CheckedStudy:
    """What is known of a study that can run.

    Attributes:
        facts: Its rows, network, training and machine, as a store keeps them.
        n_runs: The most runs that it can take.
        device: Where it would be trained.
        lines: What ``python -m sweep check`` prints; ``str()`` joins them.
    """

    facts: StudyFacts
    n_runs: int
    device: str
    lines: tuple[str, ...]

    def __str__(self) -> str:
        return "\n".join(self.lines)


def check(study: Study, device: str | None = None) -> CheckedStudy:
    """What is known of the study before training, once all of that has been checked.

    Args:
        study: The study.
        device: ``auto``, ``cpu``, ``cuda``, ``cuda:1`` or ``mps``; None for the study's own.

    Returns:
        The facts of the study, its size, and the lines that the command prints.

    Raises:
        StudyError: The settings cannot be trained.
        DataError: The data cannot be read, divided or learned from.
        ModelError: The network cannot be trained, or not along an axis.
    """
    check_given(study)
    with plain_defaults():
        training = make_context(study, device)
        training.try_axes()
        facts = collect_facts(training)
        n_runs = sum(planned_runs(study, len(training.layers)).values())
        lines = tuple(_lines(training, facts, n_runs))
    return CheckedStudy(facts, n_runs, str(training.device), lines)


def _lines(training: AnyContext, facts: StudyFacts, n_runs: int) -> Iterator[str]:
    study = training.study
    yield f"study {study.study.name!r} is valid"
    if facts.n_train is not None:
        yield (
            f"data: {study.data.name}, {facts.task}, {facts.n_train} training and "
            f"{facts.n_validation} validation rows, design {study.data.design}{_division(facts)}"
        )
    if isinstance(training, LoopContext):
        epochs = count(facts.epochs or 0, "epoch")
        yield f"training: {epochs} of {training.name}, a {facts.loop} of your own"
        repeated = "" if facts.n_train is not None else f", design {study.data.design}"
        runs = f"at most {count(n_runs, 'run')} on {training.device}"
        yield f"{runs}, each in a process of its own{repeated}"
    else:
        yield from _lines_of_network(training, facts, n_runs)


def _lines_of_network(training: TrainingContext, facts: StudyFacts, n_runs: int) -> Iterator[str]:
    study = training.study
    yield f"model: {facts.n_parameters} parameters, penalized: {', '.join(training.layers)}"
    yield from (*training.layer_report.table(), *training.layer_report.describe())
    yield from describe_timescale(training)
    if line := own_dropout_line(facts, name_of(study.model.name)):
        yield line
    stacking = "runs train together"
    if trains_whole_epochs(training):
        stacking += ", each through a whole epoch by compiled code"
    if facts.why_alone:
        stacking = f"one run at a time, because {facts.why_alone}"
    epochs, steps = count(facts.epochs or 0, "epoch"), count(facts.steps_per_epoch or 0, "step")
    yield f"training: {epochs} of {steps}; {stacking}"
    yield f"update of the weights: {training.update}"
    if UNUSED:
        named = ", ".join(f"{name} {why}" for name, why in sorted(UNUSED.items()))
        yield f"compiled code that is not used: {named}"
    recipe = study.training.recipe
    settings = (f"{key} = {toml_value(v)}" for key, v in training.training_settings.items())
    yield f"{f'recipe {recipe}' if recipe else 'settings'}: {', '.join(settings)}"
    for how, worst in facts.parity.items():
        yield f"parity: {how}, three steps and an evaluation differ by {worst:.0e} from PyTorch's"
    again = ", and those of stopped trials once more" if study.search.control else ""
    yield f"at most {count(n_runs, 'run')} on {training.device}{again}"


def _division(facts: StudyFacts) -> str:
    """What rows are divided by, and whether they have weights, where it is not by row alone."""
    words = {
        DividedBy.ROWS: "",
        DividedBy.GROUPS: f"by {facts.n_groups} groups",
        DividedBy.TIME: "in the order of time",
        DividedBy.PARTS: "by the parts that the data name",
        DividedBy.SPLITTER: "by a splitter of the user's",
    }
    said = [words[DividedBy(facts.divided_by)], "rows have weights" if facts.weighted else ""]
    return "".join(f", {part}" for part in said if part)
