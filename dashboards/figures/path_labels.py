"""What the figure of a path is labelled with, from a study's facts or from plain arrays."""

from __future__ import annotations

from dataclasses import dataclass

from dashboards.figures.style import colour_of
from dashboards.gather.facts import unit_word
from dashboards.gather.metric_format import axis_title, metric_named
from dashboards.gather.numbers import capitalized
from sweep.metrics.metric import ACCURACY, LOSS, Metric
from sweep.records.facts import StudyFacts


@dataclass(frozen=True)
class PathLabels:
    """The words and the colour of the figure of one path."""

    penalty: str
    metric: Metric
    """What is drawn over strength."""
    title: str
    """Of the metric's axis."""
    units: str
    """What the bands are over: resamples, folds or seeds."""
    colour: str
    """Of the penalty."""


def labels_of(facts: StudyFacts, penalty: str, column: str) -> PathLabels:
    """The labels for a study's path, drawn by the validation rows' values in ``column``."""
    metric = metric_named(facts, column)
    title = axis_title(metric, facts)
    if metric == ACCURACY:
        title = "accuracy, % of rows classified right"
    elif metric == LOSS:
        title = capitalized(title)
    colour = colour_of(penalty, facts.penalties)
    return PathLabels(penalty, metric, title, unit_word(facts.design), colour)
