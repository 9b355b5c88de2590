"""Stretches of an MLP's blocks that are computed at once: one by torch, or several by the library.

What comes after a stretch (an activation that it does not compute, dropout) is the caller's.
Legend: R runs, B rows of a batch, P parameters of one run.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

import torch
from torch import Tensor, nn

from sweep.networks._mlp_kernel import KernelLayers, Layer, functions
from sweep.networks.activations import WRITTEN_OUT, InPlaceActivation
from sweep.networks.linear_blocks import LinearBlock

LARGEST = 1 << 18
"""Weights of the largest layer that the library multiplies as fast as torch does."""
RELU = WRITTEN_OUT[nn.ReLU]


class Stretch(Protocol):
    """Blocks from ``first`` to ``end``."""

    first: int
    end: int
    left: InPlaceActivation | None
    """The activation after the last block, where the caller applies it."""

    def outputs(self, x: Tensor) -> Tensor:
        """The outputs of the last block (R, B, n_outputs) for inputs (R, B, n_inputs)."""

    def forward(self, x: Tensor, hidden: Sequence[Tensor]) -> None:
        """Fills the outputs of every block (R, B, n_outputs)."""

    def backward(self, x: Tensor, slope: Tensor, below: Tensor | None) -> None:
        """Writes the gradients of the weights, after a forward of these inputs.

        Args:
            x: The inputs (R, B, n_inputs).
            slope: The gradient by the last block's outputs (R, B, n_outputs); it may be changed.
            below: Gets the gradient by the inputs, where it is wanted.
        """


class TorchBlock:
    """A linear layer as one ``bmm`` over all runs."""

    def __init__(
        self,
        place: int,
        block: LinearBlock,
        theta: Tensor,
        grad: Tensor | None,
        slices: Mapping[str, slice],
    ):
        self.first, self.end, self.left = place, place + 1, block.activation
        shape = (block.n_outputs, block.n_inputs)

        def of(rows: Tensor | None, name: str | None, *shape: int) -> Tensor | None:
            found = None if rows is None or name is None else rows[:, slices[name]]
            return None if found is None else found.view(len(found), *shape)

        self.bias, self.bias_slope = (of(t, block.bias, block.n_outputs) for t in (theta, grad))
        weight = of(theta, block.weight, *shape)
        assert weight is not None
        self.weight, self.weight_slope = weight, of(grad, block.weight, *shape)

    def outputs(self, x: Tensor) -> Tensor:
        return self._biased(torch.bmm(x, self.weight.transpose(1, 2)))

    def forward(self, x: Tensor, hidden: Sequence[Tensor]) -> None:
        self._biased(torch.bmm(x, self.weight.transpose(1, 2), out=hidden[0]))

    def _biased(self, output: Tensor) -> Tensor:
        return output if self.bias is None else output.add_(self.bias.unsqueeze(1))

    def backward(self, x: Tensor, slope: Tensor, below: Tensor | None) -> None:
        torch.bmm(slope.transpose(1, 2), x, out=self.weight_slope)
        if self.bias_slope is not None:
            torch.sum(slope, 1, out=self.bias_slope)
        if below is not None:
            torch.bmm(slope, self.weight, out=below)


class LibraryBlocks:
    """Blocks that the library in C computes, one run after the other."""

    def __init__(
        self,
        first: int,
        blocks: Sequence[LinearBlock],
        theta: Tensor,
        grad: Tensor | None,
        n_rows: int,
        slices: Mapping[str, slice],
    ):
        self.first, self.end = first, first + len(blocks)
        activation = blocks[-1].activation
        self.left = None if activation is RELU else activation
        layers = [
            Layer(
                block.n_inputs,
                block.n_outputs,
                slices[block.weight].start,
                -1 if block.bias is None else slices[block.bias].start,
                block.activation is RELU,
            )
            for block in blocks
        ]
        self.kernel = KernelLayers(layers, theta, grad, n_rows)

    def outputs(self, x: Tensor) -> Tensor:
        return self.kernel.outputs(x.contiguous())

    def forward(self, x: Tensor, hidden: Sequence[Tensor]) -> None:
        self.kernel.forward(x.contiguous(), hidden)

    def backward(self, x: Tensor, slope: Tensor, below: Tensor | None) -> None:
        self.kernel.backward(slope.contiguous(), below)


def ends_within(block: LinearBlock) -> bool:
    """Whether the library may go on with the next block: it computes all that follows this one."""
    return not block.dropout and block.activation in (None, RELU)


def suits_library(blocks: Sequence[LinearBlock], theta: Tensor) -> bool:
    """Whether the library computes these blocks: on a processor, with one thread for a lane."""
    known, _ = functions()
    small = all(block.n_inputs * block.n_outputs <= LARGEST for block in blocks)
    alone = theta.device.type == "cpu" and torch.get_num_threads() == 1
    return alone and small and theta.dtype in known
