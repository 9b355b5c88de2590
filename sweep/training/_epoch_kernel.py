"""All steps of an epoch by the library in C: one network after the other goes through all of them.

``_epoch_kernel.c`` has the structures below, field by field. Its functions are those that a step
calls for all networks, so every bit is the same.
Legend: R slots, N rows of a part, B rows of a batch, P parameters of a run, K steps of an epoch.
"""

from __future__ import annotations

import ctypes
import functools
import math
from collections.abc import Callable, Mapping, Sequence
from ctypes import POINTER, Structure, c_int64, c_void_p

import torch
from torch import Tensor

from sweep.metrics.loss import CompiledLoss, Mixing
from sweep.networks.compiled_parts import CompiledPart
from sweep.networks.counter_rng import drops, normal_quantiles, threshold_of
from sweep.networks.stacked import StackedModule
from sweep.runtime.c_library import address, address_of_function, functions_of, load
from sweep.training._adam import StackedAdam
from sweep.training._dropout import DropoutRates
from sweep.training._parts import PopulationParts
from sweep.training._step_kernel import LIBRARY, VERSION, Program, steps
from sweep.training._step_numbers import ACTING, AVERAGING, LR
from sweep.training.jobs import TrainingPlan

KNOWN = {"rows", "shares", "keys", "input_keys", LR, AVERAGING, ACTING}
"""What the library knows of what belongs to the batches of an epoch."""


class Part(Structure):
    """Consecutive layers, and the dropout that follows them."""

    _fields_ = (
        ("layers", c_void_p),
        ("forward", c_void_p),
        ("backward", c_void_p),
        ("outputs", c_void_p),
        ("slope", c_void_p),
        ("n_dropped", c_int64),
        ("channels", c_int64),
        ("pixels", c_int64),
        ("thresholds", c_void_p),
        ("kept", c_void_p),
        ("mask", c_void_p),
    )


