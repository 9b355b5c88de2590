"""Splits: the tensors that a run trains, validates and (in the confirm phase alone) tests on.

Features, and the target of a regression, are scaled by the mean and standard deviation of the
split's own training rows; the loss of the constant predictor is measured on the same rows. Test
rows are reserved in the pool once for the study; under ``fresh``, where rows cost nothing, they are
a whole data set of their own.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace

import numpy as np
import torch
from torch import Tensor

from sweep.data._row_columns import check_weights
from sweep.data._scaling import Scale
from sweep.data.criterion import Criterion, null_rows, null_values
from sweep.data.datasets import Data
from sweep.data.division import Division, divide_pool
from sweep.data.resampling import TEST_STREAM, RowNumbers, derive_seed
from sweep.data.rows import Rows
from sweep.data.stored_array import StoredArray
from sweep.data.stored_tensor import StoredTensor
from sweep.errors import DataError
from sweep.metrics.judging import Judge
from sweep.metrics.metric import Metric
from sweep.metrics.tasks import CLASSIFICATION, REGRESSION
from sweep.records.division import TEST, TRAINING, VALIDATION, DividedBy
from sweep.records.trial import Draw
from sweep.runtime.trees import Tree, first_leaf, leaves, mapped
from sweep.study.data_settings import DataSettings

BYTES_KEPT = 2**30
"""Splits are kept until their tensors fill a gibibyte; the last one always is."""

_TYPES = {"i": torch.int64, "b": torch.bool}
"""What stored whole numbers and truth values are read as."""


@dataclass(frozen=True)
class Split:
    """Rows of one draw: x (n, ...), one tensor or several, y (n,) classes or (n, outputs), and
    w (n,) weights.
    """

    x_train: Tree[Tensor]
    y_train: Tensor
    x_validation: Tree[Tensor]
    y_validation: Tensor
    x_test: Tree[Tensor] | None
    y_test: Tensor | None
    null: Mapping[str, float]
    """The constant predictor, fitted on the training rows, by every metric of validation rows."""
    validation_ratio: float
    """n_validation / n_training."""
    w_train: Tensor | None = None
    """How much each row counts; None where all count alike."""
    w_validation: Tensor | None = None
    w_test: Tensor | None = None

    @property
    def n_bytes(self) -> int:
        values = (getattr(self, field.name) for field in fields(self))
        tensors = (leaf for value in values for leaf in leaves(value))
        return sum(t.nbytes for t in tensors if isinstance(t, Tensor))


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
        self._kept: OrderedDict[tuple[int, int, bool], Split] = OrderedDict()
        self._n_bytes = 0
        self.pool: Rows | None = None
        """All rows but those to test on; None under ``fresh``."""
        if data.pool is not None:
            self.division, rest, self.test_rows = divide_pool(
                data.pool, settings, data.task, study_seed
            )
            self.pool_rows = rest
            """The rows of the pool by their numbers among all rows."""
            self.pool = data.pool.take(rest)
        else:
            stratified = data.task == CLASSIFICATION
            share = settings.validation_fraction
            self.division = Division(settings, data.divided_by, stratified, share)

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
        most = BYTES_KEPT // 8 if self._stored else BYTES_KEPT  # who stores rows is short of memory
        while len(self._kept) > 1 and self._n_bytes > most:
            self._n_bytes -= self._kept.popitem(last=False)[1].n_bytes

    @property
    def _stored(self) -> bool:
        return self.pool is not None and isinstance(first_leaf(self.pool.x), StoredArray)

    def rows(self, draw: Draw) -> tuple[RowNumbers, RowNumbers]:
        """Training and validation rows of a draw within the pool (or its own data set)."""
        return self.division.split(draw, self._source(draw))

    @property
    def even(self) -> bool:
        """Whether all draws have equally many training rows."""
        alone = self.division.by in (DividedBy.ROWS, DividedBy.PARTS)
        return alone and self.settings.design != "kfold"

    def overlap(self, draws: Iterable[Draw]) -> float | None:
        """What the overlap of training rows adds to 1/R; None where the design says it."""
        return None if self.pool is None else self.division.overlap(self.pool, draws)

    def check_draws(self, phases: Iterable[Sequence[Draw]]) -> None:
        """Raises DataError, before anything is trained, where a draw would leave a class without a
        training row, or a part without weight, or have the rows of another once more.
        """
        if self.pool is None:
            return
        draws = {}
        for own in phases:
            self.division.check_draws(own)
            draws.update({(draw.split_seed, draw.fold): draw for draw in own})
        if self.pool.weight is not None:
            check_weights(self._test().weight, TEST)
        if not self._keeps_classes():
            rows = self.pool.without_x()
            for draw in draws.values():
                train, validation = self.rows(draw)
                self._check_rows(rows.take(train), rows.take(validation))

    def _keeps_classes(self) -> bool:
        """Whether it is plain that every class has a training row in every draw."""
        if self.pool is None or self.pool.weight is not None:
            return False
        if self.division.by is not DividedBy.ROWS:
            return False
        if self.data.task != CLASSIFICATION:
            return True
        fewest = np.bincount(self.pool.y.astype(int), minlength=self.data.n_outputs).min()
        return bool(fewest * (1 - self.division.validation_fraction) >= 2)  # shares, to a row

    def scaling(self, draw: Draw) -> dict[str, Tree[Tensor]]:
        """What a draw's rows are scaled by, float64: ``x_mean`` and ``x_scale`` like a row, and
        ``y_mean`` and ``y_scale`` (outputs,) of a regression; nothing where rows stay as they are.
        """
        if not self.data.standardize:
            return {}
        rows = self._source(draw)
        train = rows.take(self.division.split(draw, rows)[0])
        x_scale = mapped(_scale_of, train.x)
        found: dict[str, Tree[Tensor]] = {
            "x_mean": mapped(lambda scale: torch.from_numpy(np.asarray(scale.mean)), x_scale),
            "x_scale": mapped(lambda scale: torch.from_numpy(np.asarray(scale.deviation)), x_scale),
        }
        if self.scales_target:
            y_scale = Scale.of(train.y)
            found["y_mean"] = torch.from_numpy(np.asarray(y_scale.mean))
            found["y_scale"] = torch.from_numpy(np.asarray(y_scale.deviation))
        return found

    @property
    def scales_target(self) -> bool:
        """Whether the loss is of targets that are scaled, where the study scales rows."""
        return self.data.task == REGRESSION and self.criterion.loss.scales_target

    def _source(self, draw: Draw) -> Rows:
        if self.pool is not None:
            return self.pool
        assert self.data.draw is not None
        return self.data.draw(draw.split_seed)

    def _make(self, draw: Draw, with_test: bool) -> Split:
        rows = self._source(draw)
        train, validation = map(rows.take, self.division.split(draw, rows))
        parts = [train, validation, *([self._test()] if with_test else [])]
        self._check_rows(train, validation)
        if self.data.standardize:
            parts = self._standardized(parts)
        x, y = (
            [mapped(self._inputs, part.x) for part in parts],
            [self._tensor(part.y) for part in parts],
        )
        w = [None if part.weight is None else self._tensor(part.weight) for part in parts]
        return Split(
            x_train=x[0],
            y_train=y[0],
            x_validation=x[1],
            y_validation=y[1],
            x_test=x[2] if with_test else None,
            y_test=y[2] if with_test else None,
            null=null_values(self.criterion, self.judges, parts[0], parts[1]),
            validation_ratio=len(validation) / len(train),
            w_train=w[0],
            w_validation=w[1],
            w_test=w[2] if with_test else None,
        )

    def _test(self) -> Rows:
        if self.data.pool is not None:
            return self.data.pool.take(self.test_rows)
        assert self.data.draw is not None
        return self.data.draw(derive_seed(self.study_seed, TEST_STREAM))

    def _check_rows(self, train: Rows, validation: Rows) -> None:
        """Raises DataError where a class or a weight is missing."""
        check_weights(train.weight, TRAINING)
        check_weights(validation.weight, VALIDATION)
        if self.data.task == CLASSIFICATION:
            self._check_classes(train.y if train.weight is None else train.y[train.weight > 0])

    def _check_classes(self, y: np.ndarray) -> None:
        missing = sorted(set(range(self.data.n_outputs)) - set(np.unique(y).tolist()))
        if missing:
            hint = ', or set task = "regression" if these are counts' if self.data.guessed else ""
            raise DataError(
                f"{self.data.name}: every class must be in the training rows, found none of "
                f"{self.data.class_names[missing[0]]!r} in one split; give more rows of it{hint}"
            )

    def _standardized(self, parts: list[Rows]) -> list[Rows]:
        x_scale, ys = mapped(_scale_of, parts[0].x), [part.y for part in parts]
        xs = [mapped(_scaled, x_scale, part.x) for part in parts]
        if self.scales_target:
            y_scale = Scale.of(ys[0])
            ys = [y_scale.applied(y) for y in ys]
        return [replace(part, x=x, y=y) for part, x, y in zip(parts, xs, ys, strict=True)]

    def take_floats(self) -> None:
        """Gives x as floats from now on."""
        self.row_dtype = self.dtype
        self._kept.clear()
        self._n_bytes = 0

    def _inputs(self, x: np.ndarray | StoredArray) -> Tensor:
        if isinstance(x, StoredArray):
            return StoredTensor(
                [x], self.row_dtype if x.dtype.kind == "f" else _TYPES[x.dtype.kind]
            )
        if x.dtype.kind != "f":  # of several: whole numbers and truth values stay what they are
            return torch.from_numpy(np.ascontiguousarray(x))
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


def null_losses(splits: Splits, draw: Draw) -> dict[Metric, np.ndarray]:
    """What the constant predictor loses on each validation row of a draw (N,), by the metrics by
    which rows have losses of their own.
    """
    assert splits.pool is not None
    targets = splits.pool.without_x()
    train, validation = map(targets.take, splits.rows(draw))
    if splits.data.standardize and splits.scales_target:
        scale = Scale.of(train.y)
        train, validation = (replace(part, y=scale.applied(part.y)) for part in (train, validation))
    return null_rows(splits.criterion, train, validation)


def _scale_of(rows: np.ndarray | StoredArray) -> Scale:
    return rows.measured() if isinstance(rows, StoredArray) else Scale.of(rows)


def _scaled(scale: Scale, rows: np.ndarray | StoredArray) -> np.ndarray | StoredArray:
    return rows.scaled(scale) if isinstance(rows, StoredArray) else scale.applied(rows)
