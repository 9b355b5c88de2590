"""The weights and buffers of a population's runs: one row of ``theta`` for each slot.

Legend: R slots, P parameters of a run.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

import torch
from torch import Tensor, nn

from sweep.networks.stacked import StackedModule
from sweep.training.jobs import Segment, TrainingPlan

SEEDS_KEPT = 64
"""Initial weights that are kept for the next runs of the same seeds."""
THETA, AVERAGE = "", ".average"
"""The names of the weights and of their means among ``tensors``: no buffer is named so."""


class StackedWeights:
    """Weights, their gradients, and the module's buffers and fixed parameters (``constants``)."""

    def __init__(
        self,
        plan: TrainingPlan,
        width: int,
        stack: StackedModule,
        template: nn.Module,
        build: Callable[[int], nn.Module],
    ):
        """``build`` makes the model of a seed; ``template`` is one of them."""
        self.device, self.stack, self._build = plan.device, stack, build
        self._initial = functools.lru_cache(maxsize=SEEDS_KEPT)(
            lambda seed: self._state_of(build(seed))
        )
        self.theta = torch.zeros(width, stack.row_length).to(plan.device, plan.dtype)
        """(R, P)"""
        self.grad = torch.zeros_like(self.theta)
        self.constants = {
            name: tensor.to(plan.device).repeat(width, *[1] * tensor.ndim)
            for name, tensor in stack.constants_of(template).items()
        }
        """(R, ...) by name."""
        self.average = torch.zeros_like(self.theta) if plan.uses("ema") else None
        """The means of the weights (R, P) that are evaluated, where runs have them."""
        means = {} if self.average is None else {AVERAGE: self.average}
        self.tensors = {THETA: self.theta, **means, **self.constants}
        """What a run takes along, (R, ...) by name."""

    # ---- slots ---------------------------------------------------------------------------------

    def admit(self, i: int, segment: Segment, state: Mapping[str, Tensor] | None) -> None:
        """Fills row ``i``: with the initial weights of the run's seed, or as they were."""
        seed = segment.run.draw.seed
        model = None if self.stack.batched else self._build(seed)
        if state is None:
            state = self._initial(seed) if model is None else self._state_of(model)
        for name, tensor in self.tensors.items():
            tensor[i] = state[name].to(self.device)
        if model is not None:
            self.stack.hold(i, model, self.theta, self.constants)

    def _state_of(self, model: nn.Module) -> dict[str, Tensor]:
        row = self.stack.row_of(model)
        means = {} if self.average is None else {AVERAGE: row}
        return {THETA: row, **means, **self.stack.constants_of(model)}

    def move(self, source: int, target: int) -> None:
        for tensor in self.tensors.values():
            tensor[target] = tensor[source]
        self.stack.moved(source, target, self.theta, self.constants)

    def checkpoint(self, i: int) -> dict[str, Tensor]:
        """A copy of a run's weights and constants."""
        return {name: tensor[i].clone() for name, tensor in self.tensors.items()}

    # ---- means of the weights ------------------------------------------------------------------

    @property
    def shown(self) -> Tensor:
        """What runs are judged by (R, P): the means of their weights, or the weights."""
        return self.theta if self.average is None else self.average

    def take_average(self, share: Tensor) -> None:
        """Moves the means of the first slots by this share (n,) towards their weights."""
        assert self.average is not None
        n = len(share)
        self.average[:n].lerp_(self.theta[:n], share[:, None])

    @contextmanager
    def averaged(self) -> Iterator[None]:
        """Within it the weights are what runs are judged by."""
        if self.average is None:
            yield
            return
        self._exchange(self.average)
        try:
            yield
        finally:
            self._exchange(self.average)

    def _exchange(self, average: Tensor) -> None:
        weights = self.theta.clone()
        self.theta.copy_(average)
        average.copy_(weights)

    def state_dict(self, i: int) -> dict[str, Tensor]:
        """Slot ``i`` as a state_dict of the user's own module."""
        stack = self.stack
        found = {
            name: self.shown[i, where].view(stack.shapes[name]).clone().cpu()
            for name, where in stack.slices.items()
        }
        found |= {name: tensor[i].clone().cpu() for name, tensor in self.constants.items()}
        return {key: found[own] for key, own in stack.keys.items()}
