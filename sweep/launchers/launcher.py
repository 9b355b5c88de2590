"""Where runs are trained: in this process, in processes beside it, or by Ray.

A launcher takes waiting segments and yields their outcomes; more may be appended in between. In
this process that is one population whose slots are refilled as runs end. Workers get jobs - a few
segments each, with their checkpoints - and make their own context from the study;
they never touch the database. Since a run's result depends on nothing but the study and itself, all
launchers give the same results.
"""

from __future__ import annotations

import logging
import math
import multiprocessing
import os
import pickle
import signal
import threading
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable, Hashable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from functools import cached_property
from typing import Any

import torch

from sweep.errors import HardwareError, SweepError
from sweep.launchers.context import TrainingContext
from sweep.runtime.torch_state import limited_threads
from sweep.runtime.user_code import last_line
from sweep.study.study import Study
from sweep.training.jobs import Segment, SegmentResult

logger = logging.getLogger("sweep")

START_SECONDS = 10.0
"""Unasked, processes are started where they save more than this, which a start takes at most."""
MOST_LOST = 8
"""Times that Ray may start a lost worker again before a launch gives up."""
FASTER = 0.8
"""And where they bring a step's cost below this share: two cores are seldom worth twice one."""


class Launcher(ABC):
    """Trains segments somewhere."""

    trained_epochs = 0
    """Epochs trained since ``train`` was called, summed over runs."""
    occupancy = (0, 0)
    """Slots with a run in them and slots in all; with workers, jobs under way and workers."""

    @abstractmethod
    def train(self, waiting: deque[Segment]) -> Iterator[list[SegmentResult]]:
        """Yields outcomes as they come, often none; more may be put into ``waiting`` in between."""

    def close(self) -> None:
        """Lets go of whatever was started."""


def make_launcher(kind: str, workers: int | None, context: TrainingContext) -> Launcher:
    """The launcher of this kind; HardwareError when there is none or it is not installed.

    Without a number of workers, local runs train where it is measured to be fastest.
    """
    if kind == "local" and workers is None:
        return Suited(context)
    workers = 1 if workers is None else workers
    if workers < 1:
        raise HardwareError(f"--workers: at least 1 must be given, found {workers}")
    if kind == "local":
        return Here(context) if workers == 1 else Processes(context, workers)
    if kind == "ray":
        return Ray(context, workers)
    raise HardwareError(f"--launcher: local or ray must be given, found {kind!r}; choose one")


class Here(Launcher):
    """Populations in this process."""

    def __init__(self, context: TrainingContext):
        self.context = context

    def train(self, waiting: deque[Segment]) -> Iterator[list[SegmentResult]]:
        lanes = self.context.lanes()
        for outcomes in lanes.train(waiting):
            self.trained_epochs = lanes.trained_epochs
            self.occupancy = lanes.n_trained, lanes.n_slots
            yield outcomes


