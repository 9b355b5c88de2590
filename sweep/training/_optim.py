"""The stacked optimizer of a plan."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sweep.networks.stacked import StackedModule
from sweep.training._adam import StackedAdam, StackedNAdam
from sweep.training._momentum import StackedLion, StackedRMSprop, StackedSGD
from sweep.training._muon import Matrix, StackedMuon
from sweep.training._optimizer import StackedOptimizer
from sweep.training.jobs import TrainingPlan

OPTIMIZERS: Mapping[str, type[StackedOptimizer]] = {
    "sgd": StackedSGD,
    "adam": StackedAdam,
    "adamw": StackedAdam,
    "nadam": StackedNAdam,
    "rmsprop": StackedRMSprop,
    "lion": StackedLion,
    "muon": StackedMuon,
}


def make_optimizer(
    plan: TrainingPlan, n_slots: int, stack: StackedModule, matrices: Sequence[str] = ()
) -> StackedOptimizer:
    """The plan's optimizer for rows of the stack's parameters.

    ``matrices`` names those parameters that Muon orthogonalises.
    """
    own, size = plan.optimizer, stack.row_length
    if own.name == "muon":
        where = [Matrix(stack.slices[name], _two(stack.shapes[name])) for name in matrices]
        return StackedMuon(own, n_slots, size, plan.device, plan.dtype, where)
    return OPTIMIZERS[own.name](own, n_slots, size, plan.device, plan.dtype)


def _two(shape: Sequence[int]) -> tuple[int, int]:
    n_rows, n_columns = shape
    return n_rows, n_columns
