"""The dropout rates of runs, where the study sweeps them. Legend: R slots, D dropouts."""

from __future__ import annotations

from torch import Tensor

from sweep.training.jobs import Segment, TrainingPlan


class DropoutRates:
    """Rates (R, D) of the network's dropouts, which follow from each run's trial."""

    def __init__(self, plan: TrainingPlan, theta: Tensor):
        """``theta`` (R, P) are the weights: rates have their type and device."""
        self.plan = plan
        self.rates = theta.new_zeros(len(theta), len(plan.dropouts))

    def admit(self, i: int, segment: Segment, state: None = None) -> None:
        self.rates[i] = self.rates.new_tensor(self.plan.dropout_rates(segment.trial))

    def move(self, source: int, target: int) -> None:
        self.rates[target] = self.rates[source]

    def checkpoint(self, i: int) -> None:
        """Nothing: the trial says what the rates are."""
