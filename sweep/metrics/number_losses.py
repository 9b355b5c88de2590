"""Losses of numbers: squared and absolute errors, quantiles, counts, and a mean with its variance.

All are averaged over the columns of a row, of which there may be any number. Legend: R runs, B
rows, K target columns, Q quantiles.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from sweep.metrics._loss_kernel import SQUARED_ERROR, compiled, loss_and_gradient, suits
from sweep.metrics.loss import CompiledLoss, Loss, Mixing, Numbers

MEDIAN = 0.5
LEAST_VARIANCE = 1e-6
"""Of the constant predictor of a column that does not vary (torch's ``eps``)."""


def _row_means(losses: Tensor) -> tuple[Tensor, None]:
    return losses.flatten(2).mean(2), None


class SquaredError(Loss):
    """The squared error."""

    name = "mse"
    mixing = Mixing.QUADRATIC
    scales_target = True

    def compiled(self, n_outputs: int, target: Tensor, dtype: torch.dtype) -> CompiledLoss | None:
        return compiled(SQUARED_ERROR, n_outputs, target, dtype)

    def untraced(
        self, output: Tensor, target: Tensor, weight: Tensor | None = None
    ) -> tuple[Tensor, Tensor]:
        if suits(SQUARED_ERROR, output, target):
            return loss_and_gradient(SQUARED_ERROR, output, target, weight)
        return super().untraced(output, target, weight)

    def rows(self, output: Tensor, target: Tensor) -> tuple[Tensor, Tensor | None]:
        return _row_means((output - target).square())

    def loss_and_gradient(
        self, output: Tensor, target: Tensor, weight: Tensor | None = None
    ) -> tuple[Tensor, Tensor]:
        """The mean loss of every run (R,) and its gradient by ``output``: twice the residual."""
        if weight is not None or output.ndim != 3:
            return super().loss_and_gradient(output, target, weight)
        residual = output - target
        n_numbers = output.shape[1] * output.shape[2]
        return residual.square().mean((1, 2)), residual.mul_(2 / n_numbers)

    def constant(
        self, target: np.ndarray, weight: np.ndarray | None, row: tuple[int, ...]
    ) -> np.ndarray:
        """The mean of every column."""
        if weight is None:
            return np.asarray(target.mean(axis=0, dtype=np.float64))
        return np.asarray(np.average(target.astype(np.float64), axis=0, weights=weight))


class AbsoluteError(Loss):
    """The absolute error."""

    name = "mae"
    scales_target = True

    def rows(self, output: Tensor, target: Tensor) -> tuple[Tensor, Tensor | None]:
        return _row_means((output - target).abs())

    def constant(
        self, target: np.ndarray, weight: np.ndarray | None, row: tuple[int, ...]
    ) -> np.ndarray:
        """The median of every column."""
        return np.asarray(_quantiles(target, weight, (MEDIAN,))[0])


class HuberLoss(Loss):
    """Half the squared error up to ``delta``, and beyond it a straight line (Huber 1964)."""

    name = "huber"
    scales_target = True

    def __init__(self, delta: float = 1.0):
        self.delta = delta

    def rows(self, output: Tensor, target: Tensor) -> tuple[Tensor, Tensor | None]:
        return _row_means(F.huber_loss(output, target, reduction="none", delta=self.delta))


class QuantileLoss(Loss):
    """The pinball loss (Koenker & Bassett 1978): max(q * e, (q - 1) * e) with e = target - output.

    A row's outputs (K * Q,) are the quantiles of the first target column, then of the next.
    """

    name = "quantile"
    scales_target = True

    def __init__(self, quantiles: Sequence[float] = (MEDIAN,)):
        self.quantiles = tuple(quantiles)
        self._shares = Numbers(self.quantiles)

    def place(self, device: torch.device, dtype: torch.dtype) -> None:
        self._shares.on(device, dtype)

    def rows(self, output: Tensor, target: Tensor) -> tuple[Tensor, Tensor | None]:
        shares = self._shares.like(output)
        error = target.unsqueeze(-1) - torch.unflatten(output, 2, (-1, len(self.quantiles)))
        return _row_means(torch.maximum(shares * error, (shares - 1) * error))

    def predictions(self, output: Tensor) -> Tensor | None:
        """The medians, where they are among the quantiles."""
        if MEDIAN not in self.quantiles:
            return None
        by_column = torch.unflatten(output, 2, (-1, len(self.quantiles)))
        return by_column[..., self.quantiles.index(MEDIAN)]

    def constant(
        self, target: np.ndarray, weight: np.ndarray | None, row: tuple[int, ...]
    ) -> np.ndarray:
        """The quantiles of every column."""
        found = _quantiles(target, weight, self.quantiles)  # (Q, K)
        return np.ascontiguousarray(found.T).reshape(-1)


class PoissonLoss(Loss):
    """Minus the log-likelihood of counts but for a term without outputs: exp(o) - target * o.

    Outputs are logarithms of rates.
    """

    name = "poisson"
    mixing = Mixing.LINEAR

    def rows(self, output: Tensor, target: Tensor) -> tuple[Tensor, Tensor | None]:
        return _row_means(output.exp() - target * output)

    def predictions(self, output: Tensor) -> Tensor:
        """The rates."""
        return output.exp()

    def constant(
        self, target: np.ndarray, weight: np.ndarray | None, row: tuple[int, ...]
    ) -> np.ndarray:
        """The logarithm of the mean of every column.

        Of a column that is 0 in all rows one row with 1 is added, as no rate has the logarithm of
        0: some split may have such training rows.
        """
        mean = np.average(target.astype(np.float64), axis=0, weights=weight)
        total = float(len(target) if weight is None else weight.sum())
        return np.asarray(np.log(np.where(mean > 0, mean, 1 / (total + 1))))


class GaussianLoss(Loss):
    """Minus the log-likelihood of a normal distribution but for a constant (Nix & Weigend 1994):
    (v + (target - mean)^2 exp(-v)) / 2 with v the logarithm of the variance.

    A row's outputs (2 K,) are the means of all columns, then their v.
    """

    name = "gaussian_nll"
    scales_target = True

    def rows(self, output: Tensor, target: Tensor) -> tuple[Tensor, Tensor | None]:
        mean, log_variance = output.chunk(2, dim=2)
        square = (target - mean).square()
        return _row_means((log_variance + square * torch.exp(-log_variance)) / 2)

    def predictions(self, output: Tensor) -> Tensor:
        """The means."""
        return output.chunk(2, dim=2)[0]

    def constant(
        self, target: np.ndarray, weight: np.ndarray | None, row: tuple[int, ...]
    ) -> np.ndarray:
        """Mean and logarithm of the variance of every column."""
        numbers = target.astype(np.float64)
        mean = np.average(numbers, axis=0, weights=weight)
        variance = np.average((numbers - mean) ** 2, axis=0, weights=weight)
        return np.concatenate([mean, np.log(np.maximum(variance, LEAST_VARIANCE))])


def _quantiles(
    target: np.ndarray, weight: np.ndarray | None, shares: Sequence[float]
) -> np.ndarray:
    """Quantiles (Q, ...) of the columns of ``target`` (N, ...): the smallest numbers at or below
    which such a share of the weight lies.

    numpy knows weights only from its version 2 on.
    """
    numbers = target.astype(np.float64)
    weights = np.ones(len(numbers)) if weight is None else weight.astype(np.float64)
    order = np.argsort(numbers, axis=0, kind="stable")
    sums = np.cumsum(weights[order], axis=0)
    found = []
    for share in shares:
        first = (sums < share * sums[-1]).sum(axis=0)
        places = np.take_along_axis(order, np.minimum(first, len(numbers) - 1)[None], axis=0)
        found.append(np.take_along_axis(numbers, places, axis=0)[0])
    return np.stack(found)
