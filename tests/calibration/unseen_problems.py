"""Problems that the estimator was not made on; their expected risks are known by simulation.

Spectra that fall by a power law or have spikes, kernel ridge, random features, lasso, logistic
regression, noise that depends on the inputs, noise without a fourth moment (Student's t, 3 degrees
of freedom). The truth is the mean loss of fresh rows over many draws of training rows, at every
strength of a fine grid.

Legend: N rows, p inputs, K strengths.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property, partial

import numpy as np
from scipy.special import expit

from tests.calibration.truths import Array, find_boundaries
from tests.support.ridge_truth import Rows, Truth

Draw = Callable[[int, np.random.Generator], tuple[Array, Array]]
"""From a number of rows to inputs (N, p) and targets (N,)."""
Predict = Callable[[Array], Array]
"""From inputs (N, p) to outputs (N, K)."""
Fit = Callable[[Array, Array, Array], Predict]
"""From training inputs, targets and strengths (K,), which may begin with 0."""
Loss = Callable[[Array, Array], Array]
"""From outputs (N, K) and targets (N,) to the losses of rows (N, K)."""
FRESH_ROWS = 1000
"""Rows on which each draw of training rows is judged for the truth."""


@dataclass(frozen=True, eq=False)
class Unseen:
    """A problem: its rows, what is fitted to them, and what a row loses."""

    name: str
    n: int
    """Training rows."""
    draw: Draw
    fit: Fit
    low: float
    high: float
    """The ends of its ladder in log10 strength."""
    loss: Loss
    constant: Callable[[Array], float]
    """The output of the constant predictor, from training targets."""
    n_truth: int = 600
    """Draws of training rows that the truth is the mean of."""

    def ladder(self, points: int = 13) -> Array:
        """The zero-strength anchor, then even steps in log10."""
        return np.concatenate([[0.0], np.logspace(self.low, self.high, points)])

    def losses(self, fitted: Predict, x: Array, y: Array) -> Array:
        """What rows lose at every strength (N, K)."""
        return self.loss(fitted(x), y)

    def null(self, fitted_on: Array, y: Array) -> Array:
        """What rows lose under the constant predictor (N,)."""
        return self.loss(np.full((len(y), 1), self.constant(fitted_on)), y)[:, 0]

    @property
    def grid(self) -> Array:
        return np.linspace(self.low - 1.0, self.high + 1.0, 81)

    @cached_property
    def curve(self) -> tuple[Array, float]:
        """The expected loss on the grid, and that of the constant predictor."""
        rng = np.random.default_rng([len(self.name), self.n])
        total, null = np.zeros(len(self.grid)), 0.0
        for _ in range(self.n_truth):
            x, y = self.draw(self.n, rng)
            new = self.draw(FRESH_ROWS, rng)
            total += self.losses(self.fit(x, y, 10.0**self.grid), *new).mean(0)
            null += float(self.null(y, new[1]).mean())
        return total / self.n_truth, null / self.n_truth

    def truth(self) -> Truth:
        """The boundaries of the expected loss at rho = 0.05."""
        return find_boundaries(self.grid, *self.curve, 0.05)


# ---- losses --------------------------------------------------------------------------------------


def squared_error(outputs: Array, y: Array) -> Array:
    return np.asarray((y[:, None] - outputs) ** 2)


def cross_entropy(outputs: Array, y: Array) -> Array:
    """Of log-odds, and targets that are 0 or 1."""
    return np.asarray(np.logaddexp(0, outputs) - y[:, None] * outputs)


def errors(outputs: Array, y: Array) -> Array:
    return np.asarray(((outputs > 0) != (y[:, None] > 0.5)).astype(float))


def log_odds(y: Array) -> float:
    share = (float(y.sum()) + 0.5) / (len(y) + 1)
    return math.log(share / (1 - share))


def nothing(_: Array) -> float:
    """Targets have mean 0."""
    return 0.0


# ---- fits ----------------------------------------------------------------------------------------


def ridge(x: Array, y: Array, strengths: Array) -> Predict:
    weights = Rows(x, y).fit(strengths)
    return lambda new: new @ weights


def featured(features: Callable[[Array], Array], x: Array, y: Array, strengths: Array) -> Predict:
    """Ridge on features of the inputs."""
    inner = ridge(features(x), y, strengths)
    return lambda new: inner(features(new))


def relu_features(n_inputs: int, n_features: int) -> Callable[[Array], Array]:
    """Random features (Rahimi & Recht 2007), rectified; they are the same in every study."""
    weights = np.random.default_rng(n_features).standard_normal((n_inputs, n_features))
    return lambda x: np.maximum(x @ weights / math.sqrt(n_inputs), 0) * math.sqrt(2 / n_features)


def kernel_ridge(power: float, width: float, x: Array, y: Array, strengths: Array) -> Predict:
    """With the kernel exp(-(distance / width)^power)."""

    def kernel(a: Array, b: Array) -> Array:
        squares = (a**2).sum(1)[:, None] + (b**2).sum(1) - 2 * a @ b.T
        return np.asarray(np.exp(-((np.maximum(squares, 0) / width**2) ** (power / 2))))

    values, vectors = np.linalg.eigh(kernel(x, x))
    shrunk = (vectors.T @ y)[:, None] / (np.maximum(values, 1e-9)[:, None] + len(y) * strengths)
    weights = vectors @ shrunk
    return lambda new: kernel(new, x) @ weights


def lasso(x: Array, y: Array, strengths: Array) -> Predict:
    """Squared error / 2 + strength |w|_1, by scikit-learn; least squares at strength 0."""
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import lasso_path

    positive = strengths[strengths > 0]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # at strengths that fit every row
        _, found, _ = lasso_path(x, y, alphas=positive[::-1], max_iter=2000)
    weights = found[:, ::-1]
    if len(positive) < len(strengths):
        weights = np.column_stack([np.linalg.lstsq(x, y, rcond=None)[0], weights])
    return lambda new: new @ weights


LEAST_LOGISTIC = 1e-7
"""The strength that stands for 0: there is no solution where classes can be separated."""


def logistic(x: Array, y: Array, strengths: Array) -> Predict:
    """Mean cross-entropy + strength / 2 |w|^2 with a free intercept: Newton's steps, all strengths
    at once, each halved until its loss is no higher.
    """
    rows = np.column_stack([np.ones(len(x)), x])
    penalty = np.maximum(strengths, LEAST_LOGISTIC)[:, None] * (np.arange(rows.shape[1]) > 0)
    weights = np.zeros(penalty.shape)

    def value(weights: Array) -> Array:
        losses = cross_entropy(rows @ weights.T, y).mean(0)
        return np.asarray(losses + (penalty * weights**2).sum(1) / 2)

    now = value(weights)
    for _ in range(40):
        shares = expit(rows @ weights.T)
        slope = ((shares - y[:, None]).T @ rows) / len(y) + penalty * weights
        curvature = np.maximum(shares * (1 - shares), 1e-10).T[:, :, None] * rows
        hessian = rows.T @ curvature / len(y) + penalty[:, :, None] * np.eye(rows.shape[1])
        hessian += 1e-12 * np.eye(rows.shape[1])
        step = np.linalg.solve(hessian, slope[:, :, None])[:, :, 0]
        size = np.ones(len(strengths))
        for _ in range(12):
            tried = value(weights - size[:, None] * step)
            size = np.where(tried <= now, size, size / 2)
        better = value(weights - size[:, None] * step) <= now
        weights = weights - (size * better)[:, None] * step
        before, now = now, value(weights)
        if (before - now).max() < 1e-10:
            break
    return lambda new: np.column_stack([np.ones(len(new)), new]) @ weights.T


# ---- rows ----------------------------------------------------------------------------------------

Noise = Callable[[Array, np.random.Generator], Array]
"""From inputs (N, p) to what is added to the targets (N,)."""


def normal(sd: float, x: Array, rng: np.random.Generator) -> Array:
    return sd * rng.standard_normal(len(x))


def student(sd: float, x: Array, rng: np.random.Generator) -> Array:
    """Student's t with 3 degrees of freedom: squared errors have no variance."""
    return sd * rng.standard_t(3, len(x)) / math.sqrt(3)


