"""Splits: the tensors that a run trains, validates and (in the confirm phase alone) tests on.

Features, and the target of a regression, are scaled by the mean and standard deviation of the
split's own training rows; the loss of the constant predictor is measured on the same rows. Test
rows are a share of the pool reserved once for the study; under ``fresh``, where rows cost nothing,
they are a whole data set of their own.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from sweep.data._synthetic import Arrays
from sweep.data.datasets import Data
from sweep.data.resampling import TEST_STREAM, Rows, derive_seed, reserve_test, split_rows
from sweep.errors import DataError, StudyError
from sweep.metrics.judging import Judge
from sweep.metrics.loss import Loss
from sweep.metrics.scores import Scores
from sweep.records.trial import Draw
from sweep.study.settings import DataSettings

BYTES_KEPT = 2**30
"""Splits are kept until their tensors fill a gibibyte; the last one always is."""


@dataclass(frozen=True)
class Split:
    """Rows of one draw: x (n, ...) and y (n,) classes or (n, outputs)."""

    x_train: Tensor
    y_train: Tensor
    x_validation: Tensor
    y_validation: Tensor
    x_test: Tensor | None
    y_test: Tensor | None
    null: Mapping[str, float]
    """The constant predictor, fitted on the training rows, by every metric of validation rows."""
    validation_ratio: float
    """n_validation / n_training."""
    w_train: Tensor | None = None
    w_validation: Tensor | None = None
    w_test: Tensor | None = None
    """The weights of rows (N,) in loss and metrics; None for 1 each."""

    @property
    def n_bytes(self) -> int:
        tensors = (getattr(self, field.name) for field in fields(self))
        return sum(t.nbytes for t in tensors if isinstance(t, Tensor))


class Criterion(NamedTuple):
    """What the study's runs are trained on."""

    loss: Loss
    row: tuple[int, ...]
    """The shape of a row's output."""


