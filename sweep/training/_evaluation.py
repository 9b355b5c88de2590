"""Scores of a population's runs on a part of their splits, in eval mode. Legend: R runs, B rows."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch

from sweep.metrics.scores import Scores
from sweep.networks.counter_rng import EVALUATION, Keys, Noise, keys_on
from sweep.networks.stacked import StackedModule
from sweep.training._batches import BatchSource
from sweep.training._slots import Slot
from sweep.training._steps import users_model
from sweep.training._weights import StackedWeights
from sweep.training.jobs import TrainingPlan

EVALUATION_ROWS, WRITTEN_OUT_ROWS = 128, 1024
"""Rows of every run in one evaluation batch: few enough to stay in a processor's cache, and to be
counted in 32 bits by the kernels of a GPU, which takes more of networks that are written out."""


class Evaluation:
    """Scores the networks as they are now."""

    def __init__(
        self,
        plan: TrainingPlan,
        stack: StackedModule,
        weights: StackedWeights,
        batch_source: BatchSource,
    ):
        self.plan, self.stack, self.weights = plan, stack, weights
        self.batch_source = batch_source

    def scores(self, slots: Sequence[Slot], chosen: Sequence[int], part: str) -> Scores:
        """Scores of the chosen slots on one part of their splits, not yet read from the device."""
        runs = [slots[i] for i in chosen]
        scores = Scores(self.plan.loss, len(runs), self.plan.device, self.plan.judges)
        on_gpu = self.plan.device.type == "cuda" and self.stack.written_out
        n_rows = WRITTEN_OUT_ROWS if on_gpu else EVALUATION_ROWS
        sources = [slot.source for slot in runs]
        self.stack.train(False)
        with torch.no_grad(), self.weights.averaged():
            outputs = self.stack.evaluator(chosen, self.weights.theta, self.weights.constants)
            for a, x, y, weight, there in self.batch_source.batches(part, sources, n_rows):
                keys = self._keys(runs, a)
                x = x.clone() if self.plan.writes_input else x
                with users_model():
                    output = outputs(x, keys, there)
                scores.add(output, y, there, weight)
        return scores

    def _keys(self, runs: Sequence[Slot], row: int) -> Keys | None:
        """For networks that draw random numbers even when they are only evaluated."""
        if self.stack.noise is not Noise.HASHED:
            return None
        seeds = [slot.segment.run.draw.seed for slot in runs]
        counters = EVALUATION + np.array([(slot.epoch << 16) + row for slot in runs])
        return Keys(keys_on(seeds, counters, self.plan.device))
