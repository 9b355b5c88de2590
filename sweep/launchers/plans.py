"""The execution plan of a launch: as given, as kept from an earlier launch, or as measured."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import replace
from functools import cached_property
from typing import Protocol

from sweep.launchers.context import TrainingContext
from sweep.launchers.revision import Revision
from sweep.launchers.sizing import ASKED, fitted, measured_plans
from sweep.records.execution import ExecutionPlan
from sweep.training.jobs import Segment
from sweep.training.pool import PopulationPool

logger = logging.getLogger("sweep")


class PlanMemory(Protocol):
    """Keeps what was found best for one network on one machine."""

    def read(self) -> ExecutionPlan | None:
        """What is kept; None where nothing is."""

    def write(self, plan: ExecutionPlan) -> None:
        """Keeps this plan in place of another."""


class Plans:
    """The plan of a launch, which its training may revise."""

    def __init__(
        self,
        context: TrainingContext,
        given: ExecutionPlan | None = None,
        memory: PlanMemory | None = None,
    ):
        """Without a ``given`` plan, one is read from ``memory`` or measured, once it is asked for.

        What training finds to be better is written into ``memory``.
        """
        self.context, self.given, self.memory = context, given, memory

    @property
    def plan(self) -> ExecutionPlan:
        """What to train by now."""
        return self.revision.plan

    @cached_property
    def revision(self) -> Revision:
        """The turns of the plans that may be best; of one there is nothing to decide."""
        if self.given is not None:
            return Revision([self.given])
        kept = self._kept()
        if kept is not None:
            return Revision([kept, *self._in_more_lanes(kept)])
        plans = measured_plans(self.context)
        self._keep(plans[0])
        return Revision(plans)

    def _kept(self) -> ExecutionPlan | None:
        """What an earlier launch found, if it can be trained now."""
        kept = self.memory.read() if self.memory else None
        if kept is None:
            return None
        plan = fitted(kept, self.context)
        if plan is None:
            logger.warning(
                "the sizes that the database keeps for this network cannot be, found %s: they are "
                "measured again",
                kept.sizes,
            )
            return None
        asked = self.context.study.hardware.population != "auto"
        whose = ASKED if asked else "as an earlier launch found"
        short = "" if plan == kept else f", which had the memory for {kept.width}"
        logger.info("%s, %s%s", plan.sizes, whose, short)
        return plan

    def _in_more_lanes(self, kept: ExecutionPlan) -> list[ExecutionPlan]:
        """A plan in all lanes, where the kept one has fewer: it may be of a moment when others had
        the cores.
        """
        most, hardware = self.context.most_lanes, self.context.study.hardware
        fixed = hardware.population != "auto" or hardware.compile or self.context.probe.noisy
        if fixed or kept.n_lanes == most:
            return []
        return [replace(kept, n_lanes=most)]

    def revise(self, pool: PopulationPool, waiting: Iterable[Segment]) -> None:
        """Takes up how far a pool has come, and gives it the sizes to go on with."""
        revision, before = self.revision, self.plan
        if pool.width < before.width:
            self._shrink(pool)
            return
        if revision.ended:
            return
        planned = before.width * before.n_lanes
        full = pool.n_trained == pool.n_slots == planned
        revision.note(
            pool.trained_epochs, planned, full, sum(segment.epochs for segment in waiting)
        )
        if revision.plan != before:
            pool.resize(revision.plan.width, revision.plan.n_lanes)
        if revision.ended:
            self._keep(revision.plan)

    def _shrink(self, pool: PopulationPool) -> None:
        """The memory was too small for the width; nothing wider is tried again."""
        smaller = replace(self.plan, width=pool.width)
        self.revision = Revision([smaller])
        self._keep(smaller)

    def _keep(self, plan: ExecutionPlan) -> None:
        if self.memory is not None and self.given is None:
            self.memory.write(plan)
