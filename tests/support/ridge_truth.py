"""Ridge regression on isotropic Gaussian data: the exact risk curve, its boundaries, and studies.

The oracle of the boundary tests. With x ~ N(0, I_p), y = x'w + e, |w|^2 = signal, var e = noise,
and a = n * strength (mean squared error + strength * |w|^2), the risk given X with eigenvalues s_i
of X'X (zeros included) is, averaged over the direction of w,

    noise + a^2 (signal / p) sum (s_i + a)^-2 + noise sum s_i (s_i + a)^-2

and its average over a few hundred X is the curve; bisection gives the boundaries. The best strength
is noise * p / (n * signal), exactly, at every n and p (Dobriban & Wager 2018 give the asymptotics).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache, cached_property
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


class Linear(Protocol):
    """A linear problem that a study can be simulated of."""

    @property
    def n(self) -> int: ...
    @property
    def noise(self) -> float: ...
    @property
    def null_risk(self) -> float: ...

    def rows(self, n: int, rng: np.random.Generator) -> tuple[Array, Array]:
        """``n`` rows of inputs and targets."""

    def excess(self, weights: Array) -> Array:
        """Expected squared error on new rows beyond the noise (K,), of weights (p, K)."""


@dataclass(frozen=True)
class Problem:
    """n training rows, p inputs, squared length of the true weights, variance of the noise."""

    n: int
    p: int
    signal: float = 1.0
    noise: float = 1.0

    @property
    def null_risk(self) -> float:
        return self.signal + self.noise

    @property
    def weights(self) -> Array:
        """They are equal, which loses nothing here."""
        return np.full(self.p, math.sqrt(self.signal / self.p))

    def rows(self, n: int, rng: np.random.Generator) -> tuple[Array, Array]:
        x = rng.standard_normal((n, self.p))
        return x, x @ self.weights + math.sqrt(self.noise) * rng.standard_normal(n)

    def excess(self, weights: Array) -> Array:
        return np.asarray(((weights - self.weights[:, None]) ** 2).sum(0))


@dataclass(frozen=True)
class Truth:
    """In log10 strength; -inf or inf where the curve does not reach the threshold."""

    best: float
    left: float
    right: float
    best_risk: float


@dataclass(frozen=True)
class Table:
    """What a study measures: strengths (K,), validation and training (K, R), null (R,)."""

    strengths: Array
    validation: Array
    training: Array
    null: Array
    truth: Truth | None = None
    """Where it is this study's own, not the problem's."""
    by_row: Mapping[str, Any] = field(default_factory=dict)
    """What ``estimate_boundary`` is given of single rows, by the names of its arguments."""


@cache
def spectra(problem: Problem, n_designs: int = 300) -> Array:
    """Eigenvalues of X'X of ``n_designs`` draws of X, (n_designs, p), zeros included."""
    rng = np.random.default_rng(12345)
    found = np.zeros((n_designs, problem.p))
    for row in found:
        values = np.linalg.svd(rng.standard_normal((problem.n, problem.p)), compute_uv=False)
        row[: len(values)] = values**2
    return found


def risk(problem: Problem, x: float) -> float:
    """Expected squared error on new data at log10 strength ``x``."""
    s = spectra(problem)
    a = problem.n * 10.0**x
    shrunk = a**2 * problem.signal / problem.p * ((s + a) ** -2).sum(1)
    noisy = problem.noise * (s * (s + a) ** -2).sum(1)
    return problem.noise + float((shrunk + noisy).mean())


@cache
def find_truth(problem: Problem, rho: float = 0.05) -> Truth:
    """The best strength and the true boundaries, by bisection to 1e-9 decades."""
    if problem.noise == 0:
        raise ValueError("without noise the best strength is 0")
    best = math.log10(problem.noise * problem.p / (problem.n * problem.signal))
    lowest = risk(problem, best)
    threshold = lowest + rho * (problem.null_risk - lowest)

    def cross(far: float) -> float:
        inside, outside = best, far
        if risk(problem, far) < threshold:
            return math.copysign(math.inf, far - best)
        while abs(outside - inside) > 1e-9:
            middle = (inside + outside) / 2
            inside, outside = (
                (middle, outside) if risk(problem, middle) < threshold else (inside, middle)
            )
        return inside

    return Truth(best, cross(best - 8), cross(best + 8), lowest)


