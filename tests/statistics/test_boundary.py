"""The boundaries against known truths: parabolas, exact ridge risk, and problems without an answer.

The long form of the coverage tests is ``tests/calibration``.
"""

from __future__ import annotations

import dataclasses
import math
import subprocess
import sys
from functools import cache

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.interpolate import Akima1DInterpolator, make_smoothing_spline
from scipy.stats import binom

from sweep.errors import DataError
from sweep.statistics._curve_draws import CurveDraws
from sweep.statistics._curves import FAR, draw_crossings
from sweep.statistics._interpolation import (
    akima_evaluation,
    cubic_evaluation,
    fine_grid,
    linear_evaluation,
)
from sweep.statistics._side_estimates import estimate_side
from sweep.statistics._smoothing_spline import UNDERSMOOTHING, choose_hat, roughness
from sweep.statistics._strength_path import read_path
from sweep.statistics.boundary import (
    Boundary,
    Cause,
    SideVerdict,
    Verdict,
    describe_boundary,
    draw_path,
    estimate_boundary,
)
from sweep.statistics.number_words import two_digits
from sweep.statistics.paired_tests import (
    more_resamples,
    resamples_for,
    shows_effect,
    training_overlap,
)
from tests.support.ridge_truth import (
    Problem,
    Table,
    find_truth,
    fresh_study,
    kfold_splits,
    risk,
    split_study,
)

LADDER = np.concatenate([[0.0], np.logspace(-3.5, 2.5, 13)])
SQUARE = Problem(100, 80)
SHORTER = Problem(80, 80)


def parabola(
    *,
    best: float = -0.5,
    curvature: float = 0.2,
    null: float = 3.0,
    sd: float = 0.0,
    n_resamples: int = 5,
    strengths: np.ndarray = LADDER[1:],
    seed: int = 0,
) -> Table:
    """Loss 1 + curvature (x - best)^2, capped by nothing; training loss rises with strength."""
    rng = np.random.default_rng(seed)
    x = np.log10(strengths)[:, None]
    shared = rng.standard_normal((1, n_resamples))
    own = sd * rng.standard_normal((len(x), n_resamples))
    validation = 1 + curvature * (x - best) ** 2 + 0.3 * shared + own
    training = 0.1 * np.exp(x / 3) + 0.001 * rng.standard_normal((1, n_resamples)) + own
    return Table(strengths, validation, training, null + 0.3 * shared[0])


def estimate(table: Table, **options: object) -> Boundary:
    return estimate_boundary(
        table.strengths, table.validation, table.training, table.null, **options
    )


def with_anchor(table: Table, validation: float, training: float = 0.0) -> Table:
    """The table with an exact zero strength whose losses are these, resample by resample alike."""
    shared = table.validation[:1] - table.validation[:1].mean()
    return Table(
        np.concatenate([[0.0], table.strengths]),
        np.concatenate([validation + shared, table.validation]),
        np.concatenate([training + 0 * shared, table.training]),
        table.null,
    )


def without_anchor(table: Table) -> Table:
    return Table(table.strengths[1:], table.validation[1:], table.training[1:], table.null)


# ---- known boundaries ----------------------------------------------------------------------------


@settings(deadline=None, max_examples=30)
@given(
    best=st.floats(-2, 1),
    curvature=st.floats(0.1, 2),
    rho=st.floats(0.01, 0.1),
    points=st.integers(13, 25),
    skill=st.floats(0.5, 5),
)
def test_a_parabola_has_the_boundaries_of_its_formula(
    best: float, curvature: float, rho: float, points: int, skill: float
) -> None:
    strengths = np.logspace(-4, 3, points)
    table = parabola(best=best, curvature=curvature, null=1 + skill, strengths=strengths)
    half = math.sqrt(rho * skill / curvature)
    assume(best + half < 3)  # a boundary beyond the ladder cannot be found
    # exact where the curve has seven points before the losses that are cut off; else nearly so
    in_reach = int((curvature * (np.log10(strengths) - best) ** 2 < FAR * skill).sum())
    near, grid = (1e-2, 0.5 * 7 / (points - 1) / 32 + 1e-9) if in_reach >= 7 else (4e-2, 4e-2)
    found = estimate(table, rho=rho, draws=100)
    expected = (best - half, best, best + half)
    got = np.log10([found.overfitting_ends, found.best, found.underfitting_starts])
    assert got[[0, 2]] == pytest.approx(expected[::2], abs=near)
    assert got[1] == pytest.approx(best, abs=grid)
    assert found.width_decades == pytest.approx(2 * half, abs=near)
    assert found.threshold_loss - found.best_loss == pytest.approx(rho * skill, rel=5 * near)


def test_uneven_ladders_give_the_same_boundaries() -> None:
    rng = np.random.default_rng(3)
    x = np.sort(np.concatenate([[-3.5, 2.5], rng.uniform(-3.5, 2.5, 12)]))
    even, uneven = estimate(parabola()), estimate(parabola(strengths=10**x))
    assert math.log10(uneven.overfitting_ends) == pytest.approx(
        math.log10(even.overfitting_ends), abs=1e-2
    )
    assert math.log10(uneven.underfitting_starts) == pytest.approx(
        math.log10(even.underfitting_starts), abs=1e-2
    )


