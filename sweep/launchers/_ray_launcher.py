"""Workers that Ray starts, on this machine or on a cluster."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

from sweep.errors import SweepError
from sweep.launchers._ray_cluster import connected_cluster, imported_ray, workers_lost
from sweep.launchers.context import TrainingContext
from sweep.launchers.launcher import JobWorker, Workers, pickled
from sweep.launchers.plans import Plans
from sweep.runtime.user_code import last_line
from sweep.training.jobs import Segment, SegmentResult

CORES = 1
"""Cores that every actor asks for, on any machine of the cluster; Ray gives torch as many threads,
so an actor trains one lane."""
MOST_LOST = 8
"""Times that Ray may start a lost worker again before a launch gives up."""


class Ray(Workers):
    """Ray actors, on this machine or on the cluster that ``RAY_ADDRESS`` names.

    Ray starts a worker that was lost again, with its job, which comes to the same. A Ray that was
    there before stays when this launcher is closed.
    """

    def __init__(self, context: TrainingContext, n_workers: int, plans: Plans | None = None):
        super().__init__(context, n_workers, CORES, plans)
        known = pickled(context, imported_ray().cloudpickle.dumps)
        self.cluster = connected_cluster()
        self.ray = ray = self.cluster.ray
        gpus = 1 if context.device.type == "cuda" else 0
        actor: Any = ray.remote(
            num_cpus=CORES, num_gpus=gpus, max_restarts=MOST_LOST, max_task_retries=MOST_LOST
        )(JobWorker)
        arguments = (known, str(context.device))
        self.workers: list[Any] = [actor.remote(*arguments) for _ in range(n_workers)]
        self.idle = list(self.workers)
        self.busy: dict[Hashable, Any] = {}
        """Workers by the reference to what they are at."""

    def submit(self, job: list[Segment]) -> Hashable:
        worker = self.idle.pop()
        reference: Hashable = worker.train.remote(job, self.plan)
        self.busy[reference] = worker
        return reference

    def next_done(self, tickets: list[Any]) -> tuple[Any, list[SegmentResult]]:
        (reference,), _ = self.ray.wait(tickets, num_returns=1)
        try:
            results = self.ray.get(reference)
        except self.ray.exceptions.RayActorError as error:
            why = f"lost {MOST_LOST + 1} times ({last_line(error)})"
            raise workers_lost(why) from error
        except self.ray.exceptions.RayTaskError as error:  # its own text is the whole traceback
            raise (error.cause if isinstance(error.cause, SweepError) else error) from None
        self.idle.append(self.busy.pop(reference))
        return reference, results

    def close(self) -> None:
        if self.cluster.is_own:
            self.ray.shutdown()
            return
        for worker in self.workers:
            self.ray.kill(worker)
