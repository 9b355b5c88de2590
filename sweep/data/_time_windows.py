"""Splits in the order of time: whatever is validated on comes later than what is trained on.

Points in time are divided, not rows, so rows of one moment stay together; the windows are those of
scikit-learn's TimeSeriesSplit over the points.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sweep.data.resampling import RowNumbers
from sweep.errors import DataError


@dataclass(frozen=True)
class Windows:
    """How the points in time are divided."""

    n_windows: int
    """Windows one after the other, which all are validated on once; 1 for the latest alone."""
    rolling: bool
    """Whether every window trains on equally many points, the latest before it, and not on all."""
    gap: int
    """Points between training and validation that are left out, and before the test."""


def latest(time: np.ndarray, fraction: float, gap: int) -> tuple[RowNumbers, RowNumbers]:
    """The rows of the latest share of the points, and those more than ``gap`` points before."""
    points, own = np.unique(time, return_inverse=True)
    n_taken = round(len(points) * fraction) or 1
    first = len(points) - n_taken
    if first - gap < 2:
        raise DataError(
            f"data.time: points in time must be left before the latest {fraction:.3g}, found "
            f"{len(points)} points in all and a gap of {gap}; give more, or take less"
        )
    return np.flatnonzero(own >= first), np.flatnonzero(own < first - gap)


def window(
    time: np.ndarray, share: float, windows: Windows, number: int
) -> tuple[RowNumbers, RowNumbers]:
    """Training and validation rows of a window; number 0 is the latest.

    All windows together validate on this share of the points, rounded down to equal windows.
    """
    from sklearn.model_selection import TimeSeriesSplit

    points, own = np.unique(time, return_inverse=True)
    n, size = windows.n_windows, max(1, int(len(points) * share / windows.n_windows + 1e-9))
    first = len(points) - n * size - windows.gap
    if first < 1:
        raise DataError(
            f"data.time: a point in time must be left to train on before the first window, found "
            f"{len(points)} points for {n} windows of {size} and a gap of {windows.gap}; give "
            "more, or lower n_folds, validation_fraction or gap"
        )
    if n == 1:
        train, validation = np.arange(first), np.arange(len(points) - size, len(points))
    else:
        splitter = TimeSeriesSplit(
            n, test_size=size, gap=windows.gap, max_train_size=first if windows.rolling else None
        )
        train, validation = list(splitter.split(points))[n - 1 - number]
    return np.flatnonzero(np.isin(own, train)), np.flatnonzero(np.isin(own, validation))
