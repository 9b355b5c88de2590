"""Inputs that stay in a file: some of its rows, by number, read when they are asked for.

It stands for an array (N, ...) where data are larger than memory should hold: taking rows of it
takes numbers alone, and scaling it is put off until rows are read.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from sweep.data._scaling import Scale

BLOCK_BYTES = 2**24
"""What is read at once where all rows are read."""


class StoredArray:
    """Rows ``numbers`` of a file's array, in units of ``scale`` where there is one."""

    def __init__(
        self,
        file: np.ndarray,
        dtype: np.dtype[Any] | None = None,
        numbers: np.ndarray | None = None,
        scale: Scale | None = None,
    ):
        """``file`` (M, ...) is mapped into memory; its numbers become ``dtype`` as they are read;
        ``numbers`` (N,) are the rows, or None for all of them.
        """
        self.file, self.numbers, self.scale = file, numbers, scale
        self.shape = (len(file) if numbers is None else len(numbers), *file.shape[1:])
        self.ndim, self.dtype = len(self.shape), dtype or file.dtype

    def __len__(self) -> int:
        return len(self.file if self.numbers is None else self.numbers)

    @property
    def nbytes(self) -> int:
        """What is held in memory: the numbers of the rows."""
        return 0 if self.numbers is None else self.numbers.nbytes

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        """All rows in memory, for what knows arrays alone."""
        rows = self.read(np.arange(len(self)))
        return rows if dtype is None else rows.astype(dtype)

    def __getitem__(self, rows: Any) -> Any:
        """These rows, still in the file, or one row as an array."""
        if isinstance(rows, int | np.integer):
            return self.read(np.array([rows]))[0]
        numbers = np.arange(len(self)) if self.numbers is None else self.numbers
        return StoredArray(self.file, self.dtype, numbers[rows], self.scale)

    def read(self, places: np.ndarray) -> np.ndarray:
        """The rows (n, ...) at these places, in memory."""
        rows = self.file[places if self.numbers is None else self.numbers[places]]
        rows = np.asarray(rows).astype(self.dtype, copy=False)
        return rows if self.scale is None else self.scale.applied(rows)

    @property
    def whole(self) -> bool:
        """Whether its numbers came as integers."""
        return self.file.dtype.kind in "iu"

    def typed(self, dtype: np.dtype[Any]) -> StoredArray:
        """The rows in this type."""
        return StoredArray(self.file, dtype, self.numbers, self.scale)

    def blocks(self) -> Iterator[np.ndarray]:
        """All rows in their order, some at a time."""
        row = math.prod(self.shape[1:]) * self.dtype.itemsize
        n = max(1, BLOCK_BYTES // max(1, row))
        for start in range(0, len(self), n):
            yield self.read(np.arange(start, min(start + n, len(self))))

    def measured(self) -> Scale:
        """The mean and deviation of every column: the bits that all rows in memory give.

        Sums over rows are taken one row after the other, in memory as here, but for single
        columns, which are small and read at once.
        """
        if self.dtype.kind != "f" or math.prod(self.shape[1:]) == 1:
            return Scale.of(np.concatenate(list(self.blocks())))
        mean = self._summed(None) / len(self)
        return Scale.from_moments(mean, np.sqrt(self._summed(mean) / len(self)), len(self))

    def scaled(self, scale: Scale) -> StoredArray:
        """The rows in units of a scale; whole numbers as they are."""
        if self.dtype.kind != "f":
            return self
        return StoredArray(self.file, self.dtype, self.numbers, scale)

    def _summed(self, mean: np.ndarray | None) -> np.ndarray:
        """The sums of every column, or of its squared distances from a mean."""
        total: np.ndarray | None = None
        for block in self.blocks():
            rows = block.astype(np.float64)
            if mean is not None:
                rows -= mean
                rows *= rows
            if total is not None:  # numpy adds rows one after the other
                rows = np.concatenate([total[None], rows])
            total = np.add.reduce(rows, axis=0)
        assert total is not None, "there are rows"
        return total
