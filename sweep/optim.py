"""Stacked optimizers: one update for R runs whose learning rate and momentum are their own.

``torch.optim`` takes one learning rate per parameter group, so the stacked updates are written here
and checked against it one run at a time. All parameters of a run lie in one row of ``theta``
``(R, P)``: an update is a handful of in-place operations over the whole population, done in blocks
of rows that fit the processor's cache. Legend: R runs, P parameters of one run.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping

import torch
from torch import Tensor

BLOCK_ELEMENTS = 1 << 17
"""Elements of one block of rows: five such float32 arrays take 2.5 MB, about a core's cache."""


class StackedOptimizer(ABC):
    """Updates ``theta`` (R, P) in place; every row keeps a state of its own."""

    state_names: tuple[str, ...]
    """Attributes (R, ...) that make up a row's state."""

    def __init__(self, n_slots: int, n_parameters: int, device: torch.device, dtype: torch.dtype):
        self.n_slots, self.n_parameters = n_slots, n_parameters
        self.device, self.dtype = device, dtype
        self.lr = self._column(1.0)

    def _column(self, value: float) -> Tensor:
        return torch.full((self.n_slots, 1), value, device=self.device, dtype=self.dtype)

    def _matrix(self) -> Tensor:
        shape = (self.n_slots, self.n_parameters)
        return torch.zeros(shape, device=self.device, dtype=self.dtype)

    def reset(self, slot: int) -> None:
        """Forget everything about a row."""
        for name in self.state_names:
            getattr(self, name)[slot] = 0

    def read_state(self, slot: int) -> dict[str, Tensor]:
        """A copy of a row's state."""
        return {name: getattr(self, name)[slot].clone() for name in self.state_names}

    def write_state(self, slot: int, state: Mapping[str, Tensor]) -> None:
        for name in self.state_names:
            getattr(self, name)[slot] = state[name]

    def move(self, source: int, target: int) -> None:
        """Copy a row, its numbers and its state, onto another."""
        for name in (*self.state_names, *self.hyperparameters()):
            tensor = getattr(self, name)
            tensor[target] = tensor[source]

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

    def __init__(self, n_slots: int, n_parameters: int, device: torch.device, dtype: torch.dtype):
        super().__init__(n_slots, n_parameters, device, dtype)
        self.momentum = self._column(0.0)
        self.momentum_buffer = self._matrix()

    def hyperparameters(self) -> tuple[str, ...]:
        return ("lr", "momentum")

    def update(self, theta: Tensor, grad: Tensor) -> None:
        for a, b in self.blocks(len(theta)):
            buffer = self.momentum_buffer[a:b].mul_(self.momentum[a:b]).add_(grad[a:b])
            theta[a:b].addcmul_(buffer, self.lr[a:b], value=-1)

    def step_sizes(self, start: int, stop: int, columns: slice) -> Tensor:
        """lr / (1 - momentum): with momentum the steps of 1/(1 - momentum) gradients add up."""
        return self.lr[start:stop] / (1 - self.momentum[start:stop])


class StackedAdam(StackedOptimizer):
    """Adam (Kingma & Ba 2015, algorithm 1) with torch's defaults; also the step of AdamW.

    What AdamW adds, decoupled decay, is the penalty ``decay``.
    """

    state_names = ("mean", "square", "beta1_power", "beta2_power")
    beta1, beta2, eps = 0.9, 0.999, 1e-8

    def __init__(self, n_slots: int, n_parameters: int, device: torch.device, dtype: torch.dtype):
        super().__init__(n_slots, n_parameters, device, dtype)
        self.mean, self.square, self.scale = self._matrix(), self._matrix(), self._matrix()
        self.beta1_power, self.beta2_power = self._powers(), self._powers()

    def _powers(self) -> Tensor:
        wide = torch.float32 if self.device.type == "mps" else torch.float64
        return torch.ones((self.n_slots, 1), device=self.device, dtype=wide)

    def reset(self, slot: int) -> None:
        super().reset(slot)
        self.beta1_power[slot] = 1
        self.beta2_power[slot] = 1

    def update(self, theta: Tensor, grad: Tensor) -> None:
        n = len(theta)
        self.beta1_power[:n].mul_(self.beta1)
        self.beta2_power[:n].mul_(self.beta2)
        first = 1 - self.beta1_power[:n]
        second = (1 - self.beta2_power[:n]).sqrt_()
        # scale = (sqrt(v_hat) + eps) * (1 - beta1^t) / lr, so that w <- w - m / scale
        slope = (first / (second * self.lr[:n])).to(self.dtype)
        offset = (first * self.eps / self.lr[:n]).to(self.dtype)
        for a, b in self.blocks(n):
            g = grad[a:b]
            mean = self.mean[a:b].lerp_(g, 1 - self.beta1)
            square = self.square[a:b].mul_(self.beta2).addcmul_(g, g, value=1 - self.beta2)
            scale = torch.sqrt(square, out=self.scale[a:b]).mul_(slope[a:b]).add_(offset[a:b])
            theta[a:b].addcdiv_(mean, scale, value=-1)

    def step_sizes(self, start: int, stop: int, columns: slice) -> Tensor:
        """lr / (sqrt(v_hat) + eps), as the last update had it."""
        first = (1 - self.beta1_power[start:stop]).to(self.dtype)
        return first / self.scale[start:stop, columns]


OPTIMIZERS: dict[str, Callable[[int, int, torch.device, torch.dtype], StackedOptimizer]] = {
    "sgd": StackedSGD,
    "adam": StackedAdam,
    "adamw": StackedAdam,
}
