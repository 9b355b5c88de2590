"""The parts of a population follow one protocol: a run's row is filled, moved and taken along."""

from __future__ import annotations

import pickle
from dataclasses import replace

import torch
from torch import Tensor

from sweep.training._weights import THETA
from sweep.training.augmentation import AUGMENTATIONS
from sweep.training.jobs import Checkpoint, Segment
from sweep.training.population import Population
from tests.support.training import mlp, plan, segment, split

LAYERS = ("0", "2")
EVERYTHING = plan(
    epochs=6, dropout=0.1, swept=frozenset(AUGMENTATIONS) | {"patience", "dropout", "lr"}
)


def run(number: int, penalty: str, **numbers: float) -> Segment:
    return segment(number, penalty, 0.01, layers=LAYERS, stop=6, seed=number, **numbers)


def population(width: int) -> Population:
    rows = split()
    return Population(EVERYTHING, width, mlp, lambda run, test: (0, rows))


def tensors_of(value: object) -> list[Tensor]:
    if isinstance(value, Tensor):
        return [value]
    inner = list(value.values()) if isinstance(value, dict) else list(vars(value).values())
    return [t for v in inner if isinstance(v, dict | Tensor) for t in tensors_of(v)]


def same(one: Checkpoint, other: Checkpoint) -> None:
    assert one.states.keys() == other.states.keys()
    for name, state in one.states.items():
        pairs = zip(tensors_of(state), tensors_of(other.states[name]), strict=True)
        assert all(torch.equal(a, b) for a, b in pairs), name


def test_a_run_takes_along_what_its_trial_does_not_say_and_nothing_else() -> None:
    here = population(2)
    for one in (run(0, "none", lr=0.01), run(1, "l2_sp", lr=0.02, patience=3)):
        here.admit(one)
    here.train_epoch()
    rich, plain = here.release(2)
    assert plain.checkpoint is not None
    assert rich.checkpoint is not None
    assert set(plain.checkpoint.states) == {"weights", "optimizer"}
    kept = {"weights", "optimizer", "penalties", "early_stopping"}
    assert set(rich.checkpoint.states) == kept
    assert len(pickle.dumps(plain.checkpoint)) < len(pickle.dumps(rich.checkpoint))


def test_every_part_moves_and_goes_on_in_another_population() -> None:
    here = population(3)
    numbers = {"lr": 0.02, "patience": 3.0, "mixup": 0.3, "input_noise": 0.2, "dropout": 0.3}
    for one in (run(0, "l2", lr=0.01), run(1, "none"), run(2, "l2_sp", **numbers)):
        here.admit(one)
    here.train_epoch()
    before = here.parts.checkpoint(2)
    rows = {name: tensor[2].clone() for name, tensor in here.parts.augmentation.numbers.items()}
    here.parts.move(2, 0)
    moved = here.parts.checkpoint(0)
    same(Checkpoint(1, 0.0, {}, moved), Checkpoint(1, 0.0, {}, before))
    assert all(torch.equal(here.parts.augmentation.numbers[name][0], rows[name]) for name in rows)
    assert here.parts.dropout is not None
    assert torch.equal(here.parts.dropout.rates[0], here.parts.dropout.rates[2])
    (last,) = here.release(1)
    there = population(1)
    there.admit(replace(last, stop=6))
    same(Checkpoint(1, 0.0, {}, there.parts.checkpoint(0)), Checkpoint(1, 0.0, {}, before))
    assert there.slots[0].epoch == 1
    assert torch.equal(there.parts.weights.theta[0], here.parts.weights.tensors[THETA][2])