def test_the_oracle_agrees_with_simulated_risk_and_with_the_best_strength_of_theory() -> None:
    truth = find_truth(SQUARE)
    risks = [risk(SQUARE, x) for x in (truth.best - 0.05, truth.best, truth.best + 0.05)]
    assert risks[1] == min(risks)
    strengths = 10.0 ** np.array([truth.left, truth.best, truth.right, 9.0])
    table = fresh_study(SQUARE, strengths, 300, np.random.default_rng(0))
    simulated = table.validation.mean(1)
    assert simulated[3] == pytest.approx(SQUARE.null_risk, rel=1e-6)
    exact = [risk(SQUARE, math.log10(s)) for s in strengths]
    assert simulated == pytest.approx(exact, rel=0.02)
    gained = exact[3] - exact[1]
    assert [exact[0] - exact[1], exact[2] - exact[1]] == pytest.approx([0.05 * gained] * 2)


# ---- coverage of exact ridge truth ---------------------------------------------------------------


@cache
def fresh_tables(n_resamples: int, n_studies: int = 40) -> tuple[Table, ...]:
    return tuple(
        fresh_study(SQUARE, LADDER, n_resamples, np.random.default_rng([seed, n_resamples]))
        for seed in range(n_studies)
    )


@cache
def fold_tables(n_studies: int = 80) -> tuple[Table, ...]:
    tables = []
    for seed in range(n_studies):
        rng = np.random.default_rng([seed, 5])
        tables.append(split_study(SHORTER, LADDER, kfold_splits(100, 5, 2, rng), rng))
    return tuple(tables)


def coverage(tables: tuple[Table, ...], problem: Problem, overlap: float) -> tuple[int, int]:
    """In how many studies the 95 % intervals of the draws hold the true boundaries."""
    truth, left, right = find_truth(problem), 0, 0
    for seed, table in enumerate(tables):
        path = read_path(table.strengths, table.validation, table.training, table.null)
        drawn = draw_path(path, overlap, seed=seed, draws=1000).drawn
        low, high = np.sort(drawn.left)[[24, 975]]
        left += low <= truth.left <= high
        low, high = np.sort(drawn.right)[[24, 975]]
        right += low <= truth.right <= high
    return left, right


@pytest.mark.parametrize("n_resamples", [5, pytest.param(10, marks=pytest.mark.long)])
def test_fresh_intervals_hold_the_ridge_truth_at_their_level(n_resamples: int) -> None:
    tables = fresh_tables(n_resamples)
    least = binom.ppf(0.005, len(tables), 0.95)
    assert min(coverage(tables, SQUARE, 0.0)) >= least


def test_fold_intervals_hold_the_ridge_truth_at_their_level() -> None:
    tables = fold_tables()
    least = binom.ppf(0.005, len(tables), 0.95)
    assert min(coverage(tables, SHORTER, training_overlap("kfold", 5))) >= least


def test_one_over_r_under_cross_validation_covers_clearly_worse() -> None:
    tables = fold_tables()
    assert max(coverage(tables, SHORTER, 0.0)) <= binom.ppf(1e-4, len(tables), 0.95)


def test_point_estimates_lie_near_the_truth_and_inside_their_intervals() -> None:
    truth = find_truth(SQUARE)
    found = [estimate(table, seed=1) for table in fresh_tables(10)[:30]]
    assert all(b.verdict == Verdict.FOUND for b in found)
    left = np.log10([b.overfitting_ends for b in found])
    right = np.log10([b.underfitting_starts for b in found])
    assert np.median(left) == pytest.approx(truth.left, abs=0.03)
    assert np.median(right) == pytest.approx(truth.right, abs=0.03)
    for b in found:
        assert b.overfitting_ends_low < b.overfitting_ends < b.overfitting_ends_high
        assert b.underfitting_starts_low < b.underfitting_starts < b.underfitting_starts_high
        assert b.best_low <= b.best <= b.best_high
        assert (b.overfitting_cause, b.underfitting_cause) == (
            Cause.OVERFITTING,
            Cause.UNDERFITTING,
        )


# ---- problems without an answer ------------------------------------------------------------------


def share_saying(words: str, make: object, n: int = 20, **options: object) -> float:
    said = 0
    for seed in range(n):
        boundary = estimate(make(np.random.default_rng([seed, 9])), seed=seed, **options)
        said += words in (boundary.verdict, boundary.overfitting_verdict)
    return said / n


def test_plenty_of_data_shows_no_harmful_overfitting() -> None:
    problem = Problem(400, 20, noise=0.1)
    assert share_saying(SideVerdict.NONE, lambda g: fresh_study(problem, LADDER, 5, g)) >= 0.95


def test_interpolation_without_noise_shows_no_harmful_overfitting() -> None:
    problem = Problem(40, 120, noise=0.0)
    assert share_saying(SideVerdict.NONE, lambda g: fresh_study(problem, LADDER, 5, g)) >= 0.95


def test_pure_noise_has_no_learnable_signal() -> None:
    problem = Problem(80, 40, signal=0.0)

    def make(rng: np.random.Generator) -> Table:
        return split_study(problem, LADDER, kfold_splits(100, 5, 2, rng), rng)

    assert share_saying(Verdict.NO_SIGNAL, make, design="kfold", n_folds=5) >= 0.95


