"""No draw says of an end what no resample says of it."""

from __future__ import annotations

import numpy as np
import pytest

from sweep.statistics._agreement import MANY, agreed, held_apart, nothing_gained
from sweep.statistics.boundary import Verdict, estimate_boundary

LADDER = np.logspace(-6, 1, 13)


def separable(seed: int, n_folds: int = 5) -> tuple[np.ndarray, np.ndarray]:
    """Losses (13, folds) like a logistic regression's on data that it can separate, and nulls.

    Weak strengths cost every fold something: some a little, and some very much.
    """
    rng = np.random.default_rng([seed, 6])
    x = np.log10(LADDER)[:, None]
    cost = np.exp(0.8 * rng.standard_normal((1, n_folds)))
    excess = 0.04 * np.maximum(-2.0 - x, 0.0) ** 2 * cost
    loss = 0.1 + 0.55 / (1 + np.exp(-2.2 * (x + 0.2))) + excess
    return loss + 0.01 * rng.standard_normal((1, n_folds)), np.full(n_folds, 0.69)


def test_an_end_that_is_worse_in_every_fold_is_never_asked_to_be_extended() -> None:
    for seed in range(10):
        validation, null = separable(seed)
        assert (validation[0] > validation[6] + 0.1).all()
        training = np.repeat(np.log10(LADDER)[:, None], 5, axis=1)
        b = estimate_boundary(
            LADDER, validation, training, null, design="kfold", n_folds=5, draws=500
        )
        assert b.verdict in (Verdict.FOUND, Verdict.INCONCLUSIVE)


def test_an_end_gains_nothing_where_one_resample_at_most_says_so_and_they_are_enough() -> None:
    best, near = np.zeros(MANY), np.full(MANY, 0.02)
    near[0] = -0.05
    either = np.where(np.arange(MANY) < 2, -0.02, 5.0)
    assert nothing_gained(np.stack([near, best, either]), 0.01) == (True, False)
    assert nothing_gained(np.stack([either, best, near]), 0.01) == (False, True)
    assert nothing_gained(np.stack([either, best, near]), 0.03) == (True, True)
    assert nothing_gained(np.stack([near, best, near])[:, 1:], 0.01) == (False, False)


def test_an_end_that_gains_nothing_in_any_fold_is_not_asked_to_be_extended_either() -> None:
    """The weak end costs a fifth of the skill on average, and some folds next to nothing."""
    x = np.log10(LADDER)[:, None]
    cost = np.array([[0.004, 0.01, 0.02, 0.04, 0.19]])
    loss = 0.1 + 0.55 / (1 + np.exp(-2.2 * (x + 0.2))) + cost * np.maximum(-3.0 - x, 0.0)
    validation = loss + 0.03 * np.linspace(-1, 1, 5)[None, [2, 0, 4, 1, 3]]
    training = np.repeat(x, 5, axis=1)
    best = validation[validation.mean(1).argmin()]
    assert (validation[0] > best - 0.02).all()
    assert validation[0].mean() < best.mean() + 0.25
    b = estimate_boundary(
        LADDER, validation, training, np.full(5, 0.69), design="kfold", n_folds=5, draws=500
    )
    assert b.verdict in (Verdict.FOUND, Verdict.INCONCLUSIVE)


def test_draws_are_held_above_their_best_where_all_agree_and_else_stay_as_they_are() -> None:
    curve = np.array([3.0, 1.5, 1.0, 1.2, 2.0])
    resamples = curve + np.array([[0.0, -0.6, 0.0, 0.0, 0.0], [0.5, 0.1, 0.0, 0.0, 0.0]])
    where = agreed(curve, resamples, 0.3)
    assert where.tolist() == [True, False, False, False, True]  # 1.2 is not clear of it
    rng = np.random.default_rng(2)
    curves = curve + 2 * rng.standard_normal((500, 5))
    held = held_apart(curve, curves, where)
    assert (held[:, where] > held[:, 2, None]).all()
    plain = curves[:, where] - curves[:, 2, None] >= (curve[where] - 1) / 2
    np.testing.assert_array_equal(held[:, where][plain], curves[:, where][plain])
    np.testing.assert_array_equal(held[:, ~where], curves[:, ~where])
    order = np.argsort(curves[:, 0] - curves[:, 2])
    assert (np.diff((held[:, 0] - held[:, 2])[order]) >= 0).all()


def test_the_hold_sets_in_without_a_jump_in_value_or_slope() -> None:
    curve = np.array([2.0, 1.0])
    at = 1.5 + np.array([-1e-4, 0.0, 1e-4])
    curves = np.stack([at, np.ones(3)], axis=1)
    held = held_apart(curve, curves, np.array([True, False]))[:, 0]
    assert held == pytest.approx(at, abs=1e-7)
