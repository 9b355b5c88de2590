"""Processes of a user's loop on the machines of a Ray cluster.

Each Ray actor is the place of one run that trains: it has the cores and the share of a GPU that a
run asks for, for the whole launch, and starts the processes of runs as a launch does on its own
machine. A run that waits at a rung stays in its process there, beside the place, and goes on when
that place is free. When an actor is lost, so are its processes; Ray starts it again, and the run
that trained there is trained anew.
"""

from __future__ import annotations

import logging
import math
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any

from sweep.errors import HardwareError, SweepError
from sweep.launchers._loop_host import Heard, LoopHost
from sweep.launchers._loop_processes import source_of
from sweep.launchers._loop_server import UNKNOWN
from sweep.launchers._ray_cluster import RayCluster, connected_cluster, workers_lost
from sweep.launchers._run_process import RunProcess, RunProcesses
from sweep.launchers.loop_context import LoopContext
from sweep.launchers.own_run import LoopJob
from sweep.runtime.user_code import last_line

logger = logging.getLogger("sweep")

MOST_LOST = 8
"""Times that actors may be lost before a launch gives up."""
HEAR_SECONDS = 0.2
"""How long an actor waits for a word of its processes before it looks at what else it is asked."""
TICKS_OF_PATIENCE = 60
"""Times that nothing is up yet before it is said."""


class Place:
    """An actor, and what it was asked and has not answered."""

    def __init__(self, actor: Any, up: Any):
        self.actor = actor
        self.up = up
        """What resolves once Ray has found room for it; None from then on."""
        self.asked: list[Any] = []
        self.live: dict[int, RayRun] = {}
        """The runs whose processes are there, by number."""
        self.trains: RayRun | None = None
        """The one that has the place."""

    def hear(self) -> None:
        """Asks what its processes have to say, unless it was asked for something."""
        if not self.asked:
            self.asked.append(self.actor.hear.remote(HEAR_SECONDS))


class RayRun(RunProcess):
    """A process on a machine of the cluster."""

    def __init__(self, cluster: RayCluster, place: Place, number: int):
        self.ray, self.place, self.number = cluster.ray, place, number
        self._said: deque[bytes] = deque()
        self._code: int | None = None

    @property
    def has_news(self) -> bool:
        """Whether it has said something that was not heard, or has ended."""
        return bool(self._said) or self._code is not None

    def take(self, heard: Heard) -> None:
        """Takes up what its actor has heard of it."""
        self._said.extend(heard.said)
        if heard.code is not None:
            self._code, self.last_words = heard.code, heard.last_words
            self._leave()

    def lose(self) -> None:
        """It went with its actor."""
        self.is_lost, self._code = True, UNKNOWN
        self._leave()

    def pause(self) -> None:
        if self.place.trains is self:
            self.place.trains = None

    def _leave(self) -> None:
        self.place.live.pop(self.number, None)
        self.pause()

    def messages(self) -> Iterator[bytes]:
        while self._said:
            yield self._said.popleft()
        if self._code is not None:
            raise EOFError

    def go_on(self, stop: int) -> bool:
        if self._code is not None:
            return False
        with suppress(self.ray.exceptions.RayActorError):
            if self.ray.get(self.place.actor.go_on.remote(self.number, stop)):
                self.place.trains = self
                return True
        return False

    def dismiss(self) -> None:
        self.place.actor.dismiss.remote(self.number)

    def kill(self) -> None:
        self.place.actor.kill.remote(self.number)

    def how_ended(self) -> int:
        self._leave()
        return UNKNOWN if self._code is None else self._code


