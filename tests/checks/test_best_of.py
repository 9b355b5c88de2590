"""The best of so many trials against drawing them."""

from __future__ import annotations

import numpy as np
import pytest

from sweep.checks.best_of import best_of


def test_the_curve_is_that_of_drawing_with_replacement() -> None:
    rng = np.random.default_rng(0)
    values = rng.normal(size=12)
    curve = best_of(values)
    drawn = rng.choice(values, size=(20_000, 12))
    for k, mean, spread in zip(curve.sizes, curve.means, curve.spreads, strict=True):
        lowest = drawn[:, :k].min(axis=1)
        assert mean == pytest.approx(lowest.mean(), abs=0.03)
        assert spread == pytest.approx(lowest.std(), abs=0.03)
    assert curve.sizes.tolist() == list(range(1, 13))


def test_one_trial_is_the_mean_and_equal_ones_never_vary() -> None:
    values = np.array([3.0, 1.0, 2.0, 2.0])
    assert best_of(values).means[0] == pytest.approx(values.mean())
    same = best_of(np.full(9, 0.7))
    assert [same.second_half, same.spread] == pytest.approx([0, 0], abs=1e-15)


def test_trials_that_were_stopped_count_as_the_worst() -> None:
    values = np.array([1.0, 2.0])
    assert best_of(values, 2).means == pytest.approx(best_of(np.array([1.0, 2, 2, 2])).means)


def test_a_long_search_is_read_at_few_sizes() -> None:
    curve = best_of(np.linspace(0, 1, 5000))
    assert len(curve.sizes) < 60
    assert {1, 2500, 5000} <= set(curve.sizes)
    assert (np.diff(curve.means) < 0).all()
    assert curve.means[-1] == pytest.approx(1 / 5000, rel=0.5)
