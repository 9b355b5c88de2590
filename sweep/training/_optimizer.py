"""What stacked optimizers share: one update for R runs whose learning rates are their own.

``torch.optim`` takes one learning rate per parameter group, so the stacked updates are written here
and checked against it one run at a time. All parameters of a run lie in one row of ``theta``
``(R, P)``: an update is a handful of in-place operations over the whole population, done in blocks
of rows that fit the processor's cache. Legend: R runs, P parameters of one run, K steps of an
epoch.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from typing import ClassVar

import numpy as np
import torch
from torch import Tensor

from sweep.training._clipping import GradientClipping
from sweep.training.jobs import OptimizerPlan, Segment

BLOCK_ELEMENTS = 1 << 16
"""Elements of one block of rows: five such float32 arrays take 1.3 MB, about a core's cache."""


def all_finite(rows: Tensor) -> Tensor:
    """Whether every number of a row is finite: (R,) for ``rows`` (R, P).

    By their sum, which is not finite if one of them is not, or if they are beyond all use.
    """
    return torch.isfinite(rows.sum(dim=1))


def square_root(tensor: Tensor, out: Tensor) -> Tensor:
    """The square root into ``out``, as 1 / (1 / sqrt): half the time of torch's own on some CPUs,
    where that is a library's; exactly 0 of 0, and within two roundings elsewhere.
    """
    return torch.rsqrt(tensor, out=out).reciprocal_()


