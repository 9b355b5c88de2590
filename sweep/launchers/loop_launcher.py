"""Trains the runs of a user's loop, each in a process of its own, up to so many at a time.

The processes are on this machine, or on those of a Ray cluster.

A run that stands at a rung waits in its process, which takes memory but no time, and does not count
among those that train; where it has ended by the time it is wanted, or too many wait, its run is
trained anew from its start. What runs come to does not depend on any of this.
"""

from __future__ import annotations

import logging
import math
import signal
import tempfile
import time
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from sweep.errors import HardwareError, ModelError
from sweep.launchers._live_run import LiveRun
from sweep.launchers._loop_processes import LoopProcesses, source_of
from sweep.launchers._loop_server import UNKNOWN
from sweep.launchers._ray_loops import RayProcesses
from sweep.launchers._run_process import RunProcesses
from sweep.launchers.launcher import Launcher
from sweep.launchers.loop_context import LoopContext
from sweep.records.trial import Run, State
from sweep.training.jobs import Segment, SegmentResult

logger = logging.getLogger("sweep")

TICK_SECONDS = 0.5
"""How often the launch is heard of while nothing happens."""
MOST_WAITING = 64
"""Runs that may wait at rungs, each in a process."""

RunKey = tuple[int, int]


class LoopLauncher(Launcher):
    """A process for each run."""

    def __init__(
        self,
        context: LoopContext,
        n_workers: int,
        most_waiting: int = MOST_WAITING,
        processes: RunProcesses | None = None,
    ):
        """Without ``processes`` they are those of this machine."""
        self.context, self.n_workers, self.most_waiting = context, n_workers, most_waiting
        self.training: list[LiveRun] = []
        """Runs that train, or are about to end."""
        self.standing: dict[RunKey, LiveRun] = {}
        """Runs that wait at a rung."""
        self.leaving: list[LiveRun] = []
        """Runs that have heard that they need not go on."""
        self._scratch = tempfile.TemporaryDirectory(prefix="regsweep-")
        self._processes = processes or LoopProcesses(
            source_of(context.study, self._scratch.name), context.threads
        )
        self._named = tuple(
            column
            for one in context.study.study.named_metrics
            if not one.metric.built_in
            for column in one.metric.columns
        )
        self._has_heard = False
        self._has_failed = False
        """Whether any run of this launch has reported an epoch."""

    def train(self, waiting: deque[Segment]) -> Iterator[list[SegmentResult]]:
        self.trained_epochs = 0
        while waiting or self.training:
            while len(self.training) < self._processes.room(self.n_workers):
                if (segment := self._next(waiting)) is None:
                    break
                self.training.append(self._begun(segment))
            self.occupancy = len(self.training), self.n_workers
            yield self._take(waiting)

    def release(self, runs: Iterable[Run]) -> None:
        for run in runs:
            live = self.standing.pop((run.trial, run.number), None)
            if live is not None:
                live.dismiss()
                self.leaving.append(live)

    def close(self) -> None:
        for live in (*self.training, *self.standing.values(), *self.leaving):
            live.end()
        self._processes.close()
        self._scratch.cleanup()

    def model_file(self, run: Run) -> Path:
        """Where the model of a run is that keeps its weights, if its loop returned one; until this
        is closed.
        """
        return Path(self._scratch.name, f"{run.trial}-{run.number}.pt")

    # ---- beginning -----------------------------------------------------------------------------

    def _next(self, waiting: deque[Segment]) -> Segment | None:
        """The segment to train next: first those whose processes wait, which frees their memory.

        None where all wait on machines that have no room at the moment.
        """
        if not self.standing:
            return waiting.popleft() if waiting else None
        new = None
        for segment in waiting:
            live = self.standing.get((segment.run.trial, segment.run.number))
            if live is not None and self._processes.has_room_for(live.process):
                waiting.remove(segment)
                return segment
            if live is None and new is None:
                new = segment
        if new is not None:
            waiting.remove(new)
        return new

    def _begun(self, segment: Segment) -> LiveRun:
        live = self.standing.pop((segment.run.trial, segment.run.number), None)
        if live is not None:
            if live.go_on(segment):
                return live
            live.end()
        job = self.context.job_of(segment)
        if segment.keep_weights:
            job = replace(job, model_file=str(self.model_file(segment.run)))
        training = self.context.study.training
        live = LiveRun(segment, job, self._processes.start(job), training.run_seconds or math.inf)
        if training.null_loss is not None:
            live.finals["null_loss"] = training.null_loss
        return live

    # ---- hearing and ending --------------------------------------------------------------------

    def _take(self, waiting: deque[Segment]) -> list[SegmentResult]:
        """What ended, or came to a rung, by now; something is waited for, but not for long."""
        runs = [*self.training, *self.leaving]
        left = min((live.deadline for live in runs), default=math.inf) - time.monotonic()
        processes = [live.process for live in runs]
        ready = self._processes.ready(processes, min(max(left, 0), TICK_SECONDS))
        for live in runs:
            if live.process in ready:
                n_epochs = live.listen()
                self.trained_epochs += n_epochs
                self._has_heard |= n_epochs > 0
            live.end_if_late()
        self.leaving = [live for live in self.leaving if not self._is_over(live)]
        lost = [live for live in self.training if live.process.is_lost and live.state is None]
        waiting.extendleft(live.segment for live in lost)
        self.training = [live for live in self.training if live not in lost]
        over = [live for live in self.training if live.waits or self._is_over(live)]
        self.training = [live for live in self.training if live not in over]
        return [self._result(live) for live in over]

    def _is_over(self, live: LiveRun) -> bool:
        """Whether a run's process is gone; what it did not say itself is in its exit code then."""
        if not live.is_gone:
            return False
        code = live.process.how_ended()
        if code == UNKNOWN:
            live.fail("its process ended, nobody knows how")
        elif code < 0:
            live.fail(f"its process was killed by {signal.Signals(-code).name}")
        else:
            live.fail(f"its process ended with exit code {code}")
        self._check_first(live, killed=code < 0)
        return True

    def _result(self, live: LiveRun) -> SegmentResult:
        outcome = live.result(self._named)
        if live.state is State.FAILED and not self._has_failed:
            self._has_failed = True
            logger.warning("a run failed, and the study goes on: %s", outcome.result.note)
        if live.waits:
            live.process.pause()
            run = live.segment.run
            if len(self.standing) < self.most_waiting:
                self.standing[(run.trial, run.number)] = live
            else:
                live.dismiss()
                self.leaving.append(live)
        return outcome

    def _check_first(self, live: LiveRun, killed: bool) -> None:
        """ModelError where the first run that ends has reported nothing: all others would too."""
        if self._has_heard or killed or live.state is not State.FAILED:
            return
        key = f"training.{self.context.study.training.loop_kind}"
        said = live.result(self._named).result.note
        raise ModelError(
            f"{key}: {self.context.name} must report every epoch, found that the first run ended "
            f"without: {said}; try it on its own first"
        )


def make_loop_launcher(kind: str, workers: int | None, context: LoopContext) -> LoopLauncher:
    """The launcher of a user's loop; HardwareError where there is none of this kind."""
    if workers is not None and workers < 1:
        raise HardwareError(f"--workers: at least 1 must be given, found {workers}")
    if kind == "ray":
        processes = RayProcesses(context, workers)
        return LoopLauncher(context, processes.n_workers, processes=processes)
    if kind != "local":
        raise HardwareError(f"--launcher: local or ray must be given, found {kind!r}; choose one")
    if workers is None:
        cores = context.n_cores // context.threads
        workers = max(1, cores) if context.device.type == "cpu" else 1
    return LoopLauncher(context, workers)
