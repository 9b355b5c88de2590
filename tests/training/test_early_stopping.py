"""Early stopping against a plain loop that keeps the best state_dict, and with everything else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

import sweep
from sweep.networks.alone import SeparateModules
from sweep.networks.mlp import FusedMLP
from sweep.networks.stacked import StackedModule
from sweep.phases._explore import Explore
from sweep.phases.history import StudyHistory
from sweep.records.trial import Curve, Draw, Phase, Progress, RunResult, State
from sweep.search.rungs import rung_epochs
from sweep.search.sampler import Search
from sweep.search.strengths import Strengths
from sweep.training._early_stopping import EarlyStopping
from sweep.training._weights import THETA
from sweep.training.jobs import Checkpoint, Segment, SegmentResult, TrainingPlan
from tests.support.training import mlp, plain_loop, plan, segment, split, train

EPOCHS = 12
PATIENCE = (0, 1, 2, 4, 50)
LAYERS = ("0", "3")
NORMED = partial(mlp, batch_norm=True)


def early_stopping(**changes: object) -> TrainingPlan:
    return plan(epochs=EPOCHS, swept=frozenset({"patience"}), lr=0.03, **changes)


def runs(stop: int = EPOCHS) -> list[Segment]:
    """Of one seed, and too long for it: its validation loss rises before the end."""
    return [
        segment(i, "l2", 1e-3, layers=LAYERS, stop=stop, seed=1, lr=0.03, patience=patience)
        for i, patience in enumerate(PATIENCE)
    ]


def adam(matrices: list[Tensor], others: list[Tensor]) -> torch.optim.Optimizer:
    groups = [{"params": matrices, "weight_decay": 2e-3}, {"params": others}]
    return torch.optim.Adam(groups, lr=0.03)


class Keeper:
    """What everybody writes: keeps the best state_dict and counts the epochs since."""

    def __init__(self, patience: int):
        self.patience, self.epoch = patience, 0
        self.best: tuple[float, int, Mapping[str, Tensor]] = (float("inf"), 0, {})

    def __call__(self, model: nn.Module, epoch: int) -> bool:
        self.epoch = epoch
        model.eval()
        with torch.no_grad():
            loss = float(F.cross_entropy(model(split().x_validation), split().y_validation))
        model.train()
        if loss < self.best[0]:
            state = {name: tensor.clone() for name, tensor in model.state_dict().items()}
            self.best = (loss, epoch, state)
        return epoch - self.best[1] >= self.patience


@pytest.mark.parametrize("batched", [True, False])
def test_a_run_with_patience_ends_and_restores_like_a_loop_that_keeps_its_best(
    batched: bool,
) -> None:
    stack = StackedModule if batched else SeparateModules
    found = train(runs(), early_stopping(), width=2, build=NORMED, stack=stack)
    ends = set()
    for i, patience in enumerate(PATIENCE[1:], start=1):
        keeper, outcome = Keeper(patience), found[i]
        plain_loop(runs()[i], early_stopping(), adam, build=NORMED, ends=keeper)
        loss, epoch, state = keeper.best
        assert outcome.result.state is State.COMPLETE
        assert outcome.result.epochs == keeper.epoch
        assert outcome.result.metrics["best_epoch"] == epoch < keeper.epoch
        assert outcome.result.metrics["val_loss"] == pytest.approx(loss, abs=1e-9)
        assert outcome.weights is not None
        for key, tensor in state.items():  # a bias before a norm layer moves by rounding alone
            torch.testing.assert_close(outcome.weights[key], tensor, atol=1e-7, rtol=0)
        ends.add(keeper.epoch)
    assert len(ends) >= 3
    assert EPOCHS in ends
    assert found[0].result.epochs == EPOCHS
    assert found[0].result.metrics["val_loss"] > found[0].result.metrics["best_val_loss"]


def test_all_metrics_and_readings_are_of_the_epoch_that_was_restored() -> None:
    rows = split()
    tested = replace(rows, x_test=rows.x_validation + 0.1, y_test=rows.y_validation)
    one = replace(runs()[3], with_test=True)
    outcome = train([one], early_stopping(), width=1, build=NORMED, data=tested)[3]
    metrics, model = outcome.result.metrics, NORMED(1)
    assert outcome.weights is not None
    model.load_state_dict(dict(outcome.weights))
    model.eval()
    for part in ("train", "validation", "test"):
        x, y = getattr(tested, f"x_{part}"), getattr(tested, f"y_{part}")
        with torch.no_grad():
            output = model(x)
        name = part.replace("validation", "val")
        assert metrics[f"{name}_loss"] == pytest.approx(float(F.cross_entropy(output, y)))
        assert metrics[f"{name}_accuracy"] == pytest.approx(
            float((output.argmax(1) == y).double().mean())
        )
    matrices = [w.detach() for w in model.parameters() if w.ndim > 1]
    sizes = [float(w.norm()) for w in matrices]
    assert [reading.norm for reading in outcome.result.layers] == pytest.approx(sizes)
    assert metrics["penalty_loss"] == pytest.approx(1e-3 * sum(size**2 for size in sizes))
    for curve in outcome.result.curves:
        assert list(curve.epochs) == sorted(set(curve.epochs))
        assert max(curve.epochs) <= outcome.result.epochs


def same_bits(one: SegmentResult, other: SegmentResult) -> None:
    assert one.weights is not None
    assert other.weights is not None
    assert all(torch.equal(one.weights[key], other.weights[key]) for key in one.weights)
    assert one.result.epochs == other.result.epochs
    assert one.result.metrics == other.result.metrics
    assert one.result.curves[0] == other.result.curves[0]


@pytest.mark.parametrize("stops", [(1, 3), (2, 5, 9), (4,), (11,)])
@pytest.mark.parametrize("width", [1, 3])
def test_a_run_with_patience_is_the_same_at_any_width_and_after_a_checkpoint(
    stops: tuple[int, ...], width: int
) -> None:
    def build(seed: int) -> nn.Module:
        return mlp(seed)

    def runs_to(stop: int) -> list[Segment]:
        return [
            segment(i, "none", 0, layers=(), stop=stop, seed=i, lr=0.05, patience=patience)
            for i, patience in enumerate(PATIENCE)
        ]

    training = early_stopping()
    whole = train(runs_to(EPOCHS), training, width=5, build=build, stack=FusedMLP)
    ended: dict[int, SegmentResult] = {}
    standing: dict[int, Checkpoint | None] = dict.fromkeys(range(5))
    for stop in (*stops, EPOCHS):
        going = [
            replace(runs_to(stop)[i], checkpoint=checkpoint) for i, checkpoint in standing.items()
        ]
        found = train(going[::-1], training, width=width, build=build, stack=FusedMLP)
        ended |= {i: o for i, o in found.items() if o.result.state is not State.RUNNING}
        standing = {i: o.checkpoint for i, o in found.items() if o.result.state is State.RUNNING}
    assert any(outcome.result.epochs < EPOCHS for outcome in whole.values())
    for number, outcome in whole.items():
        same_bits(ended[number], outcome)


def test_the_first_of_equal_epochs_is_the_best_and_any_fall_is_one() -> None:
    theta = torch.zeros(1, 2, dtype=torch.float64)
    rule = EarlyStopping(early_stopping(), {THETA: theta})
    rule.admit(0, runs()[2], None)
    for epoch, loss in enumerate((1.0, 1.0, 1.0 - 1e-9, 2.0), start=1):
        theta[:] = epoch
        assert not rule.note([epoch], np.array([loss]))
    theta[:] = 5
    assert rule.note([5], np.array([1.0 - 1e-9])) == {0}
    assert rule.restore(0) == 3
    assert theta.tolist() == [[3.0, 3.0]]


def test_a_diverged_run_with_patience_is_recorded_as_diverged() -> None:
    wild = segment(9, "l2", 1.0, layers=("0", "2"), stop=EPOCHS, lr=1e200, patience=1)
    outcome = train([wild], early_stopping(optimizer="sgd"), width=1)[9]
    assert outcome.result.state is State.DIVERGED
    assert outcome.result.epochs == 1


DRAWS = (Draw(0, 0, 0, 1, 1), Draw(1, 0, 0, 2, 2))


def as_if_trained(one: Segment) -> SegmentResult:
    """Trial n comes to the loss n; the first run of trial 0 ends, early stopped, before a rung."""
    early = one.trial.number == 0 and one.run.number == 0
    epochs = tuple(range(1, (2 if early else one.stop) + 1))
    losses = tuple(float(one.trial.number) for _ in epochs)
    ended = early or one.stop == 8
    state = State.COMPLETE if ended else State.RUNNING
    curve = Curve("val_loss", epochs, losses)
    result = RunResult(one.run, state, epochs[-1], {"val_loss": losses[-1]}, (curve,))
    checkpoint = None if ended else Checkpoint(one.stop, 0.0, {}, {})
    return SegmentResult(one, result, checkpoint)


def test_a_run_that_ended_before_a_rung_counts_there_with_what_it_came_to() -> None:
    """The best trial goes on, though one of its runs will never get to the rung; so in a resume."""
    study = sweep.Study(
        study={"name": "one"},
        data={"name": "digits"},
        training={"epochs": 8, "patience": 1},
        search={"penalties": ["l2"], "trials": 4, "round": 4, "pruner": "halving"},
    )
    search = Search(study, Strengths(study.search, ("w",)))

    def history() -> StudyHistory:
        return StudyHistory(study.study.metric, {Phase.EXPLORE: len(DRAWS)})

    phase = Explore(search, history(), DRAWS, lambda trial: 8)
    steps = phase.begin()
    trials, waiting = steps.trials, list(steps.segments)
    first = phase.take([as_if_trained(one) for one in waiting])
    assert {(s.trial.number, s.run.number) for s in first.segments} == {(0, 1), (1, 0), (1, 1)}
    assert {r.run.trial for r in first.results if r.state is State.PRUNED} == {2, 3}

    stored = {(r.run.trial, r.run.number): r for r in first.results}
    points = {
        (*key, epoch): loss
        for key, result in stored.items()
        for epoch, loss in zip(result.curves[0].epochs, result.curves[0].values, strict=True)
        if epoch in rung_epochs("halving", 8)
    }
    known = history()
    known.add_trials(trials)
    for result in stored.values():
        known.end_run(result)
    again = Explore(search, known, DRAWS, lambda trial: 8, points)
    resumed = again.take([as_if_trained(one) for one in again.begin().segments])
    assert {(s.trial.number, s.run.number) for s in resumed.segments} == {(0, 1), (1, 0), (1, 1)}


COCKTAIL = """
[study]
name = "cocktail"
[data]
name = "breast_cancer"
[model]
hidden = [12]
[training]
epochs = 6
lr = 0.02
mixup = 0.3
[search]
penalties = ["decay"]
trials = 6
round = 3
startup = 3
resamples = 2
axes.input_noise = {{ low = 0.0, high = 0.5, scale = "linear" }}
axes.label_smoothing = {{ choices = [0.0, 0.1] }}
axes.patience = {{ low = 0, high = 2, scale = "linear", integer = true }}
[path]
points = 0
[hardware]
population = {population}
"""


class Stop(Exception):
    """Interrupts a study."""


@pytest.mark.long
def test_a_study_with_all_of_them_is_the_same_at_any_width_interrupted_or_not(
    tmp_path: Path,
) -> None:
    """In float32, bit for bit; and the winner's weights have the metrics that the tables say."""
    found, shares = [], list[list[float]]()
    for name, population, stop in (("one", 1, 1.0), ("cut", 7, 0.4)):
        path = tmp_path / f"{name}.toml"
        path.write_text(COCKTAIL.format(population=population))
        store = sweep.open_store(f"sqlite:///{tmp_path}/{name}.db")

        shares.append([])

        def observe(progress: Progress, stop: float = stop) -> None:
            shares[-1].append(progress.share)
            if progress.share > stop:
                raise Stop

        try:
            sweep.run_study(sweep.load_study(path), store, observer=observe)
        except Stop:
            sweep.run_study(sweep.load_study(path), store)
        found.append(sweep.runs_frame(store, "cocktail").drop(columns="seconds"))
    pd.testing.assert_frame_equal(found[0], found[1], check_exact=True)
    trials = sweep.trials_frame(store, "cocktail").set_index("trial")
    runs = found[0].join(trials[["patience", "phase"]], on="trial")
    whole = runs[(runs["state"] == "complete") & (runs["patience"] > 0)]
    assert (whole["epochs"] < 6).any()
    assert (whole["val_loss"] == whole["best_val_loss"]).all()
    assert {"patience", "input_noise", "label_smoothing"} <= set(trials.columns)
    assert shares[0] == sorted(shares[0])
    assert shares[0][-1] == pytest.approx(1.0, abs=1e-9)
    weights, trial, metrics = sweep.train_best(sweep.load_study(path), store)
    stored = runs[(runs["trial"] == trial.number) & (runs["run"] == 0)].iloc[0]
    assert metrics["val_loss"] == stored["val_loss"]
    assert metrics["test_loss"] == stored["test_loss"]
    assert torch.isfinite(weights["output.weight"]).all()
