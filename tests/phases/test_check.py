"""``sweep.check`` is the command; a study by group or in time says what it may claim."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch.nn.functional as F
from torch import Tensor, nn

import sweep
from dashboards.gather.facts import baseline_name, own_dropout_words
from sweep.metrics import _loss_kernel
from sweep.networks._mlp_kernel import functions
from sweep.phases.path_boundaries import Resamples
from sweep.store.store import open_store
from sweep.training._step_kernel import steps
from tests.cli.test_app import call

RNG = np.random.default_rng(0)
N = 240
X = RNG.normal(size=(N, 5)).astype(np.float32)
Y = (X[:, 0] + RNG.normal(size=N) > 0).astype(int)
GROUPS = RNG.integers(0, 24, N)


def study_of(data: dict[str, Any]) -> sweep.Study:
    return sweep.Study(
        study={"name": "small"},
        data=data,
        model={"name": "linear"},
        training={"epochs": 2, "batch_size": 32, "optimizer": "sgd"},
        search={"penalties": ["l2"], "strength": {"low": 1e-3, "high": 1.0}, "trials": 2},
        path={"points": 5, "ladder": "even", "resamples": 3},
    )


def test_check_says_what_the_command_prints(tmp_path: Path) -> None:
    text = """
[study]
name = "small"
[data]
name = "breast_cancer"
[model]
name = "linear"
[training]
epochs = 2
[search]
penalties = ["l2"]
"""
    file = tmp_path / "small.toml"
    file.write_text(text)
    done = call("check", str(file))
    checked = sweep.check(sweep.load_study(file))
    assert done.stdout == f"{file}: {checked}\n"
    assert str(checked.n_runs) in checked.lines[-1]
    assert (checked.facts.task, checked.facts.n_outputs) == ("classification", 2)
    assert checked.device == "cpu" or checked.device.startswith("cuda")


def test_check_says_whether_epochs_are_trained_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    def said(**training: Any) -> bool:
        study = sweep.Study(
            study={"name": "small"},
            data=(X, Y),
            model={"name": "mlp", "hidden": [8]},
            training={"epochs": 2, **training},
            search={"penalties": ["l2"], "trials": 2},
        )
        return "through a whole epoch" in str(sweep.check(study, "cpu"))

    built = bool(functions()[0] and steps()[0])
    assert said() == said(optimizer="sgd") == said(clip_norm=1.0) == built
    assert not said(optimizer="rmsprop")
    monkeypatch.setattr(_loss_kernel, "functions", lambda: ({}, "is of another version"))
    assert not said()


def test_check_names_compiled_code_that_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    study = study_of((X, Y))  # type: ignore[arg-type]
    monkeypatch.setattr("sweep.phases.check.UNUSED", {"sweep.a": "was not built"})
    lines = sweep.check(study, "cpu").lines
    assert "compiled code that is not used: sweep.a was not built" in lines


@pytest.mark.parametrize(
    ("data", "said", "divided_by"),
    [
        ({"groups": GROUPS}, "design resample, by 24 groups", "groups"),
        ({"time": True, "design": "kfold"}, "design kfold, in the order of time", "time"),
        (
            {"split": np.repeat(["train", "val", "test"], 80), "design": "holdout"},
            "design holdout, by the parts that the data name",
            "parts",
        ),
    ],
)
def test_check_says_what_rows_are_divided_by(
    data: dict[str, Any], said: str, divided_by: str
) -> None:
    checked = sweep.check(study_of({"x": X, "y": Y, **data}))
    assert checked.lines[1].endswith(said)
    assert checked.facts.divided_by == divided_by


def test_check_says_that_steps_follow_the_smallest_training_part(
    caplog: pytest.LogCaptureFixture,
) -> None:
    data = {"x": X, "y": Y, "time": True, "design": "kfold", "validation_fraction": 0.4}
    with caplog.at_level("WARNING", logger="sweep"):
        checked = sweep.check(study_of(data))
    assert checked.facts.steps_per_epoch == 135 // 32, "of 192 rows, less 3 windows of 19"
    assert "training parts have 135 to 173 rows" in caplog.text


def test_check_raises_what_the_command_refuses() -> None:
    with pytest.raises(sweep.DataError, match="each part of a split needs a group of its own"):
        sweep.check(study_of({"x": X, "y": Y, "groups": GROUPS % 2}))
    with pytest.raises(sweep.DataError, match=r"path.resamples, search.resamples: .* 3 for 2"):
        sweep.check(study_of({"x": X, "y": Y, "time": True, "design": "kfold", "n_folds": 2}))


def test_a_study_by_group_runs_and_keeps_what_it_may_claim(tmp_path: Path) -> None:
    study = study_of({"x": X, "y": Y, "groups": GROUPS})
    store = open_store(f"sqlite:///{tmp_path}/sweep.db")
    sweep.run_study(study, store)
    stored, boundaries = store.read_study("small"), sweep.boundaries_frame(store, "small")
    store.close()
    assert (stored.divided_by, stored.n_groups, stored.weighted) == ("groups", 24, False)
    assert stored.overlap == pytest.approx(5 / 14), "5 groups of 24 to validate on, 5 to test on"
    assert set(boundaries["design"]) == {"resample"}


def test_the_overlap_that_was_measured_stands_for_that_of_the_design() -> None:
    study = study_of({"x": X, "y": Y, "time": True, "design": "kfold"})
    measured = Resamples(study, 3, 0.25, 50, added=0.1).overlap
    assert measured == {"design": "resample", "n_folds": None, "validation_ratio": 0.1}
    assert Resamples(study, 3, 0.25, 50).overlap["n_folds"] == 5


class Dropping(nn.Sequential):
    """Drops in a module, and once more in its forward."""

    def __init__(self, rate: float = 0.1, second: float = 0.0) -> None:
        super().__init__()
        self.body, self.drop, self.second = nn.Linear(64, 4), nn.Dropout(rate), second
        self.out = nn.Linear(4, 10)

    def forward(self, x: Tensor) -> Tensor:
        return self.out(F.dropout(self.drop(self.body(x)), self.second, self.training))


def two_rates() -> nn.Module:
    return Dropping(0.1, 0.5)


NETWORKS: dict[str, tuple[dict[str, Any], dict[str, Any], str]] = {
    "its own": ({"name": Dropping}, {}, "0.1 in drop"),
    "by function": ({"name": two_rates}, {}, "0.1 in drop, 0.5 in its forward"),
    "built in": ({"hidden": [4], "dropout": 0.2}, {}, "0.2 in dropout1"),
    "built in, for dropout alone": ({"hidden": [4]}, {}, ""),
    "as an axis": ({"name": Dropping}, {"axes": {"dropout": {"low": 0.1, "high": 0.5}}}, ""),
    "of one module": (
        {"name": two_rates},
        {"axes": {"dropout.drop": {"low": 0.1, "high": 0.5}}},
        "0.5 in its forward",
    ),
}


@pytest.mark.parametrize("network", NETWORKS)
def test_dropout_of_the_networks_own_is_named_where_it_stays_on(network: str) -> None:
    model, search, rates = NETWORKS[network]
    penalties = ["l2"] if search else ["l2", "dropout"]
    checked = sweep.check(
        sweep.Study(
            study={"name": "own", "seed": 1},
            data={"name": "digits"},
            model=model,
            training={"epochs": 2},
            search={"penalties": penalties, **search},
        )
    )
    assert checked.facts.own_dropout_words == rates
    lines = [line for line in checked.lines if "has dropout of its own" in line]
    assert len(lines) == bool(rates)
    assert all(f"({rates}), which stays on" in line for line in lines)
    assert bool(own_dropout_words(checked.facts)) == bool(rates)
    baseline = "rate 0" if rates and not search else "no regularization"
    assert baseline_name("dropout", checked.facts) == baseline or search
    assert baseline_name("l2", checked.facts) == "no regularization"
