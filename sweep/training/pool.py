"""Several populations side by side in this process, each in a thread of its own.

Threads that share one small operation wait for each other more than they compute. So the cores get
a *lane* each: a population that trains with threads of its own (one, unless the study says more:
rounding in float32 depends on their number), while the others do. Slots are filled from one queue,
between two epochs of a lane and by the calling thread alone, and a lane with nothing left takes
over runs of another. Since a run's numbers do not depend on its population, none of this changes a
result.
"""

from __future__ import annotations

import gc
import logging
import math
import traceback
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from weakref import WeakKeyDictionary

import torch

from sweep.errors import HardwareError
from sweep.records.parameters import Shape
from sweep.records.trial import shape_of
from sweep.runtime.device import is_out_of_memory
from sweep.runtime.random_state import DRAWING
from sweep.training.jobs import Segment, SegmentResult
from sweep.training.population import Population

logger = logging.getLogger("sweep")

FIRST_SLOTS = 4
"""Slots of a lane that are open until a run has ended, where runs train in turn: the first of them
end sooner, and a person sees results. An epoch of a run costs 8 % more among so few (MNIST-1D)."""

Results = list[SegmentResult]
Maker = Callable[[int, Shape], Population]


@contextmanager
def lane_threads(n_lanes: int, each: int) -> Iterator[ThreadPoolExecutor]:
    """A thread for every lane, with ``each`` of torch's own threads."""
    most = torch.get_num_threads()
    pool = ThreadPoolExecutor(n_lanes, initializer=torch.set_num_threads, initargs=(each,))
    try:
        with pool:
            yield pool
    finally:
        torch.set_num_threads(most)


