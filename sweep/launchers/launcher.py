"""Where runs are trained: the base of all launchers, this process, and the base of workers.

A launcher takes waiting segments and yields their results; more may be appended in between. In
this process that is a pool of populations whose slots are refilled as runs end. Workers get jobs -
a few segments each, with their checkpoints - and make their own context from the study;
they never touch the database. Since a run's result depends on nothing but the study and itself, all
launchers give the same results.
"""

from __future__ import annotations

import math
import pickle
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable, Hashable, Iterable, Iterator
from dataclasses import replace
from functools import cached_property
from typing import Any

from sweep.errors import HardwareError
from sweep.launchers.context import TrainingContext
from sweep.launchers.plans import Plans
from sweep.launchers.sizing import PoolMaker, trains_in_turn
from sweep.records.execution import ExecutionPlan
from sweep.records.trial import Run
from sweep.runtime.torch_state import limited_threads
from sweep.runtime.user_code import last_line
from sweep.training.jobs import Segment, SegmentResult
from sweep.training.pool import FIRST_SLOTS


class Launcher(ABC):
    """Trains segments somewhere."""

    trained_epochs = 0
    """Epochs trained since ``train`` was called, summed over runs."""
    expected_epochs = 0.0
    """Epochs that may be trained before ``train`` ends, as far as its caller knows."""
    occupancy = (0, 0)
    """Slots with a run in them and slots in all; with workers, jobs under way and workers."""

    @abstractmethod
    def train(self, waiting: deque[Segment]) -> Iterator[list[SegmentResult]]:
        """Yields results as they come, often none; in between ``waiting`` may be put in another
        order, and more into it.
        """

    def release(self, runs: Iterable[Run]) -> None:
        """Frees what is kept of runs that stand at a rung and will not go on."""

    def close(self) -> None:
        """Ends everything that was started."""


class PlannedLauncher(Launcher):
    """A launcher that trains as an execution plan says."""

    def __init__(self, context: TrainingContext, plans: Plans | None = None):
        """Without ``plans`` those of the context are measured, once there are runs to train."""
        self.context = context
        self.plans = plans or Plans(context)

    @property
    def plan(self) -> ExecutionPlan:
        """What to train by now."""
        return self.plans.plan


class Here(PlannedLauncher):
    """Populations in this process."""

    _has_ended_runs = False

    @cached_property
    def pools(self) -> PoolMaker:
        """What makes the pool of each call of ``train``."""
        return PoolMaker(self.context)

    @cached_property
    def in_turn(self) -> bool:
        """Whether the runs of a population train one after the other."""
        return trains_in_turn(self.context, self.plan)

    def train(self, waiting: deque[Segment]) -> Iterator[list[SegmentResult]]:
        self.plans.revision.begin()
        first_slots = FIRST_SLOTS if self.in_turn and not self._has_ended_runs else None
        pool = self.pools.pool(self.plan, self.in_turn, first_slots)
        for results in pool.train(waiting):
            self.trained_epochs = pool.trained_epochs
            self.occupancy = pool.n_trained, pool.n_slots
            self.plans.revise(pool, waiting)
            self._has_ended_runs = self._has_ended_runs or bool(results)
            yield results


class Workers(PlannedLauncher):
    """Hands out jobs to workers, and a new one to each that is done."""

    def __init__(
        self,
        context: TrainingContext,
        n_workers: int,
        n_cores: int,
        plans: Plans | None = None,
    ):
        """``n_cores`` are those of every worker."""
        super().__init__(context, plans)
        self.n_workers, self.n_cores = n_workers, n_cores

    @abstractmethod
    def submit(self, job: list[Segment]) -> Hashable:
        """The ticket of a job, which is started on a free worker."""

    @abstractmethod
    def next_done(self, tickets: list[Any]) -> tuple[Any, list[SegmentResult]]:
        """The first of these jobs that is done, and its results; it is waited for."""

    def train(self, waiting: deque[Segment]) -> Iterator[list[SegmentResult]]:
        self.trained_epochs = 0
        running: dict[Any, int] = {}
        """The runs of every job under way, by ticket."""
        while waiting or running:
            while waiting and len(running) < self.n_workers:
                fair = math.ceil((len(waiting) + sum(running.values())) / self.n_workers)
                most = self.plan.width * min(self.plan.n_lanes, self.n_cores)
                job = [waiting.popleft() for _ in range(min(fair, most, len(waiting)))]
                running[self.submit(job)] = len(job)
            self.occupancy = len(running), self.n_workers
            ticket, results = self.next_done(list(running))
            del running[ticket]
            for done in results:
                self.trained_epochs += done.result.epochs - done.segment.start
            yield results


class JobWorker:
    """Trains jobs far from the launching process, with a context that it makes at its first."""

    def __init__(self, known: bytes, device: str):
        """``known`` is what ``pickled`` gives."""
        self.known, self.device = known, device

    @cached_property
    def context(self) -> TrainingContext:
        """The context of the study, made here."""
        try:
            study, parity = pickle.loads(self.known)
        except (AttributeError, ImportError) as error:
            raise _unreachable(error) from error
        return TrainingContext(study, self.device, parity=parity)

    @cached_property
    def pools(self) -> PoolMaker:
        """What makes the pool of each job."""
        return PoolMaker(self.context)

    def train(self, job: list[Segment], plan: ExecutionPlan) -> list[SegmentResult]:
        """The results of a job, trained as planned by the launching process, as cores allow."""
        own = replace(plan, n_lanes=min(plan.n_lanes, self.context.most_lanes))
        with limited_threads(self.context.threads):
            pool = self.pools.pool(own)
            return [result for batch in pool.train(deque(job)) for result in batch]


def pickled(context: TrainingContext, dumps: Callable[[object], bytes]) -> bytes:
    """The study for other processes, and its parity, which they need not find again; HardwareError
    where its functions cannot travel.
    """
    try:
        return dumps((context.study, dict(context.parity_for_others)))
    except (pickle.PicklingError, AttributeError, TypeError) as error:
        raise _unreachable(error) from error


def _unreachable(error: Exception) -> HardwareError:
    return HardwareError(
        "--workers: other processes must find the study's functions by module and name, found: "
        f"{last_line(error)}; define them at the top of an importable file, or train with 1 worker"
    )
