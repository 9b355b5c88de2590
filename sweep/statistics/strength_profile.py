"""An exploratory look at a search with several axes: the best loss that every strength allows.

A Gaussian process (Matern 5/2 with a length for every axis; Rasmussen & Williams 2006, sections 2.2
and 4.2) is fitted to the logarithm of the search trials' losses, with the noise that replicates
show. Joint sample paths of it are minimised over all axes but the strength, each for itself, and
each profile finds its own minimum and its own crossings of the threshold, as the draws of a path
of strengths do. What comes out says where to look and is labelled exploratory: trials lie where the
sampler liked them, and the fitted lengths are taken for known, so no coverage is claimed.

Legend: N trials, D other axes, G grid points, B sample paths, K rows and R columns of replicates.
"""

from __future__ import annotations

import math
import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sweep.statistics._crossings import find_crossings, outer_quantile
from sweep.statistics._curves import SMALLEST_SKILL
from sweep.statistics.verdicts import SideVerdict

Array = NDArray[np.float64]

PER_AXIS = 10
"""Fewest trials for each axis (Loeppky, Sacks & Welch 2009)."""
MOST_TRIALS = 300
"""The cost grows with their cube: the first half of these, and the best of the others."""
GRID, CANDIDATES, POOL_POWER = 49, 40, 9
"""Strengths of a profile; settings of the other axes at each that may be its lowest; and 2 to
this power are looked at for that, beside those of the trials."""
CEILING = 2.0
"""A loss counts as at most so many losses of the constant predictor."""
ALMOST = 0.05
"""Share of paths without a crossing up to which it is found, and from 1 less which it is not."""


@dataclass(frozen=True)
class Crossing:
    """Where the profiles cross their threshold on one side, as strengths.

    ``verdict`` is found, none (among the trials' strengths) or inconclusive, when ``low`` and
    ``high`` are one-sided 95 % bounds. An end that is infinite or 0 lies beyond the trials.
    """

    verdict: SideVerdict
    value: float
    low: float
    high: float


@dataclass(frozen=True)
class StrengthProfile:
    """The lowest loss at each of ``strengths`` (G,): median and 95 % band of the sample paths."""

    strengths: Array
    middle: Array
    low: Array
    high: Array
    best: float
    threshold: float
    """Median over the paths, of each one's own minimum + its own delta."""
    ends: Crossing
    starts: Crossing
    n_trials: int
    lengths: Array
    """Of the Gaussian process, (1 + D,), in units of each axis's searched range."""


def replicate_noise(losses: Array) -> float:
    """Standard deviation of one run's log loss beyond what its row and its column share.

    ``losses`` (K, R): rows are settings, columns the resamples or seeds that all of them share.
    What a column shares moves every setting alike, so it is no noise of a comparison between them.
    """
    logs = np.log(losses)
    rest = logs - logs.mean(1, keepdims=True) - logs.mean(0, keepdims=True) + logs.mean()
    return math.sqrt(float((rest**2).sum()) / ((len(logs) - 1) * (logs.shape[1] - 1)))


def choose_trials(losses: Array) -> NDArray[np.int_]:
    """The trials that are looked at: all, or the first MOST_TRIALS / 2 and the best of the rest."""
    if len(losses) <= MOST_TRIALS:
        return np.arange(len(losses))
    half = MOST_TRIALS // 2
    best = half + np.argsort(losses[half:], kind="stable")[: MOST_TRIALS - half]
    return np.sort(np.concatenate([np.arange(half), best]))


