"""The curve through a ladder of mean losses, draws of it, and where they cross their threshold.

A curve is ``evaluation @ hat @ mean``, a fixed linear map. ``hat`` (K, K) is the natural cubic
smoothing spline at the ladder (Reinsch 1967; Green & Silverman 1994, section 2.3), ``evaluation``
(G, K) the cubic interpolating spline through its values, or an Akima curve where the ladder is too
coarse for a cubic. The spline's penalty is chosen once, from
the means and their measured covariance, by Mallows' C_L (Mallows 1973): an unbiased estimate of the
squared error of the smoothed means, which needs no independence between strengths; a third of that
penalty is used, because intervals must not be biased. Noise that
neighbouring strengths share (common random numbers) cannot be smoothed away and is left alone;
where noise is negligible the penalty becomes 0 and the map is plain cubic interpolation. Every draw
of the means passes through the same map, and its crossings are moved at random within what the
ladder leaves open between two strengths.

Legend: K strengths, R resamples, B draws, G grid points; ``x`` is log10(strength).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from sweep.statistics._crossings import Crossings, find_crossings, outer_quantile
from sweep.statistics._interpolation import (
    Array,
    akima_evaluation,
    cubic_evaluation,
    fine_grid,
    gap_of,
)
from sweep.statistics._smoothing_spline import choose_hat
from sweep.statistics.paired_tests import rounding_error

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
FAR, CEILING = 3.0, 6.0
"""In units of the skill above the lowest mean: strengths beyond FAR are cut off, save one next to
the rest, and none counts as further than CEILING (a diverging loss would bend the whole spline).
A boundary lies at ``rho``, 30 and more times lower."""
SMALLEST_SKILL = 0.05
"""A draw's skill is at least this share of the estimated skill, so that delta stays positive."""


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
    """What every draw adds to the curve, (B, G)."""
    anchor: Array | None
    """Loss at strength 0 in every draw, (B,)."""


def draw_crossings(
    x: Array,
    validation: Array,
    null: Array,
    anchor: Array | None,
    *,
    overlap: float,
    rho: float,
    seed: int,
    draws: int,
    resolution: float = 0.0,
) -> CurveDraws:
    """Minimum and boundaries of the curve through ``validation`` (K, R), and of draws of it.

    A draw is A(m + sqrt(c) kappa (R-1)^-1/2 sum_r w_r (V_r - m)) with w_r ~ N(0, 1), kappa^2 =
    (R-1) / chi2_{R-1} and c = 1/R + ``overlap``. The losses ``null`` (R,) of the constant predictor
    and ``anchor`` (R,) at strength 0 are drawn with the same w_r, so what resamples share cancels.

    Losses that move in steps of ``resolution`` h often agree in every resample where their
    expectations do not, and then show no noise. So every strength's mean is also drawn with noise
    of its own, of variance c h^2 / 12: that of a value rounded to h (Sheppard 1898).
    """
    x, validation, anchor = tame(x, validation, null, anchor)
    n_resamples = len(null)
    mean = validation.mean(1)
    away = validation - mean[:, None]
    covariance = away @ away.T / (n_resamples * (n_resamples - 1))
    step = rounding_error(resolution, 1 / n_resamples + overlap)
    covariance += step**2 * np.eye(len(mean))
    hat, penalty = choose_hat(x, mean, covariance)
    grid = fine_grid(x)
    rng = np.random.default_rng(seed)
    kappa = np.sqrt((n_resamples - 1) / rng.chisquare(n_resamples - 1, draws))
    spread = np.sqrt((1 / n_resamples + overlap) / (n_resamples - 1)) * kappa
    weights = rng.standard_normal((draws, n_resamples)) * spread[:, None]
    unseen = step * rng.standard_normal((draws, len(mean) + 1)) if step else None

    def drawn(losses: Array) -> Array:
        return np.asarray(losses.mean() + weights @ (losses - losses.mean()))

    at_zero = None if anchor is None else drawn(anchor)
    if at_zero is not None and unseen is not None:
        at_zero += unseen[:, 0]

    def draw(evaluation: Array, coarse: bool) -> CurveDraws:
        smoother = Smoother(grid, evaluation @ hat, penalty, coarse)
        curve = smoother.weights @ mean
        noise = weights @ (smoother.weights @ away).T
        if unseen is not None:
            noise += unseen[:, 1:] @ smoother.weights.T
        curves = curve + noise
        skill = max(float(null.mean() - curve.min()), 0.0)
        skills = np.maximum(drawn(null) - curves.min(1), SMALLEST_SKILL * skill)
        return CurveDraws(
            smoother=smoother,
            curve=curve,
            point=find_crossings(grid, curve[None], np.array([rho * skill])),
            drawn=find_crossings(grid, curves, rho * skills),
            noise=noise,
            anchor=at_zero,
        )

    fitted = hat @ mean
    cubic = draw(cubic_evaluation(x, grid), coarse=False)
    akima = draw(akima_evaluation(x, grid, fitted), coarse=True)
    coarse = too_coarse(x, cubic, akima)
    curve_draws = akima if coarse else cubic
    moved = displacements(x, fitted, curve_draws, rho, float(null.mean()))
    return spread_between_strengths(x, curve_draws, moved, rng)


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
) -> tuple[float, float]:
    """How far, left and right, the crossing moves when a strength near it is left out.

    The largest of up to four: the two strengths below it, the two above; at most one gap.
    """
    evaluation = akima_evaluation if curve_draws.smoother.coarse else cubic_evaluation
    skill = max(null - float(curve_draws.curve.min()), 0.0)
    found = []
    for name in ("left", "right"):
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
    return found[0], found[1]


