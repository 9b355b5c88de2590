"""Columns of metrics are read as they were made."""

from __future__ import annotations

import pytest

from sweep.metrics.columns import Part, column_of, read_column
from sweep.metrics.metric import ACCURACY, LOSS, Metric, averaged_columns, metric_of
from sweep.store._columns import COLUMNS


@pytest.mark.parametrize("name", ["loss", "accuracy", "half_error", "val_like", "test"])
@pytest.mark.parametrize("part", Part)
def test_a_column_is_read_as_it_was_made(part: Part, name: str) -> None:
    assert read_column(column_of(part, name)) == (part, name)


def test_columns_of_runs_that_are_no_metrics_are_read_as_none() -> None:
    read = {name for name in COLUMNS["runs_frame"] if read_column(name)}
    metrics = {column for metric in (LOSS, ACCURACY) for column in metric.columns}
    assert read == {*metrics, "val_<metric>"}
    assert {"best_val_loss", "weight_norm", "epochs"} <= set(COLUMNS["runs_frame"])
    assert read_column("val_") is read_column("null") is None


def test_a_trial_has_means_of_validation_training_and_test() -> None:
    own = Metric("half_error")
    names = {"epochs"} | {column for m in (LOSS, ACCURACY, own) for column in m.columns[:3]}
    assert averaged_columns(own) == names
    assert averaged_columns(LOSS) == averaged_columns(ACCURACY)


def test_a_metric_is_found_by_its_column() -> None:
    assert metric_of("val_accuracy", maximize=False) == ACCURACY
    assert metric_of("val_half_error", maximize=True) == Metric("half_error", maximize=True)
