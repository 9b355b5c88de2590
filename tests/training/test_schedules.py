"""Schedules against torch's own, step for step, and against what they must be."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable

import numpy as np
import pytest
import torch
from torch.optim import lr_scheduler

from sweep.errors import StudyError
from sweep.training.schedules import Schedule, factors, sum_of_factors

T = 120
Scheduler = Callable[[torch.optim.Optimizer], lr_scheduler.LRScheduler]


def rates(make: Scheduler, n_steps: int = T) -> list[float]:
    """The learning rates of torch's scheduler around an optimizer with lr = 1."""
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=1.0)
    scheduler, found = make(optimizer), []
    for _ in range(n_steps):
        found.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step()
    return found


def warmed(n_warm: int, after: Scheduler) -> Scheduler:
    def make(optimizer: torch.optim.Optimizer) -> lr_scheduler.LRScheduler:
        climb = lr_scheduler.LinearLR(optimizer, 1 / n_warm, total_iters=n_warm - 1)
        return lr_scheduler.SequentialLR(optimizer, [climb, after(optimizer)], [n_warm])

    return make


def wsd(optimizer: torch.optim.Optimizer) -> lr_scheduler.LRScheduler:
    """Stays for 80 of 120 steps and falls in 40."""
    stay = lr_scheduler.ConstantLR(optimizer, 1.0, total_iters=80)
    fall = lr_scheduler.LinearLR(optimizer, 1.0, 0.1, total_iters=40)
    return lr_scheduler.SequentialLR(optimizer, [stay, fall], [80])


@pytest.mark.parametrize(
    ("schedule", "torchs"),
    [
        (Schedule(), lambda o: lr_scheduler.ConstantLR(o, 1.0)),
        (
            Schedule("linear", final_lr=0.1),
            lambda o: lr_scheduler.LinearLR(o, 1.0, 0.1, total_iters=T),
        ),
        (Schedule("cosine"), lambda o: lr_scheduler.CosineAnnealingLR(o, T)),
        (
            Schedule("cosine", final_lr=0.05),
            lambda o: lr_scheduler.CosineAnnealingLR(o, T, eta_min=0.05),
        ),
        (
            Schedule("exponential", final_lr=0.02),
            lambda o: lr_scheduler.ExponentialLR(o, 0.02 ** (1 / T)),
        ),
        (
            Schedule("step", gamma=0.3, milestones=(0.25, 0.5, 0.75)),
            lambda o: lr_scheduler.MultiStepLR(o, [30, 60, 90], 0.3),
        ),
        (Schedule("wsd", final_lr=0.1, cooldown=1 / 3), wsd),
        (
            Schedule("one_cycle", warmup=0.3, final_lr=4e-6),
            lambda o: lr_scheduler.OneCycleLR(o, 1.0, total_steps=T + 1 - 1, cycle_momentum=False),
        ),
        (
            Schedule("one_cycle", warmup=0.25, final_lr=1e-3),
            lambda o: lr_scheduler.OneCycleLR(
                o, 1.0, total_steps=T, pct_start=0.25, final_div_factor=40, cycle_momentum=False
            ),
        ),
        (
            Schedule("cosine", warmup=0.1),
            warmed(12, lambda o: lr_scheduler.CosineAnnealingLR(o, T - 12)),
        ),
        (
            Schedule("linear", warmup=20),
            warmed(20, lambda o: lr_scheduler.LinearLR(o, 1.0, 0.0, total_iters=T - 20)),
        ),
        (Schedule("constant", warmup=7), warmed(7, lambda o: lr_scheduler.ConstantLR(o, 1.0))),
    ],
    ids=lambda value: value.name if isinstance(value, Schedule) else "",
)
def test_the_factors_are_torchs_step_for_step(schedule: Schedule, torchs: Scheduler) -> None:
    n_steps = T - 1 if schedule.name == "one_cycle" else T  # torch's refuses to go further
    np.testing.assert_allclose(factors(schedule, T)[:n_steps], rates(torchs, n_steps), atol=1e-12)


def test_the_last_part_of_a_run_is_the_one_that_falls_after_a_warmup_too() -> None:
    found = factors(Schedule("wsd", warmup=0.1, cooldown=0.25), 200)
    assert found[:20].tolist() == pytest.approx([(k + 1) / 20 for k in range(20)])
    assert (found[20:150] == 1).all()
    assert found[150:].tolist() == pytest.approx([1 - k / 50 for k in range(50)])


def test_a_function_gets_the_share_of_the_run() -> None:
    asked: list[float] = []

    def factor(share: float) -> float:
        asked.append(share)
        return 1 - share**2

    found = factors(Schedule("mine", own=factor), 8)
    assert asked == [k / 8 for k in range(8)]
    assert found.tolist() == [1 - (k / 8) ** 2 for k in range(8)]


@pytest.mark.parametrize("name", ["constant", "linear", "cosine", "step", "wsd", "one_cycle"])
@pytest.mark.parametrize("n_steps", [1, 2, 3, 7])
@pytest.mark.parametrize("warmup", [0.0, 0.3, 1.0, 5.0])
def test_the_shortest_runs_have_factors_too(name: str, n_steps: int, warmup: float) -> None:
    found = factors(Schedule(name, warmup=warmup, milestones=(0.5,)), n_steps)
    assert len(found) == n_steps
    assert all(math.isfinite(value) and 0 <= value <= 1 for value in found)


def test_the_sum_of_the_factors_is_that_of_the_part_of_the_run() -> None:
    for schedule, wanted in ((Schedule(), 1000), (Schedule("cosine"), 500.5)):
        assert sum_of_factors(schedule, 1000) == pytest.approx(wanted, abs=1e-6)
    parts = [sum_of_factors(Schedule("cosine"), 1000, a, b) for a, b in ((0, 0.25), (0.25, 1))]
    assert sum(parts) == pytest.approx(500.5, abs=1e-6)
    assert sum_of_factors(Schedule(), 1000, 0.25, 0.5) == 250


def test_milestones_are_where_the_factor_falls() -> None:
    for warmup, first in ((0.0, 4), (0.25, 3)):  # the climb's last factor is 1 too
        schedule = Schedule("step", gamma=0.5, milestones=(0.5, 0.75), warmup=warmup)
        found = factors(schedule, 8).tolist()[4 - first :]
        assert [len(list(group)) for _, group in itertools.groupby(found)] == [first, 2, 2]


@pytest.mark.parametrize(
    ("factor", "words"),
    [
        (lambda share: 0.99 - share, "at least 0, found -"),
        (lambda share: 1 / (0.995 - share), "ZeroDivisionError"),
        (lambda share: float("inf"), "found inf"),
        (lambda share: True, "found True"),
    ],
)
def test_what_is_no_factor_is_one_line_at_any_step(
    factor: Callable[[float], float], words: str
) -> None:
    with pytest.raises(StudyError, match=r"training\.schedule: ") as caught:
        factors(Schedule("mine", own=factor), 1000)
    assert words in str(caught.value)


def test_a_function_gets_shares_of_the_whole_run_after_a_warmup_too() -> None:
    found = factors(Schedule("mine", warmup=0.25, own=lambda share: 1 - share), 8).tolist()
    assert found == pytest.approx([0.5, 1.0, 0.75, 0.625, 0.5, 0.375, 0.25, 0.125])
