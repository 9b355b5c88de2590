"""The curve through a ladder of mean losses with its draws, and what is read off them.

Legend: K strengths, B draws, G grid points.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sweep.statistics._crossings import Crossings
from sweep.statistics._interpolation import Array

LEVEL_SHARE = 0.1
"""A curve that changes by less than this share of delta is level: it would need as many strengths
again, and more, to rise by delta."""


@dataclass(frozen=True)
class Smoother:
    """The map: ``grid`` (G,) in log10 strength, ``weights`` (G, K), and how it was chosen."""

    grid: Array
    weights: Array
    penalty: float
    coarse: bool = False
    """True when the ladder is too coarse for a cubic, and an Akima curve joins the points."""


@dataclass(frozen=True)
class CurveDraws:
    """The curve (G,), its own crossings (``point``, B = 1) and those of its draws."""

    smoother: Smoother
    curve: Array
    point: Crossings
    drawn: Crossings
    noise: Array
    """What every draw adds to the curve, (B, G), before any is held."""
    anchor: Array | None
    """Loss at strength 0 in every draw, (B,)."""
    best: Array
    """The minimum of every draw, (B,), in log10 strength; ``spread_between_strengths`` moves it."""
    sparse: bool = False
    """True when the ladder has too few strengths in the good zone (``_bends``)."""


def largest_fall(curve_draws: CurveDraws, step: int) -> float:
    """How far the curve falls again on its way outward: leftward (``step`` -1) or rightward (1)."""
    return float(_falls(curve_draws.curve[None], curve_draws, step)[0])


def usual_fall(curve_draws: CurveDraws, step: int, share: float) -> float:
    """What the largest fall of the noise alone stays below in ``share`` of the draws.

    Outward from its minimum the curve of a single good zone never falls, and under noise its
    largest fall is at most that of the noise: a larger one shows a second zone.
    """
    return float(np.quantile(_falls(curve_draws.noise, curve_draws, step), share))


def _falls(curves: Array, curve_draws: CurveDraws, step: int) -> Array:
    outward = curves[:, int(curve_draws.curve.argmin()) :: step]
    return np.asarray((np.maximum.accumulate(outward, axis=1) - outward).max(1))


def levels_off(curve_draws: CurveDraws, x: Array) -> bool:
    """Whether the curve changes by less than LEVEL_SHARE of delta over the last two gaps of the
    ladder ``x`` (K,), while nearly no draw has its minimum there.
    """
    smoother, point = curve_draws.smoother, curve_draws.point
    if np.quantile(curve_draws.drawn.best, 0.975) >= x[-3] or smoother.grid[-1] < x[-1]:
        return False
    end = curve_draws.curve[smoother.grid >= x[-3]]
    delta = float(point.threshold[0] - point.lowest[0])
    return bool(np.ptp(end) < LEVEL_SHARE * delta)


def good_zones(curve_draws: CurveDraws) -> tuple[tuple[float, float], ...]:
    """The stretches of the curve below its threshold, as strengths."""
    grid = curve_draws.smoother.grid
    below = curve_draws.curve <= curve_draws.point.threshold[0]
    edges = np.diff(np.concatenate([[False], below, [False]]).astype(int))
    starts, ends = np.flatnonzero(edges == 1), np.flatnonzero(edges == -1) - 1
    return tuple(
        (10 ** float(grid[start]), 10 ** float(grid[end]))
        for start, end in zip(starts, ends, strict=True)
    )