@pytest.mark.parametrize(
    ("low", "high", "words"),
    [(0.0, 2.5, Verdict.EXTEND_WEAKER), (-3.5, -0.3, Verdict.EXTEND_STRONGER)],
)
def test_a_range_that_misses_the_optimum_says_which_way_to_extend(
    low: float, high: float, words: str
) -> None:
    ladder = np.concatenate([[0.0], np.logspace(low, high, 9)])
    assert share_saying(words, lambda g: fresh_study(SQUARE, ladder, 5, g)) >= 0.95


def two_dips(rng: np.random.Generator, sd: float = 0.02) -> Table:
    x = np.log10(LADDER[1:])[:, None]
    curve = 2 - np.exp(-((x + 1.8) ** 2) / 0.3) - np.exp(-((x - 0.8) ** 2) / 0.3)
    shared, own = rng.standard_normal((1, 10)), sd * rng.standard_normal((13, 10))
    return Table(LADDER[1:], curve + 0.1 * shared + own, curve + own, 2 + 0.1 * shared[0])


def test_two_dips_are_two_good_zones_and_no_single_boundary() -> None:
    assert share_saying(Verdict.NOT_UNIMODAL, two_dips) >= 0.95
    boundary = estimate(two_dips(np.random.default_rng(0), sd=0.0))
    (low, high), (low_2, high_2) = boundary.intervals
    assert low < 10**-1.8 < high < low_2 < 10**0.8 < high_2
    assert math.isnan(boundary.overfitting_ends)
    assert math.isnan(boundary.underfitting_starts)
    assert "no single boundary" in describe_boundary(boundary, "l2")


def plateau(height: float, sd: float, seed: int) -> Table:
    """Left of the optimum the loss is flat, ``height`` deltas above it; sd of every run's noise."""
    rng = np.random.default_rng(seed)
    x = np.log10(LADDER[1:])[:, None]
    rise = 1 / (1 + np.exp(-4 * (x - 0.3)))
    fall = 1 / (1 + np.exp(3 * (x + 2)))
    curve = np.concatenate([[[1 + height * 0.065]], 1 + height * 0.065 * fall + 1.3 * rise])
    shared, own = rng.standard_normal((1, 10)), sd * rng.standard_normal((14, 10))
    training = np.concatenate([[[0.0]], rise]) + own
    return Table(LADDER, curve + 0.05 * shared + own, training, 2.3 + 0.05 * shared[0])


def test_a_noisy_plateau_is_not_taken_for_a_second_good_zone() -> None:
    verdicts = [estimate(plateau(1.0, 0.03, seed)).verdict for seed in range(20)]
    assert verdicts.count(Verdict.NOT_UNIMODAL) <= 1
    assert verdicts.count(Verdict.INCONCLUSIVE) >= 17


def test_a_plateau_is_found_or_ruled_out_once_it_is_clear_of_the_threshold() -> None:
    high = [estimate(plateau(4.0, 0.01, seed)).overfitting_verdict for seed in range(10)]
    low = [estimate(plateau(0.2, 0.01, seed)).overfitting_verdict for seed in range(10)]
    assert set(high) == {SideVerdict.FOUND}
    assert set(low) == {SideVerdict.NONE}


def test_an_inconclusive_side_gives_a_one_sided_bound_and_a_plan() -> None:
    found = [estimate(plateau(1.3, 0.01, seed)) for seed in range(20)]
    open_sides = [b for b in found if b.overfitting_verdict == SideVerdict.INCONCLUSIVE]
    assert open_sides
    for b in open_sides:
        assert b.verdict == Verdict.INCONCLUSIVE
        assert math.isnan(b.overfitting_ends)
        assert math.isnan(b.overfitting_ends_low)
        assert 10**-3.5 <= b.overfitting_ends_high < b.best
        assert b.more_resamples >= 1
        assert "would settle it" in b.advice
        assert b.underfitting_verdict == SideVerdict.FOUND
        assert "inconclusive" in describe_boundary(b, "l2")


def test_the_end_of_an_interval_is_the_same_whether_its_other_end_is_known_or_not() -> None:
    """Else what is said of it would be wrong more often where the side is inconclusive."""
    for seed in range(5):
        table = plateau(1.3, 0.01, seed)
        path = read_path(table.strengths, table.validation, table.training, table.null)
        curve_draws = draw_path(path, 0.0, seed=seed)
        side = estimate_side(path, curve_draws, 0.0, -1)
        assert side.verdict == SideVerdict.INCONCLUSIVE
        assert side.high == np.quantile(curve_draws.drawn.left, 0.975, method="higher")


# ---- the anchor ----------------------------------------------------------------------------------


def rising(**changes: float) -> Table:
    """Optimum at the weakest strength of the ladder: no strength loses anything on the left."""
    return parabola(best=-3.5, curvature=0.5, sd=0.002, **changes)


def test_an_optimum_at_the_weak_end_asks_for_weaker_strengths_without_an_anchor() -> None:
    assert estimate(rising()).verdict == Verdict.EXTEND_WEAKER
    assert "below 0.00032" in estimate(rising()).advice


@pytest.mark.parametrize(
    ("order", "verdict"), [(1, Verdict.EXTEND_WEAKER), (-1, Verdict.EXTEND_STRONGER)]
)
@pytest.mark.parametrize("second", [1.5, 50.0])
def test_an_optimum_at_an_end_with_everything_else_out_of_sight_is_not_bracketed(
    order: int, verdict: str, second: float
) -> None:
    mean = np.array([1, second, 50, 60, 70, 80])[::order, None]
    noise = 0.01 * np.random.default_rng(0).standard_normal((6, 5))
    table = Table(np.logspace(-3, 2, 6), mean + noise, mean + noise, np.full(5, 2.0))
    assert estimate(table).verdict == verdict


