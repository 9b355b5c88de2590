"""Losses of small batches by the library in C: a batch's loss and gradient in one go.

Cross-entropy by torch is a dozen operations, which for batches of a few classes cost more to start
than to do. Legend: R runs, B rows of a batch, C outputs.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from ctypes import c_int64, c_void_p

import torch
from torch import Tensor

from sweep.metrics.loss import CompiledLoss
from sweep.runtime.c_library import address, address_of_function, functions_of, load

LIBRARY = "sweep.metrics._loss_library"
"""What pyproject.toml calls it."""
VERSION = 3
"""Of the sources in C that the library must be made from."""
CROSS_ENTROPY, SQUARED_ERROR, CROSS_ENTROPY_OF_SHARES, BINARY, BINARY_OF_SHARES = range(5)
"""The losses that it knows, two of them also of the shares of classes."""
WIDEST = 128
"""Outputs of a row from which torch's operations are as quick."""

Function = Callable[..., None]
"""A kind of loss for R, B, C, from outputs, targets and weights to gradients and losses."""


@functools.cache
def functions() -> tuple[dict[torch.dtype, Function], str]:
    """The function of every type of number, and why there are none where there are none."""
    library, missing = load(LIBRARY, VERSION)
    return functions_of(library, "regsweep_loss", [c_int64] * 4 + [c_void_p] * 5), missing


def suits(kind: int, output: Tensor, target: Tensor) -> bool:
    """Whether the library computes a loss of outputs (R, B, C)."""
    if output.device.type != "cpu" or output.ndim != 3 or len(target) != len(output):
        return False
    _, n_rows, width = output.shape
    rows = target[0] if len(target) else target
    return 0 < n_rows == len(rows) and _knows(kind, width, rows, output.dtype)


def _knows(kind: int, width: int, target: Tensor, dtype: torch.dtype) -> bool:
    """Whether it does for so many outputs and these targets (B,) or (B, C)."""
    if not 0 < width <= WIDEST or dtype not in functions()[0]:
        return False
    if kind in (CROSS_ENTROPY, BINARY):
        whole = target.ndim == 1 and target.dtype == torch.int64
        return whole and (width == 1 or kind == CROSS_ENTROPY)
    return tuple(target.shape[1:]) == (width,) and target.dtype == dtype


def compiled(kind: int, width: int, target: Tensor, dtype: torch.dtype) -> CompiledLoss | None:
    """The loss as others in C call it, for so many outputs and the targets of all rows (N, ...)."""
    if target.device.type != "cpu" or not _knows(kind, width, target, dtype):
        return None
    return CompiledLoss(kind, address_of_function(functions()[0][dtype]))


def loss_and_gradient(
    kind: int, output: Tensor, target: Tensor, weight: Tensor | None = None
) -> tuple[Tensor, Tensor]:
    """The mean loss of every run (R,) and its gradient by ``output`` (R, B, C), which suit;
    ``weight`` (R, B) are those of rows.
    """
    dtype, shape = output.dtype, tuple(output.shape)
    losses, slope = output.new_empty(shape[0]), torch.empty(shape, dtype=dtype)
    output, target = output.detach().contiguous(), target.contiguous()
    own = None if weight is None else weight.to(dtype).contiguous()
    functions()[0][dtype](
        kind,
        *shape,
        address(output, dtype, shape),
        target.data_ptr(),
        address(own, dtype, shape[:2]),
        address(slope, dtype, shape),
        losses.data_ptr(),
    )
    return losses, slope