class Epoch(Structure):
    """The steps of an epoch."""

    _fields_ = (
        ("n_steps", c_int64),
        ("n_slots", c_int64),
        ("accumulate", c_int64),
        ("n_rows", c_int64),
        ("n_outputs", c_int64),
        ("rows", c_void_p),
        ("x", c_void_p),
        ("y", c_void_p),
        ("x_size", c_int64),
        ("y_size", c_int64),
        ("classes", c_int64),
        ("weights", c_void_p),
        ("x_batch", c_void_p),
        ("y_batch", c_void_p),
        ("weight_batch", c_void_p),
        ("smoothing", c_void_p),
        ("shares", c_void_p),
        ("deviations", c_void_p),
        ("quantiles", c_void_p),
        ("input_keys", c_void_p),
        ("keys", c_void_p),
        ("parts", POINTER(Part)),
        ("n_parts", c_int64),
        ("loss_kind", c_int64),
        ("loss", c_void_p),
        ("total", c_void_p),
        ("program", POINTER(Program)),
        ("update", c_void_p),
        ("lr_stride", c_int64),
        ("rate_stride", c_int64),
        ("counts", c_void_p),
        ("acting", c_void_p),
        ("gathered", c_void_p),
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

    def __init__(self, stack: StackedModule, parts: PopulationParts, plan: TrainingPlan):
        self.stack, self.parts, self.plan = stack, parts, plan

    def train(
        self,
        program: Program,
        n: int,
        x: Tensor,
        y: Tensor,
        weight: Tensor | None,
        inputs: Mapping[str, Tensor],
    ) -> Tensor | None:
        """The sums of the losses of all batches (R,); None where the library does not know them.

        Args:
            program: All that the update does in a step.
            n: Networks that are trained, the first ones.
            x: The inputs of all rows (N, ...).
            y: Their targets (N, ...).
            weight: Their weights (N,), if they have any.
            inputs: What belongs to the batches, (K, ...) by name.
        """
        parts, dtype, accumulate = self.parts, self.plan.dtype, self.plan.accumulate
        n_rows, optimizer = inputs["rows"].shape[1] // n, parts.optimizer
        weight = self.plan.loss.row_weights(y, weight)
        if "shares" in inputs or "label_smoothing" in parts.augmentation.numbers:
            y = parts.augmentation.as_numbers(y.unsqueeze(0)).squeeze(0)
        own, constants = parts.weights, parts.weights.constants
        layers = self.stack.compiled_parts(own.theta[:n], own.grad[:n], constants, n_rows)
        if layers is None or x.dtype != dtype or math.prod(x.shape[1:]) != layers[0][0].n_inputs:
            return None
        loss = self._loss(layers[-1].layers.n_outputs, y, inputs)
        if loss is None:
            return None
        chain = _Chain(layers, n_rows, parts.dropout, n, dtype)
        total, gathered = x.new_zeros(n), x.new_empty(parts.weights.theta.shape[1])
        epoch = Epoch(
            n_steps=len(inputs["rows"]),
            n_slots=n,
            accumulate=accumulate,
            n_rows=n_rows,
            n_outputs=layers[-1].layers.n_outputs,
            parts=chain.parts,
            n_parts=len(chain.parts),
            loss_kind=loss.kind,
            loss=loss.address,
            total=total.data_ptr(),
            gathered=gathered.data_ptr(),
        )
        held = [
            self._put_rows(epoch, x, y, weight, chain.outputs[0]),
            self._put_update(epoch, program),
            self._put_inputs(epoch, inputs),
        ]
        if ACTING in inputs:  # the library multiplies the whole strengths
            parts.penalties.let_act(torch.ones_like(total))
        for row in range(n):  # Python sees an interrupt between two networks
            _functions()[dtype](ctypes.byref(epoch), row, row + 1)
        del held
        if ACTING in inputs:
            parts.penalties.let_act(inputs[ACTING][-1])
        if LR in inputs:
            optimizer.begin_step(epoch.n_steps // accumulate - 1, inputs[LR][-1])
        return total

    def _put_rows(
        self, epoch: Epoch, x: Tensor, y: Tensor, weight: Tensor | None, x_batch: Tensor
    ) -> object:
        """All rows, and room for those of a batch; what must be held."""
        dtype, (_, n_rows, n_inputs) = self.plan.dtype, x_batch.shape
        x, y = x.flatten(1).contiguous(), y.contiguous()
        y_batch, weight_batch = y.new_empty(n_rows, *y.shape[1:]), x.new_empty(n_rows)
        epoch.x, epoch.x_size = address(x, dtype, (len(y), n_inputs)), n_inputs
        epoch.y, epoch.y_size = y.data_ptr(), y[0].numel()
        epoch.classes = not y.is_floating_point()
        if weight is not None:
            weight = weight.to(dtype).contiguous()
            epoch.weights = address(weight, dtype, (len(y),))
        epoch.x_batch, epoch.y_batch = x_batch.data_ptr(), y_batch.data_ptr()
        epoch.weight_batch = weight_batch.data_ptr()
        return x, y, weight, y_batch, weight_batch

    def _put_update(self, epoch: Epoch, program: Program) -> object:
        """What happens to weights, whose learning rates may change; what must be held."""
        optimizer, average = self.parts.optimizer, self.parts.weights.average
        own, (width, size) = Program.from_buffer_copy(program), self.parts.weights.theta.shape
        epoch.program = ctypes.pointer(own)
        epoch.update = address_of_function(steps()[0][self.plan.dtype])
        epoch.rate_stride = optimizer.n_slots if optimizer.scheduled else 0
        if isinstance(optimizer, StackedAdam):
            epoch.counts = address(optimizer.n_steps, torch.float32, (width, 1))
        epoch.average = address(average, self.plan.dtype, (width, size))
        return own

    def _put_inputs(self, epoch: Epoch, inputs: Mapping[str, Tensor]) -> object:
        """What belongs to batches, and the numbers of runs that act on them; what must be held."""
        dtype, numbers = self.plan.dtype, self.parts.augmentation.numbers
        rows, width = inputs["rows"], len(self.parts.weights.theta)

        def table(name: str, kind: torch.dtype = dtype) -> int | None:
            return address(inputs.get(name), kind, (epoch.n_steps, epoch.n_slots))

        epoch.rows = address(rows, torch.int64, tuple(rows.shape))
        epoch.keys, epoch.input_keys = (table(k, torch.int32) for k in ("keys", "input_keys"))
        epoch.shares, epoch.acting, epoch.averaging = map(table, ("shares", ACTING, AVERAGING))
        epoch.smoothing = address(numbers.get("label_smoothing"), dtype, (width,))
        epoch.deviations = address(numbers.get("input_noise"), dtype, (width,))
        if LR in inputs:
            epoch.program.contents.lr, epoch.lr_stride = table(LR), epoch.n_slots
        if "input_noise" not in numbers:
            return None
        quantiles = normal_quantiles(dtype, rows.device)
        epoch.quantiles = quantiles.data_ptr()
        return quantiles

    def _loss(self, n_outputs: int, y: Tensor, inputs: Mapping[str, Tensor]) -> CompiledLoss | None:
        """The loss for these targets, where nothing comes into an epoch that the library does not
        know."""
        loss = self.plan.loss
        beside = "shares" in inputs and loss.mixing is Mixing.QUADRATIC
        if beside or not inputs.keys() <= KNOWN:
            return None
        return loss.compiled(n_outputs, y, self.plan.dtype)


class _Chain:
    """The layers of one network and the memory between them."""

    def __init__(
        self,
        layers: Sequence[CompiledPart],
        n_rows: int,
        dropout: DropoutRates | None,
        n: int,
        dtype: torch.dtype,
    ):
        """``layers`` have the rates of the dropouts that follow; ``n`` networks are trained."""
        widths = [layers[0].layers.n_inputs, *(part.layers.n_outputs for part in layers)]
        self.outputs, slopes = (
            [torch.empty((1, n_rows, width), dtype=dtype) for width in widths] for _ in range(2)
        )
        """The inputs (1, B, ...), and the outputs of every part."""
        self.parts = (Part * len(layers))()
        self._held: list[object] = [*slopes, layers]
        n_dropouts = 0
        for i, (part, (kernel, rate, channels)) in enumerate(zip(self.parts, layers, strict=True)):
            out, slope, down = self.outputs[i + 1], slopes[i + 1], slopes[i] if i else None
            passed = kernel.compiled(self.outputs[i], out, slope, down)
            part.layers, part.forward, part.backward = passed
            part.outputs, part.slope = out.data_ptr(), slope.data_ptr()
            part.channels, part.pixels = channels, kernel.n_outputs // channels
            if not rate:
                continue
            threshold = torch.full((n,), threshold_of(1 - (1 - rate)))
            kept = torch.ones(n, dtype=dtype)
            if dropout is not None:
                threshold, kept = drops(dropout.rates[:n], n_dropouts, 1 - rate, dtype)
            kept, mask = kept.div_(1 - rate), torch.empty_like(self.outputs[i + 1])
            part.n_dropped, part.mask = mask.numel(), mask.data_ptr()
            part.thresholds = address(threshold, torch.int64, (n,))
            part.kept = address(kept, dtype, (n,))
            self._held += [threshold, kept, mask]
            n_dropouts += 1
