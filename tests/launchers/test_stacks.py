"""Which way a study's network is computed."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import torch
from torch import Tensor, nn

import sweep
from sweep.launchers.context import TrainingContext
from sweep.launchers.sizing import (
    measure_batched,
    suited_processes,
    trains_in_turn,
    trains_whole_epochs,
)
from sweep.networks import cnn
from sweep.networks.cnn import FusedCNN
from sweep.networks.image_layers import image_layers_for
from sweep.networks.mlp import FusedMLP
from sweep.networks.stacked import StackedModule
from sweep.phases.kept_plan import plan_key
from sweep.records.execution import ExecutionPlan
from sweep.training._step_kernel import steps

pytestmark = pytest.mark.skipif(not steps()[0], reason=f"the library {steps()[1]}")
BUILT_IN = {"name": "cnn", "channels": [4], "batch_norm": True}
X, Y = torch.randn(60, 2, 5, 6, generator=torch.Generator().manual_seed(0)), torch.arange(60) % 3


def own() -> nn.Module:
    """A sequence of known layers."""
    return nn.Sequential(nn.Conv2d(2, 4, 3), nn.ReLU(), nn.Flatten(), nn.Linear(48, 3))


def with_gelu() -> nn.Module:
    """One layer is not known."""
    return nn.Sequential(nn.Conv2d(2, 4, 3), nn.GELU(), nn.Flatten(), nn.Linear(48, 3))


class Own(nn.Module):
    """A forward of its own."""

    def __init__(self) -> None:
        super().__init__()
        self.inner = own()

    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = 2 * self.inner(x)
        return out


def context_of(model: Any) -> TrainingContext:
    return TrainingContext(
        sweep.Study(
            study={"name": "small"},
            data=(X, Y),
            model=model,
            training={"epochs": 1, "batch_size": 20},
            search={"penalties": ["l2"], "trials": 2},
        )
    )


def way(context: TrainingContext) -> type[StackedModule]:
    return type(context.population(2).stack)


@pytest.mark.parametrize("model", [BUILT_IN, own], ids=["built in", "own"])
def test_known_layers_are_computed_in_c(model: Any) -> None:
    context = context_of(model)
    assert way(context) is FusedCNN
    assert image_layers_for(context.build(0), X)
    assert trains_whole_epochs(context)
    assert trains_in_turn(context, ExecutionPlan(8, 1, batched=True))
    assert measure_batched(context)
    assert suited_processes(context) == 1
    assert set(context.parity) == {"stacked"}
    assert not context.parity["stacked"].difference


def test_mlps_with_batch_norm_are_computed_in_c_and_those_without_as_ever() -> None:
    mlp = {"name": "mlp", "hidden": [8]}
    assert way(context_of(mlp)) is FusedMLP
    assert way(context_of({**mlp, "batch_norm": True})) is FusedCNN


@pytest.mark.parametrize("model", [with_gelu, Own], ids=["another layer", "another forward"])
def test_all_others_are_computed_by_torch(model: Any) -> None:
    context = context_of(model)
    assert way(context) is StackedModule
    assert not trains_whole_epochs(context)
    assert not trains_in_turn(context, ExecutionPlan(8, 1, batched=True))
    assert trains_in_turn(context, ExecutionPlan(8, 1, batched=False))
    assert not context.parity["stacked"].difference


def test_threads_low_precision_and_other_devices_are_torchs() -> None:
    stacks = context_of(own).stacks
    assert stacks.written_out is not None
    for other in ({"threads": 2}, {"low": torch.bfloat16}, {"device": torch.device("cuda")}):
        assert replace(stacks, **other).written_out is None


def test_without_the_library_torch_computes_all(monkeypatch: pytest.MonkeyPatch) -> None:
    known = context_of(own)
    key = plan_key(known)
    monkeypatch.setattr(cnn, "functions", dict)
    context = context_of(own)
    assert way(context) is StackedModule
    assert plan_key(context) != key, "sizes of one way are not those of the other"