@dataclass(frozen=True)
class Rows:
    """Training rows and targets, whose eigenvectors are found once for all strengths."""

    x: Array
    y: Array

    @cached_property
    def eigen(self) -> tuple[Array, Array]:
        """Eigenvalues and eigenvectors of the smaller of X'X and XX', half the time of X's own."""
        tall = len(self.x) >= self.x.shape[1]
        return tuple(np.linalg.eigh(self.x.T @ self.x if tall else self.x @ self.x.T))

    def fit(self, strengths: Array) -> Array:
        """Ridge weights (p, K); minimum-norm least squares at strength 0."""
        values, vectors = self.eigen
        tall = len(vectors) == self.x.shape[1]
        target = vectors.T @ (self.x.T @ self.y if tall else self.y)
        above = values[:, None] + len(self.y) * strengths
        known = values[:, None] > 1e-12 * values[-1]
        shrunk = np.divide(target[:, None], above, out=np.zeros_like(above), where=known)
        found = vectors @ shrunk
        return np.asarray(found if tall else self.x.T @ found)


def fit(x_train: Array, y_train: Array, strengths: Array) -> Array:
    """Ridge weights (p, K) of one set of rows."""
    return Rows(x_train, y_train).fit(strengths)


Sample = tuple[Rows, Rows | None]
"""Training rows and, where a study has them, validation rows."""


def draw_samples(
    problem: Linear, n_resamples: int, rng: np.random.Generator, n_validation: int | None = None
) -> list[Sample]:
    """Independent draws of the data."""
    return [
        (
            Rows(*problem.rows(problem.n, rng)),
            None if n_validation is None else Rows(*problem.rows(n_validation, rng)),
        )
        for _ in range(n_resamples)
    ]


def measure_samples(problem: Linear, strengths: Array, samples: list[Sample]) -> Table:
    """What a study of these strengths measures on them, without noise of its own."""
    shape = (len(strengths), len(samples))
    validation, training, null = np.empty(shape), np.empty(shape), np.empty(len(samples))
    for r, (rows, new) in enumerate(samples):
        weights = rows.fit(strengths)
        training[:, r] = ((rows.y[:, None] - rows.x @ weights) ** 2).mean(0)
        if new is None:
            validation[:, r] = problem.noise + problem.excess(weights)
            null[r] = problem.null_risk
        else:
            validation[:, r] = ((new.y[:, None] - new.x @ weights) ** 2).mean(0)
            null[r] = (new.y**2).mean()
    return Table(strengths, validation, training, null)


def fresh_study(
    problem: Linear,
    strengths: Array,
    n_resamples: int,
    rng: np.random.Generator,
    *,
    n_validation: int | None = None,
    run_noise: float = 0.0,
) -> Table:
    """Independent draws of the data; the exact risk given X, y where ``n_validation`` is None.

    ``run_noise`` is the sd of extra noise of every single run, as from seeds.
    """
    samples = draw_samples(problem, n_resamples, rng, n_validation)
    table = measure_samples(problem, strengths, samples)
    noise = run_noise * rng.standard_normal(table.validation.shape)
    return replace(table, validation=table.validation + noise)


def split_study(
    problem: Linear, strengths: Array, splits: list[tuple[Array, Array]], rng: np.random.Generator
) -> Table:
    """One data set of as many rows as the splits use; a column per (training, validation) rows."""
    x, y = problem.rows(sum(map(len, splits[0])), rng)
    columns: list[tuple[Array, Array, float]] = []
    for train, held_out in splits:
        weights = fit(x[train], y[train], strengths)
        columns.append(
            (
                ((y[held_out, None] - x[held_out] @ weights) ** 2).mean(0),
                ((y[train, None] - x[train] @ weights) ** 2).mean(0),
                float((y[held_out] ** 2).mean()),
            )
        )
    validation, training, null = (np.array(part).T for part in zip(*columns, strict=True))
    return Table(strengths, validation, training, null)


def kfold_splits(
    n: int, n_folds: int, repetitions: int, rng: np.random.Generator
) -> list[tuple[Array, Array]]:
    """Repeated cross-validation: ``n_folds`` columns per repetition."""
    splits = []
    for _ in range(repetitions):
        parts = np.array_split(rng.permutation(n), n_folds)
        splits += [(np.setdiff1d(np.arange(n), part), part) for part in parts]
    return splits


def random_splits(
    n: int, n_validation: int, n_resamples: int, rng: np.random.Generator
) -> list[tuple[Array, Array]]:
    """Random re-splits of the same rows."""
    orders = [rng.permutation(n) for _ in range(n_resamples)]
    return [(order[n_validation:], order[:n_validation]) for order in orders]


def with_run_noise(table: Table, sd: float, rng: np.random.Generator) -> Table:
    """The same study with extra noise in every single run, as from seeds."""
    noise = sd * rng.standard_normal(table.validation.shape)
    return replace(table, validation=table.validation + noise)
