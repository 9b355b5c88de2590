"""Who goes on at a rung, by counting."""

from __future__ import annotations

import math

import numpy as np
import optuna
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sweep.search.rungs import rung_epochs, stages, survivors

VALUES = st.dictionaries(
    st.integers(0, 50), st.lists(st.floats(0, 10), min_size=2, max_size=2), min_size=1
)


def test_rungs_lie_inside_the_run() -> None:
    assert rung_epochs("halving", 40) == (20, 30)
    assert rung_epochs("halving", 2) == (1,)
    assert rung_epochs("halving", 1) == ()
    assert rung_epochs("none", 40) == ()


def test_runs_of_every_length_have_as_many_stages() -> None:
    assert stages("halving", 40) == (20, 30, 40)
    assert stages("halving", 2) == (1, 2, 2)
    assert stages("halving", 1) == (1, 1, 1)
    assert stages("none", 40) == (40,)


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


@settings(deadline=None)
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


# ---- Optuna's pruners as the oracle ------------------------------------------------------------
#
# Ours compare trials at a rung, Optuna's when each of them reports, so they agree where one trial
# comes after others that are all known. What differs by design:
# - wilcoxon: Optuna's best trial is the one with the best end, ours the best at this rung;
# - median: Optuna takes a trial's best value so far and the mean of the two middle trials, ours the
#   value at the rung and the lower of the two: they agree on an odd number of earlier trials;
# - halving: Optuna's keeps the better half rounded down, ours rounded up: they agree on an even
#   number of trials, and ours decides for a whole round at once.

LOSSES = st.floats(0, 10, width=16)


@pytest.mark.filterwarnings("ignore::optuna.exceptions.ExperimentalWarning")
@settings(max_examples=10, deadline=None)
@given(
    st.lists(
        st.tuples(LOSSES, st.sampled_from([-0.5, 0.0, 0.25, 1.0, 2.0])), min_size=5, max_size=9
    )
)
def test_wilcoxon_decides_like_optunas_pruner_on_the_same_pairs(
    pairs: list[tuple[float, float]],
) -> None:
    best, other = [a for a, _ in pairs], [a + b for a, b in pairs]
    best, other = sorted([best, other], key=lambda values: sum(values) / len(values))
    study = optuna.create_study(pruner=optuna.pruners.WilcoxonPruner(p_threshold=0.1))
    for values in (best, other):
        trial = study.ask()
        for resample, value in enumerate(values):
            trial.report(value, resample)
        stopped = trial.should_prune()
        study.tell(trial, sum(values) / len(values))
    assert survivors("wilcoxon", {1: other}, {0: best}) == (set() if stopped else {1})


def are_distinguished(pruner: optuna.pruners.BasePruner, values: list[float]) -> bool:
    """Whether Optuna stops the last of these trials, which report at one step each."""
    study = optuna.create_study(pruner=pruner)
    for value in values:
        trial = study.ask()
        trial.report(value, 1)
        stopped = trial.should_prune()
        study.tell(trial, value)
    return stopped


@settings(max_examples=50, deadline=None)
@given(st.lists(LOSSES, min_size=2, max_size=12, unique=True))
def test_median_and_halving_decide_like_optunas_pruners_on_the_last_of_even_trials(
    values: list[float],
) -> None:
    values = values[: len(values) // 2 * 2]
    earlier = {i: [value] for i, value in enumerate(values[:-1])}
    own = {len(values): [values[-1]]}
    median = optuna.pruners.MedianPruner(n_startup_trials=0)
    assert bool(survivors("median", own, earlier)) != are_distinguished(median, values)
    halving = optuna.pruners.SuccessiveHalvingPruner(min_resource=1, reduction_factor=2)
    assert bool(survivors("halving", own, earlier)) != are_distinguished(halving, values)


@given(VALUES, VALUES)
def test_median_and_halving_differ_on_ties_alone(
    own: dict[int, list[float]], earlier: dict[int, list[float]]
) -> None:
    earlier = {100 + trial: values for trial, values in earlier.items()}
    by_median, by_half = (survivors(pruner, own, earlier) for pruner in ("median", "halving"))
    means = {trial: sum(values) / 2 for trial, values in (own | earlier).items()}
    assert by_half <= by_median
    if len(set(means.values())) == len(means):
        assert by_half == by_median


def test_wilcoxon_takes_equal_values_for_half_a_win_and_spares_an_equal_mean() -> None:
    best = [1.0] * 6
    assert survivors("wilcoxon", {1: best}, {0: best}) == {1}
    assert survivors("wilcoxon", {1: [1.0, 1.0, 1.2, 1.3, 1.4, 1.5]}, {0: best}) == set()
    assert survivors("wilcoxon", {1: [1.5, 1.4, 1.3, 1.2, 1.1, -0.5]}, {0: best}) == {1}
