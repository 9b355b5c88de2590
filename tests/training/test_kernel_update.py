"""The compiled step against torch's operations: to the bit, or to rounding where it adds up."""

from __future__ import annotations

import itertools
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from sweep.networks.mlp import FusedMLP
from sweep.records.trial import State
from sweep.regularizers.penalties import PENALTIES
from sweep.runtime.c_library import address, address_of_rows
from sweep.training import kernel_update
from sweep.training._step_kernel import KINDS, steps
from sweep.training.jobs import Segment, SegmentResult, TrainingPlan
from sweep.training.kernel_update import KernelUpdate
from sweep.training.schedules import Schedule
from tests.support.databases import HANG_SECONDS
from tests.support.training import plan, segment, split, train

ROOT = Path(__file__).parents[2]
LAYERS = ("0", "2", "4")
BY_WEIGHT = (
    "none",
    "l2",
    "l2_sp",
    "decay",
    "decay_independent",
    "decay_corrected",
    "decay_cautious",
    "l1",
    "elastic_net",
)
OF_LAYERS = ("orthogonal", "spectral", "group_lasso", "max_norm", "cpr", "fixed_norm")
STRENGTHS = {
    "l2": 0.03,
    "l2_sp": 0.03,
    "decay": 1.0,
    "decay_independent": 0.02,
    "decay_corrected": 1.0,
    "decay_cautious": 1.0,
    "l1": 0.01,
    "elastic_net": 0.01,
    "group_lasso": 0.02,
    "max_norm": 1.5,
    "cpr": 1.3,
    "spectral": 0.05,
    "orthogonal": 0.01,
    "fixed_norm": 1.0,
}
TRAININGS: Mapping[str, dict[str, Any]] = {
    "adamw": {"optimizer": "adamw"},
    "adamw, cosine": {"optimizer": "adamw", "schedule": Schedule("cosine", warmup=0.2)},
    "adam, beta1 below a half": {"optimizer": "adam", "beta1": 0.3},
    "adam, amsgrad": {"optimizer": "adam", "amsgrad": True},
    "adam, clipped": {"optimizer": "adam", "clip_norm": 0.2, "clip_value": 0.05},
    "adam, in a window": {"optimizer": "adam", "penalty_from": 0.3, "penalty_until": 0.8},
    "adam, beta2 of their own": {"optimizer": "adam", "swept_numbers": ("beta2",)},
    "sgd": {"optimizer": "sgd", "lr": 0.05},
    "sgd, nesterov": {"optimizer": "sgd", "lr": 0.05, "momentum": 0.8, "nesterov": True},
}

needs_library = pytest.mark.skipif(
    not steps()[0], reason=f"the compiled step is not there: {steps()[1]}"
)


