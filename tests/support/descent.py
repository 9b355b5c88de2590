"""Full gradients of a linear layer, taken by the parts that update a population's weights."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from sweep.networks.stacked import StackedModule
from sweep.regularizers.penalties import PENALTIES
from sweep.training._batches import BatchSource
from sweep.training._parts import PopulationParts
from sweep.training._steps import TrainingSteps
from sweep.training.jobs import Segment
from tests.support.training import plan

LAYER = "weight"
"""What the only layer is called."""


def descend(
    optimizer: str,
    runs: Sequence[Segment],
    gradient: Callable[[Tensor], Tensor],
    *,
    shape: tuple[int, int],
    n_steps: int,
    **settings: Any,
) -> Tensor:
    """The weights (R, *shape) of these runs after so many steps from random ones.

    ``gradient`` gives that of every run's loss (R, *shape) by the weights (R, *shape).
    """

    def build(seed: int) -> nn.Module:
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            return nn.Linear(shape[1], shape[0], bias=False).double()

    training = plan(optimizer, epochs=1, batch=1, **{"steps_per_epoch": n_steps, **settings})
    stack, n = StackedModule(build(0), training.device), len(runs)
    parts = PopulationParts(training, n, stack, build(0), build, PENALTIES)
    steps = TrainingSteps(training, n, stack, parts, BatchSource(training.device))
    for i, one in enumerate(runs):
        parts.admit(i, one)
    theta, grad = parts.weights.theta, parts.weights.grad
    weights, slopes = (rows[:, stack.slices[LAYER]].view(n, *shape) for rows in (theta, grad))
    tables = steps._step_numbers([(one.run.draw.seed, 0) for one in runs], n)
    acting = parts.penalties.acting(n, grad)
    for k in range(n_steps):
        slopes.copy_(gradient(weights))
        own = {name: table[k] for name, table in tables.items()}
        steps._update(k, n, own, parts.optimizer.update, acting)
    return weights.clone()
