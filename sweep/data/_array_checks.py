"""Arrays as they are given, checked: finite features, as many as targets.

What is wrong with them is one DataError line that names the data set.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any

import numpy as np

from sweep.data._stored_checks import is_stored, stored_inputs
from sweep.data.stored_array import StoredArray
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


def _refuse_masked(values: Any, what: str, name: str) -> None:
    """A mask would be dropped, and what lies under it taken for numbers."""
    if "numpy.ma" not in sys.modules:  # so nobody has made one, and it takes long to load
        return
    if isinstance(values, np.ma.MaskedArray) and np.ma.getmaskarray(values).any():
        raise DataError(
            f"{name}: {what} must be without masked values, found "
            f"{int(np.ma.getmaskarray(values).sum())}; fill them"
        )


def as_array(values: Any, what: str, name: str) -> np.ndarray:
    _refuse_masked(values, what, name)
    if isinstance(values, Mapping):
        keys = ", ".join(map(str, values))
        raise DataError(
            f"{name}: {what} must be one array, found a dict with the keys {keys}; give one of them"
        )
    try:
        return to_numpy(values)
    except (TypeError, ValueError, RuntimeError) as error:  # ragged lists; types without an array
        padded = ", or pad them by data.pad" if isinstance(values, list | tuple) else ""
        raise DataError(
            f"{name}: {what} must be an array, found {type(values).__name__}: {last_line(error)}; "
            f"make all rows alike{padded}"
        ) from error


def read_features(raw: Any, name: str) -> np.ndarray:
    """Features as finite numbers (N, ...) with at least one row and one feature."""
    x = as_array(raw, "x", name)
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
    if is_stored(tree):
        stored: Tree[np.ndarray] = stored_inputs(tree, n, name)
        return stored
    if not is_tree(tree):
        return read_features(tree, name)
    if not tree:
        raise DataError(f"{name}: x must have an array or more, found none; give one")
    arrays = {what: _leaf(leaf, what, name, n) for what, leaf in named_leaves(tree).items()}
    sizes = {what: len(array) for what, array in arrays.items()}
    for what, size in sizes.items():
        if n is not None and size != n:
            raise DataError(
                f"{name}: x and y must have equally many rows, found {size} in {what} and {n} in "
                "y; align them"
            )
    found: Tree[np.ndarray] = like(tree, list(arrays.values()))
    return found


def _leaf(raw: Any, what: str, name: str, n: int | None) -> np.ndarray:
    """One of several inputs (N, ...), of finite numbers or truth values; ``n`` arrays are rows."""
    if isinstance(raw, tuple | list) and len(raw) != n and several_arrays(tuple(raw)):
        raise DataError(
            f"{name}: {what} must be one array, found {type(raw).__name__} of {len(raw)}; give its "
            "arrays beside the others"
        )
    array = as_array(raw, what, name)
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
    return (
        raw.whole if isinstance(raw, StoredArray) else as_array(raw, "x", name).dtype.kind in "iu"
    )


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
