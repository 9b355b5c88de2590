"""The explore phase asks and prunes the same trials however its runs are trained."""

from __future__ import annotations

import math
import random
import statistics

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sweep.phases._explore import Explore, NextSteps
from sweep.phases.history import EndedRun, StudyHistory
from sweep.records.trial import Curve, Draw, Phase, RunResult, State, Trial
from sweep.search.rungs import rung_epochs
from sweep.search.sampler import Search
from sweep.search.strengths import Strengths
from sweep.study.study import Study
from sweep.training.jobs import Checkpoint, Segment, SegmentResult

EPOCHS = 8
LAYERS = ("first", "second")


def study(seed: int = 0, **search: object) -> Study:
    table = {
        "penalties": ["l2", "l1"],
        "strength": {"low": 1e-4, "high": 1.0},
        "trials": 22,
        "round": 4,
        "startup": 6,
        "axes": {"lr": {"low": 1e-3, "high": 1e-1, "scale": "log"}},
    }
    question = {"name": "one", "seed": seed}
    return Study(study=question, data={"name": "digits"}, search=table | search)


DRAWS = (Draw(0, 0, 0, 1, 1), Draw(1, 0, 0, 2, 2))


def value(trial: Trial, run: int, epoch: int) -> float:
    """A landscape with its minimum at 0.03, whose order changes as epochs go by."""
    distance = abs(math.log10(trial.strength / 0.03)) + abs(math.log10(trial.params["lr"] / 0.01))  # type: ignore[operator]
    return 1 + distance * epoch / EPOCHS + 0.01 * run + 0.1 / trial.strength**0.1 / epoch


def train(segment: Segment) -> SegmentResult:
    """What a population would make of a segment, without training."""
    trial, run = segment.trial, segment.run
    if trial.strength > 0.8:
        result = RunResult(run, State.DIVERGED, 1, {"seconds": 0.0}, (), (), 0.0, "wild")
        return SegmentResult(segment, result)
    epochs = tuple(range(1, segment.stop + 1))
    losses = tuple(value(trial, run.number, epoch) for epoch in epochs)
    state = State.COMPLETE if segment.stop == EPOCHS else State.RUNNING
    result = RunResult(
        run, state, segment.stop, {"val_loss": losses[-1]}, (Curve("val_loss", epochs, losses),)
    )
    checkpoint = Checkpoint(segment.stop, 0.0, {}, {}) if state is State.RUNNING else None
    return SegmentResult(segment, result, checkpoint)


class Notebook:
    """What a store would hold."""

    def __init__(self) -> None:
        self.trials: dict[int, Trial] = {}
        self.runs: dict[tuple[int, int], RunResult] = {}

    def write(self, steps: NextSteps) -> None:
        self.trials |= {trial.number: trial for trial in steps.trials}
        for result in steps.results:
            key = (result.run.trial, result.run.number)
            assert key not in self.runs, "a run ended twice"
            self.runs[key] = result

    def history(self, one: Study) -> StudyHistory:
        """As it is read back at the start of a launch."""
        history = StudyHistory(one.study.metric, {Phase.EXPLORE: len(DRAWS)})
        history.add_trials(self.trials.values())
        for key, result in self.runs.items():
            numbers = {"epochs": result.epochs, "seconds": 0.0}
            history.restore_run(key, EndedRun(result.state, {**result.metrics, **numbers}))
        return history

    def summary(self) -> dict[tuple[int, int], tuple[State, int]]:
        return {key: (result.state, result.epochs) for key, result in sorted(self.runs.items())}


def explore(
    one: Study, width: int, seed: int, book: Notebook | None = None, stop_after: int = 10**9
) -> Notebook:
    """Runs the phase with ``width`` runs under way, which end in random order."""
    book, chance = book or Notebook(), random.Random(seed)
    points = {
        (*key, epoch): loss
        for key, r in book.runs.items()
        for curve in r.curves
        for epoch, loss in zip(curve.epochs, curve.values, strict=True)
        if epoch in rung_epochs(one.search.pruner, EPOCHS)
    }
    search = Search(one, Strengths(one.search, LAYERS))
    phase = Explore(search, book.history(one), DRAWS, lambda trial: EPOCHS, points)
    steps = phase.begin()
    book.write(steps)
    waiting = list(steps.segments)
    while waiting and len(book.runs) < stop_after:
        batch = waiting[:width]
        chance.shuffle(batch)
        ended = batch[: chance.randint(1, len(batch))]
        waiting = [segment for segment in waiting if segment not in ended]
        steps = phase.take([train(segment) for segment in ended])
        book.write(steps)
        waiting += steps.segments
    return book


