"""Losses of classes: cross-entropy over classes, and binary cross-entropy of one or many labels.

Outputs are logits. Legend: R runs, B rows, T positions, C classes or labels.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from sweep.metrics._loss_kernel import (
    BINARY,
    BINARY_OF_SHARES,
    CROSS_ENTROPY,
    CROSS_ENTROPY_OF_SHARES,
    compiled,
    loss_and_gradient,
    suits,
)
from sweep.metrics.loss import CompiledLoss, Loss, Mixing, Numbers
from sweep.metrics.tasks import IGNORED


class CrossEntropy(Loss):
    """Minus the logarithm of the softmax at the true class, in nats.

    Outputs (R, B, C) go with targets (R, B), classes from 0 on, or (R, B, C), the share of every
    class; outputs (R, B, T, C) with targets (R, B, T), of which those at ``IGNORED`` count nothing.
    Class weights multiply losses and counts, as torch's do.
    """

    name = "cross_entropy"
    takes_logits = True

    def __init__(self, class_weight: Sequence[float] | None = None, positions: bool = False):
        """``class_weight`` has a weight for each class, and all count alike without; ``positions``
        says whether every position of a row has a class.
        """
        self.class_weight = None if class_weight is None else Numbers(class_weight)
        plain = class_weight is None and not positions
        self.mixing = Mixing.LINEAR if plain else Mixing.NONE
        self.smooths = plain

    def compiled(self, n_outputs: int, target: Tensor, dtype: torch.dtype) -> CompiledLoss | None:
        return compiled(_classes(target), n_outputs, target, dtype)

    def row_weights(self, target: Tensor, weight: Tensor | None) -> Tensor | None:
        if self.class_weight is None or target.is_floating_point():
            return weight
        own = self.class_weight.values[target]
        return own if weight is None else own * weight

    def untraced(
        self, output: Tensor, target: Tensor, weight: Tensor | None = None
    ) -> tuple[Tensor, Tensor]:
        kind = _classes(target)
        if suits(kind, output, target):
            weights = self.row_weights(target, weight)
            return loss_and_gradient(kind, output, target, weights)
        return super().untraced(output, target, weight)

    def place(self, device: torch.device, dtype: torch.dtype) -> None:
        if self.class_weight is not None:
            self.class_weight.on(device, dtype)

    def rows(self, output: Tensor, target: Tensor) -> tuple[Tensor, Tensor | None]:
        shifted = output - output.detach().amax(-1, keepdim=True)
        log_sums = shifted.exp().sum(-1).log()
        if target.is_floating_point():
            return log_sums - (shifted * target).sum(-1), None
        if target.ndim == 2:
            losses = log_sums - shifted.gather(-1, target.unsqueeze(-1)).squeeze(-1)
            if self.class_weight is None:
                return losses, None
            weight = self.class_weight.like(losses)[target]
            return losses * weight, weight
        there = target != IGNORED
        known = target.clamp_min(0)
        losses = log_sums - shifted.gather(-1, known.unsqueeze(-1)).squeeze(-1)
        weight = there.to(losses)
        if self.class_weight is not None:
            weight = weight * self.class_weight.like(losses)[known]
        return (losses * weight).sum(2), weight.sum(2)

    def hits(self, output: Tensor, target: Tensor) -> tuple[Tensor, Tensor | None]:
        right = output.argmax(-1) == target
        if target.ndim == 2:
            return right, None
        there = target != IGNORED
        return (right & there).sum(2), there.sum(2)

    def loss_and_gradient(
        self, output: Tensor, target: Tensor, weight: Tensor | None = None
    ) -> tuple[Tensor, Tensor]:
        """The mean loss of every run (R,) and its gradient by ``output``.

        Without weights the gradient, softmax minus one-hot, is quicker written down than found by
        autograd through a softmax of few classes. Whole shares give the bits of classes.
        """
        plain = weight is None and self.class_weight is None and output.ndim == 3
        if not plain:
            return super().loss_and_gradient(output, target, weight)
        n_rows = output.shape[1]
        shifted = output - output.amax(2, keepdim=True)
        if target.is_floating_point():
            picked = (shifted * target).sum(2, keepdim=True)
            slope = shifted.exp_()
            sums = slope.sum(2, keepdim=True)
            losses = (sums.log() - picked).mean((1, 2))
            return losses, slope.mul_((1 / n_rows) / sums).sub_(target * (1 / n_rows))
        chosen = target.unsqueeze(2)
        picked = shifted.gather(2, chosen)
        slope = shifted.exp_()
        sums = slope.sum(2, keepdim=True)
        losses = (sums.log() - picked).mean((1, 2))
        slope.mul_((1 / n_rows) / sums)
        slope.scatter_add_(2, chosen, torch.full_like(picked, -1 / n_rows))
        return losses, slope

    def constant(
        self, target: np.ndarray, weight: np.ndarray | None, row: tuple[int, ...]
    ) -> np.ndarray:
        """The logarithms of the classes' shares (C,), each times the weight of its class.

        Of positions, one is added to every count where a class is missing (Laplace's rule).
        """
        labels = target.reshape(-1)
        there = labels != IGNORED
        if weight is not None:
            weight = np.repeat(weight, target.size // len(target))[there]
        counts = np.bincount(labels[there], weight, minlength=row[-1])
        if target.ndim > 1 and not counts.all():  # words that training rows do not have
            counts = counts + 1
        if self.class_weight is not None:
            counts = counts * self.class_weight.values.numpy()
        return np.asarray(np.log(counts / counts.sum()))


class BinaryCrossEntropy(Loss):
    """Minus the logarithm of the sigmoid of what is true, in nats, averaged over labels.

    Outputs (R, B, 1) go with targets (R, B), classes 0 and 1; outputs (R, B, C) with targets
    (R, B, C) from 0 to 1. ``pos_weight`` multiplies the loss of what is true, as torch's does.
    """

    name = "bce"
    takes_logits = True
    mixing = Mixing.LINEAR

    def __init__(self, pos_weight: Sequence[float] | None = None):
        """``pos_weight`` has one number for all labels, or one for each."""
        self.pos_weight = None if pos_weight is None else Numbers(pos_weight)

    def place(self, device: torch.device, dtype: torch.dtype) -> None:
        if self.pos_weight is not None:
            self.pos_weight.on(device, dtype)

    def rows(self, output: Tensor, target: Tensor) -> tuple[Tensor, Tensor | None]:
        wanted = (target if target.ndim == output.ndim else target.unsqueeze(-1)).to(output)
        factor = None if self.pos_weight is None else self.pos_weight.like(output)
        losses = F.binary_cross_entropy_with_logits(
            output, wanted, pos_weight=factor, reduction="none"
        )
        return losses.flatten(2).mean(2), None

    def compiled(self, n_outputs: int, target: Tensor, dtype: torch.dtype) -> CompiledLoss | None:
        plain = self.pos_weight is None
        return compiled(_binary(target), n_outputs, target, dtype) if plain else None

    def untraced(
        self, output: Tensor, target: Tensor, weight: Tensor | None = None
    ) -> tuple[Tensor, Tensor]:
        kind = _binary(target)
        if self.pos_weight is None and suits(kind, output, target):
            return loss_and_gradient(kind, output, target, weight)
        return super().untraced(output, target, weight)

    def hits(self, output: Tensor, target: Tensor) -> tuple[Tensor, Tensor | None] | None:
        if target.ndim == output.ndim:
            return None
        return (output.squeeze(-1) > 0) == (target > 0), None

    def constant(
        self, target: np.ndarray, weight: np.ndarray | None, row: tuple[int, ...]
    ) -> np.ndarray:
        """The logarithms of the odds of every label, times its ``pos_weight``.

        Of a label that all rows have, or none, one row with and one without are added (Laplace's
        rule).
        """
        columns = target[:, None] if target.ndim == 1 else target
        columns = columns.astype(np.float64)
        share = np.average(columns, axis=0, weights=weight)
        total = float(len(columns) if weight is None else weight.sum())
        share = np.where((share > 0) & (share < 1), share, (share * total + 1) / (total + 2))
        factor = 1.0 if self.pos_weight is None else self.pos_weight.values.numpy()
        return np.asarray(np.log(factor * share) - np.log1p(-share))


def _classes(target: Tensor) -> int:
    return CROSS_ENTROPY_OF_SHARES if target.is_floating_point() else CROSS_ENTROPY


def _binary(target: Tensor) -> int:
    return BINARY_OF_SHARES if target.is_floating_point() else BINARY
