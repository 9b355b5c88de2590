"""The stacked population against plain PyTorch loops, scikit-learn, and itself in other company."""

from __future__ import annotations

import warnings
from dataclasses import replace
from functools import cache, partial

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

from sweep.errors import ModelError
from sweep.networks.alone import SeparateModules
from sweep.networks.counter_rng import Noise
from sweep.networks.stacked import why_not_batched
from sweep.records.trial import State
from sweep.regularizers.penalties import PENALTIES
from sweep.training.jobs import Segment, SegmentResult, TrainingPlan
from sweep.training.schedules import Schedule
from tests.support.training import mlp, plain_loop, plan, segment, split, train

ALONE = SeparateModules
NOISY = partial(SeparateModules, noise=Noise.OWN)
LAYERS = ("0", "2")
STRENGTHS = (0.0, 1e-3, 0.03, 0.5)
LRS = (0.003, 0.01, 0.02, 0.005)


def four_runs(penalty: str, stop: int) -> list[Segment]:
    return [
        segment(
            i,
            penalty,
            {"0": strength, "2": strength * (1 + i)},
            layers=LAYERS,
            stop=stop,
            seed=i,
            lr=lr,
        )
        for i, (strength, lr) in enumerate(zip(STRENGTHS, LRS, strict=True))
    ]


def torch_optimizer(name: str, one: Segment):  # type: ignore[no-untyped-def]
    lr = float(one.trial.params["lr"])
    factor = 1 if name == "adamw" else 2

    def make(matrices: list[Tensor], others: list[Tensor]) -> torch.optim.Optimizer:
        strengths = [one.trial.strengths[layer] for layer in LAYERS]
        groups = [
            {"params": [w], "weight_decay": factor * s}
            for w, s in zip(matrices, strengths, strict=True)
        ]
        groups.append({"params": others, "weight_decay": 0.0})
        if name == "sgd":
            return torch.optim.SGD(groups, lr=lr, momentum=0.9)
        kind = torch.optim.Adam if name == "adam" else torch.optim.AdamW
        return kind(groups, lr=lr)

    return make


@pytest.mark.parametrize(("name", "penalty"), [("sgd", "l2"), ("adam", "l2"), ("adamw", "decay")])
def test_stacked_weights_match_torch_one_run_at_a_time(name: str, penalty: str) -> None:
    training = plan(name, epochs=15)
    together = train(four_runs(penalty, 15), training, width=4)
    for one in four_runs(penalty, 15):
        expected = plain_loop(one, training, torch_optimizer(name, one))
        found = together[one.trial.number].weights
        assert found is not None
        for key, tensor in expected.items():
            torch.testing.assert_close(found[key], tensor, atol=1e-9, rtol=0)


KINDS = (*PENALTIES, "none")
STRONG = {"max_norm": 1.5, "cpr": 1.5}
"""Their strengths are inverse bounds, which small ones leave far off."""


def mixed_runs(stop: int) -> list[Segment]:
    """A run of every penalty, and one of none."""
    return [
        segment(
            i,
            kind,
            STRONG.get(kind, 0.02 + 0.01 * i),
            layers=LAYERS,
            stop=stop,
            seed=i % 3,
            lr=0.004 * (1 + i % 6),
        )
        for i, kind in enumerate(KINDS)
    ]


def same(one: SegmentResult, other: SegmentResult) -> None:
    assert one.weights is not None
    assert other.weights is not None
    for key, tensor in one.weights.items():
        # the gradient of a bias before batch norm is rounding, which Adam makes larger
        torch.testing.assert_close(tensor, other.weights[key], atol=1e-7, rtol=0)
    assert [c.metric for c in one.result.curves] == [c.metric for c in other.result.curves]
    for mine, theirs in zip(one.result.curves, other.result.curves, strict=True):
        assert mine.epochs == theirs.epochs
        np.testing.assert_allclose(mine.values, theirs.values, atol=1e-9, rtol=0)


@cache
def runs_alone(batch_norm: bool) -> tuple[list[Segment], TrainingPlan, list[SegmentResult]]:
    """A run of every penalty, their plan, and what each becomes where it trains by itself."""
    layers = ("0", "3") if batch_norm else LAYERS
    runs = [
        segment(i, s.trial.penalty, s.trial.strength, layers=layers, stop=2 + i % 3, seed=i)
        for i, s in enumerate(mixed_runs(4))
    ]
    training, build = plan(epochs=4), partial(mlp, batch_norm=batch_norm)
    return (
        runs,
        training,
        [train([run], training, width=1, build=build)[i] for i, run in enumerate(runs)],
    )


