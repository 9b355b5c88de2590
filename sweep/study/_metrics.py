"""The metrics of a study: what its list and its objective name, and which way each is better."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from sweep.metrics.catalogue import METRICS, NamedMetric
from sweep.metrics.columns import validated_metric
from sweep.metrics.metric import ACCURACY, LOSS, Metric
from sweep.runtime.user_code import label_of
from sweep.study.axes import MetricSettings

Source = str | Callable[..., Any]
Entry = Source | MetricSettings
"""An item of ``study.metrics``."""


def source_of(entry: Entry) -> Source:
    """The name or the function of an item."""
    return entry.metric if isinstance(entry, MetricSettings) else entry


def direction_of(entry: Entry) -> bool | None:
    """Whether more is better, where the item says so."""
    return entry.maximize if isinstance(entry, MetricSettings) else None


def metric_of_source(source: Source, maximize: bool | None) -> Metric:
    """The metric of a name or a function; a known one has its own direction."""
    if isinstance(source, str) and source in METRICS:
        return METRICS[source].metric
    return Metric(label_of(source), bool(maximize))


def listed_metrics(
    entries: Iterable[Entry], objective: Source, maximize: bool | None
) -> Iterator[NamedMetric]:
    """The metrics of the list in its order."""
    for place, entry in enumerate(entries):
        source, own = source_of(entry), direction_of(entry)
        if own is None and source == objective:  # which says it for both
            own = maximize
        yield NamedMetric(metric_of_source(source, own), source, place)


def objective_of(
    listed: Iterable[NamedMetric], objective: Source, maximize: bool | None
) -> NamedMetric:
    """What the search makes best: loss, accuracy, one of the list, or another."""
    name = validated_metric(objective)
    built_in = {metric.name: metric for metric in (LOSS, ACCURACY)}
    if name in built_in:
        return NamedMetric(built_in[name], name, None)
    for one in listed:
        if one.metric.name == name or (name is None and one.source == objective):
            return one
    source = objective if name is None else name
    return NamedMetric(metric_of_source(source, maximize), source, None)
