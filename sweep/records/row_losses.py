"""Losses by row as they travel and as they are stored: packed numbers, four bytes each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

LOSS = np.dtype("<f4")
ROW = np.dtype("<i4")


def pack_losses(losses: np.ndarray) -> bytes:
    """The losses (N,) in single precision."""
    return losses.astype(LOSS).tobytes()


def unpack_losses(packed: bytes) -> np.ndarray:
    """The losses (N,) in double precision."""
    return np.frombuffer(packed, LOSS).astype(np.float64)


def pack_rows(numbers: np.ndarray) -> bytes:
    """The numbers of rows (N,)."""
    return numbers.astype(ROW).tobytes()


def unpack_rows(packed: bytes) -> np.ndarray:
    """The numbers of rows (N,)."""
    return np.frombuffer(packed, ROW).astype(np.int64)


def sum_by_row(
    known: np.ndarray, rows: Sequence[np.ndarray], values: Iterable[np.ndarray]
) -> np.ndarray:
    """The sum over runs of the values of each row (N,), each run's by its part of their mean.

    Args:
        known: The numbers of the rows (N,), ascending.
        rows: The rows of each run by their numbers.
        values: One for each row of each run.
    """
    sums = np.zeros(len(known))
    for own, found in zip(rows, values, strict=True):
        sums[np.searchsorted(known, own)] += found / len(own)
    return sums


@dataclass(frozen=True, slots=True)
class SplitRows:
    """Which rows of the data were held out in one split."""

    split_seed: int
    fold: int
    rows: bytes
    """Their numbers in the data, in the order of the losses."""


RowLossesOfRuns = Mapping[tuple[int, int], bytes]
"""Packed losses by trial and run."""
