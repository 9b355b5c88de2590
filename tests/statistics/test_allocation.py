"""Where the runs of a path go: strengths at first, then resamples of those at the boundaries."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import pytest

from sweep.statistics.allocation import (
    PARTS,
    RARELY_ALIKE,
    START,
    Allocation,
    Counts,
    allocate,
    dense,
)
from sweep.statistics.boundary import estimate_boundary
from sweep.statistics.endings import Ended, Ending
from sweep.statistics.ladder import Aim, climb, first_ladder, surely_within
from sweep.statistics.verdicts import Boundary, SideVerdict, sides_of
from sweep.study.settings import STRENGTH_RUNS as EACH
from tests.support.ridge_truth import (
    Problem,
    Sample,
    draw_samples,
    find_truth,
    measure_samples,
)

CURVE = np.array([-1.0, 0.2])
"""Boundaries of the bowl below in log10 strength."""


def bowl(counts: Counts, noise: float, seed: int = 0) -> Boundary:
    """The boundary of a bowl whose slopes differ between resamples, all with a common part."""
    strengths = sorted(counts)
    n = [counts[s] for s in strengths]
    rng = np.random.default_rng(seed)
    common, tilt = rng.standard_normal((2, 200))[:, : max(n)]
    x = np.log10(np.maximum(strengths, 1e-6))[:, None]
    middle, half = CURVE.mean(), np.ptp(CURVE) / 2
    curve = 0.05 * ((x - middle) / half) ** 2
    losses = 1 + np.minimum(curve, 0.8) + 0.3 * common + noise * tilt * (x - middle)
    for row, count in enumerate(n):
        losses[row, count:] = np.nan
    null = 2.0 + 0.3 * common
    return estimate_boundary(strengths, losses, losses, null, seed=seed, draws=200, counts=n)


def allocated(noise: float, budget: int, width: float = 0.25, seed: int = 0) -> Allocation:
    first = first_ladder(1e-4, 1e2, 13, adaptive=True)
    return allocate(first, lambda c: bowl(c, noise, seed), Aim(13, width), budget, EACH)


def test_little_noise_takes_few_resamples_and_ends_when_intervals_are_narrow() -> None:
    found = allocated(noise=1e-4, budget=1000)
    assert found.ended is not None
    assert found.ended.kind is Ending.NARROW
    assert max(found.counts.values()) == START
    for side, truth in zip(sides_of(bowl(found.counts, 1e-4)), CURVE, strict=True):
        assert side.low <= truth <= side.high


def test_noise_takes_resamples_of_the_strengths_at_the_boundaries_alone() -> None:
    found = allocated(noise=0.03, budget=70, width=0.01)
    assert found.ended == Ended(Ending.RUNS_SPENT, "all 70 runs of the budget (path.runs) are used")
    assert 60 < sum(found.counts.values()) <= 70
    most = max(found.counts.values())
    assert most > 5
    whole = [math.log10(s) for s, n in found.counts.items() if n == most and s > 0]
    assert len(found.counts) - 1 <= 70 // EACH
    assert min(whole) <= CURVE[0] < CURVE[1] < max(whole)
    assert found.counts[1e2] == found.counts[1e-4] == found.counts[0.0] == START
    assert max(whole) - min(whole) < 4


def test_intervals_of_resamples_that_may_be_alike_by_chance_do_not_end_a_path() -> None:
    """It takes so many more that chance would have to be rare."""
    found = allocated(noise=0.005, budget=1000, width=0.1)
    boundary = bowl(found.counts, 0.005)
    assert found.ended is not None
    assert found.ended.kind is Ending.NARROW
    assert max(side.width for side in sides_of(boundary)) < 0.1 / 1.2
    assert surely_within(boundary, 0.1, RARELY_ALIKE)


def test_more_runs_narrow_the_intervals() -> None:
    widths = []
    for budget in (40, 80, 160):
        left, right = sides_of(bowl(allocated(0.03, budget, width=0.01).counts, 0.03))
        assert left.verdict is right.verdict is SideVerdict.FOUND
        widths.append(max(left.width, right.width))
    assert widths[0] > widths[1] > widths[2]


def test_it_goes_on_from_what_is_known_alone() -> None:
    """Results that come one stage after the other lead where all of them at once lead."""
    whole = allocated(0.02, 90)
    known: set[tuple[float, int]] = set()

    def estimate(counts: Counts) -> Boundary | None:
        return bowl(counts, 0.02) if set(counts.items()) <= known else None

    first = first_ladder(1e-4, 1e2, 13, adaptive=True)
    for _ in range(100):
        step = allocate(first, estimate, Aim(13, 0.25), 90, EACH)
        if step.ended:
            break
        known |= {(s, n) for s, most in step.counts.items() for n in range(1, most + 1)}
    assert step == whole


@pytest.mark.parametrize("zone", [(-0.2, 0.2), (0.05, 0.9), (-1.4, 1.2)])
def test_the_added_strengths_leave_no_gap_wider_than_half_of_the_zone(
    zone: tuple[float, float],
) -> None:
    xs = [-3.0, -2.0, -1.0, 0.0, 1.0, 2.0]
    found = sorted([*xs, *dense(xs, zone)])
    gaps = [q - p for p, q in pairwise(found) if q > zone[0] and p < zone[1]]
    assert max(gaps) <= (zone[1] - zone[0]) / 2 + 1e-9
    assert len(set(found)) == len(found)
    assert dense(found, zone) == []


def test_a_strength_beyond_the_zone_keeps_half_a_gap_from_its_end() -> None:
    """Nearer, an end that moves with the next resamples would lie in the wide gap behind it."""
    zone = (-0.2, 0.3)
    found = dense([-3.0, -2.0, -1.0, 0.0, 1.0, 2.0], zone)
    wanted = (zone[1] - zone[0]) / PARTS
    assert min(found) == pytest.approx(zone[0] - wanted / 2)
    assert max(found) == pytest.approx(zone[1] + wanted / 2)


@pytest.mark.long
def test_seventy_runs_narrow_more_than_thirteen_strengths_and_five_resamples() -> None:
    """Of ridge regression on fresh rows, whose exact risk is known."""
    problem = Problem(100, 80)
    truth = find_truth(problem)
    first = first_ladder(10**-3.5, 10**2.5, 13, adaptive=True)
    wide, right = {"even": list[float](), "ours": list[float]()}, list[bool]()
    for seed in range(16):
        samples = draw_samples(problem, 30, np.random.default_rng(seed), n_validation=200)

        def estimate(counts: Counts, samples: list[Sample] = samples) -> Boundary:
            strengths = sorted(counts)
            n = [counts[s] for s in strengths]
            table = measure_samples(problem, np.array(strengths), samples[: max(n)])
            tables = table.validation, table.training, table.null
            return estimate_boundary(strengths, *tables, counts=n)

        ours = allocate(first, estimate, Aim(13, 0.25), 70, EACH)
        assert sum(ours.counts.values()) <= 70
        seen: list[Boundary] = []

        def noted(strengths: Sequence[float], seen: list[Boundary] = seen) -> Boundary:
            seen.append(estimate(dict.fromkeys(strengths, 5)))
            return seen[-1]

        climb(first, noted, Aim(13, 0.25))
        sides = sides_of(estimate(ours.counts))
        wide["ours"] += [side.width for side in sides]
        wide["even"] += [side.width for side in sides_of(seen[-1])]
        edges = zip((truth.left, truth.right), sides, strict=True)
        right += [side.low <= x <= side.high for x, side in edges]
    assert np.median(wide["ours"]) < 0.8 * np.median(wide["even"])
    assert np.mean(right) >= 0.85


def test_a_found_boundary_gets_strengths_where_the_other_side_has_none() -> None:
    """A curve that is flat to its weak end and rises at strengths above 1."""

    def estimate(counts: Counts) -> Boundary:
        strengths = sorted(counts)
        n = [counts[s] for s in strengths]
        x = np.log10(np.maximum(strengths, 1e-6))[:, None]
        rng = np.random.default_rng(0)
        common, tilt = rng.standard_normal((2, 200))[:, : max(n)]
        losses = 1 + np.minimum(0.2 * np.maximum(x, 0) ** 2, 0.9) + 0.1 * common
        losses += 0.002 * tilt * x
        return estimate_boundary(strengths, losses, losses, 2.0 + 0.1 * common, counts=n)

    first = first_ladder(1e-4, 1e2, 13, adaptive=True)
    found = allocate(first, estimate, Aim(13, 0.25), 70, EACH)
    right = sides_of(estimate(found.counts))[1]
    assert right.low <= 0.5 <= right.high, "0.2 x^2 = 0.05 there"
    assert right.width < 0.35
    assert len(found.counts) > len(first)
