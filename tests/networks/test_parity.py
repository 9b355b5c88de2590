"""What the comparison with plain PyTorch finds, refuses and leaves as it was."""

from __future__ import annotations

import logging
from collections import deque
from dataclasses import replace
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.nn.utils import parametrizations

import sweep
from sweep.errors import ModelError
from sweep.launchers.context import TrainingContext
from sweep.networks.alone import SeparateModules
from sweep.networks.backward import TRIES, backward_hook, try_backward
from sweep.networks.forward import UNLIKELY_SEED, copied
from sweep.phases.facts import collect_facts
from sweep.training.parity import compare
from tests.networks.zoo import FEATURES, NETWORKS, WORDS, Calls, last, two
from tests.support.training import segment

N = 60


def rows(looked_up: bool) -> tuple[Tensor, Tensor]:
    random = torch.Generator().manual_seed(0)
    x = torch.randn(N, FEATURES, generator=random)
    whole = torch.randint(0, WORDS, (N, FEATURES), generator=random)
    return whole if looked_up else x, torch.arange(N) % 3


def context_of(
    make: object, looked_up: bool, optimizer: str, precision: str = "float32"
) -> TrainingContext:
    return TrainingContext(
        sweep.Study(
            study={"name": "zoo"},
            data=rows(looked_up),
            model=make,
            training={"optimizer": optimizer, "epochs": 1, "batch_size": 10, "lr": 1e-2},
            hardware={"precision": precision},
            search={"penalties": ["l2"], "trials": 1},
            path={"points": 0},
        )
    )


def test_weights_that_get_no_gradient_are_left_alone_and_named() -> None:
    for name, idle in (("without gradients", ["a.bias", "a.weight"]), ("mlp", [])):
        context = context_of(NETWORKS[name], False, "adamw")
        assert collect_facts(context).idle_parameters == tuple(idle)
        frozen = {n for n, p in context.build(0).named_parameters() if not p.requires_grad}
        assert frozen == set(idle)
    context = context_of(NETWORKS["idle layer"], False, "adamw")
    assert context.layers == ("a", "b")
    assert any("gets no gradient" in line for line in context.layer_report.table())


def test_a_copy_has_the_hooks_on_weights() -> None:
    x, _ = rows(False)
    for name in ("hook on a weight", "hook after accumulation"):
        model = NETWORKS[name]()
        assert backward_hook(copied(model)) == backward_hook(model) != ""
        grads = []
        for one in (model, copied(model)):
            one(x[:10]).square().sum().backward()
            grads.append([p.grad for p in one.parameters()])
        assert all(torch.equal(a, b) for a, b in zip(*grads, strict=True))


def test_a_large_network_is_compared_after_a_line_that_says_so(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, logger="sweep")
    context_of(NETWORKS["mlp"], False, "sgd")
    assert "comparing" not in caplog.text
    monkeypatch.setattr("sweep.networks.probe.LARGE_NETWORK", 10)
    context = context_of(NETWORKS["residual"], False, "sgd")
    assert "comparing 3 steps of training with plain PyTorch's" in caplog.text
    assert {how: found.difference for how, found in context.parity.items()} == {
        "stacked": "",
        "alone": "",
    }


def squeezed(m: nn.Module, x: Tensor) -> Tensor:
    return m.b(m.a(x).unsqueeze(1).squeeze())  # type: ignore[operator, no-any-return]


