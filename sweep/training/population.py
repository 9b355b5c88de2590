"""Trains many runs at once: a population of slots, each refilled in place as its run ends.

One tick is one epoch for every occupied slot: a batched forward and backward, the penalties, one
stacked optimizer. A run's numbers depend on the study and its own parameters and seed alone: its
initial weights, batch order and noise come from its seed, and the slices of a batched operation do
not touch each other. So runs may come and go, and a run may stop at a rung and go on later.
The occupied slots are always the leading ones; when nobody waits, the population just gets
narrower.
"""

from __future__ import annotations

import contextlib
import logging
import math
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace

import numpy as np
import torch
from torch import nn

from sweep.data.splits import Split
from sweep.networks.counter_rng import Noise
from sweep.networks.forward import check_settings
from sweep.networks.stacked import StackedModule, StackedModuleMaker
from sweep.records.parameters import Shape
from sweep.records.trial import Run, State
from sweep.regularizers.penalties import PENALTIES
from sweep.regularizers.penalty import Penalty
from sweep.runtime.device import is_out_of_memory
from sweep.runtime.host_state import TorchSettings
from sweep.runtime.random_state import DRAWING, isolated
from sweep.runtime.torch_state import flushed_to_zero, plain_attention
from sweep.training._batches import BatchSource
from sweep.training._divergence import DivergenceFinder
from sweep.training._evaluation import Evaluation
from sweep.training._parts import PopulationParts
from sweep.training._readings import Readings
from sweep.training._slots import Slot
from sweep.training._steps import TrainingSteps
from sweep.training.jobs import Checkpoint, Segment, SegmentResult, TrainingPlan

logger = logging.getLogger("sweep")

IN_TRAINING = "training, by the network, a metric or a penalty"


