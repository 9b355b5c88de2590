"""Linear layers of many networks by the library in C: one network after the other.

Between products of matrices over all networks lie their hidden numbers, which no near cache holds,
and Python, which one lane at a time may use. The library takes one network through all layers at
once. Its products add up in one order, whatever the numbers of rows and networks.
``_mlp_pass.h`` has the structures below, field by field.
Legend: R networks, B rows of a batch, P parameters of one network.
"""

from __future__ import annotations

import ctypes
import functools
from collections.abc import Callable, Sequence
from ctypes import POINTER, Structure, c_int64, c_void_p
from typing import NamedTuple

import torch
from torch import Tensor

from sweep.networks.compiled_parts import CompiledPass
from sweep.runtime.c_library import address, address_of_function, functions_of, load

LIBRARY = "sweep.networks._mlp_library"
"""What pyproject.toml calls it."""
VERSION = 3
"""Of the sources in C that the library must be made from."""


class Layer(Structure):
    """A linear layer, where its weights lie in a row, and whether a ReLU follows it."""

    _fields_ = (
        ("n_inputs", c_int64),
        ("n_outputs", c_int64),
        ("weight", c_int64),
        ("bias", c_int64),
        ("relu", c_int64),
    )


class Pass(Structure):
    """What goes forward and backward through layers."""

    _fields_ = (
        ("layers", POINTER(Layer)),
        ("n_layers", c_int64),
        ("n_columns", c_int64),
        ("n_rows", c_int64),
        ("theta", c_void_p),
        ("grad", c_void_p),
        ("x", c_void_p),
        ("hidden", POINTER(c_void_p)),
        ("slope", c_void_p),
        ("below", c_void_p),
        ("scratch", c_void_p),
    )


class Functions(NamedTuple):
    """The library's functions for one type of number, which take a pass by reference."""

    forward: Callable[[object, int, int, int], None]
    """Of the networks from one to another, whose batches begin with one."""
    backward: Callable[[object, int, int, int], None]
    """Of the networks from one to another, whose batches begin with one."""
    scratch: Callable[[object], int]
    """How many numbers of scratch a pass needs."""


@functools.cache
def functions() -> tuple[dict[torch.dtype, Functions], str]:
    """The functions of every type of number, and why there are none where there are none."""
    library, missing = load(LIBRARY, VERSION)
    rows = (POINTER(Pass), c_int64, c_int64, c_int64)
    forward = functions_of(library, "regsweep_forward", rows)
    backward = functions_of(library, "regsweep_backward", rows)
    scratch = functions_of(library, "regsweep_scratch", (POINTER(Pass),), c_int64)
    return {t: Functions(forward[t], backward[t], scratch[t]) for t in forward}, missing


class KernelLayers:
    """Consecutive layers of R networks, for batches of B rows."""

    def __init__(self, layers: Sequence[Layer], theta: Tensor, grad: Tensor | None, n_rows: int):
        """``theta`` and ``grad`` (R, P) are read and written where they are now."""
        self.dtype, (self.n, n_columns) = theta.dtype, theta.shape
        self._functions = functions()[0][self.dtype]
        self._layers = (Layer * len(layers))(*layers)
        self._hidden = (c_void_p * len(layers))()
        self._shapes = [(self.n, n_rows, layer.n_outputs) for layer in layers]
        self._inputs = (self.n, n_rows, layers[0].n_inputs)
        self.n_inputs, self.n_outputs = layers[0].n_inputs, layers[-1].n_outputs
        self._pass = Pass(
            layers=self._layers,
            n_layers=len(layers),
            n_columns=n_columns,
            n_rows=n_rows,
            theta=address(theta, self.dtype, (self.n, n_columns)),
            grad=address(grad, self.dtype, (self.n, n_columns)),
            hidden=self._hidden,
        )
        size = self._functions.scratch(ctypes.byref(self._pass))
        self._held = torch.empty(size, dtype=self.dtype), theta, grad
        self._pass.scratch = self._held[0].data_ptr()
        self._kept: list[Tensor | None] = [None]
        """The outputs of the last forward, by layer."""

    def outputs(self, x: Tensor) -> Tensor:
        """The outputs of the last layer (R, B, n_outputs) for ``x`` (R, B, n_inputs)."""
        last = torch.empty(self._shapes[-1], dtype=self.dtype)
        self.forward(x, [None] * (len(self._shapes) - 1) + [last])
        return last

    def forward(self, x: Tensor, hidden: Sequence[Tensor | None]) -> None:
        """Fills the outputs of the layers (R, B, n_outputs) from ``x`` (R, B, n_inputs); those
        that are None are not kept.
        """
        self._pass.x = address(x, self.dtype, self._inputs)
        for place, (out, shape) in enumerate(zip(hidden, self._shapes, strict=True)):
            self._hidden[place] = address(out, self.dtype, shape)
        self._kept = [x, *hidden]
        self._functions.forward(ctypes.byref(self._pass), 0, self.n, 0)

    def compiled(self, x: Tensor, out: Tensor, slope: Tensor, below: Tensor | None) -> CompiledPass:
        """A pass forward and backward, which is valid as long as this object.

        Args:
            x: Where the inputs (R, B, n_inputs) will be.
            out: Where the outputs of the last layer (R, B, n_outputs) will be.
            slope: Where the gradient by them will be.
            below: Where that by the inputs will be, where it is wanted.
        """
        hidden = [torch.empty(shape, dtype=self.dtype) for shape in self._shapes[:-1]] + [out]
        self._pass.x = address(x, self.dtype, self._inputs)
        for place, (out, shape) in enumerate(zip(hidden, self._shapes, strict=True)):
            self._hidden[place] = address(out, self.dtype, shape)
        self._pass.slope = address(slope, self.dtype, self._shapes[-1])
        self._pass.below = address(below, self.dtype, self._inputs)
        self._kept = [x, slope, below, *hidden]
        forward, backward = (address_of_function(f) for f in self._functions[:2])
        return CompiledPass(ctypes.addressof(self._pass), forward, backward)

    def backward(self, slope: Tensor, below: Tensor | None) -> None:
        """Writes the gradients of the weights, after a ``forward`` that kept all outputs.

        Args:
            slope: The gradient by the outputs of the last layer (R, B, n_outputs); it is changed.
            below: Gets the gradient by the inputs (R, B, n_inputs), where it is wanted.

        Raises:
            ValueError: There was no such forward, or no place for gradients.
        """
        if any(tensor is None for tensor in (*self._kept, self._pass.grad)):
            raise ValueError("backward wants gradients' places and all outputs of the forward")
        self._pass.slope = address(slope, self.dtype, self._shapes[-1])
        self._pass.below = address(below, self.dtype, self._inputs)
        self._functions.backward(ctypes.byref(self._pass), 0, self.n, 0)
