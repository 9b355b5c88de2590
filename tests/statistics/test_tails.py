"""Losses of rows without a variance are noticed, and no others are."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest

from sweep.statistics._tails import heavy_tail
from sweep.statistics.boundary import estimate_boundary
from sweep.statistics.wording import describe_boundary

Draw = Callable[[np.random.Generator, int], np.ndarray]


def seldom(rng: np.random.Generator, n: int) -> np.ndarray:
    """Nine of ten rows have hardly a loss, as of a classifier that is mostly right."""
    return np.where(rng.random(n) < 0.1, rng.exponential(size=n), 1e-4)


LIGHT: dict[str, Draw] = {
    "squares of Gaussian errors": lambda rng, n: rng.standard_normal(n) ** 2,
    "squares of Laplace errors": lambda rng, n: rng.laplace(size=n) ** 2,
    "exponential": lambda rng, n: rng.exponential(size=n),
    "seldom": seldom,
    "log-normal": lambda rng, n: rng.lognormal(size=n),
}
HEAVY: dict[str, Draw] = {
    "squares of t3": lambda rng, n: rng.standard_t(3, size=n) ** 2,
    "squares of Cauchy errors": lambda rng, n: rng.standard_cauchy(n) ** 2,
    "Pareto 1.5": lambda rng, n: 1 + rng.pareto(1.5, n),
}


def share(draw: Draw, n: int) -> float:
    rng = np.random.default_rng(5)
    return float(np.mean([math.isfinite(heavy_tail(draw(rng, n))) for _ in range(200)]))


@pytest.mark.parametrize("name", LIGHT)
def test_losses_with_a_variance_raise_no_alarm(name: str) -> None:
    assert share(LIGHT[name], 600) <= 0.02


@pytest.mark.parametrize("name", HEAVY)
def test_losses_without_a_variance_are_found_where_rows_are_many(name: str) -> None:
    assert share(HEAVY[name], 4000) >= 0.85


def test_the_index_of_a_pareto_tail_is_its_own() -> None:
    rng = np.random.default_rng(2)
    found = [heavy_tail(1 + rng.pareto(1.2, 20_000)) for _ in range(5)]
    assert found == pytest.approx([1.2] * 5, rel=0.15)


@pytest.mark.parametrize("draw", [HEAVY["squares of Cauchy errors"], LIGHT["exponential"]])
def test_the_sentence_and_the_advice_say_so(draw: Draw) -> None:
    rng, curve = np.random.default_rng(1), np.array([3.0, 1.5, 1.0, 1.0, 1.6, 4.0])
    rows = np.minimum(draw(rng, 3000), 1e6)
    losses = curve[:, None] + (rows - rows.mean()) / rows.std()
    losses += 1e-3 - losses.min()
    columns = losses.reshape(6, 5, 600).mean(2)
    boundary = estimate_boundary(
        np.logspace(-3, 2, 6), columns, columns, 50.0, design="kfold", n_folds=5,
        validation_rows=losses, draws=100,
    )  # fmt: skip
    heavy = math.isfinite(boundary.tail_index)
    assert heavy == (draw is HEAVY["squares of Cauchy errors"])
    assert ("huge losses" in describe_boundary(boundary, "decay")) == heavy
    assert ("robust loss" in boundary.advice) == heavy