class Workers(Launcher):
    """Hands out jobs to workers, and a new one to whoever is done."""

    def __init__(self, context: TrainingContext, n_workers: int):
        self.context, self.n_workers = context, n_workers
        self.n_cores = max(1, (os.cpu_count() or 1) // n_workers)
        """Cores of every worker."""

    @property
    def sizes(self) -> tuple[int, int, bool]:
        """Width and number of the populations of a worker with cores enough, and whether vmap
        batches their runs.
        """
        return self.context.width, self.context.n_lanes, self.context.batched

    @abstractmethod
    def submit(self, job: list[Segment]) -> Hashable:
        """Starts a job on a free worker; returns its ticket."""

    @abstractmethod
    def next_done(self, tickets: list[Any]) -> tuple[Any, list[SegmentResult]]:
        """Waits for one of these jobs and gives its outcomes."""

    def train(self, waiting: deque[Segment]) -> Iterator[list[SegmentResult]]:
        self.trained_epochs = 0
        running: list[Any] = []
        while waiting or running:
            while waiting and len(running) < self.n_workers:
                fair = math.ceil(len(waiting) / (self.n_workers - len(running)))
                size = min(fair, self.context.width * min(self.context.n_lanes, self.n_cores))
                running.append(self.submit([waiting.popleft() for _ in range(size)]))
            self.occupancy = len(running), self.n_workers
            ticket, outcomes = self.next_done(running)
            running.remove(ticket)
            for outcome in outcomes:
                checkpoint = outcome.segment.checkpoint
                self.trained_epochs += outcome.result.epochs - (
                    checkpoint.epoch if checkpoint else 0
                )
            yield outcomes


def train_job(context: TrainingContext, job: list[Segment]) -> list[SegmentResult]:
    """The outcomes of a job's segments, trained together."""
    return [outcome for batch in context.lanes().train(deque(job)) for outcome in batch]


class JobWorker:
    """Trains jobs far from the launching process, with a context that it makes at its first."""

    def __init__(self, study: bytes, device: str):
        self.study, self.device = study, device

    @cached_property
    def context(self) -> TrainingContext:
        try:
            study = pickle.loads(self.study)
        except (AttributeError, ImportError) as error:
            raise _unreachable(error) from error
        return TrainingContext(study, self.device)

    def train(self, job: list[Segment], sizes: tuple[int, int, bool]) -> list[SegmentResult]:
        """Outcomes of a job; ``sizes`` are what the launching process measured."""
        self.context.set_sizes(*sizes)
        with limited_threads(self.context.threads):
            return train_job(self.context, job)


def _pickled(study: Study, dumps: Callable[[Study], bytes]) -> bytes:
    """The study for other processes, or the reason why its functions cannot travel."""
    try:
        return dumps(study)
    except (pickle.PicklingError, AttributeError, TypeError) as error:
        raise _unreachable(error) from error


def _unreachable(error: Exception) -> HardwareError:
    return HardwareError(
        "--workers: other processes must find the study's functions by module and name, found: "
        f"{last_line(error)}; define them at the top of an importable file, or train with 1 worker"
    )


# ---- processes on this machine -----------------------------------------------------------------


class Processes(Workers):
    """Worker processes that share this machine's cores.

    Jobs and outcomes travel as bytes: a tensor as such would be shared through a file of its own,
    and a round of many runs would use up those that a process may open.
    """

    def __init__(self, context: TrainingContext, n_workers: int):
        super().__init__(context, n_workers)
        study = _pickled(context.study, pickle.dumps)
        self.pool = ProcessPoolExecutor(
            n_workers,
            mp_context=multiprocessing.get_context("spawn"),
            initializer=_start_process,
            initargs=(self.n_cores, study, str(context.device)),
        )

    def submit(self, job: list[Segment]) -> Future[bytes]:
        return self.pool.submit(_train_in_process, pickle.dumps(job), self.sizes)

    def next_done(self, tickets: list[Any]) -> tuple[Any, list[SegmentResult]]:
        done, _ = wait(tickets, return_when=FIRST_COMPLETED)
        ticket = next(t for t in tickets if t in done)
        try:
            return ticket, pickle.loads(ticket.result())
        except BrokenProcessPool as error:
            raise HardwareError(
                "--workers: a worker process ended before its job was done, maybe for want of "
                "memory; launch again to go on, with fewer workers"
            ) from error

    def close(self) -> None:
        self.pool.shutdown(cancel_futures=True)


_workers: list[JobWorker] = []
"""The one worker of this process, once it has been started."""


def _start_process(n_cores: int, study: bytes, device: str) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the launching process's to handle
    threading.Thread(target=_end_with_parent, daemon=True).start()
    torch.set_num_threads(n_cores)
    _workers[:] = [JobWorker(study, device)]


def _end_with_parent() -> None:
    """However the launching process ended: nobody waits for this one's results any more."""
    parent = multiprocessing.parent_process()
    assert parent is not None
    parent.join()
    os._exit(1)


def _train_in_process(job: bytes, sizes: tuple[int, int, bool]) -> bytes:
    return pickle.dumps(_workers[0].train(pickle.loads(job), sizes))


class Suited(Launcher):
    """This process, or a process with one lane for each core where that is measured to pay.

    It can where runs train one at a time: threads take turns with torch's one generator and with
    Python itself, processes do not.
    """

    def __init__(self, context: TrainingContext):
        self.context = context
        self.chosen: Launcher = Here(context)

    def train(self, waiting: deque[Segment]) -> Iterator[list[SegmentResult]]:
        if isinstance(self.chosen, Here) and self._pays(waiting):
            try:
                self.chosen = Processes(self.context, self.context.n_processes)
            except HardwareError as error:
                logger.info("training in this process: %s", error)
        for outcomes in self.chosen.train(waiting):
            self.trained_epochs, self.occupancy = self.chosen.trained_epochs, self.chosen.occupancy
            yield outcomes

    def _pays(self, waiting: deque[Segment]) -> bool:
        context = self.context
        if context.n_processes == 1:
            return False
        epochs = sum(s.stop - (s.checkpoint.epoch if s.checkpoint else 0) for s in waiting)
        here, apart = context.seconds_apart
        saved = epochs * context.plan.steps_per_epoch * (here - apart)
        if apart > FASTER * here or saved < START_SECONDS:
            return False
        logger.info(
            "training in %d processes with a lane each: about %.2f milliseconds per run and "
            "step, in this process %.2f",
            context.n_processes,
            1e3 * apart,
            1e3 * here,
        )
        return True

    def close(self) -> None:
        self.chosen.close()


# ---- Ray ---------------------------------------------------------------------------------------


class Ray(Workers):
    """Ray actors, on this machine or on the cluster that ``RAY_ADDRESS`` names.

    Ray starts a worker that was lost again, with its job, which comes to the same.
    """

    def __init__(self, context: TrainingContext, n_workers: int):
        super().__init__(context, n_workers)
        try:
            import ray
        except ModuleNotFoundError as error:
            raise HardwareError(
                "--launcher: ray must be installed to be used, found none; "
                "pip install 'regsweep[ray]'"
            ) from error
        self.ray = ray
        study = _pickled(context.study, ray.cloudpickle.dumps)
        if not ray.is_initialized():
            ray.init(include_dashboard=False, log_to_driver=False)
        gpus = 1 if context.device.type == "cuda" else 0
        actor: Any = ray.remote(
            num_cpus=1, num_gpus=gpus, max_restarts=MOST_LOST, max_task_retries=MOST_LOST
        )(JobWorker)
        arguments = (study, str(context.device))
        self.idle: list[Any] = [actor.remote(*arguments) for _ in range(n_workers)]
        self.busy: dict[Hashable, Any] = {}
        """Workers by the reference to what they are at."""

    def submit(self, job: list[Segment]) -> Hashable:
        worker = self.idle.pop()
        reference: Hashable = worker.train.remote(job, self.sizes)
        self.busy[reference] = worker
        return reference

    def next_done(self, tickets: list[Any]) -> tuple[Any, list[SegmentResult]]:
        (reference,), _ = self.ray.wait(tickets, num_returns=1)
        try:
            outcomes = self.ray.get(reference)
        except self.ray.exceptions.RayActorError as error:
            raise HardwareError(
                f"--launcher: Ray's workers must live, found one lost {MOST_LOST + 1} times "
                f"({last_line(error)}), maybe for want of memory; launch again to go on, with "
                "fewer workers"
            ) from error
        except self.ray.exceptions.RayTaskError as error:  # its own text is the whole traceback
            raise (error.cause if isinstance(error.cause, SweepError) else error) from None
        self.idle.append(self.busy.pop(reference))
        return reference, outcomes

    def close(self) -> None:
        self.ray.shutdown()
