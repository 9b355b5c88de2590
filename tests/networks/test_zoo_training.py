"""Every network of the zoo over twenty steps of real training against a loop of plain PyTorch.

SGD with momentum and AdamW, each with decoupled decay, l2 and l1, stacked
with other runs and alone. The loop's own optimizers are ``torch.optim``'s; l1 is its textbook
proximal step.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from sweep.data.resampling import permutation
from sweep.launchers.context import TrainingContext
from sweep.networks.alone import SeparateModules
from sweep.networks.counter_rng import CounterRNG, Keys, Noise, step_keys
from sweep.records.trial import Draw, Phase, Run, Trial
from sweep.training.jobs import Segment
from sweep.training.parity import ROUNDED_STEP
from tests.networks.test_parity import context_of
from tests.networks.zoo import LOOKED_UP, NETWORKS
from tests.support.long_cases import long_but
from tests.support.training import optimizer_plan

EPOCHS, STEPS, BATCH = 2, 10, 3
"""Epochs, steps of each and rows of a step."""
LR, MOMENTUM = 1e-2, 0.9
RUNS = {
    "sgd": (("decay", 2.0), ("l2", 0.3), ("l1", 0.02)),
    "adamw": (("l1", 0.02), ("l2", 0.3), ("decay", 2.0)),
}
"""Penalties and their strengths of the runs that train together; the last one trains alone, too."""
ROUNDING = 1e-12
"""Gradients below are 0 but for rounding, as of a bias before batch norm."""
NEAR_EPS = {"residual"}
"""Has a unit that is nearly dead, whose gradients are no larger than Adam's eps."""

STACKED = {
    "linear", "mlp", "prelu", "batch norm", "layer norm", "conv1d", "conv2d", "dropout",
    "attention", "vision transformer", "residual", "weight norm", "parametrized", "pruned",
    "batch norm of zero means", "low rank", "embedding", "language model",
    "gradient inside", "autocast", "shifted in place", "lstm", "gru", "rnn", "padded embedding",
    "functional padding", "mask with a short cut",
}  # fmt: skip
"""Some that must not fall back to training alone."""
QUICK = {
    "mlp", "batch norm", "conv2d", "dropout", "attention", "weight norm",
    "batch norm of zero means", "embedding", "gradient inside", "autocast", "shifted in place",
    "lstm", "padded embedding", "functional padding", "tied embedding", "mask with a short cut",
}  # fmt: skip
"""Those of `make test`, beside the ones that train alone: one for each way to compute a layer."""
ALONE = {
    "hook on a weight", "hook of a module", "hook after accumulation",
    "hook on a tensor", "checkpointing", "checkpointing with dropout", "blanked in place",
    "data-dependent", "parallel", "hook on a body loaded once",
}  # fmt: skip
"""Those that would be wrong, or impossible, stacked."""


@pytest.fixture(autouse=True)
def _wide() -> Iterator[None]:
    """Networks are made in float64, so that rounding is no matter."""
    torch.set_default_dtype(torch.float64)
    yield
    torch.set_default_dtype(torch.float32)


