"""The launcher that was asked for, or the one that is measured to be fastest."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Iterator
from functools import cached_property

from sweep.errors import HardwareError
from sweep.launchers._processes import Processes
from sweep.launchers._ray_launcher import Ray
from sweep.launchers.context import TrainingContext
from sweep.launchers.launcher import Here, Launcher, PlannedLauncher
from sweep.launchers.loop_context import AnyContext, LoopContext
from sweep.launchers.loop_launcher import make_loop_launcher
from sweep.launchers.plans import PlanMemory, Plans
from sweep.launchers.sizing import (
    StepCosts,
    measure_costs,
    milliseconds,
    suited_processes,
)
from sweep.records.execution import ExecutionPlan
from sweep.training.jobs import Segment, SegmentResult

logger = logging.getLogger("sweep")

START_SECONDS = 10.0
"""Unasked, processes are started where they save more than this, which a start takes at most."""
FASTER = 0.8
"""And where they bring a step's cost below this share: two cores are seldom worth twice one."""


def make_launcher(
    kind: str,
    workers: int | None,
    context: AnyContext,
    plan: ExecutionPlan | None = None,
    memory: PlanMemory | None = None,
) -> Launcher:
    """The launcher of this kind; HardwareError when there is none or it is not installed.

    Without a number of workers, local runs train where it is measured to be fastest; without a
    ``plan`` it is what ``memory`` keeps, or one is measured, once there are runs to train.
    """
    if isinstance(context, LoopContext):
        return make_loop_launcher(kind, workers, context)
    plans = Plans(context, plan, memory)
    if kind == "local" and workers is None:
        return Suited(context, plans)
    workers = 1 if workers is None else workers
    if workers < 1:
        raise HardwareError(f"--workers: at least 1 must be given, found {workers}")
    if kind == "local":
        return Here(context, plans) if workers == 1 else Processes(context, workers, plans)
    if kind == "ray":
        return Ray(context, workers, plans)
    raise HardwareError(f"--launcher: local or ray must be given, found {kind!r}; choose one")


class Suited(PlannedLauncher):
    """This process, or a process with one lane for each core where that is measured to pay.

    It can where steps need Python: threads take turns with it, and with torch's one generator;
    processes do not.
    """

    def __init__(
        self,
        context: TrainingContext,
        plans: Plans | None = None,
        costs: StepCosts | None = None,
    ):
        """Without ``costs`` they are measured, where processes could pay."""
        super().__init__(context, plans)
        self._given_costs = costs
        self.chosen: Launcher | None = None
        """Where the last runs were trained."""

    @cached_property
    def costs(self) -> StepCosts:
        """The costs of a step as given or measured."""
        return self._given_costs or measure_costs(self.context, self.plan)

    @cached_property
    def here(self) -> Here:
        """This process."""
        return Here(self.context, self.plans)

    def train(self, waiting: deque[Segment]) -> Iterator[list[SegmentResult]]:
        if not isinstance(self.chosen, Processes):
            self.chosen = (self._processes() if self._pays(waiting) else None) or self.here
        for results in self.chosen.train(waiting):
            self.trained_epochs, self.occupancy = self.chosen.trained_epochs, self.chosen.occupancy
            yield results

    def _processes(self) -> Processes | None:
        """The processes; None, and why in the log, where the study cannot travel to them."""
        try:
            return Processes(self.context, suited_processes(self.context), self.plans)
        except HardwareError as error:
            logger.info("training in this process: %s", error)
            return None

    def _pays(self, waiting: deque[Segment]) -> bool:
        n_processes = suited_processes(self.context)
        if n_processes == 1:
            return False
        epochs = max(self.expected_epochs, sum(segment.epochs for segment in waiting))
        here, apart = self.costs.here, self.costs.apart
        saved = epochs * self.context.plan.steps_per_epoch * (here - apart)
        if apart > FASTER * here or saved < START_SECONDS:
            return False
        logger.info(
            "training in %d processes with a population each: about %s milliseconds per run and "
            "step, in this process %s",
            n_processes,
            milliseconds(apart),
            milliseconds(here),
        )
        return True

    def close(self) -> None:
        if self.chosen is not None:
            self.chosen.close()
