"""Small convolutional networks: forward and backward of many runs by the library in C.

A convolution of a small image takes torch less time than what it does around it. The library takes
one run through all layers, whose numbers stay in the near caches. Networks of other layers, and all
of them where the library does not compute, take the way of ``stacked``.
Legend: R runs, B rows of a batch, P parameters of one run, C channels.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace

import torch
from torch import Tensor, nn

from sweep.metrics.loss import Loss
from sweep.networks._image_kernel import KernelImages, functions
from sweep.networks.compiled_parts import CompiledPart
from sweep.networks.counter_rng import CounterRNG, Keys, Noise
from sweep.networks.image_layers import ImageLayer, Kind, image_layers_of, parts_of
from sweep.networks.stacked import StackedModule, Step
from sweep.runtime.trees import Tree

LARGEST = 1 << 18
"""Weights of the largest layer that the library multiplies as fast as torch does."""


class FusedCNN(StackedModule):
    """A stacked module whose layers the library in C has."""

    written_out = True

    def __init__(
        self,
        model: nn.Module,
        device: torch.device,
        low: torch.dtype | None = None,
        *,
        row: Sequence[int],
    ):
        """``row`` is the shape of an input; the others are arguments of ``StackedModule``."""
        self.layers, self.row = image_layers_of(model, row), tuple(row)
        drops = any(layer.dropout for layer in self.layers)
        super().__init__(model, device, low=low, noise=Noise.HASHED if drops else Noise.NONE)
        if not self.layers:
            raise ValueError("a network of layers that the library in C has must be given")

    def outputs(
        self,
        theta: Tensor,
        constants: Mapping[str, Tensor],
        x: Tree[Tensor],
        keys: Keys | None = None,
    ) -> Tensor:
        if self.template.training or not self._takes(x, theta):
            return super().outputs(theta, constants, x, keys)
        assert isinstance(x, Tensor)
        layers = [replace(layer, dropout=0.0) for layer in self.layers]
        images = KernelImages(layers, theta, None, constants, self.slices, x.shape[1])
        return images.outputs(x.flatten(2).contiguous())

    def compiled_inputs(self, theta: Tensor) -> int:
        return math.prod(self.row) if self._suits(theta) else 0

    def compiled_parts(
        self, theta: Tensor, grad: Tensor, constants: Mapping[str, Tensor], n_rows: int
    ) -> list[CompiledPart] | None:
        if not self._suits(theta) or self._has_no_deviation(n_rows):
            return None
        own = {name: tensor[:1] for name, tensor in constants.items()}
        return [part.as_part() for part in self._parts(theta[:1], grad[:1], own, n_rows)]

    def _parts(
        self, theta: Tensor, grad: Tensor, constants: Mapping[str, Tensor], n_rows: int
    ) -> list[KernelImages]:
        return [
            KernelImages(layers, theta, grad, constants, self.slices, n_rows)
            for layers in parts_of(self.layers)
        ]

    def _suits(self, theta: Tensor) -> bool:
        threads, dtype = torch.get_num_threads(), self.low or theta.dtype
        return dtype == theta.dtype and suits_library(self.layers, theta.device, dtype, threads)

    def _takes(self, x: Tree[Tensor], theta: Tensor) -> bool:
        """Whether the library computes such a batch (R, B, ...)."""
        plain = isinstance(x, Tensor) and x.dtype == theta.dtype and x.shape[2:] == self.row
        return plain and self._suits(theta)

    def _has_no_deviation(self, n_rows: int) -> bool:
        """Whether a norm would see one number of each channel, which torch refuses."""
        norms = (layer for layer in self.layers if layer.kind is Kind.NORM)
        return any(n_rows * math.prod(layer.inputs[:2]) < 2 for layer in norms)

    def step(
        self, theta: Tensor, grad: Tensor, constants: Mapping[str, Tensor], loss: Loss
    ) -> Step:
        by_torch = super().step(theta, grad, constants, loss)
        made: dict[int, _Chain] = {}

        def run(
            x: Tree[Tensor], y: Tensor, keys: Keys | None = None, weight: Tensor | None = None
        ) -> Tensor:
            n_rows = x.shape[1] if isinstance(x, Tensor) else 0
            if not self._takes(x, theta) or self._has_no_deviation(n_rows):
                return by_torch(x, y, keys, weight)
            assert isinstance(x, Tensor)
            if n_rows not in made:
                parts = self._parts(theta, grad, constants, n_rows)
                made[n_rows] = _Chain(parts, len(theta), n_rows, theta.dtype)
            return made[n_rows].losses(x, y, loss, keys, weight)

        return run


class _Chain:
    """The parts of a network for batches of B rows, and the memory between them."""

    def __init__(self, parts: list[KernelImages], n: int, n_rows: int, dtype: torch.dtype):
        self.parts = parts
        widths = [parts[0].n_inputs, *(part.n_outputs for part in parts)]
        self.hidden, self.slopes = (
            [torch.empty((n, n_rows, width), dtype=dtype) for width in widths] for _ in range(2)
        )
        for i, part in enumerate(parts):
            down = self.slopes[i] if i else None
            part.compiled(self.hidden[i], self.hidden[i + 1], self.slopes[i + 1], down)

    def losses(
        self, x: Tensor, y: Tensor, loss: Loss, keys: Keys | None, weight: Tensor | None
    ) -> Tensor:
        """The losses (R,) of a batch, whose gradients are written."""
        noise, masks = CounterRNG(keys) if keys else None, dict[int, Tensor]()
        self.hidden[0].copy_(x.flatten(2))
        for place, part in enumerate(self.parts, 1):
            part.forward_again()
            after = part.as_part()
            if after.dropout and noise:
                masks[place] = after.mask(noise, self.hidden[place])
                self.hidden[place].mul_(masks[place])
        losses, slope = loss.untraced(self.hidden[-1], y, weight)
        self.slopes[-1].copy_(slope)
        for place, part in reversed(list(enumerate(self.parts, 1))):
            if place in masks:
                self.slopes[place].mul_(masks[place])
            part.backward_again()
        return losses


def suits_library(
    layers: Sequence[ImageLayer], device: torch.device, dtype: torch.dtype, threads: int
) -> bool:
    """Whether the library computes these layers: on a processor, with one thread for a lane.

    Args:
        layers: In their order.
        device: Where to compute.
        dtype: Of weights and of all that is computed.
        threads: Torch's own threads of an operation.
    """
    small = all(layer.n_weights <= LARGEST for layer in layers if layer.kind is Kind.CONVOLUTION)
    alone = device.type == "cpu" and threads == 1
    return bool(layers) and alone and small and dtype in functions()
