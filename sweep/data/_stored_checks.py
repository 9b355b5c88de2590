"""Inputs in a file of rows, checked some rows at a time; what is read has the types that
``_array_checks`` gives inputs in memory.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from sweep.data.stored_array import StoredArray
from sweep.errors import DataError
from sweep.runtime.arrays import to_numpy
from sweep.runtime.trees import Tree, is_tree, leaves, like, named_leaves


def is_stored(tree: Any) -> bool:
    """Whether inputs, or some of several, are in a file of rows."""
    return any(isinstance(leaf, StoredArray) for leaf in leaves(tree))


def stored_inputs(tree: Any, n: int | None, name: str) -> Tree[Any]:
    """The inputs in the types that they are read in; DataError where they are no finite numbers,
    or not ``n`` rows.
    """
    alone, found = not is_tree(tree), []
    for what, leaf in named_leaves(tree).items():
        array = leaf if isinstance(leaf, StoredArray) else StoredArray(to_numpy(leaf))
        if array.dtype.kind not in "fiub":
            raise DataError(f"{name}: {what} must hold numbers, found {array.dtype}; encode it")
        if n is not None and len(array) != n:
            raise DataError(
                f"{name}: x and y must have equally many rows, found {len(array)} and {n}; "
                "align them"
            )
        _check_values(array, what, name)
        found.append(array.typed(_type_of(array.dtype, alone)))
    checked: Tree[Any] = like(tree, found)
    return checked


def _type_of(given: np.dtype[Any], alone: bool) -> np.dtype[Any]:
    """Floats for an input alone; whole numbers and truth values of several stay what they are."""
    if alone or given.kind == "f":
        return min(np.result_type(given, np.float32), np.dtype(np.float64))
    return np.dtype(bool if given.kind == "b" else np.int64)


def _check_values(array: StoredArray, what: str, name: str) -> None:
    if array.dtype.kind == "f":
        most = np.finfo(np.float32).max
        n_bad = sum(int((~(np.abs(block) <= most)).sum()) for block in array.blocks())
        if n_bad:
            raise DataError(
                f"{name}: {what} must be finite, found {n_bad} values that are nan, infinite or "
                "beyond 3e38; fill, scale or drop them"
            )
    elif array.dtype == np.uint64 and any(b.max() > 2**63 - 1 for b in array.blocks()):
        raise DataError(f"{name}: {what} must fit into int64, found larger numbers; lower them")
