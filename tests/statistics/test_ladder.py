"""The adaptive ladder on curves whose boundaries are known."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Sequence
from functools import cache, partial
from itertools import pairwise

import numpy as np
import pytest

from sweep.statistics.advice import wants_strengths
from sweep.statistics.boundary import estimate_boundary
from sweep.statistics.endings import Ended, Ending
from sweep.statistics.ladder import (
    COARSE,
    Aim,
    Before,
    climb,
    first_ladder,
    ladder,
    refine,
)
from sweep.statistics.verdicts import Boundary, SideVerdict, Verdict, sides_of
from tests.support.ridge_truth import (
    Problem,
    Sample,
    draw_samples,
    find_truth,
    measure_samples,
)

RIDGE = Problem(100, 80)
Estimate = Callable[[Sequence[float]], Boundary]


def climbed(
    estimate: Estimate, low: float, high: float, aim: Aim
) -> tuple[list[float], Boundary, Ended]:
    """A ladder climbed to its end: strengths, boundary, and why."""
    seen: list[tuple[list[float], Boundary]] = []

    def noted(strengths: Sequence[float]) -> Boundary:
        seen.append((list(strengths), estimate(strengths)))
        return seen[-1][1]

    ended = climb(first_ladder(low, high, aim.most, adaptive=True), noted, aim)
    assert ended.strengths == ()
    assert ended.ended is not None
    return *seen[-1], ended.ended


@cache
def ridge_samples(n_resamples: int, seed: int) -> list[Sample]:
    return draw_samples(RIDGE, n_resamples, np.random.default_rng(seed), n_validation=200)


def ridge(n_resamples: int, seed: int, strengths: Sequence[float]) -> Boundary:
    """The boundary of a fresh ridge study; its data are the same at any strengths."""
    study = measure_samples(RIDGE, np.array(strengths), ridge_samples(n_resamples, seed))
    return estimate_boundary(strengths, study.validation, study.training, study.null)


def widths(boundary: Boundary) -> list[float]:
    return [side.width for side in sides_of(boundary)]


def covered(boundary: Boundary) -> list[bool]:
    truth = find_truth(RIDGE)
    sides = zip((truth.left, truth.right), sides_of(boundary), strict=True)
    return [side.low <= x <= side.high for x, side in sides]


@pytest.mark.long
@pytest.mark.parametrize(
    ("n_resamples", "low", "high", "even", "share"),
    [(10, 1e-4, 1e3, 13, 1.06), (40, 1e-6, 1e5, 21, 0.76)],
)
def test_it_takes_the_strengths_of_an_even_ladder_or_fewer_for_the_same_intervals(
    n_resamples: int, low: float, high: float, even: int, share: float
) -> None:
    """``even`` strengths give the width that noise leaves; ours as many as ``share`` of them, which
    lie so close in the good zone that the curve shows where it bends. An even ladder's do not, and
    of as many as ours it makes less.
    """
    aim, n, found = Aim(25, 0.25), 0, {name: list[Boundary]() for name in ("ours", "even", "few")}
    studies = range(12)
    for seed in studies:
        estimate = partial(ridge, n_resamples, seed)
        strengths, boundary, _ = climbed(estimate, low, high, aim)
        n += len(strengths) - 1
        found["ours"].append(boundary)
        found["even"].append(estimate(ladder(low, high, even)))
        found["few"].append(estimate(ladder(low, high, len(strengths) - 1)))
    wide = {name: np.mean([widths(b) for b in bs]) for name, bs in found.items()}
    right = {name: np.mean([covered(b) for b in bs]) for name, bs in found.items()}
    assert n / len(studies) <= share * even
    assert wide["ours"] <= 1.05 * wide["even"]
    assert right["ours"] >= 0.85
    assert wide["few"] > 1.02 * wide["ours"]
    assert not any(boundary.sparse for boundary in found["ours"])
    assert all(boundary.sparse for boundary in found["even"])


def test_strengths_that_come_elsewhere_do_not_begin_a_settled_side_anew() -> None:
    """A strength came to each interval and left it in its place; then one came at the weak end."""
    aim, estimate = Aim(25, 0.25), partial(ridge, 10, 0)
    strengths, boundary, _ = climbed(estimate, 1e-4, 1e3, aim)
    without = [s for s in strengths if not 0.40 < s < 0.50 and not 1.6 < s < 1.8]
    assert len(without) == len(strengths) - 2
    settled = Before(tuple(without), boundary)
    elsewhere = tuple(s for s in strengths if s > 1e-3)
    assert not refine(strengths, boundary, Before(elsewhere, boundary, settled), aim).strengths
    assert len(refine(strengths, boundary, Before(elsewhere, boundary), aim).strengths) == 2


@pytest.mark.long
def test_runs_narrow_more_as_resamples_than_as_strengths_beyond_nine() -> None:
    """9 strengths and 7 resamples, and 13 and 5, are 70 runs with the anchor; 9 and 5 are 50."""
    found = {(9, 7): list[Boundary](), (13, 5): list[Boundary](), (9, 5): list[Boundary]()}
    for seed in range(16):
        for (most, n_resamples), boundaries in found.items():
            estimate = partial(ridge, n_resamples, seed)
            boundaries.append(climbed(estimate, 10**-3.5, 10**2.5, Aim(most, 0.25))[1])
    wide = {key: np.median([widths(b) for b in bs], axis=0).sum() for key, bs in found.items()}
    right = {key: np.mean([covered(b) for b in bs]) for key, bs in found.items()}
    assert wide[9, 7] < 0.9 * wide[13, 5]
    assert wide[9, 5] < 1.15 * wide[13, 5]
    assert min(right.values()) >= 0.85


def curve(
    loss: Callable[[np.ndarray], np.ndarray], strengths: Sequence[float], sd: float = 1e-3
) -> Boundary:
    """The boundary of a known curve over log10 strength, 6 resamples, each with its own level."""
    strength = np.array(strengths)
    x = np.log10(np.maximum(strength, 1e-300))
    clean = loss(x)
    rng = np.random.default_rng(0)
    noise = sd * rng.standard_normal(6) + 0.1 * sd * np.sin(7 * x[:, None] + np.arange(6))
    train = np.where(np.isfinite(clean), x, np.nan)[:, None] + noise
    return estimate_boundary(strengths, clean[:, None] + noise, train, 1.0)


def bowl(x: np.ndarray, best: float = 0.0) -> np.ndarray:
    return np.minimum(0.02 * (x - best) ** 2, 0.9)


def test_the_ladder_grows_until_the_optimum_and_both_boundaries_are_in_it() -> None:
    """rho * (1 - 0) = 0.05 = 0.02 x^2: 1.58 decades on either side of the best."""
    strengths, boundary, ended = climbed(
        partial(curve, partial(bowl, best=2.0)), 1e-3, 1e1, Aim(25, 0.25)
    )
    assert max(strengths) > 10 ** (2 + math.sqrt(2.5))
    assert min(s for s in strengths if s > 0) == 1e-3
    left, right = sides_of(boundary)
    assert left.value == pytest.approx(2 - math.sqrt(2.5), abs=0.1)
    assert right.value == pytest.approx(2 + math.sqrt(2.5), abs=0.1)
    assert ended == Ended(Ending.NARROW, "every interval is within 0.25 decades")


@pytest.mark.parametrize(
    ("n_resamples", "n_rows", "sure"),
    [(3, 0, False), (6, 0, False), (40, 0, True), (3, 400, True), (3, 9, False)],
)
def test_an_interval_is_called_narrow_where_chance_cannot_make_it_so(
    n_resamples: int, n_rows: int, sure: bool
) -> None:
    """The deviation of R resamples is at least sqrt(chi2_0.1 / (R - 1)) of the true one, nine times
    in ten: 0.57 of it with 6, and 0.87 with 40. The ladder ends all the same.
    """
    strengths = ladder(1e-3, 1e3, 61)
    boundary = curve(bowl, strengths)
    side = 10**0.1
    told = dataclasses.replace(
        boundary,
        n_resamples=n_resamples,
        n_rows=n_rows,
        overfitting_ends_low=boundary.overfitting_ends / side,
        overfitting_ends_high=boundary.overfitting_ends * side,
        underfitting_starts_low=boundary.underfitting_starts / side,
        underfitting_starts_high=boundary.underfitting_starts * side,
    )
    found = refine(strengths, told, None, Aim(99, 0.25))
    assert found.strengths == ()
    assert found.ended is not None
    assert found.ended.kind is (Ending.NARROW if sure else Ending.ALIKE)
    which = f"but {n_rows or n_resamples} {'rows' if n_rows else 'resamples'} may"
    assert (which in found.ended.reason) != sure


def test_the_budget_ends_it() -> None:
    strengths, boundary, ended = climbed(
        partial(curve, partial(bowl, best=9.0)), 1e-3, 1e1, Aim(9, 0.25)
    )
    assert len(strengths) == 1 + 9
    assert boundary.verdict is Verdict.EXTEND_STRONGER
    assert ended.reason == "all 9 strengths of the budget (path.points) are used"
    assert wants_strengths(boundary.advice_kind, ended.kind)


def test_it_does_not_grow_to_where_runs_diverge() -> None:
    def loss(x: np.ndarray) -> np.ndarray:
        return np.where(x > 1.1, np.nan, bowl(x, best=2.0))

    strengths, boundary, ended = climbed(partial(curve, loss), 1e-3, 1e1, Aim(25, 0.25))
    assert max(strengths) == pytest.approx(10 ** (1 + 4 / 6))
    assert boundary.verdict is Verdict.EXTEND_STRONGER
    assert ended.kind is Ending.DIVERGED
    assert ended.reason == "runs diverge beyond these strengths"


def test_a_best_in_the_last_gap_before_runs_diverge_is_closed_in_on() -> None:
    """0.16 x^2 = 0.05 at 0.56 decades from the best, in the last gap of the first ladder."""

    def loss(x: np.ndarray) -> np.ndarray:
        return np.where(x > 3.4, np.nan, 8 * bowl(x, best=2.5))

    strengths, boundary, _ = climbed(partial(curve, loss), 1e-3, 1e3, Aim(25, 0.25))
    assert max(strengths) == pytest.approx(1e4), "beyond which the ladder would have grown"
    assert boundary.verdict is Verdict.FOUND
    left, right = sides_of(boundary)
    half = math.sqrt(0.05 / 0.16)
    assert (left.value, right.value) == pytest.approx((2.5 - half, 2.5 + half), abs=0.1)


def test_a_cliff_is_closed_in_on() -> None:

    def loss(x: np.ndarray) -> np.ndarray:
        return bowl(x) + 0.5 * (x > 0.77)

    strengths, boundary, _ = climbed(partial(curve, loss), 1e-3, 1e3, Aim(25, 0.25))
    xs = [math.log10(s) for s in strengths if s > 0]
    gap = next((p, q) for p, q in pairwise(xs) if p < 0.77 <= q)
    assert gap[1] - gap[0] <= 0.25
    assert sides_of(boundary)[1].value == pytest.approx(0.77, abs=0.25)


def test_nothing_is_added_without_a_signal_and_where_noise_hides_the_boundary_it_is_said() -> None:
    def flat(strengths: Sequence[float]) -> Boundary:
        noise = np.random.default_rng(1).standard_normal((len(strengths), 6))
        return estimate_boundary(strengths, 1 + 0.01 * noise, 1 + 0.01 * noise, 1.0)

    strengths, _, ended = climbed(flat, 1e-3, 1e1, Aim(25, 0.25))
    assert (len(strengths), ended.reason) == (1 + COARSE, "no learnable signal")
    strengths, boundary, ended = climbed(partial(ridge, 4, 3), 1e-3, 1e3, Aim(25, 0.1))
    assert len(strengths) < 1 + 18
    assert max(widths(boundary)) > 0.1
    assert ended.kind is Ending.NOISE
    assert (
        ended.reason == "noise makes an interval wide: only more resamples or data would narrow it"
    )


def test_no_overfitting_on_the_left_is_not_searched_for() -> None:
    def loss(x: np.ndarray) -> np.ndarray:
        return 0.02 * np.maximum(x, 0) ** 2

    strengths, boundary, _ = climbed(partial(curve, loss), 1e-3, 1e3, Aim(25, 0.25))
    assert boundary.overfitting_verdict is SideVerdict.NONE
    assert min(s for s in strengths if s > 0) == 1e-3


def step_up(x: np.ndarray, height: float) -> np.ndarray:
    """From 0 to a plateau of this height at strengths above 1."""
    return height / (1 + np.exp(-4 * np.clip(x + 0.5, -9, 9)))


@pytest.mark.parametrize("height", [0.03, 0.045])
def test_no_strengths_are_spent_on_a_plateau_beyond_the_best(height: float) -> None:
    """A best at the weak edge, and strengths above 10 that all lose the same: up to 0.05 more than
    the best is good enough, and runs differ too much to say whether it is that.
    """
    aim = Aim(25, 0.25)
    ends = partial(curve, partial(step_up, height=height), sd=2e-3)
    strengths, boundary, _ = climbed(ends, 1e-2, 1e4, aim)
    assert boundary.levels_off
    assert max(strengths) == pytest.approx(1e4)
    assert sum(s > 3 for s in strengths) <= 6, "the first ladder has four"


def test_a_loss_that_rises_or_has_its_best_at_the_strong_end_does_not_level_off() -> None:
    strengths = ladder(1e-3, 1e3, 13)
    assert curve(partial(step_up, height=0.045), strengths).levels_off
    assert not curve(bowl, strengths).levels_off
    assert not curve(partial(bowl, best=2.9), strengths).levels_off
    assert not curve(lambda x: 0.04 - step_up(x, 0.04), strengths).levels_off
    assert not curve(np.zeros_like, strengths).levels_off