class PlainRun:
    """One run in the loop that everybody writes."""

    def __init__(self, context: TrainingContext, optimizer: str, segment: Segment) -> None:
        self.context, self.segment = context, segment
        self.model = context.build(segment.run.draw.seed)
        own = dict(self.model.named_parameters())
        self.penalized = [own[name] for name in context.layer_report.parameters.values()]
        chosen = {id(p) for p in self.penalized}
        others = [p for p in own.values() if p.requires_grad and id(p) not in chosen]
        groups = [{"params": self.penalized}, {"params": others, "weight_decay": 0.0}]
        self.parameters = own
        self.largest = dict.fromkeys(own, 0.0)
        """By parameter the largest number in any gradient."""
        self.optimizer = self._optimizer([g for g in groups if g["params"]], optimizer)

    def _optimizer(self, groups: list[dict[str, object]], name: str) -> torch.optim.Optimizer:
        penalty, strength = self.segment.trial.penalty, self.segment.trial.strength
        coupled = 2 * strength if penalty == "l2" else 0.0
        if name == "sgd":
            return torch.optim.SGD(groups, lr=LR, momentum=MOMENTUM, weight_decay=coupled)
        if penalty == "decay":
            return torch.optim.AdamW(groups, lr=LR, weight_decay=strength)
        return torch.optim.Adam(groups, lr=LR, weight_decay=coupled)

    def step(self, x: Tensor, y: Tensor, noise: AbstractContextManager[object]) -> None:
        penalty, strength = self.segment.trial.penalty, self.segment.trial.strength
        self.optimizer.zero_grad()
        with noise:
            output = self.model(x.clone())
        F.cross_entropy(output.double(), y).backward()
        for name, parameter in self.parameters.items():
            if parameter.grad is not None:
                self.largest[name] = max(self.largest[name], float(parameter.grad.abs().max()))
        with torch.no_grad():
            if penalty == "decay" and isinstance(self.optimizer, torch.optim.SGD):
                for parameter in self.penalized:
                    parameter.mul_(1 - LR * strength)
            self.optimizer.step()
            for parameter in self.penalized if penalty == "l1" else ():
                threshold = strength * self._step_size(parameter)
                parameter.copy_(parameter.sign() * (parameter.abs() - threshold).clamp(min=0))

    def _step_size(self, parameter: nn.Parameter) -> Tensor | float:
        if isinstance(self.optimizer, torch.optim.SGD):
            return LR / (1 - MOMENTUM)
        state = self.optimizer.state[parameter]
        square = state["exp_avg_sq"] / (1 - 0.999 ** float(state["step"]))
        return LR / (square.sqrt() + 1e-8)

    def train(self, noise: Noise) -> None:
        seed = self.segment.run.draw.seed
        _, rows = self.context.split_of(self.segment.run, False)
        orders = [permutation(seed, epoch, len(rows.x_train)) for epoch in range(EPOCHS)]
        self.model.train()
        for step in range(EPOCHS * STEPS):
            order, first = orders[step // STEPS], step % STEPS * BATCH
            chosen = torch.from_numpy(order[first : first + BATCH])
            keys = Keys(torch.from_numpy(step_keys([seed], np.array([step])))).of_run(0)
            drawn = CounterRNG(keys, False) if noise is Noise.HASHED else nullcontext()
            self.step(rows.x_train[chosen], rows.y_train[chosen], drawn)


def segments(context: TrainingContext, optimizer: str) -> list[Segment]:
    layers = context.layers
    return [
        Segment(
            Run(i, 0, Draw(0, 0, 0, 0, i)),
            Trial(i, Phase.PATH, 0, penalty, strength, dict.fromkeys(layers, strength), {}),
            EPOCHS,
            keep_weights=True,
        )
        for i, (penalty, strength) in enumerate(RUNS[optimizer])
    ]


def trained(
    context: TrainingContext, runs: list[Segment], batched: bool
) -> list[dict[str, Tensor]]:
    population = context.population(len(runs), batched)
    outcomes = [o for ended in population.train(deque(runs)) for o in ended]
    outcomes.sort(key=lambda outcome: outcome.segment.trial.number)
    return [dict(outcome.weights or {}) for outcome in outcomes]


def assert_same(found: dict[str, Tensor], run: PlainRun, near_eps: bool) -> None:
    """Equal to 1e-9, but for weights whose gradient is 0 up to rounding, which Adam magnifies: they
    are left out, and what reads them has a little slack.
    """
    adam = not isinstance(run.optimizer, torch.optim.SGD)
    drifts = adam and (near_eps or min(run.largest.values()) <= ROUNDING)
    slack = ROUNDED_STEP * LR * EPOCHS * STEPS if drifts else 0.0
    wanted = {key: tensor.detach() for key, tensor in run.model.state_dict().items()}
    assert found.keys() == wanted.keys()
    for key, tensor in wanted.items():
        if tensor.numel() and run.largest.get(key, 1.0) > ROUNDING:
            scale = max(1.0, float(tensor.double().abs().max()))
            off = float((found[key].double() - tensor.double()).abs().max())
            assert off <= 1e-9 * scale + slack, f"{key} is off by {off:.1g}"


@pytest.mark.parametrize("name", long_but([*NETWORKS, *LOOKED_UP], [*QUICK, *ALONE]))
@pytest.mark.filterwarnings("ignore:.*(spectral_norm|lazy):FutureWarning")
@pytest.mark.filterwarnings("ignore:Lazy modules:UserWarning")
def test_twenty_steps_are_those_of_plain_pytorch(name: str) -> None:
    context = context_of({**NETWORKS, **LOOKED_UP}[name], name in LOOKED_UP, "sgd", "float64")
    why = context.probe.why_alone
    assert (why == "") <= (name not in ALONE), why
    assert (name not in STACKED) or why == "", why
    assert isinstance(context.population(2, batched=True).stack, SeparateModules) == bool(why)
    assert context.parity, "it was compared"
    found = context.parity.items()
    assert all(one.worst < 1e-9 for how, one in found if how == "alone" or not why)
    if context.probe.noise is Noise.OWN:
        pytest.skip("its noise has no counter; test_parity compares it")
    numbers: dict[str, Any] = {"batch_size": BATCH, "steps_per_epoch": STEPS, "epochs": EPOCHS}
    for optimizer in RUNS:
        own = {"momentum": MOMENTUM} if optimizer == "sgd" else {}
        plan = replace(context.plan, optimizer=optimizer_plan(optimizer, lr=LR, **own))
        context.plan = replace(plan, **numbers)
        runs = segments(context, optimizer)
        wanted = [PlainRun(context, optimizer, run) for run in runs]
        for run in wanted:
            run.train(context.probe.noise)
        for found, run in zip(trained(context, runs, True), wanted, strict=True):
            assert_same(found, run, name in NEAR_EPS)
        if not why:
            (alone,) = trained(context, runs[-1:], False)
            assert_same(alone, wanted[-1], name in NEAR_EPS)
