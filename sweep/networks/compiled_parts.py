"""Parts of a network that the library in C computes, one run after the other.

Legend: R runs, B rows of a batch.
"""

from __future__ import annotations

from typing import NamedTuple, Protocol

from torch import Tensor

from sweep.networks.counter_rng import CounterRNG


class CompiledPass(NamedTuple):
    """Where a pass and its functions lie, for another library to call them."""

    address: int
    forward: int
    backward: int


class CompiledLayers(Protocol):
    """Consecutive layers."""

    n_inputs: int
    n_outputs: int

    def compiled(self, x: Tensor, out: Tensor, slope: Tensor, below: Tensor | None) -> CompiledPass:
        """A pass forward and backward, which is valid as long as this object.

        Args:
            x: Where the inputs (R, B, n_inputs) will be.
            out: Where the outputs of the last layer (R, B, n_outputs) will be.
            slope: Where the gradient by them will be; it is changed.
            below: Where that by the inputs will be, where it is wanted.
        """


class CompiledPart(NamedTuple):
    """Consecutive layers, and what follows them."""

    layers: CompiledLayers
    dropout: float
    """The rate of the dropout that follows, or 0."""
    channels: int = 1
    """Of a pixel, where the outputs lie pixel by pixel and not in torch's order."""

    def mask(self, noise: CounterRNG, like: Tensor) -> Tensor:
        """What the outputs (R, B, n_outputs) are multiplied by."""
        shape = (*like.shape[:2], self.channels, like.shape[2] // self.channels)
        kept = noise.keep(shape, like.dtype, 1 - self.dropout).div_(1 - self.dropout)
        return kept.transpose(2, 3).reshape(like.shape)
