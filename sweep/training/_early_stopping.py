"""Early stopping: a run whose validation loss no longer falls ends, and gets its best epoch back.

With patience p a run ends after p epochs without a lower validation loss. Its weights and buffers
are then those of the epoch with the lowest one; so are they at the end of a run that was never
stopped. Source: Prechelt (1998), "Early stopping - but when?", the criterion UP for strips of one
epoch, counted from the best. Legend: R slots, P parameters of a run.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
import torch
from torch import Tensor

from sweep.records.trial import Trial
from sweep.runtime.device import to_device
from sweep.training.jobs import BestCheckpoint, TrainingPlan


class EarlyStopping:
    """The best epochs of a population's runs, and who has waited for too long."""

    def __init__(self, plan: TrainingPlan, theta: Tensor, constants: Mapping[str, Tensor]):
        """``theta`` (R, P) and ``constants`` (R, ...) are those that the population trains."""
        self.plan, width = plan, len(theta)
        self.used = plan.uses("patience")
        self.now = {"": theta, **constants} if self.used else {}
        """What is kept of a run, by name; the weights have none."""
        self.best = {name: torch.zeros_like(tensor) for name, tensor in self.now.items()}
        self.patience = [0] * width
        self.epochs = [0] * width
        self.losses = [math.inf] * width

    def admit(self, i: int, trial: Trial, best_checkpoint: BestCheckpoint | None) -> None:
        """Takes the run of slot ``i`` in, with the ``best_checkpoint`` it had."""
        if not self.used:
            return
        self.patience[i] = int(self.plan.number("patience", trial))
        self.epochs[i], self.losses[i] = (
            (best_checkpoint.epoch, best_checkpoint.loss) if best_checkpoint else (0, math.inf)
        )
        if best_checkpoint:
            for name, tensor in self.best.items():
                tensor[i] = best_checkpoint.constants[name] if name else best_checkpoint.theta

    def move(self, source: int, target: int) -> None:
        """The run of one slot now sits in another."""
        self.patience[target] = self.patience[source]
        self.epochs[target], self.losses[target] = self.epochs[source], self.losses[source]
        for tensor in self.best.values():
            tensor[target] = tensor[source]

    def note(self, epochs: Sequence[int], losses: np.ndarray) -> frozenset[int]:
        """Keeps the slots that have got better in this epoch; those that have waited too long."""
        waiting = [i for i in range(len(epochs)) if self.patience[i]]
        better = [i for i in waiting if losses[i] < self.losses[i]]
        for i in better:
            self.epochs[i], self.losses[i] = epochs[i], float(losses[i])
        if better:
            rows = to_device(torch.tensor(better), self.plan.device)
            for name, tensor in self.best.items():
                tensor[rows] = self.now[name][rows]
        return frozenset(i for i in waiting if epochs[i] - self.epochs[i] >= self.patience[i])

    def restore(self, i: int) -> int:
        """Puts the best epoch of a run with patience back, and returns it; 0 for any other run."""
        if not self.patience[i]:
            return 0
        for name, tensor in self.best.items():
            self.now[name][i] = tensor[i]
        return self.epochs[i]

    def best_checkpoint(self, i: int) -> BestCheckpoint | None:
        """A copy of the best epoch of the run in slot ``i``, if it has patience."""
        if not self.patience[i]:
            return None
        copies = {name: tensor[i].clone() for name, tensor in self.best.items()}
        return BestCheckpoint(self.epochs[i], self.losses[i], copies.pop(""), copies)
