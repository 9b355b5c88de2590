"""What a ladder leaves open between two strengths: if it is too coarse, and where crossings are.

Legend: K strengths, B draws; ``x`` (K,) is log10(strength).
"""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from sweep.statistics._crossings import Crossings, find_crossings, outer_quantile
from sweep.statistics._curve_draws import CurveDraws
from sweep.statistics._interpolation import (
    Array,
    akima_evaluation,
    cubic_evaluation,
    fine_grid,
    gap_of,
)

RESOLVED = 0.15
"""Where cubic and Akima curve cross the threshold further apart than this share of the gap between
two strengths, the ladder is too coarse for the cubic. At half a decade they differ by 0.11 of a gap
at most on exact ridge curves, and usually by over 0.2 beside a cliff."""
ASTRAY = 0.01
"""Share of draws whose minimum may be no more than ringing: it must stay out of the 2.5 % tails."""
LEAST_SHARE, MOST_SHARE, GROWTH = 0.1, 1.2, 2.0
"""Leaving out a strength beside a crossing moves it by d gaps: a crossing may be off by the share
GROWTH * d of that, within LEAST_SHARE and MOST_SHARE. (The error of a cubic falls with the fourth
power of the step where the ladder resolves the curve, and not at all where it does not.)"""
AKIMA_SHARE, GAP_SHARE = 0.45, 1.5
"""On a ladder too coarse for the cubic, a crossing may be off by AKIMA_SHARE * d, or by GAP_SHARE *
d, at most all, of the way to the strengths on either side. All of these are rules of thumb, from
the errors without noise on ridge curves, bowls and cliffs at steps of 1/4, 1/2 and 1 decade; they
can fail where only one or two strengths lie in the good zone."""
LEAST_MINIMUM = 0.25
"""A minimum may be off by this share of a gap at least: where a curve bends suddenly, as that of a
lasso does where a coefficient becomes 0, a cubic misses it by a fifth of a gap on any ladder."""


def too_coarse(x: Array, cubic: CurveDraws, akima: CurveDraws) -> bool:
    """Whether the two cross the threshold further apart than the ladder or the noise excuses.

    A cubic rings where the loss is steeper than the ladder, above all beside a cliff, where it digs
    a minimum that is not there. Where noise moves the crossing further, that decides nothing; but
    noise too makes a cubic ring, in a wide gap next to narrow ones: then the minimum of some draws
    lies where the Akima curve of the same draw is above its threshold.
    """
    astray = (cubic.drawn.best < akima.drawn.left) | (cubic.drawn.best > akima.drawn.right)
    if astray.mean() > ASTRAY:
        return True
    for name in ("left", "right"):
        here, there = (float(getattr(curve_draws.point, name)[0]) for curve_draws in (cubic, akima))
        if here == there:
            continue
        k = gap_of(x, np.array([there if math.isfinite(there) else here]))[0]
        low, high = (outer_quantile(getattr(akima.drawn, name), share) for share in (0.16, 0.84))
        noise = 0.0 if low == high else (high - low) / 2
        if abs(here - there) > max(RESOLVED * (x[k + 1] - x[k]), noise):
            return True
    return False


def displacements(
    x: Array, fitted: Array, curve_draws: CurveDraws, rho: float, null: float
) -> tuple[float, float, float]:
    """How far left and right crossing and the minimum move when a strength near them is left out.

    The largest of up to four: the two strengths below it, the two above; at most one gap.
    """
    evaluation = akima_evaluation if curve_draws.smoother.coarse else cubic_evaluation
    skill = max(null - float(curve_draws.curve.min()), 0.0)
    found = []
    for name in ("left", "right", "best"):
        where = getattr(curve_draws.point, name)
        if not np.isfinite(where[0]):
            found.append(0.0)
            continue
        k = int(gap_of(x, where)[0])
        moved = 0.0
        for out in range(max(k - 1, 1), min(k + 3, len(x) - 1)):
            kept = np.delete(np.arange(len(x)), out)
            grid = fine_grid(x[kept])
            curve = evaluation(x[kept], grid, fitted[kept]) @ fitted[kept]
            crossings = find_crossings(grid, curve[None], np.array([rho * skill]))
            moved = max(moved, abs(float(getattr(crossings, name)[0] - where[0])))
        found.append(min(moved, float(x[k + 1] - x[k])))
    left, right, best = found
    return left, right, best