def test_an_anchor_that_agrees_closes_the_weak_end() -> None:
    boundary = estimate(with_anchor(rising(), 1.0))
    assert boundary.verdict == Verdict.FOUND
    assert boundary.overfitting_verdict == SideVerdict.NONE
    assert boundary.overfitting_cause == Cause.NONE
    assert boundary.underfitting_verdict == SideVerdict.FOUND


def test_an_anchor_that_is_better_or_worse_than_the_weak_end_leaves_it_open() -> None:
    assert estimate(with_anchor(rising(), 0.5)).verdict == Verdict.EXTEND_WEAKER
    assert estimate(with_anchor(rising(), 2.0)).verdict == Verdict.EXTEND_WEAKER


def shallow() -> Table:
    """Optimum inside the ladder, whose left end still costs less than delta."""
    return parabola(best=-2.0, curvature=0.02, sd=0.0005)


def test_a_costly_anchor_beyond_a_harmless_ladder_lies_below_the_searched_range() -> None:
    assert estimate(shallow()).overfitting_verdict == SideVerdict.NONE
    boundary = estimate(with_anchor(shallow(), 1.6))
    assert boundary.verdict == Verdict.BELOW_RANGE
    assert boundary.overfitting_verdict == SideVerdict.BELOW_RANGE
    assert math.isnan(boundary.overfitting_ends)
    assert math.isnan(boundary.overfitting_ends_low)
    assert boundary.overfitting_ends_high == pytest.approx(10**-3.5)
    assert boundary.overfitting_cause == Cause.OVERFITTING
    assert describe_boundary(boundary, "l1").startswith(
        "l1: overfitting ends below 0.00032, the weakest strength searched; underfitting starts at "
    )
    worse = estimate(with_anchor(shallow(), 1.6, training=5.0))
    assert worse.overfitting_cause == Cause.OPTIMIZATION
    assert "worse only below" in describe_boundary(worse, "l1")


def test_the_anchor_does_not_move_a_boundary_that_the_ladder_shows() -> None:
    bare = estimate(parabola(sd=0.02))
    for loss in (1.5, 3.0, 50.0):
        anchored = estimate(with_anchor(parabola(sd=0.02), loss))
        assert anchored.overfitting_ends == bare.overfitting_ends
        assert anchored.overfitting_ends_low == bare.overfitting_ends_low
        assert anchored.n_strengths == bare.n_strengths == 13


# ---- invariances ---------------------------------------------------------------------------------

NUMBERS = (
    "best",
    "overfitting_ends",
    "overfitting_ends_low",
    "overfitting_ends_high",
    "underfitting_starts",
    "underfitting_starts_low",
    "underfitting_starts_high",
)


def numbers(boundary: Boundary) -> list[float]:
    return [getattr(boundary, name) for name in NUMBERS]


@settings(deadline=None, max_examples=10)
@given(scale=st.floats(1e-3, 1e3), shift=st.floats(-0.5, 2))
def test_the_unit_of_the_loss_does_not_matter(scale: float, shift: float) -> None:
    table = fresh_tables(5)[0]
    other = Table(
        table.strengths,
        scale * (table.validation + shift),
        scale * (table.training + shift),
        scale * (table.null + shift),
    )
    plain, changed = estimate(table, draws=500), estimate(other, draws=500)
    assert numbers(changed) == pytest.approx(numbers(plain), rel=1e-6)
    assert changed.verdict == plain.verdict
    assert changed.best_loss == pytest.approx(scale * (plain.best_loss + shift))


@settings(deadline=None, max_examples=10)
@given(factor=st.floats(1e-4, 1e4))
def test_the_unit_of_the_strength_does_not_matter(factor: float) -> None:
    table = fresh_tables(5)[1]
    plain = estimate(table, draws=500)
    other = dataclasses.replace(table, strengths=table.strengths * factor)
    scaled = [value / factor for value in numbers(estimate(other, draws=500))]
    assert scaled == pytest.approx(numbers(plain), rel=1e-6)


@settings(deadline=None, max_examples=10)
@given(offsets=st.lists(st.floats(-0.5, 0.5), min_size=5, max_size=5))
def test_what_a_resample_adds_at_every_strength_does_not_matter(offsets: list[float]) -> None:
    table = fresh_tables(5)[2]
    add = np.array(offsets)
    other = Table(
        table.strengths, table.validation + add, table.training + 3 * add, table.null + add
    )
    plain, changed = estimate(table, draws=500), estimate(other, draws=500)
    assert numbers(changed) == pytest.approx(numbers(plain), rel=1e-6)
    assert changed.overfitting_cause == plain.overfitting_cause


def test_a_seed_decides_the_draws_and_nothing_else() -> None:
    table = fresh_tables(5)[3]
    state = np.random.get_state()[1].copy()  # noqa: NPY002 - that the global one is left alone
    assert estimate(table, seed=4) == estimate(table, seed=4)
    first, second = estimate(table, seed=4), estimate(table, seed=5)
    assert first.overfitting_ends == second.overfitting_ends
    assert first.overfitting_ends_low != second.overfitting_ends_low
    assert first.overfitting_ends_low == pytest.approx(second.overfitting_ends_low, rel=0.15)
    assert (np.random.get_state()[1] == state).all()  # noqa: NPY002


