"""Metrics of classes, of many runs at once in float64; the names are scikit-learn's.

Two classes have their second one as the positive, whose f1, precision, recall, area and average
precision are meant; of more classes it is the mean over them, each against the rest. One output
is the logit of the second of two classes; targets (R, N, C) of 0 and 1 are labels, each with a
logit of its own. A ratio that is not defined is nan, but the precision of a class that is never
predicted is 0, as is usual. Legend: R runs, N rows, C classes, K positives (1 of two classes).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property

import torch
from torch import Tensor

from sweep.metrics.judging import StackedRows
from sweep.metrics.ranking import Ranking, area_under_roc, average_precision


class ClassRows:
    """Rows of some runs and what several metrics need of them."""

    def __init__(self, rows: StackedRows):
        self.weight = rows.weights
        device = self.weight.device
        output, target = rows.output.to(device).double(), rows.target.to(device)
        if output.shape[2] == 1:
            output = torch.cat([torch.zeros_like(output), output], 2)
            target = target.reshape(target.shape[:2])
        self.output = output
        self.has_labels = target.ndim == 3
        self.target = target if self.has_labels else target.long()

    @cached_property
    def truth(self) -> Tensor:
        """(R, N, C): 1 where a row is of a class."""
        if self.has_labels:
            return self.target.double()
        zeros = torch.zeros_like(self.output)
        return zeros.scatter(2, self.target[..., None], 1.0)

    @cached_property
    def shares(self) -> Tensor:
        """(R, N, C): the probabilities of the classes, or of each label."""
        return self.output.sigmoid() if self.has_labels else self.output.softmax(2)

    @cached_property
    def counts(self) -> tuple[Tensor, Tensor, Tensor]:
        """Weights of the rows that are right about a class, given it, and of it, (R, C) each."""
        if self.has_labels:
            weight, given = self.weight[..., None], (self.output > 0).double()
            parts = (given * self.truth, given, self.truth)
            right, guessed, actual = ((weight * part).sum(1) for part in parts)
            return right, guessed, actual
        chosen, none = self.output.argmax(2), torch.zeros_like(self.output[:, 0])
        right = none.scatter_add(1, chosen, self.weight * (chosen == self.target))
        guessed = none.scatter_add(1, chosen, self.weight)
        return right, guessed, none.scatter_add(1, self.target, self.weight)

    def positives(self, values: Tensor) -> Tensor:
        """Values (..., C) of those classes that are meant, (..., K)."""
        two = not self.has_labels and self.output.shape[2] == 2
        return values[..., 1:] if two else values

    @cached_property
    def ranked(self) -> tuple[Ranking, Tensor, Tensor]:
        """Rows by their scores for each class, and the weights of those of it and of the others."""
        scores = self.shares
        if not self.has_labels and self.output.shape[2] == 2:  # which never saturates
            scores = self.output - self.output.flip(2)
        truth = self.positives(self.truth).transpose(1, 2)
        weight = self.weight[:, None]
        ranking = Ranking(self.positives(scores).transpose(1, 2).contiguous())
        return ranking, weight * truth, weight * (1 - truth)

    def mean(self, values: Tensor) -> Tensor:
        """The weighted mean over rows (R,) of values (R, N)."""
        return (self.weight * values).sum(1) / self.weight.sum(1)


def _balanced_accuracy(rows: ClassRows) -> Tensor:
    right, _, actual = rows.counts
    return (right / actual).mean(1)


def _f1(rows: ClassRows) -> Tensor:
    right, guessed, actual = map(rows.positives, rows.counts)
    return (2 * right / (guessed + actual) + _nan_without(actual)).mean(1)


def _precision(rows: ClassRows) -> Tensor:
    right, guessed, actual = map(rows.positives, rows.counts)
    shares = torch.where(guessed > 0, right / guessed, 0)
    return (shares + _nan_without(actual)).mean(1)


def _recall(rows: ClassRows) -> Tensor:
    right, _, actual = map(rows.positives, rows.counts)
    return (right / actual).mean(1)


def _nan_without(actual: Tensor) -> Tensor:
    """0 for every class that has rows; nan for one that has none."""
    return torch.where(actual > 0, 0.0, torch.nan)


def _auroc(rows: ClassRows) -> Tensor:
    return area_under_roc(*rows.ranked).mean(1)


def _average_precision(rows: ClassRows) -> Tensor:
    return average_precision(*rows.ranked).mean(1)


def _log_loss(rows: ClassRows) -> Tensor:
    if rows.has_labels:
        signed = torch.where(rows.target > 0, -rows.output, rows.output)
        return rows.mean(torch.nn.functional.softplus(signed).mean(2))
    logs = rows.output.log_softmax(2)
    return rows.mean(-logs.gather(2, rows.target[..., None])[..., 0])


def _brier(rows: ClassRows) -> Tensor:
    squares = rows.positives((rows.shares - rows.truth).square())
    return rows.mean(squares.mean(2) if rows.has_labels else squares.sum(2))


CLASS_METRICS: Mapping[str, Callable[[ClassRows], Tensor]] = {
    "balanced_accuracy": _balanced_accuracy,
    "f1": _f1,
    "precision": _precision,
    "recall": _recall,
    "auroc": _auroc,
    "average_precision": _average_precision,
    "log_loss": _log_loss,
    "brier": _brier,
}
"""By name: values (R,) of rows; nan where one is not defined."""
