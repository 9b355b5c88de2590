"""Columns of metrics: of which rows a value is, and of which metric; made and read here alone."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple


class Part(StrEnum):
    """What a metric's value is of."""

    VALIDATION = "val"
    TRAINING = "train"
    TEST = "test"
    NULL = "null"
    """The constant predictor, on the validation rows."""


class MetricColumn(NamedTuple):
    """What the name of a column says."""

    part: Part
    metric: str


def column_of(part: Part, metric: str) -> str:
    """The column of a metric's values of a part."""
    return f"{part}_{metric}"


def read_column(column: str) -> MetricColumn | None:
    """What a column of a metric holds; None for any other column."""
    part, _, metric = column.partition("_")
    return MetricColumn(Part(part), metric) if metric and part in set(Part) else None


def validated_metric(column: object) -> str | None:
    """The metric whose values of the validation rows a column holds; None for all else."""
    read = read_column(column) if isinstance(column, str) and column.isidentifier() else None
    return read.metric if read and read.part is Part.VALIDATION else None
