"""The curve through a ladder of mean losses, draws of it, and where they cross their threshold.

A curve is ``evaluation @ hat @ mean``, a fixed linear map. ``hat`` (K, K) is the natural cubic
smoothing spline at the ladder (Reinsch 1967; Green & Silverman 1994, section 2.3), ``evaluation``
(G, K) the cubic interpolating spline through its values. The spline's penalty is chosen once, from
the means and their measured covariance, by Mallows' C_L (Mallows 1973): an unbiased estimate of the
squared error of the smoothed means, which needs no independence between strengths; a third of that
penalty is used, because intervals must not be biased. Noise that
neighbouring strengths share (common random numbers) cannot be smoothed away and is left alone;
where noise is negligible the penalty becomes 0 and the map is plain cubic interpolation. Every draw
of the means passes through the same map.

Legend: K strengths, R resamples, B draws, G grid points; ``x`` is log10(strength).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

GRID_STEPS = 32
"""Grid intervals per gap of the ladder."""
RELATIVE_PENALTIES = np.concatenate([[0.0], np.logspace(-2, 6, 65)])
"""Candidate penalties, in units of 1 over the largest eigenvalue of the roughness matrix."""
UNDERSMOOTHING = 0.3
"""The share of the C_L penalty that is used. The draws know a curve's variance and not its bias,
so intervals cover at their level only if the bias is kept small beside it (Hall 1992)."""
UNDERSHOOT = 0.15
"""A cubic that dips this share of the skill deeper than the means near the lowest is ringing."""
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
    ringing: bool
    """True when the ladder is too coarse for a cubic, and straight lines join the points."""


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


@dataclass(frozen=True)
class Cloud:
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
) -> Cloud:
    """Minimum and boundaries of the curve through ``validation`` (K, R), and of draws of it.

    A draw is A(m + sqrt(c) kappa (R-1)^-1/2 sum_r w_r (V_r - m)) with w_r ~ N(0, 1), kappa^2 =
    (R-1) / chi2_{R-1} and c = 1/R + ``overlap``. The losses ``null`` (R,) of the constant predictor
    and ``anchor`` (R,) at strength 0 are drawn with the same w_r, so what resamples share cancels.
    """
    x, validation, anchor = tame(x, validation, null, anchor)
    n_resamples = len(null)
    mean = validation.mean(1)
    away = validation - mean[:, None]
    covariance = away @ away.T / (n_resamples * (n_resamples - 1))
    smoother = choose_smoother(x, mean, covariance, float(null.mean() - mean.min()))
    rng = np.random.default_rng(seed)
    kappa = np.sqrt((n_resamples - 1) / rng.chisquare(n_resamples - 1, draws))
    spread = np.sqrt((1 / n_resamples + overlap) / (n_resamples - 1)) * kappa
    weights = rng.standard_normal((draws, n_resamples)) * spread[:, None]

    def drawn(losses: Array) -> Array:
        return np.asarray(losses.mean() + weights @ (losses - losses.mean()))

    curve = smoother.weights @ mean
    noise = weights @ (smoother.weights @ away).T
    curves = curve + noise
    skill = max(float(null.mean() - curve.min()), 0.0)
    skills = np.maximum(drawn(null) - curves.min(1), SMALLEST_SKILL * skill)
    return Cloud(
        smoother=smoother,
        curve=curve,
        point=find_crossings(smoother.grid, curve[None], np.array([rho * skill])),
        drawn=find_crossings(smoother.grid, curves, rho * skills),
        noise=noise,
        anchor=None if anchor is None else drawn(anchor),
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


def largest_fall(cloud: Cloud, step: int) -> float:
    """How far the curve falls again on its way outward: leftward (``step`` -1) or rightward (1)."""
    return float(_falls(cloud.curve[None], cloud, step)[0])


def usual_fall(cloud: Cloud, step: int, share: float) -> float:
    """What the largest fall of the noise alone stays below in ``share`` of the draws.

    Outward from its minimum the curve of a single good zone never falls, and under noise its
    largest fall is at most that of the noise: a larger one shows a second zone.
    """
    return float(np.quantile(_falls(cloud.noise, cloud, step), share))


def _falls(curves: Array, cloud: Cloud, step: int) -> Array:
    outward = curves[:, int(cloud.curve.argmin()) :: step]
    return np.asarray((np.maximum.accumulate(outward, axis=1) - outward).max(1))


def good_zones(cloud: Cloud) -> tuple[tuple[float, float], ...]:
    """The stretches of the curve below its threshold, as strengths."""
    grid = cloud.smoother.grid
    below = cloud.curve <= cloud.point.threshold[0]
    edges = np.diff(np.concatenate([[False], below, [False]]).astype(int))
    starts, ends = np.flatnonzero(edges == 1), np.flatnonzero(edges == -1) - 1
    return tuple(
        (10 ** float(grid[start]), 10 ** float(grid[end]))
        for start, end in zip(starts, ends, strict=True)
    )


def outer_quantile(values: Array, share: float) -> float:
    """A quantile of numbers that may be infinite: one of them, the outer of two."""
    if share < 0.5:
        return float(np.quantile(values, share, method="lower"))
    return float(np.quantile(values, share, method="higher"))


def choose_smoother(x: Array, mean: Array, covariance: Array, skill: float) -> Smoother:
    """The smoother for means ``mean`` (K,) at ``x`` (K,) whose errors have ``covariance`` (K, K).

    A cubic through a jump rings. Where it dips more than ``UNDERSHOOT`` of the ``skill`` deeper
    than a parabola through the lowest mean and its neighbours does, straight lines between the
    points take its place.
    """
    hat, penalty = choose_hat(x, mean, covariance)
    grid = fine_grid(x)
    fitted = hat @ mean
    cubic = cubic_evaluation(x, grid)
    ringing = bool((cubic @ fitted).min() < lowest_nearby(x, fitted) - UNDERSHOOT * abs(skill))
    evaluation = linear_evaluation(x, grid) if ringing else cubic
    return Smoother(grid, evaluation @ hat, penalty, ringing)


def lowest_nearby(x: Array, values: Array) -> float:
    """The minimum of the parabola through the lowest of ``values`` (K,) and its two neighbours."""
    best = int(values.argmin())
    if best in (0, len(x) - 1):
        return float(values[best])
    before, after = x[best - 1 : best + 2 : 2] - x[best]
    fall, rise = values[best - 1 : best + 2 : 2] - values[best]
    curvature = (rise / after - fall / before) / (after - before)
    slope = rise / after - curvature * after
    return float(values[best] - (slope**2 / (4 * curvature) if curvature > 0 else 0.0))


def choose_hat(x: Array, mean: Array, covariance: Array) -> tuple[Array, float]:
    """The hat matrix (K, K), and its penalty: UNDERSMOOTHING times the one with the smallest C_L.

    C_L = |(I - H) m|^2 + 2 tr(H S), over ``RELATIVE_PENALTIES``.
    """
    identity = np.eye(len(x))
    if len(x) < 3:
        return identity, 0.0
    values, vectors = np.linalg.eigh(roughness(x))
    values[:2] = 0.0  # straight lines are not rough
    seen = vectors.T @ mean
    noise = np.einsum("ki,kl,li->i", vectors, covariance, vectors)
    shrink = 1 / (1 + RELATIVE_PENALTIES[:, None] * (values / values[-1]))
    risk = (1 - shrink) ** 2 @ seen**2 + 2 * shrink @ noise
    chosen = int(np.argmin(risk))
    if chosen == 0:
        return identity, 0.0
    penalty = float(UNDERSMOOTHING * RELATIVE_PENALTIES[chosen] / values[-1])
    return (vectors / (1 + penalty * values)) @ vectors.T, penalty


def roughness(x: Array) -> Array:
    """The (K, K) form of the integral of f''^2 of the natural cubic spline through values at ``x``.

    Q R^-1 Q' of Green & Silverman 1994, section 2.1.2.
    """
    gap = np.diff(x)
    inner = np.arange(len(x) - 2)
    second = np.zeros((len(x), len(x) - 2))
    second[inner, inner] = 1 / gap[:-1]
    second[inner + 1, inner] = -1 / gap[:-1] - 1 / gap[1:]
    second[inner + 2, inner] = 1 / gap[1:]
    band = np.diag((gap[:-1] + gap[1:]) / 3)
    band += np.diag(gap[1:-1] / 6, 1) + np.diag(gap[1:-1] / 6, -1)
    return np.asarray(second @ np.linalg.solve(band, second.T))


def fine_grid(x: Array) -> Array:
    """``GRID_STEPS`` even steps in every gap of the ladder; the ladder's points are on it."""
    steps = np.arange(GRID_STEPS) / GRID_STEPS
    inner = x[:-1, None] + np.diff(x)[:, None] * steps
    return np.append(inner.ravel(), x[-1])


def cubic_evaluation(x: Array, grid: Array) -> Array:
    """The (G, K) matrix of the cubic interpolating spline (third derivative free at the ends)."""
    if len(x) < 3:
        return linear_evaluation(x, grid)
    from scipy.interpolate import CubicSpline

    return np.asarray(CubicSpline(x, np.eye(len(x)))(grid), dtype=np.float64)


def linear_evaluation(x: Array, grid: Array) -> Array:
    """The (G, K) matrix of straight lines between the points of the ladder."""
    right = np.clip(np.searchsorted(x, grid, side="right"), 1, len(x) - 1)
    share = (grid - x[right - 1]) / (x[right] - x[right - 1])
    weights = np.zeros((len(grid), len(x)))
    rows = np.arange(len(grid))
    weights[rows, right - 1] = 1 - share
    weights[rows, right] = share
    return weights
