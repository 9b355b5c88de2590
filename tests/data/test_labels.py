"""Labels that mean "none", and rows with several: asked about, never taken for a class."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from sweep.data.criterion import Criterion
from sweep.data.datasets import Data, load_data
from sweep.data.splits import Splits
from sweep.errors import DataError
from sweep.metrics.class_losses import CrossEntropy
from sweep.records.trial import Draw
from sweep.study.data_settings import DataSettings

HERE = Path(__file__).parent
RNG = np.random.default_rng(0)
X = RNG.normal(size=(400, 6)).astype(np.float32)
Y = X[:, :3].argmax(1)


def load(y: np.ndarray, **options: object) -> Data:
    return load_data(DataSettings.model_validate({"name": lambda: (X, y), **options}), HERE)


def with_no_label(label: int) -> np.ndarray:
    y = Y.copy()
    y[:100] = label
    return y


@pytest.mark.parametrize("label", [-1, -100])
@pytest.mark.parametrize("task", ["auto", "classification"])
def test_a_label_that_may_mean_none_is_asked_about(label: int, task: str) -> None:
    with pytest.raises(DataError) as caught:
        load(with_no_label(label), task=task)
    assert f"found {label} in 100 of 400 rows" in str(caught.value)
    assert f"set ignore_index = {label}" in str(caught.value)


@pytest.mark.parametrize("label", [-1, -100])
def test_rows_without_a_label_are_left_out(label: int) -> None:
    data = load(with_no_label(label), ignore_index=label)
    assert data.n_outputs == 3
    assert data.pool is not None
    np.testing.assert_array_equal(data.pool.x, X[100:])
    np.testing.assert_array_equal(data.pool.y, Y[100:])


def test_bytes_may_have_255_for_no_label() -> None:
    """As masks of segmentation do, which have no numbers below 0."""
    data = load(with_no_label(255).astype(np.uint8), ignore_index=255)
    assert data.class_names == ("0", "1", "2")


def test_a_label_below_zero_is_a_class_where_the_study_says_so() -> None:
    assert load(with_no_label(-1), ignore_index="none").class_names == ("-1", "0", "1", "2")


@pytest.mark.parametrize("y", [np.where(Y > 0, 1, -1), Y - 1.0 * (Y == 2), Y - 5])
def test_classes_that_no_custom_names_are_taken_as_they_are(y: np.ndarray) -> None:
    """Of two classes, of whole numbers as floats, and of several labels below 0."""
    assert load(y).n_outputs == len(np.unique(y))


@pytest.mark.parametrize(
    ("y", "options", "words"),
    [
        (Y, {"ignore_index": -100}, "found -100 in no row"),
        (np.full(400, 2), {"ignore_index": 2, "task": "classification"}, "found 2 in all rows"),
        (X[:, 0], {"ignore_index": -1}, "found a regression"),
        (Y > 0, {"ignore_index": 0}, "numbers must be given .* found bool"),
        (Y.astype(str), {"ignore_index": 0}, "numbers must be given .* found <U"),
    ],
)
def test_a_label_that_cannot_be_left_out_is_refused(
    y: np.ndarray, options: dict[str, object], words: str
) -> None:
    with pytest.raises(DataError, match=words):
        load(y, **options)


@pytest.mark.parametrize("dtype", [np.float32, np.int64, bool])
def test_several_labels_a_row_want_a_loss_named(dtype: type) -> None:
    several = (X[:, :3] > 0).astype(dtype)
    with pytest.raises(DataError, match='= "multilabel" for binary cross-entropy'):
        load(several)
    assert load(several, task="multilabel").n_outputs == 3
    assert load(several, task="regression").n_outputs == 3


def test_counts_taken_for_classes_are_named_as_the_cause() -> None:
    counts = RNG.poisson(2.0, 400)
    counts[0] = 17
    settings = DataSettings.model_validate({"name": lambda: (X, counts), "design": "kfold"})
    splits = Splits(
        load_data(settings, HERE), settings, 0, torch.float64, Criterion(CrossEntropy(), (2,))
    )
    draws = [Draw(0, fold, 0, 0, 0) for fold in range(5)]
    with pytest.raises(DataError, match='or set task = "regression" if these are counts'):
        splits.check_draws([draws])
