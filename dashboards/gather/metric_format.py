"""How what runs are judged by is shown: loss, accuracy in %, or a custom metric."""

from __future__ import annotations

from dashboards.gather.columns import read_report_column
from dashboards.gather.facts import objective_of
from dashboards.gather.numbers import loss_title, measured, percent_measured
from sweep.metrics.metric import ACCURACY, LOSS, Metric, metrics_of
from sweep.metrics.tasks import CLASSIFICATION
from sweep.records.facts import StudyFacts

ZEROS_SHARE = "zeros_share"
"""The column with the share of weights that are exactly zero."""


def judged(facts: StudyFacts) -> tuple[Metric, ...]:
    """All that a study's runs may be judged by; a regression has no accuracies."""
    named = [Metric(name, maximize) for name, maximize in facts.metrics.items()]
    return metrics_of(CLASSIFICATION, [*named, objective_of(facts)])


def metric_named(facts: StudyFacts, column: str) -> Metric:
    """The metric whose values of the validation rows have this name."""
    return next(metric for metric in judged(facts) if metric.validation == column)


def scale_of(metric: Metric) -> float:
    """What its values are multiplied by on an axis."""
    return 100.0 if metric == ACCURACY else 1.0


def unit_of(metric: Metric) -> str:
    return " %" if metric == ACCURACY else ""


def value_text(metric: Metric, value: float) -> str:
    return percent_measured(value) if metric == ACCURACY else measured(value)


def axis_title(metric: Metric, facts: StudyFacts, split: str = "") -> str:
    """Title of an axis of its values, with their unit or which way is better."""
    if metric == LOSS:
        return loss_title(facts, split)
    if metric == ACCURACY:
        return f"{split} accuracy, %".strip()
    return f"{split} {metric.name} ({'more' if metric.maximize else 'less'} is better)".strip()


def is_share(column: str) -> bool:
    """Whether a column holds shares, which are written in %."""
    return column == ZEROS_SHARE or read_report_column(column).metric == ACCURACY.name