class Complex(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.w, self.out = nn.Parameter(torch.ones(6, 8, dtype=torch.cfloat)), nn.Linear(8, 3)

    def forward(self, x: Tensor) -> Tensor:
        return self.out((x.to(self.w.dtype) @ self.w).abs())  # type: ignore[no-any-return]


LOADED_ONCE = nn.Linear(6, 3)
LOADED_ONCE.weight.register_hook(lambda g: g + LOADED_ONCE.weight)


def transposed() -> nn.Module:
    first, second = nn.Linear(6, 3), nn.Linear(3, 6)
    second.weight = nn.Parameter(first.weight.t())
    return nn.Sequential(first, nn.ReLU(), second, nn.Linear(6, 3))


class LightningModule(nn.Linear):
    """Has the name of the class whose loss and optimizer would be ignored."""


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: Calls(squeezed, **two()), "for one row of 1; look for squeeze()"),
        (Complex, "must have real weights, found torch.complex64 in w"),
        (lambda: LightningModule(6, 3), "found a LightningModule, whose training_step"),
        (lambda: nn.Sequential(LOADED_ONCE), "found one body with a hook on 0.weight that uses"),
        (transposed, "found that 0.weight and 2.weight share theirs; make them one nn.Parameter"),
        (lambda: torch.jit.script(nn.Linear(6, 3)), "found a scripted one"),
    ],
)
@pytest.mark.filterwarnings("ignore:.*torch.jit.script:DeprecationWarning")
def test_what_cannot_be_trained_as_it_asks_is_refused(make: object, words: str) -> None:
    with pytest.raises(ModelError) as caught:
        context_of(make, False, "sgd")
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_weight_that_gets_a_gradient_only_sometimes_is_refused() -> None:
    draws = []
    for seed in range(TRIES):
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(UNLIKELY_SEED + seed)
            draws.append(float(torch.rand(())))

    def sometimes(m: nn.Module, x: Tensor) -> Tensor:
        used = float(torch.rand(())) < sum(draws) / TRIES
        hidden = m.a(x) if used else x.repeat(1, 2)[:, :8]  # type: ignore[operator]
        return m.b(hidden)  # type: ignore[operator, no-any-return]

    x, _ = rows(False)
    with pytest.raises(ModelError, match="to get one only sometimes"):
        try_backward(Calls(sometimes, **two()), x[:10], "net")


def routed(m: nn.Module, x: Tensor) -> Tensor:
    """One more expert for rows that are rare."""
    rare, out = x[:, 0] > RARE, m.a(x)  # type: ignore[operator]
    return out.index_put((rare,), m.b(x[rare])) if rare.any() else out  # type: ignore[operator, no-any-return]


RARE = 2.0
LATE = 200
"""Calls of a forward."""


def test_a_weight_that_gets_its_first_gradient_in_a_later_batch_is_refused() -> None:
    """Frozen for good by what a first batch showed, it would be wrong without a word."""

    def make() -> nn.Module:
        return Calls(routed, a=nn.Linear(6, 3), b=nn.Linear(6, 3))

    context = context_of(make, False, "sgd")
    assert context.build.idle == {"b.weight", "b.bias"}, "no rare row in the first batches"
    context.first_split.x_train[-1, 0] = RARE + 1
    run = segment(0, "l2", 0.1, layers=context.layers, stop=1)
    n = len(context.first_split.x_train)
    context.plan = replace(context.plan, batch_size=n, steps_per_epoch=1)
    context.split_of = lambda run, with_test: (0, context.first_split)  # type: ignore[method-assign]
    with pytest.raises(ModelError, match=r"found one for b\.bias that the first batch gave none"):
        list(context.population(1, False).train(deque([run])))


@pytest.mark.parametrize("first", [False, True])
def test_stacked_runs_refuse_a_weight_that_a_count_of_calls_takes_in_or_out(first: bool) -> None:
    """Plain PyTorch would leave ``b`` alone in the steps that do not use it, and train it in the
    others; what is batched by vmap has zeros for a gradient, or a weight that is frozen.
    """

    calls: list[bool] = []

    def forward(m: nn.Module, x: Tensor) -> Tensor:
        calls.append(first)
        return m.a(x) + (m.b(x) if (len(calls) < LATE) == first else 0)  # type: ignore[operator, no-any-return]

    def make() -> nn.Module:
        return Calls(forward, a=nn.Linear(6, 3), b=nn.Linear(6, 3))

    context = context_of(make, False, "sgd")
    runs = deque(segment(i, "l2", 0.1, layers=context.layers, stop=99) for i in range(2))
    population = context.population(2, True)
    assert population.stack.batched, context.probe.why_alone
    with pytest.raises(ModelError, match=r"found (none|one) for b.*; use it in"):
        list(population.train(runs))


