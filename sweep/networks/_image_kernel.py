"""Convolutional networks by the library in C: one network after the other.

``_image_pass.h`` has the structures below, field by field; ``_mlp_kernel.py`` says why.
Legend: R networks, B rows of a batch, P parameters of one network, C channels.
"""

from __future__ import annotations

import ctypes
import functools
import math
from collections.abc import Mapping, Sequence
from ctypes import POINTER, Structure, c_double, c_int64, c_void_p

import torch
from torch import Tensor

from sweep.networks._mlp_kernel import LIBRARY, VERSION, Functions
from sweep.networks.compiled_parts import CompiledPart, CompiledPass
from sweep.networks.image_layers import ImageLayer, Kind
from sweep.runtime.c_library import address, address_of_function, functions_of, load


class Shape(Structure):
    """Of an image."""

    _fields_ = (("height", c_int64), ("width", c_int64), ("channels", c_int64))


class Layer(Structure):
    """A layer, and whether a ReLU follows it."""

    _fields_ = (
        ("kind", c_int64),
        ("inputs", Shape),
        ("outputs", Shape),
        ("kernel_height", c_int64),
        ("kernel_width", c_int64),
        ("stride_height", c_int64),
        ("stride_width", c_int64),
        ("top", c_int64),
        ("left", c_int64),
        ("weight", c_int64),
        ("bias", c_int64),
        ("relu", c_int64),
        ("mean", c_void_p),
        ("variance", c_void_p),
        ("counts", c_void_p),
        ("momentum", c_double),
        ("eps", c_double),
        ("moments", c_void_p),
    )


class Pass(Structure):
    """What goes forward and backward through layers."""

    _fields_ = (
        ("layers", POINTER(Layer)),
        ("n_layers", c_int64),
        ("lowest", c_int64),
        ("n_columns", c_int64),
        ("n_rows", c_int64),
        ("training", c_int64),
        ("theta", c_void_p),
        ("grad", c_void_p),
        ("x", c_void_p),
        ("hidden", POINTER(c_void_p)),
        ("slope", c_void_p),
        ("below", c_void_p),
        ("scratch", c_void_p),
    )


@functools.cache
def functions() -> dict[torch.dtype, Functions]:
    """The functions of every type of number; none where there is no library."""
    library, _ = load(LIBRARY, VERSION)
    rows = (POINTER(Pass), c_int64, c_int64, c_int64)
    forward = functions_of(library, "regsweep_image_forward", rows)
    backward = functions_of(library, "regsweep_image_backward", rows)
    scratch = functions_of(library, "regsweep_image_scratch", (POINTER(Pass),), c_int64)
    return {t: Functions(forward[t], backward[t], scratch[t]) for t in forward}


