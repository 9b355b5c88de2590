"""The data of a study: a pool of rows, or a function that draws them anew.

Built in: mnist1d (Greydanus 2020; generated, nothing is downloaded) and scikit-learn's digits,
breast_cancer and diabetes. Otherwise a CSV or Parquet file, a user's function, or arrays.
Nothing is scaled here: that needs to know the training rows, and belongs to the splits.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import torch

from sweep.data._array_checks import (
    are_whole,
    check_lengths,
    read_features,
)
from sweep.data._labels import IgnoreIndex, labelled
from sweep.data._row_columns import read_columns
from sweep.data._row_forms import named_columns, read_datasets, read_form
from sweep.data._synthetic import draw_mnist1d
from sweep.data._targets import IGNORED, Targets, plain_targets, read_targets, task_of
from sweep.data.division import divided
from sweep.data.rows import RawRows, Rows
from sweep.errors import DataError
from sweep.metrics.tasks import CLASSIFICATION, SEQUENCE
from sweep.records.division import DividedBy
from sweep.runtime.random_state import SEEDS, isolated
from sweep.runtime.torch_state import plain_defaults, seed_torch
from sweep.runtime.user_code import asks_for, call_with, guarded, name_of, resolve_function
from sweep.study.catalogue import DATA_SETS
from sweep.study.settings import DataSettings
from sweep.study.validators import ARRAYS

DRAWS_KEPT = 4
"""Raw draws kept beside the splits made of them; the test draw is the one used again."""


@dataclass(frozen=True)
class Data:
    """Rows x (N, ...) with targets y: (N,) int64 classes 0..C-1, or (N, outputs) numbers.

    Numbers are float32, or float64 where the source is finer: rounding comes after scaling, so that
    a column of large, close numbers keeps its differences.
    """

    name: str
    task: str
    """``classification``, ``sequence``, ``multilabel`` or ``regression``."""
    n_outputs: int
    """Classes, labels of a row, or target columns."""
    input_shape: tuple[int, ...]
    """Shape of one row as a convolution sees it, e.g. (1, 8, 8); ``x`` itself may be flat."""
    feature_names: tuple[str, ...]
    class_names: tuple[str, ...]
    standardize: bool
    """Whether features, and the target of a regression, are scaled by training rows.

    ``auto`` scales digits, breast_cancer, diabetes and tables; mnist1d and what a user's
    function or arrays give stay as they are, features and target alike.
    """
    pool: Rows | None
    """All rows, for the pooled designs; None under ``fresh``."""
    draw: FreshDraws | None
    """A new data set from a seed, under ``fresh``; None otherwise."""
    fingerprint: str
    """SHA-256 of the pool, or of the draw of seed 0."""
    whole: bool
    """Whether x came as integers and is not scaled: a network may take it as such."""
    divided_by: DividedBy = DividedBy.ROWS
    """What decides which rows are trained on, validated on and tested on."""
    guessed: bool = False
    """Whether whole numbers are taken for classes though nobody said so."""
    reconstructs: bool = False
    """Whether the features are the target."""

    @property
    def n_groups(self) -> int | None:
        """How many groups of rows stay together; None without any."""
        groups = None if self.pool is None else self.pool.groups
        return None if groups is None else len(np.unique(groups))


def load_data(
    settings: DataSettings, folder: Path, loss: str = "auto", n_outputs: int | None = None
) -> Data:
    """The study's data, checked; relative paths start at ``folder``. Raises DataError.

    ``loss`` is the name of the study's, which may say what the target is, and ``n_outputs`` how
    many outputs the network has, where the study says so.

    ``task = "auto"`` takes words, truth values and whole numbers with at most 20 distinct values
    for classes, and everything else, or more than one column, for a regression. Whole numbers with
    more distinct values that repeat ten times on average are refused until ``task`` is said.
    """
    source = _row_source(settings, folder)
    fresh = settings.design == "fresh"
    if fresh:
        _can_be_drawn(source, settings)
    raw = source.read(0)
    rows = _checked(raw, source.name)
    task = task_of(rows.y, settings.task, source.name, source.regression, loss)
    ignore_index = _ignore_index(settings, task)
    rows = _with_labels(rows, ignore_index, source.name)
    targets = read_targets(rows.y, task, source.name, _no_label(settings, task), n_outputs)
    by_looks = settings.task == "auto" and source.regression is None and rows.y.dtype.kind in "iuf"
    rows = replace(rows, y=targets.encode(rows.y))
    fingerprint = _fingerprint(rows)
    auto = settings.standardize == "auto"
    standardize = source.table or raw.table if auto else bool(settings.standardize)
    first_shape = rows.x.shape
    draw = FreshDraws(source, targets, first_shape, fingerprint, ignore_index) if fresh else None
    return Data(
        name=source.name,
        task=targets.task,
        n_outputs=targets.n_outputs,
        input_shape=source.shape or first_shape[1:],
        feature_names=source.features
        or raw.features
        or tuple(f"x{i}" for i in range(math.prod(first_shape[1:]))),
        class_names=tuple(map(str, targets.classes)),
        standardize=standardize,
        pool=None if fresh else rows,
        draw=draw,
        fingerprint=fingerprint,
        whole=not standardize and are_whole(raw.x, source.name),
        divided_by=divided(rows, settings),
        guessed=by_looks,
    )


def _checked(raw: RawRows, name: str) -> Rows:
    """Rows of finite numbers, with plain targets and equally many of everything."""
    x, y = read_features(raw.x, name), plain_targets(raw.y, name)
    check_lengths(x, y, name)
    return Rows(x, y, **read_columns(raw.beside, len(y)))


def _ignore_index(settings: DataSettings, task: str) -> IgnoreIndex:
    """The label to leave out, as the study says; the numbers of a regression have none."""
    if task == CLASSIFICATION:
        return settings.ignore_index
    if task == SEQUENCE:
        return "none"
    if settings.ignore_index not in ("auto", "none"):
        raise DataError(
            "data.ignore_index: classes must be given where a label is left out, found a "
            "regression; leave the key out"
        )
    return "none"


def _no_label(settings: DataSettings, task: str) -> int | None:
    """The label of positions of a sequence that have none: torch's where nothing is said."""
    given = settings.ignore_index
    if task != SEQUENCE or given == "none":
        return None
    return IGNORED if isinstance(given, str) else given


