"""Runs on transformed rows: as in a plain loop, at any width, after a checkpoint."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from sweep.networks.alone import SeparateModules
from sweep.networks.counter_rng import TRANSFORMS, step_keys
from sweep.networks.mlp import FusedMLP
from sweep.networks.stacked import StackedModule
from sweep.training._row_transforms import RowTransforms
from sweep.training.jobs import Segment, SegmentResult, TrainingPlan, TransformPlan
from sweep.training.own_transform import TransformKey
from tests.support.training import LossOf, mlp, plain_loop, plan, segment, split, train

AMOUNTS = (0.0, 1.0, 2.0)
"""Of the shift, by run; its others are the plan's."""


def wobble(x: Tensor, key: TransformKey) -> Tensor:
    """Rows with noise where a coin says so, and one of them twice."""
    noisy = x + 0.1 * key.normal(*x.shape)
    there = torch.where(key.uniform(len(x), 1) < 0.5, noisy, x)
    return torch.cat([there[1:], there[key.integers(0, len(x), 1)]])


EVERYTHING = (
    TransformPlan("flip", 0.5),
    TransformPlan("vertical_flip", 0.5),
    TransformPlan("crop", 1.0, padding="reflect"),
    TransformPlan("rotate", 15.0),
    TransformPlan("brightness", 0.2),
    TransformPlan("contrast", 0.2),
    TransformPlan("shift", 1.0, padding="circular"),
    TransformPlan("time_mask", 1.0),
    TransformPlan("scale", 0.1),
    TransformPlan("wobble", function=wobble, batched=True),
    TransformPlan("noise", 0.1),
    TransformPlan("cutout", 1.0),
)


def training(**changes: object) -> TrainingPlan:
    own = {"augment": EVERYTHING, "row_shape": (1, 2, 3), "epochs": 3}
    return plan(**(own | changes))  # type: ignore[arg-type]


def runs(stop: int = 3) -> list[Segment]:
    return [
        segment(i, "none", 0, layers=(), stop=stop, seed=i, **{"lr": 0.01, "augment.shift": amount})
        for i, amount in enumerate(AMOUNTS)
    ]


def in_a_plain_loop(one: Segment, how: TrainingPlan, seen: list[float]) -> LossOf:
    """The loss of a step on rows that one run's transforms have changed; it goes into ``seen``."""
    transforms = RowTransforms(how, 1)
    transforms.admit(0, one)

    def loss_of(model: nn.Module, x: Tensor, y: Tensor, epoch: int, step: int) -> Tensor:
        counter = np.array([epoch * how.steps_per_epoch + step + TRANSFORMS])
        rows = x.clone()[None]
        transforms.change(rows, torch.from_numpy(step_keys([one.run.draw.seed], counter)))
        loss = F.cross_entropy(model(rows[0]), y)
        seen.append(float(loss.detach()))
        return loss

    return loss_of


@pytest.mark.parametrize("way", [StackedModule, SeparateModules, FusedMLP])
def test_every_way_trains_as_a_plain_loop_on_the_same_rows(way: type[StackedModule]) -> None:
    found, rows = train(runs(), training(), width=3, stack=way), split()
    for one in runs():
        seen: list[float] = []
        expected = plain_loop(
            one,
            training(),
            lambda matrices, others: torch.optim.Adam([*matrices, *others], lr=0.01),
            loss_of=in_a_plain_loop(one, training(), seen),
        )
        outcome = found[one.trial.number]
        assert outcome.weights is not None
        for key, tensor in expected.items():
            torch.testing.assert_close(outcome.weights[key], tensor, atol=1e-9, rtol=0)
        curves = {curve.metric: curve.values for curve in outcome.result.curves}
        by_epoch = np.reshape(seen, (3, -1)).mean(1)
        np.testing.assert_allclose(curves["batch_loss"], by_epoch, atol=1e-9)
        model = mlp(0)
        model.load_state_dict(dict(outcome.weights))
        for part in ("train", "validation"):  # which no transform touches
            x, y = getattr(rows, f"x_{part}"), getattr(rows, f"y_{part}")
            loss = float(F.cross_entropy(model(x), y).detach())
            name = part.replace("validation", "val")
            assert outcome.result.metrics[f"{name}_loss"] == pytest.approx(loss, abs=1e-12)
            assert abs(loss - curves["batch_loss"][-1]) > 1e-3


@pytest.mark.parametrize("batched", [True, False])
@pytest.mark.parametrize("width", [1, 3])
def test_a_run_is_the_same_at_any_width_and_after_a_checkpoint(width: int, batched: bool) -> None:
    """In float32, bit for bit."""
    own = tuple(replace(how, batched=batched and how.batched) for how in EVERYTHING)
    how, rows = training(dtype=torch.float32, augment=own), split()
    data = replace(rows, x_train=rows.x_train.float(), x_validation=rows.x_validation.float())

    def some(segments: list[Segment], n: int, how: TrainingPlan = how) -> dict[int, SegmentResult]:
        return train(
            segments, how, width=n, data=data, build=lambda s: mlp(s).float(), stack=FusedMLP
        )

    whole = some(runs(), 3, training(dtype=torch.float32))
    order = (2, 0, 1)
    first = some([runs(1 + i % 2)[i] for i in order], width)
    rest = [replace(runs()[i], checkpoint=first[i].checkpoint) for i in order]
    for number, outcome in some(rest, width).items():
        weights, wanted = outcome.weights, whole[number].weights
        assert weights is not None
        assert wanted is not None
        assert all(torch.equal(weights[key], wanted[key]) for key in weights)
        assert outcome.result.curves == whole[number].result.curves


def test_neighbours_that_move_take_their_amounts_along() -> None:
    transforms = RowTransforms(training(), 3)
    for i, one in enumerate(runs()):
        transforms.admit(i, one)
    transforms.move(2, 0)
    shifts = transforms.amounts[[how.name for how in EVERYTHING].index("shift")]
    assert shifts.tolist() == [2.0, 1.0, 2.0]
