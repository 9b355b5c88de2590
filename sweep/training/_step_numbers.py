"""Numbers that belong to a step of a run: its learning rate, and the like, from its place in it.

They follow from the trial and the step alone, so that a run that is stopped and goes on has those
that it would have had. Legend: R slots, K steps of an epoch.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sweep.training.jobs import Segment, TrainingPlan
from sweep.training.schedules import Schedule, factors, in_window

LR, AVERAGING, ACTING = "lr", "averaging", "acting"
"""The names of the tables."""


@dataclass(frozen=True)
class _RunNumbers:
    n_steps: int
    lr: float
    schedule: Schedule
    ema: float
    start: float
    stop: float

    def rates(self, steps: np.ndarray) -> np.ndarray:
        """The learning rates of steps (K,)."""
        return np.asarray(self.lr * factors(self.schedule, self.n_steps)[steps])

    def averaging(self, steps: np.ndarray) -> np.ndarray:
        """The share of the new weights in their mean (K,); the first weights are it whole."""
        return np.where(steps == 0, 1.0, 1.0 - self.ema)

    def acting(self, steps: np.ndarray) -> np.ndarray:
        """Whether penalties act, 1 or 0 (K,)."""
        return in_window(steps, self.n_steps, self.start, self.stop).astype(float)


class StepNumbers:
    """The numbers of the steps of a population's runs."""

    def __init__(self, plan: TrainingPlan, width: int):
        self.plan = plan
        tables = {
            LR: plan.is_scheduled,
            AVERAGING: plan.uses("ema"),
            ACTING: plan.has_window,
        }
        self.names = [name for name, used in tables.items() if used]
        self._runs: list[_RunNumbers | None] = [None] * width

    def admit(self, i: int, segment: Segment, state: None = None) -> None:
        plan, trial = self.plan, segment.trial
        self._runs[i] = _RunNumbers(
            plan.epochs_of(trial) * plan.steps_per_epoch,
            float(trial.params.get("lr", plan.lr)),
            plan.schedule_of(trial),
            plan.number("ema", trial),
            plan.number("penalty_from", trial),
            plan.number("penalty_until", trial),
        )

    def move(self, source: int, target: int) -> None:
        """The run of one slot now sits in another."""
        self._runs[target] = self._runs[source]

    def checkpoint(self, i: int) -> None:
        """Nothing: the trial and the step say what the numbers are."""

    def tables(self, epochs: Sequence[int], wide: int) -> dict[str, np.ndarray]:
        """Those in use by name (K, ``wide``), for slots that begin these epochs; others have 0."""
        found = {name: np.zeros((self.plan.steps_per_epoch, wide)) for name in self.names}
        for i, epoch in enumerate(epochs if self.names else ()):
            run = self._runs[i]
            assert run is not None
            steps = epoch * self.plan.steps_per_epoch + np.arange(self.plan.steps_per_epoch)
            for name, table in found.items():
                table[:, i] = _READERS[name](run, steps)
        return found


_READERS = {
    LR: _RunNumbers.rates,
    AVERAGING: _RunNumbers.averaging,
    ACTING: _RunNumbers.acting,
}
