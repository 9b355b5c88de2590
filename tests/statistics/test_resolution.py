"""Metrics that move in steps, as accuracy does: what steps add to an interval, and its words."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import binom

from sweep.errors import DataError
from sweep.statistics._strength_path import read_path
from sweep.statistics.boundary import Boundary, Verdict, draw_path, estimate_boundary
from sweep.statistics.paired_tests import p_not_positive, shows_effect, shows_signal
from sweep.statistics.wording import describe_boundary
from tests.calibration.designs import FEW_ERRORS, counted
from tests.calibration.run import LEAST, estimate, sides
from tests.support.ridge_truth import Table

STEP = 1 / 50
STUDIES = 50


def agreeing(n_resamples: int = 5, height: float = 0.2) -> Table:
    """Error rates that are the same in every resample: they show no noise at all."""
    strengths = np.concatenate([[0.0], np.logspace(-3, 3, 13)])
    x = np.concatenate([[-3.5], np.linspace(-3, 3, 13)])
    rates = np.round((0.1 + height * x**2 / 9) / STEP) * STEP
    table = np.repeat(rates[:, None], n_resamples, axis=1)
    return Table(strengths, table, table, np.full(n_resamples, 0.5))


def boundary(table: Table, resolution: float) -> Boundary:
    return estimate_boundary(
        table.strengths, table.validation, table.training, table.null, resolution=resolution
    )


def widths(found: Boundary) -> tuple[float, float]:
    return (
        math.log10(found.overfitting_ends_high / found.overfitting_ends_low),
        math.log10(found.underfitting_starts_high / found.underfitting_starts_low),
    )


# ---- the draws -----------------------------------------------------------------------------------


def test_means_in_steps_are_drawn_with_the_variance_of_rounded_values() -> None:
    """At the ladder's strengths the curve of an interpolating map is the mean itself."""
    table, overlap = agreeing(), 0.25
    path = read_path(table.strengths, table.validation, table.training, table.null)
    curve_draws = draw_path(path, overlap, draws=20_000, resolution=STEP)
    spread = np.linalg.pinv(curve_draws.smoother.weights) @ curve_draws.noise.T
    smoothed = np.linalg.pinv(curve_draws.smoother.weights) @ curve_draws.smoother.weights
    expected = STEP**2 * (1 / 5 + overlap) / 12 * np.diag(smoothed @ smoothed.T)
    assert spread.var(1) == pytest.approx(expected, rel=0.05)
    assert curve_draws.anchor is not None
    assert curve_draws.anchor.std() == pytest.approx(
        STEP * math.sqrt((0.2 + overlap) / 12), rel=0.03
    )


def test_agreement_in_every_resample_is_no_certainty_where_values_move_in_steps() -> None:
    blind, seeing = boundary(agreeing(), 0.0), boundary(agreeing(), STEP)
    assert blind.verdict == seeing.verdict == Verdict.FOUND
    assert all(wide > narrow for wide, narrow in zip(widths(seeing), widths(blind), strict=True))


def test_the_noise_of_the_steps_shrinks_with_their_size_and_with_resamples() -> None:
    base = min(widths(boundary(agreeing(), STEP)))
    assert max(widths(boundary(agreeing(), STEP / 10))) < base
    assert max(widths(boundary(agreeing(40), STEP))) < base


def test_equal_differences_of_one_step_prove_nothing() -> None:
    gain = np.full(3, STEP / 2)
    assert p_not_positive(gain, 1 / 3) == 0
    assert p_not_positive(gain, 1 / 3, STEP) > 0.05
    null, best = np.full(3, 0.5), np.full((4, 3), 0.5 - STEP / 2)
    assert shows_signal(best, null, 1 / 3)
    assert not shows_signal(best, null, 1 / 3, STEP)
    one_step = np.repeat([[0.1], [0.1], [0.1 + STEP / 2], [0.1]], 3, axis=1)
    assert shows_effect(one_step, 1 / 3)
    assert not shows_effect(one_step, 1 / 3, STEP)


@pytest.mark.long
def test_what_is_said_of_few_errors_on_few_rows_holds_at_its_level() -> None:
    """49 of 50 rows are right at best; a coverage of 92 % is exceeded by all but one in 1,000."""
    truth, make = FEW_ERRORS.truth(), counted(FEW_ERRORS, 5)
    held = np.zeros(2)
    for number in range(STUDIES):
        table = make(np.random.default_rng([number, 7]))
        found = estimate(table, number, {"design": "fresh", "resolution": STEP})
        held += [side.holds for side in sides(found, truth)]
    assert held.min() >= binom.ppf(0.001, STUDIES, LEAST)


# ---- words ---------------------------------------------------------------------------------------


def test_a_threshold_finer_than_the_steps_is_said_to_be() -> None:
    """Skill of 0.02 makes delta 0.001: a difference that 5 resamples of 50 rows cannot show."""
    table = agreeing()
    low = Table(table.strengths, table.validation, table.training, np.full(5, 0.12))
    found = boundary(low, STEP)
    assert found.delta == pytest.approx(0.05 * (0.12 - found.best_loss), rel=1e-6)
    assert found.least_difference == pytest.approx(2 * STEP * math.sqrt(2 * 0.2 / 12))
    assert found.too_fine
    assert "threshold finer than its steps of 0.020" in describe_boundary(found, "l2")
    plain = boundary(table, STEP)
    assert not plain.too_fine
    assert "steps" not in describe_boundary(plain, "l2") + plain.advice
    assert not boundary(low, 0.0).too_fine


@pytest.mark.parametrize("wrong", [-0.1, math.nan, math.inf])
def test_a_resolution_that_cannot_be_is_refused(wrong: float) -> None:
    with pytest.raises(DataError, match="0 <= resolution"):
        boundary(agreeing(), wrong)


def test_simulated_error_rates_have_the_curve_as_their_expectation() -> None:
    table = counted(FEW_ERRORS, 400)(np.random.default_rng(3))
    with np.errstate(divide="ignore"):
        expected = FEW_ERRORS.loss(np.log10(table.strengths))
    error = np.sqrt(expected * (1 - expected) / (400 * 50))
    assert (abs(table.validation.mean(1) - expected) < 4 * error).all()
    assert np.allclose(table.validation * 50, np.round(table.validation * 50))
