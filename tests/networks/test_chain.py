"""Networks whose forward is a chain of known layers, whoever wrote it."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from math import prod

import pytest
import torch
from torch import Tensor, nn

import sweep
from sweep.launchers.context import TrainingContext
from sweep.networks.chain import chain_of
from sweep.networks.cnn import FusedCNN
from sweep.networks.mlp import FusedMLP
from sweep.networks.stacked import StackedModule
from sweep.training._step_kernel import steps
from tests.networks.written_classes import CHAINS, MLP, Blocks, LeNet, Loop, WithDropout
from tests.support.training import plan, segment, split, train
from tests.training.test_kernel_update import weights

BUILT = pytest.mark.skipif(not steps()[0], reason=f"the library {steps()[1]}")
GENERATOR = torch.Generator().manual_seed(0)
BY_LAYER = {"tanh", "mlp", "declared backwards", "loop over a list", "dropout module"}
BY_LAYER |= {"class of a function", "two names"}
"""What is an MLP."""


def context_of(model: object, row: Sequence[int]) -> TrainingContext:
    x = torch.randn(60, *row, generator=torch.Generator().manual_seed(0))
    return TrainingContext(
        sweep.Study(
            study={"name": "written"},
            data=(x, torch.arange(60) % 3),
            model=model,
            training={"epochs": 1, "batch_size": 20},
            search={"penalties": ["l2"], "trials": 2},
        )
    )


def seeded(make: object, seed: int) -> nn.Module:
    assert callable(make)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model = make()
    assert isinstance(model, nn.Module)
    return model


def as_sequence(model: nn.Module) -> nn.Sequential:
    """The same layers in a sequence."""
    chain = chain_of(model)
    assert chain is not None
    return nn.Sequential(*(copy.deepcopy(layer) for _, layer in chain))


@BUILT
@pytest.mark.parametrize("name", CHAINS)
def test_written_classes_are_computed_in_c_and_train_as_in_torch(name: str) -> None:
    context = context_of(*CHAINS[name])
    assert type(context.population(2).stack) is (FusedMLP if name in BY_LAYER else FusedCNN)
    assert context.parity["stacked"].worst < 1e-9
    assert not context.parity["stacked"].difference


@pytest.mark.parametrize("name", CHAINS)
def test_a_sequence_of_the_layers_gives_the_same_outputs_and_gradients(name: str) -> None:
    make, row = CHAINS[name]
    model = seeded(make, 1)
    other, x = as_sequence(model), torch.randn(5, *row, generator=GENERATOR)
    keys = {
        f"{i}.{key}": f"{layer}.{key}"
        for i, (layer, module) in enumerate(chain_of(model) or [])
        for key, _ in (*module.named_parameters(), *module.named_buffers())
    }
    both = (*model.named_parameters(), *model.named_buffers())
    assert sorted(keys.values()) == sorted(key for key, _ in both)
    for training in (False, True):
        output, gradients = tried(model.train(training), x)
        found, gradients_there = tried(other.train(training), x)
        assert torch.equal(found, output)
        for key, gradient in gradients_there.items():
            assert torch.equal(gradient, gradients[keys[key]]), key
    there = dict(other.named_buffers())
    assert all(torch.equal(there[k], model.get_buffer(keys[k])) for k in there)


def tried(model: nn.Module, x: Tensor) -> tuple[Tensor, dict[str, Tensor]]:
    """What a network gives, and the gradients of its weights."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(2)
        output = model(x)
    own = dict(model.named_parameters())
    pieces = torch.autograd.grad(output.square().sum(), list(own.values()))
    return output, dict(zip(own, pieces, strict=True))


@BUILT
@pytest.mark.parametrize(
    ("make", "row"),
    [(MLP, (6,)), (Loop, (6,)), (WithDropout, (6,)), (LeNet, (1, 8, 8)), (Blocks, (1, 8, 8))],
    ids=["mlp", "loop", "dropout", "lenet", "blocks"],
)
def test_runs_of_a_class_are_those_of_the_sequence_to_the_bit(
    make: object, row: tuple[int, ...]
) -> None:
    rows = split(features=prod(row))
    x, x_validation = (t.float().unflatten(1, row) for t in (rows.x_train, rows.x_validation))
    rows = replace(rows, x_train=x, x_validation=x_validation)
    stack = FusedMLP if len(row) == 1 else partial(FusedCNN, row=row)
    model, training = seeded(make, 0), plan("adamw", dtype=torch.float32)
    found = []
    for build in (lambda seed: seeded(make, seed), lambda seed: as_sequence(seeded(make, seed))):
        layers = [n[: -len(".weight")] for n, p in build(0).named_parameters() if p.ndim > 1]
        runs = [
            segment(i, penalty, 0.01, layers=layers, stop=4, seed=i)
            for i, penalty in enumerate(("l2", "l1"))
        ]
        found.append(train(runs, training, width=2, build=build, data=rows, stack=stack))
    own, sequence = found
    for number, outcome in own.items():
        assert outcome.result.curves == sequence[number].result.curves
        pairs = zip(weights(outcome).values(), weights(sequence[number]).values(), strict=True)
        assert all(torch.equal(one, other) for one, other in pairs)
    assert model.state_dict().keys() == weights(own[0]).keys()


def test_a_chain_with_two_activations_in_a_row_is_computed_by_vmap() -> None:
    """The slope of the sigmoid cannot be had from what the tanh gives."""

    class Twice(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.fc, self.out = nn.Linear(6, 8), nn.Linear(8, 3)

        def forward(self, x: Tensor) -> Tensor:
            return self.out(self.fc(x).sigmoid().tanh())

    assert chain_of(Twice()) is not None
    context = context_of(Twice, (6,))
    assert type(context.population(2).stack) is StackedModule
    assert not context.parity["stacked"].difference
    longer = context.variant((("batch_size", 10),))
    assert type(longer.population(2).stack) is StackedModule
