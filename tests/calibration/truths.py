"""Exact risk curves of ridge regression with any covariance, curves by formula, their boundaries.

With rows x ~ N(0, S), y = x'w + e, var e = noise, and a = n * strength, ridge has, given X with
X'X = U diag(s) U', v = U'w and Q = U'SU, the expected squared error on new rows

    noise + a^2 z'Qz + noise sum Q_ii s_i (s_i + a)^-2,    z_i = v_i / (s_i + a)

(bias and variance: Hastie, Montanari, Rosset & Tibshirani 2022, lemma 1), averaged here over a few
hundred X. Ridge with a strength of its own for each group, a_j = a * profile_j, is plain ridge on
columns divided by sqrt(profile_j). Every curve is then a table on a fine grid, and its boundaries
are read off a cubic through it by bisection.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import CubicSpline
from scipy.special import ndtri

from tests.support.ridge_truth import Table, Truth

Array = NDArray[np.float64]
GRID = np.linspace(-6.0, 5.0, 221)
"""log10 strengths at which the exact curves are computed."""
N_DESIGNS = 400
"""Draws of X that a risk curve is the average of."""


@dataclass(frozen=True, eq=False)
class Ridge:
    """``n`` training rows, ``root`` (p, p) with S = root root', weights (p,), noise variance."""

    n: int
    root: Array
    weights: Array
    noise: float = 1.0

    @property
    def null_risk(self) -> float:
        return float(((self.root.T @ self.weights) ** 2).sum() + self.noise)

    @cached_property
    def risks(self) -> Array:
        """The expected squared error on ``GRID``."""
        rng = np.random.default_rng(20_000 + self.n)
        return np.mean([self._risk_given(self._inputs(self.n, rng)) for _ in range(N_DESIGNS)], 0)

    def truth(self, rho: float = 0.05) -> Truth:
        return find_boundaries(GRID, self.risks, self.null_risk, rho)

    def _inputs(self, n: int, rng: np.random.Generator) -> Array:
        return rng.standard_normal((n, len(self.weights))) @ self.root.T

    def _risk_given(self, x: Array) -> Array:
        s, u = np.linalg.eigh(x.T @ x)
        a = len(x) * 10.0**GRID
        q = u.T @ self.root
        q = q @ q.T
        shrunk = (u.T @ self.weights)[:, None] / (np.maximum(s, 0.0)[:, None] + a)
        gain = s[:, None] / (np.maximum(s, 0.0)[:, None] + a) ** 2
        return np.asarray(
            self.noise + a**2 * (shrunk * (q @ shrunk)).sum(0) + self.noise * np.diag(q) @ gain
        )

    def rows(self, n: int, rng: np.random.Generator) -> tuple[Array, Array]:
        x = self._inputs(n, rng)
        return x, x @ self.weights + math.sqrt(self.noise) * rng.standard_normal(n)

    def excess(self, weights: Array) -> Array:
        away = self.root.T @ (weights - self.weights[:, None])
        return np.asarray((away**2).sum(0))


def isotropic(n: int, p: int, noise: float = 1.0, signal: float = 1.0) -> Ridge:
    return Ridge(n, np.eye(p), np.full(p, math.sqrt(signal / p)), noise)


def correlated(n: int, p: int, neighbour: float, noise: float = 1.0) -> Ridge:
    """Columns i and j correlate by ``neighbour``^|i-j|; every principal axis has the same weight.

    The signal's variance is 1, as in ``isotropic``.
    """
    place = np.arange(p)
    values, axes = np.linalg.eigh(neighbour ** abs(place[:, None] - place))
    return Ridge(n, axes * np.sqrt(values), axes @ np.full(p, p**-0.5), noise)


def grouped(
    n: int,
    sizes: tuple[int, ...],
    signals: tuple[float, ...],
    profile: tuple[float, ...],
    noise: float = 1.0,
) -> Ridge:
    """Isotropic groups of columns, whose strengths move together in the ratio of ``profile``.

    The best strength of group g alone is noise p_g / (n |b_g|^2); with that profile, 1 is best.
    """
    scale = np.repeat(np.sqrt(profile), sizes)
    weights = np.repeat([math.sqrt(s / p) for s, p in zip(signals, sizes, strict=True)], sizes)
    return Ridge(n, np.diag(1 / scale), weights * scale, noise)


@dataclass(frozen=True)
class Curve:
    """A loss by formula: ``loss`` and ``training`` at log10 strength, and that of a constant."""

    loss: Callable[[Array], Array]
    training: Callable[[Array], Array]
    null: float

    def truth(self, rho: float = 0.05) -> Truth:
        grid = np.linspace(-4.0, 3.0, 7001)
        return find_boundaries(grid, self.loss(grid), self.null, rho)


def find_boundaries(grid: Array, curve: Array, null: float, rho: float) -> Truth:
    """Minimum and boundaries of a curve given on a fine grid; infinite where there is none."""
    spline = CubicSpline(grid, curve)
    fine = np.linspace(grid[0], grid[-1], 20 * len(grid))
    values = spline(fine)
    best = int(values.argmin())
    threshold = values[best] + rho * (null - values[best])

    def cross(outward: NDArray[np.int_], missing: float) -> float:
        above = np.flatnonzero(values[outward] >= threshold)
        if not len(above):
            return missing
        out, into = fine[outward[above[0]]], fine[outward[above[0] - 1]]
        for _ in range(40):
            middle = (out + into) / 2
            out, into = (middle, into) if spline(middle) >= threshold else (out, middle)
        return float(out)

    return Truth(
        float(fine[best]),
        cross(np.arange(best, -1, -1), -math.inf),
        cross(np.arange(best, len(fine)), math.inf),
        float(values[best]),
    )


# ---- studies -------------------------------------------------------------------------------------


def curve_study(
    curve: Curve,
    strengths: Array,
    n_resamples: int,
    rng: np.random.Generator,
    *,
    shared: float,
    own: float,
) -> Table:
    """Noise that all strengths of a resample share (sd ``shared``), and every run's own."""
    with np.errstate(divide="ignore"):
        x = np.log10(strengths)[:, None]
    common = shared * rng.standard_normal((1, n_resamples))
    noise = own * rng.standard_normal((len(strengths), n_resamples))
    return Table(
        strengths,
        curve.loss(x) + common + noise,
        curve.training(x) + noise,
        curve.null + common[0],
    )


def error_study(
    curve: Curve,
    strengths: Array,
    n_resamples: int,
    n_rows: int,
    rng: np.random.Generator,
    *,
    own: float,
) -> Table:
    """Error rates of ``n_rows`` validation rows, whose expectation is ``curve``.

    A row is wrong where its difficulty lies below a quantile: difficulties are normal, the same at
    every strength but for a part of variance ``own``, which drifts over decades.
    """
    with np.errstate(divide="ignore"):
        x = np.log10(strengths)
    place = np.where(np.isfinite(x), x, x[np.isfinite(x)].min() - 1)
    drift = np.exp(-((place[:, None] - place) ** 2) / 2) + 1e-9 * np.eye(len(place))
    shared = rng.standard_normal((n_rows, n_resamples))
    moved = np.linalg.cholesky(drift) @ rng.standard_normal((n_resamples, len(place), n_rows))
    difficulty = math.sqrt(1 - own) * shared.T[:, None] + math.sqrt(own) * moved
    wrong = difficulty < ndtri(curve.loss(x))[:, None]
    null = rng.uniform(size=(n_resamples, n_rows)) < curve.null
    training = np.repeat(curve.training(place)[:, None], n_resamples, axis=1)
    return Table(strengths, wrong.mean(2).T, training, null.mean(1))
