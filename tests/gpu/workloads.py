"""The workloads of the bench: networks on rows, as studies and as plain modules."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

import sweep
from sweep.launchers.context import TrainingContext
from sweep.networks.stacked import saved_bytes
from sweep.records.trial import Phase, Run, Trial
from sweep.training.jobs import Segment
from tests.gpu.networks import Sequences

EPOCHS, BATCH, LR, DECAY = 20, 64, 2e-3, 0.1
SEEDS = 8
"""Different seeds among the runs of a population: they share one split."""
PASSES = 10
"""Over the weights in a step: read forward and backward, their gradient written; the optimizer
reads weight, gradient and two moments and writes three of them."""


def generated(n_inputs: int) -> tuple[np.ndarray, np.ndarray]:
    """5000 rows of ten classes, 4000 of them to train on."""
    rng = np.random.default_rng(0)
    y = rng.integers(0, 10, 5000)
    centres = rng.normal(size=(10, n_inputs))
    x = 0.3 * centres[y] + rng.normal(size=(5000, n_inputs))
    return x.astype(np.float32), y


def transformer(n_inputs: int, n_outputs: int) -> nn.Module:
    """An encoder layer of width 32 with two heads over sequences of 16."""
    return Sequences(16, n_inputs // 16, 32, 2, n_outputs)


@dataclass(frozen=True)
class Workload:
    """One network on one data set, trained for EPOCHS epochs of batches of BATCH rows."""

    key: str
    title: str
    data: Callable[[], Any]
    model: Mapping[str, Any]

    def study(self) -> sweep.Study:
        return sweep.Study(
            study={"name": f"bench-{self.key}"},
            data=self.data(),
            model=dict(self.model),
            training={"optimizer": "adamw", "lr": LR, "epochs": EPOCHS, "batch_size": BATCH},
            search={"penalties": ["decay"], "trials": 64, "round": 64, "pruner": "none"},
        )

    def shop(self, device: torch.device) -> TrainingContext:
        return TrainingContext(self.study(), str(device))


MNIST1D = {"name": "mnist1d", "design": "fresh", "args": {"num_samples": 5000}}
CNN = {"name": "cnn", "channels": [16, 32], "batch_norm": True}
WORKLOADS = (
    Workload(
        "digits",
        "digits, MLP 64-64-64-10",
        lambda: {"name": "digits"},
        {"name": "mlp", "hidden": [64, 64]},
    ),
    Workload(
        "mnist1d",
        "MNIST-1D, MLP 40-100-100-10",
        lambda: dict(MNIST1D),
        {"name": "mlp", "hidden": [100, 100]},
    ),
    Workload(
        "mnist5k",
        "4000 generated rows, MLP 784-128-128-10",
        lambda: generated(784),
        {"name": "mlp", "hidden": [128, 128]},
    ),
    Workload("cnn", "digits, two-layer CNN with batch norm", lambda: {"name": "digits"}, CNN),
    Workload(
        "transformer",
        "4000 generated sequences of 16, encoder layer of width 32",
        lambda: generated(16 * 8),
        {"name": "tests.gpu.workloads:transformer"},
    ),
)


def segments(shop: TrainingContext, n: int) -> deque[Segment]:
    """``n`` runs over a range of decays and a few seeds."""
    draw, waiting = shop.draws[Phase.EXPLORE][0], deque[Segment]()
    for i, strength in enumerate(np.geomspace(1e-3, 10.0, n).tolist()):
        strengths = dict.fromkeys(shop.layers, strength)
        trial = Trial(i, Phase.EXPLORE, 0, "decay", strength, strengths, {})
        own = replace(draw, seed=draw.seed + i % SEEDS)
        waiting.append(Segment(Run(i, 0, own), trial, shop.plan.epochs))
    return waiting


@dataclass(frozen=True)
class Work:
    """What one step of one run must do at least."""

    n_parameters: int
    bytes: float
    flops: float


def work_of(shop: TrainingContext) -> Work:
    """Bytes: PASSES over the weights, and what the forward keeps, written and read once."""
    model, split = shop.build(0).to(shop.device), shop.first_split
    x = split.x_train[: shop.plan.batch_size].to(shop.device)
    n = sum(math.prod(p.shape) for p in model.parameters())
    kept = max(0, saved_bytes(model, x) - 4 * n)
    with FlopCounterMode(display=False) as counter:
        model(x).sum().backward()
    return Work(n, 4.0 * n * PASSES + 2.0 * kept, float(counter.get_total_flops()))