def uneven(sd: float, x: Array, rng: np.random.Generator) -> Array:
    """Its deviation runs with the size of the first input."""
    return sd * abs(x[:, 0]) / np.std(x[:, 0]) * rng.standard_normal(len(x))


def linear_rows(
    spectrum: Array, weights: Array, noise: Noise, n: int, rng: np.random.Generator
) -> tuple[Array, Array]:
    x = rng.standard_normal((n, len(spectrum))) * np.sqrt(spectrum)
    return x, x @ weights + noise(x, rng)


def linear(spectrum: Array, noise: Noise, source: float = 0.0) -> Draw:
    """Columns of these variances; a column's share of a signal of variance 1 goes with its variance
    to the power 1 + source.
    """
    signal = spectrum ** (1 + source)
    return partial(linear_rows, spectrum, np.sqrt(signal / signal.sum() / spectrum), noise)


def power_law(p: int, exponent: float) -> Array:
    return np.arange(1, p + 1.0) ** -exponent


def spiked(p: int, n_spikes: int, height: float) -> Array:
    return np.where(np.arange(p) < n_spikes, height, 1.0)


def sparse_rows(
    p: int, n_true: int, sd: float, n: int, rng: np.random.Generator
) -> tuple[Array, Array]:
    """Signal and inputs of variance 1; ``n_true`` of ``p`` weights are not 0."""
    x = rng.standard_normal((n, p))
    return x, x[:, :n_true].sum(1) / math.sqrt(n_true) + sd * rng.standard_normal(n)


