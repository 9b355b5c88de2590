"""A run that diverges is recorded with its epoch, its slot is refilled, and nobody else notices."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

import sweep
from sweep.data.splits import Split
from sweep.metrics.number_losses import SquaredError
from sweep.networks.alone import SeparateModules
from sweep.networks.stacked import StackedModule
from sweep.records.trial import State
from sweep.training.jobs import Segment, SegmentResult
from tests.support.training import Build, mlp, plan, segment, split, train

EPOCHS, STEPS = 4, 4
"""``plan()`` takes four steps in each of its four epochs."""
SOUND = 1000


class Bursts(nn.Module):
    """A network whose output is infinite from training step ``limit`` of its own seed on."""

    steps: Tensor
    limit: Tensor

    def __init__(self, seed: int, limit: int, batch_norm: bool) -> None:
        super().__init__()
        self.inner = mlp(seed, batch_norm)
        self.register_buffer("steps", torch.zeros((), dtype=torch.float64))
        self.register_buffer("limit", torch.tensor(float(limit), dtype=torch.float64))

    def forward(self, x: Tensor) -> Tensor:
        if self.training:
            self.steps.add_(1)
        factor = torch.where(self.steps > self.limit, math.inf, 1.0)
        return self.inner(x) * factor  # type: ignore[no-any-return]


def bursting(limits: dict[int, int], batch_norm: bool = False) -> Build:
    return lambda seed: Bursts(seed, limits.get(seed, SOUND), batch_norm)


def runs(n: int, batch_norm: bool = False) -> list[Segment]:
    layers = ("inner.0", "inner.3") if batch_norm else ("inner.0", "inner.2")
    kinds = ("l1", "l2", "decay", "none")
    return [
        segment(i, kinds[i % 4], 0.01 * (i % 4 != 3), layers=layers, stop=EPOCHS, seed=i, lr=0.01)
        for i in range(n)
    ]


def assert_untouched(found: SegmentResult, expected: SegmentResult) -> None:
    assert found.result.state is expected.result.state is State.COMPLETE
    assert found.weights is not None
    assert expected.weights is not None
    assert found.weights.keys() == expected.weights.keys()
    for name, tensor in expected.weights.items():
        assert torch.equal(found.weights[name], tensor), name
    assert found.result.metrics == expected.result.metrics


@pytest.mark.parametrize("batch_norm", [False, True])
@pytest.mark.parametrize(
    ("limit", "epoch"), [(0, 1), (2, 1), (STEPS + 1, 2), (2 * STEPS, 3), (4 * STEPS - 1, 4)]
)
def test_a_run_that_diverges_in_any_epoch_leaves_its_neighbours_alone_bit_for_bit(
    limit: int, epoch: int, batch_norm: bool
) -> None:
    """A fifth run takes the slot, since batch norm's rounding follows the population's width."""
    quiet = train(runs(5, batch_norm), plan(), width=4, build=bursting({}, batch_norm))
    noisy = train(runs(5, batch_norm), plan(), width=4, build=bursting({1: limit}, batch_norm))
    diverged = noisy[1].result
    assert (diverged.state, diverged.epochs) == (State.DIVERGED, epoch)
    assert f"not finite after epoch {epoch}" in diverged.note
    assert noisy[4].result.state is State.COMPLETE
    for number in (0, 2, 3):
        assert_untouched(noisy[number], quiet[number])


def test_slots_of_diverged_runs_are_refilled_while_others_complete() -> None:
    """Runs 0 and 3 diverge in the tick in which 1 and 2 complete; 4 to 7 take over."""
    last = 4 * STEPS - 1
    quiet = train(runs(8), plan(), width=4, build=bursting({}))
    noisy = train(runs(8), plan(), width=4, build=bursting({0: last, 3: last, 5: STEPS}))
    states = {number: outcome.result.state for number, outcome in noisy.items()}
    assert {n for n, state in states.items() if state is State.DIVERGED} == {0, 3, 5}
    assert noisy[5].result.epochs == 2
    for number in (1, 2, 4, 6, 7):
        assert_untouched(noisy[number], quiet[number])


def test_when_all_runs_diverge_each_is_recorded_and_the_population_ends() -> None:
    limits = {i: i for i in range(6)}
    found = train(runs(6), plan(), width=2, build=bursting(limits))
    assert len(found) == 6
    assert {o.result.state for o in found.values()} == {State.DIVERGED}
    assert [found[i].result.epochs for i in range(6)] == [1, 1, 1, 1, 2, 2]


@pytest.mark.parametrize("optimizer", ["sgd", "adam", "adamw"])
def test_a_slot_that_held_a_diverged_run_is_as_good_as_new(optimizer: str) -> None:
    training = plan(optimizer)
    first, second = runs(2)
    alone = train([second], training, width=1, build=bursting({}))
    after = train([first, second], training, width=1, build=bursting({0: STEPS}))
    assert after[0].result.state is State.DIVERGED
    assert_untouched(after[1], alone[1])


def numbers() -> Split:
    """Three numbers to predict."""
    rows = split()
    targets, others = rows.x_train[:, :3], rows.x_validation[:, :3]
    return replace(rows, y_train=targets, y_validation=others, null={"loss": 1.0})


def test_an_infinite_loss_over_finite_weights_is_a_divergence() -> None:
    """Outputs of 1e160 have a squared error beyond float64; steps of 1e-300 move no weight."""

    def build(seed: int) -> nn.Module:
        model = nn.Linear(6, 3).double()
        nn.init.constant_(model.weight, 1e160 if seed == 1 else 0.0)
        return model

    data = numbers()
    one = [segment(i, "none", 0.0, layers=("weight",), stop=4, seed=i, lr=1e-300) for i in range(2)]
    found = train(one, plan("sgd", loss=SquaredError()), width=2, build=build, data=data)
    assert found[0].result.state is State.COMPLETE
    assert (found[1].result.state, found[1].result.epochs) == (State.DIVERGED, 1)
    assert found[1].weights is not None
    assert torch.isfinite(found[1].weights["weight"]).all()
    assert math.isinf(found[1].result.metrics["val_loss"])


@pytest.mark.parametrize(("penalty", "strength"), [("l2", 1e308), ("decay", 1e306)])
@pytest.mark.parametrize("optimizer", ["sgd", "adamw"])
def test_an_overflowing_strength_ends_its_own_run_alone(
    penalty: str, strength: float, optimizer: str
) -> None:
    calm, wild = runs(3), runs(3)
    wild[1] = segment(
        1, penalty, strength, layers=("inner.0", "inner.2"), stop=EPOCHS, seed=1, lr=10.0
    )
    quiet = train(calm, plan(optimizer), width=3, build=bursting({}))
    noisy = train(wild, plan(optimizer), width=3, build=bursting({}))
    assert noisy.pop(1).result.state is State.DIVERGED
    for number, outcome in noisy.items():
        assert_untouched(outcome, quiet[number])


def test_metrics_of_a_diverged_run_are_those_of_its_last_epoch() -> None:
    """Training readings are made now and then; an older one is not passed off as the last."""
    training = plan(epochs=20)
    one = segment(0, "none", 0.0, layers=("inner.0", "inner.2"), stop=20)
    limit = {0: 4 * STEPS + 1}
    result = train([one], training, width=1, build=bursting(limit))[0].result
    assert (result.state, result.epochs) == (State.DIVERGED, 5)
    assert "train_loss" in {curve.metric for curve in result.curves}
    assert not {"train_loss", "train_accuracy"} & result.metrics.keys()
    assert not math.isfinite(result.metrics["val_loss"])


def test_a_study_whose_runs_diverge_keeps_them_with_their_epochs(tmp_path: Path) -> None:
    study = sweep.Study(
        study={"name": "wild"},
        data={"name": "diabetes"},
        model={"name": "linear"},
        training={"optimizer": "sgd", "lr": 0.05, "epochs": 4},
        search={
            "penalties": ["l2"],
            "strength": {"low": 1e-3, "high": 1e30},
            "trials": 8,
            "pruner": "none",
        },
        path={"points": 5, "resamples": 2},
    )
    store = sweep.open_store(f"sqlite:///{tmp_path}/sweep.db")
    sweep.run_study(study, store)
    frame = sweep.runs_frame(store, "wild").set_index(["trial", "run"])
    trials = sweep.trials_frame(store, "wild").set_index("trial")
    lost = frame[frame["state"] == "diverged"]
    assert len(lost)
    assert (lost["epochs"] < 4).all()
    said = [f"after epoch {epoch}" in note for epoch, note in lost[["epochs", "note"]].to_numpy()]
    assert all(said)
    assert lost["val_loss"].isna().all() & lost["train_loss"].isna().all()
    assert (trials.loc[lost.index.get_level_values("trial"), "strength"] > 1).all()
    assert (frame["state"] == "complete").any()


class RootOfZero(nn.Module):
    """The slope of the root at 0 is infinite: no gradient of ``first`` is finite."""

    def __init__(self, seed: int, sound: bool = False) -> None:
        super().__init__()
        self.sound, self.inner = sound, mlp(seed)
        self.first = nn.Linear(6, 6).double()

    def forward(self, x: Tensor) -> Tensor:
        hidden = self.first(x)
        hidden = hidden if self.sound else (hidden.relu() * 0).sqrt() + x
        return self.inner(hidden)  # type: ignore[no-any-return]


@pytest.mark.parametrize("stack", [StackedModule, SeparateModules])
def test_a_layer_whose_gradient_alone_is_not_finite_is_named(
    stack: Callable[[nn.Module, torch.device], StackedModule], caplog: pytest.LogCaptureFixture
) -> None:
    one = [segment(i, "none", 0.0, layers=(), stop=EPOCHS, seed=i) for i in range(3)]
    found = train(one, plan(), width=2, build=RootOfZero, stack=stack)
    for outcome in found.values():
        assert outcome.result.state is State.DIVERGED
        assert "in step 1 the gradient of `first.bias` is not finite" in outcome.result.note
    assert caplog.text.count("a run diverged in its first epoch: ") == 1


def test_no_layer_is_to_blame_for_a_rate_that_is_too_large() -> None:
    one = segment(0, "none", 0.0, layers=(), stop=EPOCHS, lr=1e300)
    build = functools.partial(RootOfZero, sound=True)
    result = train([one], plan("sgd", loss=SquaredError()), width=1, build=build, data=numbers())
    assert result[0].result.state is State.DIVERGED
    assert result[0].result.note.endswith("is not finite after epoch 1")
