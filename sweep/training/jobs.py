"""What travels between the driver and those who train: a plan, segments of runs, their results."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import torch
from torch import Tensor

from sweep.metrics.judging import Judge
from sweep.metrics.loss import Loss
from sweep.networks.selection import Selection
from sweep.records.parameters import ALL_DROPOUTS, DROPOUT, EPOCHS
from sweep.records.trial import Run, RunResult, Trial
from sweep.training.schedules import CONSTANT, SCHEDULE_NUMBERS, Schedule


@dataclass(frozen=True)
class OptimizerPlan:
    """The optimizer of all runs of a population."""

    name: str
    numbers: Mapping[str, float]
    """``lr`` and its other numbers, of runs whose trial has none of its own."""
    swept_numbers: frozenset[str] = frozenset()
    """Those other than ``lr`` that runs have of their own."""
    nesterov: bool = False
    amsgrad: bool = False
    adjust_lr: str = "original"
    """How Muon scales its steps by the shape of a matrix."""
    make: Callable[..., Any] | None = None
    """The user's function, which makes one run's optimizer from parameter groups and ``lr``."""

    def uses(self, number: str) -> bool:
        """Whether any run may have this number above 0."""
        return number in self.swept_numbers or self.numbers[number] > 0

    @property
    def usual(self) -> OptimizerPlan:
        """SGD with this momentum for SGD, and Adam with the usual numbers for all others.

        It is for a few steps in which the network's part is looked at, and not the optimizer's.
        """
        lr = self.numbers["lr"]
        if self.name == "sgd":
            return OptimizerPlan(
                "sgd", {"lr": lr, "momentum": self.numbers["momentum"], "dampening": 0.0}
            )
        return OptimizerPlan("adam", {"lr": lr, "beta1": 0.9, "beta2": 0.999, "eps": 1e-8})


@dataclass(frozen=True)
class TransformPlan:
    """A transform of the rows of a batch."""

    name: str
    amount: float = 0.0
    """Of runs whose trial has none of its own; 0 leaves rows as they are."""
    axis: int = -1
    """The axis of time, counted from the end."""
    padding: str = "zeros"
    """What comes in from outside of a row."""
    function: Callable[..., Any] | None = None
    """The user's, where it is theirs: called with the rows of a run and a ``TransformKey``."""
    batched: bool = False
    """Whether vmap calls it for all runs at once."""


@dataclass(frozen=True)
class TrainingPlan:
    """What all runs of a population share."""

    loss: Loss
    optimizer: OptimizerPlan
    epochs: int
    """Of runs whose trial has no own."""
    batch_size: int
    """Rows of a batch; a run that has fewer takes all of its own."""
    steps_per_epoch: int
    """Updates of the weights in an epoch."""
    selection: Selection
    """What is penalized."""
    device: torch.device
    dtype: torch.dtype
    schedule: Schedule = CONSTANT
    """What multiplies the learning rate; its numbers are those of runs without their own."""
    accumulate: int = 1
    """Batches whose mean gradient makes a step."""
    clip_norm: float = 0.0
    """The largest norm of a gradient; 0 for any."""
    clip_value: float = 0.0
    """The largest size of a gradient's coordinate; 0 for any."""
    ema: float = 0.0
    """The decay of the mean of the weights that is evaluated; 0 for the weights themselves."""
    penalty_from: float = 0.0
    penalty_until: float = 1.0
    """The shares of the run between which penalties act."""
    lr_of: Mapping[str, float] = field(default_factory=dict)
    """What the learning rate of parameters is multiplied by, by pattern of their names."""
    fixed: Mapping[str, float] = field(default_factory=dict)
    """Penalties that act in all runs, and their strengths."""
    scale_invariant: frozenset[str] = frozenset()
    """The parameters whose size does not matter to the loss."""
    output_row: tuple[int, ...] = ()
    """The shape of a row's output."""
    judges: tuple[Judge, ...] = ()
    """What runs are judged by beside loss and accuracy."""
    dropout: float | None = None
    """Rate of runs that do not sweep it where others do (nan: as the network has it)."""
    dropouts: tuple[str, ...] = ("",)
    """The network's dropouts in their order, where some have an axis of their own."""
    augment: tuple[TransformPlan, ...] = ()
    """What is done to the rows of a batch before anything else, one after the other."""
    row_shape: tuple[int, ...] = ()
    """The shape of a row as transforms see it; rows may be flat."""
    input_noise: float = 0.0
    label_smoothing: float = 0.0
    mixup: float = 0.0
    patience: int = 0
    writes_input: bool = False
    """Whether a forward changes the rows that it is given, which are copies then."""
    swept: frozenset[str] = frozenset()
    """The names of axes and regularizers: what runs have of their own."""

    @property
    def n_outputs(self) -> int:
        """Outputs of a row, or of a position."""
        return self.output_row[-1]

    @property
    def lr(self) -> float:
        """The learning rate of runs whose trial has none of its own."""
        return self.optimizer.numbers["lr"]

    @property
    def batches_per_epoch(self) -> int:
        """Batches of an epoch."""
        return self.steps_per_epoch * self.accumulate

    def uses(self, name: str) -> bool:
        """Whether any run of the study may have this number above 0."""
        return name in self.swept or getattr(self, name) > 0

    @property
    def is_scheduled(self) -> bool:
        """Whether the learning rate of any run changes."""
        return self.schedule.changes or "warmup" in self.swept

    @property
    def has_window(self) -> bool:
        """Whether penalties act in a part of any run alone."""
        swept = {"penalty_from", "penalty_until"} & self.swept
        return bool(swept) or self.penalty_from > 0 or self.penalty_until < 1

    def epochs_of(self, trial: Trial) -> int:
        """The passes of the trial's runs over their training rows."""
        return int(trial.params.get(EPOCHS, self.epochs))

    def schedule_of(self, trial: Trial) -> Schedule:
        """The schedule with the trial's own numbers."""
        named = (name for name in SCHEDULE_NUMBERS if name in trial.params)
        own: dict[str, Any] = {name: float(trial.params[name]) for name in named}
        return replace(self.schedule, **own) if own else self.schedule

    def dropout_rates(self, trial: Trial) -> list[float]:
        """The rates of ``dropouts``: their own, or the trial's of all."""
        assert self.dropout is not None
        shared = trial.strength_in_run(ALL_DROPOUTS, self.dropout)
        return [float(trial.params.get(DROPOUT.name_of(name), shared)) for name in self.dropouts]

    def strengths_of(self, penalty: str, trial: Trial, layers: Iterable[str]) -> dict[str, float]:
        """By layer how strongly a penalty acts: the trial's own strength, or that of all runs."""
        fixed = self.fixed.get(penalty, 0.0)
        return {layer: float(trial.strength_of(penalty, layer)) or fixed for layer in layers}

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
    keep_rows: bool = False
    """Whether the result has the losses of the validation rows, one by one."""

    @property
    def start(self) -> int:
        """Epochs that the run has behind it."""
        return self.checkpoint.epoch if self.checkpoint else 0

    @property
    def epochs(self) -> int:
        """Epochs that are to be trained."""
        return self.stop - self.start


@dataclass(frozen=True)
class SegmentResult:
    """A segment that ended: ``running`` at a rung, ``complete`` at the end, or ``diverged``."""

    segment: Segment
    result: RunResult
    checkpoint: Checkpoint | None = None
    weights: Mapping[str, Tensor] | None = None
    """The trained module's state_dict, when the segment asked to keep it."""