def spread_between_strengths(
    x: Array, curve_draws: CurveDraws, moved: tuple[float, float, float], rng: np.random.Generator
) -> CurveDraws:
    """Every drawn crossing and minimum moved, evenly at random, within what the ladder leaves open.

    Resamples say nothing on what the loss does between two strengths; what becomes of a crossing,
    or of the minimum, with a strength less does (``moved``). Where the ladder is too coarse for the
    curve, the estimate of a crossing is the middle of that range.
    """
    drawn, coarse = curve_draws.drawn, curve_draws.smoother.coarse
    shifts = [rng.uniform(-1, 1, len(drawn.best)) for _ in moved]
    either = max(moved[:2])

    def move(found: Crossings, left: Array, right: Array) -> Crossings:
        return replace(
            found,
            left=_move(x, found.left, found.best, left, either, coarse),
            left_outer=_move(x, found.left_outer, found.best, left, either, coarse),
            right=_move(x, found.right, found.best, right, either, coarse),
            right_outer=_move(x, found.right_outer, found.best, right, either, coarse),
        )

    point, middle = curve_draws.point, np.zeros(1)
    low, high = _open_minima(x, curve_draws, moved[2])
    return replace(
        curve_draws,
        point=move(point, middle, middle) if coarse else point,
        drawn=move(drawn, *shifts[:2]),
        best=(low + high) / 2 + shifts[2] * (high - low) / 2,
    )


def _open_minima(x: Array, curve_draws: CurveDraws, moved: float) -> tuple[Array, Array]:
    """The ends (B,) of what the ladder leaves open about the minimum of every draw.

    Where the ladder is too coarse for a cubic, these are the strengths beside the one that is
    nearest to it.
    """
    best = curve_draws.drawn.best
    k = gap_of(x, best)
    gap = x[k + 1] - x[k]
    if curve_draws.smoother.coarse:
        nearest = k + (best - x[k] > gap / 2)
        return x[np.maximum(nearest - 1, 0)], x[np.minimum(nearest + 1, len(x) - 1)]
    around = np.clip(GROWTH * moved / gap, LEAST_SHARE, MOST_SHARE) * moved
    around = np.maximum(around, LEAST_MINIMUM * gap)
    return np.maximum(best - around, x[0]), np.minimum(best + around, x[-1])


def _move(x: Array, where: Array, best: Array, shift: Array, either: float, coarse: bool) -> Array:
    """Crossings (B,) moved by ``shift`` (from -1 to 1) of what is open about them.

    ``either`` is the larger displacement of the two sides: a minimum that is not resolved is felt
    on both. No crossing moves beyond its minimum or the ladder.
    """
    k = gap_of(x, where)
    gap = x[k + 1] - x[k]
    if coarse:
        least = np.full(len(where), AKIMA_SHARE * either)
        share = np.minimum(GAP_SHARE * either / gap, 1.0)
    else:
        least = np.clip(GROWTH * either / gap, LEAST_SHARE, MOST_SHARE) * either
        share = np.zeros(len(where))
    with np.errstate(invalid="ignore"):  # an infinite crossing stays where it is
        low = where - np.maximum(share * (where - x[k]), least)
        high = where + np.maximum(share * (x[k + 1] - where), least)
        low = np.where(where > best, np.maximum(low, best), low)
        high = np.where(where < best, np.minimum(high, best), high)
        low, high = np.maximum(low, x[0]), np.minimum(high, x[-1])
        placed = (low + high) / 2 + shift * (high - low) / 2
    return np.asarray(np.where(np.isfinite(where), placed, where))
