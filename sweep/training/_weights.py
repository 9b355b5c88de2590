"""The weights and buffers of a population's runs: one row of ``theta`` for each slot.

Legend: R slots, P parameters of a run.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import torch
from torch import Tensor, nn

from sweep.networks.stacked import StackedModule
from sweep.training.jobs import Segment, TrainingPlan

THETA = ""
"""The name of the weights among ``tensors``: buffers are named by their module, never so."""


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
        self.theta = torch.zeros(width, stack.row_length).to(plan.device, plan.dtype)
        """(R, P)"""
        self.grad = torch.zeros_like(self.theta)
        self.constants = {
            name: tensor.to(plan.device).repeat(width, *[1] * tensor.ndim)
            for name, tensor in stack.constants_of(template).items()
        }
        """(R, ...) by name."""
        self.tensors = {THETA: self.theta, **self.constants}
        """What a run takes along, (R, ...) by name."""

    # ---- slots ---------------------------------------------------------------------------------

    def admit(self, i: int, segment: Segment, state: Mapping[str, Tensor] | None) -> None:
        """Fills row ``i``: with the initial weights of the run's seed, or as they were."""
        if state is None:
            model = self._build(segment.run.draw.seed)
            state = {THETA: self.stack.row_of(model), **self.stack.constants_of(model)}
        for name, tensor in self.tensors.items():
            tensor[i] = state[name].to(self.device)

    def move(self, source: int, target: int) -> None:
        for tensor in self.tensors.values():
            tensor[target] = tensor[source]

    def checkpoint(self, i: int) -> dict[str, Tensor]:
        """A copy of a run's weights and constants."""
        return {name: tensor[i].clone() for name, tensor in self.tensors.items()}

    def state_dict(self, i: int) -> dict[str, Tensor]:
        """Slot ``i`` as a state_dict of the user's own module."""
        stack = self.stack
        found = {
            name: self.theta[i, where].view(stack.shapes[name]).clone().cpu()
            for name, where in stack.slices.items()
        }
        found |= {name: tensor[i].clone().cpu() for name, tensor in self.constants.items()}
        return {key: found[own] for key, own in stack.keys.items()}
