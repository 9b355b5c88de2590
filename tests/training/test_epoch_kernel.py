"""A whole epoch by the library in C against its steps one by one: the same bits."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from sweep.data.splits import Split
from sweep.metrics.class_losses import BinaryCrossEntropy, CrossEntropy
from sweep.metrics.loss import Loss
from sweep.metrics.number_losses import SquaredError
from sweep.networks.mlp import FusedMLP
from sweep.records.parameters import DROPOUT
from sweep.training._batches import BatchSource
from sweep.training._epoch_kernel import KernelEpoch
from sweep.training._step_kernel import steps
from sweep.training._steps import TrainingSteps
from sweep.training.jobs import Segment, SegmentResult
from sweep.training.schedules import Schedule
from tests.support.training import plan, segment, split, train
from tests.training.test_kernel_update import (
    BY_WEIGHT,
    OF_LAYERS,
    TRAININGS,
    by_torch,
    runs_of,
    weights,
)

pytestmark = pytest.mark.skipif(not steps()[0], reason=f"the library {steps()[1]}")
OWN: Mapping[str, Sequence[float]] = {
    "clip_norm": (0.2, 0.0, 1e6, 0.05),
    "clip_value": (0.01, 0.1, 0.0, 1e6),
    "label_smoothing": (0.0, 0.1, 0.3, 0.9),
    "ema": (0.9, 0.0, 0.3, 0.99),
    "mixup": (0.0, 0.4, 1.0, 5.0),
    "input_noise": (0.1, 0.0, 1.0, 0.3),
    "penalty_from": (0.3, 0.0, 0.9, 0.1),
    "penalty_until": (0.8, 0.5, 1.0, 0.2),
}
"""What runs may have of their own in it, two and two with a penalty of l1 and of l2."""
GATHERED = {"accumulate": 2, "steps_per_epoch": 2}


def network(seed: int, dtype: torch.dtype, n_outputs: int = 3, last: bool = True) -> nn.Module:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        layers = [nn.Linear(6, 33), nn.ReLU(), nn.Linear(33, 27), nn.ReLU()]
        ends = [nn.Linear(27, n_outputs)] + ([] if last else [nn.Sigmoid()])
        return nn.Sequential(*layers, *ends).to(dtype)


def rows_of(dtype: torch.dtype) -> Split:
    rows = split()
    return replace(rows, x_train=rows.x_train.to(dtype), x_validation=rows.x_validation.to(dtype))


class Epochs:
    """Counts the epochs that the library trained whole."""

    def __init__(self, patch: pytest.MonkeyPatch):
        self.n, real = 0, KernelEpoch.train

        def counted(own: KernelEpoch, *arguments: Any) -> Tensor | None:
            found = real(own, *arguments)
            self.n += found is not None
            return found

        patch.setattr(KernelEpoch, "train", counted)


def both_ways(
    patch: pytest.MonkeyPatch, runs: list[Segment], training: Any, **how: Any
) -> tuple[int, Mapping[int, SegmentResult], Mapping[int, SegmentResult]]:
    """How many epochs were whole, and what came out of them, and of steps."""
    epochs = Epochs(patch)
    found = train(runs, training, width=len(runs), **how)
    with patch.context() as without:
        without.setattr(TrainingSteps, "_whole_epoch", lambda *_: None)
        return epochs.n, found, train(runs, training, width=len(runs), **how)


def assert_same_bits(
    found: Mapping[int, SegmentResult], expected: Mapping[int, SegmentResult]
) -> None:
    for number, outcome in expected.items():
        assert found[number].result.curves == outcome.result.curves
        for key, weight in weights(outcome).items():
            assert torch.equal(weights(found[number])[key], weight), (number, key)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=str)
@pytest.mark.parametrize("name", TRAININGS)
def test_a_whole_epoch_is_its_steps_to_the_bit(
    name: str, dtype: torch.dtype, monkeypatch: pytest.MonkeyPatch
) -> None:
    changes = dict(TRAININGS[name])
    training = plan(changes.pop("optimizer"), dtype=dtype, **changes)
    own = {"beta2": 0.99} if "their own" in name else {}
    runs = runs_of((*BY_WEIGHT, *OF_LAYERS), **own)
    how = {"build": lambda seed: network(seed, dtype), "stack": FusedMLP, "data": rows_of(dtype)}
    n_epochs, found, expected = both_ways(monkeypatch, runs, training, **how)
    assert n_epochs == 4
    assert_same_bits(found, expected)


def runs_with_their_own(names: Sequence[str]) -> list[Segment]:
    """Four runs, each with its own number of every name."""
    runs = runs_of(("l1", "l2"))
    own = [{name: OWN[name][i] for name in names} for i in range(len(runs))]
    return [
        replace(run, trial=replace(run.trial, params={**run.trial.params, **numbers}))
        for run, numbers in zip(runs, own, strict=True)
    ]


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=str)
@pytest.mark.parametrize("names", [*((name,) for name in OWN), tuple(OWN)], ids=",".join)
def test_each_run_of_a_whole_epoch_has_its_own_numbers(
    names: Sequence[str], dtype: torch.dtype, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As in steps one by one, as without any company, and as by torch up to rounding."""
    training = plan("adamw", dtype=dtype, swept=frozenset(names), schedule=Schedule("cosine"))
    runs = runs_with_their_own(names)
    how = {"build": lambda seed: network(seed, dtype), "stack": FusedMLP, "data": rows_of(dtype)}
    n_epochs, found, expected = both_ways(monkeypatch, runs, training, **how)
    assert n_epochs == 4
    assert_same_bits(found, expected)
    assert_same_bits(found, train(reversed(runs), training, width=1, **how))
    near = {"rtol": 0, "atol": 1e-12} if dtype == torch.float64 else {"rtol": 1e-5, "atol": 1e-5}
    for number, outcome in by_torch(monkeypatch, runs, training, **how).items():
        for key, weight in weights(outcome).items():
            torch.testing.assert_close(weights(found[number])[key], weight, **near)