class Splits:
    """The splits of a study in the type that it trains in, the last ones kept.

    Runs whose draws differ only in the seed share the tensors of one split. Raises DataError where
    rows or classes are too few.
    """

    def __init__(
        self,
        data: Data,
        settings: DataSettings,
        study_seed: int,
        dtype: torch.dtype,
        criterion: Criterion,
        judges: tuple[Judge, ...] = (),
    ):
        """``judges`` have the metrics beside loss and accuracy."""
        self.data, self.settings, self.study_seed = data, settings, study_seed
        self.criterion, self.judges = criterion, judges
        self.dtype = dtype
        self.row_dtype = torch.int64 if data.whole else dtype
        """The type of x. Whole numbers stay what they are, unless the network takes none."""
        self.validation_fraction = settings.validation_fraction
        self._kept: OrderedDict[tuple[int, int, bool], Split] = OrderedDict()
        self._n_bytes = 0
        if data.pool is not None:
            x, y = data.pool
            labels = y if data.task == "classification" else None
            rest, self.test_rows = reserve_test(len(x), labels, settings.test_fraction, study_seed)
            self.pool: Arrays | None = (x[rest], y[rest])
            self.validation_fraction /= 1 - settings.test_fraction  # of all rows, not of the rest
        else:
            self.pool = None

    def get(self, draw: Draw, with_test: bool = False) -> Split:
        """The split of a draw; the test rows are touched only when asked for."""
        key = (draw.split_seed, draw.fold, with_test)
        if key not in self._kept:
            self._kept[key] = self._make(draw, with_test)
            self._n_bytes += self._kept[key].n_bytes
            self._forget()
        self._kept.move_to_end(key)
        return self._kept[key]

    def _forget(self) -> None:
        """Lets go of the splits that were used longest ago, but for the newest."""
        while len(self._kept) > 1 and self._n_bytes > BYTES_KEPT:
            self._n_bytes -= self._kept.popitem(last=False)[1].n_bytes

    def rows(self, draw: Draw) -> tuple[Rows, Rows]:
        """Training and validation rows of a draw within the pool (or its own data set)."""
        return self._split(draw, self._source(draw)[1])

    def check_classes(self, draws: Iterable[Draw]) -> None:
        """Raises DataError, before anything is trained, where a draw would leave a class without a
        training row: in the pool, where a class has a row or two only.
        """
        if self.pool is None or self.data.task != "classification":
            return
        y = self.pool[1].astype(int)
        fewest = np.bincount(y, minlength=self.data.n_outputs).min()
        if fewest * (1 - self.validation_fraction) >= 2:
            return  # classes keep their shares, to a row
        for draw in {(draw.split_seed, draw.fold): draw for draw in draws}.values():
            self._check_classes(y[self.rows(draw)[0]])

    def scaling(self, draw: Draw) -> dict[str, Tensor]:
        """What a draw's rows are scaled by, float64: ``x_mean`` and ``x_scale`` like a row, and
        ``y_mean`` and ``y_scale`` (outputs,) of a regression; nothing where rows stay as they are.
        """
        if not self.data.standardize:
            return {}
        x, y = self._source(draw)
        train, _ = self._split(draw, y)
        found = dict(zip(("x_mean", "x_scale"), _scale(x[train]), strict=True))
        if self._scales_target:
            found |= dict(zip(("y_mean", "y_scale"), _scale(y[train]), strict=True))
        return {name: torch.from_numpy(np.asarray(array)) for name, array in found.items()}

    @property
    def _scales_target(self) -> bool:
        return self.data.task == "regression" and self.criterion.loss.scales_target

    def _source(self, draw: Draw) -> Arrays:
        if self.pool is not None:
            return self.pool
        assert self.data.draw is not None
        return self.data.draw(draw.split_seed)

    def _split(self, draw: Draw, y: np.ndarray) -> tuple[Rows, Rows]:
        settings = self.settings
        labels = y if self.data.task == "classification" else None
        return split_rows(
            draw, settings.design, labels, len(y), self.validation_fraction, settings.n_folds
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
        return Split(
            x_train=self._rows(parts[0][0]),
            y_train=self._tensor(parts[0][1]),
            x_validation=self._rows(parts[1][0]),
            y_validation=self._tensor(parts[1][1]),
            x_test=self._rows(parts[2][0]) if with_test else None,
            y_test=self._tensor(parts[2][1]) if with_test else None,
            null=self._null(parts[0][1], parts[1][1]),
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
            hint = ', or set task = "regression" if these are counts' if self.data.guessed else ""
            raise DataError(
                f"{self.data.name}: every class must be in the training rows, found none of "
                f"{self.data.class_names[missing[0]]!r} in one split; give more rows of it{hint}"
            )

    def _standardized(self, parts: list[Arrays]) -> list[Arrays]:
        xs = _scaled([x for x, _ in parts])
        ys = [y for _, y in parts]
        if self._scales_target:
            ys = _scaled(ys)
        return list(zip(xs, ys, strict=True))

    def take_floats(self) -> None:
        """Gives x as floats from now on."""
        self.row_dtype = self.dtype
        self._kept.clear()
        self._n_bytes = 0

    def _rows(self, x: np.ndarray) -> Tensor:
        tensor = torch.from_numpy(np.ascontiguousarray(x)).to(self.row_dtype)
        if self.row_dtype == torch.int64 and not np.array_equal(tensor.numpy(), x):
            raise DataError(
                f"{self.data.name}: every draw must have whole numbers like the first, found "
                "others in a later one; return one type of x"
            )
        return tensor

    def _tensor(self, array: np.ndarray) -> Tensor:
        tensor = torch.from_numpy(np.ascontiguousarray(array))
        return tensor if tensor.dtype == torch.int64 else tensor.to(self.dtype)

    def _null(self, train: np.ndarray, validation: np.ndarray) -> dict[str, float]:
        """Every metric of the constant predictor, the output with the smallest loss on training
        rows: what an infinite strength leaves.
        """
        loss, row = self.criterion
        target = validation.astype(np.float64) if validation.dtype.kind == "f" else validation
        constant = np.broadcast_to(loss.constant(train, None, row), row)
        rows = torch.from_numpy(np.tile(constant, (len(target), *[1] * len(row))))
        scores = Scores(loss, 1, torch.device("cpu"), self.judges)
        scores.add(rows[None], torch.from_numpy(np.ascontiguousarray(target))[None])
        values = {name: float(value[0]) for name, value in scores.close().values.items()}
        for fault in scores.faults.values():
            raise StudyError(
                f"{fault} (these are the same outputs for every row: what guessing is worth)"
            )
        return values


def _scaled(arrays: list[np.ndarray]) -> list[np.ndarray]:
    """All arrays, as float64, by the first one's mean and deviation."""
    mean, scale = _scale(arrays[0])
    return [(array - mean) / scale for array in arrays]


def _scale(rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean and deviation of every column, float64.

    A constant column is only moved to 0: its scale is 1. Constant is what varies by no more than
    the rounding of its own mean, n * eps * |mean| (after Chan, Golub & LeVeque 1983).
    """
    # scikit-learn's StandardScaler takes no rows of more than one dimension and ignores NaN, and
    # its deviation of columns around 1e8 ends in other digits; it also costs three times as much.
    rows = rows.astype(np.float64)
    mean, spread = rows.mean(axis=0), rows.std(axis=0)
    rounding = len(rows) * np.finfo(np.float64).eps * np.abs(mean)
    return mean, np.where(spread > rounding, spread, 1.0)
