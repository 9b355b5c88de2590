"""The transforms that a study's runs do to the rows of their batches, each with its own amounts.

Legend: R runs, B rows of a batch.
"""

from __future__ import annotations

import torch
from torch import Tensor

from sweep.records.parameters import AUGMENT
from sweep.training._transform_draws import TransformDraws
from sweep.training._transforms import OPERATIONS, OWN_STREAM, STREAMS
from sweep.training.jobs import Segment, TrainingPlan
from sweep.training.own_transform import transformed


class RowTransforms:
    """What the runs of a population do to their rows, in the study's order."""

    def __init__(self, plan: TrainingPlan, width: int):
        self.plan = plan
        shape = (len(plan.augment), width)
        self.amounts = torch.zeros(shape, device=plan.device, dtype=plan.dtype)
        """(transforms, R)"""

    def admit(self, i: int, segment: Segment) -> None:
        """Fills row ``i`` with the amounts of a run's trial."""
        params = segment.trial.params
        for amounts, how in zip(self.amounts, self.plan.augment, strict=True):
            amounts[i] = float(params.get(AUGMENT.name_of(how.name), how.amount))

    def move(self, source: int, target: int) -> None:
        """The run of one slot now sits in another."""
        self.amounts[:, target] = self.amounts[:, source]

    def change(self, x: Tensor, keys: Tensor) -> None:
        """Changes the rows x (R, B, ...) of a batch in place by the numbers of ``keys`` (R,)."""
        n_runs, n_rows = x.shape[:2]
        rows = x
        for i, (amounts, how) in enumerate(zip(self.amounts, self.plan.augment, strict=True)):
            if how.function is not None:
                rows = transformed(rows.reshape(x.shape), keys, how, OWN_STREAM + i)
                continue
            draws = TransformDraws(keys, STREAMS[how.name], n_rows, x.dtype)
            seen = rows.reshape(n_runs, n_rows, *self.plan.row_shape)
            rows = OPERATIONS[how.name](seen, amounts[:n_runs], draws, how)
        x.copy_(rows.reshape(x.shape))
