"""Metrics of numbers, of many runs at once in float64; the names are scikit-learn's.

Of several outputs each is their mean over outputs. A ratio to the spread of targets that are all
equal is not defined, and nan. Legend: R runs, N rows, C outputs.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import torch
from torch import Tensor

from sweep.metrics.judging import StackedRows
from sweep.metrics.ranking import ranks

LEAST = torch.finfo(torch.float64).eps
"""What a target's size counts as at least, where it is divided by."""


class NumberRows:
    """Rows of some runs; targets that are all equal have a spread of nan."""

    def __init__(self, rows: StackedRows):
        self.weight = rows.weights[..., None]
        device = self.weight.device
        self.output = rows.output.to(device).double()
        self.target = rows.target.to(device).double().reshape(self.output.shape)
        self.error = self.output - self.target

    def mean(self, values: Tensor) -> Tensor:
        """The weighted mean over rows (R, 1, C) of values (R, N, C)."""
        return (self.weight * values).sum(1, keepdim=True) / self.weight.sum(1, keepdim=True)

    def variance(self, values: Tensor) -> Tensor:
        """(R, 1, C)."""
        return self.mean((values - self.mean(values)).square())

    @property
    def spread(self) -> Tensor:
        """The variance of the targets (R, 1, C); nan where they are all equal."""
        varied = _varies(self.target, self.weight)
        return torch.where(varied, self.variance(self.target), torch.nan)


def _varies(values: Tensor, weight: Tensor) -> Tensor:
    """Whether rows that count have different values (R, 1, C)."""
    low = torch.where(weight > 0, values, torch.inf).amin(1, keepdim=True)
    return torch.where(weight > 0, values, -torch.inf).amax(1, keepdim=True) > low


def _over_outputs(values: Tensor) -> Tensor:
    """(R,) of values (R, 1, C)."""
    return values.mean((1, 2))


def _mae(rows: NumberRows) -> Tensor:
    return _over_outputs(rows.mean(rows.error.abs()))


def _rmse(rows: NumberRows) -> Tensor:
    return _over_outputs(rows.mean(rows.error.square()).sqrt())


def _mape(rows: NumberRows) -> Tensor:
    return _over_outputs(rows.mean(rows.error.abs() / rows.target.abs().clamp(min=LEAST)))


def _r2(rows: NumberRows) -> Tensor:
    return _over_outputs(1 - rows.mean(rows.error.square()) / rows.spread)


def _explained_variance(rows: NumberRows) -> Tensor:
    return _over_outputs(1 - rows.variance(rows.error) / rows.spread)


def _spearman(rows: NumberRows) -> Tensor:
    """Of all rows that count alike: no weights of ranks are usual."""
    counted = (rows.weight > 0).double().transpose(1, 2)
    first, second = (
        ranks(values.transpose(1, 2).contiguous(), counted.expand(values.transpose(1, 2).shape))
        for values in (rows.output, rows.target)
    )
    n = counted.sum(2, keepdim=True)
    first, second = (v - (counted * v).sum(2, keepdim=True) / n for v in (first, second))
    joint = (counted * first * second).sum(2)
    squares = [(counted * v.square()).sum(2) for v in (first, second)]
    found = joint / (squares[0] * squares[1]).sqrt()
    constant = ~_varies(rows.output, rows.weight)[:, 0]
    undefined = ~_varies(rows.target, rows.weight)[:, 0]
    found = torch.where(constant, 0.0, found)
    return torch.where(undefined, torch.nan, found).mean(1)


NUMBER_METRICS: Mapping[str, Callable[[NumberRows], Tensor]] = {
    "r2": _r2,
    "explained_variance": _explained_variance,
    "spearman": _spearman,
    "mae": _mae,
    "rmse": _rmse,
    "mape": _mape,
}
"""By name: values (R,) of rows; nan where one is not defined."""
