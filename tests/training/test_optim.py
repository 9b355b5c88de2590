"""Stacked optimizers against torch.optim, one run at a time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch

from sweep.regularizers.penalties import PENALTIES
from sweep.regularizers.penalty import Layer
from sweep.training._optim import OPTIMIZERS
from sweep.training._optimizer import StackedOptimizer
from tests.support.training import optimizer_plan, segment

CPU = torch.device("cpu")
LRS = (1e-3, 3e-3, 1e-2, 0.05)
STRENGTHS = (0.0, 1e-3, 0.1, 2.0)


def made(
    name: str,
    n_slots: int,
    n_parameters: int,
    dtype: torch.dtype = torch.float64,
    **numbers: Any,
) -> StackedOptimizer:
    plan = optimizer_plan(name, **numbers)
    return OPTIMIZERS[name](plan, n_slots, n_parameters, CPU, dtype)


def quadratic(seed: int) -> Callable[[torch.Tensor], torch.Tensor]:
    """An ill-conditioned bowl with a cubic term, so that gradients keep changing."""
    generator = torch.Generator().manual_seed(seed)
    matrix = torch.randn(6, 6, generator=generator, dtype=torch.float64)
    bowl = matrix @ matrix.T / 6 + torch.eye(6, dtype=torch.float64)

    def gradient(w: torch.Tensor) -> torch.Tensor:
        return bowl @ w + 0.1 * w**2 - 1

    return gradient


def stacked(name: str, penalty: str, n_steps: int) -> torch.Tensor:
    n = len(LRS)
    optimizer: StackedOptimizer = made(
        name, n, 6, swept_numbers=frozenset({"momentum"} if name == "sgd" else ())
    )
    for run, lr in enumerate(LRS):
        optimizer.set_number("lr", run, lr)
        if name == "sgd":
            optimizer.set_number("momentum", run, (0.0, 0.5, 0.9, 0.0)[run])
    theta = torch.linspace(-1, 1, 6, dtype=torch.float64).repeat(n, 1)
    strength = torch.tensor(STRENGTHS, dtype=torch.float64)
    gradients = [quadratic(run) for run in range(n)]
    for _ in range(n_steps):
        grad = torch.stack([gradients[run](theta[run]) for run in range(n)])
        PENALTIES[penalty].add_gradient(Layer(theta, strength), grad)
        PENALTIES[penalty].shrink(Layer(theta, strength), optimizer.lr[:, 0])
        optimizer.update(theta, grad)
    return theta


def alone(name: str, penalty: str, run: int, n_steps: int) -> torch.Tensor:
    w = torch.linspace(-1, 1, 6, dtype=torch.float64).requires_grad_()
    decay = 2 * STRENGTHS[run] if penalty == "l2" else STRENGTHS[run]
    if name == "sgd":
        momentum = (0.0, 0.5, 0.9, 0.0)[run]
        optimizer: torch.optim.Optimizer = torch.optim.SGD(
            [w], lr=LRS[run], momentum=momentum, weight_decay=decay
        )
    elif name == "adam":
        optimizer = torch.optim.Adam([w], lr=LRS[run], weight_decay=decay)
    else:
        optimizer = torch.optim.AdamW([w], lr=LRS[run], weight_decay=decay)
    gradient = quadratic(run)
    for _ in range(n_steps):
        w.grad = gradient(w.detach())
        optimizer.step()
    return w.detach()


@pytest.mark.parametrize("fused_from", [0, 100])
@pytest.mark.parametrize(("name", "penalty"), [("sgd", "l2"), ("adam", "l2"), ("adamw", "decay")])
def test_stacked_optimizers_match_torch_one_run_at_a_time(
    name: str, penalty: str, fused_from: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sweep.training._adam.FUSED_FROM", fused_from)
    together = stacked(name, penalty, 300)
    for run in range(len(LRS)):
        torch.testing.assert_close(together[run], alone(name, penalty, run, 300), atol=1e-9, rtol=0)


def test_coupled_and_decoupled_decay_differ_under_adam() -> None:
    """So the parity above is no accident of a strength too small to matter."""
    assert (stacked("adam", "l2", 50) - stacked("adamw", "decay", 50)).abs().max() > 1e-2


def test_a_reset_slot_starts_as_if_new() -> None:
    used = made("adam", 2, 3)
    theta = torch.ones(2, 3, dtype=torch.float64)
    for _ in range(5):
        used.update(theta, torch.full((2, 3), 0.3, dtype=torch.float64))
    used.reset(1)
    theta[1] = 1.0
    used.update(theta, torch.full((2, 3), 0.7, dtype=torch.float64))
    fresh = made("adam", 1, 3)
    alone = torch.ones(1, 3, dtype=torch.float64)
    fresh.update(alone, torch.full((1, 3), 0.7, dtype=torch.float64))
    assert torch.equal(theta[1], alone[0])


def test_a_run_keeps_its_learning_rate_when_its_slot_moves(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sweep.training._adam.FUSED_FROM", 0)
    optimizer = made("adam", 3, 4)
    theta = torch.ones(3, 4, dtype=torch.float64)
    for slot, lr in enumerate((0.1, 0.2, 0.3)):
        optimizer.set_number("lr", slot, lr)
    optimizer.update(theta, torch.ones_like(theta))
    assert theta[:, 0].tolist() == pytest.approx([0.9, 0.8, 0.7])
    optimizer.move(2, 0)
    theta[0] = theta[2]
    optimizer.update(theta[:2], torch.ones(2, 4, dtype=torch.float64))
    assert theta[:2, 0].tolist() == pytest.approx([0.4, 0.6])


@pytest.mark.parametrize("name", ["sgd", "adam"])
def test_blocks_of_rows_change_nothing(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = stacked(name, "l2", 20)
    monkeypatch.setattr("sweep.training._optimizer.BLOCK_ELEMENTS", 6)
    assert torch.equal(stacked(name, "l2", 20), whole)


def test_a_checkpoint_goes_on_bit_for_bit() -> None:
    there = made("adam", 1, 3, dtype=torch.float32)
    theta = torch.ones(1, 3)
    grads = torch.randn(8, 1, 3, generator=torch.Generator().manual_seed(0))
    for grad in grads[:4]:
        there.update(theta, grad.clone())
    here = made("adam", 3, 3, dtype=torch.float32)
    one = segment(0, "none", 0, layers=(), stop=8)
    here.admit(2, one, there.checkpoint(0))
    moved = torch.zeros(3, 3)
    moved[2] = theta[0]
    for grad in grads[4:]:
        there.update(theta, grad.clone())
        here.update(moved, grad.expand(3, 3).clone())
    assert torch.equal(moved[2], theta[0])