def network(seed: int, dtype: torch.dtype = torch.float64) -> nn.Module:
    """Long enough rows for torch's fused Adam, and units that are no whole vectors."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        layers = [nn.Linear(6, 33), nn.Tanh(), nn.Linear(33, 27), nn.Tanh(), nn.Linear(27, 3)]
        return nn.Sequential(*layers).to(dtype)


def runs_of(penalties: tuple[str, ...], stop: int = 4, **params: float) -> list[Segment]:
    """Two runs of every penalty, with rates of their own."""
    both = itertools.product(enumerate(penalties), (1.0, 0.4))
    return [
        segment(
            2 * i + (share < 1),
            name,
            {layer: share * STRENGTHS.get(name, 0.0) / (1 + j) for j, layer in enumerate(LAYERS)},
            layers=LAYERS,
            stop=stop,
            seed=i,
            lr=0.01 * share,
            **params,
        )
        for (i, name), share in both
    ]


def by_torch(
    monkeypatch: pytest.MonkeyPatch, runs: list[Segment], training: TrainingPlan, **more: Any
) -> dict[int, SegmentResult]:
    with monkeypatch.context() as patch:
        patch.setattr(kernel_update, "steps", lambda: ({}, "not wanted"))
        return train(runs, training, width=len(runs), **more)


def weights(outcome: SegmentResult) -> dict[str, Tensor]:
    assert outcome.weights is not None
    return dict(outcome.weights)


def settings_of(name: str, dtype: torch.dtype) -> dict[str, Any]:
    return {"dtype": dtype, **TRAININGS[name]}


@needs_library
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=str)
@pytest.mark.parametrize("name", TRAININGS)
def test_penalties_by_weight_and_optimizers_are_torchs_to_the_bit(
    name: str, dtype: torch.dtype, monkeypatch: pytest.MonkeyPatch
) -> None:
    changes = settings_of(name, dtype)
    training = plan(changes.pop("optimizer"), **changes)
    own = {"beta2": 0.99} if "their own" in name else {}
    runs = runs_of(BY_WEIGHT, **own)
    rows = split()
    rows = replace(rows, x_train=rows.x_train.to(dtype), x_validation=rows.x_validation.to(dtype))
    how = {"build": lambda seed: network(seed, dtype), "stack": FusedMLP, "data": rows}
    found = train(runs, training, width=len(runs), **how)
    for number, expected in by_torch(monkeypatch, runs, training, **how).items():
        for key, weight in weights(expected).items():
            near = {"rtol": 0, "atol": 0}
            if "clipped" in name and dtype == torch.float64:  # by a norm, which is a sum
                near = {"rtol": 0, "atol": 1e-12}
            elif "clipped" in name or "their own" in name:  # a beta is rounded before its powers
                near = {"rtol": 1e-5, "atol": 1e-6}
            torch.testing.assert_close(weights(found[number])[key], weight, **near)


@needs_library
@pytest.mark.parametrize("name", TRAININGS)
def test_penalties_of_units_and_layers_are_torchs_to_rounding(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    changes = dict(TRAININGS[name])
    training = plan(changes.pop("optimizer"), **changes)
    own = {"beta2": 0.99} if "their own" in name else {}
    runs = runs_of(OF_LAYERS, **own)
    found = train(runs, training, width=len(runs), build=network)
    zeros = 0
    for number, expected in by_torch(monkeypatch, runs, training, build=network).items():
        for key, weight in weights(expected).items():
            torch.testing.assert_close(weights(found[number])[key], weight, rtol=0, atol=1e-12)
            zeros += int((weight == 0).sum())
    assert zeros > 0 or "window" in name or "sgd" in name, "no unit was removed"


@needs_library
def test_several_penalties_in_one_run_act_in_torchs_order(monkeypatch: pytest.MonkeyPatch) -> None:
    fixed = {"l2": 0.01, "spectral": 0.02, "decay": 0.5, "decay_cautious": 0.2, "l1": 0.003}
    fixed |= {
        "orthogonal": 0.01,
        "group_lasso": 0.001,
        "elastic_net": 0.003,
        "cpr": 1.2,
        "max_norm": 1.1,
    }
    training = plan("adamw", fixed=fixed)
    runs = runs_of(("none",))
    found = train(runs, training, width=2, build=network)
    for number, expected in by_torch(monkeypatch, runs, training, build=network).items():
        for key, weight in weights(expected).items():
            torch.testing.assert_close(weights(found[number])[key], weight, rtol=0, atol=1e-12)


@needs_library
@pytest.mark.parametrize("together", [False, True])
def test_the_order_in_which_penalties_came_in_changes_nothing(
    together: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Runs with penalties of layers come first, beside those by weight or in the same run."""
    training = plan("adamw", swept=frozenset(BY_WEIGHT), fixed={"l1": 0.01} if together else {})
    monkeypatch.setattr("sweep.training.population.PENALTIES", dict(reversed(PENALTIES.items())))
    runs = runs_of((*OF_LAYERS, *reversed(BY_WEIGHT)))
    found = train(runs, training, width=len(runs), build=network)
    for number, expected in by_torch(monkeypatch, runs, training, build=network).items():
        for key, weight in weights(expected).items():
            torch.testing.assert_close(weights(found[number])[key], weight, rtol=0, atol=1e-12)


