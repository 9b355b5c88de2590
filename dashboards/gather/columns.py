"""Columns that the report makes beside those of the frames: made and read here alone.

A mean has two more with the ends of its interval; a metric has its differences from no
regularization, and its value there.
"""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from sweep.metrics.columns import read_column
from sweep.metrics.metric import LOSS


class End(StrEnum):
    """Of an interval."""

    LOW = "low"
    HIGH = "high"


class Beside(StrEnum):
    """What a metric has beside its values of the parts of a split."""

    UNREGULARIZED = "unregularized"
    CHANGE = "change"


class ReportColumn(NamedTuple):
    """What a column of a metric holds: its ``what`` is "" where only its values are meant."""

    metric: str
    what: str


def end_of(column: str, end: End) -> str:
    """The column with this end of the interval of a mean."""
    return f"{column}_{end}"


def ends_of(column: str) -> tuple[str, str]:
    """The columns with both ends of the interval of a mean."""
    return end_of(column, End.LOW), end_of(column, End.HIGH)


def read_end(column: str) -> tuple[str, End | None]:
    """The mean whose interval's end a column holds, and which; None where it holds no end."""
    mean, _, last = column.rpartition("_")
    return (mean, End(last)) if mean and last in set(End) else (column, None)


def change_of(metric: str) -> str:
    """The column of a metric's differences from no regularization."""
    return Beside.CHANGE if metric == LOSS.name else f"{metric}_{Beside.CHANGE}"


def unregularized_of(metric: str) -> str:
    """The column of a metric's values without regularization."""
    known = metric == LOSS.name
    return Beside.UNREGULARIZED if known else f"{Beside.UNREGULARIZED}_{metric}"


def read_report_column(column: str) -> ReportColumn:
    """Of which metric a column is, without the end of an interval, and what it holds of it."""
    mean, _ = read_end(column)
    start, _, metric = mean.partition("_")
    if metric and start == Beside.UNREGULARIZED:
        return ReportColumn(metric, Beside.UNREGULARIZED)
    if (read := read_column(mean)) is not None:
        return ReportColumn(read.metric, read.part)
    metric, _, last = mean.rpartition("_")
    return (
        ReportColumn(metric, last) if metric and last == Beside.CHANGE else ReportColumn(mean, "")
    )
