"""What is kept of a study beside its results: the facts of a launch and the study's fingerprint."""

from __future__ import annotations

import hashlib
import subprocess
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from sweep.data.leakage import find_leakage
from sweep.launchers.loop_context import AnyContext, LoopContext
from sweep.launchers.run_lengths import run_lengths_of
from sweep.records.facts import StudyFacts
from sweep.records.parameters import ALL_DROPOUTS, DROPOUT, EPOCHS
from sweep.regularizers.timescale import RUN
from sweep.runtime.device import describe_hardware, package_versions
from sweep.search.rungs import rung_epochs
from sweep.study.study import Study
from sweep.training.schedules import SCHEDULE_NUMBERS, WINDOW

PACKAGES = ("regsweep", "torch", "optuna", "sqlalchemy", "pandas", "plotly", "numpy", "scipy")
OWN = "own"
"""The optimizer of a loop of the user's."""


def collect_facts(context: AnyContext) -> StudyFacts:
    """The facts of a study that is about to run; what is odd about its data is logged."""
    if isinstance(context, LoopContext):
        return _facts_of_loop(context)
    study, data, split, plan = context.study, context.data, context.first_split, context.plan
    search, report, probe = study.search, context.layer_report, context.probe
    profile_factors, invariant = dict(report.factors), dict(report.invariant)
    near_one = plan.loss.scales_target and not data.reconstructs
    leakage = find_leakage(split, data.task, data.n_outputs, near_one)
    return StudyFacts(
        **_of_study(study, plan.epochs),
        layers_mode=search.layers if isinstance(search.layers, str) else "groups",
        optimizer=study.training.optimizer_name,
        task=data.task,
        loss=plan.loss.name,
        data_fingerprint=data.fingerprint,
        n_train=len(split.y_train),
        n_validation=len(split.y_validation),
        n_test=None if context.splits.pool is None else len(context.splits.test_rows),
        n_outputs=data.n_outputs,
        n_parameters=probe.n_parameters,
        layers=tuple(report.layers),
        layer_groups={group: tuple(layers) for group, layers in report.groups.items()},
        profile=search.profile,
        profile_factors=profile_factors,
        same_weights=probe.same_weights,
        scale_invariant=invariant,
        zeroing_strengths=dict(report.strength_max),
        timescale=(times.low, times.high) if (times := search.timescale) else None,
        timescale_unit=times.unit if times else RUN,
        copied_rows=leakage.copied_rows,
        missing_classes=leakage.missing_classes,
        epochs=plan.epochs,
        batch_size=plan.batch_size,
        steps_per_epoch=plan.steps_per_epoch,
        accumulate=plan.accumulate,
        schedule=plan.schedule.name if plan.schedule.own is None else "",
        schedule_numbers={name: getattr(plan.schedule, name) for name in SCHEDULE_NUMBERS}
        | {name: getattr(plan, name) for name in WINDOW},
        milestones=plan.schedule.milestones,
        factors=run_lengths_of(context).rates_of({}).factors,
        precision=study.hardware.precision,
        stacked=not probe.why_alone,
        why_alone=probe.why_alone,
        hardware=describe_hardware(context.device) | {"update": context.update},
        idle_parameters=tuple(sorted(probe.backward.idle)),
        parity={how: found.worst for how, found in context.parity.items()},
        divided_by=data.divided_by.value,
        n_groups=data.n_groups,
        overlap=context.study_data.overlap,
        weighted=split.w_train is not None,
        loss_weighted=bool(study.training.class_weight or study.training.pos_weight),
        target_scaled=context.splits.scales_target and data.standardize,
        unpruned_fingerprint=fingerprint_of(context, "study.name", "search.pruner"),
        metrics={one.name: one.maximize for one in context.study_data.metrics if not one.built_in},
        own_dropout=_own_dropout(study, probe.dropout_rates),
    )


def _own_dropout(study: Study, rates: Mapping[str, float]) -> Mapping[str, float]:
    """The rates above 0 that the network has of its own, by module, where no axis takes their
    place.

    ``rates`` are those at which its modules were seen to drop; where dropout is swept, a network of
    this package's drops for the sake of that.
    """
    search, model = study.search, study.model
    if ALL_DROPOUTS in search.axes:
        return {}
    named = {DROPOUT.subject_of(axis) for axis in search.axes}
    own = dict.fromkeys(rates, model.dropout) if model.sets_dropout else rates
    return {name: rate for name, rate in own.items() if rate > 0 and name not in named}


