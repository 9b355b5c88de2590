"""The rows of a torch ``Dataset``, each read once, where reading again gives the same.

A Dataset that augments at random gives other rows at every reading. Read once, it would be a frozen
data set whose validation rows are augmented too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import chain, islice
from typing import Any

import numpy as np
from torch.utils.data import DataLoader, IterableDataset, default_collate, default_convert

from sweep.data._stored_items import stored
from sweep.data.row_cache import RowCache
from sweep.errors import DataError
from sweep.runtime.arrays import to_numpy
from sweep.runtime.trees import Tree, is_tree, like, mapped, named_leaves, several_arrays

READ_TWICE = 16
"""Items, evenly spread, that are read twice: a flip with probability 1/2 escapes all of them once
in 65,000 times."""
TARGETS = ("labels", "label", "y")
"""What targets are called in a dict by custom."""


Item = tuple[Tree[np.ndarray], np.ndarray] | dict[str, np.ndarray]
"""One row: its input or inputs and its target, or all that it has by name."""


def rows_of(dataset: Any, cache: RowCache | None = None) -> Any:
    """(x, y) of a Dataset of pairs in its order, x (N, ...) one array or several; of one of dicts a
    dict of arrays.

    A Dataset may be read by place, or from its beginning to its end (``IterableDataset``); a
    DataLoader gives the rows of its Dataset. Those that are too many for memory are read into
    ``cache``, some at a time. Raises DataError where there are no rows, or an item is neither or
    differs at its second reading.
    """
    if isinstance(dataset, DataLoader):
        return _rows_of_loader(dataset, cache)
    if isinstance(dataset, IterableDataset):
        return _rows_of_stream(dataset, cache)
    if cache is not None and len(dataset):
        first = _item(dataset[0], 0)
        if cache.takes(len(dataset) * sum(part.nbytes for part in _parts(first).values())):
            _check_readings(dataset, first)
            return stored((_item(dataset[i], i) for i in range(len(dataset))), dataset, cache)
    items = [_item(dataset[i], i) for i in range(len(dataset))]
    if not items:
        raise DataError("data.name: a Dataset must have rows, found none; check its length")
    _check_shapes(items)
    for i in range(0, len(items), max(1, len(items) // READ_TWICE)):
        _check_same(items[i], _item(dataset[i], i), i)
    return stacked(items)


def stacked(items: Sequence[Item]) -> Any:
    """Rows as (x, y), or a dict of arrays."""
    if isinstance(items[0], dict):
        return mapped(_stacked, *items)
    xs, ys = zip(*items, strict=True)
    return mapped(_stacked, *xs), np.stack(ys)


def _check_readings(dataset: Any, first: Item) -> None:
    """DataError where items, evenly spread, are others at their second reading."""
    for i in range(0, len(dataset), max(1, len(dataset) // READ_TWICE)):
        _check_same(_item(dataset[i], i), _item(dataset[i], i), i)


def _rows_of_stream(dataset: IterableDataset[Any], cache: RowCache | None) -> Any:
    """The rows from the beginning to the end, of a length that need not be known."""
    items = (_item(item, i) for i, item in enumerate(dataset))
    for i, (once, again) in enumerate(zip(islice(items, READ_TWICE), dataset, strict=False)):
        _check_same(once, _item(again, i), i)
    items = (_item(item, i) for i, item in enumerate(dataset))
    held: list[Item] = []
    n_bytes = 0
    for item in items:
        held.append(item)
        n_bytes += sum(part.nbytes for part in _parts(item).values())
        if cache is not None and cache.takes(n_bytes):
            return stored(chain(held, items), dataset, cache)
    if not held:
        raise DataError("data.name: a Dataset must have rows, found none; check what it yields")
    _check_shapes(held)
    return stacked(held)


def _rows_of_loader(loader: DataLoader[Any], cache: RowCache | None) -> Any:
    """The rows of a loader's Dataset; DataError where it makes batches in a way of its own."""
    if loader.collate_fn is not default_collate and loader.collate_fn is not default_convert:
        raise DataError(
            "data.name: a DataLoader must make batches as torch does, found a collate_fn of its "
            "own; give its Dataset, with items that are all of one shape"
        )
    return rows_of(loader.dataset, cache)