# ---- draws and designs ---------------------------------------------------------------------------


def test_a_design_scales_the_draws_by_its_own_variance() -> None:
    table = fresh_tables(5)[0]
    path = read_path(table.strengths, table.validation, table.training, table.null)
    fresh = draw_path(path, training_overlap("fresh"), seed=1).noise
    for design, overlap in (
        ("kfold", training_overlap("kfold", n_folds=5)),
        ("resample", training_overlap("resample", validation_ratio=0.25)),
    ):
        assert overlap == 0.25, design
        wider = draw_path(path, overlap, seed=1).noise
        np.testing.assert_allclose(wider, fresh * math.sqrt((1 / 5 + 0.25) / (1 / 5)), rtol=1e-9)
    assert training_overlap("holdout") == 0.0


def test_draws_have_the_covariance_of_the_mean() -> None:
    table = parabola(sd=0.05, n_resamples=12)
    path = read_path(table.strengths, table.validation, table.training, table.null)
    curve_draws = draw_path(path, 0.0, draws=40_000)
    away = table.validation - table.validation.mean(1, keepdims=True)
    at = curve_draws.smoother.weights[::96]
    expected = at @ (away @ away.T / (11 * 12)) @ at.T * 11 / 9  # 11 / 9 = E kappa^2
    got = np.cov(curve_draws.noise[:, ::96].T)
    assert got == pytest.approx(expected, abs=0.06 * expected.max())


def test_more_resamples_and_a_smaller_rho_narrow_and_shift_as_they_should() -> None:
    few, many = (np.mean([_width(estimate(t)) for t in fresh_tables(n)[:15]]) for n in (5, 10))
    assert many < 0.75 * few
    table = fresh_tables(10)[0]
    widths = [estimate(table, rho=rho).width_decades for rho in (0.02, 0.05, 0.10)]
    assert widths == sorted(widths)


def _width(b: Boundary) -> float:
    return math.log10(b.underfitting_starts_high / b.underfitting_starts_low)


def test_holdout_is_said_to_be_conditional() -> None:
    boundary = estimate(parabola(sd=0.02), design="holdout")
    assert describe_boundary(boundary, "l2").endswith("(val_loss, 95 %, conditional on this split)")


# ---- the smoother --------------------------------------------------------------------------------


def test_the_hat_matrix_is_scipys_smoothing_spline() -> None:
    rng = np.random.default_rng(0)
    x = np.sort(rng.uniform(-4, 2, 14))
    mean = x**2 + 0.5 * rng.standard_normal(14)
    hat, penalty = choose_hat(x, mean, 0.25 * np.eye(14))
    assert penalty > 0
    assert hat @ mean == pytest.approx(make_smoothing_spline(x, mean, lam=penalty)(x), abs=1e-8)


def test_the_penalty_is_the_stated_share_of_what_minimizes_mallows_criterion() -> None:
    rng = np.random.default_rng(1)
    x = np.linspace(-3, 3, 13)
    root = rng.standard_normal((13, 13)) * 0.1
    noise = root @ root.T
    mean = np.sin(x) + root @ rng.standard_normal(13)
    _, penalty = choose_hat(x, mean, noise)
    best = penalty / UNDERSMOOTHING

    def hat(candidate: float) -> np.ndarray:
        return np.linalg.inv(np.eye(13) + candidate * roughness(x))

    def risk_of(candidate: np.ndarray) -> float:
        return float(((candidate @ mean - mean) ** 2).sum() + 2 * np.trace(candidate @ noise))

    for factor in (0.0, 0.1, 0.5, 2.0, 10.0):
        assert risk_of(hat(best)) <= risk_of(hat(factor * best)) + 1e-9


def curve_through(x: np.ndarray, mean: np.ndarray, null: float) -> CurveDraws:
    """The curve through means without noise."""
    table = np.repeat(mean[:, None], 3, axis=1)
    return draw_crossings(
        x, table, np.full(3, null), None, overlap=0.0, rho=0.05, seed=0, draws=200
    )


def test_without_noise_the_smoother_interpolates() -> None:
    x = np.linspace(-3, 3, 13)
    curve_draws = curve_through(x, 1 - np.cos(x), 3.0)
    assert curve_draws.smoother.penalty == 0
    assert not curve_draws.smoother.coarse
    assert curve_draws.curve == pytest.approx(1 - np.cos(curve_draws.smoother.grid), abs=5e-3)
    assert curve_draws.curve[::32] == pytest.approx(1 - np.cos(x))


def test_the_akima_matrix_is_scipys_modified_akima_curve() -> None:
    rng = np.random.default_rng(5)
    x, values = np.sort(rng.uniform(-3, 3, 12)), rng.standard_normal(12)
    grid = fine_grid(x)
    expected = Akima1DInterpolator(x, values, method="makima")(grid)
    assert akima_evaluation(x, grid, values) @ values == pytest.approx(expected, abs=1e-12)


def test_where_a_cubic_would_ring_the_curve_digs_no_minimum() -> None:
    x = np.linspace(-3, 3, 13)
    mean = 0.1 * x**2 + np.where(x < 0.7, 1.0, 5.0)
    assert (cubic_evaluation(x, fine_grid(x)) @ mean).min() < 0.95
    curve_draws = curve_through(x, mean, 6.0)
    assert curve_draws.smoother.coarse
    assert curve_draws.curve.min() > 0.98
    assert linear_evaluation(x, x) == pytest.approx(np.eye(13))


