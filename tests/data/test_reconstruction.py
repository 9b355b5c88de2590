"""Inputs as targets: what is read, and what is refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

import sweep
from sweep.data.datasets import load_data
from sweep.errors import SweepError
from sweep.launchers.context import TrainingContext
from sweep.study.study import Study

IMAGES = np.random.default_rng(0).random((60, 1, 4, 4)).astype(np.float32)


class AutoEncoder(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.inner, self.outer = nn.Conv2d(1, 3, 3, padding=1), nn.Conv2d(3, 1, 3, padding=1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        output: torch.Tensor = self.outer(self.inner(x).relu())
        return output


def study(data: object, loss: str = "auto", model: object = None) -> Study:
    return Study(
        study={"name": "given back"},
        data=data,
        model=model or {"hidden": [4]},
        training={"loss": loss, "epochs": 2, "batch_size": 16},
        search={"penalties": ["l2"], "trials": 2},
        path={"points": 0, "resamples": 2},
    )


@pytest.mark.parametrize("given", [{"x": IMAGES}, {"name": lambda: IMAGES}])
def test_inputs_are_the_targets_in_their_shape(given: dict[str, object]) -> None:
    one = study({**given, "target": "input"}, "bce", AutoEncoder)
    context = TrainingContext(one)
    split = context.first_split
    assert torch.equal(split.y_train, split.x_train)
    assert context.study_data.criterion.row == (1, 4, 4)
    assert context.study_data.n_outputs == 16
    assert split.null["loss"] == pytest.approx(np.log(2), abs=0.02)  # of uniform numbers


def test_targets_are_scaled_as_inputs_are_for_the_squared_error_alone() -> None:
    for loss, scaled in (("mse", True), ("bce", False)):
        split = TrainingContext(study({"name": "digits", "target": "input"}, loss)).first_split
        y = split.y_train
        assert torch.equal(y, split.x_train) == scaled
        if scaled:
            spread = y.std(0, correction=0)
            torch.testing.assert_close(spread[spread > 0], torch.ones(int((spread > 0).sum())))
        else:
            assert 0 <= float(y.min()) < float(y.max()) <= 1


def test_a_study_of_reconstruction_runs(tmp_path: Path) -> None:
    store = sweep.open_store(f"sqlite:///{tmp_path}/a.db")
    sweep.run_study(study({"x": IMAGES, "target": "input"}, model=AutoEncoder), store)
    runs = sweep.runs_frame(store, "given back")
    assert set(runs["state"]) <= {"complete", "pruned"}
    facts = sweep.read_study(store, "given back")
    assert (facts["task"], facts["loss"]) == ("regression", "mse")


@pytest.mark.parametrize(
    ("data", "loss", "words"),
    [
        ({"x": IMAGES}, "cross_entropy", "training.loss: a loss of numbers must be given"),
        ({"x": 2 * IMAGES}, "bce", "labels must be 0, 1 or between, found"),
        ({"name": lambda: ({"a": IMAGES, "b": IMAGES}, IMAGES)}, "mse", "inputs of one array"),
        ({"x": IMAGES, "task": "classification"}, "mse", "a loss for data.task"),
        ({"x": IMAGES, "task": "classification"}, "auto", "data.task: regression is the task"),
        ({"x": IMAGES}, "gaussian_nll", "two outputs for a number"),
    ],
)
def test_what_cannot_be_given_back_is_refused(
    data: dict[str, object], loss: str, words: str
) -> None:
    with pytest.raises(SweepError, match=words) as raised:
        TrainingContext(study({**data, "target": "input"}, loss, AutoEncoder))
    assert "\n" not in str(raised.value)


def test_a_columns_name_may_be_input(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("a,input\n" + "\n".join(f"{i},{i % 7}.5" for i in range(30)))
    settings = {"name": "csv", "path": str(tmp_path / "t.csv"), "target": "input"}
    data = load_data(study(settings).data, tmp_path)
    assert not data.reconstructs
    assert data.feature_names == ("a",)
