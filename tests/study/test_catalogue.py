"""What the catalogue says of builtin names, against what the other wings make of them."""

from __future__ import annotations

from dataclasses import replace
from typing import get_args

import pytest
import torch
from torch import nn

from sweep.networks.activations import ACTIVATION_MODULES, WRITTEN_OUT
from sweep.records.parameters import MODEL
from sweep.regularizers.catalogue import acts_on_weights
from sweep.study._bounds import AXIS_BOUNDS, AXIS_WORDS, Activation
from sweep.study.catalogue import DATA_SETS, NETWORKS, OPTIMIZERS, SCHEDULES, data_set, network
from sweep.study.settings import ModelSettings
from sweep.training import _optim
from sweep.training._muon import Matrix, StackedMuon
from sweep.training.jobs import OptimizerPlan
from sweep.training.schedules import Schedule, factors
from tests.networks.test_builders import build
from tests.support.training import segment

BATCH_NORM = (nn.BatchNorm1d, nn.BatchNorm2d)


def test_optimizers_are_those_of_the_settings_and_of_training() -> None:
    assert set(OPTIMIZERS) == set(_optim.OPTIMIZERS)
    assert all(acts_on_weights(o.usual_penalty) for o in OPTIMIZERS.values())


@pytest.mark.parametrize("name", sorted(OPTIMIZERS))
def test_an_optimizer_reads_the_numbers_of_the_catalogue_and_no_others(name: str) -> None:
    read = set()

    class Numbers(dict[str, float]):
        def __getitem__(self, key: str) -> float:
            read.add(key)
            return super().__getitem__(key)

    numbers = Numbers({"lr": 0.1, **OPTIMIZERS[name].numbers})
    plan = OptimizerPlan(name, numbers)
    made = _optim.OPTIMIZERS[name](plan, 1, 6, torch.device("cpu"), torch.float32)
    made.admit(0, segment(0, "none", 0, layers=(), stop=1), None)
    if isinstance(made, StackedMuon):
        made = StackedMuon(plan, 1, 6, made.device, made.dtype, [Matrix(slice(0, 4), (2, 2))])
    made.update(torch.ones(1, 6), torch.ones(1, 6))
    assert read == {"lr", *OPTIMIZERS[name].numbers}


def test_schedules_are_those_of_the_settings_and_of_training() -> None:
    for known in SCHEDULES.values():
        schedule = Schedule(known.name, known.warmup, milestones=known.milestones)
        assert len(factors(replace(schedule, **dict(known.numbers)), 40)) == 40


def test_activations_of_the_settings_have_a_module_each() -> None:
    assert set(ACTIVATION_MODULES) == set(get_args(Activation))
    assert {nn.ReLU, nn.Tanh} <= set(WRITTEN_OUT)


def test_every_axis_of_a_builtin_network_can_be_searched_and_belongs_to_one() -> None:
    swept = {MODEL.name_of(a) for n in NETWORKS.values() for a in n.arguments}
    assert swept == {axis for axis in (*AXIS_BOUNDS, *AXIS_WORDS) if axis in MODEL}


@pytest.mark.parametrize("name", sorted(NETWORKS))
def test_a_network_has_what_the_catalogue_says(name: str) -> None:
    known = NETWORKS[name]
    kinds = {type(module) for module in build(name=name, batch_norm=True).modules()}
    assert bool(kinds & set(BATCH_NORM)) == ("batch_norm" in known.arguments)
    assert (nn.ReLU in kinds) == ("activation" in known.arguments)
    widths = [tuple(p.shape) for p in build(name=name, hidden=[3]).parameters()]
    wider = [tuple(p.shape) for p in build(name=name, hidden=[7]).parameters()]
    assert (widths != wider) == known.has_widths == ("depth" in known.arguments)


@pytest.mark.parametrize("name", sorted(NETWORKS))
def test_the_setting_of_dropout_is_the_rate_of_those_that_have_it(name: str) -> None:
    settings = ModelSettings(name=name)
    assert settings.sets_dropout == (name != "linear")
    if settings.sets_dropout:
        rates = [m.p for m in build(name=name, dropout=0.3).modules() if isinstance(m, nn.Dropout)]
        assert rates
        assert set(rates) == {0.3}


def test_of_a_users_function_nothing_is_known() -> None:
    for source in ("nets.py:make", build, object()):
        assert data_set(source) is None
        assert network(source) is None
    assert not ModelSettings(name="nets.py:make").sets_dropout


def test_a_file_says_itself_what_it_predicts() -> None:
    for known in DATA_SETS.values():
        assert bool(known.endings) == (known.regression is None)
