"""What runs are judged by: loss, accuracy and other metrics of stacked outputs, unpenalized.

All that a run is judged by passes through ``Scores``. Legend: R runs, B rows.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from sweep.metrics.judging import Judge, KeptRows
from sweep.metrics.loss import Loss, weighted
from sweep.metrics.metric import ACCURACY, LOSS, Metric


class Scores:
    """Sums over evaluation batches; after ``close`` the value of every metric, (R,) each."""

    def __init__(self, loss: Loss, n_runs: int, device: torch.device, judges: Sequence[Judge] = ()):
        self.criterion, self.judges = loss, judges
        zeros = torch.zeros(n_runs, device=device)
        self._loss, self._count = zeros, zeros
        self._hits: Tensor | None = None
        self._predictions = zeros
        self._kept = KeptRows()
        self.values: dict[str, np.ndarray] = {}
        """By the metric's name: ``loss``, ``accuracy`` where there are classes, the judges'."""
        self.faults: dict[int, str] = {}
        """What was wrong with a judge's metric, by the place of the run."""

    def add(
        self,
        output: Tensor,
        target: Tensor,
        there: Tensor | None = None,
        weight: Tensor | None = None,
    ) -> None:
        """Adds one batch; rows where ``there`` (R, B) is False are padding and count nothing."""
        if self.judges or not self.criterion.by_rows:
            self._kept.add(output, target, there, weight)
        weighs = weight is not None
        wide = torch.float32 if output.device.type == "mps" else torch.float64
        if self.criterion.by_rows:
            loss, count = _sums(self.criterion.rows(output, target), there, weight, wide)
            self._loss, self._count = self._loss + loss, self._count + count
        hits = self.criterion.hits(output, target)
        if hits is not None:
            right, predictions = _sums(hits, there, weight, wide if weighs else torch.float32)
            self._hits = right if self._hits is None else self._hits + right
            self._predictions = self._predictions + predictions

    def means(self) -> Tensor:
        """The loss (1, R), and the accuracy where there are classes (2, R), on the device."""
        by_rows = self.criterion.by_rows
        loss = self._loss / self._count if by_rows else self._as_a_whole()
        if self._hits is None:
            return loss[None]
        return torch.stack([loss, (self._hits / self._predictions).to(loss)])

    def close(self, means: np.ndarray | None = None) -> Scores:
        """Ends the sums; ``means`` are those of ``means``, where they have been read already."""
        read = self.means().cpu().numpy() if means is None else means
        self.values = {
            name: values.astype(np.float64)
            for name, values in zip(("loss", "accuracy"), read, strict=False)
        }
        self._judge()
        return self

    @property
    def loss(self) -> np.ndarray:
        return self.values["loss"]

    def _as_a_whole(self) -> Tensor:
        """The loss (R,) of all rows of a run, of a loss that is no mean over rows."""
        rows, losses = self._kept.stacked(), []
        for run in range(len(rows.output)):
            output, target, weight = rows.of_run(run)
            own = None if weight is None else weight[None]
            losses.append(self.criterion.mean(output[None], target[None], own)[0])
        return torch.stack(losses)

    def _judge(self) -> None:
        """Adds the judges' metrics: nan where the loss has gone, or the metric is at fault."""
        if not self.judges:
            return
        rows, finite = self._kept.stacked(), np.isfinite(self.loss)
        for name, values, faults in (f for j in self.judges for f in j.judge(rows, finite)):
            self.values[name] = values
            self.faults = {**faults, **self.faults}


def losses_by_row(loss: Loss, output: Tensor, target: Tensor) -> dict[Metric, Tensor]:
    """What every row (R, B) loses by each metric that is the mean over rows which count alike."""
    found = {}
    if loss.by_rows:
        losses, count = loss.rows(output, target)
        if count is None:
            found[LOSS] = losses
    hits = loss.hits(output, target)
    if hits is not None and hits[1] is None:
        found[ACCURACY] = ACCURACY.as_loss(hits[0].to(torch.float32))
    return found


def _sums(
    rows: tuple[Tensor, Tensor | None],
    there: Tensor | None,
    weight: Tensor | None,
    dtype: torch.dtype,
) -> tuple[Tensor, Tensor | int]:
    """Sums and counts (R,) of the rows that are there, in a wide type."""
    total, count = rows
    if weight is not None:
        total, count = weighted((total.to(dtype), count), weight)
    if there is not None:
        total = torch.where(there, total, 0)
        count = there if count is None else torch.where(there, count, 0)
    return total.to(dtype).sum(1), total.shape[1] if count is None else count.to(dtype).sum(1)
