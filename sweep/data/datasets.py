"""The data of a study: a pool of rows, or a function that draws them anew.

Built in: mnist1d (Greydanus 2020; generated, nothing is downloaded) and scikit-learn's digits,
breast_cancer and diabetes. Otherwise a CSV or Parquet file, a user's function, or arrays.
Nothing is scaled here: that needs to know the training rows, and belongs to the splits.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

import numpy as np
import torch

from sweep.data._array_checks import (
    are_whole,
    check_lengths,
    read_features,
)
from sweep.data._dataset_rows import rows_of, unlike_a_pair
from sweep.data._labels import IgnoreIndex, labelled
from sweep.data._synthetic import Arrays, draw_mnist1d
from sweep.data._targets import IGNORED, Targets, plain_targets, read_targets, task_of
from sweep.errors import DataError
from sweep.metrics.tasks import CLASSIFICATION, SEQUENCE
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
    pool: Arrays | None
    """All rows, for the pooled designs; None under ``fresh``."""
    draw: FreshDraws | None
    """A new data set from a seed, under ``fresh``; None otherwise."""
    fingerprint: str
    """SHA-256 of the pool, or of the draw of seed 0."""
    whole: bool
    """Whether x came as integers and is not scaled: a network may take it as such."""
    guessed: bool = False
    """Whether whole numbers are taken for classes though nobody said so."""
    reconstructs: bool = False
    """Whether the features are the target."""


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
    raw_x, raw_y = source.read(0)
    x, raw_y = read_features(raw_x, source.name), plain_targets(raw_y, source.name)
    check_lengths(x, raw_y, source.name)
    task = task_of(raw_y, settings.task, source.name, source.regression, loss)
    ignore_index = _ignore_index(settings, task)
    x, raw_y = _with_labels(x, raw_y, ignore_index, source.name)
    targets = read_targets(raw_y, task, source.name, _no_label(settings, task), n_outputs)
    y = targets.encode(raw_y)
    fingerprint = _fingerprint(x, y)
    auto = settings.standardize == "auto"
    standardize = source.table if auto else bool(settings.standardize)
    draw = FreshDraws(source, targets, (x, y), fingerprint, ignore_index) if fresh else None
    return Data(
        name=source.name,
        task=targets.task,
        n_outputs=targets.n_outputs,
        input_shape=source.shape or x.shape[1:],
        feature_names=source.features or tuple(f"x{i}" for i in range(math.prod(x.shape[1:]))),
        class_names=tuple(map(str, targets.classes)),
        standardize=standardize,
        pool=None if fresh else (x, y),
        draw=draw,
        fingerprint=fingerprint,
        whole=not standardize and are_whole(raw_x, source.name),
        guessed=settings.task == "auto" and source.regression is None and raw_y.dtype.kind in "iuf",
    )


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


def _with_labels(x: np.ndarray, y: np.ndarray, ignore_index: IgnoreIndex, name: str) -> Arrays:
    """The rows that have a label."""
    there = labelled(y, ignore_index, name)
    return (x, y) if there is None else (x[there], y[there])


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
    """Where rows come from: ``read(seed)`` gives x and targets, as they are."""

    name: str
    read: Callable[[int], tuple[Any, Any]]
    seeded: bool = False
    table: bool = False
    """A table of measurements in units of their own, standardised unless the study says no."""
    shape: tuple[int, ...] = ()
    features: tuple[str, ...] = ()
    regression: bool | None = None


def _row_source(settings: DataSettings, folder: Path) -> _RowSource:
    name = settings.name
    if name == ARRAYS:
        return _RowSource("arrays", lambda seed: (settings.x, settings.y))
    if name == "mnist1d":
        read = partial(draw_mnist1d, settings.args)
        return _RowSource(
            name, read, seeded=True, shape=(1, 40), regression=DATA_SETS[name].regression
        )
    if name in ("digits", "breast_cancer", "diabetes"):
        return _bundled(str(name))
    if name in ("csv", "parquet"):
        from sweep.data._table_files import read_table  # pandas takes half a second

        path = folder / str(settings.path)
        x, y, features = read_table(path, str(settings.target))
        return _RowSource(path.name, lambda seed: (x, y), table=True, features=features)
    function = resolve_function(name, folder, "data.name", DataError)
    called = name_of(name)
    return _RowSource(
        called,
        partial(_call, function, called, settings.args),
        seeded=asks_for(function, "seed"),
    )


def _bundled(name: str) -> _RowSource:
    import sklearn.datasets

    made = getattr(sklearn.datasets, f"load_{name}")()
    x = made.data / 16 if name == "digits" else made.data
    return _RowSource(
        name,
        lambda seed: (x, made.target),
        table=True,
        shape=(1, 8, 8) if name == "digits" else (),
        features=tuple(map(str, made.feature_names)),
        regression=DATA_SETS[name].regression,
    )


def _call(
    function: Callable[..., Any], name: str, args: Mapping[str, Any], seed: int
) -> tuple[Any, Any]:
    """The (x, y) of a user's function, called under the seed; it leaves no trace behind."""
    with plain_defaults(), torch.random.fork_rng(devices=[]), isolated(seed):
        seed_torch(seed)
        with guarded("data.name", name, DataError):
            made = call_with(function, {"seed": seed % SEEDS}, args)
            if isinstance(made, torch.utils.data.Dataset):
                made = rows_of(made)
    if what := unlike_a_pair(made):
        raise DataError(
            f"data.name: {name} must return (x, y) or a Dataset, found {what}; "
            "return two arrays or tensors"
        )
    return made[0], made[1]


# ---- draws -------------------------------------------------------------------------------------


class FreshDraws:
    """Data sets by seed, the last few kept; each like the first in shape and unlike it in rows."""

    def __init__(
        self,
        source: _RowSource,
        targets: Targets,
        first: Arrays,
        fingerprint: str,
        ignore_index: IgnoreIndex,
    ):
        self.source, self.targets, self.shape = source, targets, first[0].shape
        self.ignore_index = ignore_index
        self._seed_of = {fingerprint: 0}
        self._draw = lru_cache(maxsize=DRAWS_KEPT)(self._read)

    def __call__(self, seed: int) -> Arrays:
        return self._draw(seed)

    def _read(self, seed: int) -> Arrays:
        name = self.source.name
        raw_x, raw_y = self.source.read(seed)
        x, plain = read_features(raw_x, name), plain_targets(raw_y, name)
        check_lengths(x, plain, name)
        x, plain = _with_labels(x, plain, self.ignore_index, name)
        y = self.targets.encode(plain)
        if x.shape != self.shape:
            raise DataError(
                f"{name}: every draw must have the shape of the first, found x {x.shape} after "
                f"{self.shape}; draw equally many rows"
            )
        seed %= SEEDS
        first = self._seed_of.setdefault(_fingerprint(x, y), seed)
        if first != seed:
            raise DataError(
                f"{name}: another seed must draw other rows, found the same for seeds {first} and "
                f'{seed}; use the seed, or set design = "resample"'
            )
        return x, y


def _fingerprint(x: np.ndarray, y: np.ndarray) -> str:
    digest = hashlib.sha256()
    for array in (x, y):
        digest.update(f"{array.dtype}{array.shape}".encode())
        digest.update(np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()