def _stacked(*rows: np.ndarray) -> np.ndarray:
    return np.stack(rows)


def parted(values: Mapping[Any, Any], target: str | None, rule: str) -> tuple[Any, Any]:
    """The inputs and the target of a dict: a dict of all others, or what is called ``x`` alone.

    Args:
        values: Arrays by name.
        target: The target's key; None for the usual names.
        rule: How messages begin to say what must be given.
    """
    found = [key for key in ((target,) if target else TARGETS) if key in values]
    others = {key: value for key, value in values.items() if key not in found}
    if len(found) != 1 or not others or not all(isinstance(key, str) for key in others):
        names = repr(target) if target else " or ".join(map(repr, TARGETS))
        raise DataError(
            f"{rule} one target, {names}, and inputs by name, found the keys "
            f"{', '.join(map(str, values)) or 'of nothing'}; name the target by data.target"
        )
    return others["x"] if list(others) == ["x"] else others, values[found[0]]


def _check_shapes(items: Sequence[Item]) -> None:
    """DataError, naming the first item whose inputs or target have another shape than item 0's."""
    first = _parts(items[0])
    for i, item in enumerate(items):
        own = _parts(item)
        if own.keys() != first.keys():
            raise DataError(
                f"data.name: all items of a Dataset must have the same parts, found "
                f"{', '.join(own)} at item {i} after {', '.join(first)} at item 0; fill them"
            )
        for what, array in own.items():
            if array.shape != first[what].shape:
                raise DataError(
                    f"data.name: all items of a Dataset must have the same shape, found {what} of "
                    f"{array.shape} at item {i} after {first[what].shape} at item 0; pad or crop "
                    "them"
                )


def _check_same(item: Item, again: Item, i: int) -> None:
    """DataError where an item is another at its second reading."""
    for first, second in zip(_parts(item).values(), _parts(again).values(), strict=True):
        if first.dtype.kind == "O":  # no numbers, which is refused later
            continue
        if not np.array_equal(first, second, equal_nan=first.dtype.kind == "f"):
            raise DataError(
                f"data.name: a Dataset must give the same rows whenever it is read, found item "
                f"{i} changed at its second reading, as under random augmentation; leave the "
                "random transform out of it, and name it in training.augment, which changes "
                "training rows alone"
            )


def _parts(item: Item) -> dict[str, np.ndarray]:
    """All arrays of a row by how messages name them."""
    if isinstance(item, dict):
        return {f"{key!r}": array for key, array in item.items()}
    x, y = item
    inputs = named_leaves(x) if is_tree(x) else {"inputs": x}
    return {**inputs, "target": y}


def _item(item: Any, i: int) -> Item:
    if isinstance(item, Mapping):
        return {str(key): _array(value, f"{key!r}", i) for key, value in item.items()}
    if what := unlike_a_pair(item):
        raise DataError(
            f"data.name: an item of a Dataset must be a pair (x, y) or a dict, found {what} at "
            f"item {i}; return inputs and target"
        )
    x, y = item
    if _several(x):
        tree = dict(x) if isinstance(x, Mapping) else tuple(x)
        arrays = [_array(part, what, i) for what, part in named_leaves(tree).items()]
        return like(tree, arrays), _array(y, "target", i)
    return to_numpy(x), _array(y, "target", i)


def _array(value: Any, what: str, i: int) -> np.ndarray:
    """The value as an array; DataError where it is several, which would be taken for one."""
    if several := _several(value):
        raise DataError(
            f"data.name: the {what} of a Dataset's item must be one array or tensor, found "
            f"{several} at item {i}; return one of them"
        )
    return to_numpy(value)


def _several(value: Any) -> str:
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