class KernelImages:
    """Consecutive layers of R networks, for batches of B rows."""

    def __init__(
        self,
        layers: Sequence[ImageLayer],
        theta: Tensor,
        grad: Tensor | None,
        constants: Mapping[str, Tensor],
        slices: Mapping[str, slice],
        n_rows: int,
    ):
        """What is given is read and written where it is now.

        Args:
            layers: In their order.
            theta: The weights (R, P).
            grad: Where their gradients (R, P) go; without, nothing is trained.
            constants: The running statistics (R, C) and their counts (R,), by name.
            slices: The columns of a parameter, by name.
            n_rows: B.
        """
        self.dtype, (self.n, n_columns) = theta.dtype, theta.shape
        self._functions = functions()[self.dtype]
        self._held: list[object] = [theta, grad, constants]
        self._last = layers[-1]
        training = grad is not None
        made = [self._layer(layer, constants, slices, training, n_rows) for layer in layers]
        self._layers, self._hidden = (Layer * len(made))(*made), (c_void_p * len(made))()
        self._sizes = [(self.n, n_rows, math.prod(layer.outputs)) for layer in layers]
        self._inputs = (self.n, n_rows, math.prod(layers[0].inputs))
        self.n_inputs, self.n_outputs = self._inputs[2], self._sizes[-1][2]
        weighted = [i for i, layer in enumerate(layers) if layer.weight or layer.bias]
        self._pass = Pass(
            layers=self._layers,
            n_layers=len(layers),
            lowest=min(weighted, default=-1),
            n_columns=n_columns,
            n_rows=n_rows,
            training=training,
            theta=address(theta, self.dtype, (self.n, n_columns)),
            grad=address(grad, self.dtype, (self.n, n_columns)),
            hidden=self._hidden,
        )
        self._pass.scratch = self._room(self._functions.scratch(ctypes.byref(self._pass)))
        if training:
            for place, shape in enumerate(self._sizes[:-1]):
                self._hidden[place] = self._room(math.prod(shape))

    def as_part(self) -> CompiledPart:
        """These layers, with the dropout that follows them."""
        channels = self._last.outputs[2] if self._last.by_pixel else 1
        return CompiledPart(self, self._last.dropout, channels)

    def _room(self, size: int) -> int:
        memory = torch.empty(size, dtype=self.dtype)
        self._held.append(memory)
        return memory.data_ptr()

    def _layer(
        self,
        layer: ImageLayer,
        constants: Mapping[str, Tensor],
        slices: Mapping[str, slice],
        training: bool,
        n_rows: int,
    ) -> Layer:
        def column(name: str, there: bool) -> int:
            return slices[f"{layer.module}.{name}"].start if there else -1

        made = Layer(
            kind=layer.kind,
            inputs=Shape(*layer.inputs),
            outputs=Shape(*layer.outputs),
            kernel_height=layer.kernel[0],
            kernel_width=layer.kernel[1],
            stride_height=layer.stride[0],
            stride_width=layer.stride[1],
            top=layer.padding[0],
            left=layer.padding[1],
            weight=column("weight", layer.weight),
            bias=column("bias", layer.bias),
            relu=layer.relu,
        )
        made.eps = layer.eps
        if layer.kind is Kind.ROW_NORM and training:
            made.moments = self._room(self.n * n_rows * 2)
        if layer.kind is Kind.NORM:
            shape, channels = (self.n, layer.inputs[2]), layer.inputs[2]
            mean, variance, counts = (
                constants[f"{layer.module}.{name}"]
                for name in ("running_mean", "running_var", "num_batches_tracked")
            )
            made.mean, made.variance = (address(t, self.dtype, shape) for t in (mean, variance))
            made.counts = address(counts, torch.int64, (self.n,))
            made.momentum = -1.0 if layer.momentum is None else layer.momentum
            made.moments = self._room(self.n * 2 * channels) if training else None
        return made

    def compiled(self, x: Tensor, out: Tensor, slope: Tensor, below: Tensor | None) -> CompiledPass:
        """A pass forward and backward, which is valid as long as this object.

        Args:
            x: Where the inputs (R, B, n_inputs) will be.
            out: Where the outputs of the last layer (R, B, n_outputs) will be.
            slope: Where the gradient by them will be.
            below: Where that by the inputs will be, where it is wanted.
        """
        self._pass.x = address(x, self.dtype, self._inputs)
        self._hidden[len(self._sizes) - 1] = address(out, self.dtype, self._sizes[-1])
        self._pass.slope = address(slope, self.dtype, self._sizes[-1])
        self._pass.below = address(below, self.dtype, self._inputs)
        self._held.append((x, out, slope, below))
        forward, backward = (address_of_function(f) for f in self._functions[:2])
        return CompiledPass(ctypes.addressof(self._pass), forward, backward)

    def outputs(self, x: Tensor) -> Tensor:
        """The outputs of the last layer (R, B, n_outputs) for ``x`` (R, B, n_inputs)."""
        last = torch.empty(self._sizes[-1], dtype=self.dtype)
        self._pass.x = address(x, self.dtype, self._inputs)
        self._hidden[len(self._sizes) - 1] = last.data_ptr()
        self._functions.forward(ctypes.byref(self._pass), 0, self.n, 0)
        return last

    def forward_again(self) -> None:
        """From where ``compiled`` was told that inputs are to where it was told that outputs go."""
        self._functions.forward(ctypes.byref(self._pass), 0, self.n, 0)

    def backward_again(self) -> None:
        """Writes the gradients of the weights, after ``forward_again``, from the slope whose place
        ``compiled`` was told; that is changed.
        """
        self._functions.backward(ctypes.byref(self._pass), 0, self.n, 0)
