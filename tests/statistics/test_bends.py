"""Ladders with hardly a strength in the good zone: it is said, and strengths are added."""

from __future__ import annotations

import math

import numpy as np
import pytest

from sweep.statistics.boundary import (
    Boundary,
    SideVerdict,
    describe_boundary,
    estimate_boundary,
)
from sweep.statistics.ladder import Aim, refine

LASSO = np.array([5.297, 4.010, 2.496, 1.546, 1.210, 1.827, 3.000])
"""The exact risk of a lasso (n=120, p=100, 5 coefficients), half a decade apart; null risk 3."""
LASSO_LADDER = np.logspace(-2.8, 0.4, 7)


def lasso(noise: float = 0.005, seed: int = 0) -> Boundary:
    rng = np.random.default_rng(seed)
    validation = LASSO[:, None] + noise * rng.standard_normal((7, 10))
    training = np.repeat(np.log10(LASSO_LADDER)[:, None], 10, axis=1)
    return estimate_boundary(LASSO_LADDER, validation, training, 3.0, draws=1000)


def test_a_coarse_ladder_on_a_lasso_is_said_to_be_coarse() -> None:
    b = lasso()
    assert b.overfitting_verdict == b.underfitting_verdict == SideVerdict.FOUND
    assert b.sparse
    assert "(val_loss, 95 %, too few strengths in the good zone)" in describe_boundary(b, "lasso")
    assert "Too few strengths lie in the good zone, or too far apart: add strengths" in b.advice


def test_an_adaptive_ladder_adds_strengths_in_a_good_zone_that_has_hardly_any() -> None:
    b = lasso()
    added = refine(LASSO_LADDER.tolist(), b, None, Aim(most=13, width=0.25)).strengths
    assert added
    beside = (10**-1.2, 10 ** (-2 / 15))  # the strengths around the zone
    assert all(beside[0] < strength < beside[1] for strength in added)


@pytest.mark.parametrize(("gap", "sparse"), [(1.5, False), (2.2, True)])
def test_three_strengths_are_not_enough_where_one_boundary_lies_in_a_wide_gap(
    gap: float, sparse: bool
) -> None:
    """The good zone is 3.2 decades: from -1.6 to 1.6."""
    x = np.array([-4.0, -3.0, -2.0, -1.2, -0.5, 0.2, 1.0, 1.0 + gap, 4.0])
    loss = np.repeat((1 + 0.02 * x**2)[:, None], 5, axis=1)
    assert estimate_boundary(10**x, loss, loss, 2.0, draws=200).sparse == sparse


def test_three_strengths_in_the_good_zone_are_enough() -> None:
    x = np.linspace(-3, 3, 13)
    loss = np.repeat((1 + 0.02 * x**2)[:, None], 5, axis=1)
    b = estimate_boundary(10**x, loss, loss, 2.0, draws=200)
    assert not b.sparse
    assert b.advice == ""
    assert math.log10(b.underfitting_starts) == pytest.approx(math.sqrt(0.05 / 0.02), abs=0.02)


def valley(x: np.ndarray, best: float) -> np.ndarray:
    """Flat on the left and steep on the right: its lowest point is at ``best``."""
    away = x - best
    return 1 + np.where(away > 0, 0.3 * away**2, 0.08 * away**2)


@pytest.mark.parametrize("step", [1.0, 0.5, 0.125])
def test_the_best_strength_lies_within_its_interval_which_the_ladder_bounds(step: float) -> None:
    """Resamples that agree do not show where between two strengths the lowest loss is."""
    x = np.arange(-3, 3 + step / 2, step)
    noise = 1e-6 * np.random.default_rng(0).standard_normal((len(x), 5))
    for best in np.linspace(-step, 0, 7):
        loss = valley(x, best)[:, None] + noise
        b = estimate_boundary(10**x, loss, loss, 1.5, draws=200)
        assert b.best_low <= b.best <= b.best_high
        assert b.best_low <= 10**best <= b.best_high
        assert math.log10(b.best_high / b.best_low) < step


def test_on_a_ladder_too_coarse_the_best_strength_lies_between_two_that_were_trained() -> None:
    """Losses of a cliff a decade apart: the curve through them has its lowest point anywhere."""
    x = np.arange(-5.0, 2.0)
    loss = np.array([1.10, 1.02, 1.00, 2.9, 3.0, 3.0, 3.0])
    noise = 1e-4 * np.random.default_rng(0).standard_normal((7, 5))
    b = estimate_boundary(10**x, loss[:, None] + noise, loss[:, None] + noise, 3.0, draws=500)
    assert 10**-4 <= b.best_low < 10**-3.9
    assert 10**-2.1 < b.best_high <= 10**-2


@pytest.mark.parametrize("points", [5, 13])
def test_a_boundary_lies_within_its_own_interval_at_a_step_and_a_high_threshold(
    points: int,
) -> None:
    loss = np.zeros((points, 3))
    loss[-1] = 1
    b = estimate_boundary(np.logspace(-4, 2, points), loss, loss, 1.0, rho=0.99, draws=200)
    assert b.underfitting_starts_low <= b.underfitting_starts <= b.underfitting_starts_high


@pytest.mark.parametrize("level", [0.5, 0.1, 0.3, 0.7])
def test_where_all_strengths_lose_the_same_no_range_is_too_short(level: float) -> None:
    loss = np.full((6, 5), level)
    b = estimate_boundary(np.logspace(-4, 2, 6), loss, loss, 1.0, draws=200)
    assert b.verdict == "none"