class StackedOptimizer(ABC):
    """Updates ``theta`` (R, P) in place; every row keeps a state of its own."""

    state_names: tuple[str, ...] = ()
    """Attributes (R, ...) that make up a row's state."""
    has_metric: ClassVar[bool] = True
    """Whether a coordinate moves in proportion to its gradient, so that proximal steps have a size.
    Without, penalties that make zeros act through their subgradients."""

    def __init__(
        self,
        plan: OptimizerPlan,
        n_slots: int,
        n_parameters: int,
        device: torch.device,
        dtype: torch.dtype,
    ):
        self.plan, self.n_slots, self.n_parameters = plan, n_slots, n_parameters
        self.device, self.dtype = device, dtype
        self.base_lr = self._column(plan.numbers["lr"])
        """The learning rates that schedules multiply (R, 1)."""
        self.lr = self._column(plan.numbers["lr"])
        """The learning rates of the coming step (R, 1)."""
        self.clipping: GradientClipping | None = None
        """What cuts gradients, where any run has a bound: each block just before its update."""
        self.factors: Tensor | None = None
        """What the learning rate of a parameter is multiplied by, (R, P), where any is not 1."""
        self._own = {name: self._column(plan.numbers[name]) for name in plan.swept_numbers}
        """The numbers (R, 1) that runs have of their own, by name."""
        self._values = [dict(plan.numbers) for _ in range(n_slots)]
        """All numbers of every row once more, where Python reads them without waiting."""
        self.rates = np.full((1, n_slots), plan.numbers["lr"])
        """The learning rates (K, R) of the steps of an epoch, or of all of them (1, R)."""
        self.scheduled = False
        """Whether learning rates change from step to step."""
        self._step = 0
        self._changes = 0
        """How often numbers of rows have changed."""
        self._allocate()

    def _allocate(self) -> None:
        """Makes the state of the rows and names it in ``state_names``."""

    def _column(self, value: float) -> Tensor:
        return torch.full((self.n_slots, 1), value, device=self.device, dtype=self.dtype)

    def _matrix(self) -> Tensor:
        shape = (self.n_slots, self.n_parameters)
        return torch.zeros(shape, device=self.device, dtype=self.dtype)

    # ---- slots ---------------------------------------------------------------------------------

    def reset(self, slot: int) -> None:
        """Forget everything about a row."""
        for name in self.state_names:
            getattr(self, name)[slot] = 0

    def set_number(self, name: str, slot: int, value: float) -> None:
        """Gives a row its ``lr`` or another of the plan's numbers."""
        self._values[slot][name] = value
        self._changes += 1
        if name == "lr":
            self.base_lr[slot] = value
            self.lr[slot] = value
            self.rates[:, slot] = value
        elif name in self._own:
            self._own[name][slot] = value
        else:
            assert value == self.plan.numbers[name], f"{name} is the same in all runs"

    def admit(self, i: int, segment: Segment, state: Mapping[str, Tensor] | None) -> None:
        """Gives row ``i`` the numbers of a run, and its ``state`` or that of the start."""
        if state is None:
            self.reset(i)
        else:
            for name in self.state_names:
                getattr(self, name)[i] = state[name]
        for name, default in self.plan.numbers.items():
            self.set_number(name, i, float(segment.trial.params.get(name, default)))

    def checkpoint(self, i: int) -> Mapping[str, Tensor]:
        """A copy of a row's state."""
        return {name: getattr(self, name)[i].clone() for name in self.state_names}

    def all_finite(self, n_rows: int) -> Tensor:
        """Whether a row's state is finite (n_rows,): an infinite moment stops its weight dead."""
        states = [all_finite(getattr(self, name)[:n_rows]) for name in self.state_names]
        return torch.stack(states).all(dim=0)

    def move(self, source: int, target: int) -> None:
        """Copy a row, its numbers and its state, onto another."""
        states = (getattr(self, name) for name in self.state_names)
        for tensor in (*states, *self._own.values(), self.base_lr, self.lr):
            tensor[target] = tensor[source]
        self._values[target] = dict(self._values[source])
        self.rates[:, target] = self.rates[:, source]
        self._changes += 1

    # ---- steps ---------------------------------------------------------------------------------

    def begin_epoch(self, rates: np.ndarray) -> None:
        """Takes the learning rates (K, n) of the steps to come, where a schedule changes them."""
        self.scheduled = True
        self.rates = np.zeros((len(rates), self.n_slots))
        self.rates[:, : rates.shape[1]] = rates
        self._changes += 1

    def begin_step(self, step: int, lr: Tensor) -> None:
        """The coming step is this one of the epoch, with these learning rates (R,)."""
        self._step = step
        self.lr[: len(lr), 0].copy_(lr)

    def number(self, name: str, start: int, stop: int) -> float | Tensor:
        """A number of the rows from ``start`` to ``stop``: one for all, or (rows, 1)."""
        own = self._own.get(name)
        return self.plan.numbers[name] if own is None else own[start:stop]

    def base_lr_of(self, start: int, stop: int, columns: slice) -> Tensor:
        """What schedules multiply: (rows, 1), or (rows, columns) with factors."""
        base = self.base_lr[start:stop]
        return base if self.factors is None else base * self.factors[start:stop, columns]

    def lr_of(self, start: int, stop: int, columns: slice = slice(None)) -> Tensor:
        """The learning rates of the coming step: (rows, 1), or (rows, columns) with factors."""
        lr = self.lr[start:stop]
        return lr if self.factors is None else lr * self.factors[start:stop, columns]

    def blocks(self, n_rows: int) -> Iterator[tuple[int, int]]:
        rows = max(1, BLOCK_ELEMENTS // self.n_parameters)
        if self.device.type != "cpu":
            rows = max(n_rows, 1)
        for start in range(0, n_rows, rows):
            yield start, min(start + rows, n_rows)

    def clipped(self, grad: Tensor, start: int, stop: int) -> Tensor:
        """The gradients of the rows from ``start`` to ``stop``, cut in place."""
        rows = grad[start:stop]
        if self.clipping is not None:
            self.clipping.clip(rows, start)
        return rows

    @abstractmethod
    def update(self, theta: Tensor, grad: Tensor) -> None:
        """One step for the first ``len(theta)`` rows; ``grad`` (R, P) may be overwritten."""

    def step_sizes(self, start: int, stop: int, columns: slice) -> Tensor:
        """How far a constant unit gradient moves a coordinate per step: (rows, columns or 1).

        A proximal step of this size times a strength has its fixed point where the gradient of the
        loss and that of the penalty cancel, as they do at the minimum of their sum.
        """
        raise NotImplementedError(f"{type(self).__name__} has no metric")


def rows_by_value(values: Sequence[object]) -> list[list[int]]:
    """The places of equal values, in the order of their first."""
    found: dict[object, list[int]] = {}
    for i, value in enumerate(values):
        found.setdefault(value, []).append(i)
    return list(found.values())
