"""Elastic net and group lasso under optimizers with a metric and without, against their solutions.

Lion's and Muon's steps do not shorten with the gradient: they arrive as near as the last steps of a
schedule are short.
"""

from __future__ import annotations

import functools
import math
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from sweep.training.schedules import Schedule
from tests.support.descent import LAYER, descend
from tests.support.training import segment

N, P, OUTPUTS = 80, 8, 3
STRENGTHS = (("elastic_net", 0.3), ("elastic_net", 1.0), ("group_lasso", 0.3), ("group_lasso", 0.8))
"""The last removes one unit of three; the elastic nets leave 17 and 15 weights of 24."""


def problem() -> tuple[np.ndarray, np.ndarray]:
    """Correlated features, and outputs of three sizes."""
    rng = np.random.default_rng(1)
    x = rng.normal(size=(N, P)) @ (np.eye(P) + 0.3 * rng.normal(size=(P, P)))
    truth = rng.normal(size=(3, OUTPUTS)) * np.array([0.3, 0.8, 1.5])
    return x, x[:, :3] @ truth + rng.normal(size=(N, OUTPUTS))


X, Y = problem()
GRAM, PULL = torch.tensor(X.T @ X) * 2 / N, torch.tensor(Y.T @ X) * 2 / N


def gradient(weights: Tensor) -> Tensor:
    """Of |X W' - Y|^2 / n."""
    return weights @ GRAM - PULL


def elastic_net(strength: float) -> np.ndarray:
    """Scikit-learn's, an output at a time: it has half of the squares, |w| and w^2 / 2."""
    from sklearn.linear_model import ElasticNet

    model = ElasticNet(
        alpha=0.75 * strength, l1_ratio=1 / 3, fit_intercept=False, tol=1e-14, max_iter=100_000
    )
    return np.stack([model.fit(X, y).coef_ for y in Y.T])


def group_lasso(strength: float) -> np.ndarray:
    """By proximal gradients, a unit at a time (Yuan & Lin 2006)."""
    gram, pull = GRAM.numpy(), PULL.numpy()
    step, weights = 1 / np.linalg.norm(gram, 2), np.zeros((OUTPUTS, P))
    for _ in range(3000):
        weights = weights - step * (weights @ gram - pull)
        norms = np.linalg.norm(weights, axis=1, keepdims=True)
        weights = weights * np.maximum(1 - step * strength * math.sqrt(P) / norms, 0)
    return weights


@functools.cache
def solutions() -> list[np.ndarray]:
    """Of every penalty and strength, (OUTPUTS, P) each."""
    solvers = {"elastic_net": elastic_net, "group_lasso": group_lasso}
    return [solvers[name](strength) for name, strength in STRENGTHS]


@pytest.mark.parametrize(
    ("name", "lr", "n_steps", "schedule", "numbers"),
    [
        ("sgd", 0.02, 600, Schedule("cosine"), {}),
        ("adamw", 0.1, 1000, Schedule("cosine"), {"beta2": 0.99}),
        ("lion", 0.03, 1500, Schedule("exponential", final_lr=1e-6), {"beta2": 0.9}),
        ("muon", 0.02, 1000, Schedule("cosine"), {"momentum": 0.5}),
    ],
    ids=["sgd", "adamw", "lion", "muon"],
)
def test_penalties_that_make_zeros_end_at_the_convex_solution(
    name: str, lr: float, n_steps: int, schedule: Schedule, numbers: dict[str, Any]
) -> None:
    runs = [segment(i, *penalty, layers=(LAYER,), stop=1) for i, penalty in enumerate(STRENGTHS)]
    found = descend(
        name,
        runs,
        gradient,
        shape=(OUTPUTS, P),
        n_steps=n_steps,
        lr=lr,
        schedule=schedule,
        **numbers,
    )
    for weights, expected in zip(found.numpy(), solutions(), strict=True):
        assert ((weights == 0) == (expected == 0)).all()
        np.testing.assert_allclose(weights, expected, rtol=0, atol=1e-6)


def test_the_solutions_have_zeros_and_others() -> None:
    zeros = [int((solution == 0).sum()) for solution in solutions()]
    assert zeros == [7, 9, 0, P]
