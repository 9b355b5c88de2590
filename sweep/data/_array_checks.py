"""Arrays as they are given, checked: finite features, as many as targets.

What is wrong with them is one DataError line that names the data set.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from sweep.errors import DataError
from sweep.runtime.arrays import to_numpy
from sweep.runtime.user_code import last_line


def _refuse_masked(values: Any, what: str, name: str) -> None:
    """A mask would be dropped, and what lies under it taken for numbers."""
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
            f"{name}: {what} must be one array, found a dict with the keys {keys}; join its "
            "arrays, and part them in the network's forward"
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
    x = as_array(raw, "x", name)
    if x.dtype.kind not in "fiub":
        raise DataError(f"{name}: x must hold numbers, found {_strange(x)}; encode it first")
    if x.ndim < 2 or 0 in x.shape:
        raise DataError(
            f"{name}: x must have rows and features (N, ...), found shape {x.shape}; reshape it"
        )
    return finite(x, "x", name)


def _strange(x: np.ndarray) -> str:
    """The first value that is no number and its column, or the type of all."""
    for place, value in zip(np.ndindex(x.shape), x.flat, strict=True):
        if isinstance(value, str):
            where = f" in column {place[1]}" if len(place) == 2 else ""
            return f"the text {value[:40]!r}{where}"
    return str(x.dtype)


def are_whole(raw: Any, name: str) -> bool:
    """Whether features are of an integer type, as words and categories come."""
    return as_array(raw, "x", name).dtype.kind in "iu"


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


def check_lengths(x: np.ndarray, y: np.ndarray, name: str) -> None:
    """DataError unless there is a target for every row."""
    if len(x) != len(y):
        raise DataError(
            f"{name}: x and y must have equally many rows, found {len(x)} and {len(y)}; align them"
        )