class Population:
    """Slots that train segments; ``train`` yields each as it ends and takes more in between."""

    def __init__(
        self,
        plan: TrainingPlan,
        width: int,
        build: Callable[[int], nn.Module],
        split_of: Callable[[Run, bool], tuple[object, Split]],
        stack: StackedModuleMaker = StackedModule,
        penalties: Mapping[str, Penalty] = PENALTIES,
    ):
        """``build`` makes the model of a seed; ``split_of`` the split of a run and its key;
        ``stack`` what computes many of them at once; ``penalties`` are those that trials name.
        """
        self.plan, self.width = plan, width
        self.split_of = split_of
        template = build(0)
        self.stack = stack(template, plan.device)
        self.parts = PopulationParts(plan, width, self.stack, template, build, penalties)
        self.slots: list[Slot] = []
        self.batch_source = BatchSource(plan.device)
        self.steps = TrainingSteps(plan, width, self.stack, self.parts, self.batch_source)
        self.evaluation = Evaluation(plan, self.stack, self.parts.weights, self.batch_source)
        self.readings = Readings(plan, self.parts, self.batch_source, self.evaluation, self.slots)
        self.divergence = DivergenceFinder(plan, build, split_of, self.stack.noise)
        self.shape: Shape = ()
        """The shape of the runs that it can train."""
        self.trained_epochs = 0
        """Epochs trained so far, summed over runs."""

    # ---- the loop ------------------------------------------------------------------------------

    def train(self, waiting: deque[Segment]) -> Iterator[list[SegmentResult]]:
        """Trains until nobody waits; yields after every epoch what ended in it (often nothing).

        The caller may append to ``waiting`` between two yields.
        """
        while waiting or self.slots:
            while waiting and self.n_free and self.suits(waiting[0]):
                self.admit(waiting.popleft())
            yield self.train_epoch()

    @property
    def n_free(self) -> int:
        return self.width - len(self.slots)

    def train_epoch(self) -> list[SegmentResult]:
        """What ended in one epoch of every occupied slot; may be called in any thread."""
        with self._settings():
            return self._epoch()

    def release(self, n: int) -> list[Segment]:
        """Takes ``n`` runs out, as checkpoints, for another population to go on with."""
        given = []
        for _ in range(n):
            last = len(self.slots) - 1
            given.append(replace(self.slots[last].segment, checkpoint=self._checkpoint(last)))
            self._free(last)
        return given

    def give_up(self) -> list[Segment]:
        """Takes all runs out, as they were when they were admitted."""
        given = [slot.segment for slot in self.slots]
        self.slots.clear()
        return given

    def seconds_per_epoch(
        self, segments: Sequence[Segment], clock: Callable[[], float] = time.perf_counter
    ) -> float:
        """The quicker of two epochs of these runs after one to warm up; the runs are given up.

        Infinite where they do not fit into the memory.
        """
        for segment in segments[: self.width]:
            self.admit(segment)
        seconds = []
        try:
            with self._settings():
                for _ in range(3):
                    start = clock()
                    self.steps.train(self.slots).cpu()
                    seconds.append(clock() - start)
        except Exception as error:
            if not is_out_of_memory(error):
                raise
            logger.warning("out of memory with %d runs together: not timed", len(self.slots))
            return math.inf
        finally:
            self.slots.clear()
        return min(seconds[1:])

    @contextmanager
    def _settings(self) -> Iterator[None]:
        """What holds while runs are trained. Torch's generator is one for all threads, so it is
        touched for models that draw from it only, and those train one at a time."""
        with contextlib.ExitStack() as held:
            if self.stack.noise is Noise.OWN:
                held.enter_context(DRAWING)
                held.enter_context(torch.random.fork_rng(devices=[]))
                held.enter_context(isolated(0))
            held.enter_context(flushed_to_zero())
            held.enter_context(plain_attention())
            before = TorchSettings.read()
            try:
                yield
            except Exception:  # which changed settings may have caused: then they are named
                check_settings(before, IN_TRAINING)
                raise
            check_settings(before, IN_TRAINING)

    def _epoch(self) -> list[SegmentResult]:
        start, n = time.perf_counter(), len(self.slots)
        losses = self.steps.train(self.slots)
        for slot in self.slots:
            slot.epoch += 1
        finite, validation_losses = self.readings.read_epoch(losses)
        seconds = (time.perf_counter() - start) / n
        for slot in self.slots:
            slot.seconds += seconds
        self.trained_epochs += n
        self.readings.score(self.readings.due(finite), "train")
        epochs = [slot.epoch for slot in self.slots]
        stopped = self.parts.early_stopping.note(epochs, validation_losses)
        over = [s.epoch >= s.segment.stop or bool(s.fault) for s in self.slots]
        ended = [i for i in range(n) if over[i] or i in stopped or not finite[i]]
        return self._end(ended, finite, stopped)

    def _end(
        self, ended: list[int], finite: np.ndarray, stopped: frozenset[int]
    ) -> list[SegmentResult]:
        """The results of the slots that ended, which are free then."""
        whole = [i for i in ended if finite[i]]
        self._restore(whole, stopped)
        self.readings.score([i for i in whole if self.slots[i].segment.with_test], "test")
        self.readings.keep_rows([i for i in whole if self.slots[i].segment.keep_rows])
        results = [self._result(i, bool(finite[i]), i in stopped) for i in ended]
        for i in reversed(ended):
            self._free(i)
        return results

    def _restore(self, ended: list[int], stopped: frozenset[int]) -> None:
        """Gives runs with patience that are at their end their best epoch back."""
        for i in ended:
            slot = self.slots[i]
            if i in stopped or slot.epoch >= self.plan.epochs_of(slot.segment.trial):
                slot.restored = self.parts.early_stopping.restore(i)
        unread = [
            i
            for i in ended
            if (shown := self.slots[i].restored)
            and all(epoch != shown for epoch, _ in self.slots[i].curves.get("train_loss", ()))
        ]
        self.readings.score(unread, "train")

    def _result(self, i: int, finite: bool, stopped: bool) -> SegmentResult:
        segment = self.slots[i].segment
        cause = "" if finite else self.divergence.cause(segment, self.slots[i].epoch)
        result = self.readings.result(i, finite, stopped, cause)
        checkpoint = self._checkpoint(i) if result.state is State.RUNNING else None
        weights = self.parts.weights.state_dict(i) if segment.keep_weights else None
        return SegmentResult(segment, result, checkpoint, weights)

    # ---- slots ---------------------------------------------------------------------------------

    def suits(self, segment: Segment) -> bool:
        """Whether a run takes batches of as many rows as those that are being trained: where a
        batch is all rows of a run, folds may differ by one.
        """
        if not self.slots:
            return True
        _, split = self.split_of(segment.run, segment.with_test)
        own = min(self.plan.batch_size, len(split.y_train))
        return own == self.steps.batch_size(self.slots)

    def admit(self, segment: Segment) -> None:
        """Puts a run into the next free slot."""
        slot = Slot(segment, 0, self._source_of(segment))
        if segment.checkpoint is not None:
            slot.resume(segment.checkpoint)
        self.slots.append(slot)
        self.parts.admit(len(self.slots) - 1, segment)

    def _source_of(self, segment: Segment) -> int:
        """The place of the run's split among those in use, where it is put if it is new."""
        key, split = self.split_of(segment.run, segment.with_test)
        if key not in self.batch_source.keys:
            moved = self.batch_source.add(key, split, (slot.source for slot in self.slots))
            for slot in self.slots:
                slot.source = moved[slot.source]
            self.steps.forget_graphs()
        return self.batch_source.keys.index(key)

    def _free(self, i: int) -> None:
        """Gives slot ``i`` back; the last occupied slot moves into its place."""
        last = len(self.slots) - 1
        if i != last:
            self.parts.move(last, i)
            self.slots[i] = self.slots[last]
        self.slots.pop()

    def _checkpoint(self, i: int) -> Checkpoint:
        """Slot ``i`` as it is: what its run needs to go on elsewhere."""
        slot = self.slots[i]
        curves = {metric: tuple(points) for metric, points in slot.curves.items()}
        return Checkpoint(slot.epoch, slot.seconds, curves, self.parts.checkpoint(i))
