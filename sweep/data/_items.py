"""One item of a Dataset: a pair of inputs and target, or a dict of all that a row has."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from sweep.errors import DataError
from sweep.runtime.arrays import to_numpy
from sweep.runtime.trees import Tree, like, mapped, named_leaves, several_arrays

TARGET = "target"
"""What the target of a pair is called among its parts."""

Item = tuple[Tree[np.ndarray], np.ndarray] | dict[str, np.ndarray]
"""One row: its input or inputs and its target, or all that it has by name."""


def parts_of(item: Item) -> dict[str, np.ndarray]:
    """All arrays of a row by name."""
    if isinstance(item, dict):
        return item
    x, y = item
    return {**named_leaves(x), TARGET: y}


def keys_of(item: Item) -> dict[str, str]:
    """The key or the place of every input, and the target's, by the name of its part."""
    if isinstance(item, dict):
        return {name: name for name in item}
    x = item[0]
    places = list(x) if isinstance(x, dict) else range(len(x)) if isinstance(x, tuple) else ["x"]
    return {**dict(zip(named_leaves(x), map(str, places), strict=True)), TARGET: TARGET}


def read_item(item: Any, i: int) -> Item:
    """The item as arrays; ``i`` is its place. DataError for what is no row."""
    if isinstance(item, Mapping):
        return {str(key): _array(value, f"{key!r}", i) for key, value in item.items()}
    if what := "None" if item is None else unlike_a_pair(item):
        raise DataError(
            f"data.name: an item of a Dataset must be a pair (x, y) or a dict, found {what} at "
            f"item {i}; return inputs and target"
        )
    x, y = item
    if several(x):
        tree = dict(x) if isinstance(x, Mapping) else tuple(x)
        arrays = [_array(part, what, i) for what, part in named_leaves(tree).items()]
        return like(tree, arrays), _array(y, "target", i)
    return _array(x, "input", i), _array(y, "target", i)


def stacked(items: Sequence[Item]) -> Any:
    """Rows as (x, y), or a dict of arrays."""
    if isinstance(items[0], dict):
        return mapped(_stacked, *items)
    xs, ys = zip(*items, strict=True)
    return mapped(_stacked, *xs), np.stack(ys)


def rows_like(item: Item, arrays: Mapping[str, Any]) -> Any:
    """The arrays of all rows by name as (x, y), or a dict, as ``item`` is."""
    if isinstance(item, dict):
        return dict(arrays)
    inputs = {name: array for name, array in arrays.items() if name != TARGET}
    return like(item[0], list(inputs.values())), arrays[TARGET]


def check_alike(item: Item, first: Item, i: int) -> None:
    """DataError, naming item ``i``, where it has other parts or shapes than item 0."""
    own, wanted = parts_of(item), parts_of(first)
    if own.keys() != wanted.keys():
        raise DataError(
            f"data.name: all items of a Dataset must have the same parts, found {', '.join(own)} "
            f"at item {i} after {', '.join(wanted)} at item 0; fill them"
        )
    for what, array in own.items():
        if array.shape != wanted[what].shape:
            raise DataError(
                f"data.name: all items of a Dataset must have the same shape, found {what} of "
                f"{array.shape} at item {i} after {wanted[what].shape} at item 0; set data.pad = 0 "
                "(or another number) to pad them, or give data.collate"
            )


def check_same(item: Item, again: Item, i: int) -> None:
    """DataError where an item is another at its second reading."""
    for first, second in zip(parts_of(item).values(), parts_of(again).values(), strict=True):
        if not same_values(first, second):
            raise DataError(
                f"data.name: a Dataset must give the same rows whenever it is read, found item "
                f"{i} changed at its second reading, as under random augmentation; leave the "
                "random transform out of it, and name it in training.augment, which changes "
                "training rows alone"
            )


def same_values(first: np.ndarray, second: np.ndarray) -> bool:
    """Whether two arrays hold the same; objects, which are refused later, count as the same."""
    if first.dtype.kind == "O":
        return True
    return np.array_equal(first, second, equal_nan=first.dtype.kind == "f")


def _stacked(*rows: np.ndarray) -> np.ndarray:
    return np.stack(rows)


def _array(value: Any, what: str, i: int) -> np.ndarray:
    """The value as an array; DataError where it is several, which would be taken for one."""
    if found := several(value) or ("None" if value is None else ""):
        raise DataError(
            f"data.name: the {what} of a Dataset's item must be one array or tensor, found "
            f"{found} at item {i}; return one of them"
        )
    return to_numpy(value)


def several(value: Any) -> str:
    """How messages name a value of several arrays; "" for one, or for a list of numbers."""
    if isinstance(value, Mapping):
        return f"a dict with the keys {', '.join(map(str, value))}"
    if isinstance(value, tuple | list) and several_arrays(tuple(value)):
        return f"a {type(value).__name__} of {len(value)}"
    return ""


def unlike_a_pair(value: object) -> str:
    """What a value is that is no pair, as messages name it; "" for a pair."""
    if not isinstance(value, tuple | list):
        return type(value).__name__
    return "" if len(value) == 2 else f"{type(value).__name__} of {len(value)}"
