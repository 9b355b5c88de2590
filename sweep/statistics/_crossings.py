"""Where curves cross their threshold. Legend: B curves, G grid points."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sweep.statistics._interpolation import Array


@dataclass(frozen=True)
class Crossings:
    """Of each curve, (B,) each, in log10 strength: its minimum and the boundaries beside it.

    ``left`` is -inf and ``right`` inf where the curve does not reach the threshold on that side.
    ``left_outer`` and ``right_outer`` are where it crosses for the last time on the way out, equal
    to ``left`` and ``right`` for a single good zone; infinite where it ends below the threshold.
    """

    best: Array
    lowest: Array
    threshold: Array
    left: Array
    right: Array
    left_outer: Array
    right_outer: Array


def find_crossings(grid: Array, curves: Array, delta: Array) -> Crossings:
    """The crossings of ``curves`` (B, G) with their own minimum + ``delta`` (B,)."""
    n_draws, n_grid = curves.shape
    best = curves.argmin(1)
    lowest = curves.min(1)
    threshold = lowest + delta
    above = curves > threshold[:, None]
    place = np.arange(n_grid)
    left = above & (place < best[:, None])
    right = above & (place > best[:, None])
    last_left = np.where(left.any(1), n_grid - 1 - left[:, ::-1].argmax(1), -1)
    first_right = np.where(right.any(1), right.argmax(1), n_grid)
    weakest_good = (~above).argmax(1)
    strongest_good = n_grid - 1 - (~above)[:, ::-1].argmax(1)

    def cross(outer: NDArray[np.int_], step: int, missing: float) -> Array:
        where = np.full(n_draws, missing)
        rows = np.flatnonzero((outer >= 0) & (outer < n_grid))
        out, into = outer[rows], outer[rows] + step
        high, low = curves[rows, out] - threshold[rows], curves[rows, into] - threshold[rows]
        where[rows] = grid[out] + (grid[into] - grid[out]) * high / (high - low)
        return where

    return Crossings(
        best=grid[best],
        lowest=lowest,
        threshold=threshold,
        left=cross(last_left, 1, -math.inf),
        right=cross(first_right, -1, math.inf),
        left_outer=cross(weakest_good - 1, 1, -math.inf),
        right_outer=cross(strongest_good + 1, -1, math.inf),
    )


def outer_quantile(values: Array, share: float) -> float:
    """A quantile of numbers that may be infinite: one of them, the outer of two."""
    if share < 0.5:
        return float(np.quantile(values, share, method="lower"))
    return float(np.quantile(values, share, method="higher"))
