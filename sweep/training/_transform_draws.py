"""The random numbers of one transform in one step, from the hash of the run and the step.

Integers come from bits without any rounding, and uniform numbers are multiples of 2**-24, so that
all are the same on every device and at any width. Legend: R runs, B rows of a batch.
"""

from __future__ import annotations

import torch
from torch import Tensor

from sweep.networks.counter_rng import hash_bits, hashed_normal

UNIFORM_BITS, INTEGER_BITS = 23, 24
CALLS = 1 << 16
"""Most calls of one transform: so far apart are the numbers of two."""


def uniform_of(bits: Tensor, dtype: torch.dtype) -> Tensor:
    """Numbers strictly between 0 and 1 from int32 ``bits``, exact in float32."""
    whole = (bits >> (32 - UNIFORM_BITS)) & ((1 << UNIFORM_BITS) - 1)
    return (whole.to(dtype) + 0.5) * 2.0**-UNIFORM_BITS


class TransformDraws:
    """A number for every row of every run, others at each call."""

    def __init__(self, keys: Tensor, stream: int, n_rows: int, dtype: torch.dtype):
        """``keys`` (R,) of the step; ``stream`` tells transforms apart."""
        self.keys, self.n_rows, self.dtype = keys, n_rows, dtype
        self._call = stream * CALLS

    def _bits(self) -> Tensor:
        self._call += 1
        return hash_bits(self.keys, self._call, self.n_rows)

    def uniform(self) -> Tensor:
        """(R, B): strictly between 0 and 1."""
        return uniform_of(self._bits(), self.dtype)

    def symmetric(self, most: Tensor) -> Tensor:
        """(R, B): evenly between ``-most`` and ``most`` (R,)."""
        return (2 * self.uniform() - 1) * most[:, None]

    def below(self, n: Tensor | int) -> Tensor:
        """(R, B): whole numbers from 0 to ``n - 1``, ``n`` being one or (R, B)."""
        bits = self._bits().long() & ((1 << INTEGER_BITS) - 1)
        return (bits * n) >> INTEGER_BITS

    def offsets(self, most: Tensor) -> Tensor:
        """(R, B): whole numbers from ``-most`` to ``most`` (R,)."""
        most = most.long()[:, None]
        return self.below(2 * most + 1) - most

    def normal(self, *shape: int) -> Tensor:
        """(R, B, ...): standard normal."""
        self._call += 1
        full = (len(self.keys), self.n_rows, *shape)
        return hashed_normal(self.keys, full, self.dtype, self._call)
