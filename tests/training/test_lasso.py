"""The Lasso's support and solution, under every optimizer and schedule, against scikit-learn."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from sklearn.linear_model import Lasso
from torch import Tensor

from sweep.training._optim import OPTIMIZERS as STACKED
from sweep.training.schedules import Schedule, factors
from tests.support.descent import LAYER, descend
from tests.support.long_cases import long
from tests.support.training import segment

N, P = 60, 8
N_STEPS = 1500
STRENGTHS = (0.3, 1.5)
"""Of which the first leaves six weights and the second four."""


def problem() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(3)
    x = rng.normal(size=(N, P))
    truth = np.array([3.0, -2.0, 1.5, 0.7, -0.4, 0.2, 0.0, 0.0])
    return x, x @ truth + rng.normal(size=N) * 0.5


X, Y = problem()
GRAM, PULL = torch.tensor(X.T @ X) * 2 / N, torch.tensor(Y @ X)[None] * 2 / N


def gradient(weights: Tensor) -> Tensor:
    """Of |X w - y|^2 / n."""
    return weights @ GRAM - PULL


def lasso(strength: float) -> np.ndarray:
    """Mean squared error + strength * |w|_1 is scikit-learn's with half of it."""
    model = Lasso(alpha=strength / 2, fit_intercept=False, tol=1e-14, max_iter=100_000)
    return np.asarray(model.fit(X, Y).coef_)


SETTINGS: dict[str, dict[str, Any]] = {
    "sgd": {"lr": 0.02},
    "adam": {"lr": 0.05},
    "adamw": {"lr": 0.05, "amsgrad": True},
    "nadam": {"lr": 0.05},
    "rmsprop": {"lr": 0.03},
    "lion": {"lr": 0.02},
    "muon": {"lr": 0.02},
}


FALLING = (Schedule("wsd", cooldown=0.6), Schedule("linear", warmup=0.1))
OTHERS = (
    Schedule("constant", warmup=0.2),
    Schedule("one_cycle", warmup=0.3),
    Schedule("step", milestones=(0.5, 0.75)),
    Schedule("exponential", final_lr=1e-3),
    Schedule("mine", own=lambda share: 1 - share**2),
)


@pytest.mark.parametrize(
    ("name", "schedule"),
    [(name, Schedule("cosine")) for name in sorted(STACKED)]
    + [long(name, schedule) for name in ("adamw", "lion") for schedule in FALLING]
    + [long("sgd", schedule) for schedule in OTHERS],
    ids=lambda value: value.name if isinstance(value, Schedule) else value,
)
def test_l1_ends_at_the_lasso(name: str, schedule: Schedule) -> None:
    runs = [segment(i, "l1", s, layers=(LAYER,), stop=1) for i, s in enumerate(STRENGTHS)]
    found = descend(
        name, runs, gradient, shape=(1, P), n_steps=N_STEPS, schedule=schedule, **SETTINGS[name]
    )
    last = SETTINGS[name]["lr"] * factors(schedule, N_STEPS)[-1]
    near = 1e-6 if STACKED[name].has_metric else max(1e-6, 6 * last)  # steps that do not shorten
    for weight, strength in zip(found[:, 0].numpy(), STRENGTHS, strict=True):
        wanted = lasso(strength)
        assert (weight == 0).tolist() == (wanted == 0).tolist()
        np.testing.assert_allclose(weight, wanted, atol=near)


@pytest.mark.parametrize("name", ["sgd", "adam"])
def test_l1_ends_at_the_lasso_at_a_constant_rate(name: str) -> None:
    runs = [segment(i, "l1", s, layers=(LAYER,), stop=1) for i, s in enumerate(STRENGTHS)]
    found = descend(name, runs, gradient, shape=(1, P), n_steps=3000, **SETTINGS[name])
    for weight, strength in zip(found[:, 0].numpy(), STRENGTHS, strict=True):
        np.testing.assert_allclose(weight, lasso(strength), atol=1e-6)


def test_the_strengths_leave_some_weights_and_not_others() -> None:
    assert [int((lasso(strength) != 0).sum()) for strength in STRENGTHS] == [6, 4]