@needs_library
def test_what_it_does_not_know_is_left_to_torch_in_its_place(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A penalty of the user's acts in the hooks of l1 and of decay."""

    class Own(type(PENALTIES["l1"])):  # type: ignore[misc]
        name = "own"

        def shrink(self, layer: Any, lr: Tensor) -> None:
            layer.weight.mul_(layer.per_run(1 - lr * layer.strength))

    monkeypatch.setattr("sweep.training.population.PENALTIES", {**PENALTIES, "own": Own()})
    monkeypatch.setitem(STRENGTHS, "own", 0.01)
    training = plan("adamw", fixed={"l2": 0.01})
    runs = runs_of(("own", "l1", "decay", "max_norm", "none"))
    found = train(runs, training, width=len(runs), build=network)
    for number, expected in by_torch(monkeypatch, runs, training, build=network).items():
        for key, weight in weights(expected).items():
            torch.testing.assert_close(weights(found[number])[key], weight, rtol=0, atol=1e-12)


@needs_library
def test_runs_alone_stopped_and_resumed_are_as_in_company() -> None:
    training = plan("adamw", dtype=torch.float64, schedule=Schedule("cosine"), epochs=4)
    runs = runs_of(("l1", "group_lasso", "cpr", "spectral"))
    whole = train(runs, training, width=len(runs), build=network)
    halves = train(
        runs_of(("l1", "group_lasso", "cpr", "spectral"), stop=2), training, width=3, build=network
    )
    rest = [
        Segment(o.segment.run, o.segment.trial, 4, o.checkpoint, keep_weights=True)
        for o in reversed(halves.values())
    ]
    for number, outcome in train(rest, training, width=1, build=network).items():
        for key, weight in weights(whole[number]).items():
            torch.testing.assert_close(weights(outcome)[key], weight, rtol=1e-9, atol=1e-12)


@needs_library
def test_a_diverged_run_is_recorded_and_its_neighbours_stay() -> None:
    wild = segment(99, "l2", 1.0, layers=LAYERS, stop=4, lr=1e200)
    quiet = runs_of(("l1", "group_lasso", "max_norm"))
    alone = train(quiet, plan("sgd"), width=7, build=network)
    found = train([wild, *quiet], plan("sgd"), width=7, build=network)
    assert found.pop(99).result.state is State.DIVERGED
    for number, outcome in found.items():
        for key, weight in weights(alone[number]).items():
            torch.testing.assert_close(weights(outcome)[key], weight, rtol=1e-9, atol=1e-12)


def test_every_penalty_is_known() -> None:
    assert set(PENALTIES) == set(KINDS)


def test_only_whole_tensors_of_the_right_kind_are_pointed_at() -> None:
    whole = torch.zeros(3, 4)
    assert address(whole, torch.float32, (3, 4)) == whole.data_ptr()
    assert address_of_rows(whole[:, 1:3], torch.float32, 3, 2) == (whole.data_ptr() + 4, 4)
    for wrong in (whole.double(), whole[:2], whole.mT, whole.to("meta")):
        with pytest.raises(ValueError, match="a library in C wants"):
            address(wrong, torch.float32, (3, 4))
    with pytest.raises(ValueError, match="a library in C wants"):
        address_of_rows(whole.mT, torch.float32, 4, 3)


@needs_library
def test_rows_that_were_not_prepared_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    updates: list[KernelUpdate] = []
    real = KernelUpdate._update

    def noted(self: KernelUpdate, theta: Tensor, grad: Tensor) -> None:
        updates.append(self)
        real(self, theta, grad)

    monkeypatch.setattr(KernelUpdate, "_update", noted)
    train(runs_of(("l1",), stop=1), plan("adamw"), width=2, build=network)
    theta = updates[-1].penalties.theta
    with pytest.raises(ValueError, match="prepared for other rows"):
        real(updates[-1], theta.clone(), updates[-1].grad)


def test_an_install_without_a_compiler_goes_through(tmp_path: Path) -> None:
    pytest.importorskip("setuptools")
    sources = [*ROOT.glob("sweep/*/_*.c"), *ROOT.glob("sweep/*/_*.h")]
    assert sources
    for path in (*(ROOT / n for n in ("pyproject.toml", "README.md", "LICENSE")), *sources):
        copy = tmp_path / path.relative_to(ROOT)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(path.read_bytes())
    done = subprocess.run(
        [sys.executable, "-c", "import setuptools; setuptools.setup()", "build_ext", "--inplace"],
        cwd=tmp_path,
        env={"CC": "/bin/false", "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        timeout=HANG_SECONDS,
    )
    assert done.returncode == 0, done.stderr
    assert "false" in done.stdout + done.stderr
    assert not list(tmp_path.rglob("*_library*"))
