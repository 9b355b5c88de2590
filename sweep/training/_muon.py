"""Stacked Muon: matrices by their orthogonalised momentum, all other weights by AdamW's step.

Source: Jordan et al. 2024, "Muon: an optimizer for hidden layers in neural networks", and
``torch.optim.Muon``, whose scales of the step these are. Torch orthogonalises in bfloat16; this is
done in the type of the weights. Legend: R runs, A rows and B columns of a matrix.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from sweep.training._adam import StackedAdam
from sweep.training._optimizer import BLOCK_ELEMENTS, StackedOptimizer
from sweep.training.jobs import OptimizerPlan, Segment

COEFFICIENTS = (3.4445, -4.7750, 2.0315)
"""Of the quintic iteration (Jordan et al. 2024)."""
ITERATIONS = 5
LEAST_NORM = 1e-7


@dataclass(frozen=True)
class Matrix:
    """Where a matrix lies in a row of ``theta``."""

    columns: slice
    shape: tuple[int, int]

    def scale(self, adjust_lr: str) -> float:
        """What its learning rate is multiplied by."""
        n_rows, n_columns = self.shape
        if adjust_lr == "match_rms_adamw":  # Liu et al. 2025, eq. 4
            return 0.2 * math.sqrt(max(n_rows, n_columns))
        return math.sqrt(max(1, n_rows / n_columns))


class StackedMuon(StackedOptimizer):
    """m <- momentum*m + (1 - momentum)*g; W <- W - lr*scale*orthogonalised(m)."""

    has_metric = False

    def __init__(
        self,
        plan: OptimizerPlan,
        n_slots: int,
        n_parameters: int,
        device: torch.device,
        dtype: torch.dtype,
        matrices: Sequence[Matrix] = (),
    ):
        super().__init__(plan, n_slots, n_parameters, device, dtype)
        self.matrices = sorted(matrices, key=lambda matrix: matrix.columns.start)
        self.buffers = [
            torch.zeros((n_slots, *matrix.shape), device=device, dtype=dtype)
            for matrix in self.matrices
        ]
        self.others = [
            (columns, StackedAdam(plan, n_slots, columns.stop - columns.start, device, dtype))
            for columns in self._between()
        ]
        """The stretches of columns between the matrices, and what updates them."""

    def _between(self) -> Iterator[slice]:
        start = 0
        for matrix in self.matrices:
            if matrix.columns.start > start:
                yield slice(start, matrix.columns.start)
            start = matrix.columns.stop
        if start < self.n_parameters:
            yield slice(start, self.n_parameters)

    # ---- slots ---------------------------------------------------------------------------------

    def reset(self, slot: int) -> None:
        for buffer in self.buffers:
            buffer[slot] = 0

    def set_number(self, name: str, slot: int, value: float) -> None:
        super().set_number(name, slot, value)
        for _, other in self.others:
            other.set_number(name, slot, value)

    def admit(self, i: int, segment: Segment, state: Mapping[str, Any] | None) -> None:
        super().admit(i, segment, None)
        matrices = [0.0] * len(self.buffers) if state is None else state["matrices"]
        others = [None] * len(self.others) if state is None else state["others"]
        for buffer, matrix in zip(self.buffers, matrices, strict=True):
            buffer[i] = matrix
        for (_, other), own in zip(self.others, others, strict=True):
            other.admit(i, segment, own)

    def checkpoint(self, i: int) -> Mapping[str, Any]:
        """Copies of the buffers of a row, and of what the others keep of it."""
        return {
            "matrices": [buffer[i].clone() for buffer in self.buffers],
            "others": [other.checkpoint(i) for _, other in self.others],
        }

    def move(self, source: int, target: int) -> None:
        super().move(source, target)
        for buffer in self.buffers:
            buffer[target] = buffer[source]
        for _, other in self.others:
            other.move(source, target)

    def all_finite(self, n_rows: int) -> Tensor:
        states = [torch.isfinite(buffer[:n_rows].sum((1, 2))) for buffer in self.buffers]
        states += [other.all_finite(n_rows) for _, other in self.others]
        return torch.stack(states).all(dim=0)

    # ---- steps ---------------------------------------------------------------------------------

    def begin_epoch(self, rates: np.ndarray) -> None:
        super().begin_epoch(rates)
        for _, other in self.others:
            other.begin_epoch(rates)

    def begin_step(self, step: int, lr: Tensor) -> None:
        super().begin_step(step, lr)
        for _, other in self.others:
            other.begin_step(step, lr)

    def update(self, theta: Tensor, grad: Tensor) -> None:
        self.clipped(grad, 0, len(theta))
        for columns, other in self.others:
            if self.factors is not None:
                other.factors = self.factors[:, columns]
            other.update(theta[:, columns], grad[:, columns])
        for matrix, buffer in zip(self.matrices, self.buffers, strict=True):
            rows = max(1, BLOCK_ELEMENTS // math.prod(matrix.shape))
            rows = rows if self.device.type == "cpu" else len(theta)
            for a in range(0, len(theta), rows):
                self._update_matrix(matrix, buffer, theta, grad, a, min(a + rows, len(theta)))

    def _update_matrix(
        self, matrix: Matrix, buffer: Tensor, theta: Tensor, grad: Tensor, a: int, b: int
    ) -> None:
        shape, columns = (b - a, *matrix.shape), matrix.columns
        momentum = self.number("momentum", a, b)
        if isinstance(momentum, Tensor):
            momentum = momentum.unsqueeze(2)
        g = grad[a:b, columns].view(shape)
        mean = buffer[a:b].lerp_(g, 1 - momentum)
        direction = orthogonalised(g.lerp(mean, momentum) if self.plan.nesterov else mean)
        first = slice(columns.start, columns.start + 1)  # a parameter has one factor
        lr = self.lr_of(a, b, first).unsqueeze(2) * matrix.scale(self.plan.adjust_lr)
        theta[a:b, columns].view(shape).addcmul_(direction, lr, value=-1)


def orthogonalised(matrices: Tensor) -> Tensor:
    """Matrices (R, A, B) with singular values near 1 in place of their own.

    By five steps of a quintic Newton-Schulz iteration, which end between 0.7 and 1.2.
    """
    a, b, c = COEFFICIENTS
    tall = matrices.shape[1] > matrices.shape[2]
    x = matrices.mT if tall else matrices
    x = x / torch.linalg.matrix_norm(x, keepdim=True).clamp_min(LEAST_NORM)
    for _ in range(ITERATIONS):
        gram = x @ x.mT
        x = torch.baddbmm(x, torch.baddbmm(gram, gram, gram, beta=b, alpha=c), x, beta=a)
    return x.mT if tall else x
