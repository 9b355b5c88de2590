"""Lanes against one population: the same numbers, nothing lost, nothing done twice."""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import Any

import pytest
import torch

from sweep.errors import HardwareError
from sweep.records.parameters import Shape
from sweep.training.jobs import Segment, SegmentResult
from sweep.training.pool import PopulationPool
from sweep.training.population import Population
from tests.support.training import mlp, plan, segment, split, train

KINDS = ("l2", "decay", "l1", "none", "l1", "decay", "l2")
ROWS = split()


def runs(stop: int = 3) -> list[Segment]:
    return [
        segment(i, kind, 0.02 * i, layers=("0", "2"), stop=1 + i % stop, seed=i)
        for i, kind in enumerate(KINDS)
    ]


def population(width: int, shape: Shape = ()) -> Population:
    return Population(plan(epochs=3), width, mlp, lambda run, test: (0, ROWS))


def same(found: list[SegmentResult], expected: dict[int, SegmentResult]) -> None:
    assert sorted(o.segment.trial.number for o in found) == sorted(expected)
    for outcome in found:
        other = expected[outcome.segment.trial.number]
        assert outcome.result.state is other.result.state
        assert outcome.weights is not None
        assert other.weights is not None
        for key, tensor in outcome.weights.items():
            torch.testing.assert_close(tensor, other.weights[key], atol=1e-12, rtol=0)


@pytest.mark.parametrize(("n_lanes", "width"), [(1, 2), (2, 2), (3, 1), (8, 4)])
def test_lanes_give_every_run_once_and_with_the_numbers_of_one_population(
    n_lanes: int, width: int
) -> None:
    waiting = deque(runs()[:4])
    lanes = PopulationPool(population, n_lanes, width)
    threads = torch.get_num_threads()
    found: list[SegmentResult] = []
    later = runs()[4:]
    for outcomes in lanes.train(waiting):
        found += outcomes
        waiting.extend(later)
        later = []
    same(found, train(runs(), plan(epochs=3), width=7))
    assert lanes.trained_epochs == sum(1 + i % 3 for i in range(len(KINDS)))
    assert torch.get_num_threads() == threads


def test_other_sizes_between_two_epochs_change_no_number_and_lose_no_run() -> None:
    """Narrower and wider, fewer lanes and more, while runs of other epochs stand in the slots."""
    sizes = deque([(1, 1), (4, 2), (2, 3), (7, 1), (1, 2)])
    lanes = PopulationPool(population, 2, 2)
    waiting, found, seen = deque(runs()), list[SegmentResult](), set[tuple[int, int]]()
    for outcomes in lanes.train(waiting):
        found += outcomes
        seen.add((len(lanes.lanes), lanes.lanes[0].width))
        if sizes:
            lanes.resize(*sizes.popleft())
    same(found, train(runs(), plan(epochs=3), width=7))
    assert lanes.trained_epochs == sum(1 + i % 3 for i in range(len(KINDS)))
    assert len(seen) > 2


def test_lanes_that_were_opened_for_few_runs_grow_with_those_that_wait() -> None:
    """Twice as many slots at least each time, up to what was asked for."""
    later = deque([1, 3, 2, 0])
    lanes = PopulationPool(population, 2, 3)
    rest, found, slots = deque(runs()), list[SegmentResult](), list[int]()
    waiting = deque([rest.popleft()])
    for outcomes in lanes.train(waiting):
        found += outcomes
        slots.append(lanes.n_slots)
        waiting.extend(rest.popleft() for _ in range(later.popleft() if later else 0))
    same(found, train(runs(), plan(epochs=3), width=7))
    assert slots[0] == 1
    assert max(slots) == 6
    assert lanes.trained_epochs == sum(1 + i % 3 for i in range(len(KINDS)))


def test_sizes_that_change_when_everything_has_ended_train_nothing_more() -> None:
    lanes = PopulationPool(population, 2, 4)
    found: list[SegmentResult] = []
    for outcomes in lanes.train(deque(runs())):
        found += outcomes
        if len(found) == len(KINDS):
            lanes.resize(3, 3)
    same(found, train(runs(), plan(epochs=3), width=7))
    assert lanes.trained_epochs == sum(1 + i % 3 for i in range(len(KINDS)))


def test_an_error_in_a_lane_is_raised_while_other_sizes_are_waited_for() -> None:
    begun = threading.Event()

    class Failing(Population):
        def train_epoch(self) -> list[SegmentResult]:
            if self.slots[0].segment.trial.number % 2:
                begun.wait(60)
                raise ZeroDivisionError("in a lane")
            return super().train_epoch()

    lanes = PopulationPool(lambda w, s: Failing(plan(), w, mlp, lambda run, test: (0, ROWS)), 2, 1)

    def resized() -> None:
        for _ in lanes.train(deque(runs()[:2])):
            lanes.resize(2, 1)
            begun.set()

    with pytest.raises(ZeroDivisionError, match="in a lane"):
        resized()


def test_a_lane_too_large_for_the_memory_does_not_widen_what_is_asked_for_next() -> None:
    begun = threading.Event()

    class Tight(Population):
        def train_epoch(self) -> list[SegmentResult]:
            if self.width == 4 and not all(s.segment.trial.number % 2 for s in self.slots):
                begun.wait(60)
                raise torch.OutOfMemoryError("out of memory")
            return super().train_epoch()

    lanes = PopulationPool(
        lambda width, shape: Tight(plan(epochs=3), width, mlp, lambda run, test: (0, ROWS)), 2, 4
    )
    found, widths = list[SegmentResult](), list[int]()
    for outcomes in lanes.train(deque([*runs(), *runs()][:7])):
        found += outcomes
        if not begun.is_set():
            lanes.resize(1, 2)
            begun.set()
        widths.append(lanes.width)
    same(found, train(runs(), plan(epochs=3), width=7))
    assert set(widths) == {1}


