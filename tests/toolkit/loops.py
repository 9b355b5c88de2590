"""A run of a population again, in a loop as everybody writes it with the toolkit."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from sweep.data.resampling import permutation
from sweep.data.splits import Split
from sweep.toolkit.regularizer import Regularizer
from sweep.training.jobs import TrainingPlan
from sweep.training.schedules import factors

Make = Callable[..., torch.optim.Optimizer]


class Lion(torch.optim.Optimizer):
    """Chen et al. 2023, algorithm 2, which torch does not have."""

    def __init__(self, params: Any, lr: float = 1e-3, betas: tuple[float, float] = (0.9, 0.99)):
        super().__init__(params, {"lr": lr, "betas": betas, "weight_decay": 0.0})

    @torch.no_grad()
    def step(self, closure: None = None) -> None:  # type: ignore[override]
        for group in self.param_groups:
            beta1, beta2 = group["betas"]
            for p in group["params"]:
                mean = self.state[p].setdefault("mean", torch.zeros_like(p))
                p.sub_(group["lr"] * torch.sign(beta1 * mean + (1 - beta1) * p.grad))
                mean.mul_(beta2).add_(p.grad, alpha=1 - beta2)


@contextmanager
def wide_defaults() -> Iterator[None]:
    """In float64, in which torch's NAdam keeps the product of its momentums then."""
    before = torch.get_default_dtype()
    torch.set_default_dtype(torch.float64)
    try:
        yield
    finally:
        torch.set_default_dtype(before)


def batches(plan: TrainingPlan, rows: Split, epochs: int, seed: int = 0) -> Iterator[Any]:
    """The batches (x, y) of a run of this seed, and the factor of its learning rate."""
    n_steps = plan.steps_per_epoch
    rates = factors(plan.schedule, epochs * n_steps)
    for epoch in range(epochs):
        order = permutation(seed, epoch, len(rows.x_train))
        for step in range(n_steps):
            chosen = torch.from_numpy(order[step * plan.batch_size : (step + 1) * plan.batch_size])
            factor = float(rates[epoch * n_steps + step])
            yield rows.x_train[chosen], rows.y_train[chosen], factor


def train_here(
    model: nn.Module,
    reg: Regularizer,
    optimizer: torch.optim.Optimizer,
    steps: Any,
    *,
    by_gradients: bool = False,
    clip_norm: float = 0.0,
) -> dict[str, Tensor]:
    """The weights after these steps."""
    base = [group["lr"] for group in optimizer.param_groups]
    for x, y, factor in steps:
        for group, lr in zip(optimizer.param_groups, base, strict=True):
            group["lr"] = lr * factor
        loss = F.cross_entropy(model(x), y)
        optimizer.zero_grad()
        (loss if by_gradients else loss + reg.loss()).backward()
        if by_gradients:
            reg.add_gradients(optimizer)
        if clip_norm:
            torch.nn.utils.clip_grad_norm_(model.parameters(), clip_norm)
        optimizer.step()
        reg.step(optimizer)
        for group, lr in zip(optimizer.param_groups, base, strict=True):
            group["lr"] = lr
    return {name: tensor.detach() for name, tensor in model.state_dict().items()}
