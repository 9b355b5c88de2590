"""A launcher whose runs end in an order that is told, without processes or clocks."""

from __future__ import annotations

import math
import random
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress

import sweep
from sweep.launchers.launcher import Launcher
from sweep.launchers.loop_context import LoopContext
from sweep.phases.driver import drive
from sweep.records.trial import Curve, Phase, RunResult, State
from sweep.training.jobs import Segment, SegmentResult

EPOCHS = 4
BEST = {"l2": -2.0, "l1": -1.0, "decay": -1.5, "none": 0.0}
"""The best strength of each penalty, in log10."""

Choose = Callable[[Sequence[Segment]], int]
"""Which of the runs that train ends next."""


class Stop(Exception):
    """Ends a launch early."""


def loss(segment: Segment, epoch: int) -> float:
    """A formula of penalty, strength, learning rate, seed and epoch."""
    trial, seed = segment.trial, segment.run.draw.seed
    x = min(2.0, math.log10(trial.strength)) if trial.strength else -6.0
    far, lr = x - BEST[trial.penalty], math.log10(float(trial.params.get("lr", 0.1)) / 0.03)
    noise = random.Random(seed).gauss(0, 0.01) + random.Random(f"{seed} {x:.6f}").gauss(0, 0.004)
    return 0.3 + 0.05 * far * far + 0.02 * lr * lr + noise + 0.5**epoch


class OrderedRuns(Launcher):
    """Runs end one at a time, as ``choose`` says."""

    def __init__(
        self, n_workers: int, choose: Choose, *, null: bool = True, stop_after: float = math.inf
    ):
        """``null``: whether runs report the constant predictor; Stop comes before another run ends
        than so many.
        """
        self.n_workers, self.choose, self.null, self.stop_after = (
            n_workers,
            choose,
            null,
            stop_after,
        )
        self.training: list[Segment] = []
        self.seen: list[tuple[list[Segment], list[Segment]]] = []
        """What trained and what waited before each run ended."""
        self.ended: list[Segment] = []

    def train(self, waiting: deque[Segment]) -> Iterator[list[SegmentResult]]:
        self.trained_epochs = 0
        while waiting or self.training:
            while waiting and len(self.training) < self.n_workers:
                self.training.append(waiting.popleft())
            self.occupancy = len(self.training), self.n_workers
            self.seen.append((list(self.training), list(waiting)))
            if len(self.ended) >= self.stop_after:
                raise Stop
            segment = self.training.pop(self.choose(self.training))
            self.ended.append(segment)
            self.trained_epochs += segment.stop
            yield [self._result(segment)]

    def _result(self, segment: Segment) -> SegmentResult:
        epochs = tuple(range(1, segment.stop + 1))
        values = tuple(loss(segment, epoch) for epoch in epochs)
        metrics = {"val_loss": values[-1], "train_loss": values[-1] / 2}
        metrics |= {"null_loss": 2.0} if self.null else {}
        metrics |= {"test_loss": values[-1] + 0.1} if segment.with_test else {}
        state = State.COMPLETE if segment.stop == EPOCHS else State.RUNNING
        curves = (Curve("val_loss", epochs, values),)
        result = RunResult(segment.run, state, segment.stop, metrics, curves)
        return SegmentResult(segment, result)


def oldest(training: Sequence[Segment]) -> int:
    """Runs end in the order in which they began."""
    return 0


def newest(training: Sequence[Segment]) -> int:
    """The run that began last ends first."""
    return len(training) - 1


def at_random(seed: int) -> Choose:
    """In an order drawn once."""
    chance = random.Random(seed)
    return lambda training: chance.randrange(len(training))


def late(*names: str, phases: Sequence[Phase] = tuple(Phase)) -> Choose:
    """Runs of these penalties, in these phases, end only when no other trains."""

    def choose(training: Sequence[Segment]) -> int:
        held = [s.trial.penalty in names and s.trial.phase in phases for s in training]
        return held.index(False) if False in held else 0

    return choose


def run_ordered(study: sweep.Study, url: str, launcher: OrderedRuns) -> sweep.Store:
    """The store after the study ran, or was stopped."""
    store = sweep.open_store(url)
    with suppress(Stop):
        drive(store, LoopContext(study, "cpu"), launcher)
    return store
