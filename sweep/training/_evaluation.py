"""Scores of a population's runs on a part of their splits, in eval mode. Legend: R runs, B rows."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import torch
from torch import Tensor

from sweep.metrics.metric import Metric
from sweep.metrics.scores import Scores, losses_by_row
from sweep.networks.counter_rng import EVALUATION, Keys, Noise, keys_on
from sweep.networks.stacked import StackedModule
from sweep.runtime.trees import cloned
from sweep.training._batches import BatchSource
from sweep.training._slots import Slot
from sweep.training._steps import users_model
from sweep.training._weights import StackedWeights
from sweep.training.jobs import TrainingPlan

EVALUATION_ROWS, WRITTEN_OUT_ROWS = 128, 1024
"""Rows of every run in one evaluation batch: few enough to stay in a processor's cache, and to be
counted in 32 bits by the kernels of a GPU. There are more of networks that are written out, on a
GPU, or by the library in C, which keeps no hidden numbers."""
INPUTS = 1 << 16
"""Numbers in a run's batch of inputs from which the library in C gains nothing by more rows: every
run has a copy of them, which would fill the memory."""

Add = Callable[[Tensor, Tensor, Tensor | None, Tensor | None], None]


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
        scores = Scores(self.plan.loss, len(chosen), self.plan.device, self.plan.judges)
        self._feed(scores.add, slots, chosen, part)
        return scores

    def row_losses(
        self, slots: Sequence[Slot], chosen: Sequence[int]
    ) -> list[dict[Metric, np.ndarray]]:
        """What each validation row (N,) of the chosen slots loses, by the metrics by which rows
        have losses of their own that count alike.
        """
        batches: dict[Metric, list[Tensor]] = {}

        def add(output: Tensor, target: Tensor, _: Tensor | None, weight: Tensor | None) -> None:
            if weight is None:
                for metric, losses in losses_by_row(self.plan.loss, output, target).items():
                    batches.setdefault(metric, []).append(losses.float())

        self._feed(add, slots, chosen, "validation")
        tables = {metric: torch.cat(own, 1).cpu().numpy() for metric, own in batches.items()}
        sizes = self.batch_source.parts["validation"][3]
        ends = [sizes[slots[i].source] for i in chosen]
        return [
            {metric: table[place, :end] for metric, table in tables.items()}
            for place, end in enumerate(ends)
        ]

    def _feed(self, add: Add, slots: Sequence[Slot], chosen: Sequence[int], part: str) -> None:
        """Calls ``add`` with the outputs, targets, rows that are there and weights of each batch
        of one part of the chosen slots.
        """
        runs = [slots[i] for i in chosen]
        n_rows = self._batch_rows()
        sources = [slot.source for slot in runs]
        self.stack.train(False)
        with torch.no_grad(), self.weights.averaged():
            outputs = self.stack.evaluator(chosen, self.weights.theta, self.weights.constants)
            for a, x, y, weight, there in self.batch_source.batches(part, sources, n_rows):
                keys = self._keys(runs, a)
                x = cloned(x) if self.plan.writes_input else x
                with users_model():
                    output = outputs(x, keys, there)
                add(output, y, there, weight)

    def _batch_rows(self) -> int:
        """Rows of every run in a batch: they do not depend on how many runs there are."""
        stack = self.stack
        if self.plan.device.type == "cuda":
            return WRITTEN_OUT_ROWS if stack.written_out else EVALUATION_ROWS
        if n_inputs := stack.compiled_inputs(self.weights.theta):
            return max(EVALUATION_ROWS, min(WRITTEN_OUT_ROWS, INPUTS // n_inputs))
        return EVALUATION_ROWS

    def _keys(self, runs: Sequence[Slot], row: int) -> Keys | None:
        """For networks that draw random numbers even when they are only evaluated."""
        if self.stack.noise is not Noise.HASHED:
            return None
        seeds = [slot.segment.run.draw.seed for slot in runs]
        counters = EVALUATION + np.array([(slot.epoch << 16) + row for slot in runs])
        return Keys(keys_on(seeds, counters, self.plan.device))