@pytest.mark.parametrize("loss", [SquaredError(), BinaryCrossEntropy()], ids=["mse", "bce"])
def test_a_whole_epoch_by_other_losses_is_its_steps_too(
    loss: Loss, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = split()
    xs = rows.x_train, rows.x_validation
    numbers = isinstance(loss, SquaredError)
    y, y_validation = (x[:, :2] ** 2 if numbers else (x[:, 0] > 0).long() for x in xs)
    rows = replace(rows, y_train=y, y_validation=y_validation)
    n_outputs = 2 if numbers else 1
    training = plan("adamw", loss=loss, schedule=Schedule("cosine"), output_row=(n_outputs,))
    build = partial(network, dtype=torch.float64, n_outputs=n_outputs)
    how = {"build": build, "stack": FusedMLP, "data": rows}
    n_epochs, *outcomes = both_ways(monkeypatch, runs_of(BY_WEIGHT), training, **how)
    assert n_epochs == 4
    assert_same_bits(*outcomes)


def dropping(seed: int, dtype: torch.dtype, rates: Sequence[float]) -> nn.Module:
    """Dropout after every layer, also after the outputs; a rate of 0 drops nothing."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        first, second = (nn.Sequential(nn.ReLU(), nn.Dropout(rate)) for rate in rates[:2])
        layers = [nn.Linear(6, 33), first, nn.Linear(33, 27), second, nn.Linear(27, 3)]
        return nn.Sequential(*layers, nn.Dropout(rates[2])).to(dtype)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=str)
@pytest.mark.parametrize("swept", [False, True])
@pytest.mark.parametrize("rates", [(0.2, 0.5, 0.0), (0.0, 0.1, 0.3)])
def test_dropout_in_a_whole_epoch_is_that_of_its_steps(
    rates: Sequence[float], swept: bool, dtype: torch.dtype, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = {"dropout": math.nan, "dropouts": ("a", "b"), "swept": frozenset({"dropout"})}
    training = plan("adamw", dtype=dtype, **own if swept else {})
    rate = DROPOUT.name_of("b")
    runs = [
        replace(run, trial=replace(run.trial, params={**run.trial.params, rate: 0.3 * i}))
        for i, run in enumerate(runs_of(("l1", "l2")))
    ]
    build = partial(dropping, dtype=dtype, rates=rates)
    how = {"build": build, "stack": FusedMLP, "data": rows_of(dtype)}
    n_epochs, found, expected = both_ways(monkeypatch, runs, training, **how)
    assert n_epochs == 4
    assert_same_bits(found, expected)
    assert_same_bits(found, train(reversed(runs), training, width=1, **how))


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=str)
def test_gathered_batches_of_a_whole_epoch_are_its_steps_to_the_bit(
    dtype: torch.dtype, monkeypatch: pytest.MonkeyPatch
) -> None:
    changes = {"swept": frozenset(OWN), "schedule": Schedule("cosine"), **GATHERED}
    training, runs = plan("adamw", dtype=dtype, **changes), runs_with_their_own(tuple(OWN))
    how = {"build": lambda seed: network(seed, dtype), "stack": FusedMLP, "data": rows_of(dtype)}
    n_epochs, *outcomes = both_ways(monkeypatch, runs, training, **how)
    assert n_epochs == 4
    assert_same_bits(*outcomes)


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("loss", [CrossEntropy(), CrossEntropy([0.5, 1.0, 3.0])], ids=["", "own"])
def test_weights_of_rows_and_classes_in_a_whole_epoch_are_those_of_its_steps(
    loss: Loss, weighted: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows, weight = split(), torch.linspace(0.2, 3, 70, dtype=torch.float64)
    rows = replace(rows, w_train=weight if weighted else None)
    how = {"build": lambda seed: network(seed, torch.float64), "stack": FusedMLP, "data": rows}
    runs, training = runs_of(("l1", "l2")), plan("adamw", loss=loss)
    n_epochs, found, expected = both_ways(monkeypatch, runs, training, **how)
    assert n_epochs == 4
    assert_same_bits(found, expected)
    monkeypatch.setattr(CrossEntropy, "untraced", Loss.untraced)
    monkeypatch.setattr(TrainingSteps, "_whole_epoch", lambda *_: None)
    for number, outcome in train(runs, training, width=4, **how).items():
        for key, own in weights(outcome).items():
            torch.testing.assert_close(weights(found[number])[key], own, rtol=0, atol=1e-12)


def test_numbers_that_are_mixed_are_left_to_python(monkeypatch: pytest.MonkeyPatch) -> None:
    """Their squared error has a part of the mixture alone."""
    rows = split()
    rows = replace(rows, y_train=rows.x_train[:, :2], y_validation=rows.x_validation[:, :2])
    training = plan("adamw", loss=SquaredError(), mixup=0.4, output_row=(2,))
    build = partial(network, dtype=torch.float64, n_outputs=2)
    how = {"build": build, "stack": FusedMLP, "data": rows}
    n_epochs, *outcomes = both_ways(monkeypatch, runs_of(("l1",)), training, **how)
    assert n_epochs == 0
    assert_same_bits(*outcomes)


def test_an_activation_of_outputs_is_left_to_torch(monkeypatch: pytest.MonkeyPatch) -> None:
    how = {"build": lambda seed: network(seed, torch.float64, last=False), "stack": FusedMLP}
    n_epochs, *outcomes = both_ways(monkeypatch, runs_of(("l1",)), plan("adamw"), **how)
    assert n_epochs == 0
    assert_same_bits(*outcomes)


@pytest.mark.parametrize(("n_inputs", "n_rows"), [(6, 1024), (200, 327), (2000, 128)])
def test_batches_to_be_evaluated_are_small_where_inputs_are_wide(
    n_inputs: int, n_rows: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every run has a copy of them: 128 runs with 1024 rows of 2000 would take a gigabyte."""
    found, real = set(), BatchSource.batches

    def noted(own: BatchSource, part: str, sources: Sequence[int], n_rows: int) -> Any:
        found.add(n_rows)
        return real(own, part, sources, n_rows)

    monkeypatch.setattr(BatchSource, "batches", noted)
    runs = [segment(0, "none", 0.0, layers=(), stop=1)]
    how = {"build": lambda _: nn.Sequential(nn.Linear(n_inputs, 3)).double(), "stack": FusedMLP}
    train(runs, plan(), width=1, data=split(features=n_inputs), **how)
    assert found == {n_rows}
