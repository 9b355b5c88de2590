"""Columns that the report makes are read as they were made."""

from __future__ import annotations

import re

import pytest

from dashboards.gather.columns import (
    Beside,
    End,
    ReportColumn,
    change_of,
    end_of,
    ends_of,
    read_end,
    read_report_column,
    unregularized_of,
)
from dashboards.gather.metric_format import is_share
from dashboards.sections.html_table import heading
from sweep.metrics.metric import ACCURACY, LOSS, Metric

OWN = Metric("half_error")


@pytest.mark.parametrize("column", [*OWN.columns, change_of("half_error"), "strength"])
def test_an_end_of_an_interval_is_read_as_it_was_made(column: str) -> None:
    assert [read_end(name) for name in (column, *ends_of(column))] == [
        (column, None),
        (column, End.LOW),
        (column, End.HIGH),
    ]


def test_what_a_column_holds_of_a_metric_is_read_as_it_was_made() -> None:
    made = {change_of(OWN.name): Beside.CHANGE, unregularized_of(OWN.name): Beside.UNREGULARIZED}
    made |= dict(zip(OWN.columns, ("val", "train", "test", "null"), strict=True))
    for column, what in made.items():
        for name in (column, *ends_of(column)):
            assert read_report_column(name) == ReportColumn(OWN.name, what), name
    assert (change_of(LOSS.name), unregularized_of(LOSS.name)) == ("change", "unregularized")


def test_shares_are_accuracies_in_any_column_and_the_zeros() -> None:
    """By the pattern of their names as they are written in a page's tables."""
    pattern = re.compile(
        r"((val|train|test|null|unregularized)_)?accuracy(_change)?(_low|_high)?|zeros_share"
    )
    columns = [c for m in (LOSS, ACCURACY, OWN) for c in m.columns]
    columns += [f(m.name) for m in (LOSS, ACCURACY, OWN) for f in (change_of, unregularized_of)]
    columns += ["zeros_share", "zeros", "best_loss", "strength", "lr"]
    names = [name for column in columns for name in (column, *ends_of(column))]
    found = {name for name in names if is_share(name)}
    assert found == {name for name in names if pattern.fullmatch(name)}
    assert len(found) == 3 * 6 + 1


def test_headings_are_in_words() -> None:
    assert heading(end_of("test_loss", End.LOW)) == "test loss, low end"
    assert heading(OWN.null) == "constant predictor's half_error"
    assert heading(unregularized_of(OWN.name)) == "without regularization: half_error"
    assert heading(end_of(change_of(OWN.name), End.HIGH)) == "half error change, high end"
