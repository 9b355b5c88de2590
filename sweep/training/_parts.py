"""The parts of a population that keep something for each of its slots, and the loops over them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from torch import nn

from sweep.networks.layers import heads_of
from sweep.networks.selection import layer_name, matrices_of, penalized_parameters
from sweep.networks.stacked import StackedModule
from sweep.regularizers.penalty import Penalty
from sweep.training._clipping import GradientClipping
from sweep.training._dropout import DropoutRates
from sweep.training._early_stopping import EarlyStopping
from sweep.training._lr_factors import LrFactors
from sweep.training._optim import make_optimizer
from sweep.training._penalty_state import StackedPenalties
from sweep.training._slot_state import SlotState
from sweep.training._step_numbers import StepNumbers
from sweep.training._weights import StackedWeights
from sweep.training.augmentation import BatchAugmentation
from sweep.training.jobs import Segment, TrainingPlan


class PopulationParts:
    """Weights, optimizer, penalties, augmentation, early stopping, numbers of runs and steps."""

    def __init__(
        self,
        plan: TrainingPlan,
        width: int,
        stack: StackedModule,
        template: nn.Module,
        build: Callable[[int], nn.Module],
        penalties: Mapping[str, Penalty],
    ):
        """``build`` makes the model of a seed; ``template`` is one of them."""
        plan.loss.place(plan.device, plan.dtype)
        self.weights = StackedWeights(plan, width, stack, template, build)
        self.step_numbers = StepNumbers(plan, width)
        self.clipping = GradientClipping(plan, width)
        theta = self.weights.theta
        names = penalized_parameters(template, plan.selection)
        self.layers = {layer_name(name): name for name in names}
        """The penalized parameters by the names of their layers."""
        self.optimizer = make_optimizer(plan, theta, stack, names, matrices_of(template))
        self.optimizer.clipping = self.clipping if self.clipping.used else None
        self.lr_factors = LrFactors(plan, width, stack)
        self.optimizer.factors = self.lr_factors.factors
        self.penalties = StackedPenalties(
            plan, penalties, stack, theta, self.layers, heads_of(template), self.optimizer
        )
        self.augmentation = BatchAugmentation(plan, width)
        self.early_stopping = EarlyStopping(plan, self.weights.tensors)
        self.dropout = None if plan.dropout is None else DropoutRates(plan, theta)
        """None where no dropout is swept."""
        self.by_name = self._by_name()

    def _by_name(self) -> dict[str, SlotState[Any]]:
        """In the order in which a run is admitted: penalties look at its weights."""
        parts: dict[str, SlotState[Any]] = {
            "weights": self.weights,
            "step_numbers": self.step_numbers,
            "lr_factors": self.lr_factors,
            "optimizer": self.optimizer,
            "clipping": self.clipping,
            "penalties": self.penalties,
            "augmentation": self.augmentation,
            "early_stopping": self.early_stopping,
        }
        if self.dropout is not None:
            parts["dropout"] = self.dropout
        return parts

    def admit(self, i: int, segment: Segment) -> None:
        """Fills the row of slot ``i`` in every part."""
        states = segment.checkpoint.states if segment.checkpoint else {}
        for name, part in self.by_name.items():
            part.admit(i, segment, states.get(name))

    def move(self, source: int, target: int) -> None:
        """The run of one slot now sits in another."""
        for part in self.by_name.values():
            part.move(source, target)

    def checkpoint(self, i: int) -> dict[str, object]:
        """By name what every part keeps of the run, where it keeps anything."""
        states = {name: part.checkpoint(i) for name, part in self.by_name.items()}
        return {name: state for name, state in states.items() if state is not None}