@settings(max_examples=12, deadline=None)
@given(st.permutations(range(len(KINDS))), st.integers(1, len(KINDS)), st.booleans())
def test_a_run_is_the_same_in_any_slot_at_any_width_admitted_at_any_time(
    order: list[int], width: int, batch_norm: bool
) -> None:
    runs, training, alone = runs_alone(batch_norm)
    build = partial(mlp, batch_norm=batch_norm)
    company = train([runs[i] for i in order], training, width=width, build=build)
    for number, outcome in company.items():
        same(outcome, alone[number])
    assert len(company) == len(runs)


@pytest.mark.parametrize("batch_norm", [False, True])
def test_runs_trained_one_after_the_other_match_those_trained_by_vmap(batch_norm: bool) -> None:
    build = partial(mlp, batch_norm=batch_norm)
    layers = ("0", "3") if batch_norm else LAYERS
    runs = [
        segment(i, s.trial.penalty, s.trial.strength, layers=layers, stop=2 + i % 2, seed=i)
        for i, s in enumerate(mixed_runs(4))
    ]
    together = train(runs, plan(epochs=3), width=4, build=build)
    for number, outcome in train(runs, plan(epochs=3), width=4, build=build, stack=ALONE).items():
        same(outcome, together[number])


def test_a_run_stopped_at_a_rung_goes_on_as_if_it_had_never_stopped() -> None:
    training = plan(epochs=6)
    whole = train(mixed_runs(6), training, width=3)
    halves = train(mixed_runs(2), training, width=len(KINDS))
    assert all(outcome.result.state is State.RUNNING for outcome in halves.values())
    rest = [
        Segment(o.segment.run, o.segment.trial, 6, o.checkpoint, keep_weights=True)
        for o in reversed(halves.values())
    ]
    for number, outcome in train(rest, training, width=2).items():
        same(outcome, whole[number])
        assert outcome.result.state is State.COMPLETE


@pytest.mark.parametrize("schedule", [Schedule(), Schedule("cosine", warmup=0.2)])
def test_runs_with_epochs_of_their_own_are_as_alone(schedule: Schedule) -> None:
    lengths = (6, 3, 1, 6)
    runs = [
        segment(i, "l1", 0.01, layers=LAYERS, stop=n, seed=i, lr=0.01, epochs=n)
        for i, n in enumerate(lengths)
    ]
    training = plan(epochs=4, schedule=schedule, swept=frozenset({"epochs"}))
    together = train(runs, training, width=3)
    for one, n in zip(runs, lengths, strict=True):
        outcome = together[one.trial.number]
        assert (outcome.result.state, outcome.result.epochs) == (State.COMPLETE, n)
        usual = replace(training, epochs=n, swept=frozenset())
        same(outcome, train([one], usual, width=1)[one.trial.number])


def test_a_diverged_run_is_recorded_and_its_neighbours_are_untouched_bit_for_bit() -> None:
    quiet = train(mixed_runs(4), plan("sgd"), width=len(KINDS))
    wild = segment(99, "l2", 1.0, layers=LAYERS, stop=4, lr=1e200)
    noisy = train([wild, *mixed_runs(4)], plan("sgd"), width=len(KINDS) + 1)
    diverged = noisy.pop(99).result
    assert diverged.state is State.DIVERGED
    assert diverged.epochs == 1
    assert "is not finite after epoch 1" in diverged.note
    for number, outcome in noisy.items():
        expected = quiet[number].weights
        assert outcome.weights is not None
        assert expected is not None
        assert all(torch.equal(outcome.weights[key], expected[key]) for key in expected)


def test_a_norm_whose_square_is_no_number_is_recorded() -> None:
    """A single weight may be so large that only its square is beyond all numbers."""

    def far(_: int) -> nn.Module:
        layers = [nn.Linear(6, 1), nn.Linear(1, 1), nn.Linear(1, 3)]
        for layer, weight in zip(layers, (0.0, 1e160, 0.0), strict=True):
            nn.init.constant_(layer.double().weight, weight)
            nn.init.zeros_(layer.bias)
        return nn.Sequential(*layers)

    one = segment(0, "none", 0, layers=("0", "1", "2"), stop=1)
    found = train([one], plan("sgd"), width=1, build=far)[0].result
    assert found.metrics["weight_norm"] == pytest.approx(1e160)


