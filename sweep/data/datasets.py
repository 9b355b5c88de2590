"""The data of a study: a pool of rows, or a function that draws them anew.

Built in: mnist1d (Greydanus 2020; generated, nothing is downloaded) and scikit-learn's digits,
breast_cancer and diabetes. Otherwise a CSV or Parquet file, a user's function, or arrays.
Nothing is scaled here: that needs to know the training rows, and belongs to the splits.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from sweep.data._array_checks import are_whole
from sweep.data._checked_rows import checked_rows, fingerprint_of, with_labels
from sweep.data._labels import IgnoreIndex
from sweep.data._row_sources import RowSource, row_source
from sweep.data._targets import (
    read_targets,
    reconstructed,
    task_of,
    task_of_inputs,
)
from sweep.data.division import divided
from sweep.data.fresh_draws import FreshDraws
from sweep.data.rows import Rows
from sweep.errors import DataError
from sweep.metrics.tasks import CLASSIFICATION, IGNORED, REGRESSION, SEQUENCE
from sweep.records.division import DividedBy
from sweep.runtime.trees import (
    Tree,
    is_tree,
    leaves,
    n_values,
    named_leaves,
    shapes,
    taken,
)
from sweep.study.data_settings import DataSettings
from sweep.study.validators import INPUT


@dataclass(frozen=True)
class Data:
    """Rows x (N, ...), one array or several, with targets y: (N,) int64 classes 0..C-1, or
    (N, outputs) numbers.

    Numbers are float32, or float64 where the source is finer: rounding comes after scaling, so that
    a column of large, close numbers keeps its differences.
    """

    name: str
    task: str
    """``classification``, ``sequence``, ``multilabel`` or ``regression``."""
    n_outputs: int
    """Classes, labels of a row, or target columns."""
    input_shape: tuple[int, ...]
    """Shape of one row as a convolution sees it, e.g. (1, 8, 8); ``x`` itself may be flat. Of
    several inputs ()."""
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
    source = row_source(settings, folder)
    fresh = settings.design == "fresh"
    if fresh:
        _can_be_drawn(source, settings)
    raw = source.read(0)
    reconstructs = raw.reconstructs or (settings.target == INPUT and not raw.table)
    rows = checked_rows(raw, source.name, reconstructs)
    if reconstructs:
        task = task_of_inputs(settings.task, loss)
        ignore_index = _ignore_index(settings, REGRESSION)
        targets = reconstructed(rows.y, task, source.name)
    else:
        task = task_of(rows.y, settings.task, source.name, source.regression, loss)
        ignore_index = _ignore_index(settings, task)
        rows = with_labels(rows, ignore_index, source.name)
        targets = read_targets(rows.y, task, source.name, _no_label(settings, task), n_outputs)
    by_looks = settings.task == "auto" and source.regression is None and rows.y.dtype.kind in "iuf"
    rows = replace(rows, y=targets.encode(rows.y))
    fingerprint = fingerprint_of(rows)
    auto = settings.standardize == "auto"
    standardize = source.table or raw.table if auto else bool(settings.standardize)
    if standardize:
        _check_scaled(rows.x)
    draw = FreshDraws(source, targets, rows, fingerprint, ignore_index) if fresh else None
    if draw is not None and source.own:
        draw.check_repeated()
    return Data(
        name=source.name,
        task=targets.task,
        n_outputs=targets.n_outputs,
        input_shape=() if is_tree(rows.x) else source.shape or shapes(rows.x),
        feature_names=source.features or raw.features or _feature_names(rows.x),
        class_names=tuple(map(str, targets.classes)),
        standardize=standardize,
        pool=None if fresh else rows,
        draw=draw,
        fingerprint=fingerprint,
        whole=not standardize and not is_tree(rows.x) and are_whole(raw.x, source.name),
        divided_by=divided(rows, settings),
        guessed=by_looks,
        reconstructs=reconstructs,
    )


def _feature_names(x: Tree[np.ndarray]) -> tuple[str, ...]:
    """The names of several inputs, or ``x0``, ``x1``, ... of the numbers of one."""
    if isinstance(x, dict):
        return tuple(x)
    n = len(x) if isinstance(x, tuple) else n_values(taken(x, 0))
    return tuple(f"x{i}" for i in range(n))


def _check_scaled(x: Tree[np.ndarray]) -> None:
    """DataError where inputs are to be scaled and none is of numbers."""
    if not any(array.dtype.kind == "f" for array in leaves(x)):
        raise DataError(
            "data.standardize: inputs that are no whole numbers must be there to be scaled, found "
            f"{', '.join(named_leaves(x))} of whole numbers alone; leave the key out"
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


def _can_be_drawn(source: RowSource, settings: DataSettings) -> None:
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
