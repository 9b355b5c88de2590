"""What runs are trained on, and what guessing is worth by it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from sweep.data.rows import Rows
from sweep.errors import StudyError
from sweep.metrics.judging import Judge
from sweep.metrics.loss import Loss
from sweep.metrics.metric import Metric
from sweep.metrics.scores import Scores, losses_by_row


class Criterion(NamedTuple):
    """What the study's runs are trained on."""

    loss: Loss
    row: tuple[int, ...]
    """The shape of a row's output."""


def metrics_by_row(criterion: Criterion, target: Tensor) -> tuple[Metric, ...]:
    """The metrics by which every row has a loss of its own, and all count alike; ``target`` is of
    some rows.
    """
    output = torch.zeros(1, 1, *criterion.row, dtype=torch.float32)
    return tuple(losses_by_row(criterion.loss, output, target[None, :1]))


def null_rows(criterion: Criterion, train: Rows, validation: Rows) -> dict[Metric, np.ndarray]:
    """What the constant predictor loses on each validation row (N,) by those metrics."""
    found = losses_by_row(criterion.loss, *_constant_outputs(criterion, train, validation))
    return {metric: losses[0].to(torch.float64).numpy() for metric, losses in found.items()}


def _constant_outputs(criterion: Criterion, train: Rows, validation: Rows) -> tuple[Tensor, Tensor]:
    """The constant predictor's outputs (1, N, ...) for the validation rows, and their targets."""
    loss, row = criterion
    target = validation.y
    target = target.astype(np.float64) if target.dtype.kind == "f" else target
    constant = np.broadcast_to(loss.constant(train.y, train.weight, row), row)
    outputs = torch.from_numpy(constant.copy()).expand(len(target), *row)
    return outputs[None], torch.from_numpy(np.ascontiguousarray(target))[None]


def null_values(
    criterion: Criterion, judges: Sequence[Judge], train: Rows, validation: Rows
) -> dict[str, float]:
    """Every metric of the constant predictor, the output with the smallest loss on training
    rows: what an infinite strength leaves. Rows with a weight count by it.
    """
    outputs, target = _constant_outputs(criterion, train, validation)
    weight = None
    if validation.weight is not None:
        weight = torch.from_numpy(validation.weight.astype(np.float64))[None]
    scores = Scores(criterion.loss, 1, torch.device("cpu"), judges)
    scores.add(outputs, target, None, weight)
    values = {name: float(value[0]) for name, value in scores.close().values.items()}
    for fault in scores.faults.values():
        raise StudyError(
            f"{fault} (these are the same outputs for every row: what guessing is worth)"
        )
    return values
