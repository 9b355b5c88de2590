"""The execution plan of a study, as its database keeps it for this machine."""

from __future__ import annotations

from functools import cached_property

from sweep.launchers.context import TrainingContext
from sweep.launchers.loop_context import AnyContext
from sweep.launchers.sizing import most_runs
from sweep.phases.facts import fingerprint_of, hash_of
from sweep.records.execution import ExecutionPlan, PlanKey
from sweep.runtime.device import describe_hardware, package_versions
from sweep.store.execution_plans import read_plan, write_plan
from sweep.store.store import Store

VERSIONS = ("regsweep", "torch")
"""Packages another version of which may train at another speed."""


class KeptPlan:
    """What was found best for a study's network, by this or another study of the database."""

    def __init__(self, store: Store, context: TrainingContext):
        self.store, self.context = store, context

    @cached_property
    def key(self) -> PlanKey:
        """What the plan is found for."""
        return plan_key(self.context)

    def read(self) -> ExecutionPlan | None:
        """What is kept; None where nothing is."""
        return read_plan(self.store, self.key)

    def write(self, plan: ExecutionPlan) -> None:
        """Keeps this plan in place of another."""
        write_plan(self.store, self.key, plan)


def kept_plan(store: Store, context: AnyContext) -> KeptPlan | None:
    """The plan that a database keeps for a study; None where a loop of the user's trains."""
    return KeptPlan(store, context) if isinstance(context, TrainingContext) else None


def plan_key(context: TrainingContext) -> PlanKey:
    """What the plan of a study depends on; what is asked of the network is not part of it."""
    study, machine = context.study, describe_hardware(context.device)
    asked = [
        f"{table}.{key}"
        for table in ("search", "path")
        for key in type(getattr(study, table)).model_fields
    ]
    network = fingerprint_of(context, "study.name", "study.seed", *asked)
    probe = context.probe  # the code of a network may have changed where its layers are the same
    kind = (probe.is_mlp, context.stacks.written_out is not None)
    code = (probe.noise, probe.strange, *kind, probe.traced, probe.why_alone)
    trained = (*code, context.update, most_runs(context), study.hardware.model_dump_json())
    versions = package_versions(VERSIONS)
    return PlanKey(
        machine=", ".join([*machine.values(), f"{context.most_lanes} lanes"]),
        network=hash_of([network, *map(str, trained)]),
        version=", ".join(f"{name} {version}" for name, version in versions.items()),
    )
