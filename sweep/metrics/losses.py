"""What a run is judged by: loss, accuracy and the user's metric of stacked outputs, unpenalized.

Cross-entropy in nats per row for classification, mean squared error per row (averaged over outputs)
for regression. All that a run is judged by passes through ``Scores``. Legend: R runs, B rows, C
classes or outputs.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from sweep.metrics.judging import Judge, KeptRows


def row_losses(task: str, output: Tensor, target: Tensor) -> Tensor:
    """The loss of every row (R, B); ``output`` (R, B, C), ``target`` (R, B) or (R, B, C)."""
    if task == "classification":
        shifted = output - output.detach().amax(2, keepdim=True)
        return shifted.exp().sum(2).log() - shifted.gather(2, target.unsqueeze(2)).squeeze(2)
    return (output - target).square().mean(2)


def loss_and_gradient(task: str, output: Tensor, target: Tensor) -> tuple[Tensor, Tensor]:
    """The mean loss of every run (R,) and its gradient by ``output`` (R, B, C).

    Cross-entropy's gradient is softmax minus one-hot, the squared error's twice the residual; both
    are quicker written down than found by autograd through a softmax of few classes. The ``target``
    of a classification may also be the share of every class (R, B, C), which adds up to 1; whole
    shares give the bits of classes.
    """
    n_rows = output.shape[1]
    if task == "classification" and target.is_floating_point():
        shifted = output - output.amax(2, keepdim=True)
        picked = (shifted * target).sum(2, keepdim=True)
        slope = shifted.exp_()
        sums = slope.sum(2, keepdim=True)
        losses = (sums.log() - picked).mean((1, 2))
        return losses, slope.mul_((1 / n_rows) / sums).sub_(target * (1 / n_rows))
    if task == "classification":
        chosen = target.unsqueeze(2)
        shifted = output - output.amax(2, keepdim=True)
        picked = shifted.gather(2, chosen)
        slope = shifted.exp_()
        sums = slope.sum(2, keepdim=True)
        losses = (sums.log() - picked).mean((1, 2))
        slope.mul_((1 / n_rows) / sums)
        slope.scatter_add_(2, chosen, torch.full_like(picked, -1 / n_rows))
        return losses, slope
    residual = output - target
    return residual.square().mean((1, 2)), residual.mul_(2 / (n_rows * output.shape[2]))


class Scores:
    """Sums over evaluation batches; after ``close`` the value of every metric, (R,) each."""

    def __init__(self, task: str, n_runs: int, device: torch.device, judges: Sequence[Judge] = ()):
        self.task, self.judges = task, judges
        self._loss = torch.zeros(n_runs, device=device)
        self._hits = torch.zeros(n_runs, device=device)
        self._rows = torch.zeros(n_runs, device=device)
        self._kept = KeptRows()
        self.values: dict[str, np.ndarray] = {}
        """By the metric's name: ``loss``, ``accuracy`` where there are classes, the judges'."""
        self.faults: dict[int, str] = {}
        """What was wrong with a judge's metric, by the place of the run."""

    def add(self, output: Tensor, target: Tensor, there: Tensor | None = None) -> None:
        """Adds one batch; rows where ``there`` (R, B) is False are padding and count nothing."""
        losses = row_losses(self.task, output, target)
        wide = torch.float32 if losses.device.type == "mps" else torch.float64
        if there is not None:
            losses = torch.where(there, losses, 0)
        self._loss = self._loss + losses.to(wide).sum(1)
        self._rows = self._rows + (target.shape[1] if there is None else there.sum(1))
        if self.task == "classification":
            hits = output.argmax(2) == target
            self._hits = self._hits + (hits if there is None else hits & there).sum(1)
        if self.judges:
            self._kept.add(output, target, there)

    def means(self) -> Tensor:
        """The loss (1, R), and the accuracy where there are classes (2, R), on the device."""
        loss = self._loss / self._rows
        if self.task != "classification":
            return loss[None]
        return torch.stack([loss, (self._hits / self._rows).to(loss)])

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

    def _judge(self) -> None:
        """Adds the judges' metrics: nan where the loss has gone, or the metric is at fault."""
        if not self.judges:
            return
        rows, finite = self._kept.stacked(), np.isfinite(self.loss)
        for name, values, faults in (f for j in self.judges for f in j.judge(rows, finite)):
            self.values[name] = values
            self.faults = {**faults, **self.faults}
