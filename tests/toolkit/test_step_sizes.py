"""Step sizes of torch's optimizers, against the steps that they make."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch.optim import Optimizer

from sweep.errors import StudyError
from sweep.toolkit._step_sizes import group_of, has_metric, plain_optimizer, step_size
from tests.toolkit.loops import Lion, wide_defaults

LR = 0.1
EXACT: dict[str, Callable[..., Optimizer]] = {
    "sgd": lambda p: torch.optim.SGD(p, lr=LR),
    "adam": lambda p: torch.optim.Adam(p, lr=LR),
    "amsgrad": lambda p: torch.optim.AdamW(p, lr=LR, weight_decay=0.0, amsgrad=True),
    "radam": lambda p: torch.optim.RAdam(p, lr=LR, betas=(0.9, 0.9)),
    "rmsprop": lambda p: torch.optim.RMSprop(p, lr=LR),
    "centered": lambda p: torch.optim.RMSprop(p, lr=LR, centered=True, eps=1e-3),
    "adagrad": lambda p: torch.optim.Adagrad(p, lr=LR, lr_decay=0.1),
    "adamax": lambda p: torch.optim.Adamax(p, lr=LR),
}


@pytest.mark.parametrize("name", EXACT)
def test_a_constant_gradient_moves_weights_by_its_multiple(name: str) -> None:
    gradient = torch.tensor([0.3, -2.0, 1e-3], dtype=torch.float64)
    weight = torch.nn.Parameter(torch.zeros(3, dtype=torch.float64))
    with wide_defaults():
        optimizer = EXACT[name]([weight])
        for _ in range(12):
            before, weight.grad = weight.detach().clone(), gradient.clone()
            optimizer.step()
            size = step_size(optimizer, optimizer.param_groups[0], weight)
            moved = before - weight.detach()
            torch.testing.assert_close(moved, gradient * size, rtol=1e-9, atol=1e-12)


def test_momentum_adds_up_to_its_size() -> None:
    for make in (
        lambda p: torch.optim.SGD(p, lr=LR, momentum=0.9, dampening=0.5),
        lambda p: torch.optim.SGD(p, lr=LR, momentum=0.9, nesterov=True),
        lambda p: torch.optim.RMSprop(p, lr=LR, momentum=0.9, alpha=0.9),
        lambda p: torch.optim.NAdam(p, lr=LR),
    ):
        weight = torch.nn.Parameter(torch.zeros(1, dtype=torch.float64))
        optimizer = make([weight])
        for _ in range(300):
            before, weight.grad = weight.detach().clone(), torch.full_like(weight, 2.0)
            optimizer.step()
        size = step_size(optimizer, optimizer.param_groups[0], weight)
        assert float(before - weight.detach()) == pytest.approx(2.0 * float(size), rel=1e-6)


class Slow(torch.optim.SGD):
    """Steps of its own, of which nothing is known."""

    def step(self, closure: None = None) -> None:  # type: ignore[override]
        super().step()


class Named(torch.optim.SGD):
    """SGD's own step."""


def test_only_known_steps_have_a_metric() -> None:
    def one() -> list[torch.nn.Parameter]:
        return [torch.nn.Parameter(torch.zeros(2, 2))]

    assert has_metric(Named(one(), lr=LR))
    for other in (Slow, torch.optim.Rprop, torch.optim.Adadelta, torch.optim.LBFGS, Lion):
        assert not has_metric(other(one(), lr=LR))


def test_what_is_no_optimizer_and_what_maximizes_is_refused() -> None:
    with pytest.raises(StudyError, match="an optimizer of torch must be given, found Linear"):
        plain_optimizer(torch.nn.Linear(1, 1))
    upwards = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=LR, maximize=True)
    with pytest.raises(StudyError, match="found maximize=True; negate the loss"):
        group_of(upwards)
