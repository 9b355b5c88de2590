"""Splits: the tensors that a run trains, validates and (in the confirm phase alone) tests on.

Features, and the target of a regression, are scaled by the mean and standard deviation of the
split's own training rows; the loss of the constant predictor is measured on the same rows.
"""

from __future__ import annotations

import math
from collections import OrderedDict
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from sweep.data import Arrays, Data
from sweep.errors import DataError
from sweep.records import Draw
from sweep.resampling import TEST_STREAM, Rows, derive_seed, reserve_test, split_rows
from sweep.settings import DataSettings

SPLITS_KEPT = 32


@dataclass(frozen=True)
class Split:
    """Rows of one draw: x (n, ...) and y (n,) classes or (n, outputs)."""

    x_train: Tensor
    y_train: Tensor
    x_validation: Tensor
    y_validation: Tensor
    x_test: Tensor | None
    y_test: Tensor | None
    null_loss: float
    """Validation loss of the constant predictor fitted on the training rows."""
    null_accuracy: float
    """Validation accuracy of the most frequent training class; nan for a regression."""
    validation_ratio: float
    """n_validation / n_training."""


class Splits:
    """The splits of a study, the last few kept."""

    def __init__(self, data: Data, settings: DataSettings, study_seed: int, dtype: torch.dtype):
        self.data, self.settings, self.study_seed = data, settings, study_seed
        self.dtype = dtype
        self._kept: OrderedDict[tuple[int, int, bool], Split] = OrderedDict()
        if data.pool is not None:
            x, y = data.pool
            labels = y if data.task == "classification" else None
            rest, self.test_rows = reserve_test(len(x), labels, settings.test_fraction, study_seed)
            self.pool: Arrays | None = (x[rest], y[rest])
        else:
            self.pool = None

    def get(self, draw: Draw, with_test: bool = False) -> Split:
        """The split of a draw; the test rows are touched only when asked for."""
        key = (draw.split_seed, draw.fold, with_test)
        if key not in self._kept:
            self._kept[key] = self._make(draw, with_test)
            if len(self._kept) > SPLITS_KEPT:
                self._kept.popitem(last=False)
        self._kept.move_to_end(key)
        return self._kept[key]

    def rows(self, draw: Draw) -> tuple[Rows, Rows]:
        """Training and validation rows of a draw within the pool (or its own data set)."""
        return self._split(draw, self._source(draw)[1])

    def _source(self, draw: Draw) -> Arrays:
        if self.pool is not None:
            return self.pool
        assert self.data.draw is not None
        return self.data.draw(draw.split_seed)

    def _split(self, draw: Draw, y: np.ndarray) -> tuple[Rows, Rows]:
        settings = self.settings
        labels = y if self.data.task == "classification" else None
        return split_rows(
            draw, settings.design, labels, len(y), settings.validation_fraction, settings.n_folds
        )

    def _make(self, draw: Draw, with_test: bool) -> Split:
        x, y = self._source(draw)
        train, validation = self._split(draw, y)
        parts = [(x[train], y[train]), (x[validation], y[validation])]
        if with_test:
            parts.append(self._test())
        if self.data.task == "classification":
            self._check_classes(parts[0][1])
        if self.data.standardize:
            parts = self._standardized(parts)
        null_loss, null_accuracy = self._null(parts[0][1], parts[1][1])
        return Split(
            x_train=self._tensor(parts[0][0]),
            y_train=self._tensor(parts[0][1]),
            x_validation=self._tensor(parts[1][0]),
            y_validation=self._tensor(parts[1][1]),
            x_test=self._tensor(parts[2][0]) if with_test else None,
            y_test=self._tensor(parts[2][1]) if with_test else None,
            null_loss=null_loss,
            null_accuracy=null_accuracy,
            validation_ratio=len(validation) / len(train),
        )

    def _test(self) -> Arrays:
        if self.data.pool is not None:
            x, y = self.data.pool
            return x[self.test_rows], y[self.test_rows]
        assert self.data.draw is not None
        x, y = self.data.draw(derive_seed(self.study_seed, TEST_STREAM))
        return x, y

    def _check_classes(self, y: np.ndarray) -> None:
        missing = sorted(set(range(self.data.n_outputs)) - set(np.unique(y).tolist()))
        if missing:
            raise DataError(
                f"{self.data.name}: every class must be in the training rows, found none of "
                f"{self.data.class_names[missing[0]]!r} in one split; give more rows of it"
            )

    def _standardized(self, parts: list[Arrays]) -> list[Arrays]:
        xs = _scaled([x for x, _ in parts])
        ys = [y for _, y in parts]
        if self.data.task == "regression":
            ys = _scaled(ys)
        return list(zip(xs, ys, strict=True))

    def _tensor(self, array: np.ndarray) -> Tensor:
        tensor = torch.from_numpy(np.ascontiguousarray(array))
        return tensor if tensor.dtype == torch.int64 else tensor.to(self.dtype)

    def _null(self, train: np.ndarray, validation: np.ndarray) -> tuple[float, float]:
        """Loss and accuracy of the constant predictor: what an infinite strength leaves."""
        if self.data.task == "regression":
            constant = train.mean(axis=0, dtype=np.float64)
            return float(np.square(validation - constant).mean()), math.nan
        counts = np.bincount(train, minlength=self.data.n_outputs)
        shares = counts / counts.sum()
        loss = -np.log(shares[validation]).mean()
        return float(loss), float((validation == counts.argmax()).mean())


def _scaled(arrays: list[np.ndarray]) -> list[np.ndarray]:
    """All arrays by the first one's mean and deviation; a constant column is only moved."""
    first = arrays[0].astype(np.float64)
    mean, spread = first.mean(axis=0), first.std(axis=0)
    spread = np.where(spread > 1e-12 * np.maximum(1, np.abs(mean)), spread, 1.0)
    return [((array - mean) / spread).astype(np.float32) for array in arrays]