class AtOnce(ThreadPoolExecutor):
    """A lane that has ended its epoch before anybody looks at it."""

    def submit(self, call: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        future = super().submit(call, *args, **kwargs)
        wait([future])
        return future


def test_slots_are_counted_as_they_were_when_their_epoch_began(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("sweep.training.pool.ThreadPoolExecutor", AtOnce)
    lanes = PopulationPool(population, 2, 2)
    counts = [lanes.n_trained for _ in lanes.train(deque(runs(stop=1)[:4]))]
    assert counts == [4, 4]


@pytest.mark.parametrize("n_lanes", [1, 2])
def test_few_slots_are_open_until_a_run_has_ended(n_lanes: int) -> None:
    """So that the first run ends after fewer epochs of others; no number changes."""
    waiting, found, slots = deque(runs()), list[SegmentResult](), list[tuple[int, int]]()
    lanes = PopulationPool(population, n_lanes, 6, in_turn=True, first_slots=1)
    epochs_before_the_first = 0
    for outcomes in lanes.train(waiting):
        found += outcomes
        slots.append((lanes.n_trained, lanes.n_slots))
        epochs_before_the_first = epochs_before_the_first or (lanes.trained_epochs if found else 0)
    same(found, train(runs(), plan(epochs=3), width=7))
    assert slots[0] == (n_lanes, n_lanes)
    assert max(n for n, _ in slots) > n_lanes
    assert epochs_before_the_first <= 2 * n_lanes


@pytest.mark.parametrize(
    ("in_turn", "training", "more_wait", "n_slots"),
    [
        (False, [2, 1], False, 8),
        (True, [2, 1], True, 8),
        (True, [2, 1], False, 3),
        (True, [3], False, 6),  # a lane without a run is a core without work
    ],
)
def test_a_slot_counts_as_lost_where_a_run_could_have_been_in_it(
    in_turn: bool, training: list[int], more_wait: bool, n_slots: int
) -> None:
    lanes = PopulationPool(population, 2, 4, in_turn=in_turn)
    lanes.lanes = [population(4), population(4)]
    lanes._count_slots(training, more_wait)
    assert (lanes.n_trained, lanes.n_slots) == (sum(training), n_slots)


def test_an_empty_lane_takes_over_half_the_runs_of_another() -> None:
    lanes = PopulationPool(population, 2, 6)
    full, empty = lanes.lanes = [population(6), population(6)]
    for one in runs()[:5]:
        full.admit(one)
    first = {o.segment.trial.number: o for o in full.train_epoch()}
    left = len(full.slots)
    assert left == 3
    lanes._share_out([full, empty], deque())
    assert (len(full.slots), len(empty.slots)) == (2, 1)
    rest = [o for lane in (full, empty) for outcomes in lane.train(deque()) for o in outcomes]
    same([*first.values(), *rest], train(runs()[:5], plan(epochs=3), width=5))


def test_runs_of_different_shapes_never_share_a_population() -> None:
    segments = [
        segment(
            i, "l2", 0.01, layers=("0", "2"), stop=1 + i % 3, seed=i, batch_size=8 * (1 + i % 3)
        )
        for i in range(9)
    ]
    made: list[tuple[Shape, Population]] = []

    def make(width: int, shape: Shape) -> Population:
        batch = int(dict(shape).get("batch_size", 16))
        made.append(
            (shape, Population(plan(epochs=3, batch=batch), width, mlp, lambda r, t: (0, ROWS)))
        )
        return made[-1][1]

    found = [o for outcomes in PopulationPool(make, 2, 2).train(deque(segments)) for o in outcomes]
    for batch in (8, 16, 24):
        own = [s for s in segments if s.trial.params["batch_size"] == batch]
        expected = train(own, plan(epochs=3, batch=batch), width=3)
        same([o for o in found if o.segment.trial.number in expected], expected)
    assert sorted(o.segment.trial.number for o in found) == list(range(9))


class Tight(Population):
    """A device with room for the weights of two runs: the epoch fails after some of it was done."""

    def train_epoch(self) -> list[SegmentResult]:
        if len(self.slots) > 2:
            self.parts.weights.theta += 1
            raise torch.OutOfMemoryError("out of memory")
        return super().train_epoch()


def test_out_of_memory_halves_the_population_and_loses_no_run(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.WARNING, logger="sweep")
    lanes = PopulationPool(
        lambda n, _: Tight(plan(epochs=3), n, mlp, lambda run, test: (0, ROWS)), 1, 7
    )
    found = [o for outcomes in lanes.train(deque(runs())) for o in outcomes]
    same(found, train(runs(), plan(epochs=3), width=7))
    assert [record.args for record in caplog.records] == [(7, 3, 7), (3, 1, 3)]


def test_a_run_that_fits_nowhere_is_said_so() -> None:
    class Full(Population):
        def train_epoch(self) -> list[SegmentResult]:
            raise MemoryError

    lanes = PopulationPool(lambda n, _: Full(plan(), n, mlp, lambda run, test: (0, ROWS)), 1, 2)
    with pytest.raises(HardwareError, match="one run must fit into the memory"):
        list(lanes.train(deque(runs())))