def test_at_a_cliff_the_interval_spans_the_two_strengths_beside_it() -> None:
    x = np.linspace(-3, 3, 13)
    curve_draws = curve_through(x, 0.1 * x**2 + np.where(x < 0.7, 1.0, 5.0), 6.0)
    low, high = np.quantile(curve_draws.drawn.right, [0.025, 0.975])
    assert low < 0.55
    assert high > 0.95
    assert 0.6 < curve_draws.point.right[0] < 0.9


def test_no_interval_reaches_beyond_the_searched_range() -> None:
    x = np.linspace(-3, 3, 7)
    for edge in (-2.9, -2.6, 2.2, 2.6):
        mean = 0.02 * x**2 + np.where((x < edge) == (edge < 0), 3.0, 1.0)
        drawn = curve_through(x, mean, 4.0).drawn
        for where in (drawn.left, drawn.right):
            found = where[np.isfinite(where)]
            assert ((found >= -3) & (found <= 3)).all()


def test_leaving_out_a_strength_moves_the_crossings_of_a_resolved_curve_little() -> None:
    for points, most in ((13, 0.04), (25, 0.002)):
        x = np.linspace(-3, 3, points)
        curve_draws = curve_through(x, 1 - np.cos(x), 3.0)
        assert np.ptp(curve_draws.drawn.right) < most


def test_a_loss_that_explodes_far_from_the_optimum_hardly_moves_the_boundaries() -> None:
    calm = estimate(parabola(best=-1.5, curvature=0.3, sd=0.01))
    table = parabola(best=-1.5, curvature=0.3, sd=0.01)
    validation = table.validation.copy()
    validation[-2:] *= [[1e12], [1e30]]
    wild = estimate(dataclasses.replace(table, validation=validation))
    assert wild.verdict == Verdict.FOUND
    assert np.log10(numbers(wild)) == pytest.approx(np.log10(numbers(calm)), abs=0.05)


# ---- causes --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("slope", "left", "right"),
    [
        (1.0, Cause.OVERFITTING, Cause.UNDERFITTING),
        (-1.0, Cause.OPTIMIZATION, Cause.MISMATCH),
        (0.0, Cause.UNDETERMINED, Cause.UNDETERMINED),
    ],
)
def test_the_cause_is_told_by_training_loss(slope: float, left: Cause, right: Cause) -> None:
    table = parabola(sd=0.01)
    rng = np.random.default_rng(2)
    x = np.log10(table.strengths)[:, None]
    training = slope * x + 0.05 * rng.standard_normal(table.training.shape)
    boundary = estimate(dataclasses.replace(table, training=training))
    assert (boundary.overfitting_cause, boundary.underfitting_cause) == (left, right)
    sentence = describe_boundary(boundary, "decay")
    assert ("overfitting ends at" in sentence) == (left == Cause.OVERFITTING)
    assert ("underfitting starts at" in sentence) == (right == Cause.UNDERFITTING)


# ---- parity and planning -------------------------------------------------------------------------


def test_lambda_min_and_lambda_1se_are_those_of_glmnet() -> None:
    table = fresh_tables(10)[5]
    mean = table.validation[1:].mean(1)
    error = table.validation[1:].std(1, ddof=1) / math.sqrt(10)
    ladder = table.strengths[1:]
    boundary = estimate(table)
    assert boundary.strength_min == ladder[mean.argmin()]
    assert boundary.strength_1se == ladder[mean <= mean.min() + error[mean.argmin()]].max()


def test_the_plan_settles_what_the_t_distribution_says() -> None:
    assert more_resamples(0.06, 10, 0.0) <= more_resamples(0.2, 10, 0.0)
    assert more_resamples(0.2, 10, 0.0) == more_resamples(0.8, 10, 0.0)
    assert more_resamples(0.5, 10, 0.0) == math.inf
    assert more_resamples(0.2, 10, 0.25) == math.inf  # only more data can
    assert resamples_for(0.25, 10, 0.0) == 30
    assert resamples_for(0.25, 10, 0.25) == math.inf


def test_saturated_folds_are_told_that_only_more_data_can_help() -> None:
    rng = np.random.default_rng(4)
    table = split_study(Problem(200, 40, noise=2.0), LADDER, kfold_splits(250, 5, 6, rng), rng)
    boundary = estimate(table, design="kfold", n_folds=5)
    assert boundary.n_resamples == 30
    assert "only more data can" in boundary.advice


def test_three_resamples_are_told_that_they_are_few() -> None:
    assert "5 are the floor" in estimate(parabola(sd=0.001, n_resamples=3)).advice


# ---- what did not finish -------------------------------------------------------------------------


def test_strengths_that_did_not_finish_are_left_out_and_named() -> None:
    table = parabola(sd=0.005)
    validation, training = table.validation.copy(), table.training.copy()
    validation[2, 1], training[-1, 0] = math.nan, math.inf
    boundary = estimate(dataclasses.replace(table, validation=validation, training=training))
    gone = table.strengths[[2, -1]]
    assert boundary.dropped_strengths == tuple(gone)
    assert boundary.n_strengths == 11
    kept = np.delete(np.arange(13), [2, 12])
    rest = Table(table.strengths[kept], table.validation[kept], table.training[kept], table.null)
    assert numbers(boundary) == numbers(estimate(rest))