def spread_between_strengths(
    x: Array, curve_draws: CurveDraws, moved: tuple[float, float], rng: np.random.Generator
) -> CurveDraws:
    """Every drawn crossing moved, evenly at random, within what the ladder leaves open about it.

    Resamples say nothing on what the loss does between two strengths; what becomes of the crossing
    with a strength less does (``moved``). Where the ladder is too coarse for the curve, the
    estimate is the middle of that range.
    """
    drawn = curve_draws.drawn
    shifts = [rng.uniform(-1, 1, len(drawn.best)) for _ in moved]

    def move(found: Crossings, name: str, shift: Array) -> Array:
        where = getattr(found, name)
        k = gap_of(x, where)
        gap = x[k + 1] - x[k]
        either = max(moved)  # a minimum that is not resolved is felt on both sides
        if curve_draws.smoother.coarse:
            least = np.full(len(where), AKIMA_SHARE * either)
            share = np.minimum(GAP_SHARE * either / gap, 1.0)
        else:
            least = np.clip(GROWTH * either / gap, LEAST_SHARE, MOST_SHARE) * either
            share = np.zeros(len(where))
        with np.errstate(invalid="ignore"):  # an infinite crossing stays where it is
            low = where - np.maximum(share * (where - x[k]), least)
            high = where + np.maximum(share * (x[k + 1] - where), least)
            low = np.where(where > found.best, np.maximum(low, found.best), low)
            high = np.where(where < found.best, np.minimum(high, found.best), high)
            low, high = np.maximum(low, x[0]), np.minimum(high, x[-1])
            placed = (low + high) / 2 + shift * (high - low) / 2
        return np.asarray(np.where(np.isfinite(where), placed, where))

    def moved_all(found: Crossings, shifts: list[Array]) -> Crossings:
        return replace(
            found,
            **{
                name: move(found, name, shifts[side])
                for side, names in enumerate((("left", "left_outer"), ("right", "right_outer")))
                for name in names
            },
        )

    middle = [np.zeros(1)] * 2
    return replace(
        curve_draws,
        point=moved_all(curve_draws.point, middle)
        if curve_draws.smoother.coarse
        else curve_draws.point,
        drawn=moved_all(drawn, shifts),
    )


def tame(
    x: Array, validation: Array, null: Array, anchor: Array | None
) -> tuple[Array, Array, Array | None]:
    """``x``, validation losses and anchor, without the part of the ladder that is out of sight.

    Beyond the outermost strengths whose mean is within FAR skills of the lowest only one more is
    kept; losses further than CEILING skills away are drawn in to it, every resample in proportion.
    Both are fixed linear maps of the table.
    """
    mean = validation.mean(1)
    best = int(mean.argmin())
    skill = null.mean() - mean[best]
    if skill <= 0:
        return x, validation, anchor
    lowest = validation[best]

    def drawn_in(losses: Array) -> Array:
        excess = (losses.mean(-1, keepdims=True) - mean[best]) / skill
        return np.asarray(lowest + (losses - lowest) * (CEILING / np.maximum(excess, CEILING)))

    near = np.flatnonzero(mean - mean[best] < FAR * skill)
    kept = slice(max(int(near[0]) - 1, 0), int(near[-1]) + 2)
    return x[kept], drawn_in(validation[kept]), None if anchor is None else drawn_in(anchor)


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
