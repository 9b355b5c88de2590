"""Worker processes on this machine."""

from __future__ import annotations

import multiprocessing
import os
import pickle
import signal
import threading
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing.connection import Connection
from multiprocessing.connection import wait as wait_for_any
from typing import Any

import torch

from sweep.errors import HardwareError
from sweep.launchers.context import TrainingContext
from sweep.launchers.launcher import JobWorker, Workers, pickled
from sweep.launchers.plans import Plans
from sweep.records.execution import ExecutionPlan
from sweep.training.jobs import Segment, SegmentResult


class Processes(Workers):
    """Worker processes that share this machine's cores.

    Jobs and results travel as bytes: a tensor as such would be shared through a file of its own,
    and a round of many runs would use up those that a process may open.
    """

    # joblib's loky was tried (1.6.0): results come one by one and a killed worker ends the pool, as
    # here. But its workers lived on for ten minutes and more when the launching process was killed,
    # so ``_end_with_launch`` would have to stay: it is no gain over the standard library.

    def __init__(self, context: TrainingContext, n_workers: int, plans: Plans | None = None):
        super().__init__(context, n_workers, max(1, (os.cpu_count() or 1) // n_workers), plans)
        known = pickled(context, pickle.dumps)
        stop, self._stop = multiprocessing.Pipe(duplex=False)
        self._submitted: list[Future[bytes]] = []
        self.pool = ProcessPoolExecutor(
            n_workers,
            mp_context=multiprocessing.get_context("spawn"),
            initializer=_start_process,
            initargs=(self.n_cores, known, str(context.device), stop),
        )

    def submit(self, job: list[Segment]) -> Future[bytes]:
        with _all_workers_live():
            job_of = self.pool.submit(_train_in_process, pickle.dumps(job), self.plan)
        self._submitted = [one for one in self._submitted if not one.done()] + [job_of]
        return job_of

    def next_done(self, tickets: list[Any]) -> tuple[Any, list[SegmentResult]]:
        done, _ = wait(tickets, return_when=FIRST_COMPLETED)
        ticket = next(t for t in tickets if t in done)
        with _all_workers_live():
            return ticket, pickle.loads(ticket.result())

    def close(self) -> None:
        """Ends the workers, and at once where a job is under way: nobody takes its results."""
        if not all(one.done() for one in self._submitted):
            self._stop.close()
        self.pool.shutdown(cancel_futures=True)
        self._stop.close()


@contextmanager
def _all_workers_live() -> Iterator[None]:
    """A worker's end is one line: the pool says it of a job that is waited for or handed out."""
    try:
        yield
    except BrokenProcessPool as error:
        raise HardwareError(
            "--workers: a worker process ended before its job was done, maybe for want of "
            "memory; launch again to go on, with fewer workers"
        ) from error


_workers: list[JobWorker] = []
"""The one worker of this process, once it has been started."""


def _start_process(n_cores: int, known: bytes, device: str, stop: Connection) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the launching process's to handle
    threading.Thread(target=_end_with_launch, args=(stop,), daemon=True).start()
    torch.set_num_threads(n_cores)
    _workers[:] = [JobWorker(known, device)]


def _end_with_launch(stop: Connection) -> None:
    """Once the launching process has closed its end of ``stop``, or ended however it did: nobody
    waits for this one's results any more.
    """
    parent = multiprocessing.parent_process()
    assert parent is not None
    wait_for_any([stop, parent.sentinel])
    os._exit(1)


def _train_in_process(job: bytes, plan: ExecutionPlan) -> bytes:
    return pickle.dumps(_workers[0].train(pickle.loads(job), plan))
