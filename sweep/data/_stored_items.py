"""The items of a Dataset, decoded into the cache some at a time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain, islice
from typing import Any

import numpy as np

from sweep.data.row_cache import RowCache, key_of
from sweep.errors import DataError
from sweep.runtime.trees import is_tree, like, named_leaves

ITEMS = 1024
"""Items that are put into files at once."""
TARGET = "target"


def stored(items: Iterable[Any], dataset: object, cache: RowCache) -> Any:
    """(x, y) of pairs, or a dict of arrays, with what is large in files of the cache.

    What is in a Dataset cannot be known without reading it, so it is read at every launch and its
    content is its key, unless it has a text ``fingerprint`` (``_fingerprint`` of Hugging Face's).
    """
    items = iter(items)
    first = next(items)
    every = chain([first], items)
    mark = getattr(dataset, "fingerprint", None) or getattr(dataset, "_fingerprint", None)
    if isinstance(mark, str):
        kind = f"{type(dataset).__module__}.{type(dataset).__qualname__}"
        arrays, _ = cache.kept(key_of("dataset", kind, mark), lambda: _blocks(every), {})
    else:
        arrays, _ = cache.written(_blocks(every), {})
    if isinstance(first, dict):
        return arrays
    target = arrays.pop(TARGET)
    return like(first[0], list(arrays.values())), target


def _blocks(items: Iterator[Any]) -> Iterator[dict[str, np.ndarray]]:
    n_read, names = 0, None
    while block := [_named(item) for item in islice(items, ITEMS)]:
        names = names or block[0].keys()
        for i, item in enumerate(block, n_read):
            for name, array in item.items():
                first = block[0].get(name)
                if item.keys() != names or first is None or array.shape != first.shape:
                    raise DataError(
                        "data.name: all items of a Dataset must have the same parts of the same "
                        f"shape, found {name} of {array.shape} at item {i}; pad or crop them"
                    )
                if array.dtype.kind != "U" and array.dtype != first.dtype:
                    raise DataError(
                        "data.name: all items of a Dataset must be of one type, found "
                        f"{name} of {array.dtype} at item {i} after {first.dtype}; convert them"
                    )
        n_read += len(block)
        yield {name: np.stack([item[name] for item in block]) for name in names}


def _named(item: Any) -> dict[str, np.ndarray]:
    """The arrays of a row by name."""
    if isinstance(item, dict):
        return item
    x, y = item
    inputs = named_leaves(x) if is_tree(x) else {"x": x}
    return {**inputs, TARGET: y}
