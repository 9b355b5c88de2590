"""MLPs (linear layers and activations in a row): forward and backward of many runs written out.

A multilayer perceptron is the network that sweeps train most, and small ones spend more time in
``vmap``, autograd and fresh memory than in matrix products. Here the layers of all runs are
computed into memory that is kept, and the gradient of each weight is written straight to its place
in the flat rows. Any chain (see ``chain``) of linear layers, activations that are written out, and
dropout counts; everything else takes the way of ``stacked``.
Legend: R runs, B rows of a batch, P parameters of one run.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise

import torch
from torch import Tensor, nn

from sweep.metrics.loss import Loss
from sweep.networks._stretches import LibraryBlocks, Stretch, TorchBlock, ends_within, suits_library
from sweep.networks.compiled_parts import CompiledPart
from sweep.networks.counter_rng import CounterRNG, Keys, Noise
from sweep.networks.linear_blocks import linear_blocks_of
from sweep.networks.stacked import StackedModule, Step
from sweep.runtime.trees import Tree


class FusedMLP(StackedModule):
    """A stacked module that is an MLP."""

    written_out = True

    def __init__(self, model: nn.Module, device: torch.device, low: torch.dtype | None = None):
        self.blocks = linear_blocks_of(model)
        drops = any(block.dropout for block in self.blocks)
        super().__init__(model, device, low=low, noise=Noise.HASHED if drops else Noise.NONE)
        if not self.blocks:
            raise ValueError("an MLP of linear layers and activations must be given")
        self._memory: dict[tuple[int, int], tuple[list[Tensor], list[Tensor]]] = {}

    def outputs(
        self,
        theta: Tensor,
        constants: Mapping[str, Tensor],
        x: Tree[Tensor],
        keys: Keys | None = None,
    ) -> Tensor:
        assert isinstance(x, Tensor), "several are no MLP's"
        low, hidden = self._lower(theta), self._lower(x).flatten(2)
        for stretch in self._stretches(low, None, hidden.shape[1]):
            hidden = stretch.outputs(hidden)
            if stretch.left:
                stretch.left.apply(hidden)
        return hidden.to(theta.dtype)

    def compiled_inputs(self, theta: Tensor) -> int:
        within = self.low is None and all(map(ends_within, self.blocks[:-1]))
        return self.blocks[0].n_inputs if within and suits_library(self.blocks, theta) else 0

    def compiled_parts(
        self, theta: Tensor, grad: Tensor, constants: Mapping[str, Tensor], n_rows: int
    ) -> list[CompiledPart] | None:
        parts: list[CompiledPart] = []
        for stretch in () if self.low is not None else self._stretches(theta[:1], grad[:1], n_rows):
            if not isinstance(stretch, LibraryBlocks) or stretch.left:
                return None
            dropout = self.blocks[stretch.end - 1].dropout
            parts.append(CompiledPart(stretch.kernel, dropout))
        return parts or None

    def _lower(self, tensor: Tensor) -> Tensor:
        return tensor if self.low is None else tensor.to(self.low)

    def step(
        self, theta: Tensor, grad: Tensor, constants: Mapping[str, Tensor], loss: Loss
    ) -> Step:
        if self.low is None:
            return self._written_out(theta, grad, loss)
        low, low_grad = theta.to(self.low), torch.zeros_like(grad, dtype=self.low)
        inner = self._written_out(low, low_grad, loss)

        def run(
            x: Tree[Tensor], y: Tensor, keys: Keys | None = None, weight: Tensor | None = None
        ) -> Tensor:
            assert isinstance(x, Tensor), "several are no MLP's"
            low.copy_(theta)
            losses = inner(self._lower(x), y, keys, weight)
            grad.copy_(low_grad)
            return losses

        return run

    def _written_out(self, theta: Tensor, grad: Tensor, loss: Loss) -> Step:
        wide = torch.promote_types(theta.dtype, torch.float32)
        made: dict[int, list[Stretch]] = {}

        def run(
            x: Tree[Tensor], y: Tensor, keys: Keys | None = None, weight: Tensor | None = None
        ) -> Tensor:
            assert isinstance(x, Tensor), "several are no MLP's"
            noise, masks = CounterRNG(keys) if keys else None, dict[int, Tensor]()
            hidden, back = self._buffers(x, theta)
            below, n_rows = [x.flatten(2), *hidden], x.shape[1]
            if n_rows not in made:
                made[n_rows] = self._stretches(theta, grad, n_rows)
            for stretch in made[n_rows]:
                out = hidden[stretch.end - 1]
                stretch.forward(below[stretch.first], hidden[stretch.first : stretch.end])
                if stretch.left:
                    stretch.left.apply(out)
                rate = self.blocks[stretch.end - 1].dropout
                if rate and noise:
                    masks[stretch.end] = noise.keep(out.shape, out.dtype, 1 - rate).div_(1 - rate)
                    out.mul_(masks[stretch.end])
            losses, slope = loss.untraced(hidden[-1].to(wide), y, weight)
            slope = slope.to(theta.dtype)
            for stretch in reversed(made[n_rows]):
                if stretch.end in masks:
                    slope.mul_(masks[stretch.end])
                if stretch.left:
                    stretch.left.back(slope, hidden[stretch.end - 1])
                down = back[stretch.first - 1] if stretch.first else None
                stretch.backward(below[stretch.first], slope, down)
                if down is not None:
                    slope = down
            return losses

        return run

    def _stretches(self, theta: Tensor, grad: Tensor | None, n_rows: int) -> list[Stretch]:
        """All blocks in their order, for weights and gradients (R, P) and batches of B rows."""
        if not suits_library(self.blocks, theta):
            return [
                TorchBlock(i, block, theta, grad, self.slices)
                for i, block in enumerate(self.blocks)
            ]
        cuts = {i + 1 for i, block in enumerate(self.blocks) if not ends_within(block)}
        return [
            LibraryBlocks(first, self.blocks[first:end], theta, grad, n_rows, self.slices)
            for first, end in pairwise(sorted({0, *cuts, len(self.blocks)}))
        ]

    def _buffers(self, x: Tensor, theta: Tensor) -> tuple[list[Tensor], list[Tensor]]:
        """Memory for the outputs of all blocks and for the gradients by all but the last."""
        key = (x.shape[0], x.shape[1])
        if key not in self._memory:
            shapes = [(*key, block.n_outputs) for block in self.blocks]
            hidden = [torch.empty(shape, device=x.device, dtype=theta.dtype) for shape in shapes]
            if x.device.type == "cpu":  # elsewhere a graph may still use what it was recorded with
                self._memory.clear()
            self._memory[key] = hidden, [torch.empty_like(h) for h in hidden[:-1]]
        return self._memory[key]
