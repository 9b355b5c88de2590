"""Gradients cut to a largest norm or size, each run to its own. Legend: R runs, P parameters."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from sweep.training.jobs import Segment, TrainingPlan

NEAR = 1e-6
"""Added to a norm, as ``torch.nn.utils.clip_grad_norm_`` has it."""


class GradientClipping:
    """The bounds of a population's runs; infinite for those that have none."""

    def __init__(self, plan: TrainingPlan, width: int):
        self.plan = plan
        self.bounds = {
            name: torch.full((width, 1), math.inf, device=plan.device, dtype=plan.dtype)
            for name in ("clip_norm", "clip_value")
            if plan.uses(name)
        }
        """(R, 1) by key, of those that the study uses."""

    def admit(self, i: int, segment: Segment, state: None = None) -> None:
        for name, bounds in self.bounds.items():
            bounds[i] = self.plan.number(name, segment.trial) or math.inf

    def move(self, source: int, target: int) -> None:
        """The run of one slot now sits in another."""
        for bounds in self.bounds.values():
            bounds[target] = bounds[source]

    def checkpoint(self, i: int) -> None:
        """Nothing: the trial says what the bounds are."""

    @property
    def used(self) -> bool:
        """Whether any run has a bound."""
        return bool(self.bounds)

    def clip(self, grad: Tensor, start: int = 0) -> None:
        """Cuts the gradients (n, P) of the slots from ``start`` on in place.

        By norm as ``torch.nn.utils.clip_grad_norm_``, by value as ``clip_grad_value_``.
        """
        bounds = {name: own[start : start + len(grad)] for name, own in self.bounds.items()}
        if "clip_norm" in bounds:
            norm = torch.linalg.vector_norm(grad, dim=1, keepdim=True)
            share = (bounds["clip_norm"] / (norm + NEAR)).clamp_max_(1)
            if grad.device.type != "cpu":
                grad.mul_(share)
            else:  # rows that stay as they are are not touched
                for i, factor in enumerate(share[:, 0].tolist()):
                    if factor != 1:
                        grad[i].mul_(factor)
        if "clip_value" in bounds:
            bound = bounds["clip_value"]
            torch.clamp(grad, -bound, bound, out=grad)
