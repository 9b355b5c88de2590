"""Who goes on at a rung, by counting."""

from __future__ import annotations

import math

import numpy as np
import optuna
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


@pytest.mark.filterwarnings("ignore:WilcoxonPruner is experimental")
@pytest.mark.parametrize("n", [5, 8, 12])
def test_wilcoxon_stops_whom_optunas_pruner_stops(n: int) -> None:
    """On the same paired values, after the last of them."""
    rng = np.random.default_rng(n)
    stopped = 0
    for _ in range(60):
        best = rng.normal(size=n)
        other = best + rng.normal(rng.uniform(-0.2, 1.2), 1.0, size=n)
        if other.mean() <= best.mean():
            continue
        study = optuna.create_study(pruner=optuna.pruners.WilcoxonPruner(p_threshold=0.1))
        study.add_trial(
            optuna.trial.create_trial(
                value=float(best.mean()), intermediate_values=dict(enumerate(best.tolist()))
            )
        )
        trial = study.ask()
        for step, value in enumerate(other.tolist()):
            trial.report(value, step)
        ours = 1 not in survivors("wilcoxon", {1: other.tolist()}, {0: best.tolist()})
        assert ours == trial.should_prune()
        stopped += ours
    assert 5 < stopped < 50


@pytest.mark.parametrize("pruner", ["halving", "median", "wilcoxon"])
def test_the_best_trial_is_never_stopped(pruner: str) -> None:
    rng = np.random.default_rng(0)
    for _ in range(50):
        own = {i: rng.normal(size=6).tolist() for i in range(5)}
        earlier = {i: rng.normal(size=6).tolist() for i in range(5, 8)}
        means = {i: float(np.mean(values)) for i, values in (own | earlier).items()}
        best = min(means, key=lambda i: means[i])
        if best in own:
            assert best in survivors(pruner, own, earlier)
