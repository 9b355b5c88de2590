"""The rows of a torch ``Dataset``, each read once, where reading again gives the same.

A Dataset that augments at random gives other rows at every reading. Read once, it would be a frozen
data set whose validation rows are augmented too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from torch.utils.data import Dataset

from sweep.errors import DataError
from sweep.runtime.arrays import to_numpy

READ_TWICE = 16
"""Items, evenly spread, that are read twice: a flip with probability 1/2 escapes all of them once
in 65,000 times."""


def rows_of(dataset: Dataset[Any]) -> tuple[np.ndarray, np.ndarray]:
    """x (N, ...) and y (N, ...) of a Dataset of pairs, in its order.

    Raises DataError where it has no rows, or an item is no pair or differs at its second reading.
    """
    items = [_pair(dataset[i], i) for i in range(len(dataset))]  # type: ignore[arg-type]
    if not items:
        raise DataError("data.name: a Dataset must have rows, found none; check its length")
    _check_shapes(items)
    for i in range(0, len(items), max(1, len(items) // READ_TWICE)):
        for first, again in zip(items[i], _pair(dataset[i], i), strict=True):
            if first.dtype.kind == "O":  # no numbers, which is refused later
                continue
            if not np.array_equal(first, again, equal_nan=first.dtype.kind == "f"):
                raise DataError(
                    f"data.name: a Dataset must give the same rows whenever it is read, found item "
                    f"{i} changed at its second reading, as under random augmentation; leave the "
                    "random transform out of it, and name it in training.augment, which changes "
                    "training rows alone"
                )
    return np.stack([x for x, _ in items]), np.stack([y for _, y in items])


def _check_shapes(items: Sequence[tuple[np.ndarray, np.ndarray]]) -> None:
    """DataError, naming the first item whose input or target has another shape than item 0's."""
    for i, item in enumerate(items):
        for what, first, own in zip(("inputs", "target"), items[0], item, strict=True):
            if own.shape != first.shape:
                raise DataError(
                    f"data.name: all items of a Dataset must have the same shape, found {what} of "
                    f"{own.shape} at item {i} after {first.shape} at item 0; pad or crop them"
                )


def _pair(item: Any, i: int) -> tuple[np.ndarray, np.ndarray]:
    if isinstance(item, Mapping):
        keys = ", ".join(map(str, item))
        raise DataError(
            f"data.name: an item of a Dataset must be a pair (x, y), found a dict with the keys "
            f"{keys} at item {i}; return the two that are inputs and target"
        )
    if what := unlike_a_pair(item):
        raise DataError(
            f"data.name: an item of a Dataset must be a pair (x, y), found {what} at item {i}; "
            "return inputs and target"
        )
    advice = "join them into one, and take it apart in the network's forward"
    x = _array(item[0], "inputs", i, advice)
    return x, _array(item[1], "target", i, "return one of them")


def _array(value: Any, what: str, i: int, advice: str) -> np.ndarray:
    """The value as an array; DataError where it is several, which would be taken for one."""
    if several := _several(value):
        raise DataError(
            f"data.name: the {what} of a Dataset's item must be one array or tensor, found "
            f"{several} at item {i}; {advice}"
        )
    return to_numpy(value)


def _several(value: Any) -> str:
    """How messages name a value of several arrays; "" for one, or for a list of numbers."""
    if isinstance(value, Mapping):
        return f"a dict with the keys {', '.join(map(str, value))}"
    if isinstance(value, tuple | list) and any(getattr(part, "shape", ()) for part in value):
        return f"a {type(value).__name__} of {len(value)}"
    return ""


def unlike_a_pair(value: object) -> str:
    """What a value is that is no pair, as messages name it; "" for a pair."""
    if not isinstance(value, tuple | list):
        return type(value).__name__
    return "" if len(value) == 2 else f"{type(value).__name__} of {len(value)}"
