"""Inputs and targets in units of the training rows: mean 0 and deviation 1."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Scale:
    """Mean and deviation of every column, float64; 0 and 1 of whole numbers, which are names."""

    mean: np.ndarray
    deviation: np.ndarray

    @classmethod
    def of(cls, rows: np.ndarray) -> Scale:
        """Of these rows.

        A constant column is only moved to 0: its scale is 1. Constant is what varies by no more
        than the rounding of its own mean, n * eps * |mean| (after Chan, Golub & LeVeque 1983).
        """
        if rows.dtype.kind != "f":
            return cls(np.zeros(rows.shape[1:]), np.ones(rows.shape[1:]))
        # scikit-learn's StandardScaler takes no rows of more than one dimension and ignores NaN,
        # and its deviation of columns around 1e8 ends in other digits; it also costs three times
        # as much.
        rows = rows.astype(np.float64)
        return cls.from_moments(rows.mean(axis=0), rows.std(axis=0), len(rows))

    @classmethod
    def from_moments(cls, mean: np.ndarray, spread: np.ndarray, n_rows: int) -> Scale:
        """Of ``n_rows`` rows with this mean and standard deviation; see ``of``."""
        rounding = n_rows * np.finfo(np.float64).eps * np.abs(mean)
        return cls(mean, np.where(spread > rounding, spread, 1.0))

    def applied(self, rows: np.ndarray) -> np.ndarray:
        """The rows in units of the deviation, float64; whole numbers as they are."""
        if rows.dtype.kind != "f":
            return rows
        return np.asarray((rows - self.mean) / self.deviation)
