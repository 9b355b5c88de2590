"""All steps of an epoch by the library in C: one network after the other goes through all of them.

``_epoch_kernel.c`` has the structure below, field by field. Its functions are those that a step
calls for all networks, so every bit is the same.
Legend: R slots, N rows of a part, B rows of a batch, P parameters of a run, K steps of an epoch.
"""

from __future__ import annotations

import ctypes
import functools
from collections.abc import Callable, Mapping, Sequence
from ctypes import POINTER, Structure, c_int64, c_void_p

import torch
from torch import Tensor

from sweep.metrics.loss import CompiledLoss, Mixing
from sweep.networks._mlp_kernel import KernelLayers
from sweep.networks.counter_rng import drops, normal_quantiles, threshold_of
from sweep.networks.mlp import FusedMLP
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
        ("n_dropped", c_int64),
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

    def __init__(self, stack: FusedMLP, parts: PopulationParts, plan: TrainingPlan):
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
        parts, dtype = self.parts, self.plan.dtype
        optimizer, numbers = parts.optimizer, parts.augmentation.numbers
        rows, n_steps = inputs["rows"], len(inputs["rows"])
        n_rows, (width, size) = rows.shape[1] // n, parts.weights.theta.shape
        weight = self.plan.loss.row_weights(y, weight)
        if "shares" in inputs or "label_smoothing" in numbers:
            y = parts.augmentation.as_numbers(y.unsqueeze(0)).squeeze(0)
        loss = self._loss(y, inputs)
        layers = self.stack.compiled_parts(parts.weights.theta[:n], parts.weights.grad[:n], n_rows)
        if layers is None or loss is None or x.dtype != dtype:
            return None
        x, y = x.flatten(1).contiguous(), y.contiguous()
        weight = None if weight is None else weight.to(dtype).contiguous()
        chain = _Chain(layers, n_rows, parts.dropout, n, dtype)
        y_batch, total = y.new_empty(n_rows, *y.shape[1:]), x.new_zeros(n)
        weight_batch, gathered, quantiles = x.new_empty(n_rows), x.new_empty(size), None
        if "input_noise" in numbers:
            quantiles = normal_quantiles(dtype, x.device)

        def table(name: str, kind: torch.dtype = dtype) -> int | None:
            return address(inputs.get(name), kind, (n_steps, n))

        own = Program.from_buffer_copy(program)
        own.lr = table(LR) or program.lr
        counts = optimizer.n_steps if isinstance(optimizer, StackedAdam) else None
        epoch = Epoch(
            n_steps=n_steps,
            n_slots=n,
            accumulate=self.plan.accumulate,
            rows=address(rows, torch.int64, (n_steps, n * n_rows)),
            x=address(x, dtype, (len(y), chain.outputs[0].shape[2])),
            y=y.data_ptr(),
            x_size=x.shape[1],
            y_size=y[0].numel(),
            classes=not y.is_floating_point(),
            x_batch=chain.outputs[0].data_ptr(),
            y_batch=y_batch.data_ptr(),
            weights=address(weight, dtype, (len(y),)),
            weight_batch=weight_batch.data_ptr(),
            smoothing=address(numbers.get("label_smoothing"), dtype, (width,)),
            shares=table("shares"),
            deviations=address(numbers.get("input_noise"), dtype, (width,)),
            quantiles=None if quantiles is None else quantiles.data_ptr(),
            input_keys=table("input_keys", torch.int32),
            keys=table("keys", torch.int32),
            parts=chain.parts,
            n_parts=len(chain.parts),
            loss_kind=loss.kind,
            loss=loss.address,
            total=total.data_ptr(),
            program=ctypes.pointer(own),
            update=address_of_function(steps()[0][dtype]),
            lr_stride=n if LR in inputs else 0,
            rate_stride=optimizer.n_slots if optimizer.scheduled else 0,
            counts=address(counts, torch.float32, (width, 1)),
            acting=table(ACTING),
            gathered=gathered.data_ptr(),
            average=address(parts.weights.average, dtype, (width, size)),
            averaging=table(AVERAGING),
        )
        if ACTING in inputs:  # the library multiplies the whole strengths
            parts.penalties.let_act(torch.ones_like(total))
        for row in range(n):  # Python sees an interrupt between two networks
            _functions()[dtype](ctypes.byref(epoch), row, row + 1)
        if ACTING in inputs:
            parts.penalties.let_act(inputs[ACTING][-1])
        if LR in inputs:
            optimizer.begin_step(n_steps // self.plan.accumulate - 1, inputs[LR][-1])
        return total

    def _loss(self, y: Tensor, inputs: Mapping[str, Tensor]) -> CompiledLoss | None:
        """The loss for these targets, where nothing comes into an epoch that the library does not
        know."""
        loss = self.plan.loss
        beside = "shares" in inputs and loss.mixing is Mixing.QUADRATIC
        if beside or not inputs.keys() <= KNOWN:
            return None
        return loss.compiled(self.stack.blocks[-1].n_outputs, y, self.plan.dtype)


class _Chain:
    """The layers of one network and the memory between them."""

    def __init__(
        self,
        layers: Sequence[tuple[KernelLayers, float]],
        n_rows: int,
        dropout: DropoutRates | None,
        n: int,
        dtype: torch.dtype,
    ):
        """``layers`` have the rates of the dropouts that follow; ``n`` networks are trained."""
        widths = [layers[0][0].n_inputs, *(kernel.n_outputs for kernel, _ in layers)]
        self.outputs, slopes = (
            [torch.empty((1, n_rows, width), dtype=dtype) for width in widths] for _ in range(2)
        )
        """The inputs (1, B, ...), and the outputs of every part."""
        self.parts = (Part * len(layers))()
        self._held: list[object] = [*slopes, layers]
        n_dropouts = 0
        for i, (part, (kernel, rate)) in enumerate(zip(self.parts, layers, strict=True)):
            down = slopes[i] if i else None
            passed = kernel.compiled(self.outputs[i], self.outputs[i + 1], slopes[i + 1], down)
            part.layers, part.forward, part.backward = passed
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