def test_losses_are_recorded_without_the_penalty() -> None:
    one = train([segment(0, "l1", 0.3, layers=LAYERS, stop=4)], plan(), width=1)[0]
    model, rows = mlp(0), split()
    assert one.weights is not None
    model.load_state_dict(dict(one.weights))
    with torch.no_grad():
        loss = nn.functional.cross_entropy(model(rows.x_validation), rows.y_validation)
    size = sum(float(w.detach().abs().sum()) for w in model.parameters() if w.ndim > 1)
    assert one.result.metrics["val_loss"] == pytest.approx(float(loss))
    assert one.result.metrics["penalty_loss"] == pytest.approx(0.3 * size)


def test_readings_count_exact_zeros_and_norms_per_layer() -> None:
    one = train([segment(0, "l1", 0.2, layers=LAYERS, stop=4)], plan(), width=1)[0]
    assert one.weights is not None
    for reading, name in zip(one.result.layers, ("0.weight", "2.weight"), strict=True):
        weight = one.weights[name]
        assert reading.zeros == int((weight == 0).sum())
        assert reading.norm == pytest.approx(float(weight.norm()))
    assert one.result.metrics["zeros"] > 0


class Recurrent(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.cell = nn.LSTM(1, 4, batch_first=True, proj_size=3)
        self.output = nn.Linear(3, 3)

    def forward(self, x: Tensor) -> Tensor:
        hidden: Tensor = self.cell(x[..., None])[0]
        return self.output(hidden[:, -1])  # type: ignore[no-any-return]


def recurrent(seed: int) -> nn.Module:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return Recurrent().double()


class Shuffled(nn.Module):
    """Draws a permutation, for which there is no hash."""

    def forward(self, x: Tensor) -> Tensor:
        return x[:, torch.randperm(x.shape[1])] if self.training else x


def noisy(seed: int) -> nn.Module:
    return nn.Sequential(mlp(seed), Shuffled()).double()


def test_why_a_network_cannot_be_stacked_is_named() -> None:
    assert "proj_size" in why_not_batched(recurrent(0), split().x_train[:4])
    assert "randperm" in why_not_batched(noisy(0), split().x_train[:4], noise=Noise.HASHED)
    assert why_not_batched(mlp(0, batch_norm=True), split().x_train[:4]) == ""


def test_a_model_that_cannot_be_stacked_trains_alone_like_a_plain_loop() -> None:
    layers = ("cell.weight_ih_l0", "cell.weight_hh_l0", "cell.weight_hr_l0", "output")
    training = plan("adamw")
    one = segment(0, "decay", 0.1, layers=layers, stop=4, lr=0.01)

    def adamw(matrices: list[Tensor], others: list[Tensor]) -> torch.optim.Optimizer:
        groups = [{"params": matrices, "weight_decay": 0.1}, {"params": others}]
        return torch.optim.AdamW(groups, lr=0.01, weight_decay=0)

    expected = plain_loop(one, training, adamw, build=recurrent)
    found = train([one], training, width=1, build=recurrent, stack=ALONE)[0].weights
    assert found is not None
    for key, tensor in expected.items():
        torch.testing.assert_close(found[key], tensor, atol=1e-9, rtol=0)


def test_a_model_that_draws_random_numbers_depends_on_its_own_seed_alone() -> None:
    layers = ("0.0", "0.2")
    runs = [segment(i, "l2", 0.01, layers=layers, stop=3, seed=i) for i in range(3)]
    training = plan(epochs=3)
    before = torch.random.get_rng_state()
    forwards = train(runs, training, width=1, build=noisy, stack=NOISY)
    assert torch.equal(torch.random.get_rng_state(), before)
    backwards = train(runs[::-1], training, width=1, build=noisy, stack=NOISY)
    for number, outcome in forwards.items():
        same(outcome, backwards[number])


def test_training_warns_of_nothing() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        train(mixed_runs(1), plan(epochs=1), width=6)


class Fails(nn.Module):
    """Sound on the first batches, then not."""

    def __init__(self, how: BaseException) -> None:
        super().__init__()
        self.inner, self.how, self.calls = mlp(0), how, [0]

    def forward(self, x: Tensor) -> Tensor:
        self.calls[0] += 1
        if self.calls[0] > 3:
            raise self.how
        return self.inner(x)  # type: ignore[no-any-return]


@pytest.mark.parametrize(
    ("how", "words"),
    [(SystemExit(0), "sys.exit(0)"), (KeyError("w"), "KeyError"), (RuntimeError("no"), "no")],
)
def test_a_module_that_fails_in_training_is_one_line_and_never_an_exit(
    how: BaseException, words: str
) -> None:
    layers = ("inner.0", "inner.2")
    one = segment(0, "l2", 0.1, layers=layers, stop=4)
    with pytest.raises(ModelError) as caught:
        train([one], plan(), width=1, build=lambda seed: Fails(how), stack=ALONE)
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)
