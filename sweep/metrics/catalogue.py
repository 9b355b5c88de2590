"""The metrics that a study may name, with their directions and the tasks that they fit.

They are scikit-learn's of the same name, where it has them; ``class_metrics`` and
``number_metrics`` compute them for many runs at once. Nothing here imports torch.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from sweep.metrics.metric import ACCURACY, Metric
from sweep.metrics.tasks import CLASSIFICATION, REGRESSION


@dataclass(frozen=True, slots=True)
class MetricKind:
    """A metric that is known by name."""

    name: str
    task: str
    maximize: bool
    meaning: str
    """What it is, in words that stand after its name."""
    of_varied_targets: bool = False
    """Whether it is defined only where targets differ: every class has a row, columns vary."""
    of_labels: bool = False
    """Whether it is known of several labels too, each by itself."""
    of_plain_targets: bool = False
    """Whether it says nothing of targets that are scaled."""
    takes_weights: bool = True
    """Whether it is usual to weight its rows."""

    @property
    def metric(self) -> Metric:
        return Metric(self.name, self.maximize)


def _of_classes(
    name: str, meaning: str, *, maximize: bool = True, varied: bool = True, labels: bool = True
) -> MetricKind:
    return MetricKind(
        name, CLASSIFICATION, maximize, meaning, of_varied_targets=varied, of_labels=labels
    )


def _of_numbers(
    name: str, meaning: str, *, maximize: bool = False, plain: bool = False, weights: bool = True
) -> MetricKind:
    return MetricKind(
        name,
        REGRESSION,
        maximize,
        meaning,
        of_varied_targets=maximize,  # those that compare with the spread of targets
        of_plain_targets=plain,
        takes_weights=weights,
    )


METRICS: Mapping[str, MetricKind] = {
    kind.name: kind
    for kind in (
        _of_classes(ACCURACY.name, "share of rows classified right", varied=False, labels=False),
        _of_classes("balanced_accuracy", "mean of the classes' recalls", labels=False),
        _of_classes("f1", "2 TP / (2 TP + FP + FN)"),
        _of_classes("precision", "TP / (TP + FP); 0 for a class that is never predicted"),
        _of_classes("recall", "TP / (TP + FN)"),
        _of_classes("auroc", "area under the ROC curve"),
        _of_classes("average_precision", "mean of the precisions at every positive row"),
        _of_classes("log_loss", "cross-entropy in nats", maximize=False, varied=False),
        _of_classes("brier", "squared error of the probabilities", maximize=False, varied=False),
        _of_numbers("r2", "1 - squared error / variance of the targets", maximize=True),
        _of_numbers("explained_variance", "1 - variance of the error / variance", maximize=True),
        _of_numbers(
            "spearman", "rank correlation; 0 for constant outputs", maximize=True, weights=False
        ),
        _of_numbers("mae", "mean absolute error"),
        _of_numbers("rmse", "root of the mean squared error"),
        _of_numbers("mape", "mean absolute error as a share of the target", plain=True),
    )
}
"""By name."""


class NamedMetric(NamedTuple):
    """A metric as a study names it."""

    metric: Metric
    source: str | Callable[..., Any]
    """The name of a known one, or the user's function."""
    place: int | None
    """Its place in ``study.metrics``; None for an objective that is not in it."""

    @property
    def kind(self) -> MetricKind | None:
        """The known metric; None for a function of the user's."""
        return METRICS.get(self.source) if isinstance(self.source, str) else None

    @property
    def where(self) -> str:
        """The key that names it, for messages."""
        return "study.objective" if self.place is None else f"study.metrics[{self.place}]"
