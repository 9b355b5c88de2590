"""What runs are judged by: the loss, the accuracy, or a user-defined metric."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sweep.metrics.columns import Part, column_of, validated_metric
from sweep.metrics.tasks import CLASSIFICATION, SEQUENCE


@dataclass(frozen=True, slots=True)
class Metric:
    """What outputs are judged by: ``loss``, ``accuracy``, or a user's function.

    Every part of a split has its value of it, named like this class's properties.
    """

    name: str
    maximize: bool = False

    @property
    def validation(self) -> str:
        return column_of(Part.VALIDATION, self.name)

    @property
    def training(self) -> str:
        return column_of(Part.TRAINING, self.name)

    @property
    def test(self) -> str:
        return column_of(Part.TEST, self.name)

    @property
    def null(self) -> str:
        """Of the constant predictor, on the validation rows."""
        return column_of(Part.NULL, self.name)

    @property
    def columns(self) -> tuple[str, ...]:
        """All of these, in the order of frames."""
        return self.validation, self.training, self.test, self.null

    @property
    def built_in(self) -> bool:
        return self in (LOSS, ACCURACY)

    @property
    def sign(self) -> float:
        """What makes lower better."""
        return -1.0 if self.maximize else 1.0

    def as_loss(self, value: Any) -> Any:
        """A number or an array of them with lower better, and back: the error rate of an accuracy,
        minus any other metric that is maximized.
        """
        return 1 - value if self == ACCURACY else self.sign * value

    def resolution(self, n_rows: int) -> float:
        """The smallest step of its value over so many rows; 0 where it is not known to have one."""
        return 1 / n_rows if self == ACCURACY else 0.0


LOSS, ACCURACY = Metric("loss"), Metric("accuracy", maximize=True)

LARGEST = 1e30
"""What was measured elsewhere and lies beyond counts as infinite: sums of it would be."""


def within_largest(value: float) -> float:
    """The number, infinite where it lies beyond ``LARGEST``."""
    return math.copysign(math.inf, value) if abs(value) > LARGEST else value


def metrics_of(task: str, named: Iterable[Metric]) -> tuple[Metric, ...]:
    """What every run of a study is judged by: the loss, the accuracy of classes, and those that it
    names.
    """
    kept = (LOSS, ACCURACY) if task in (CLASSIFICATION, SEQUENCE) else (LOSS,)
    return tuple(dict.fromkeys((*kept, *named)))


def averaged_columns(objective: Metric) -> frozenset[str]:
    """Those of a run's numbers that its trial has the mean of."""
    metrics = metrics_of(CLASSIFICATION, [objective])
    columns = ((m.validation, m.training, m.test) for m in metrics)
    return frozenset({"epochs"}.union(*columns))


def metric_of(column: str, maximize: bool) -> Metric:
    """The metric whose values of the validation rows have this name."""
    name = validated_metric(column) or column
    known = {metric.name: metric for metric in (LOSS, ACCURACY)}
    return known.get(name) or Metric(name, maximize)
