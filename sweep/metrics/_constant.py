"""The constant output with the smallest loss, found numerically, of losses without a formula."""

from __future__ import annotations

from typing import Protocol

import numpy as np
import torch
from torch import Tensor

from sweep.errors import StudyError

PRECISION = 1e-12
"""Of the gradient and of the loss's relative change, at which the search ends."""


class _MeanLoss(Protocol):
    @property
    def name(self) -> str: ...

    def mean(self, output: Tensor, target: Tensor, weight: Tensor | None = None) -> Tensor: ...


def fitted_constant(
    loss: _MeanLoss, target: np.ndarray, weight: np.ndarray | None, row: tuple[int, ...]
) -> np.ndarray:
    """The constant outputs (of shape ``row``) at which the mean loss of all rows is smallest.

    By L-BFGS in float64 from 0 (Liu & Nocedal 1989). Raises StudyError where the loss is not
    finite on the way, as of one that falls for ever.
    """
    from scipy.optimize import minimize

    targets = torch.from_numpy(np.ascontiguousarray(target))[None]
    weights = None if weight is None else torch.from_numpy(weight.astype(np.float64))[None]
    targets = targets.double() if targets.is_floating_point() else targets

    def value_and_slope(flat: np.ndarray) -> tuple[float, np.ndarray]:
        leaf = torch.from_numpy(flat.copy()).requires_grad_()
        output = leaf.reshape(1, 1, *row).expand(1, len(target), *row)
        value = loss.mean(output, targets, weights).sum()
        (slope,) = torch.autograd.grad(value, leaf)
        return float(value.detach()), slope.numpy()

    start = np.zeros(int(np.prod(row)))
    found = minimize(
        value_and_slope,
        start,
        jac=True,
        method="L-BFGS-B",
        options={"ftol": PRECISION**1.25, "gtol": PRECISION, "maxiter": 1000},
    )
    if not (np.isfinite(found.x).all() and np.isfinite(found.fun)):
        raise StudyError(
            f"training.loss: {loss.name} must be finite and bounded below for outputs that are the "
            f"same for every row, found {found.fun:g}; look at it with outputs of 0"
        )
    return np.asarray(found.x).reshape(row)
