"""Problems without a left boundary: no strength is so weak that the model overfits.

Many rows for few inputs; and training that is stopped before it overfits, by gradient flow for a
while, from which strengths within 1 / time hardly differ. Single runs may end elsewhere, as those
of networks do, so that what they lose is not common to the strengths.

Legend: N rows, p inputs, K strengths.
"""

from __future__ import annotations

from functools import partial

import numpy as np

from tests.calibration.truths import Array
from tests.calibration.unseen_problems import (
    Fit,
    Predict,
    Unseen,
    linear,
    normal,
    nothing,
    power_law,
    ridge,
    squared_error,
)


def stopped(time: float, x: Array, y: Array, strengths: Array) -> Predict:
    """Gradient flow from 0 on (mean squared error + strength |w|^2) / 2 for a ``time``: the factor
    of an eigenvector is (1 - exp(-time (s + strength))) / (s + strength).
    """
    values, vectors = np.linalg.eigh(x.T @ x / len(y))
    sums = np.maximum(values, 0)[:, None] + strengths
    factors = np.where(sums > 1e-12, -np.expm1(-time * sums) / np.maximum(sums, 1e-12), time)
    weights = vectors @ (factors * (vectors.T @ (x.T @ y / len(y)))[:, None])
    return lambda new: new @ weights


def scattered(fit: Fit, sd: float, x: Array, y: Array, strengths: Array) -> Predict:
    """Each run ends with outputs that differ by a linear function of this deviation."""
    fitted = fit(x, y, strengths)
    key = int(abs(y[0]) * 1e9)
    shifts = np.stack(
        [
            np.random.default_rng([key, int(strength * 1e12)]).standard_normal(x.shape[1])
            for strength in strengths
        ],
        axis=1,
    )
    shifts *= sd / np.sqrt(x.var(0).sum())
    return lambda new: fitted(new) + new @ shifts


def problems() -> tuple[Unseen, ...]:
    """All have their best well inside their ladders, or anywhere below it."""
    half, law = partial(normal, 0.5), linear(power_law(80, 1.0), partial(normal, 1.0))

    def early(name: str, fit: Fit) -> Unseen:
        return Unseen(name, 100, law, fit, -4.0, 2.0, squared_error, nothing)

    few = linear(np.ones(20), half)
    return (
        Unseen("ridge, n=400 p=20", 400, few, ridge, -3.5, 2.5, squared_error, nothing),
        early("stopped at 10", partial(stopped, 10.0)),
        early("stopped at 20", partial(stopped, 20.0)),
        early("stopped at 20, noisy runs", partial(scattered, partial(stopped, 20.0), 0.1)),
        early("stopped at 30", partial(stopped, 30.0)),
    )
