"""What travels between the driver and those who train: a plan, segments of runs, their results."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from sweep.metrics.metric import Judge
from sweep.networks.selection import Selection
from sweep.records.parameters import ALL_DROPOUTS, DROPOUT
from sweep.records.trial import Run, RunResult, Trial


@dataclass(frozen=True)
class TrainingPlan:
    """What all runs of a population share."""

    task: str
    optimizer: str
    lr: float
    momentum: float
    epochs: int
    batch_size: int
    steps_per_epoch: int
    selection: Selection
    """What is penalized."""
    device: torch.device
    dtype: torch.dtype
    n_outputs: int = 0
    """Classes, or numbers to predict."""
    own: Judge | None = None
    """The user's metric."""
    dropout: float | None = None
    """Rate of runs that do not sweep it where others do (nan: as the network has it)."""
    dropouts: tuple[str, ...] = ("",)
    """The network's dropouts in their order, where some have an axis of their own."""
    input_noise: float = 0.0
    label_smoothing: float = 0.0
    mixup: float = 0.0
    patience: int = 0
    writes_input: bool = False
    """Whether a forward changes the rows that it is given, which are copies then."""
    swept: frozenset[str] = frozenset()
    """The names of axes and regularizers: what runs have of their own."""

    def uses(self, name: str) -> bool:
        """Whether any run of the study may have this number above 0."""
        return name in self.swept or getattr(self, name) > 0

    def dropout_rates(self, trial: Trial) -> list[float]:
        """The rates of ``dropouts``: their own, or the trial's of all."""
        assert self.dropout is not None
        shared = trial.strength_in_run(ALL_DROPOUTS, self.dropout)
        return [float(trial.params.get(DROPOUT.name_of(name), shared)) for name in self.dropouts]

    def number(self, name: str, trial: Trial) -> float:
        """The trial's own number, or that of all."""
        if name == "patience" and "early_stopping" in self.swept:
            strength = trial.strength_in_run("early_stopping")
            return max(1.0, round(1 / strength)) if strength > 0 else float(self.patience)
        return trial.strength_in_run(name, float(getattr(self, name)))


@dataclass(frozen=True)
class Checkpoint:
    """A run between two segments: everything that it needs to go on as if it had never stopped."""

    epoch: int
    seconds: float
    curves: Mapping[str, tuple[tuple[int, float], ...]]
    states: Mapping[str, Any]
    """By its name in the population what a part keeps of the run (see ``SlotState``). Each part
    alone knows the type of its own; one that keeps nothing is absent, so that little travels."""


@dataclass(frozen=True)
class Segment:
    """A run from its checkpoint (or its start) to the epoch ``stop``."""

    run: Run
    trial: Trial
    stop: int
    checkpoint: Checkpoint | None = None
    with_test: bool = False
    keep_weights: bool = False


@dataclass(frozen=True)
class SegmentResult:
    """A segment that ended: ``running`` at a rung, ``complete`` at the end, or ``diverged``."""

    segment: Segment
    result: RunResult
    checkpoint: Checkpoint | None = None
    weights: Mapping[str, Tensor] | None = None
    """The trained module's state_dict, when the segment asked to keep it."""
