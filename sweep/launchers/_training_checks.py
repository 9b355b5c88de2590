"""What must hold between the training of a study and its network before any run is trained."""

from __future__ import annotations

from dataclasses import replace

import torch
from torch import nn

from sweep.errors import StudyError
from sweep.networks.forward import copied
from sweep.networks.selection import matches, matrices_of, penalized_parameters
from sweep.networks.stacked import StackedModule
from sweep.records.parameters import LR_OF
from sweep.runtime.user_code import guarded
from sweep.study.axes import Axis
from sweep.study.catalogue import optimizer, schedule
from sweep.study.study import Study
from sweep.training.jobs import TrainingPlan
from sweep.training.own_optimizer import WHERE, parameter_groups
from sweep.training.schedules import factors


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
        _try_schedule(study, plan)
    if plan.optimizer.make is not None:
        _try_optimizer(plan, template)


def _check_warmup(study: Study, plan: TrainingPlan) -> None:
    axes = study.search.axes
    longest = max(_values(axes["warmup"])) if "warmup" in axes else plan.schedule.warmup
    fewest = min(_values(axes["epochs"])) if "epochs" in axes else plan.epochs
    n_steps = int(fewest) * plan.steps_per_epoch
    if longest > n_steps:  # which no share is
        where = "search.axes.warmup" if "warmup" in axes else "training.warmup"
        raise StudyError(
            f"{where}: a warmup must be no longer than the run of {n_steps} steps, found "
            f"{longest:g}; lower it, or give a share below 1"
        )
    cooldown = max(_values(axes["cooldown"])) if "cooldown" in axes else plan.schedule.cooldown
    known = schedule(study.training.schedule)
    if known and "cooldown" in known.settings and longest / n_steps + cooldown > 1 <= longest:
        raise StudyError(
            f"training.cooldown: warmup and cooldown must fit into the run of {n_steps} steps, "
            f"found {longest:g} steps and {cooldown:g} of the run; lower one of them"
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

    still = [name for name in names if _stands_still(study, name)]
    if still and len(still) == len(names):
        raise StudyError(
            "training.lr_of: some parameter must have a learning rate above 0, found 0 for all; "
            "raise a factor"
        )


def _stands_still(study: Study, name: str) -> bool:
    """Whether the first pattern that matches a parameter leaves it no learning rate in any run."""
    for pattern, factor in study.training.lr_of.items():
        if matches(name, [pattern]):
            return factor == 0 and LR_OF.name_of(pattern) not in study.search.axes
    return False


def _try_schedule(study: Study, plan: TrainingPlan) -> None:
    """Asks a user's schedule for every step of a run; StudyError where it gives no factor."""
    axes = study.search.axes
    epochs = _values(axes["epochs"]) if "epochs" in axes else [plan.epochs]
    warmups = _values(axes["warmup"]) if "warmup" in axes else [plan.schedule.warmup]
    for warmup in warmups:
        for own in epochs:
            tried = replace(plan.schedule, warmup=warmup)
            if not factors(tried, int(own) * plan.steps_per_epoch).any():
                raise StudyError(
                    f"training.schedule: {plan.schedule.name} must be above 0 in some step of a "
                    "run, found 0 in all; it is multiplied by lr"
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
