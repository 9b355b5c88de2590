"""Stacked optimizers: one update for R runs whose learning rate and momentum are their own.

``torch.optim`` takes one learning rate per parameter group, so the stacked updates are written here
and checked against it one run at a time. All parameters of a run lie in one row of ``theta``
``(R, P)``: an update is a handful of in-place operations over the whole population, done in blocks
of rows that fit the processor's cache. Legend: R runs, P parameters of one run.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping

import torch
from torch import Tensor

from sweep.training.jobs import Segment, TrainingPlan

BLOCK_ELEMENTS = 1 << 16
"""Elements of one block of rows: five such float32 arrays take 1.3 MB, about a core's cache."""
FUSED_FROM = 1 << 10
"""Parameters of a run from which torch's fused kernel is quicker than plain operations."""

DEFAULTS = {"lr": 1.0, "momentum": 0.0}
"""The hyperparameters of rows that nobody has set."""


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

    state_names: tuple[str, ...]
    """Attributes (R, ...) that make up a row's state."""

    def __init__(
        self,
        n_slots: int,
        n_parameters: int,
        device: torch.device,
        dtype: torch.dtype,
        defaults: Mapping[str, float] = DEFAULTS,
    ):
        """``defaults`` are the hyperparameters of runs whose trial has none of their own."""
        self.n_slots, self.n_parameters = n_slots, n_parameters
        self.device, self.dtype, self.defaults = device, dtype, defaults
        self.lr = self._column(1.0)
        self._lr = [1.0] * n_slots
        """The learning rates once more, where Python can read them without waiting for a device."""

    def _column(self, value: float) -> Tensor:
        return torch.full((self.n_slots, 1), value, device=self.device, dtype=self.dtype)

    def _matrix(self) -> Tensor:
        shape = (self.n_slots, self.n_parameters)
        return torch.zeros(shape, device=self.device, dtype=self.dtype)

    def reset(self, slot: int) -> None:
        """Forget everything about a row."""
        for name in self.state_names:
            getattr(self, name)[slot] = 0

    def set_number(self, name: str, slot: int, value: float) -> None:
        """Gives a row its ``lr`` or another of ``hyperparameters``."""
        getattr(self, name)[slot] = value
        if name == "lr":
            self._lr[slot] = value

    def admit(self, i: int, segment: Segment, state: Mapping[str, Tensor] | None) -> None:
        """Gives row ``i`` the hyperparameters of a run, and its ``state`` or that of the start."""
        if state is None:
            self.reset(i)
        else:
            for name in self.state_names:
                getattr(self, name)[i] = state[name]
        for name in self.hyperparameters():
            self.set_number(name, i, float(segment.trial.params.get(name, self.defaults[name])))

    def checkpoint(self, i: int) -> dict[str, Tensor]:
        """A copy of a row's state."""
        return {name: getattr(self, name)[i].clone() for name in self.state_names}

    def all_finite(self, n_rows: int) -> Tensor:
        """Whether a row's state is finite (n_rows,): an infinite moment stops its weight dead."""
        states = [all_finite(getattr(self, name)[:n_rows]) for name in self.state_names]
        return torch.stack(states).all(dim=0)

    def move(self, source: int, target: int) -> None:
        """Copy a row, its numbers and its state, onto another."""
        for name in (*self.state_names, *self.hyperparameters()):
            tensor = getattr(self, name)
            tensor[target] = tensor[source]
        self._lr[target] = self._lr[source]

    def hyperparameters(self) -> tuple[str, ...]:
        """Attributes (R, 1) that are set per run when it is admitted."""
        return ("lr",)

    def blocks(self, n_rows: int) -> Iterator[tuple[int, int]]:
        rows = max(1, BLOCK_ELEMENTS // self.n_parameters)
        if self.device.type != "cpu":
            rows = max(n_rows, 1)
        for start in range(0, n_rows, rows):
            yield start, min(start + rows, n_rows)

    @abstractmethod
    def update(self, theta: Tensor, grad: Tensor) -> None:
        """One step for the first ``len(theta)`` rows; ``grad`` (R, P) may be overwritten."""

    @abstractmethod
    def step_sizes(self, start: int, stop: int, columns: slice) -> Tensor:
        """How far a constant unit gradient moves a coordinate per step: (rows, columns or 1).

        A proximal step of this size times a strength has its fixed point where the gradient of the
        loss and that of the penalty cancel, as they do at the minimum of their sum.
        """


class StackedSGD(StackedOptimizer):
    """b <- momentum*b + g; w <- w - lr*b, as ``torch.optim.SGD`` without dampening."""

    state_names = ("momentum_buffer",)

    def __init__(
        self,
        n_slots: int,
        n_parameters: int,
        device: torch.device,
        dtype: torch.dtype,
        defaults: Mapping[str, float] = DEFAULTS,
    ):
        super().__init__(n_slots, n_parameters, device, dtype, defaults)
        self.momentum = self._column(0.0)
        self.momentum_buffer = self._matrix()

    def hyperparameters(self) -> tuple[str, ...]:
        return ("lr", "momentum")

    def update(self, theta: Tensor, grad: Tensor) -> None:
        for a, b in self.blocks(len(theta)):
            buffer = self.momentum_buffer[a:b]
            torch.addcmul(grad[a:b], buffer, self.momentum[a:b], out=buffer)
            theta[a:b].addcmul_(buffer, self.lr[a:b], value=-1)

    def step_sizes(self, start: int, stop: int, columns: slice) -> Tensor:
        """lr / (1 - momentum): with momentum the steps of 1/(1 - momentum) gradients add up."""
        return self.lr[start:stop] / (1 - self.momentum[start:stop])


class StackedAdam(StackedOptimizer):
    """Adam (Kingma & Ba 2015, algorithm 1) with torch's defaults; also the step of AdamW.

    What AdamW adds, decoupled decay, is the penalty ``decay``. On a CPU long rows go through
    torch's fused kernel, which reads and writes everything once: it takes a step count per tensor
    but one learning rate for all, so there is a call for every rate in use. Short rows, and other
    devices, take one plain operation after the other over the whole population.
    """

    state_names = ("mean", "square", "n_steps")
    beta1, beta2, eps = 0.9, 0.999, 1e-8

    def __init__(
        self,
        n_slots: int,
        n_parameters: int,
        device: torch.device,
        dtype: torch.dtype,
        defaults: Mapping[str, float] = DEFAULTS,
    ):
        super().__init__(n_slots, n_parameters, device, dtype, defaults)
        self.mean, self.square = self._matrix(), self._matrix()
        self.n_steps = torch.zeros((n_slots, 1), device=device)
        self.fused = device.type == "cpu" and n_parameters >= FUSED_FROM
        rows = next((b - a for a, b in self.blocks(n_slots)), 1)
        shape = (0 if self.fused else rows, n_parameters)
        self._scale = torch.empty(shape, device=device, dtype=dtype)
        self._n_updated = n_slots
        self._corrected: tuple[Tensor, Tensor] | None = None
        self._prepared: tuple[object, ...] = ()
        self._groups: list[tuple[float, list[list[Tensor]]]] = []

    def count_step(self, n: int) -> None:
        """The first ``n`` rows are about to be updated once more."""
        self._n_updated = n
        self.n_steps[:n] += 1
        self._corrected = None

    def update(self, theta: Tensor, grad: Tensor) -> None:
        n = len(theta)
        self.count_step(n)
        if self.fused:
            self._fused_update(theta, grad)
            return
        first, second = self._corrections()
        # scale = (sqrt(v_hat) + eps) * (1 - beta1^t) / lr, so that w <- w - m / scale
        slope = first / (second * self.lr[:n])
        offset = first * self.eps / self.lr[:n]
        for a, b in self.blocks(n):
            g = grad[a:b]
            mean = self.mean[a:b].lerp_(g, 1 - self.beta1)
            square = self.square[a:b].mul_(self.beta2).addcmul_(g, g, value=1 - self.beta2)
            scale = square_root(square, self._scale[: b - a])
            scale.mul_(slope[a:b]).add_(offset[a:b])
            theta[a:b].addcdiv_(mean, scale, value=-1)

    def _fused_update(self, theta: Tensor, grad: Tensor) -> None:
        prepared = (theta.data_ptr(), grad.data_ptr(), *self._lr[: len(theta)])
        if prepared != self._prepared:
            self._groups = self._by_lr(theta, grad)
            self._prepared = prepared
        for lr, rows in self._groups:
            torch._fused_adam_(
                *rows,
                lr=lr,
                beta1=self.beta1,
                beta2=self.beta2,
                weight_decay=0.0,
                eps=self.eps,
                amsgrad=False,
                maximize=False,
            )

    def _by_lr(self, theta: Tensor, grad: Tensor) -> list[tuple[float, list[list[Tensor]]]]:
        """For every learning rate in use the rows that have it, as the fused kernel takes them."""
        matrices = (theta, grad, self.mean, self.square)
        groups = []
        for lr in dict.fromkeys(self._lr[: len(theta)]):
            places = [i for i, own in enumerate(self._lr[: len(theta)]) if own == lr]
            rows = [[matrix[i] for i in places] for matrix in matrices]
            counts = [self.n_steps[i, 0] for i in places]
            groups.append((lr, [*rows, [], counts]))
        return groups

    def _corrections(self) -> tuple[Tensor, Tensor]:
        """1 - beta1^t and sqrt(1 - beta2^t) (n, 1) of the n slots of the last update."""
        if self._corrected is None:
            wide = torch.float32 if self.device.type == "mps" else torch.float64
            steps = self.n_steps[: self._n_updated].to(wide)
            first, second = 1 - self.beta1**steps, (1 - self.beta2**steps).sqrt_()
            self._corrected = first.to(self.dtype), second.to(self.dtype)
        return self._corrected

    def step_sizes(self, start: int, stop: int, columns: slice) -> Tensor:
        """lr / (sqrt(v_hat) + eps), as the last update had it."""
        second = self._corrections()[1][start:stop]
        square = self.square[start:stop, columns]
        root = square_root(square, torch.empty_like(square)).add_(self.eps * second)
        return torch.div(self.lr[start:stop] * second, root, out=root)


OPTIMIZERS: dict[str, type[StackedSGD] | type[StackedAdam]] = {
    "sgd": StackedSGD,
    "adam": StackedAdam,
    "adamw": StackedAdam,
}


def make_optimizer(plan: TrainingPlan, n_slots: int, n_parameters: int) -> StackedOptimizer:
    """The plan's optimizer for rows of so many parameters, with the plan's own numbers."""
    numbers = {"lr": plan.lr, "momentum": plan.momentum}
    return OPTIMIZERS[plan.optimizer](n_slots, n_parameters, plan.device, plan.dtype, numbers)