def smooth_rows(
    bends: float, noise: Noise, n: int, rng: np.random.Generator
) -> tuple[Array, Array]:
    """A wave over two inputs."""
    x = rng.uniform(-1, 1, (n, 2))
    return x, 1.4 * np.sin(bends * x[:, 0]) * np.cos(bends * x[:, 1]) + noise(x, rng)


def curved_rows(
    n_inputs: int, noise: Noise, n: int, rng: np.random.Generator
) -> tuple[Array, Array]:
    """A line and products of neighbours, which no line fits."""
    x = rng.standard_normal((n, n_inputs))
    products = (x[:, :-1] * x[:, 1:]).sum(1) / math.sqrt(n_inputs - 1)
    return x, 0.8 * x.sum(1) / math.sqrt(n_inputs) + 0.6 * products + noise(x, rng)


def class_rows(p: int, signal: float, n: int, rng: np.random.Generator) -> tuple[Array, Array]:
    """Classes whose log-odds have this deviation."""
    x = rng.standard_normal((n, p))
    odds = signal * x.sum(1) / math.sqrt(p)
    return x, (rng.uniform(size=n) < expit(odds)).astype(float)


# ---- the list ------------------------------------------------------------------------------------


def problems() -> Sequence[Unseen]:
    one, half = partial(normal, 1.0), partial(normal, 0.5)
    relu, few = partial(featured, relu_features(20, 150)), partial(featured, relu_features(20, 60))
    smooth, rough = partial(kernel_ridge, 2.0, 0.5), partial(kernel_ridge, 1.0, 1.0)
    law, steep, long = power_law(80, 1.0), power_law(80, 2.0), power_law(150, 1.0)

    def numbers(name: str, n: int, draw: Draw, fit: Fit, low: float, high: float) -> Unseen:
        return Unseen(name, n, draw, fit, low, high, squared_error, nothing)

    def classes(name: str, p: int, signal: float, loss: Loss, low: float, high: float) -> Unseen:
        return Unseen(
            name, 100, partial(class_rows, p, signal), logistic, low, high, loss, log_odds, 200
        )

    return (
        numbers("power law 1, n=100 p=80", 100, linear(law, one), ridge, -5.0, 1.0),
        numbers("power law 2, n=100 p=80", 100, linear(steep, half), ridge, -6.5, 0.5),
        numbers("power law 1, n=60 p=150", 60, linear(long, half, 0.5), ridge, -5.0, 1.0),
        numbers(
            "5 spikes of 25, n=100 p=80", 100, linear(spiked(80, 5, 25), one), ridge, -3.0, 3.0
        ),
        numbers(
            "10 spikes of 5, n=100 p=80", 100, linear(spiked(80, 10, 5), one), ridge, -3.5, 2.5
        ),
        numbers("kernel ridge, smooth, n=80", 80, partial(smooth_rows, 3, half), smooth, -6.0, 0.5),
        numbers("kernel ridge, rough, n=80", 80, partial(smooth_rows, 5, half), rough, -5.0, 1.0),
        numbers("150 random features, n=100", 100, partial(curved_rows, 20, half), relu, -5.0, 1.0),
        numbers("60 random features, n=100", 100, partial(curved_rows, 20, one), few, -5.0, 1.0),
        numbers("lasso, 5 of 100, n=120", 120, partial(sparse_rows, 100, 5, 1.0), lasso, -2.8, 0.4),
        numbers("lasso, 20 of 60, n=120", 120, partial(sparse_rows, 60, 20, 1.0), lasso, -3.5, 0.0),
        classes("logistic, p=20", 20, 2.0, cross_entropy, -5.0, 1.0),
        classes("logistic, p=50, often separable", 50, 4.0, cross_entropy, -5.0, 1.0),
        classes("logistic, p=50, error rate", 50, 4.0, errors, -5.0, 1.5),
        numbers(
            "uneven noise, n=100 p=80",
            100,
            linear(np.ones(80), partial(uneven, 1.0)),
            ridge,
            -3.5,
            2.5,
        ),
        numbers(
            "uneven noise, kernel ridge, n=80",
            80,
            partial(smooth_rows, 3, partial(uneven, 0.5)),
            smooth,
            -6.0,
            0.5,
        ),
        numbers(
            "t3 noise, n=100 p=80",
            100,
            linear(np.ones(80), partial(student, 1.0)),
            ridge,
            -3.5,
            2.5,
        ),
        numbers(
            "t3 noise, random features",
            100,
            partial(curved_rows, 20, partial(student, 0.5)),
            relu,
            -5.0,
            1.0,
        ),
    )
