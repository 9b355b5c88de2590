"""Where a run that diverged in its first epoch went wrong: it is trained once more, alone."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace

import torch
from torch import nn

from sweep.data.resampling import permutation
from sweep.data.splits import Split
from sweep.networks.alone import SeparateModules
from sweep.networks.counter_rng import Noise
from sweep.records.trial import Run
from sweep.runtime.trees import moved, taken
from sweep.training._few_runs import FewRuns
from sweep.training._weights import StackedWeights
from sweep.training.jobs import Segment, TrainingPlan

logger = logging.getLogger("sweep")

MOST_STEPS = 64
MOST_IN_VAIN = 3
"""Runs of a population that are looked at without finding anything."""


class DivergenceFinder:
    """Looks for the weight whose gradient is not finite while the loss still is."""

    def __init__(
        self,
        plan: TrainingPlan,
        build: Callable[[int], nn.Module],
        split_of: Callable[[Run, bool], tuple[object, Split]],
        noise: Noise,
    ):
        """``build`` makes the model of a seed; ``split_of`` the split of a run and its key."""
        self.plan, self.build, self.split_of, self.noise = plan, build, split_of, noise
        self._in_vain = 0
        self._warned = False

    def cause(self, segment: Segment, epoch: int) -> str:
        """What was not finite first in a run that diverged in this epoch; "" if it is not found.

        Too large a rate makes weights and losses infinite, and no weight is to blame.
        """
        if epoch > 1 or self._in_vain == MOST_IN_VAIN:
            return ""
        try:
            found = self._first_fault(replace(segment, checkpoint=None))
        except Exception as error:  # the run itself got through, and has diverged
            logger.debug("why a run diverged cannot be found: %s", error)
            found = ""
        self._in_vain += not found
        if found and not self._warned:
            logger.warning("a run diverged in its first epoch: %s", found)
            self._warned = True
        return found

    def _first_fault(self, segment: Segment) -> str:
        plan, seed = self.plan, segment.run.draw.seed
        model = self.build(seed)
        stack = SeparateModules(model, plan.device, None, self.noise)
        weights = StackedWeights(plan, 1, stack, model, self.build)
        run = FewRuns(plan, stack, weights, [segment])
        _, split = self.split_of(segment.run, segment.with_test)
        order = torch.from_numpy(permutation(seed, 0, len(split.y_train)))
        for k in range(min(MOST_STEPS, plan.batches_per_epoch)):
            rows = order[k * plan.batch_size : (k + 1) * plan.batch_size]
            parts = (split.x_train, split.y_train)
            x, y = (moved(taken(taken(part, rows), None), plan.device) for part in parts)
            loss = run.losses(x, y, k)
            if not bool(loss.isfinite().all() & weights.theta.isfinite().all()):
                return ""
            gradients = run.gradients().items()
            faulty = [name for name, gradient in gradients if not bool(gradient.isfinite().all())]
            if faulty:  # gradients flow from the last layer to the first
                return (
                    f"in step {k + 1} the gradient of `{faulty[-1]}` is not finite, though the "
                    "loss is; look at what the network computes from it"
                )
            run.update()
        return ""
