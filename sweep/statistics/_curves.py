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

from dataclasses import dataclass

import numpy as np

from sweep.statistics._between_strengths import displacements, spread_between_strengths, too_coarse
from sweep.statistics._crossings import find_crossings
from sweep.statistics._curve_draws import CurveDraws, Smoother
from sweep.statistics._interpolation import (
    Array,
    akima_evaluation,
    cubic_evaluation,
    fine_grid,
)
from sweep.statistics._smoothing_spline import choose_hat
from sweep.statistics.paired_tests import rounding_error

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
    n_resamples, mean = len(null), validation.mean(1)
    away = validation - mean[:, None]
    covariance = away @ away.T / (n_resamples * (n_resamples - 1))
    step = rounding_error(resolution, 1 / n_resamples + overlap)
    covariance += step**2 * np.eye(len(mean))
    hat, penalty = choose_hat(x, mean, covariance)
    fitted, grid = hat @ mean, fine_grid(x)
    rng = np.random.default_rng(seed)
    noise = _draw_noise(rng, draws, n_resamples, overlap, step, len(mean))
    losses = _Losses(mean, away, null, anchor)
    cubic, akima = (
        _draw_curves(Smoother(grid, evaluation @ hat, penalty, coarse), losses, noise, rho)
        for evaluation, coarse in (
            (cubic_evaluation(x, grid), False),
            (akima_evaluation(x, grid, fitted), True),
        )
    )
    curve_draws = akima if too_coarse(x, cubic, akima) else cubic
    moved = displacements(x, fitted, curve_draws, rho, float(null.mean()))
    return spread_between_strengths(x, curve_draws, moved, rng)


@dataclass(frozen=True)
class _Losses:
    """Validation losses: ``mean`` (K,) and what is ``away`` from it (K, R), and those beside them.

    ``null`` (R,) are the constant predictor's, ``anchor`` (R,) those at strength 0.
    """

    mean: Array
    away: Array
    null: Array
    anchor: Array | None


@dataclass(frozen=True)
class _Noise:
    """What every draw adds to a mean: ``weights`` (B, R) of what resamples are away from it.

    ``unseen`` (B, 1 + K) is the noise of losses in steps, at strength 0 and at each strength.
    """

    weights: Array
    unseen: Array | None

    def drawn(self, losses: Array) -> Array:
        """The mean of ``losses`` (R,) in every draw (B,)."""
        return np.asarray(losses.mean() + self.weights @ (losses - losses.mean()))

    def anchor(self, losses: Array | None) -> Array | None:
        """The mean loss at strength 0 in every draw (B,)."""
        if losses is None:
            return None
        at_zero = self.drawn(losses)
        if self.unseen is not None:
            at_zero += self.unseen[:, 0]
        return at_zero


def _draw_noise(
    rng: np.random.Generator, draws: int, n_resamples: int, overlap: float, step: float, n: int
) -> _Noise:
    """The noise of all draws for ``n`` strengths; ``step`` is what ``rounding_error`` gives."""
    kappa = np.sqrt((n_resamples - 1) / rng.chisquare(n_resamples - 1, draws))
    spread = np.sqrt((1 / n_resamples + overlap) / (n_resamples - 1)) * kappa
    weights = rng.standard_normal((draws, n_resamples)) * spread[:, None]
    unseen = step * rng.standard_normal((draws, n + 1)) if step else None
    return _Noise(weights, unseen)


def _draw_curves(smoother: Smoother, losses: _Losses, noise: _Noise, rho: float) -> CurveDraws:
    """The curve of one map, its draws, and the crossings of all of them."""
    curve = smoother.weights @ losses.mean
    added = noise.weights @ (smoother.weights @ losses.away).T
    if noise.unseen is not None:
        added += noise.unseen[:, 1:] @ smoother.weights.T
    curves = curve + added
    skill = max(float(losses.null.mean() - curve.min()), 0.0)
    skills = np.maximum(noise.drawn(losses.null) - curves.min(1), SMALLEST_SKILL * skill)
    return CurveDraws(
        smoother=smoother,
        curve=curve,
        point=find_crossings(smoother.grid, curve[None], np.array([rho * skill])),
        drawn=find_crossings(smoother.grid, curves, rho * skills),
        noise=added,
        anchor=noise.anchor(losses.anchor),
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
