"""How the runs of a study train on a machine, and for which machine and network that was found."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class ExecutionPlan:
    """How the runs of a study train on a machine; no result depends on it."""

    width: int
    """Runs that train together in a lane."""
    n_lanes: int
    """Populations that train side by side, each in a thread of its own."""
    batched: bool
    """Whether vmap trains a population's runs at once, or one after the other is faster."""

    @property
    def sizes(self) -> str:
        """Its sizes in words."""
        populations = f"{self.n_lanes} population{'' if self.n_lanes == 1 else 's'}"
        return f"{populations} of {self.width} run{'' if self.width == 1 else 's'}"


@dataclass(frozen=True)
class PlanKey:
    """What an execution plan was found for; with any other of these another may be better."""

    machine: str
    """The device, the processor, its cores and the threads of a lane."""
    network: str
    """A fingerprint of the network, its data and its training."""
    version: str
    """The versions of this package and of torch."""