def profile_strength(
    strengths: Array,
    others: Array,
    losses: Array,
    noise: Array,
    null_loss: float,
    *,
    rho: float = 0.05,
    seed: int = 0,
    paths: int = 256,
) -> StrengthProfile:
    """The profile over ``strengths`` (N,) of ``losses`` (N,), minimised over ``others`` (N, D).

    ``others`` lie in [0, 1]; ``noise`` (N,) is the standard deviation of each log loss.
    """
    x = np.log10(strengths)
    span = float(np.ptp(x))
    points = np.column_stack([(x - x.min()) / span, others])
    logs = np.log(np.minimum(losses, CEILING * null_loss))
    centre, scale = float(logs.mean()), float(logs.std()) or 1.0
    model = _fitted(points, (logs - centre) / scale, noise / scale, seed)
    rng = np.random.default_rng(seed)
    candidates = _candidates(model, points, rng)
    drawn = _sample(model, candidates.reshape(-1, points.shape[1]), paths, rng)
    profiles = drawn.reshape(paths, GRID, -1).min(2)
    curves = np.exp(centre + scale * profiles)
    skill = max(null_loss - float(np.median(curves.min(1))), 0.0)
    deltas = rho * np.maximum(null_loss - curves.min(1), SMALLEST_SKILL * skill)
    grid = x.min() + span * np.linspace(0, 1, GRID)
    found = find_crossings(grid, curves, deltas)
    low, middle, high = np.quantile(curves, [0.025, 0.5, 0.975], axis=0)
    return StrengthProfile(
        strengths=10**grid,
        middle=middle,
        low=low,
        high=high,
        best=10 ** float(np.median(found.best)),
        threshold=float(np.median(found.threshold)),
        ends=_crossing(found.left),
        starts=_crossing(found.right),
        n_trials=len(losses),
        lengths=np.atleast_1d(model.kernel_.k2.length_scale),
    )


def _fitted(points: Array, target: Array, noise: Array, seed: int) -> Any:
    """The Gaussian process, its variance and lengths those of the largest likelihood."""
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.gaussian_process import GaussianProcessRegressor
    from sklearn.gaussian_process.kernels import ConstantKernel, Matern

    matern = Matern(np.full(points.shape[1], 0.5), (0.05, 20.0), nu=2.5)
    model = GaussianProcessRegressor(
        ConstantKernel(1.0, (0.05, 100.0)) * matern,
        alpha=noise**2 + 1e-6,
        n_restarts_optimizer=2,
        random_state=seed,
    )
    with warnings.catch_warnings():
        # an axis that does not matter has its length at the bound, and that is as it should be
        warnings.simplefilter("ignore", ConvergenceWarning)
        return model.fit(points, target)


def _candidates(model: Any, points: Array, rng: np.random.Generator) -> Array:
    """Points (G, CANDIDATES, 1 + D) that may be the lowest at their strength.

    Half of them have the lowest means of a pool, half the lowest 2.5 % points of the others.
    """
    n_others = points.shape[1] - 1
    grid = np.linspace(0, 1, GRID)
    if n_others == 0:
        return grid[:, None, None]
    from scipy.stats.qmc import Sobol

    pool = np.vstack([Sobol(n_others, rng=rng).random_base2(POOL_POWER), points[:, 1:]])
    at = np.concatenate([np.repeat(grid, len(pool))[:, None], np.tile(pool, (GRID, 1))], axis=1)
    mean, sd = (part.reshape(GRID, -1) for part in model.predict(at, return_std=True))
    half = CANDIDATES // 2
    lowest = np.argsort(mean, axis=1, kind="stable")[:, :half]
    hopes = mean - 2 * sd
    np.put_along_axis(hopes, lowest, np.inf, axis=1)
    hopeful = np.argsort(hopes, axis=1, kind="stable")[:, :half]
    chosen = np.concatenate([lowest, hopeful], axis=1)
    return np.take_along_axis(at.reshape(GRID, len(pool), -1), chosen[:, :, None], axis=1)


def _sample(model: Any, at: Array, paths: int, rng: np.random.Generator) -> Array:
    """Joint draws (B, points) of the fitted process."""
    mean, covariance = model.predict(at, return_cov=True)
    # candidates that are nearly alike leave the covariance singular: rounding is made up for
    covariance[np.diag_indices(len(mean))] += 1e-8 * model.kernel_.k1.constant_value
    root = np.linalg.cholesky(covariance)
    return np.asarray(mean + rng.standard_normal((paths, len(mean))) @ root.T)


def _crossing(places: Array) -> Crossing:
    """The verdict on one side from every path's crossing (B,) in log10 strength."""
    missing = float(np.isinf(places).mean())
    if missing >= 1 - ALMOST:
        return Crossing(SideVerdict.NONE, math.nan, math.nan, math.nan)
    if missing > ALMOST:
        low, high = (10 ** outer_quantile(places, share) for share in (0.05, 0.95))
        return Crossing(SideVerdict.INCONCLUSIVE, math.nan, low, high)
    low, high = (10 ** outer_quantile(places, share) for share in (0.025, 0.975))
    return Crossing(SideVerdict.FOUND, 10 ** float(np.median(places)), low, high)
