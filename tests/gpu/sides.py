"""The other sides of the bench: one lean loop on the device, and one model as a CUDA graph."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from sweep.launchers.context import TrainingContext
from tests.gpu.machine import wait_for
from tests.gpu.workloads import BATCH, DECAY, EPOCHS, LR

Epoch = Callable[[], None]


@dataclass
class Rows:
    """The rows of a workload on one device."""

    x: Tensor
    y: Tensor
    x_validation: Tensor
    y_validation: Tensor

    def to(self, device: torch.device | str) -> Rows:
        return Rows(*(tensor.to(device) for tensor in vars(self).values()))


def rows_of(shop: TrainingContext) -> Rows:
    split = shop.first_split
    rows = Rows(split.x_train, split.y_train, split.x_validation, split.y_validation)
    return rows.to(shop.device)


def adamw(model: nn.Module, **how: bool) -> torch.optim.AdamW:
    """AdamW that decays weights and no biases or norms."""
    matrices = [p for p in model.parameters() if p.ndim > 1]
    others = [p for p in model.parameters() if p.ndim <= 1]
    groups = [{"params": matrices, "weight_decay": DECAY}, {"params": others, "weight_decay": 0.0}]
    return torch.optim.AdamW(groups, lr=LR, **how)


def eager_epoch(model: nn.Module, rows: Rows, **how: bool) -> Epoch:
    """One epoch of an ordinary loop that wastes nothing, with one evaluation at its end."""
    stepper, n = adamw(model, **how), len(rows.x)

    def epoch() -> None:
        model.train()
        order = torch.randperm(n, device=rows.x.device)
        for chosen in order[: n // BATCH * BATCH].view(-1, BATCH):
            stepper.zero_grad(set_to_none=True)
            F.cross_entropy(model(rows.x[chosen]), rows.y[chosen]).backward()
            stepper.step()
        model.eval()
        with torch.no_grad():
            float(F.cross_entropy(model(rows.x_validation), rows.y_validation))

    return epoch


def graph_epoch(model: nn.Module, rows: Rows) -> Epoch:
    """The same, all steps of an epoch and the evaluation each captured as a CUDA graph."""
    stepper, n = adamw(model, fused=True, capturable=True), len(rows.x)
    order = torch.zeros((n // BATCH, BATCH), dtype=torch.int64, device=rows.x.device)

    def steps() -> None:
        for chosen in order.unbind():
            stepper.zero_grad(set_to_none=True)
            x, y = rows.x.index_select(0, chosen), rows.y.index_select(0, chosen)
            F.cross_entropy(model(x), y).backward()
            stepper.step()

    def evaluate() -> Tensor:
        with torch.no_grad():
            return F.cross_entropy(model(rows.x_validation), rows.y_validation)

    model.train()
    training, _ = captured(steps)
    model.eval()
    evaluation, loss = captured(evaluate)

    def epoch() -> None:
        drawn = torch.randperm(n, device=rows.x.device)
        order.copy_(drawn[: order.numel()].view_as(order))
        training.replay()
        evaluation.replay()
        loss.item()

    return epoch


def captured(work: Callable[[], Tensor | None]) -> tuple[torch.cuda.CUDAGraph, Tensor]:
    """A graph of this work, captured after two times to warm up, and what the work gives."""
    stream = torch.cuda.Stream()
    stream.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(stream):
        for _ in range(2):
            work()
    torch.cuda.current_stream().wait_stream(stream)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        given = work()
    return graph, torch.empty(0) if given is None else given


def epoch_seconds(epoch: Epoch, device: torch.device, budget: float) -> float:
    """The median of at least three epochs after one, more while the seconds last."""
    epoch()
    measured: list[float] = []
    begun = time.perf_counter()
    while len(measured) < 3 or (time.perf_counter() - begun < budget and len(measured) < 20):
        wait_for(device)
        start = time.perf_counter()
        epoch()
        wait_for(device)
        measured.append(time.perf_counter() - start)
    return statistics.median(measured)


def eager_rate(shop: TrainingContext, rows: Rows, budget: float) -> tuple[float, str]:
    """Runs each second of the faster eager loop, and its kind."""
    rates = {}
    for kind in ("fused", "foreach"):
        epoch = eager_epoch(shop.build(0).to(shop.device), rows, **{kind: True})
        rates[kind] = 1 / (EPOCHS * epoch_seconds(epoch, shop.device, budget / 2))
    best = max(rates, key=lambda kind: rates[kind])
    return rates[best], best


def graph_rate(shop: TrainingContext, rows: Rows, budget: float) -> float:
    """Runs each second of one model as CUDA graphs."""
    epoch = graph_epoch(shop.build(0).to(shop.device), rows)
    return 1 / (EPOCHS * epoch_seconds(epoch, shop.device, budget))
