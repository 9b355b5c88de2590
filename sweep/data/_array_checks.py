"""Arrays as they are given, checked: finite features, and targets as classes or numbers.

What is wrong with them is one DataError line that names the data set.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from sweep.data._labels import refuse_several_labels
from sweep.errors import DataError
from sweep.runtime.arrays import to_numpy
from sweep.runtime.trees import (
    Tree,
    as_tree,
    is_tree,
    like,
    n_rows,
    named_leaves,
    several_arrays,
)
from sweep.runtime.user_code import last_line

MANY_VALUES = 20
"""Whole numbers with at most so many distinct values are classes unless ``task`` says otherwise."""
REPEATS = 10
"""More distinct ones, if each stands for so many rows on average, could be either: ask."""


def _refuse_masked(values: Any, what: str, name: str) -> None:
    """A mask would be dropped, and what lies under it taken for numbers."""
    if isinstance(values, np.ma.MaskedArray) and np.ma.getmaskarray(values).any():
        raise DataError(
            f"{name}: {what} must be without masked values, found "
            f"{int(np.ma.getmaskarray(values).sum())}; fill them"
        )


def _as_array(values: Any, what: str, name: str) -> np.ndarray:
    _refuse_masked(values, what, name)
    if isinstance(values, Mapping):
        keys = ", ".join(map(str, values))
        raise DataError(
            f"{name}: {what} must be one array, found a dict with the keys {keys}; give one of them"
        )
    try:
        return to_numpy(values)
    except (TypeError, ValueError, RuntimeError) as error:  # ragged lists; types without an array
        raise DataError(
            f"{name}: {what} must be an array, found {type(values).__name__}: {last_line(error)}; "
            "make every row alike"
        ) from error


def read_features(raw: Any, name: str) -> np.ndarray:
    """Features as finite numbers (N, ...) with at least one row and one feature."""
    x = _as_array(raw, "x", name)
    if x.dtype.kind not in "fiub":
        raise DataError(f"{name}: x must hold numbers, found {_strange(x)}; encode it first")
    if x.ndim < 2 or 0 in x.shape:
        raise DataError(
            f"{name}: x must have rows and features (N, ...), found shape {x.shape}; reshape it"
        )
    return finite(x, "x", name)


def read_inputs(raw: Any, n: int | None, name: str) -> Tree[np.ndarray]:
    """Inputs of ``n`` rows: features as ``read_features`` has them, or several arrays, in which
    whole numbers (int64) and truth values stay what they are.
    """
    tree = as_tree(raw, n)
    if not is_tree(tree):
        return read_features(tree, name)
    if not tree:
        raise DataError(f"{name}: x must have an array or more, found none; give one")
    arrays = {what: _leaf(leaf, what, name) for what, leaf in named_leaves(tree).items()}
    sizes = {what: len(array) for what, array in arrays.items()}
    for what, size in sizes.items():
        if n is not None and size != n:
            raise DataError(
                f"{name}: x and y must have equally many rows, found {size} in {what} and {n} in "
                "y; align them"
            )
    found: Tree[np.ndarray] = like(tree, list(arrays.values()))
    return found


def _leaf(raw: Any, what: str, name: str) -> np.ndarray:
    """One of several inputs (N, ...), of finite numbers or truth values."""
    if isinstance(raw, tuple | list) and several_arrays(tuple(raw)):
        raise DataError(
            f"{name}: {what} must be one array, found {type(raw).__name__} of {len(raw)}; give its "
            "arrays beside the others"
        )
    array = _as_array(raw, what, name)
    if array.dtype.kind not in "fiub":
        raise DataError(
            f"{name}: {what} must hold numbers, found {_strange(array)}; encode it, or leave it out"
        )
    if not array.ndim or 0 in array.shape:
        raise DataError(f"{name}: {what} must have rows, found shape {array.shape}; reshape it")
    if array.dtype.kind == "f":
        return finite(array, what, name)
    if array.dtype.kind == "u" and array.max() > np.iinfo(np.int64).max:
        raise DataError(f"{name}: {what} must fit into int64, found {array.max()}; lower it")
    return array if array.dtype.kind == "b" else array.astype(np.int64)


def _strange(x: np.ndarray) -> str:
    """The first value that is no number and its column, or the type of all."""
    for place, value in zip(np.ndindex(x.shape), x.flat, strict=True):
        if isinstance(value, str):
            where = f" in column {place[1]}" if len(place) == 2 else ""
            return f"the text {value[:40]!r}{where}"
    return str(x.dtype)


def are_whole(raw: Any, name: str) -> bool:
    """Whether features are of an integer type, as words and categories come."""
    return _as_array(raw, "x", name).dtype.kind in "iu"


def finite(array: np.ndarray, what: str, name: str) -> np.ndarray:
    """Numbers as float32, or float64 if they are finer; refused unless float32 can hold them."""
    finer = min(np.result_type(array.dtype, np.float32), np.dtype(np.float64))
    with np.errstate(over="ignore"):  # what is infinite then is refused in one line
        array = array.astype(finer)
    n_bad = int((~(np.abs(array) <= np.finfo(np.float32).max)).sum())
    if n_bad:
        raise DataError(
            f"{name}: {what} must be finite, found {n_bad} of {array.size} values that are nan, "
            "infinite or beyond 3e38; fill, scale or drop them"
        )
    return array


def check_lengths(x: Tree[np.ndarray], y: np.ndarray, name: str) -> None:
    """DataError unless there is a target for every row."""
    if n_rows(x) != len(y):
        raise DataError(
            f"{name}: x and y must have equally many rows, found {n_rows(x)} and {len(y)}; "
            "align them"
        )


@dataclass(frozen=True)
class Targets:
    """Turns plain targets into classes 0..C-1 or columns of numbers, alike for every draw."""

    name: str
    task: str
    n_outputs: int
    classes: np.ndarray
    """Sorted labels (C,); empty for a regression."""

    def encode(self, y: np.ndarray) -> np.ndarray:
        """Targets as class numbers (N,) int64, or columns of numbers (N, outputs)."""
        if self.task == "regression":
            return finite(y, "y", self.name).reshape(len(y), -1)
        places = np.minimum(np.searchsorted(self.classes, y), len(self.classes) - 1)
        strange = y[self.classes[places] != y]
        if len(strange):
            raise DataError(
                f"{self.name}: every draw must have the classes of the first, found "
                f"{str(strange[0])!r} in a later one; draw more rows"
            )
        return places.astype(np.int64)


def plain_targets(raw: Any, name: str) -> np.ndarray:
    """Targets as numbers, truth values or words, (N,) or (N, outputs); (N, 1) counts as (N,)."""
    y = _as_array(raw, "y", name)
    if y.ndim == 2 and y.shape[1] == 1:
        y = y[:, 0]
    if y.ndim not in (1, 2) or 0 in y.shape:
        raise DataError(
            f"{name}: y must be (N,) or (N, outputs), found shape {y.shape}; reshape it"
        )
    if y.dtype.kind == "O" and all(isinstance(value, str) for value in y.flat):
        y = y.astype(str)
    if y.dtype.kind not in "fiubU":
        raise DataError(
            f"{name}: y must hold numbers or words, found {y.dtype}; fill what is missing and "
            "convert it"
        )
    if y.dtype.kind == "f":
        y = finite(y, "y", name)
    return y


def task_of(y: np.ndarray, task: str, name: str, known: bool | None) -> str:
    """``classification`` or ``regression``: as said, or where ``task`` is ``auto`` as it looks;
    ``known`` says whether the data set is known to be a regression.
    """
    return _guess_task(y, name, known) if task == "auto" else task


def read_targets(y: np.ndarray, task: str, name: str) -> Targets:
    """What the targets of the first draw say about all of them."""
    if task == "regression":
        if y.dtype.kind == "U":
            raise DataError(
                f"{name}: the target of a regression must hold numbers, found words such as "
                f'{str(y.flat[0])!r}; set task = "classification"'
            )
        if (y == y[0]).all():
            raise DataError(f"{name}: y must vary, found one value in all rows; check the target")
        return Targets(name, task, 1 if y.ndim == 1 else y.shape[1], np.empty(0))
    if y.ndim != 1:
        raise DataError(
            f"{name}: classes must be one column, found shape {y.shape}; "
            'give class numbers, or set task = "regression"'
        )
    classes = np.unique(y)
    if len(classes) < 2:
        raise DataError(f"{name}: two classes or more must be there, found one; check y")
    if classes.dtype.kind == "f":
        if not _whole(classes):
            raise DataError(
                f"{name}: classes must be words or whole numbers, found "
                f'{classes[classes != np.round(classes)][0]}; set task = "regression"'
            )
        classes = classes.astype(np.int64)
    return Targets(name, task, len(classes), classes)


def _guess_task(y: np.ndarray, name: str, known: bool | None) -> str:
    """Classes or numbers: the rule of MANY_VALUES and REPEATS."""
    if known is not None:
        return "regression" if known else "classification"
    if y.dtype.kind == "U" or (y.dtype.kind == "b" and y.ndim == 1):
        return "classification"
    if y.ndim == 2:
        if np.isin(y, (0, 1)).all() and (y.sum(axis=1) == 1).all():
            raise DataError(
                f"{name}: classes must be one column, found one-hot rows of {y.shape[1]}; "
                'pass y.argmax(1), or set task = "regression"'
            )
        refuse_several_labels(y, name)
        return "regression"
    n_distinct = len(np.unique(y))
    if not _whole(y):
        return "regression"
    if n_distinct <= MANY_VALUES:
        return "classification"
    if n_distinct * REPEATS <= len(y):
        raise DataError(
            f"data.task: classification or regression must be said where y could be either, found "
            f"{n_distinct} different whole numbers in {len(y)} rows; set task"
        )
    return "regression"


def _whole(y: np.ndarray) -> bool:
    return bool((y == np.round(y)).all())