def own_dropout_line(facts: StudyFacts, network: str) -> str:
    """That the network has dropout of its own, and where it acts; "" where it has none."""
    if not facts.own_dropout:
        return ""
    swept = ALL_DROPOUTS in (*facts.penalties, *facts.cocktail)
    where = "wherever dropout is not what is searched" if swept else "under every penalty"
    return (
        f"model.name: {network} has dropout of its own ({facts.own_dropout_words}), which stays on "
        f"{where}, and in the model without regularization; set its rate to 0 to leave it out"
    )


def _of_study(study: Study, epochs: int) -> dict[str, Any]:
    """What its file and the machine say of a study whose runs have so many epochs."""
    settings, search, data = study.study, study.search, study.data
    return {
        "question": settings.question,
        "objective": settings.metric.validation,
        "maximize": settings.metric.maximize,
        "seed": settings.seed,
        "design": data.design,
        "n_folds": data.n_folds if data.design == "kfold" else None,
        "folder": str(study.folder),
        "penalties": tuple(search.names),
        "cocktail": tuple(search.cocktail),
        "pruner": search.pruner,
        "ignored_checks": tuple(dict.fromkeys(study.report.ignore)),
        "rungs": None if EPOCHS in search.axes else rung_epochs(search.pruner, epochs),
        "versions": package_versions(PACKAGES),
        "git_commit": git_commit(study.folder),
    }


def _facts_of_loop(context: LoopContext) -> StudyFacts:
    """What is known where a loop of the user's trains: the study, its data if any, the machine."""
    study, given = context.study, context.study_data
    epochs = study.training.epochs
    facts = StudyFacts(
        **_of_study(study, epochs),
        layers_mode="shared",
        optimizer=OWN,
        task="",
        data_fingerprint="",
        n_train=None,
        n_validation=None,
        n_test=None,
        n_outputs=None,
        n_parameters=None,
        layers=(),
        epochs=epochs,
        batch_size=None,
        steps_per_epoch=None,
        precision="",
        stacked=False,
        why_alone="every run of a loop of the user's has a process of its own",
        hardware=describe_hardware(context.device),
        overlap=context.repetitions.overlap,
        unpruned_fingerprint=fingerprint_of(context, "study.name", "search.pruner"),
        metrics={one.name: one.maximize for one in context.metrics if not one.built_in},
        loop=study.training.loop_kind,
    )
    if given is None:
        return facts
    split, data = given.first_split, given.data
    return replace(
        facts,
        task=data.task,
        data_fingerprint=data.fingerprint,
        n_train=len(split.y_train),
        n_validation=len(split.y_validation),
        n_test=len(given.splits.test_rows),
        n_outputs=data.n_outputs,
        divided_by=data.divided_by.value,
        n_groups=data.n_groups,
        weighted=split.w_train is not None,
    )


def fingerprint_of(context: AnyContext, *without: str) -> str:
    """What a stored study must share with this one to go on: settings, data and network.

    Settings ``without`` which another is still the same study count for nothing.
    """
    if isinstance(context, LoopContext):
        data = context.study_data.data.fingerprint if context.study_data else ""
        return hash_of([context.study.fingerprint_without(*without), data])
    model = context.probe.template
    shapes = [(name, tuple(shape)) for name, shape in context.probe.parameters.items()]
    parts = [context.study.fingerprint_without(*without), context.data.fingerprint]
    parts += [str(context.dtype), repr(model), repr(shapes)]
    return hash_of(parts)


def hash_of(parts: list[str]) -> str:
    """A fingerprint of these texts."""
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def git_commit(folder: Path) -> str:
    """The commit that a folder is at, marked when files were changed; "" outside a checkout."""
    try:
        out = subprocess.run(
            ["git", "describe", "--always", "--dirty", "--abbrev=12", "--exclude=*"],
            cwd=folder,
            capture_output=True,
            text=True,
            timeout=5,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return out.stdout.strip() if out.returncode == 0 else ""
