"""All steps of an epoch by the library in C: one network after the other goes through all of them.

``_epoch_kernel.c`` has the structure below, field by field. Its functions are those that a step
calls for all networks, so every bit is the same.
Legend: R slots, N rows of a part, B rows of a batch, P parameters of a run, K steps of an epoch.
"""

from __future__ import annotations

import ctypes
import functools
from collections.abc import Callable
from ctypes import POINTER, Structure, c_int64, c_void_p

import torch
from torch import Tensor

from sweep.metrics.loss import Loss
from sweep.networks.mlp import FusedMLP
from sweep.runtime.c_library import address, address_of_function, load
from sweep.training._adam import StackedAdam
from sweep.training._optimizer import StackedOptimizer
from sweep.training._step_kernel import LIBRARY, VERSION, Program, steps


class Epoch(Structure):
    """The steps of an epoch."""

    _fields_ = (
        ("n_steps", c_int64),
        ("n_slots", c_int64),
        ("number_bytes", c_int64),
        ("rows", c_void_p),
        ("x", c_void_p),
        ("y", c_void_p),
        ("x_bytes", c_int64),
        ("y_bytes", c_int64),
        ("x_batch", c_void_p),
        ("y_batch", c_void_p),
        ("layers", c_void_p),
        ("forward", c_void_p),
        ("backward", c_void_p),
        ("loss_kind", c_int64),
        ("loss", c_void_p),
        ("total", c_void_p),
        ("program", POINTER(Program)),
        ("update", c_void_p),
        ("lr_stride", c_int64),
        ("rate_stride", c_int64),
        ("counts", c_void_p),
    )


@functools.cache
def _function() -> Callable[[object, int, int], None]:
    library, _ = load(LIBRARY, VERSION)
    assert library is not None
    function: Callable[[object, int, int], None] = library.regsweep_epoch
    function.argtypes, function.restype = (POINTER(Epoch), c_int64, c_int64), None  # type: ignore[attr-defined]
    return function


class KernelEpoch:
    """Trains networks whose layers, loss and update are all in C, an epoch at a time."""

    def __init__(self, stack: FusedMLP, optimizer: StackedOptimizer, loss: Loss):
        self.stack, self.optimizer, self.loss = stack, optimizer, loss

    def train(
        self,
        program: Program,
        theta: Tensor,
        grad: Tensor,
        x: Tensor,
        y: Tensor,
        rows: Tensor,
        lr: Tensor | None,
    ) -> Tensor | None:
        """The sums of the losses of all batches (R,); None where the library does not know them.

        Args:
            program: All that happens in a step.
            theta: Weights (R, P).
            grad: Room for gradients (R, P).
            x: The inputs of all rows (N, ...).
            y: Their targets (N, ...).
            rows: Of every batch (K, R * B).
            lr: The learning rates of all steps (K, R), where they change.
        """
        n, n_steps = len(theta), len(rows)
        n_rows, dtype = rows.shape[1] // n, theta.dtype
        layers = self.stack.one_pass(theta, grad, n_rows)
        n_inputs, n_outputs = self.stack.blocks[0].n_inputs, self.stack.blocks[-1].n_outputs
        loss = self.loss.compiled(n_outputs, y, dtype)
        if layers is None or loss is None or x.dtype != dtype:
            return None
        x, y = x.flatten(1).contiguous(), y.contiguous()
        x_batch, y_batch = x.new_empty(1, n_rows, n_inputs), y.new_empty(n_rows, *y.shape[1:])
        slope, total = x.new_empty(1, n_rows, n_outputs), x.new_zeros(n)
        passed = layers.compiled(x_batch, slope)
        own = Program.from_buffer_copy(program)
        if lr is not None:
            own.lr = address(lr, dtype, (n_steps, n))
        counts = self.optimizer.n_steps if isinstance(self.optimizer, StackedAdam) else None
        epoch = Epoch(
            n_steps=n_steps,
            n_slots=n,
            number_bytes=dtype.itemsize,
            rows=address(rows, torch.int64, (n_steps, n * n_rows)),
            x=address(x, dtype, (len(y), n_inputs)),
            y=y.data_ptr(),
            x_bytes=n_inputs * dtype.itemsize,
            y_bytes=y[0].nbytes,
            x_batch=x_batch.data_ptr(),
            y_batch=y_batch.data_ptr(),
            layers=passed.address,
            forward=passed.forward,
            backward=passed.backward,
            loss_kind=loss.kind,
            loss=loss.address,
            total=total.data_ptr(),
            program=ctypes.pointer(own),
            update=address_of_function(steps()[0][dtype]),
            lr_stride=0 if lr is None else n,
            rate_stride=self.optimizer.n_slots if self.optimizer.scheduled else 0,
            counts=address(counts, torch.float32, (self.optimizer.n_slots, 1)),
        )
        for row in range(n):  # Python sees an interrupt between two networks
            _function()(ctypes.byref(epoch), row, row + 1)
        if lr is not None:
            self.optimizer.begin_step(n_steps - 1, lr[-1])
        return total