class RayProcesses(RunProcesses):
    """Starts processes on the machines of a cluster, each in a place that is free."""

    def __init__(self, context: LoopContext, n_workers: int | None):
        """Without ``n_workers`` as many as there is room for."""
        source = source_of(context.study, "")
        self.cluster = connected_cluster()
        self.ray = self.cluster.ray
        asked = asked_of_ray(context)
        self.device = "cuda" if asked["num_gpus"] else str(context.device)
        self.n_workers = n_workers or n_places(self.ray.nodes(), asked, self.cluster.is_own)
        actor = self.ray.remote(**asked, max_restarts=MOST_LOST)(LoopHost)
        actors = [actor.remote(source, context.threads) for _ in range(self.n_workers)]
        self.places = [Place(actor, asked_whether_up(actor)) for actor in actors]
        self._n_started = self._n_lost = self._n_ticks = 0

    def start(self, job: LoopJob) -> RayRun:
        place = next(p for p in self.places if p.up is None and p.trains is None)
        run = RayRun(self.cluster, place, self._n_started)
        self._n_started += 1
        place.live[run.number] = place.trains = run
        place.asked.append(place.actor.start.remote(run.number, replace(job, device=self.device)))
        return run

    def room(self, n_wanted: int) -> int:
        return min(n_wanted, sum(place.up is None for place in self.places))

    def has_room_for(self, process: RunProcess) -> bool:
        return isinstance(process, RayRun) and (process.is_lost or process.place.trains is None)

    def ready(self, processes: Sequence[RunProcess], seconds: float) -> list[RunProcess]:
        for run in processes:
            if isinstance(run, RayRun) and not run.has_news:
                run.place.hear()
        place_of = {
            answer: place
            for place in self.places
            for answer in (*place.asked, *([] if place.up is None else [place.up]))
        }
        if any(run.has_news for run in processes if isinstance(run, RayRun)):
            seconds = 0
        done, _ = self.ray.wait(list(place_of), num_returns=1, timeout=seconds)
        if done and len(place_of) > 1:  # all that is there, not the first alone
            done, _ = self.ray.wait(list(place_of), num_returns=len(place_of), timeout=0)
        for answer in done:
            self._take(place_of[answer], answer)
        self._say_where_nothing_is_up()
        return [run for run in processes if isinstance(run, RayRun) and run.has_news]

    def _take(self, place: Place, answer: Any) -> None:
        try:
            heard: Mapping[int, Heard] | None = self.ray.get(answer)
        except self.ray.exceptions.RayActorError as error:
            self._lose(place, error)
            return
        except self.ray.exceptions.RayTaskError as error:  # its own text is the whole traceback
            raise (error.cause if isinstance(error.cause, SweepError) else error) from None
        if answer is place.up:
            place.up = None
            return
        place.asked.remove(answer)
        for number, own in (heard or {}).items():
            if (run := place.live.get(number)) is not None:
                run.take(own)

    def _lose(self, place: Place, error: Exception) -> None:
        """An actor was lost, with its runs; Ray starts it again."""
        self._n_lost += 1
        if self._n_lost > MOST_LOST:
            why = f"lost {self._n_lost} times ({last_line(error)})"
            raise workers_lost(why) from error
        logger.warning("a worker of Ray was lost, and its runs are trained anew")
        place.asked.clear()
        place.up = asked_whether_up(place.actor)
        for run in list(place.live.values()):
            run.lose()

    def _say_where_nothing_is_up(self) -> None:
        if any(place.up is None for place in self.places):
            self._n_ticks = 0
            return
        self._n_ticks += 1
        if self._n_ticks == TICKS_OF_PATIENCE:
            logger.warning("Ray has found no room for a run yet; hardware.cpus and gpus say its")

    def close(self) -> None:
        if self.cluster.is_own:
            self.ray.shutdown()
            return
        for place in self.places:
            self.ray.kill(place.actor)


def asked_whether_up(actor: Any) -> Any:
    """What resolves once Ray has found room for the actor, be it anew."""
    return actor.is_up.options(max_task_retries=-1).remote()


def asked_of_ray(context: LoopContext) -> dict[str, float]:
    """The cores and GPUs that a run asks for."""
    hardware = context.study.hardware
    gpus = hardware.gpus
    if gpus is None:
        gpus = 1.0 if context.device.type == "cuda" else 0.0
    cpus = float(context.threads) if hardware.cpus is None else hardware.cpus
    return {"num_cpus": cpus, "num_gpus": gpus}


def n_places(nodes: Sequence[Mapping[str, Any]], asked: Mapping[str, float], is_own: bool) -> int:
    """How many runs the machines of a cluster have room for, at least one.

    HardwareError where Ray has this machine alone, and there is room for none.
    """
    cpus, gpus = asked["num_cpus"], asked["num_gpus"]
    n = 0
    for node in nodes:
        found = node["Resources"] if node["Alive"] else {}
        shares = [found.get("CPU", 0.0) / cpus if cpus else math.inf]
        shares += [found.get("GPU", 0.0) / gpus] if gpus else []
        n += int(min(shares) + 1e-9) if min(shares) < math.inf else 1
    if not n and is_own:
        raise HardwareError(
            f"hardware.cpus, hardware.gpus: a machine of Ray's must have what a run asks for, "
            f"{cpus:g} cores and {gpus:g} GPUs, found none; ask for less"
        )
    return max(1, n)
