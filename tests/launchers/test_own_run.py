"""What a loop says of its run, without a process: what is taken, where it stops, what is kept."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

import sweep
from sweep.launchers._loop_model import keep_model, layers_of
from sweep.launchers.own_run import PRUNED, LoopJob, OwnRun

JOB = LoopJob(
    seed=1,
    split_seed=2,
    fold=0,
    penalty="l1",
    strength=0.5,
    strengths={"l1": 0.5},
    params={},
    numbers={},
    epochs=4,
    stop=2,
    device="cpu",
    is_final=False,
    rows=None,
    metrics=("val_loss", "train_loss", "val_f1", "train_f1", "val_accuracy", "null_loss"),
)


class Wire:
    """A channel that keeps what was said and hears what it is given."""

    def __init__(self, *heard: int):
        self.said: list[Mapping[str, Any]] = []
        self.heard = list(heard)

    def send(self, message: Mapping[str, Any]) -> None:
        self.said.append(message)

    def wait(self) -> int:
        return self.heard.pop(0)


def report(run: OwnRun, n: int, **more: float) -> None:
    for _ in range(n):
        run.report(train_loss=1.0, val_loss=2.0, **more)


def test_a_run_waits_at_its_rungs_and_not_at_its_end() -> None:
    wire = Wire(3, 4)
    report(OwnRun(JOB, wire), 4)
    assert wire.said == [{"report": {"train_loss": 1.0, "val_loss": 2.0}}] * 4
    assert wire.heard == []


def test_a_run_that_is_not_allowed_on_is_pruned_once_its_epoch_is_reported() -> None:
    wire = Wire(PRUNED)
    with pytest.raises(sweep.RunPruned, match="worse than the trials kept at epoch 2"):
        report(OwnRun(JOB, wire), 4)
    assert len(wire.said) == 2


@pytest.mark.parametrize("name", ["train_loss", "val_loss"])
def test_a_loss_that_is_not_finite_ends_the_run(name: str) -> None:
    wire = Wire()
    with pytest.raises(sweep.RunPruned, match="not finite at epoch 1"):
        OwnRun(JOB, wire).report(**{"train_loss": 1.0, "val_loss": 1.0, name: math.inf})
    assert len(wire.said) == 1


@pytest.mark.parametrize(
    ("metrics", "said"),
    [
        ({"train_loss": 1.0}, "needs val_loss"),
        ({"train_loss": 1.0, "val_loss": 1.0, "lr": 1.0}, "found lr; list other metrics"),
        ({"train_loss": 1.0, "val_loss": "low"}, "takes numbers, found val_loss = 'low'"),
        ({"train_loss": torch.zeros(2), "val_loss": 1.0}, "takes numbers, found train_loss"),
        (
            {"train_loss": 1.0, "val_loss": 1.0, "val_accuracy": 93.0},
            "from 0 to 1, found val_accuracy = 93.0; divide percentages by 100",
        ),
    ],
)
def test_what_is_no_report_is_refused(metrics: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        OwnRun(JOB, Wire()).report(**metrics)


def test_losses_that_are_huge_count_as_infinite() -> None:
    """So that nobody's sum of them overflows."""
    wire = Wire()
    with pytest.raises(sweep.RunPruned, match="not finite at epoch 1"):
        OwnRun(JOB, wire).report(train_loss=1.0, val_loss=1e308)
    assert wire.said == [{"report": {"train_loss": 1.0, "val_loss": math.inf}}]


def test_tensors_are_numbers_and_the_objective_must_be_reported() -> None:
    wire = Wire()
    job = replace(JOB, needed=("train_loss", "val_loss", "train_f1", "val_f1"))
    with pytest.raises(ValueError, match="needs train_f1, val_f1"):
        OwnRun(job, wire).report(train_loss=1.0, val_loss=1.0)
    OwnRun(job, wire).report(train_loss=torch.tensor(0.25), val_loss=1, train_f1=0.0, val_f1=1.0)
    assert wire.said == [
        {"report": {"train_loss": 0.25, "val_loss": 1.0, "train_f1": 0.0, "val_f1": 1.0}}
    ]


def test_the_layers_of_a_model_are_its_matrices() -> None:
    model = nn.Sequential(nn.Linear(2, 3), nn.BatchNorm1d(3), nn.Linear(3, 1))
    with torch.no_grad():
        model[0].weight.copy_(torch.tensor([[3.0, 0.0], [0.0, 4.0], [0.0, 0.0]]))
    first, last = layers_of(model)
    assert first == ("0", 5.0, 4, 6)
    assert last[0] == "2"
    assert last[1] == pytest.approx(float(model[2].weight.detach().norm()), rel=1e-6)


@pytest.mark.parametrize("wrap", [torch.compile, nn.DataParallel])
def test_a_wrapped_model_is_kept_as_the_network_itself(
    wrap: Callable[[nn.Module], nn.Module], tmp_path: Path
) -> None:
    model = nn.Sequential(nn.Linear(2, 3), nn.Linear(3, 1))
    assert layers_of(wrap(model)) == layers_of(model)
    keep_model(wrap(model), None, str(tmp_path / "kept.pt"))
    kept = torch.load(tmp_path / "kept.pt", weights_only=True)
    nn.Sequential(nn.Linear(2, 3), nn.Linear(3, 1)).load_state_dict(kept["state_dict"])


def test_what_is_no_model_has_no_layers() -> None:
    assert layers_of(nn.Linear) == layers_of(dict(a=1)) == []
