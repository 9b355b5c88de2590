"""A run with everything that people put into their loops, against that loop in plain PyTorch."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from sweep.data.resampling import permutation
from sweep.networks.alone import SeparateModules
from sweep.networks.stacked import StackedModule
from sweep.training.jobs import Segment, TrainingPlan
from sweep.training.schedules import Schedule
from tests.support.training import mlp, plain_loop, plan, segment, split, train

EPOCHS = 6
LAYERS = ("0", "2")
DECAYS = {"0": 0.05, "2": 0.3}
COSINE = Schedule("cosine", warmup=0.2)


def loop(
    one: Segment, training: TrainingPlan, own: Mapping[str, float], seed: int
) -> Mapping[str, Tensor]:
    """AdamW with groups, a scheduler, clipping, batches that are gathered, and an average."""
    data, model = split(), mlp(seed)
    factors = {"0.weight": own.get("factor", 1.0), "0.bias": own.get("factor", 1.0)}
    groups = [
        {
            "params": [p],
            "lr": own["lr"] * factors.get(name, 1.0),
            "weight_decay": DECAYS[name[0]] if p.ndim > 1 else 0.0,
        }
        for name, p in model.named_parameters()
    ]
    optimizer = torch.optim.AdamW(groups)
    n_steps = training.epochs * training.steps_per_epoch
    warm = round(own.get("warmup", 0.2) * n_steps)

    def factor(step: int) -> float:
        if step < warm:
            return (step + 1) / warm
        return (1 + math.cos(math.pi * (step - warm) / (n_steps - warm))) / 2

    scheduler = torch.optim.lr_scheduler.LambdaLR(optimizer, factor)
    average = AveragedModel(model, multi_avg_fn=get_ema_multi_avg_fn(own.get("ema", 0.0)))
    size, n = training.batch_size, training.accumulate
    for epoch in range(one.stop):
        order = torch.from_numpy(permutation(seed, epoch, len(data.x_train)))
        for step in range(training.steps_per_epoch):
            optimizer.zero_grad()
            for part in range(n):
                rows = order[(step * n + part) * size : (step * n + part + 1) * size]
                (F.cross_entropy(model(data.x_train[rows]), data.y_train[rows]) / n).backward()
            if own.get("clip_norm"):
                nn.utils.clip_grad_norm_(model.parameters(), own["clip_norm"])
            if own.get("clip_value"):
                nn.utils.clip_grad_value_(model.parameters(), own["clip_value"])
            optimizer.step()
            scheduler.step()
            average.update_parameters(model)
    return {name: p.detach() for name, p in average.module.named_parameters()}


def runs_of(numbers: list[dict[str, float]], stop: int = EPOCHS) -> list[Segment]:
    return [
        segment(i, "decay", DECAYS, layers=LAYERS, stop=stop, seed=i, **own)
        for i, own in enumerate(numbers)
    ]


@pytest.mark.parametrize("stack", [StackedModule, SeparateModules])
@pytest.mark.parametrize(
    ("changes", "swept", "numbers"),
    [
        ({}, (), [{"lr": 0.02}, {"lr": 0.05}]),
        ({}, ("warmup",), [{"lr": 0.02, "warmup": 0.1}, {"lr": 0.05, "warmup": 0.5}]),
        ({"clip_norm": 0.1}, (), [{"lr": 0.02, "clip_norm": 0.1}]),
        (
            {},
            ("clip_norm",),
            [{"lr": 0.02, "clip_norm": 0.05}, {"lr": 0.02}, {"lr": 0.05, "clip_norm": 1.0}],
        ),
        ({}, ("clip_value",), [{"lr": 0.02, "clip_value": 0.01}, {"lr": 0.02}]),
        ({}, ("ema",), [{"lr": 0.02, "ema": 0.8}, {"lr": 0.02}, {"lr": 0.05, "ema": 0.99}]),
        ({"accumulate": 2, "steps_per_epoch": 2}, (), [{"lr": 0.02}, {"lr": 0.05}]),
        ({"lr_of": {"0*": 0.1}}, (), [{"lr": 0.02, "factor": 0.1}, {"lr": 0.05, "factor": 0.1}]),
        (
            {"lr_of": {"0*": 0.3}, "ema": 0.9, "clip_norm": 0.2, "accumulate": 4},
            (),
            [{"lr": 0.03, "factor": 0.3, "ema": 0.9, "clip_norm": 0.2}],
        ),
    ],
)
def test_a_run_is_the_plain_loops(
    changes: dict[str, Any], swept: tuple[str, ...], numbers: list[dict[str, float]], stack: Any
) -> None:
    steps = {"steps_per_epoch": 1} if changes.get("accumulate") == 4 else {}
    usual = {"epochs": EPOCHS, "schedule": COSINE, "swept": frozenset(swept)}
    training = plan("adamw", **{**usual, **steps, **changes})
    runs = runs_of([{k: v for k, v in own.items() if k != "factor"} for own in numbers])
    found = train(runs, training, width=len(runs), stack=stack)
    for i, (one, own) in enumerate(zip(runs, numbers, strict=True)):
        weights = found[i].weights
        assert weights is not None
        for name, wanted in loop(one, training, own, i).items():
            torch.testing.assert_close(weights[name], wanted, atol=1e-9, rtol=0)


def test_a_parked_run_keeps_its_place_in_schedule_and_average() -> None:
    numbers = [{"lr": 0.02, "ema": 0.8}, {"lr": 0.05, "ema": 0.5}]
    training = plan("adamw", epochs=EPOCHS, schedule=COSINE, swept=frozenset({"ema"}))
    whole = train(runs_of(numbers), training, width=2)
    parked = train(runs_of(numbers, stop=2), training, width=2)
    rest = [
        Segment(o.segment.run, o.segment.trial, EPOCHS, o.checkpoint, keep_weights=True)
        for o in reversed(parked.values())
    ]
    for number, outcome in train(rest, training, width=1).items():
        mine, theirs = outcome.weights, whole[number].weights
        assert mine is not None
        assert theirs is not None
        for name, weight in mine.items():
            torch.testing.assert_close(weight, theirs[name], atol=1e-12, rtol=0)


@pytest.mark.parametrize("name", ["adamw", "muon", "sgd"])
def test_runs_that_come_and_go_keep_their_own_rates(name: str) -> None:
    training = plan(name, epochs=EPOCHS, schedule=COSINE)
    stops = (2, 6, 1, 4, 3, 6, 5)
    runs = [
        segment(i, "decay", DECAYS, layers=LAYERS, stop=stop, seed=i, lr=0.01 * (1 + i % 3))
        for i, stop in enumerate(stops)
    ]
    together = train(runs, training, width=3)
    for one in runs:
        alone = train([one], training, width=1)[one.trial.number].weights
        found = together[one.trial.number].weights
        assert alone is not None
        assert found is not None
        for key, weight in alone.items():
            torch.testing.assert_close(found[key], weight, atol=1e-9, rtol=0)


def test_losses_are_those_of_the_averaged_weights() -> None:
    training = plan("adamw", epochs=EPOCHS, ema=0.9)
    outcome = train(runs_of([{"lr": 0.05}]), training, width=1)[0]
    model, data = mlp(0), split()
    assert outcome.weights is not None
    model.load_state_dict(outcome.weights)
    wanted = float(F.cross_entropy(model(data.x_validation), data.y_validation).detach())
    assert outcome.result.metrics["val_loss"] == pytest.approx(wanted, abs=1e-9)


def own_adamw(groups: list[dict[str, Any]], lr: float) -> torch.optim.Optimizer:
    return torch.optim.AdamW(groups, lr=lr, weight_decay=0.0)


@pytest.mark.parametrize("steps", [1, 4])
@pytest.mark.parametrize("schedule", [Schedule(), COSINE])
def test_an_optimizer_of_ones_own_trains_as_the_stacked_one(schedule: Schedule, steps: int) -> None:
    runs = runs_of([{"lr": 0.02}, {"lr": 0.05}])
    changes: dict[str, Any] = {"epochs": EPOCHS, "schedule": schedule, "lr_of": {"0*": 0.5}}
    changes["steps_per_epoch"] = steps
    mine = plan("adamw", **changes, make=own_adamw)
    theirs = train(runs, plan("adamw", **changes), width=2)
    parked = train(runs_of([{"lr": 0.02}, {"lr": 0.05}], stop=3), mine, width=2)
    rest = [
        Segment(o.segment.run, o.segment.trial, EPOCHS, o.checkpoint, keep_weights=True)
        for o in parked.values()
    ]
    for number, outcome in train(rest, mine, width=1).items():
        found, wanted = outcome.weights, theirs[number].weights
        assert found is not None
        assert wanted is not None
        for name, weight in found.items():
            torch.testing.assert_close(weight, wanted[name], atol=1e-9, rtol=0)


def test_a_fixed_penalty_acts_beside_the_swept_one_and_without_it() -> None:
    training = plan("sgd", epochs=EPOCHS, fixed={"decay": 0.4})
    runs = [
        segment(0, "l2", 0.01, layers=LAYERS, stop=EPOCHS),
        segment(1, "none", 0.0, layers=LAYERS, stop=EPOCHS),
    ]
    found = train(runs, training, width=2)
    alone = train(
        [segment(1, "decay", 0.4, layers=LAYERS, stop=EPOCHS)], plan("sgd", epochs=EPOCHS), width=1
    )
    plain = train([runs[0]], plan("sgd", epochs=EPOCHS), width=1)
    for name, weight in (alone[1].weights or {}).items():
        assert torch.equal(weight, (found[1].weights or {})[name])
    assert not torch.equal(
        (plain[0].weights or {})["0.weight"], (found[0].weights or {})["0.weight"]
    )


def test_penalties_act_in_their_part_of_the_run_alone() -> None:
    """With l2 from the start to the middle: as l2 for half of a run, and none in the rest."""
    window = plan("sgd", epochs=EPOCHS, penalty_until=0.5)
    runs = [segment(0, "l2", 0.05, layers=LAYERS, stop=EPOCHS)]
    found = train(runs, window, width=1)[0].weights
    half = segment(0, "l2", 0.05, layers=LAYERS, stop=3)
    outcome = train([half], plan("sgd", epochs=EPOCHS), width=1)[0]
    assert outcome.checkpoint is not None
    states = {**outcome.checkpoint.states, "penalties": None}
    free = segment(0, "none", 0.0, layers=LAYERS, stop=EPOCHS)
    rest = Segment(
        free.run,
        free.trial,
        EPOCHS,
        type(outcome.checkpoint)(3, 0.0, outcome.checkpoint.curves, states),
        keep_weights=True,
    )
    wanted = train([rest], plan("sgd", epochs=EPOCHS), width=1)[0].weights
    assert wanted is not None
    assert found is not None
    for name, weight in wanted.items():
        assert torch.equal(weight, found[name])


def test_runs_have_windows_of_their_own_for_their_penalties() -> None:
    """l2 is in the loss of a plain loop from one share of the run to below another."""
    windows = ((0.5, 1.0), (0.25, 0.75), (0.0, 1.0))
    training = plan(
        "sgd", epochs=EPOCHS, momentum=0.9, swept=frozenset({"penalty_from", "penalty_until"})
    )
    runs = [
        segment(i, "l2", 0.1, layers=LAYERS, stop=EPOCHS, penalty_from=start, penalty_until=stop)
        for i, (start, stop) in enumerate(windows)
    ]
    found = train(runs, training, width=3)
    n_steps = EPOCHS * training.steps_per_epoch
    for one, (start, stop) in zip(runs, windows, strict=True):

        def loss(
            model: nn.Module,
            x: Tensor,
            y: Tensor,
            epoch: int,
            step: int,
            start: float = start,
            stop: float = stop,
        ) -> Tensor:
            done = (epoch * training.steps_per_epoch + step) / n_steps
            squares = sum(p.square().sum() for p in model.parameters() if p.ndim > 1)
            acts = 0.1 if start <= done < stop else 0.0
            return F.cross_entropy(model(x), y) + acts * squares

        wanted = plain_loop(
            one,
            training,
            lambda matrices, others: torch.optim.SGD([*matrices, *others], 0.01, momentum=0.9),
            loss_of=loss,
        )
        weights = found[one.trial.number].weights
        assert weights is not None
        for name, weight in wanted.items():
            torch.testing.assert_close(weights[name], weight, atol=1e-12, rtol=0)