def _with_labels(rows: Rows, ignore_index: IgnoreIndex, name: str) -> Rows:
    """The rows that have a label."""
    there = labelled(rows.y, ignore_index, name)
    return rows if there is None else rows.take(there)


def _can_be_drawn(source: _RowSource, settings: DataSettings) -> None:
    if not source.seeded:
        raise DataError(
            f"data.name: {source.name} takes no seed, so it cannot be drawn afresh; give its "
            'function a parameter named seed, or set design = "resample"'
        )
    if "seed" in settings.args:
        raise DataError(
            "data.args: every fresh draw must have a seed of its own, found seed = "
            f"{settings.args['seed']!r} for all; remove it"
        )


# ---- sources -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class _RowSource:
    """Where rows come from: ``read(seed)`` gives them as they are."""

    name: str
    read: Callable[[int], RawRows]
    seeded: bool = False
    table: bool = False
    """A table of measurements in units of their own, standardised unless the study says no."""
    shape: tuple[int, ...] = ()
    features: tuple[str, ...] = ()
    regression: bool | None = None


def _row_source(settings: DataSettings, folder: Path) -> _RowSource:
    beside = {"time": True} if settings.time is True else {}
    name = settings.name
    if name == ARRAYS:
        given = settings.rows
        if given is None:
            given = {"x": settings.x, "y": settings.y, **(settings.columns or {})}
        raw = read_form(_read_given(given), settings, "data")
        return _RowSource("arrays", lambda seed: raw)
    if name == "mnist1d":
        return _RowSource(
            name,
            lambda seed: RawRows(*draw_mnist1d(settings.args, seed), beside),
            seeded=True,
            shape=(1, 40),
            regression=DATA_SETS[name].regression,
        )
    if name in ("digits", "breast_cancer", "diabetes"):
        return _bundled(str(name), beside)
    if name in ("csv", "parquet"):
        from sweep.data._table_files import read_table  # pandas takes half a second

        path = folder / str(settings.path)
        table = read_table(path, str(settings.target), named_columns(settings))
        table = replace(table, beside={**table.beside, **beside})
        return _RowSource(path.name, lambda seed: table, table=True, features=table.features)
    function = resolve_function(name, folder, "data.name", DataError)
    called = name_of(name)
    return _RowSource(
        called,
        lambda seed: read_form(_call(function, called, settings.args, seed), settings, called),
        seeded=asks_for(function, "seed"),
    )


def _read_given(given: Any) -> Any:
    """What was given from Python, the rows of its Datasets read."""
    with guarded("data", "the Dataset", DataError):
        return read_datasets(given)


def _bundled(name: str, beside: Mapping[str, Any]) -> _RowSource:
    import sklearn.datasets

    made = getattr(sklearn.datasets, f"load_{name}")()
    x = made.data / 16 if name == "digits" else made.data
    return _RowSource(
        name,
        lambda seed: RawRows(x, made.target, beside),
        table=True,
        shape=(1, 8, 8) if name == "digits" else (),
        features=tuple(map(str, made.feature_names)),
        regression=DATA_SETS[name].regression,
    )


def _call(function: Callable[..., Any], name: str, args: Mapping[str, Any], seed: int) -> Any:
    """What a user's function returns, called under the seed; it leaves no trace behind."""
    with plain_defaults(), torch.random.fork_rng(devices=[]), isolated(seed):
        seed_torch(seed)
        with guarded("data.name", name, DataError):
            return read_datasets(call_with(function, {"seed": seed % SEEDS}, args))


# ---- draws -------------------------------------------------------------------------------------


class FreshDraws:
    """Data sets by seed, the last few kept; each like the first in shape and unlike it in rows."""

    def __init__(
        self,
        source: _RowSource,
        targets: Targets,
        shape: tuple[int, ...],
        fingerprint: str,
        ignore_index: IgnoreIndex,
    ):
        """``shape`` and ``fingerprint`` are those of the first draw."""
        self.source, self.targets, self.shape = source, targets, shape
        self.ignore_index = ignore_index
        self._seed_of = {fingerprint: 0}
        self._draw = lru_cache(maxsize=DRAWS_KEPT)(self._read)

    def __call__(self, seed: int) -> Rows:
        return self._draw(seed)

    def _read(self, seed: int) -> Rows:
        name = self.source.name
        rows = _with_labels(_checked(self.source.read(seed), name), self.ignore_index, name)
        rows = replace(rows, y=self.targets.encode(rows.y))
        if rows.x.shape != self.shape:
            raise DataError(
                f"{name}: every draw must have the shape of the first, found x {rows.x.shape} "
                f"after {self.shape}; draw equally many rows"
            )
        seed %= SEEDS
        first = self._seed_of.setdefault(_fingerprint(rows), seed)
        if first != seed:
            raise DataError(
                f"{name}: another seed must draw other rows, found the same for seeds {first} and "
                f'{seed}; use the seed, or set design = "resample"'
            )
        return rows


def _fingerprint(rows: Rows) -> str:
    digest = hashlib.sha256()
    for name, array in rows.arrays():
        digest.update(f"{name}{array.dtype}{array.shape}".encode())
        digest.update(np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()
