"""The stacked optimizer of a plan."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from torch import Tensor

from sweep.networks.stacked import StackedModule
from sweep.training._adam import StackedAdam, StackedNAdam
from sweep.training._momentum import StackedLion, StackedRMSprop, StackedSGD
from sweep.training._muon import Matrix, StackedMuon
from sweep.training._optimizer import StackedOptimizer
from sweep.training.jobs import TrainingPlan
from sweep.training.own_optimizer import OwnOptimizers

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
    plan: TrainingPlan,
    theta: Tensor,
    stack: StackedModule,
    penalized: Sequence[str] = (),
    matrices: Sequence[str] = (),
) -> StackedOptimizer:
    """The plan's optimizer for the rows of ``theta`` (R, P).

    ``penalized`` names the parameters that penalties act on, ``matrices`` those that Muon
    orthogonalises.
    """
    own, (n_slots, size) = plan.optimizer, theta.shape
    if own.make is not None:
        return OwnOptimizers(plan, stack, theta, penalized)
    if own.name == "muon":
        where = [Matrix(stack.slices[name], _two(stack.shapes[name])) for name in matrices]
        return StackedMuon(own, n_slots, size, plan.device, plan.dtype, where)
    return OPTIMIZERS[own.name](own, n_slots, size, plan.device, plan.dtype)


def _two(shape: Sequence[int]) -> tuple[int, int]:
    n_rows, n_columns = shape
    return n_rows, n_columns
