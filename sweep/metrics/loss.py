"""What training makes small: the loss of every row of stacked outputs, its mean and its gradient.

The loss of a batch is a weighted mean: every row has a sum of losses and a count of what was summed
(its positions with a label, or the weight of its class), and batches divide sums by counts, as
torch's ``reduction="mean"`` does. Weights of rows multiply both. Legend: R runs, B rows, N rows of
a part, C classes or outputs.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from enum import Enum, auto
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from sweep.metrics._constant import fitted_constant


class Mixing(Enum):
    """What a loss makes of targets that are mixed (Zhang et al. 2018, mixup)."""

    LINEAR = auto()
    """The loss for mixed targets is the mixture of both losses."""
    QUADRATIC = auto()
    """It is that up to a number that does not depend on the outputs."""
    NONE = auto()


class Numbers:
    """Numbers of a loss, as a tensor wherever outputs are.

    A GPU would be waited for in every step if they were sent there anew.
    """

    def __init__(self, numbers: Sequence[float]):
        self.values = torch.tensor(numbers, dtype=torch.float64)
        self._placed: dict[tuple[torch.device, torch.dtype], Tensor] = {}

    def on(self, device: torch.device, dtype: torch.dtype) -> Tensor:
        """The numbers on a device, in a type."""
        key = device, dtype
        if key not in self._placed:
            self._placed[key] = self.values.to(dtype).to(device)
        return self._placed[key]

    def like(self, tensor: Tensor) -> Tensor:
        """The numbers where another tensor is, in its type."""
        return self.on(tensor.device, tensor.dtype)


class CompiledLoss(NamedTuple):
    """A function in C for others in C to call."""

    kind: int
    """Its first argument."""
    address: int


class Loss(ABC):
    """A loss without a memory: the same outputs and targets give the same numbers."""

    mixing = Mixing.NONE
    by_rows = True
    """Whether the loss of many rows is the mean of theirs."""
    recordable = True
    """Whether a GPU may record it once and repeat it: nothing in it waits for a value."""
    takes_logits = False
    """Whether outputs are logits, of which the loss takes the sigmoid or the softmax."""
    smooths = False
    """Whether a share of the target may be spread over all classes."""
    scales_target = False
    """Whether a target of numbers may be scaled to mean 0 and deviation 1."""

    @property
    @abstractmethod
    def name(self) -> str:
        """As a study names it."""

    @abstractmethod
    def rows(self, output: Tensor, target: Tensor) -> tuple[Tensor, Tensor | None]:
        """The summed loss of every row (R, B), and its count (R, B), or None for 1 each.

        Args:
            output: What the networks give (R, B, ...).
            target: What it is compared with (R, B) or (R, B, ...).
        """

    def untraced(
        self, output: Tensor, target: Tensor, weight: Tensor | None = None
    ) -> tuple[Tensor, Tensor]:
        """``loss_and_gradient`` to rounding, by the library in C where it knows the loss, which
        leaves no trace: nothing may record it.
        """
        return self.loss_and_gradient(output, target, weight)

    def compiled(self, n_outputs: int, target: Tensor, dtype: torch.dtype) -> CompiledLoss | None:
        """The loss as the library in C has it, if it does; ``row_weights`` are its weights.

        Args:
            n_outputs: Of a row.
            target: Of all rows (N, ...).
            dtype: Of outputs and gradients.
        """
        return None

    def row_weights(self, target: Tensor, weight: Tensor | None) -> Tensor | None:
        """What the losses and counts of rows are multiplied by, for the library in C, or None.

        Args:
            target: Of the rows (...,).
            weight: Their weights (...,), or None for 1 each.
        """
        return weight

    def for_runs(self) -> Loss:
        """The loss as runs train by it: what fails in one of them ends no other."""
        return self

    def place(self, device: torch.device, dtype: torch.dtype) -> None:
        """Sends what the loss needs to a device, before the first step there."""

    def hits(self, output: Tensor, target: Tensor) -> tuple[Tensor, Tensor | None] | None:
        """How many predictions of every row are right (R, B), and of how many, or None for 1 each;
        None where nothing is right or wrong.
        """
        return None

    def predictions(self, output: Tensor) -> Tensor | None:
        """What is predicted for each target, as metrics compare it: logits of classes, or numbers
        in the target's unit; None where outputs do not say it.
        """
        return output

    def mean(self, output: Tensor, target: Tensor, weight: Tensor | None = None) -> Tensor:
        """The mean loss of every run (R,); ``weight`` (R, B) are the weights of rows."""
        total, count = weighted(self.rows(output, target), weight)
        return total.sum(1) / _above_zero(count.sum(1))

    def loss_and_gradient(
        self, output: Tensor, target: Tensor, weight: Tensor | None = None
    ) -> tuple[Tensor, Tensor]:
        """The mean loss of every run (R,) and its gradient by ``output`` (R, B, ...)."""
        with torch.enable_grad():
            leaf = output.detach().requires_grad_()
            losses = self.mean(leaf, target, weight)
            (slope,) = torch.autograd.grad(losses.sum(), leaf)
        return losses.detach(), slope

    def constant(
        self, target: np.ndarray, weight: np.ndarray | None, row: tuple[int, ...]
    ) -> np.ndarray:
        """The output, the same for every row, with the smallest loss; it broadcasts to ``row``.

        Args:
            target: Of the training rows (N, ...).
            weight: Their weights (N,), or None for 1 each.
            row: The shape of a row's output.
        """
        return fitted_constant(self, target, weight, row)


def weighted(rows: tuple[Tensor, Tensor | None], weight: Tensor | None) -> tuple[Tensor, Tensor]:
    """Sums and counts of rows (R, B), times the rows' weights."""
    total, count = rows
    count = torch.ones_like(total) if count is None else count
    return (total, count) if weight is None else (total * weight, count * weight)


def _above_zero(count: Tensor) -> Tensor:
    """The counts, and 1 for none at all: a batch without a label has the loss 0."""
    return torch.where(count == 0, torch.ones_like(count), count)
