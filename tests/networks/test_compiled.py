"""The compiled step and low precision against the plain one."""

from __future__ import annotations

import logging
from functools import partial
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

import sweep
from sweep.errors import ModelError
from sweep.metrics.class_losses import CrossEntropy
from sweep.networks.compiled import Compiled, Kernels
from sweep.networks.mlp import FusedMLP
from sweep.networks.stacked import StackedModule
from sweep.runtime.device import resolve_dtypes
from tests.support.training import mlp, plan, segment, train

KINDS = ("l2", "decay", "l1", "none")
CPU = torch.device("cpu")


@pytest.mark.long
def test_compiled_runs_with_batch_norm_match_plain_ones_at_any_occupancy() -> None:
    build = partial(mlp, batch_norm=True)
    runs = [
        segment(i, kind, 0.02 * i, layers=("0", "3"), stop=2 + i % 2, seed=i)
        for i, kind in enumerate(KINDS)
    ]
    kernels = Kernels()
    stack = partial(Compiled, kernels=kernels)
    plain = train(runs, plan(), width=4, build=build)
    compiled = train(runs, plan(), width=3, build=build, stack=stack)
    assert len(kernels.by_shape) == 1, "free slots do not change the shape"
    for number, outcome in plain.items():
        found = compiled[number].weights
        assert outcome.weights is not None
        assert found is not None
        for key, tensor in outcome.weights.items():
            torch.testing.assert_close(found[key], tensor, atol=1e-9, rtol=0)


class Counting(nn.Module):
    """Computes something else at every call."""

    def __init__(self) -> None:
        super().__init__()
        self.layer, self.calls = nn.Linear(6, 3), 0

    def forward(self, x: Tensor) -> Tensor:
        self.calls += 1
        return self.layer(x) * self.calls


def test_a_network_that_changes_between_calls_is_not_compiled() -> None:
    with pytest.raises(ModelError, match="two calls that differ"):
        train(
            [segment(0, "none", 0.0, layers=("layer",), stop=1)],
            plan(),
            width=1,
            build=lambda seed: Counting().double(),
            stack=Compiled,
        )


def network(kind: str) -> nn.Sequential:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        if kind == "norms":
            first = [nn.LayerNorm(12), nn.Linear(12, 16), nn.BatchNorm1d(16)]
            return nn.Sequential(*first, nn.ReLU(), nn.Linear(16, 3))
        if kind == "convolution":
            last = [nn.Flatten(), nn.Linear(40, 3)]
            return nn.Sequential(nn.Unflatten(1, (1, 12)), nn.Conv1d(1, 4, 3), nn.ReLU(), *last)
        return nn.Sequential(nn.Linear(12, 16), nn.Tanh(), nn.Linear(16, 3))


def has_bfloat16() -> bool:
    try:
        resolve_dtypes("bfloat16", CPU)
    except sweep.HardwareError:
        return False
    return True


@pytest.mark.skipif(not has_bfloat16(), reason="this processor has no bfloat16 instructions")
@pytest.mark.parametrize("kind", ["chain", "norms", "convolution"])
def test_bfloat16_gradients_are_those_of_float32_to_its_precision(kind: str) -> None:
    """bfloat16 has 8 bits: an error of 2^-8 per rounding, and several roundings in a row."""
    model = network(kind)
    x = torch.randn(2, 32, 12, generator=torch.Generator().manual_seed(1))
    y = torch.arange(64).view(2, 32) % 3
    kinds: dict[str, type[StackedModule]] = {"chain": FusedMLP}
    found = []
    for low in (None, torch.bfloat16):
        stack = kinds.get(kind, StackedModule)(model, CPU, low=low)
        theta = stack.row_of(model).repeat(2, 1)
        constants = {n: t.repeat(2, *[1] * t.ndim) for n, t in stack.constants_of(model).items()}
        grad = torch.zeros_like(theta)
        losses = stack.step(theta, grad, constants, CrossEntropy())(x, y)
        output = stack.outputs(theta, constants, x)
        assert {losses.dtype, grad.dtype, output.dtype} == {torch.float32}
        found.append((losses, grad, output))
    for exact, rounded in zip(*found, strict=True):
        error = float((rounded - exact).norm() / exact.norm())
        assert 2**-14 < error < 8 * 2**-8


STUDY = """
[study]
name = "low"
[data]
name = "digits"
[model]
hidden = [16]
[training]
epochs = 2
[search]
penalties = ["decay"]
trials = 2
[path]
points = 0
[hardware]
"""


@pytest.mark.parametrize(
    "setting",
    [
        pytest.param('precision = "float32"\ncompile = true', marks=pytest.mark.long),
        pytest.param(
            'precision = "bfloat16"',
            marks=pytest.mark.skipif(not has_bfloat16(), reason="no bfloat16 instructions"),
        ),
    ],
)
def test_a_study_runs_compiled_or_in_low_precision_and_agrees_with_a_plain_one(
    setting: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    losses = []
    for name, text in (("plain", ""), ("other", setting)):
        path = tmp_path / f"{name}.toml"
        path.write_text(STUDY + text)
        store = sweep.open_store(f"sqlite:///{tmp_path / name}.db")
        sweep.run_study(sweep.load_study(path), store)
        losses.append(sweep.trials_frame(store, "low")["val_loss"].to_numpy())
    assert losses[1] == pytest.approx(losses[0], rel=0.02)