def test_an_anchor_that_diverged_is_named_and_not_used() -> None:
    table = with_anchor(parabola(sd=0.01), math.nan)
    boundary = estimate(table)
    assert boundary.dropped_strengths == (0.0,)
    assert numbers(boundary) == numbers(estimate(without_anchor(table)))


def test_too_few_finished_strengths_are_a_verdict_and_no_error() -> None:
    table = parabola(sd=0.01)
    validation = table.validation.copy()
    validation[3:] = math.nan
    boundary = estimate(dataclasses.replace(table, validation=validation))
    assert boundary.verdict == Verdict.TOO_FEW
    assert len(boundary.dropped_strengths) == 10
    assert all(math.isnan(value) for value in numbers(boundary))
    assert describe_boundary(boundary, "l1").startswith("l1: too few strengths finished")


def test_a_resample_in_which_nothing_finished_needs_no_null_loss() -> None:
    table = parabola(sd=0.01)
    validation, null = table.validation.copy(), table.null.copy()
    validation[:, 1] = null[1] = math.nan
    table = dataclasses.replace(table, validation=validation, null=null)
    assert estimate(table).verdict == Verdict.TOO_FEW


def test_divergence_beyond_the_ladder_is_not_answered_by_a_wider_range() -> None:
    table = fresh_study(SQUARE, np.logspace(-3.5, 1, 10), 5, np.random.default_rng(0))
    validation = table.validation.copy()
    validation[-3:] = math.nan
    boundary = estimate(dataclasses.replace(table, validation=validation))
    assert boundary.verdict == Verdict.EXTEND_STRONGER
    assert boundary.advice == "Runs diverge above 0.32: lower the learning rate to see further."


# ---- mistakes ------------------------------------------------------------------------------------


def _strengths(values: list[float]) -> dict[str, object]:
    shape = (len(values), 5)
    return {"strengths": values, "validation": np.ones(shape), "training": np.ones(shape)}


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        (_strengths([0.1, 1, 0.5, 2, 3]), "ascend without repeats, got 0.5 after 1"),
        (_strengths([0.1, 1, 1, 2, 3]), "ascend without repeats, got 1 after 1"),
        (_strengths([-0.1, 1, 2, 3, 4]), "strengths must be finite and >= 0"),
        (_strengths([0.1, 1, 2, math.nan, 4]), "strengths must be finite and >= 0"),
        (_strengths([0, 1, 2, 3]), "at least 4 strengths above 0 are needed, got 3"),
        ({"strengths": np.ones((13, 1))}, "strengths must have 1 axes, got shape (13, 1)"),
        ({"validation": np.ones((12, 5))}, "13 strengths, validation (12, 5), training (13, 5)"),
        ({"training": np.ones((13, 4))}, "validation (13, 5), training (13, 4)"),
        ({"training": np.ones(13)}, "training must have 2 axes"),
        ({"validation": [["a"] * 5] * 13}, "validation must be numbers"),
        (
            {"validation": np.ones((13, 1)), "training": np.ones((13, 1)), "null_loss": 2.0},
            "at least 2 resamples are needed, got 1",
        ),
        ({"null_loss": math.nan}, "null_loss must be finite, got nan"),
        ({"null_loss": [2, 2, math.inf, 2, 2]}, "null_loss must be finite, got inf"),
        ({"null_loss": np.ones(4)}, "one number or one per resample (5), got shape (4,)"),
        ({"design": "bootstrap"}, "fresh, resample, kfold or holdout, got 'bootstrap'"),
        ({"design": "kfold"}, "kfold needs n_folds >= 2, got None"),
        ({"design": "kfold", "n_folds": 1}, "kfold needs n_folds >= 2, got 1"),
        ({"design": "resample"}, "resample needs validation_ratio > 0, got None"),
        ({"design": "resample", "validation_ratio": 0}, "validation_ratio > 0, got 0"),
        ({"rho": 0.0}, "0 < rho < 1 must hold, got 0.0"),
        ({"rho": math.nan}, "0 < rho < 1 must hold, got nan"),
        ({"draws": 10}, "draws must be at least 100, got 10"),
    ],
)
def test_a_table_that_cannot_be_meant_gets_one_clear_line(
    changes: dict[str, object], words: str
) -> None:
    table = parabola()
    arguments: dict[str, object] = {
        "strengths": table.strengths,
        "validation": table.validation,
        "training": table.training,
        "null_loss": table.null,
    }
    with pytest.raises(DataError) as raised:
        estimate_boundary(**(arguments | changes))
    message = str(raised.value)
    assert words in message
    assert "\n" not in message


# ---- words ---------------------------------------------------------------------------------------

