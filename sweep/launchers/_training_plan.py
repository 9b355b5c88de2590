"""The plan of training that all runs of a study share: batches, steps and rates."""

from __future__ import annotations

import logging
import math
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from sweep.errors import StudyError
from sweep.inspection.layer_report import LayerReport
from sweep.launchers._transform_plan import transforms_of
from sweep.launchers.study_data import StudyData
from sweep.networks.selection import Selection
from sweep.records.parameters import ALL_DROPOUTS, DROPOUT
from sweep.regularizers.catalogue import asks_invariance
from sweep.runtime.user_code import label_of, resolve_function
from sweep.study.catalogue import optimizer, schedule
from sweep.study.study import Study
from sweep.study.toml_writer import given_settings
from sweep.training.jobs import OptimizerPlan, TrainingPlan
from sweep.training.schedules import Schedule

logger = logging.getLogger("sweep")


def make_training_plan(study: Study, study_data: StudyData) -> TrainingPlan:
    """The plan of training; StudyError where no step fits into an epoch."""
    training = study.training
    rows, most = training_rows(study_data)
    batch = min(training.batch_size, rows)
    step = batch * training.accumulate
    if step > rows:
        raise StudyError(
            f"training.accumulate: a step of batch_size * accumulate <= {rows} training rows must "
            f"be given, found {batch} * {training.accumulate}; lower one of them"
        )
    return TrainingPlan(
        loss=study_data.criterion.loss,
        optimizer=_optimizer_plan(study),
        schedule=make_schedule(study),
        accumulate=training.accumulate,
        clip_norm=training.clip_norm,
        clip_value=training.clip_value,
        ema=training.ema,
        penalty_from=training.penalty_from,
        penalty_until=training.penalty_until,
        lr_of=training.lr_of,
        fixed=training.fixed,
        epochs=training.epochs,
        batch_size=min(training.batch_size, most),
        steps_per_epoch=rows // step,
        selection=Selection.of(study.search),
        device=study_data.device,
        dtype=study_data.dtype,
        output_row=study_data.criterion.row,
        judges=study_data.judges,
        dropout=_usual_dropout(study) if study.search.sweeps(ALL_DROPOUTS) else None,
        augment=transforms_of(study, study_data, batch),
        row_shape=tuple(study_data.data.input_shape),
        input_noise=training.input_noise,
        label_smoothing=training.label_smoothing,
        mixup=training.mixup,
        patience=training.patience,
        swept=study.search.swept,
    )


def warn_of_rows_left_out(study: Study, study_data: StudyData, plan: TrainingPlan) -> None:
    """A warning where steps leave many rows out of an epoch."""
    rows, most = training_rows(study_data)
    step = min(plan.batch_size, rows) * plan.accumulate
    if plan.batch_size < most and most - rows > most / 10:
        logger.warning(
            "data: training parts have %d to %d rows, and every run takes as many steps as the "
            "smallest allows, so in the others an epoch leaves rows out (others each time)",
            rows,
            most,
        )
    if rows % step > rows / 10:
        logger.warning(
            "training.batch_size: steps of %d leave %d of %d training rows out of every epoch "
            "(others each time); a smaller batch_size wastes fewer",
            step,
            rows % step,
            rows,
        )


def _optimizer_plan(study: Study) -> OptimizerPlan:
    """The optimizer with the numbers of the study, and its own for the others."""
    training, known = study.training, optimizer(study.training.optimizer)
    if known is None:
        make = resolve_source(training.optimizer, study.folder, "training.optimizer")
        return OptimizerPlan(label_of(training.optimizer), {"lr": training.lr}, make=make)
    own = {name: getattr(training, name) for name in known.settings}
    given = {name: value for name, value in own.items() if value is not None}
    numbers = {name: given.get(name, default) for name, default in known.numbers.items()}
    return OptimizerPlan(
        known.name,
        {"lr": training.lr, **numbers},
        swept_numbers=frozenset(known.numbers) & study.search.swept,
        nesterov=given.get("nesterov", known.nesterov),
        amsgrad=given.get("amsgrad", False),
        adjust_lr=given.get("adjust_lr", "original"),
    )


