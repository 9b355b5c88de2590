"""Custom penalties: found by name, tried before anything trains, the same as builtin."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from torch import Tensor

import sweep
from sweep.errors import StudyError
from sweep.launchers.context import TrainingContext
from sweep.regularizers.custom import penalties_by_name, try_penalty
from sweep.regularizers.penalties import L1

FILE = """
import torch
from sweep import Penalty

def ridge(weight):
    return weight.square().sum()

class Soft(Penalty):
    def prox(self, layer, step):
        threshold = step * layer.per_run(layer.strength)
        layer.weight.sub_(torch.clamp(layer.weight, -threshold, threshold))
    def value(self, layer):
        return layer.strength * layer.weight.flatten(1).abs().sum(1)

class Forgets(Penalty):
    def shrink(self, layer, lr):
        layer.weight.mul_(0.99)

def vector(weight):
    return weight.abs()

def raises(weight):
    return weight.sum() / undefined

def endless(weight):
    return weight.log().sum()

def l1(weight):
    return weight.abs().sum()
"""
STUDY = """
[study]
name = "own"
[data]
name = "digits"
[model]
hidden = [8]
[training]
lr = 1e-2
epochs = 2
[search]
penalties = ["l2", "mine.py:ridge", "l1", "mine.py:Soft"]
strength = { low = 1e-4, high = 1e-2, ridge = { low = 1e-4, high = 1e-2 } }
trials = 8
[path]
points = 5
ladder = "even"
resamples = 2
[hardware]
precision = "float64"
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "mine.py").write_text(FILE)
    (tmp_path / "own.toml").write_text(STUDY)
    return tmp_path


def test_ones_own_l2_and_l1_train_as_the_builtin_ones(folder: Path) -> None:
    study = sweep.load_study(folder / "own.toml")
    store = sweep.open_store(f"sqlite:///{folder}/own.db")
    sweep.run_study(study, store)
    trials = sweep.trials_frame(store, "own")
    path = trials[trials["phase"] == "path"].set_index(["penalty", "strength"])["val_loss"]
    explored = trials[trials["phase"] == "explore"]
    assert set(explored["penalty"]) == {"l2", "ridge", "l1", "Soft"}
    for own, builtin in (("ridge", "l2"), ("Soft", "l1")):
        mine, theirs = path[own].to_numpy(), path[builtin].to_numpy()
        assert len(mine) == 6
        assert mine == pytest.approx(theirs, abs=1e-9)
        assert mine.max() > mine.min() + 1e-3


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("vector", "search.penalties: vector must run without an error, found ValueError: "),
        ("raises", "search.penalties: raises must run without an error, found NameError: "),
        ("endless", "search.penalties: endless must give one finite number for a layer, found"),
        ("Forgets", "search.penalties: Forgets must leave a run at strength 0 as it is, found"),
        ("l1", "search.penalties: a penalty of your own needs a name of its own, found 'l1'"),
        ("ridgee", "search.penalties: a function of mine.py must be named, found no 'ridgee'; did"),
    ],
)
def test_a_faulty_penalty_is_one_line_before_anything_trains(
    folder: Path, name: str, said: str
) -> None:
    text = STUDY.replace('"l2", "mine.py:ridge", "l1", "mine.py:Soft"', f'"mine.py:{name}"')
    (folder / "own.toml").write_text(text.replace(", ridge = { low = 1e-4, high = 1e-2 }", ""))
    with pytest.raises(StudyError) as refused:
        TrainingContext(sweep.load_study(folder / "own.toml"))
    assert str(refused.value).startswith(said)
    assert "\n" not in str(refused.value)


def test_a_penalty_may_come_from_python() -> None:
    class Twice(L1):
        def prox(self, layer: sweep.Layer, step: Tensor) -> None:
            super().prox(layer, 2 * step)

    found = penalties_by_name(["l2", Twice], Path())
    assert type(found["l1"]) is L1
    assert type(found["Twice"]) is Twice
    try_penalty("Twice", found["Twice"], [torch.randn(3, 2)])


def test_a_name_that_the_database_has_no_room_for_is_told() -> None:
    longest, longer = (type("P" * n, (L1,), {}) for n in (40, 41))
    assert "P" * 40 in penalties_by_name([longest], Path())
    with pytest.raises(StudyError, match="at most 40 characters must be given, found 41 in"):
        penalties_by_name([longer], Path())
