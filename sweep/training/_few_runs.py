"""A few runs under way outside of a population: no penalties, and steps are taken one by one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from torch import Tensor

from sweep.networks.counter_rng import Keys, Noise, keys_on
from sweep.networks.stacked import StackedModule
from sweep.training._optim import make_optimizer
from sweep.training._weights import StackedWeights
from sweep.training.jobs import Segment, TrainingPlan


class FewRuns:
    """What trains them, their weights and their optimizer."""

    def __init__(
        self,
        plan: TrainingPlan,
        stack: StackedModule,
        weights: StackedWeights,
        segments: Sequence[Segment],
    ):
        """``weights`` has a free slot for each of the segments, which are admitted here."""
        self.plan, self.stack, self.weights = plan, stack, weights
        self.seeds = [segment.run.draw.seed for segment in segments]
        own = replace(plan, optimizer=plan.optimizer.usual)
        self._optimizer = make_optimizer(own, weights.theta[: len(segments)], stack)
        for i, segment in enumerate(segments):
            weights.admit(i, segment, None)
            self._optimizer.admit(i, segment, None)
        self._take = stack.step(weights.theta, weights.grad, weights.constants, plan.loss)

    def keys(self, counter: int) -> Keys | None:
        """What the hashed noise of all runs is made from in one step; None without any."""
        if self.stack.noise is not Noise.HASHED:
            return None
        counters = np.full(len(self.seeds), counter)
        return Keys(keys_on(self.seeds, counters, self.plan.device))

    def losses(self, x: Tensor, y: Tensor, counter: int, weight: Tensor | None = None) -> Tensor:
        """The losses (R,) of a batch x (R, B, ...), y (R, B, ...), whose gradients are kept."""
        self.stack.train(True)
        return self._take(x, y, self.keys(counter), weight)

    def gradients(self) -> dict[str, Tensor]:
        """Those of the last batch (R, ...) by parameter."""
        slots = self.stack.slots(self.weights.grad)
        return dict(zip(self.stack.slices, slots, strict=True))

    def update(self) -> None:
        """Lets the optimizer take the step."""
        self._optimizer.update(self.weights.theta, self.weights.grad)