class PopulationPool:
    """Trains segments in up to ``n_lanes`` populations of up to ``width`` runs each."""

    def __init__(
        self,
        make: Maker,
        n_lanes: int,
        width: int,
        threads: int = 1,
        fixed: bool = False,
        in_turn: bool = False,
        first_slots: int | None = None,
    ):
        """``make`` makes a population of a width for runs of a shape; every lane has ``threads``
        threads; ``fixed`` keeps the width also when fewer runs wait; ``in_turn`` says that runs of
        a population train one after the other, so that a slot without a run costs nothing; of each
        lane only ``first_slots`` are open until a run has ended.
        """
        self.make, self.n_lanes, self.width, self.fixed = make, n_lanes, width, fixed
        self.threads, self.in_turn, self._most_open = threads, in_turn, first_slots
        self.lanes: list[Population] = []
        self._lane_width = width
        """Slots of lanes that are made from now on."""
        self._retired_epochs = 0
        self._resized = False
        self._begun: WeakKeyDictionary[Population, int] = WeakKeyDictionary()
        """Slots that had a run in them when a lane last began an epoch: it empties them itself."""
        self.n_trained = 0
        """Slots that had a run in them when lanes last began an epoch."""
        self.n_slots = 0
        """Slots that could have had one then."""

    @property
    def trained_epochs(self) -> int:
        """Epochs trained so far, summed over runs."""
        return self._retired_epochs + sum(lane.trained_epochs for lane in self.lanes)

    def resize(self, width: int, n_lanes: int) -> None:
        """Trains with so many lanes of this width, as soon as all lanes stand between two epochs.

        To be called between two yields of ``train``.
        """
        self.width, self.n_lanes, self._resized = width, n_lanes, True

    def train(self, waiting: deque[Segment]) -> Iterator[Results]:
        """Yields what ended after every epoch of a lane (often nothing), until nobody waits.

        The caller may append to ``waiting`` between two yields.
        """
        while True:
            self._resized = False
            n_lanes = self._open_lanes(waiting)
            with lane_threads(n_lanes, self.threads) as pool:
                yield from self._train_lanes(pool, waiting)
            if not self._resized:
                return
            self._retire_lanes(waiting)

    def _retire_lanes(self, waiting: deque[Segment]) -> None:
        """Lets go of all lanes before others are made: the memory need not hold both."""
        for lane in self.lanes:
            self._retired_epochs += lane.trained_epochs
            waiting.extendleft(reversed(lane.release(len(lane.slots))))
        self.lanes = []

    def _open_lanes(self, waiting: deque[Segment]) -> int:
        """As many lanes of as many slots as there is something to train for, and their number."""
        n_lanes = max(1, min(self.n_lanes, len(waiting)))
        fair = self.width if self.fixed else math.ceil(len(waiting) / n_lanes)
        self._lane_width = max(1, min(self.width, fair))
        self.lanes = [self._new(()) for _ in range(n_lanes)]
        return n_lanes

    def _train_lanes(self, pool: ThreadPoolExecutor, waiting: deque[Segment]) -> Iterator[Results]:
        training: dict[Future[Results], Population] = {}
        while True:
            if not self._resized:
                self._start(pool, training, waiting)
                self._resized = self._is_outgrown(waiting)
            if not training:
                return
            self._count_slots([self._begun[lane] for lane in training.values()], bool(waiting))
            done, _ = wait(training, return_when=FIRST_COMPLETED)
            while done:  # nothing here may hold on to a population that was given up
                results = self._finish(training, done.pop(), waiting)
                if results:
                    self._most_open = None
                yield results

    def _count_slots(self, training: list[int], more_wait: bool) -> None:
        """Notes the slots with a run in them, given by lane, and those that could have one.

        Where runs train in turn and none waits, a lane has no more slots than runs, and one that
        stands idle as many as the fullest.
        """
        self.n_trained = sum(training)
        if self.in_turn and not more_wait:
            self.n_slots = self.n_trained + (len(self.lanes) - len(training)) * max(training)
        else:
            self.n_slots = sum(map(self._n_open, self.lanes))

    def _n_open(self, lane: Population) -> int:
        """The slots of a lane that may have a run in them by now."""
        return lane.width if self._most_open is None else min(lane.width, self._most_open)

    def _n_free(self, lane: Population) -> int:
        return self._n_open(lane) - len(lane.slots)

    def _start(
        self,
        pool: ThreadPoolExecutor,
        training: dict[Future[Results], Population],
        waiting: deque[Segment],
    ) -> None:
        """Fills idle lanes, and starts an epoch in those that have runs."""
        idle = [lane for lane in self.lanes if lane not in training.values()]
        self._share_out(idle, waiting)
        for lane in self.lanes:
            if lane.slots and lane not in training.values():
                self._begun[lane] = len(lane.slots)
                training[pool.submit(lane.train_epoch)] = lane

    def _is_outgrown(self, waiting: deque[Segment]) -> bool:
        """Whether more wait than the lanes have slots, which were opened when fewer did."""
        n_slots = len(self.lanes) * self._lane_width
        return n_slots < self.n_lanes * self.width and len(waiting) > n_slots

    def _new(self, shape: Shape) -> Population:
        with DRAWING:  # a network that is new is tried
            population = self.make(self._lane_width, shape)
        population.shape = shape
        return population

    def _share_out(self, idle: list[Population], waiting: deque[Segment]) -> None:
        """Fills the free slots of idle lanes evenly; a lane left empty gets runs of another.

        A lane trains runs of one shape and size of batch at a time; an empty one takes what waits.
        """
        passed: list[Segment] = []
        while waiting and any(self._n_free(lane) > 0 for lane in idle):
            segment = waiting.popleft()
            shape = shape_of(segment.trial)
            fit = [
                lane
                for lane in idle
                if not lane.slots
                or (self._n_free(lane) > 0 and lane.shape == shape and lane.suits(segment))
            ]
            if not fit:
                passed.append(segment)
                continue
            lane = min(fit, key=lambda lane: len(lane.slots))
            if lane.shape != shape:
                lane = self._replace(lane, self._new(shape), idle)
            lane.admit(segment)
        waiting.extendleft(reversed(passed))
        for lane in idle:
            empty = next((other for other in idle if not other.slots), None)
            if empty is not None and len(lane.slots) > 1:
                if empty.shape != lane.shape:
                    empty = self._replace(empty, self._new(lane.shape), idle)
                for segment in lane.release(min(len(lane.slots) // 2, empty.width)):
                    empty.admit(segment)

    def _replace(self, old: Population, new: Population, idle: list[Population]) -> Population:
        self._retired_epochs += old.trained_epochs
        for lanes in (self.lanes, idle):
            lanes[lanes.index(old)] = new
        return new

    def _finish(
        self,
        training: dict[Future[Results], Population],
        future: Future[Results],
        waiting: deque[Segment],
    ) -> Results:
        """What ended in a lane's epoch; a lane that is too large for the memory is halved."""
        error = future.exception()  # raising it here would tie this frame's own names to it
        if error is None or not is_out_of_memory(error):
            training.pop(future)
            return future.result()
        self._halve(training.pop(future), waiting, error)
        return []

    def _halve(self, lane: Population, waiting: deque[Segment], error: BaseException) -> None:
        if lane.width == 1:
            raise HardwareError(
                "hardware.device: one run must fit into the memory, found it does not; "
                "take a smaller model or batch_size"
            ) from error
        given, width, shape = lane.give_up(), lane.width, lane.shape
        on_gpu = lane.plan.device.type == "cuda"
        self._retired_epochs += lane.trained_epochs
        place = self.lanes.index(lane)
        self.lanes.remove(lane)
        del lane
        _let_go(error)
        if on_gpu:
            torch.cuda.empty_cache()
        self._lane_width = min(self._lane_width, width // 2)
        self.width = min(self.width, width // 2)  # a narrower one may have been asked for
        waiting.extendleft(reversed(given))
        self.lanes.insert(place, self._new(shape))
        logger.warning(
            "out of memory with %d runs together: going on with %d; %d runs start their stretch "
            "again",
            width,
            self._lane_width,
            len(given),
        )


def _let_go(error: BaseException) -> None:
    """Frees what the frames of a failed epoch hold, which did not fit into the memory."""
    found: BaseException | None = error
    while found is not None:
        traceback.clear_frames(found.__traceback__)
        found = found.__cause__ or found.__context__
    gc.collect()
