"""What runs are judged by: loss, accuracy and the user's metric of stacked outputs, unpenalized.

All that a run is judged by passes through ``Scores``. Legend: R runs, B rows.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from sweep.errors import SweepError
from sweep.metrics.loss import Loss, weighted
from sweep.metrics.metric import Judge


class Scores:
    """Sums over evaluation batches; after ``close`` the value of every metric, (R,) each."""

    def __init__(self, loss: Loss, n_runs: int, device: torch.device, own: Judge | None = None):
        self.criterion, self.own, self.n_runs = loss, own, n_runs
        zeros = torch.zeros(n_runs, device=device)
        self._loss, self._count = zeros, zeros
        self._hits: Tensor | None = None
        self._predictions = zeros
        self._kept: list[tuple[Tensor, Tensor, Tensor | None, Tensor | None]] = []
        self.values: dict[str, np.ndarray] = {}
        """By the metric's name: ``loss``, ``accuracy`` where there are classes, the own one's."""
        self.faults: dict[int, str] = {}
        """What was wrong with the own metric, by the place of the run."""

    def add(
        self,
        output: Tensor,
        target: Tensor,
        there: Tensor | None = None,
        weight: Tensor | None = None,
    ) -> None:
        """Adds one batch; rows where ``there`` (R, B) is False are padding and count nothing."""
        if not self.criterion.by_rows:
            self._kept.append((output, target, there, weight))
            return
        rows, weighs = self.criterion.rows(output, target), weight is not None
        wide = torch.float32 if rows[0].device.type == "mps" else torch.float64
        loss, count = _sums(rows, there, weight, wide)
        self._loss, self._count = self._loss + loss, self._count + count
        hits = self.criterion.hits(output, target)
        if hits is not None:
            right, predictions = _sums(hits, there, weight, wide if weighs else torch.float32)
            self._hits = right if self._hits is None else self._hits + right
            self._predictions = self._predictions + predictions
        if self.own is not None:
            self._kept.append((output, target, there, weight))

    def means(self) -> Tensor:
        """The loss (1, R), and the accuracy where there are classes (2, R), on the device."""
        if not self.criterion.by_rows:
            return torch.stack([self._as_a_whole(run) for run in range(self.n_runs)])[None]
        loss = self._loss / self._count
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
        if self.own is not None:
            judged = [self._judged(self.own, run) for run in range(len(self.loss))]
            self.values[self.own.name] = np.array(judged)
            self._kept.clear()
        return self

    @property
    def loss(self) -> np.ndarray:
        return self.values["loss"]

    def _judged(self, own: Judge, run: int) -> float:
        """The own metric of one run; nan where the loss has gone, or the metric is at fault."""
        if not np.isfinite(self.loss[run]):
            return float("nan")
        output, target, _ = self._of_run(run)
        try:
            return own(output, target)
        except SweepError as error:
            self.faults[run] = str(error)
            return float("nan")

    def _as_a_whole(self, run: int) -> Tensor:
        """The loss of all rows of one run, of a loss that is no mean over rows."""
        output, target, weight = self._of_run(run)
        return self.criterion.mean(
            output[None], target[None], None if weight is None else weight[None]
        )[0]

    def _of_run(self, run: int) -> tuple[Tensor, Tensor, Tensor | None]:
        """The outputs, targets and weights of the rows of one run that are there."""

        def picked(tensor: Tensor, there: Tensor | None) -> Tensor:
            return tensor[run] if there is None else tensor[run][there[run]]

        outputs, targets, there, weights = zip(*self._kept, strict=True)
        output, target = (
            torch.cat(
                [picked(tensor, present) for tensor, present in zip(part, there, strict=True)]
            )
            for part in (outputs, targets)
        )
        if weights[0] is None:
            return output, target, None
        pieces = [picked(w, p) for w, p in zip(weights, there, strict=True) if w is not None]
        return output, target, torch.cat(pieces)


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
