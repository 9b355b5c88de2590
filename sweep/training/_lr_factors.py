"""What the learning rates of single parameters are multiplied by, each run by its own numbers.

Legend: R slots, P parameters of a run.
"""

from __future__ import annotations

import torch
from torch import Tensor

from sweep.networks.selection import matches
from sweep.networks.stacked import StackedModule
from sweep.records.parameters import LR_OF
from sweep.training.jobs import Segment, TrainingPlan


class LrFactors:
    """The factors of a population's runs."""

    def __init__(self, plan: TrainingPlan, width: int, stack: StackedModule):
        self.plan = plan
        shape = (width if plan.lr_of else 0, stack.row_length)
        self.rows = torch.ones(shape, device=plan.device, dtype=plan.dtype)
        """(R, P); (0, P) where the study has none."""
        self._columns = self._by_pattern(stack)

    def _by_pattern(self, stack: StackedModule) -> dict[str, list[slice]]:
        """The columns of each pattern; the first that matches a parameter has it."""
        found: dict[str, list[slice]] = {pattern: [] for pattern in self.plan.lr_of}
        for name, where in stack.slices.items():
            pattern = next((p for p in found if matches(name, [p])), None)
            if pattern is not None:
                found[pattern].append(where)
        return found

    @property
    def factors(self) -> Tensor | None:
        """The factors (R, P), where any may be other than 1."""
        return self.rows if self.plan.lr_of else None

    def admit(self, i: int, segment: Segment, state: None = None) -> None:
        for pattern, default in self.plan.lr_of.items():
            factor = segment.trial.params.get(LR_OF.name_of(pattern), default)
            for where in self._columns[pattern]:
                self.rows[i, where] = float(factor)

    def move(self, source: int, target: int) -> None:
        """The run of one slot now sits in another."""
        if self.plan.lr_of:
            self.rows[target] = self.rows[source]

    def checkpoint(self, i: int) -> None:
        """Nothing: the trial says what the factors are."""
