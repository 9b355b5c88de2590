"""How far torch's optimizers move a coordinate under a constant unit gradient, per step.

It is the size of proximal steps, read off an optimizer's state after its update, and the same as
that of the stacked optimizers. Those that are not here have no such number for a coordinate: their
steps are signs, orthogonal matrices or searches along a line.
"""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor
from torch.optim import Optimizer

from sweep.errors import StudyError

Group = Mapping[str, Any]
State = Mapping[str, Any]
StepSize = Callable[[Group, State], float | Tensor]
WRAPPERS = frozenset(["LightningOptimizer", "AcceleratedOptimizer"])
"""Classes whose objects pass on to their ``optimizer``."""


def plain_optimizer(optimizer: Any) -> Optimizer:
    """The optimizer of torch out of what Lightning and Accelerate wrap it in."""
    while type(optimizer).__name__ in WRAPPERS:
        optimizer = getattr(optimizer, "optimizer", None)
    if not isinstance(optimizer, Optimizer):
        raise StudyError(
            "Regularizer: an optimizer of torch must be given, found "
            f"{type(optimizer).__name__}; give the one whose step() moves the weights"
        )
    return optimizer


def group_of(optimizer: Optimizer) -> dict[int, dict[str, Any]]:
    """By the id of each parameter of the optimizer its group."""
    found: dict[int, dict[str, Any]] = {}
    for group in optimizer.param_groups:
        if group.get("maximize"):
            raise StudyError(
                f"Regularizer: {type(optimizer).__name__}: a loss that is minimized must be given, "
                "found maximize=True; negate the loss"
            )
        found |= {id(parameter): group for parameter in group["params"]}
    return found


def has_metric(optimizer: Optimizer) -> bool:
    """Whether a coordinate moves in proportion to its gradient, as far as is known."""
    return _known(optimizer) is not None


def step_size(optimizer: Optimizer, group: Group, parameter: Tensor) -> float | Tensor | None:
    """The size of the last step, one number or one for every coordinate of the parameter.

    None where the parameter has had no step yet, or the optimizer has no metric.
    """
    size, state = _known(optimizer), optimizer.state.get(parameter, {})
    if size is None or (not state and not isinstance(optimizer, torch.optim.SGD)):
        return None
    return size(group, state)


def decays_beside(optimizer: Optimizer, group: Group) -> bool:
    """Whether the group's ``weight_decay`` is decay beside the gradient, as far as is known."""
    if isinstance(optimizer, torch.optim.AdamW):
        return True
    if type(optimizer) is getattr(torch.optim, "Muon", None):
        return True
    named = "decoupled_weight_decay"
    return bool(group.get(named)) and named in optimizer.defaults


def _known(optimizer: Optimizer) -> StepSize | None:
    """By its class, or by that whose step it inherits."""
    own = inspect.unwrap(type(optimizer).step)
    for kind, size in SIZES.items():
        if isinstance(optimizer, kind) and inspect.unwrap(kind.step) is own:
            return size
    return None


def _sgd(group: Group, state: State) -> float | Tensor:
    """lr * (1 - dampening) / (1 - momentum): steps of 1/(1 - momentum) gradients add up."""
    momentum = float(group["momentum"])
    share = 1 - float(group["dampening"]) if momentum else 1.0
    return float(group["lr"]) * share / (1 - momentum)


def _adam(group: Group, state: State) -> Tensor:
    """lr / (sqrt(v_hat) + eps)."""
    square: Tensor = state["max_exp_avg_sq" if group.get("amsgrad") else "exp_avg_sq"]
    second = math.sqrt(1 - float(group["betas"][1]) ** float(state["step"]))
    root: Tensor = square.sqrt() / second + group["eps"]
    size: Tensor = float(group["lr"]) / root
    return size


def _nadam(group: Group, state: State) -> Tensor:
    """Adam's, by what of a constant gradient goes into a step (Dozat 2016)."""
    steps, beta1 = float(state["step"]), float(group["betas"][0])
    now, ahead = (
        beta1 * (1 - 0.5 * 0.96 ** (step * group["momentum_decay"])) for step in (steps, steps + 1)
    )
    product = float(state["mu_product"])
    share: float = (1 - now) / (1 - product) + ahead / (1 - product * ahead)
    return _adam(group, state) * share


def _radam(group: Group, state: State) -> float | Tensor:
    """Adam's with a rectified variance, and without it in the first steps (Liu et al. 2020)."""
    steps, beta2 = float(state["step"]), float(group["betas"][1])
    corrected = 1 - beta2**steps
    limit = 2 / (1 - beta2) - 1
    length = limit - 2 * steps * beta2**steps / corrected
    if length <= 5:
        return float(group["lr"])
    rectified = (length - 4) * (length - 2) * limit / ((limit - 4) * (limit - 2) * length)
    root: Tensor = state["exp_avg_sq"].sqrt() + group["eps"]
    return float(group["lr"]) * math.sqrt(rectified * corrected) / root


def _rmsprop(group: Group, state: State) -> Tensor:
    """lr / (sqrt(v) + eps) / (1 - momentum)."""
    square: Tensor = state["square_avg"]
    if group["centered"]:
        square = square - state["grad_avg"].square()
    root: Tensor = square.sqrt() + group["eps"]
    size: Tensor = float(group["lr"]) / (1 - float(group["momentum"])) / root
    return size


def _adagrad(group: Group, state: State) -> Tensor:
    """lr_t / (sqrt(sum) + eps)."""
    lr = float(group["lr"]) / (1 + (float(state["step"]) - 1) * float(group["lr_decay"]))
    root: Tensor = state["sum"].sqrt() + group["eps"]
    return lr / root


def _adamax(group: Group, state: State) -> Tensor:
    """lr over the largest gradient that is remembered."""
    largest: Tensor = state["exp_inf"]
    return float(group["lr"]) / largest


SIZES: Mapping[type[Optimizer], StepSize] = {
    torch.optim.SGD: _sgd,
    torch.optim.AdamW: _adam,
    torch.optim.Adam: _adam,
    torch.optim.NAdam: _nadam,
    torch.optim.RAdam: _radam,
    torch.optim.RMSprop: _rmsprop,
    torch.optim.Adagrad: _adagrad,
    torch.optim.Adamax: _adamax,
}
"""Every optimizer of torch that has a diagonal metric in its state."""
