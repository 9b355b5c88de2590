"""Every penalty under every optimizer: a loop with the toolkit gives what the population gives."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

import pytest
import torch
from torch import Tensor

from sweep.regularizers.penalties import PENALTIES
from sweep.study.catalogue import OPTIMIZERS
from sweep.toolkit.regularizer import Regularizer
from sweep.training.jobs import TrainingPlan
from sweep.training.schedules import Schedule
from tests.support.training import mlp, plan, segment, split, train
from tests.toolkit.loops import Lion, Make, batches, train_here, wide_defaults

LAYERS, EPOCHS, LR = ("0", "2"), 2, 0.02
LONG = 10
"""Epochs of the whole table, which takes long."""
STRENGTHS = {"0": 0.03, "2": 0.1}
SCALES = {
    "max_norm": 20,
    "cpr": 30,
    "group_lasso": 0.3,
    "orthogonal": 0.1,
    "decay_independent": 0.1,
}
"""What the strengths are multiplied by, where others would hardly show."""
CLOSE = 1e-9
TORCH: Mapping[str, tuple[str, dict[str, float], Make]] = {
    "sgd": ("sgd", {"momentum": 0.0}, torch.optim.SGD),
    "sgd with momentum": (
        "sgd",
        {"momentum": 0.9},
        lambda groups: torch.optim.SGD(groups, momentum=0.9),
    ),
    "sgd with dampening": (
        "sgd",
        {"momentum": 0.8, "dampening": 0.3},
        lambda groups: torch.optim.SGD(groups, momentum=0.8, dampening=0.3),
    ),
    "adam": ("adam", {}, torch.optim.Adam),
    "amsgrad": ("adamw", {"amsgrad": True}, lambda g: torch.optim.AdamW(g, amsgrad=True)),
    "adamw": ("adamw", {}, torch.optim.AdamW),
    "nadam": ("nadam", {}, torch.optim.NAdam),
    "rmsprop": ("rmsprop", {}, torch.optim.RMSprop),
    "lion": ("lion", {}, Lion),
}
"""By what it is called here: the population's optimizer with its settings, and torch's."""
BESIDE = {"adam", "amsgrad", "adamw", "nadam"}
"""Those that decay beside the gradient themselves."""
SHORTER = {"sgd with dampening", "amsgrad", "lion"}
"""Those that differ from another in some penalties alone."""
CASES: list[Any] = [
    (optimizer, penalty, EPOCHS)
    for optimizer in TORCH
    for penalty in (
        ("l1", "elastic_net", "group_lasso", "decay")
        if optimizer in SHORTER
        else (*PENALTIES, "cocktail")
    )
]
CASES += [
    pytest.param(optimizer, penalty, LONG, marks=pytest.mark.long)
    for optimizer in TORCH
    for penalty in (*PENALTIES, "cocktail")
]


def training_plan(optimizer: str, epochs: int = EPOCHS, **changes: object) -> TrainingPlan:
    name, settings, _ = TORCH[optimizer]
    return plan(
        name,
        epochs=epochs,
        lr=LR,
        schedule=Schedule("cosine", warmup=0.2, final_lr=0.1),
        scale_invariant=frozenset({"0.weight"}),
        **settings,
        **changes,
    )


def strengths(penalty: str) -> dict[str, float]:
    return {layer: own * SCALES.get(penalty, 1) for layer, own in STRENGTHS.items()}


@cache
def population(optimizer: str, epochs: int) -> dict[str, dict[str, Tensor]]:
    """The weights of a run for every penalty, all of one population, and of one without any."""
    shared = {"decay": strengths("decay")["0"]}
    runs = [
        segment(i, name, strengths(name), layers=LAYERS, stop=epochs, lr=LR)
        for i, name in enumerate(PENALTIES)
    ]
    runs.append(segment(len(runs), "none", 0.0, layers=LAYERS, stop=epochs, lr=LR))
    mixed = {**shared, "l1": 0.01}
    runs.append(segment(len(runs), "cocktail", 0.0, layers=LAYERS, stop=epochs, lr=LR, **mixed))
    found = train(runs, training_plan(optimizer, epochs), width=len(runs), data=split())
    names = [*PENALTIES, "none", "cocktail"]
    weights = [found[i].weights for i in range(len(names))]
    return {n: dict(w) for n, w in zip(names, weights, strict=True) if w is not None}


def made(penalty: str, model: torch.nn.Module) -> Regularizer:
    if penalty == "none":
        return Regularizer(model, "none")
    if penalty == "cocktail":
        return Regularizer(model, {"decay": strengths("decay")["0"], "l1": 0.01})
    return Regularizer(model, penalty, strengths(penalty), scale_invariant=["0"])


def shrinks(penalty: str) -> bool:
    return penalty == "cocktail" or PENALTIES[penalty].acts_in("shrink")


@pytest.mark.parametrize(("optimizer", "penalty", "epochs"), CASES)
def test_a_loop_with_the_toolkit_gives_what_the_population_gives(
    penalty: str, optimizer: str, epochs: int
) -> None:
    training, model = training_plan(optimizer, epochs), mlp(0)
    with wide_defaults():
        reg = made(penalty, model)
        by_step = {"weight_decay": 0.0} if optimizer not in BESIDE and shrinks(penalty) else {}
        stepper = TORCH[optimizer][2](reg.parameter_groups(lr=LR, **by_step))
        by_gradients = not OPTIMIZERS[training.optimizer.name].has_metric
        steps = batches(training, split(), epochs)
        found = train_here(model, reg, stepper, steps, by_gradients=by_gradients)
    whole = population(optimizer, epochs)
    expected, free = whole[penalty], whole["none"]
    for name, weight in expected.items():
        torch.testing.assert_close(found[name], weight, atol=CLOSE, rtol=0)
    assert max(float((expected[n] - free[n]).abs().max()) for n in expected) > 1e4 * CLOSE


@pytest.mark.parametrize("by_gradients", [False, True])
@pytest.mark.parametrize("penalty", ["l2", "spectral", "decay_cautious", "l1"])
def test_gradients_are_clipped_with_the_penaltys_among_them(
    penalty: str, by_gradients: bool
) -> None:
    training, model = training_plan("adamw", clip_norm=0.3), mlp(0)
    run = segment(0, penalty, strengths(penalty), layers=LAYERS, stop=EPOCHS, lr=LR)
    expected = train([run], training, width=1, data=split())[0].weights
    reg = made(penalty, model)
    stepper = torch.optim.AdamW(reg.parameter_groups(lr=LR))
    steps = batches(training, split(), EPOCHS)
    found = train_here(model, reg, stepper, steps, by_gradients=by_gradients, clip_norm=0.3)
    assert expected is not None
    for name, weight in expected.items():
        torch.testing.assert_close(found[name], weight, atol=CLOSE, rtol=0)


@pytest.mark.parametrize("penalty", ["cpr", "l2_sp", "spectral", "group_lasso", "fixed_norm"])
def test_a_run_goes_on_from_its_state_in_the_middle(penalty: str) -> None:
    training = training_plan("adamw")
    steps = list(batches(training, split(), EPOCHS))
    whole, first, second = mlp(0), mlp(0), mlp(1)
    ends = []
    for model, part in ((whole, steps), (first, steps[:5])):
        reg = made(penalty, model)
        stepper = torch.optim.AdamW(reg.parameter_groups(lr=LR))
        ends.append(train_here(model, reg, stepper, part))
    second.load_state_dict(first.state_dict())
    resumed = made(penalty, second)
    again = torch.optim.AdamW(resumed.parameter_groups(lr=LR))
    resumed.load_state_dict(reg.state_dict())
    again.load_state_dict(stepper.state_dict())
    found = train_here(second, resumed, again, steps[5:])
    for name, weight in ends[0].items():
        assert torch.equal(found[name], weight), name