REFERENCE: dict[str, Notebook] = {}


def reference(pruner: str) -> Notebook:
    if pruner not in REFERENCE:
        REFERENCE[pruner] = explore(study(pruner=pruner), 1, 0)
    return REFERENCE[pruner]


@pytest.mark.parametrize("pruner", ["halving", "median", "none"])
def test_every_planned_run_ends_once_and_hopeless_trials_are_pruned(pruner: str) -> None:
    book = reference(pruner)
    assert set(book.trials) == set(range(22))
    assert set(book.runs) == {(trial, run) for trial in range(22) for run in range(2)}
    pruned = sum(result.state is State.PRUNED for result in book.runs.values())
    assert (pruned > 0) == (pruner != "none")
    best = min(book.trials, key=lambda n: value(book.trials[n], 0, EPOCHS))
    assert book.runs[(best, 0)].state is State.COMPLETE


@settings(max_examples=15, deadline=None)
@given(st.sampled_from(["halving", "none"]), st.integers(1, 40), st.integers(0, 10**6))
def test_the_same_trials_are_asked_and_pruned_at_any_width_in_any_order(
    pruner: str, width: int, seed: int
) -> None:
    book = explore(study(pruner=pruner), width, seed)
    assert book.trials == reference(pruner).trials
    assert book.summary() == reference(pruner).summary()


@settings(max_examples=15, deadline=None)
@given(st.lists(st.integers(1, 40), min_size=1, max_size=4), st.integers(0, 10**6))
def test_the_same_trials_are_asked_and_pruned_when_interrupted(stops: list[int], seed: int) -> None:
    book = Notebook()
    for i, stop in enumerate(sorted(stops)):
        explore(study(), 5, seed + i, book, stop_after=stop)
    explore(study(), 5, seed, book)
    assert book.trials == reference("halving").trials
    assert book.summary() == reference("halving").summary()


def test_a_rung_is_decided_by_the_trials_of_one_penalty_alone() -> None:
    """They come first, so that the first are decided while others have not begun."""
    one = study(round=6)
    phase = Explore(
        Search(one, Strengths(one.search, LAYERS)),
        StudyHistory(one.study.metric, {Phase.EXPLORE: len(DRAWS)}),
        DRAWS,
        lambda trial: EPOCHS,
    )
    waiting = phase.begin().segments
    first = [segment for segment in waiting if segment.trial.number in (0, 2, 4)]
    assert waiting[: len(first)] == first
    assert phase.take(map(train, first[:-1])).results == []
    steps = phase.take([train(first[-1])])
    assert [result.state for result in steps.results] == [State.PRUNED] * len(DRAWS)
    assert {segment.trial.penalty for segment in steps.segments} == {"l2"}


def test_tpe_learns_where_the_minimum_is() -> None:
    def distance(sampler: str) -> float:
        """Median distance of the last trials from the best strength, over three studies."""
        books = [
            explore(study(seed, sampler=sampler, trials=60, pruner="none"), 8, 0)
            for seed in range(3)
        ]
        late = [t for book in books for n, t in book.trials.items() if n >= 40]
        return statistics.median(abs(math.log10(t.strength / 0.03)) for t in late)

    assert distance("tpe") < 0.75 * distance("random")


@pytest.mark.parametrize("sampler", ["tpe", "qmc", "random", "grid", "gp"])
def test_every_sampler_stays_in_range_and_repeats_itself(sampler: str) -> None:
    one = study(sampler=sampler, trials=12, startup=4, pruner="none")
    book = explore(one, 3, 0)
    assert all(1e-4 <= t.strength <= 1.0 for t in book.trials.values())
    assert all(1e-3 <= float(t.params["lr"]) <= 1e-1 for t in book.trials.values())
    assert [t.penalty for t in book.trials.values()] == ["l2", "l1"] * 6
    assert len({t.strength for t in book.trials.values()}) > 2
    assert explore(one, 12, 5).trials == book.trials
