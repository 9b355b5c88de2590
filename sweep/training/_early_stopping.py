"""Early stopping: a run whose validation loss no longer falls ends, and gets its best epoch back.

With patience p a run ends after p epochs without a lower validation loss. Its weights and buffers
are then those of the epoch with the lowest one; so are they at the end of a run that was never
stopped. Source: Prechelt (1998), "Early stopping - but when?", the criterion UP for strips of one
epoch, counted from the best. Legend: R slots, P parameters of a run.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from sweep.runtime.device import to_device
from sweep.training.jobs import Segment, TrainingPlan


@dataclass(frozen=True)
class BestEpoch:
    """The best epoch of a run so far, which early stopping gives back."""

    epoch: int
    loss: float
    tensors: Mapping[str, Tensor]
    """Weights and constants, named as in the population."""


class EarlyStopping:
    """The best epochs of a population's runs, and who has waited for too long."""

    def __init__(self, plan: TrainingPlan, tensors: Mapping[str, Tensor]):
        """``tensors`` are the weights (R, P) and constants (R, ...) that the population trains."""
        self.plan, width = plan, len(next(iter(tensors.values())))
        self.used = plan.uses("patience")
        self.now = tensors if self.used else {}
        """What is kept of a run, by name."""
        self.best = {name: torch.zeros_like(tensor) for name, tensor in self.now.items()}
        self.patience = [0] * width
        self.epochs = [0] * width
        self.losses = [math.inf] * width

    def admit(self, i: int, segment: Segment, state: BestEpoch | None) -> None:
        """Takes the run of slot ``i`` in, with the best epoch that it had."""
        if not self.used:
            return
        self.patience[i] = int(self.plan.number("patience", segment.trial))
        self.epochs[i], self.losses[i] = (state.epoch, state.loss) if state else (0, math.inf)
        if state:
            for name, tensor in self.best.items():
                tensor[i] = state.tensors[name]

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

    def checkpoint(self, i: int) -> BestEpoch | None:
        """A copy of the best epoch of the run in slot ``i``, if it has patience."""
        if not self.patience[i]:
            return None
        copies = {name: tensor[i].clone() for name, tensor in self.best.items()}
        return BestEpoch(self.epochs[i], self.losses[i], copies)
