"""What runs are trained on, and what guessing is worth by it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch

from sweep.data.rows import Rows
from sweep.errors import StudyError
from sweep.metrics.judging import Judge
from sweep.metrics.loss import Loss
from sweep.metrics.scores import Scores


class Criterion(NamedTuple):
    """What the study's runs are trained on."""

    loss: Loss
    row: tuple[int, ...]
    """The shape of a row's output."""


def null_values(
    criterion: Criterion, judges: Sequence[Judge], train: Rows, validation: Rows
) -> dict[str, float]:
    """Every metric of the constant predictor, the output with the smallest loss on training
    rows: what an infinite strength leaves. Rows with a weight count by it.
    """
    loss, row = criterion
    target = validation.y
    target = target.astype(np.float64) if target.dtype.kind == "f" else target
    constant = np.broadcast_to(loss.constant(train.y, train.weight, row), row)
    rows = torch.from_numpy(constant.copy()).expand(len(target), *row)
    weight = None
    if validation.weight is not None:
        weight = torch.from_numpy(validation.weight.astype(np.float64))[None]
    scores = Scores(loss, 1, torch.device("cpu"), judges)
    scores.add(rows[None], torch.from_numpy(np.ascontiguousarray(target))[None], None, weight)
    values = {name: float(value[0]) for name, value in scores.close().values.items()}
    for fault in scores.faults.values():
        raise StudyError(
            f"{fault} (these are the same outputs for every row: what guessing is worth)"
        )
    return values
