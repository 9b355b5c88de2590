"""Whole epochs of convolutional networks by the library in C: the bits of their steps."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import pytest
import torch
from torch import nn

from sweep.data.splits import Split
from sweep.networks.cnn import FusedCNN
from sweep.networks.stacked import StackedModule
from sweep.records.parameters import DROPOUT
from sweep.training._step_kernel import steps
from sweep.training.jobs import Segment
from sweep.training.schedules import Schedule
from tests.support.training import plan, segment, split, train
from tests.training.test_epoch_kernel import GATHERED, OWN, assert_same_bits, both_ways
from tests.training.test_kernel_update import weights

pytestmark = pytest.mark.skipif(not steps()[0], reason=f"the library {steps()[1]}")
ROW = (2, 4, 5)
PENALTIES = ("l1", "l2", "decay", "group_lasso")
TYPES = pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=str)


def network(seed: int, dtype: torch.dtype, rates: Sequence[float] = (0.0, 0.0)) -> nn.Module:
    """Its dropouts follow an image and a row."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        first = [nn.Conv2d(2, 9, 3, padding=1), nn.BatchNorm2d(9), nn.ReLU(), nn.Dropout(rates[0])]
        second = [nn.Conv2d(9, 5, 2, stride=2), nn.ReLU(), nn.Flatten(), nn.Linear(20, 12)]
        last = [nn.BatchNorm1d(12), nn.ReLU(), nn.Dropout(rates[1]), nn.Linear(12, 3)]
        return nn.Sequential(*first, *second, *last).to(dtype)


def rows_of(dtype: torch.dtype) -> Split:
    rows = split(features=math.prod(ROW))
    x, x_validation = (x.to(dtype).unflatten(1, ROW) for x in (rows.x_train, rows.x_validation))
    return replace(rows, x_train=x, x_validation=x_validation)


def how(dtype: torch.dtype, **settings: Any) -> dict[str, Any]:
    return {
        "build": partial(network, dtype=dtype, **settings),
        "stack": partial(FusedCNN, row=ROW),
        "data": rows_of(dtype),
    }


def runs_of(names: Sequence[str] = ()) -> list[Segment]:
    """Runs of several penalties, each with its own number of every name."""
    layers = ("0", "4", "7", "11")
    return [
        segment(
            i,
            penalty,
            0.01 * (i + 1),
            layers=layers,
            stop=4,
            seed=i,
            lr=0.01 / (i + 1),
            **{name: OWN[name][i] for name in names},
        )
        for i, penalty in enumerate(PENALTIES)
    ]


@TYPES
@pytest.mark.parametrize("names", [(), tuple(OWN)], ids=["plain", "with numbers of their own"])
def test_whole_epochs_are_their_steps_and_know_no_company(
    names: Sequence[str], dtype: torch.dtype, monkeypatch: pytest.MonkeyPatch
) -> None:
    changes = {"swept": frozenset(names), "schedule": Schedule("cosine")} if names else {}
    training, runs = plan("adamw", dtype=dtype, **changes), runs_of(names)
    n_epochs, found, expected = both_ways(monkeypatch, runs, training, **how(dtype))
    assert n_epochs == 4
    assert_same_bits(found, expected)
    for width in (1, 3):
        assert_same_bits(found, train(reversed(runs), training, width=width, **how(dtype)))


@pytest.mark.parametrize("optimizer", ["adamw", "sgd"])
def test_they_train_as_vmap_does_up_to_rounding(optimizer: str) -> None:
    training, runs, settings = plan(optimizer), runs_of(), how(torch.float64)
    found = train(runs, training, width=4, **settings)
    for number, expected in train(
        runs, training, width=4, **{**settings, "stack": StackedModule}
    ).items():
        own, wanted = weights(found[number]), weights(expected)
        assert own.keys() == wanted.keys()
        assert int(own["1.num_batches_tracked"]) == 16
        for key, weight in wanted.items():
            torch.testing.assert_close(own[key], weight, rtol=1e-7, atol=1e-7)
        pairs = zip(found[number].result.curves, expected.result.curves, strict=True)
        for curve, other in pairs:
            assert (curve.metric, curve.epochs) == (other.metric, other.epochs)
            assert curve.values == pytest.approx(other.values, rel=1e-7)


@TYPES
@pytest.mark.parametrize("swept", [False, True])
def test_dropout_of_images_is_that_of_steps(
    swept: bool, dtype: torch.dtype, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = {"dropout": math.nan, "dropouts": ("a", "b"), "swept": frozenset({"dropout"})}
    training = plan("adamw", dtype=dtype, **own if swept else {})
    rate = DROPOUT.name_of("b")
    runs = [
        replace(run, trial=replace(run.trial, params={**run.trial.params, rate: 0.2 * i}))
        for i, run in enumerate(runs_of())
    ]
    settings = how(dtype, rates=(0.2, 0.5))
    n_epochs, found, expected = both_ways(monkeypatch, runs, training, **settings)
    assert n_epochs == 4
    assert_same_bits(found, expected)
    assert_same_bits(found, train(reversed(runs), training, width=1, **settings))


def test_gathered_batches_see_every_batch_in_their_norms(monkeypatch: pytest.MonkeyPatch) -> None:
    training = plan("adamw", **GATHERED)
    n_epochs, found, expected = both_ways(monkeypatch, runs_of(), training, **how(torch.float64))
    assert n_epochs == 4
    assert_same_bits(found, expected)
    assert all(int(weights(one)["1.num_batches_tracked"]) == 16 for one in found.values())


def test_a_run_that_diverges_leaves_its_neighbours_alone() -> None:
    runs = runs_of()
    wild = replace(runs[1], trial=replace(runs[1].trial, params={"lr": 1e30}))
    training, settings = plan("sgd"), how(torch.float64)
    found = train([runs[0], wild, *runs[2:]], training, width=4, **settings)
    assert found[1].result.state.name == "DIVERGED"
    alone = train([runs[0], *runs[2:]], training, width=4, **settings)
    assert_same_bits(found, alone)