@pytest.mark.parametrize("always", [False, True])
def test_a_weight_that_later_batches_give_no_gradient_is_refused_before_training(
    monkeypatch: pytest.MonkeyPatch, always: bool
) -> None:
    """The first rows have some that are rare, those of another batch of the first epoch none."""
    monkeypatch.setattr("tests.networks.test_parity.RARE", 1.0)

    def forward(m: nn.Module, x: Tensor) -> Tensor:
        unused = sum(0 * parameter.sum() for parameter in m.b.parameters())  # type: ignore[union-attr]
        return routed(m, x) + unused if always else routed(m, x)

    def make() -> nn.Module:
        return Calls(forward, a=nn.Linear(6, 3), b=nn.Linear(6, 3))

    if always:
        assert not context_of(make, False, "sgd").build.idle, "as the message says to do"
        return
    with pytest.raises(ModelError, match=r"found b\.bias of .* to get one only sometimes; use it"):
        context_of(make, False, "sgd")


def test_a_batch_size_that_leaves_some_batches_without_a_gradient_is_refused_by_check(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("tests.networks.test_parity.RARE", 0.75)

    def make() -> nn.Module:
        return Calls(routed, a=nn.Linear(6, 3), b=nn.Linear(6, 3))

    search = {"penalties": ["l2"], "trials": 2, "axes": {"batch_size": {"choices": [4, 10]}}}
    study = sweep.Study(
        study={"name": "rare"},
        data=rows(False),
        model=make,
        training={"optimizer": "sgd", "epochs": 1, "batch_size": 10},
        search=search,
        path={"points": 0},
    )
    context = TrainingContext(study)
    with pytest.raises(ModelError, match=r"only sometimes.*\(search\.axes at batch_size = 4\)"):
        context.try_axes()


@pytest.mark.parametrize("norm", [parametrizations.weight_norm, nn.utils.weight_norm])
@pytest.mark.filterwarnings("ignore:.*weight_norm:FutureWarning")
def test_recurrent_layers_of_normed_weights_can_be_copied(norm: Any) -> None:
    """They keep their weights in a list, those that are computed too."""
    context = context_of(lambda: last(norm(nn.LSTM(2, 5), "weight_hh_l0")), False, "sgd")
    assert not context.probe.why_alone
    assert {how: found.difference for how, found in context.parity.items()} == {
        "stacked": "",
        "alone": "",
    }


def test_rows_and_hooks_are_as_they_were_after_the_tries(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING, logger="sweep")
    for name in ("shifted in place", "hook of a module", "dropout in place first"):
        context = context_of(NETWORKS[name], False, "sgd")
        before = context.first_split.x_train.clone()
        collect_facts(context)
        assert torch.equal(context.first_split.x_train, before)
    x, _ = rows(False)
    model = NETWORKS["batch norm"]()
    state = {key: tensor.clone() for key, tensor in model.state_dict().items()}
    facts = try_backward(model, x[:10], "net")
    assert replace(facts, idle=frozenset()) == facts
    assert all(torch.equal(tensor, state[key]) for key, tensor in model.state_dict().items())


def test_a_part_that_leaves_one_row_needs_a_network_that_takes_one() -> None:
    """Batches have 128 rows in evaluation."""

    def make() -> nn.Module:
        return nn.Sequential(nn.BatchNorm1d(6, track_running_stats=False), nn.Linear(6, 3))

    context = context_of(make, False, "sgd")
    ways = {"alone": SeparateModules}
    parts = (context.plan, context.probe.template, context.build, context.first_split, ways, "net")
    assert not compare(*parts, {60, 130, 258})["alone"].difference
    with pytest.raises(ValueError, match="more than 1 value per channel"):
        compare(*parts, {60, 257})


def test_a_bias_before_a_norm_which_rounding_moves_is_no_difference() -> None:
    """Its gradient is 0 but for rounding, and Adam's steps are not: in evaluation it counts."""

    def build() -> nn.Module:
        return nn.Sequential(
            *(nn.Linear(FEATURES, 16), nn.BatchNorm1d(16), nn.ReLU(), nn.Linear(16, 16)),
            *(nn.BatchNorm1d(16), nn.ReLU(), nn.Linear(16, 3)),
        )

    data = rows(looked_up=False)
    for seed in range(3):
        study = sweep.Study(
            study={"name": "normed", "seed": seed},
            data=data,
            model=build,
            training={"optimizer": "adamw", "epochs": 1, "batch_size": 10, "lr": 0.1},
            search={"penalties": ["l2"], "trials": 1},
        )
        context = TrainingContext(study)
        assert not context.probe.why_alone
        assert context.parity["stacked"].worst <= 1e-9
