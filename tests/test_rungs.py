"""Who goes on at a rung, by counting."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sweep.rungs import rung_epochs, survivors

VALUES = st.dictionaries(
    st.integers(0, 50), st.lists(st.floats(0, 10), min_size=2, max_size=2), min_size=1
)


def test_rungs_lie_inside_the_run() -> None:
    assert rung_epochs("halving", 40) == (20, 30)
    assert rung_epochs("halving", 2) == (1,)
    assert rung_epochs("halving", 1) == ()
    assert rung_epochs("none", 40) == ()


def test_halving_keeps_the_better_half_of_its_round_and_the_earlier_ones() -> None:
    own = {4: [3.0], 5: [1.0], 6: [9.0], 7: [2.5]}
    assert survivors("halving", own, {}) == {5, 7}
    assert survivors("halving", own, {0: [0.1], 1: [0.2], 2: [0.3], 3: [8.0]}) == {5}


def test_median_keeps_what_is_no_worse_than_the_median() -> None:
    own = {0: [1.0], 1: [2.0], 2: [3.0]}
    assert survivors("median", own, {}) == {0, 1}


def test_wilcoxon_stops_only_what_is_worse_on_paired_resamples() -> None:
    noise = [0.0, 0.5, -0.4, 0.3, -0.2, 0.1]
    best = [1 + n for n in noise]
    same = [1.001 + n + s * 0.01 for n, s in zip(noise, (1, -1, 1, -1, 1, -1), strict=True)]
    worse = [1.2 + n for n in noise]
    assert survivors("wilcoxon", {0: best, 1: same, 2: worse}, {}) == {0, 1}


@pytest.mark.parametrize("pruner", ["none", "halving", "median", "wilcoxon"])
def test_what_is_not_finite_never_goes_on(pruner: str) -> None:
    own = {0: [1.0] * 6, 1: [math.nan] * 6, 2: [1.0] * 5 + [math.inf]}
    assert survivors(pruner, own, {}) == {0}


@given(VALUES, VALUES, st.sampled_from(["halving", "median", "wilcoxon"]))
def test_the_best_of_all_always_goes_on_and_the_order_of_telling_does_not_matter(
    own: dict[int, list[float]], earlier: dict[int, list[float]], pruner: str
) -> None:
    earlier = {100 + trial: values for trial, values in earlier.items()}
    kept = survivors(pruner, own, earlier)
    backwards = dict(reversed(own.items())), dict(reversed(earlier.items()))
    assert survivors(pruner, *backwards) == kept
    assert kept <= set(own)
    everyone = {**own, **earlier}
    best = min(everyone, key=lambda trial: (sum(everyone[trial]) / 2, trial))
    assert best not in own or best in kept
