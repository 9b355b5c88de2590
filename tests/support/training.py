"""Small populations for the tests: a split, a plan, segments, and the same run in a plain loop."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from sweep.data.resampling import permutation
from sweep.data.splits import Split
from sweep.metrics.class_losses import CrossEntropy
from sweep.networks.selection import Selection
from sweep.networks.stacked import StackedModule
from sweep.records.trial import Draw, Phase, Run, Trial
from sweep.study.catalogue import OPTIMIZERS
from sweep.training.jobs import OptimizerPlan, Segment, SegmentResult, TrainingPlan
from sweep.training.population import Population

Build = Callable[[int], nn.Module]
LossOf = Callable[[nn.Module, Tensor, Tensor, int, int], Tensor]


def split(seed: int = 0, n: int = 70, features: int = 6, classes: int = 3) -> Split:
    """A small classification problem with a linear truth and label noise."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n + 30, features))
    y = (x[:, :classes] + rng.normal(size=(n + 30, classes))).argmax(1)
    xs, ys = torch.tensor(x), torch.tensor(y)
    return Split(
        x_train=xs[:n],
        y_train=ys[:n],
        x_validation=xs[n:],
        y_validation=ys[n:],
        x_test=None,
        y_test=None,
        null={"loss": 1.1, "accuracy": 0.4},
        validation_ratio=30 / n,
    )


OPTIMIZER_SETTINGS = {
    "lr",
    "swept_numbers",
    "make",
    *(name for o in OPTIMIZERS.values() for name in o.settings),
}


def optimizer_plan(name: str, **changes: Any) -> OptimizerPlan:
    """An optimizer with its usual numbers and lr = 0.01, where nothing else is said."""
    usual = OPTIMIZERS[name]
    numbers = {"lr": 0.01, **usual.numbers}
    numbers |= {key: float(value) for key, value in changes.items() if key in numbers}
    others = {"nesterov": usual.nesterov}
    others |= {key: value for key, value in changes.items() if key not in numbers}
    return OptimizerPlan(name, numbers, **others)


def _taken(changes: dict[str, Any], names: Iterable[str]) -> dict[str, Any]:
    return {name: changes.pop(name) for name in names if name in changes}


def plan(
    optimizer: str = "adam", *, epochs: int = 4, batch: int = 16, **changes: Any
) -> TrainingPlan:
    settings = {
        "loss": CrossEntropy(),
        "optimizer": optimizer_plan(optimizer, **_taken(changes, OPTIMIZER_SETTINGS)),
        "epochs": epochs,
        "batch_size": batch,
        "steps_per_epoch": 70 // batch,
        "selection": Selection(),
        "device": torch.device("cpu"),
        "dtype": torch.float64,
        "output_row": (3,),
    }
    return TrainingPlan(**(settings | changes))


def mlp(seed: int, batch_norm: bool = False) -> nn.Module:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        layers: list[nn.Module] = [nn.Linear(6, 8)]
        layers += [nn.BatchNorm1d(8)] if batch_norm else []
        return nn.Sequential(*layers, nn.Tanh(), nn.Linear(8, 3)).double()


def segment(
    number: int,
    penalty: str,
    strength: float | Mapping[str, float],
    *,
    layers: Iterable[str],
    stop: int,
    seed: int = 0,
    **params: float,
) -> Segment:
    """One run of one trial; the source of its rows is its draw's ``split_seed``, here 0."""
    by_layer = strength if isinstance(strength, Mapping) else dict.fromkeys(layers, strength)
    shared = max(by_layer.values(), default=0.0)
    trial = Trial(number, Phase.PATH, 0, penalty, shared, by_layer, params)
    return Segment(Run(number, 0, Draw(0, 0, 0, 0, seed)), trial, stop, keep_weights=True)


def train(
    segments: Iterable[Segment],
    training_plan: TrainingPlan,
    *,
    width: int,
    build: Build = mlp,
    data: Split | None = None,
    stack: Callable[[nn.Module, torch.device], StackedModule] = StackedModule,
) -> dict[int, SegmentResult]:
    """Outcomes by trial number."""
    rows = data or split()
    population = Population(training_plan, width, build, lambda run, test: (0, rows), stack)
    outcomes = [o for batch in population.train(deque(segments)) for o in batch]
    return {outcome.segment.trial.number: outcome for outcome in outcomes}


def plain_loop(
    one: Segment,
    training_plan: TrainingPlan,
    optimizer: Callable[[list[Tensor], list[Tensor]], torch.optim.Optimizer],
    *,
    build: Build = mlp,
    data: Split | None = None,
    loss_of: LossOf | None = None,
    ends: Callable[[nn.Module, int], bool] = lambda model, epoch: False,
) -> dict[str, Tensor]:
    """The run in an ordinary PyTorch loop; ``optimizer`` gets weight matrices and the others.

    ``loss_of`` takes the model, x, y, the epoch and the step; ``ends`` is asked after every epoch.
    """
    rows, model = data or split(), build(one.run.draw.seed)
    matrices = [p for p in model.parameters() if p.ndim > 1]
    others = [p for p in model.parameters() if p.ndim <= 1]
    stepper = optimizer(matrices, others)
    batch, steps = training_plan.batch_size, training_plan.steps_per_epoch
    model.train()
    for epoch in range(one.stop):
        order = permutation(one.run.draw.seed, epoch, len(rows.x_train))
        for step in range(steps):
            chosen = torch.from_numpy(order[step * batch : (step + 1) * batch])
            stepper.zero_grad()
            x, target = rows.x_train[chosen], rows.y_train[chosen]
            if loss_of is not None:
                loss_of(model, x, target, epoch, step).backward()
            elif isinstance(training_plan.loss, CrossEntropy):
                F.cross_entropy(model(x), target).backward()
            else:
                F.mse_loss(model(x), target).backward()
            stepper.step()
        if ends(model, epoch + 1):
            break
    return {name: tensor.detach() for name, tensor in model.state_dict().items()}


def solutions_in_noise(
    x: np.ndarray,
    y: np.ndarray,
    training_plan: TrainingPlan,
    *,
    build: Build,
    stack: Callable[[nn.Module, torch.device], StackedModule],
    weight: str,
) -> tuple[np.ndarray, np.ndarray]:
    """Where 24 seeds of a linear regression with noise of its own end: mean weights, their errors.

    Every row is there 20 times, with noise of its own each time, in one batch.
    """
    many = torch.tensor(np.tile(x, (20, 1))), torch.tensor(np.tile(y, 20))[:, None]
    rows, seeds = Split(*many, *many, None, None, {"loss": 1.0}, 1.0), 24
    stop = training_plan.epochs
    noisy = [segment(i, "none", 0, layers=(), stop=stop, seed=i) for i in range(seeds)]
    found = train(noisy, training_plan, width=seeds, build=build, data=rows, stack=stack)
    weights = np.array([o.weights[weight][0].numpy() for o in found.values() if o.weights])
    return weights.mean(0), weights.std(0, ddof=1) / np.sqrt(seeds)
