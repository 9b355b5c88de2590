"""Profiles of a search with several axes find what the lowest loss over the other axes is."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats.qmc import Sobol

from sweep.statistics.strength_profile import (
    MOST_TRIALS,
    StrengthProfile,
    choose_trials,
    profile_strength,
    replicate_noise,
)

NULL, NOISE = 2.5, 0.01
TRUTH = math.sqrt(0.05 * (NULL - 1.0) / 0.5)
"""Half-width of the good zone of ``valley``'s profile 1 + x^2 / 2, in decades."""


def valley(x: np.ndarray, other: np.ndarray) -> np.ndarray:
    """A diagonal valley: the best other setting moves with the strength 10^x."""
    return 1 + 0.5 * x**2 + 2 * (other - 0.5 - 0.15 * x) ** 2


def search(seed: int, n: int = 40) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    x, other = Sobol(2, rng=rng).random_base2(8)[:n].T
    x = -2.5 + 5 * x
    return 10**x, other[:, None], valley(x, other) * np.exp(NOISE * rng.standard_normal(n))


def profile(seed: int, n: int = 40) -> StrengthProfile:
    strengths, others, losses = search(seed, n)
    return profile_strength(strengths, others, losses, np.full(n, NOISE), NULL, seed=seed)


@pytest.mark.long
def test_the_true_boundaries_of_the_profile_lie_in_the_intervals() -> None:
    inside, widths = 0, []
    for seed in range(10):
        found = profile(seed)
        for side, truth in ((found.ends, -TRUTH), (found.starts, TRUTH)):
            assert side.verdict == "found"
            inside += math.log10(side.low) < truth < math.log10(side.high)
            widths.append(math.log10(side.high / side.low))
    assert inside >= 18, "20 intervals of 95 %"
    assert max(widths) < 0.4


def test_a_slice_at_one_setting_of_the_other_axis_would_be_wrong() -> None:
    """The valley is diagonal, so holding the other axis fixed narrows the good zone."""
    x = np.linspace(-2, 2, 4001)
    fixed = x[valley(x, np.full_like(x, 0.5)) <= 1 + 0.05 * (NULL - 1)]
    assert math.log10(profile(0).starts.value) > 1.02 * fixed.max()


def test_the_middle_is_the_lowest_loss_over_the_other_axis() -> None:
    found = profile(1, 100)
    x = np.log10(found.strengths)
    np.testing.assert_allclose(found.middle, 1 + 0.5 * x**2, rtol=0.03)
    assert (found.low < found.high).all()
    covered = (found.low <= 1 + 0.5 * x**2) & (1 + 0.5 * x**2 <= found.high)
    assert covered.mean() > 0.9


def test_with_strength_alone_the_paths_are_the_processs_own() -> None:
    """Medians and bands against scikit-learn's predicted mean and deviation at the same kernel."""
    from sklearn.gaussian_process import GaussianProcessRegressor
    from sklearn.gaussian_process.kernels import ConstantKernel, Matern

    rng = np.random.default_rng(4)
    x = np.linspace(-2, 2, 15)
    losses = np.exp(0.3 * np.sin(x) + 0.05 * rng.standard_normal(15))
    noise = np.full(15, 0.05)
    empty = np.empty((15, 0))
    found = profile_strength(10**x, empty, losses, noise, 2.0, paths=4000)
    logs = np.log(losses)
    target = (logs - logs.mean()) / logs.std()
    model = GaussianProcessRegressor(
        ConstantKernel(1.0, (0.05, 100.0)) * Matern([0.5], (0.05, 20.0), nu=2.5),
        alpha=(noise / logs.std()) ** 2 + 1e-6,
        n_restarts_optimizer=2,
        random_state=0,
    ).fit(((x + 2) / 4)[:, None], target)
    grid = (np.log10(found.strengths)[:, None] + 2) / 4
    mean, sd = model.predict(grid, return_std=True)
    centre = np.exp(logs.mean() + logs.std() * mean)
    upper = np.exp(logs.mean() + logs.std() * (mean + 1.96 * sd))
    np.testing.assert_allclose(found.middle, centre, rtol=0.01)
    np.testing.assert_allclose(found.high, upper, rtol=0.02)


def test_a_side_without_a_crossing_is_said_to_have_none() -> None:
    strengths, others, losses = search(2)
    weak = strengths <= 10**0.2
    found = profile_strength(
        strengths[weak], others[weak], losses[weak], np.full(weak.sum(), NOISE), NULL
    )
    assert found.ends.verdict == "found"
    assert found.starts.verdict == "none"
    assert math.isnan(found.starts.value)


def test_noisy_trials_give_wide_intervals_that_hold_the_truth() -> None:
    inside, widths = 0, []
    for seed in range(5):
        strengths, others, losses = search(seed, 20)
        losses = losses * np.exp(0.4 * np.random.default_rng(seed).standard_normal(20))
        found = profile_strength(strengths, others, losses, np.full(20, 0.4), NULL)
        for side, truth in ((found.ends, -TRUTH), (found.starts, TRUTH)):
            inside += side.low < 10**truth < side.high
            widths.append(side.high / max(side.low, 1e-9))
    assert inside >= 9, "10 intervals of 95 %"
    assert np.median(widths) > 30


def test_the_same_search_and_seed_give_the_same_profile() -> None:
    first, second = profile(5, 20), profile(5, 20)
    np.testing.assert_array_equal(first.middle, second.middle)
    assert first.starts == second.starts


def test_an_exploded_trial_does_not_bend_the_profile() -> None:
    strengths, others, losses = search(6)
    wild = losses.copy()
    worst = int(strengths.argmax())
    wild[worst] = 1e9
    noise = np.full(len(losses), NOISE)
    found = profile_strength(strengths, others, wild, noise, NULL, seed=6)
    assert math.log10(found.starts.low) < TRUTH < math.log10(found.starts.high)


@pytest.mark.parametrize("shared", [0.0, 0.5])
def test_what_resamples_share_is_no_noise(shared: float) -> None:
    rng = np.random.default_rng(0)
    rows, columns = rng.standard_normal((200, 1)), shared * rng.standard_normal((1, 8))
    losses = np.exp(rows + columns + 0.1 * rng.standard_normal((200, 8)))
    assert replicate_noise(losses) == pytest.approx(0.1, rel=0.05)


def test_of_many_trials_the_first_half_and_the_best_are_looked_at() -> None:
    losses = np.random.default_rng(0).random(1000)
    chosen = choose_trials(losses)
    assert len(chosen) == len(set(chosen)) == MOST_TRIALS
    assert set(range(MOST_TRIALS // 2)) <= set(chosen)
    assert int(losses.argmin()) in chosen
    late = [i for i in chosen if i >= MOST_TRIALS // 2]
    left = np.setdiff1d(np.arange(MOST_TRIALS // 2, 1000), late)
    assert losses[late].max() < losses[left].min()
