"""Importances by PED-ANOVA: the axis that decides, and what a cliff hides."""

from __future__ import annotations

import math

import numpy as np
import pytest

from sweep.search.importance import FEWEST, rank_axes

LOG = frozenset({"strength", "lr"})


def trials(n: int = 200) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """The learning rate decides, but for a cliff at the strongest half of the strengths."""
    rng = np.random.default_rng(0)
    x, y, z = rng.uniform(-4, 1, n), rng.uniform(-3, -1, n), rng.uniform(0, 1, n)
    losses = 1 + 0.3 * (y + 2) ** 2 + np.where(x > -1.5, 5 * (x + 1.5), 0.0)
    return {"strength": 10**x, "lr": 10**y, "other": z}, losses


def rank(axes: dict[str, np.ndarray], losses: np.ndarray) -> dict[str, float]:
    return rank_axes({k: v.tolist() for k, v in axes.items()}, losses.tolist(), LOG)


def test_a_cliff_makes_the_strength_look_important_until_it_is_left_out() -> None:
    axes, losses = trials()
    whole = rank(axes, losses)
    weak = axes["strength"] < 10**-1.5
    part = rank({k: v[weak] for k, v in axes.items()}, losses[weak])
    assert sum(whole.values()) == pytest.approx(1)
    assert whole["strength"] > 0.2
    assert part["strength"] < 0.5 * whole["strength"]
    assert part["lr"] > 0.6
    assert next(iter(part)) == "lr"
    assert max(whole["other"], part["other"]) < 0.2


def test_equal_losses_say_nothing() -> None:
    axes, losses = trials()
    assert rank(axes, np.ones_like(losses)) == {}
    assert rank(axes, np.where(np.arange(len(losses)) < 19, 0.0, 1.0)) == {}


def test_a_trial_whose_end_is_not_known_counts_as_one_of_the_others() -> None:
    axes, losses = trials()
    stopped = losses > np.quantile(losses, 0.5)
    assert rank(axes, np.where(stopped, math.nan, losses)) == pytest.approx(rank(axes, losses))


def test_words_are_axes_too() -> None:
    axes, losses = trials()
    rng = np.random.default_rng(1)
    words = rng.choice(["relu", "tanh"], len(losses))
    losses = np.where(words == "relu", 1.0, 2.0) + rng.random(len(losses))
    found = rank({**axes, "activation": words}, losses)
    assert next(iter(found)) == "activation"


def test_too_few_trials_and_an_axis_that_never_moved_say_nothing() -> None:
    axes, losses = trials(FEWEST - 1)
    assert rank(axes, losses) == {}
    axes, losses = trials()
    assert rank({"lr": np.full(len(losses), 0.1)}, losses) == {}
    assert rank(axes, np.full(len(losses), math.nan)) == {}
    assert set(rank({**axes, "lr": np.full(len(losses), 0.1)}, losses)) == {"strength", "other"}
