"""Ways to join the points of a ladder: matrices (G, K) from losses at K strengths to a fine grid.

A cubic spline where the ladder resolves the curve, modified Akima pieces where it does not, and
straight lines. ``x`` is log10(strength), ascending.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

GRID_STEPS = 32
"""Grid intervals per gap of the ladder."""


def fine_grid(x: Array) -> Array:
    """``GRID_STEPS`` even steps in every gap of the ladder; the ladder's points are on it."""
    steps = np.arange(GRID_STEPS) / GRID_STEPS
    inner = x[:-1, None] + np.diff(x)[:, None] * steps
    return np.append(inner.ravel(), x[-1])


def cubic_evaluation(x: Array, grid: Array, values: Array | None = None) -> Array:
    """The (G, K) matrix of the cubic interpolating spline (third derivative free at the ends).

    It is the same for all ``values``.
    """
    if len(x) < 3:
        return linear_evaluation(x, grid)
    from scipy.interpolate import CubicSpline

    return np.asarray(CubicSpline(x, np.eye(len(x)))(grid), dtype=np.float64)


def akima_evaluation(x: Array, grid: Array, values: Array) -> Array:
    """The (G, K) matrix of the curve that joins points without overshooting beside a jump.

    Cubic Hermite pieces whose slope at a point is a mean of the secants beside it, weighted by how
    little the secants further on differ (Akima 1970; the weights as modified in MATLAB's makima,
    Moler 2019). The weights are those of ``values`` (K,), held fixed, so that the map is linear.
    """
    n = len(x)
    if n < 3:
        return linear_evaluation(x, grid)
    gap = np.diff(x)
    secant = np.zeros((n + 3, n))
    inner = np.arange(n - 1)
    secant[inner + 2, inner], secant[inner + 2, inner + 1] = -1 / gap, 1 / gap
    for outer, step in ((1, 1), (0, 1), (n + 1, -1), (n + 2, -1)):
        secant[outer] = 2 * secant[outer + step] - secant[outer + 2 * step]
    size = secant @ values
    bend = abs(np.diff(size)) + abs(size[1:] + size[:-1]) / 2
    before, after = bend[2:], bend[:-2]
    total = before + after
    share = np.divide(before, total, out=np.full(n, 0.5), where=total > 0)[:, None]
    slope = share * secant[1:-2] + (1 - share) * secant[2:-1]
    # scipy's CubicHermiteSpline gives the same to 3e-14, but not to the bit, on which the drawn
    # boundaries depend; it takes a tenth longer.
    k = gap_of(x, grid)
    t, h = ((grid - x[k]) / gap[k])[:, None], gap[k][:, None]
    point = np.eye(n)
    return np.asarray(
        (1 + 2 * t) * (1 - t) ** 2 * point[k]
        + t * (1 - t) ** 2 * h * slope[k]
        + t**2 * (3 - 2 * t) * point[k + 1]
        + t**2 * (t - 1) * h * slope[k + 1]
    )


def linear_evaluation(x: Array, grid: Array) -> Array:
    """The (G, K) matrix of straight lines between the points of the ladder."""
    right = np.clip(np.searchsorted(x, grid, side="right"), 1, len(x) - 1)
    share = (grid - x[right - 1]) / (x[right] - x[right - 1])
    weights = np.zeros((len(grid), len(x)))
    rows = np.arange(len(grid))
    weights[rows, right - 1] = 1 - share
    weights[rows, right] = share
    return weights


def gap_of(x: Array, where: Array) -> NDArray[np.int_]:
    """The gaps k, between x[k] and x[k + 1], in which ``where`` lies."""
    return np.asarray(np.clip(np.searchsorted(x, where) - 1, 0, len(x) - 2))
