"""All steps of an epoch by the library in C: one network after the other goes through all of them.

``_epoch_kernel.c`` has the structure below, field by field. Its functions are those that a step
calls for all networks, so every bit is the same.
Legend: R slots, N rows of a part, B rows of a batch, P parameters of a run, K steps of an epoch.
"""

from __future__ import annotations

import ctypes
import functools
from collections.abc import Callable, Mapping
from ctypes import POINTER, Structure, c_int64, c_void_p

import torch
from torch import Tensor

from sweep.metrics.loss import Loss
from sweep.networks.mlp import FusedMLP
from sweep.runtime.c_library import address, address_of_function, functions_of, load
from sweep.training._adam import StackedAdam
from sweep.training._parts import PopulationParts
from sweep.training._step_kernel import LIBRARY, VERSION, Program, steps
from sweep.training._step_numbers import AVERAGING, LR

KNOWN = {"rows", LR, AVERAGING}
"""What the library knows of what belongs to the batches of an epoch."""


class Epoch(Structure):
    """The steps of an epoch."""

    _fields_ = (
        ("n_steps", c_int64),
        ("n_slots", c_int64),
        ("rows", c_void_p),
        ("x", c_void_p),
        ("y", c_void_p),
        ("x_size", c_int64),
        ("y_size", c_int64),
        ("classes", c_int64),
        ("x_batch", c_void_p),
        ("y_batch", c_void_p),
        ("smoothing", c_void_p),
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
        ("average", c_void_p),
        ("averaging", c_void_p),
    )


Train = Callable[[object, int, int], None]
"""Trains the networks from one to another through an epoch, given by reference."""


@functools.cache
def _functions() -> dict[torch.dtype, Train]:
    library, _ = load(LIBRARY, VERSION)
    return functions_of(library, "regsweep_epoch", (POINTER(Epoch), c_int64, c_int64))


class KernelEpoch:
    """Trains networks whose layers, loss and update are all in C, an epoch at a time."""

    def __init__(self, stack: FusedMLP, parts: PopulationParts, loss: Loss):
        self.stack, self.parts, self.loss = stack, parts, loss

    def train(
        self, program: Program, n: int, x: Tensor, y: Tensor, inputs: Mapping[str, Tensor]
    ) -> Tensor | None:
        """The sums of the losses of all batches (R,); None where the library does not know them.

        Args:
            program: All that the update does in a step.
            n: Networks that are trained, the first ones.
            x: The inputs of all rows (N, ...).
            y: Their targets (N, ...).
            inputs: What belongs to the batches, (K, ...) by name.
        """
        if not inputs.keys() <= KNOWN:
            return None
        optimizer, augmentation = self.parts.optimizer, self.parts.augmentation
        rows, lr, averaging = (inputs.get(name) for name in ("rows", LR, AVERAGING))
        assert rows is not None
        theta, grad = (t[:n] for t in (self.parts.weights.theta, self.parts.weights.grad))
        n_steps, n_rows, dtype = len(rows), rows.shape[1] // n, theta.dtype
        layers = self.stack.one_pass(theta, grad, n_rows)
        n_inputs, n_outputs = self.stack.blocks[0].n_inputs, self.stack.blocks[-1].n_outputs
        smoothing = augmentation.numbers.get("label_smoothing")
        if smoothing is not None:
            y = augmentation.as_numbers(y.unsqueeze(0)).squeeze(0)
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
        counts = optimizer.n_steps if isinstance(optimizer, StackedAdam) else None
        width, size = self.parts.weights.theta.shape
        epoch = Epoch(
            n_steps=n_steps,
            n_slots=n,
            rows=address(rows, torch.int64, (n_steps, n * n_rows)),
            x=address(x, dtype, (len(y), n_inputs)),
            y=y.data_ptr(),
            x_size=n_inputs,
            y_size=y[0].numel(),
            classes=not y.is_floating_point(),
            x_batch=x_batch.data_ptr(),
            y_batch=y_batch.data_ptr(),
            smoothing=address(smoothing, dtype, (width,)),
            layers=passed.address,
            forward=passed.forward,
            backward=passed.backward,
            loss_kind=loss.kind,
            loss=loss.address,
            total=total.data_ptr(),
            program=ctypes.pointer(own),
            update=address_of_function(steps()[0][dtype]),
            lr_stride=0 if lr is None else n,
            rate_stride=optimizer.n_slots if optimizer.scheduled else 0,
            counts=address(counts, torch.float32, (width, 1)),
            average=address(self.parts.weights.average, dtype, (width, size)),
            averaging=address(averaging, dtype, (n_steps, n)),
        )
        for row in range(n):  # Python sees an interrupt between two networks
            _functions()[dtype](ctypes.byref(epoch), row, row + 1)
        if lr is not None:
            optimizer.begin_step(n_steps - 1, lr[-1])
        return total