FOUND = Boundary(
    verdict=Verdict.FOUND,
    n_strengths=13,
    n_resamples=5,
    design="fresh",
    rho=0.05,
    best=0.4,
    overfitting_ends=0.1212,
    overfitting_ends_low=0.0701,
    overfitting_ends_high=0.1899,
    overfitting_verdict=SideVerdict.FOUND,
    overfitting_cause=Cause.OVERFITTING,
    underfitting_starts=1.31,
    underfitting_starts_low=1.0,
    underfitting_starts_high=1.7,
    underfitting_verdict=SideVerdict.FOUND,
    underfitting_cause=Cause.UNDERFITTING,
    weakest=1e-6,
    strongest=10.0,
)
NO_LEFT = {
    "overfitting_ends": math.nan,
    "overfitting_ends_low": math.nan,
    "overfitting_ends_high": math.nan,
}


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        (
            {},
            "decay: overfitting ends at 0.12 [0.070, 0.19], underfitting starts at 1.3 [1.0, 1.7] "
            "(val_loss, 95 %)",
        ),
        (
            {"overfitting_ends_low": math.nan},
            "decay: overfitting ends at 0.12 [below 1.0e-06, 0.19], underfitting starts at 1.3 "
            "[1.0, 1.7] (val_loss, 95 %)",
        ),
        (
            NO_LEFT | {"overfitting_verdict": SideVerdict.NONE, "overfitting_cause": Cause.NONE},
            "decay: no harmful overfitting found in the searched range; underfitting starts at 1.3 "
            "[1.0, 1.7] (val_loss, 95 %)",
        ),
        (
            {"overfitting_cause": Cause.OPTIMIZATION},
            "decay: worse below 0.12 [0.070, 0.19] but not by overfitting: training loss is worse "
            "there too, underfitting starts at 1.3 [1.0, 1.7] (val_loss, 95 %)",
        ),
        (
            {"underfitting_cause": Cause.UNDETERMINED},
            "decay: overfitting ends at 0.12 [0.070, 0.19], worse above 1.3 [1.0, 1.7], whether by "
            "underfitting is undetermined (val_loss, 95 %)",
        ),
        (
            {
                "underfitting_verdict": SideVerdict.INCONCLUSIVE,
                "underfitting_starts": math.nan,
                "underfitting_starts_high": math.nan,
            },
            "decay: overfitting ends at 0.12 [0.070, 0.19]; underfitting inconclusive: it starts "
            "above 1.0, if at all (val_loss, 95 %)",
        ),
    ],
)
def test_a_boundary_reads_as_one_honest_sentence(changes: dict[str, object], sentence: str) -> None:
    assert describe_boundary(dataclasses.replace(FOUND, **changes), "decay") == sentence


@pytest.mark.parametrize(
    ("verdict", "sentence"),
    [
        (
            Verdict.NO_SIGNAL,
            "l2: no learnable signal: no strength clearly beats a constant prediction (error)",
        ),
        (
            Verdict.EXTEND_WEAKER,
            "l2: optimum not bracketed: extend the range to weaker strengths (error)",
        ),
        (
            Verdict.TOO_FEW,
            "l2: too few strengths finished: fewer than 4 have a loss in every resample (error)",
        ),
    ],
)
def test_a_path_without_boundaries_says_why(verdict: Verdict, sentence: str) -> None:
    boundary = Boundary(verdict, n_strengths=13, n_resamples=5, design="fresh", rho=0.05)
    assert describe_boundary(boundary, "l2", "error") == sentence


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1.0, "1.0"),
        (0.1249, "0.12"),
        (123.0, "120"),
        (9.96, "10"),
        (0.0000123, "1.2e-05"),
        (0.00012, "0.00012"),
        (1e-6, "1.0e-06"),
        (123456.0, "1.2e+05"),
        (0.0, "0"),
    ],
)
def test_numbers_have_two_significant_digits(value: float, text: str) -> None:
    assert two_digits(value) == text


def test_the_estimate_loads_no_heavy_library() -> None:
    heavy = {"torch", "pandas", "scipy", "sqlalchemy", "optuna", "pydantic"}
    code = f"import sys, sweep.statistics.boundary; print({heavy} & set(sys.modules) or 'none')"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "none"


def test_a_strength_that_changes_nothing_is_told_from_one_that_does() -> None:
    """At its level: of 200 ladders without effect at most 10 % show one, of those with one 95 %."""
    rng = np.random.default_rng(5)
    shared = rng.standard_normal((200, 1, 8))
    noise = shared + 0.1 * rng.standard_normal((200, 9, 8))
    slope = np.linspace(0, 0.4, 9)[:, None]
    assert np.mean([shows_effect(table, 1 / 8) for table in noise]) <= 0.1
    assert np.mean([shows_effect(table + slope, 1 / 8) for table in noise]) >= 0.95
    assert not shows_effect(np.ones((9, 8)), 1 / 8)


def test_a_noisy_strength_in_a_narrow_gap_makes_no_minimum_in_the_wide_gap_beside_it() -> None:
    """Means of a refined ladder, as L2 gave them on MNIST-1D: a cubic rings between the last two,
    and where a draw's minimum goes its boundaries go too.
    """
    x = np.array([-5, -4.42, -3.84, -3.55, -3.26, -2.97, -2.68, -2.54, -2.39, -2.25, -2.1, -1.52])
    mean = [1.51, 1.521, 1.349, 1.26, 1.126, 1.035, 0.983, 0.985, 1.004, 1.22, 1.309, 1.706]
    noise = np.random.default_rng(2).standard_normal((12, 6))
    noise = (noise - noise.mean(1, keepdims=True)) / noise.std(1, ddof=1, keepdims=True)
    spread = np.where(np.isclose(x, -2.25), 0.07, 0.02)[:, None]
    validation = np.array(mean)[:, None] + spread * noise
    found = estimate_boundary(10**x, validation, validation - 0.3, 2.3)
    assert found.verdict is Verdict.FOUND
    assert found.overfitting_ends_high < 10**-2.5
    assert found.underfitting_starts_high < 10**-2.1
