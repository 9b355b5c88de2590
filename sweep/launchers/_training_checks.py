"""What must hold between the training of a study and its network before any run is trained."""

from __future__ import annotations

import math

import torch
from torch import nn

from sweep.errors import StudyError
from sweep.networks.forward import copied
from sweep.networks.selection import matches, matrices_of, penalized_parameters
from sweep.networks.stacked import StackedModule
from sweep.runtime.user_code import guarded
from sweep.study.axes import Axis
from sweep.study.catalogue import optimizer
from sweep.study.study import Study
from sweep.study.validators import found
from sweep.training.jobs import TrainingPlan
from sweep.training.own_optimizer import WHERE, parameter_groups

TRIED_SHARES = 200
"""Shares of a run at which a user's schedule is asked before training."""


def check_training(study: Study, plan: TrainingPlan, template: nn.Module) -> None:
    """Raises StudyError where optimizer, schedule or learning rates do not suit the network."""
    _check_warmup(study, plan)
    _check_patterns(study, template)
    known = optimizer(study.training.optimizer)
    if known is not None and known.of_matrices and not matrices_of(template):
        raise StudyError(
            f"training.optimizer: {known.name} needs a network with weight matrices, found none; "
            "take another optimizer"
        )
    if plan.schedule.own is not None:
        _try_schedule(plan)
    if plan.optimizer.make is not None:
        _try_optimizer(plan, template)


def _check_warmup(study: Study, plan: TrainingPlan) -> None:
    axes = study.search.axes
    fewest = min(_values(axes["epochs"])) if "epochs" in axes else plan.epochs
    longest = max(_values(axes["warmup"])) if "warmup" in axes else plan.schedule.warmup
    n_steps = int(fewest) * plan.steps_per_epoch
    if longest >= 1 and longest > n_steps:
        where = "search.axes.warmup" if "warmup" in axes else "training.warmup"
        raise StudyError(
            f"{where}: a warmup must be no longer than the run of {n_steps} steps, found "
            f"{longest:g}; lower it, or give a share below 1"
        )


def _values(axis: Axis) -> list[float]:
    """The ends of a swept number, or its choices."""
    if axis.choices is not None:
        return [float(value) for value in axis.choices]
    return [axis.low, axis.high]


def _check_patterns(study: Study, template: nn.Module) -> None:
    names = [name for name, p in template.named_parameters() if p.requires_grad]
    for pattern in study.training.lr_of:
        if not any(matches(name, [pattern]) for name in names):
            raise StudyError(
                f"training.lr_of: a pattern must match a trainable parameter, found none for "
                f"{pattern!r}; the parameters are {', '.join(names)}"
            )


def _try_schedule(plan: TrainingPlan) -> None:
    """Raises StudyError for a user's schedule that gives no number, or a negative one."""
    schedule = plan.schedule
    assert schedule.own is not None
    n_steps = min(plan.epochs * plan.steps_per_epoch, TRIED_SHARES)
    for step in range(n_steps):
        share = step / n_steps
        with guarded("training.schedule", schedule.name, StudyError):
            factor = schedule.own(share)
        fits = isinstance(factor, int | float) and not isinstance(factor, bool)
        if not fits or not math.isfinite(factor) or factor < 0:
            raise StudyError(
                f"training.schedule: {schedule.name} must give a number that is at least 0, found "
                f"{found(factor)} at {share:g} of the run; correct it there"
            )


def _try_optimizer(plan: TrainingPlan, template: nn.Module) -> None:
    """Raises StudyError for a user's optimizer that cannot take a step with a copy's gradients."""
    name = plan.optimizer.name
    model = copied(template)
    stack = StackedModule(model, plan.device)
    parameters = [p for p in model.parameters() if p.requires_grad]
    penalized = frozenset(penalized_parameters(template, plan.selection))
    groups = parameter_groups(stack, parameters, penalized, plan.lr, None)
    assert plan.optimizer.make is not None
    with guarded(WHERE, name, StudyError):
        made = plan.optimizer.make(groups, plan.lr)
    if not isinstance(made, torch.optim.Optimizer):
        raise StudyError(
            f"{WHERE}: {name} must return a torch.optim.Optimizer, found "
            f"{type(made).__name__}; return the optimizer of the groups that it gets"
        )
    if any("lr" not in group for group in made.param_groups):
        raise StudyError(f"{WHERE}: every group of {name} must have an lr, found none; give it one")
    if hasattr(made, "eval"):
        raise StudyError(
            f"{WHERE}: {name} must need no eval() before an evaluation, found one that has it; "
            "take another, and training.ema for an average of the weights"
        )
    for parameter in parameters:
        parameter.grad = torch.full_like(parameter, 1e-3)
    with guarded(WHERE, name, StudyError):
        made.step()
    ours = {id(parameter) for parameter in parameters}
    if {id(p) for group in made.param_groups for p in group["params"]} != ours:
        raise StudyError(
            f"{WHERE}: {name} must train the parameters of the groups that it gets, found others; "
            "pass all groups on"
        )