def make_schedule(study: Study) -> Schedule:
    """The schedule with the numbers of the study, and its own for the others."""
    training, known = study.training, schedule(study.training.schedule)
    if known is None:
        own = resolve_source(training.schedule, study.folder, "training.schedule")
        name, warmup = label_of(training.schedule), training.warmup or 0.0
        return Schedule(name, warmup, own=partial(own))  # which can be hashed
    numbers: dict[str, Any] = {
        name: default if getattr(training, name) is None else getattr(training, name)
        for name, default in known.numbers.items()
    }
    warmup = known.warmup if training.warmup is None else training.warmup
    milestones = training.milestones or known.milestones
    return Schedule(known.name, warmup, milestones=milestones, **numbers)


def training_settings(study: Study, plan: TrainingPlan) -> dict[str, Any]:
    """How runs are trained that have nothing of their own, by key of ``[training]``: with all that
    follows from the optimizer, the schedule and the recipe, and without what is off.
    """
    training, own = study.training, plan.optimizer
    known, shape = optimizer(training.optimizer), schedule(training.schedule)
    flags = {"nesterov": own.nesterov, "amsgrad": own.amsgrad, "adjust_lr": own.adjust_lr}
    found = {"loss": plan.loss.name, "optimizer": own.name, **own.numbers}
    found |= {name: value for name, value in flags.items() if known and name in known.flags}
    found |= {"schedule": plan.schedule.name, "warmup": plan.schedule.warmup}
    found |= {name: getattr(plan.schedule, name) for name in (shape.settings if shape else ())}
    found |= {"epochs": plan.epochs, "batch_size": plan.batch_size}
    rest = {key: value for key, value in training if key not in {*found, "recipe"}}
    usual = type(training).model_fields
    found |= {key: value for key, value in rest.items() if value not in (None, usual[key].default)}
    if training.augment:
        found["augment"] = given_settings(training)["augment"]
    return found


def resolve_source(source: object, folder: Path, where: str) -> Callable[..., Any]:
    """A function that the study names, or was given from Python."""
    if isinstance(source, str):
        source = resolve_function(source, folder, where, StudyError)
    assert callable(source)
    return source


def with_dropouts(study: Study, plan: TrainingPlan, dropouts: tuple[str, ...]) -> TrainingPlan:
    """The plan, with the modules that drop where single ones are swept."""
    single = any(axis in DROPOUT for axis in study.search.axes)
    swept = single and study.search.sweeps(ALL_DROPOUTS)
    return replace(plan, dropouts=dropouts) if swept else plan


def with_invariance(study: Study, plan: TrainingPlan, report: LayerReport) -> TrainingPlan:
    """The plan, with the weights whose size does not matter where a penalty asks for them."""
    if not any(map(asks_invariance, {*study.search.swept, *study.training.fixed})):
        return plan
    found = frozenset(report.parameters[layer] for layer in report.invariant)
    return replace(plan, scale_invariant=found)


def _usual_dropout(study: Study) -> float:
    """The rate of runs that do not sweep it: nan stands for those of the network itself."""
    return study.model.dropout if study.model.sets_dropout else math.nan


def fewest_training_rows(study: Study, study_data: StudyData) -> int:
    """The rows of the smallest training split: every run takes the same number of steps."""
    return training_rows(study_data)[0]


def training_rows(study_data: StudyData) -> tuple[int, int]:
    """The rows of the smallest and of the largest training split.

    Folds differ by a row or two, groups and windows in time by more.
    """
    if study_data.splits.even:
        return (n := len(study_data.first_split.y_train)), n
    draws = {(d.split_seed, d.fold): d for ds in study_data.draws.values() for d in ds}
    sizes = [len(study_data.splits.rows(draw)[0]) for draw in draws.values()]
    return min(sizes), max(sizes)
