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

from dataclasses import replace

import numpy as np

from sweep.statistics._agreement import CLEAR, MANY, agreed, held_apart
from sweep.statistics._bends import too_sparse
from sweep.statistics._between_strengths import displacements, spread_between_strengths, too_coarse
from sweep.statistics._crossings import Crossings, find_crossings
from sweep.statistics._curve_draws import CurveDraws, Smoother
from sweep.statistics._interpolation import (
    Array,
    akima_evaluation,
    cubic_evaluation,
    fine_grid,
)
from sweep.statistics._row_losses import RowLosses
from sweep.statistics._smoothing_spline import choose_hat
from sweep.statistics._spread import Losses, Spread, draw_spread

FAR, CEILING = 3.0, 6.0
"""In units of the skill above the lowest mean: strengths beyond FAR are cut off, save one next to
the rest, and none counts as further than CEILING (a diverging loss would bend the whole spline).
A boundary lies at ``rho``, 30 and more times lower."""
SMALLEST_SKILL = 0.05
"""A draw's skill is at least this share of the estimated skill, so that delta stays positive."""


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
    rows: RowLosses | None = None,
    uneven: Array | None = None,
) -> CurveDraws:
    """Minimum and boundaries of the curve through ``validation`` (K, R), and of draws of it.

    A draw is A(m + sqrt(c) kappa (R-1)^-1/2 sum_r w_r (V_r - m)) with w_r ~ N(0, 1), kappa^2 =
    (R-1) / chi2_{R-1} and c = 1/R + ``overlap``. The losses ``null`` (R,) of the constant predictor
    and ``anchor`` (R,) at strength 0 are drawn with the same w_r, so what resamples share cancels.
    With ``rows``, what is added to m is as ``_spread`` has it; ``uneven`` is as ``StrengthPath``
    has it.

    Losses that move in steps of ``resolution`` h often agree in every resample where their
    expectations do not, and then show no noise. So every strength's mean is also drawn with noise
    of its own, of variance c h^2 / 12: that of a value rounded to h (Sheppard 1898).
    """
    x, losses = tame(x, Losses(validation, null, anchor, rows, uneven))
    mean = losses.validation.mean(1)
    rng = np.random.default_rng(seed)
    spread = draw_spread(losses, overlap, resolution, draws, rng)
    hat, penalty = choose_hat(x, mean, spread.covariance)
    fitted, grid = hat @ mean, fine_grid(x)
    cubic, akima = (
        _draw_curves(Smoother(grid, evaluation @ hat, penalty, coarse), losses, spread, rho)
        for evaluation, coarse in (
            (cubic_evaluation(x, grid), False),
            (akima_evaluation(x, grid, fitted), True),
        )
    )
    curve_draws = akima if too_coarse(x, cubic, akima) else cubic
    curve_draws = _hold(curve_draws, losses, spread, rho)
    moved = displacements(x, fitted, curve_draws, rho, float(null.mean()))
    found = spread_between_strengths(x, curve_draws, moved, rng)
    point = curve_draws.point
    zone = float(point.left[0]), float(point.right[0])
    return replace(found, sparse=too_sparse(x, fitted, float(point.threshold[0]), zone))


def _draw_curves(smoother: Smoother, losses: Losses, spread: Spread, rho: float) -> CurveDraws:
    """The curve of one map, its draws, and the crossings of all of them."""
    curve = smoother.weights @ losses.validation.mean(1)
    added = spread.of_curve(smoother.weights)
    skill = max(float(losses.null.mean() - curve.min()), 0.0)
    at_zero = spread.of_anchor()
    drawn = _cross(smoother.grid, curve + added, losses, spread, rho, skill)
    return CurveDraws(
        smoother=smoother,
        curve=curve,
        point=find_crossings(smoother.grid, curve[None], np.array([rho * skill])),
        drawn=drawn,
        best=drawn.best,
        noise=added,
        anchor=at_zero if losses.anchor is None else at_zero + losses.anchor.mean(),
    )


def _cross(
    grid: Array, curves: Array, losses: Losses, spread: Spread, rho: float, skill: float
) -> Crossings:
    """The crossings of drawn curves (B, G), each with its own skill."""
    null = losses.null.mean() + spread.of_null()
    skills = np.maximum(null - curves.min(1), SMALLEST_SKILL * skill)
    return find_crossings(grid, curves, rho * skills)


def _hold(curve_draws: CurveDraws, losses: Losses, spread: Spread, rho: float) -> CurveDraws:
    """The draws, held above their best where every resample says that the curve is."""
    smoother, curve = curve_draws.smoother, curve_draws.curve
    skill = max(float(losses.null.mean() - curve.min()), 0.0)
    by_resample = (smoother.weights @ losses.validation).T
    held = agreed(curve, by_resample, CLEAR * skill)
    if skill == 0 or len(by_resample) < MANY or not held.any():
        return curve_draws
    curves = held_apart(curve, curve + curve_draws.noise, held)
    drawn = _cross(smoother.grid, curves, losses, spread, rho, skill)
    return replace(curve_draws, drawn=drawn)


def tame(x: Array, losses: Losses) -> tuple[Array, Losses]:
    """``x`` and the losses without the part of the ladder that is out of sight.

    Beyond the outermost strengths whose mean is within FAR skills of the lowest only one more is
    kept; losses further than CEILING skills away are drawn in to it, every resample and row in
    proportion. Both are fixed linear maps of the table.
    """
    validation, rows = losses.validation, losses.rows
    mean = validation.mean(1)
    best = int(mean.argmin())
    skill = losses.null.mean() - mean[best]
    if skill <= 0:
        return x, losses

    def drawn_in(own: Array, lowest: Array, at: Array) -> Array:
        """What ``own`` losses become, ``at`` being their means."""
        excess = (at - mean[best]) / skill
        return np.asarray(lowest + (own - lowest) * (CEILING / np.maximum(excess, CEILING)))

    near = np.flatnonzero(mean - mean[best] < FAR * skill)
    kept = slice(max(int(near[0]) - 1, 0), int(near[-1]) + 2)
    lowest, at = validation[best], mean[kept, None]
    anchor, at_zero = losses.anchor, None
    if anchor is not None:
        at_zero = anchor.mean(keepdims=True)
        anchor = drawn_in(anchor, lowest, at_zero)
    if rows is not None:
        own_lowest = rows.of_strengths[best]
        rows = replace(
            rows,
            of_strengths=drawn_in(rows.of_strengths[kept], own_lowest, at),
            anchor=None
            if at_zero is None or rows.anchor is None
            else drawn_in(rows.anchor, own_lowest, at_zero),
        )
    uneven = None if losses.uneven is None else drawn_in(losses.uneven[kept], np.zeros(1), at)
    validation = drawn_in(validation[kept], lowest, at)
    return x[kept], Losses(validation, losses.null, anchor, rows, uneven)
