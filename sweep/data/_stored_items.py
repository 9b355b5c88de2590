"""The items of a Dataset, decoded into the cache some at a time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

import numpy as np

from sweep.data._items import Item, check_alike, parts_of, rows_like
from sweep.data.row_cache import RowCache, key_of
from sweep.errors import DataError

ITEMS = 1024
BLOCK_BYTES = 2**24
"""At most so many items, or items of so many bytes, are put into files at once."""


def key_of_dataset(dataset: object, *facts: object) -> str | None:
    """The key of a Dataset's rows; None where it has no text ``fingerprint``.

    What is in a Dataset cannot be known without reading it, so others are read at every launch, and
    their content is their key. Those of Hugging Face have a ``_fingerprint``.
    """
    mark = getattr(dataset, "fingerprint", None) or getattr(dataset, "_fingerprint", None)
    if not isinstance(mark, str):
        return None
    kind = f"{type(dataset).__module__}.{type(dataset).__qualname__}"
    return key_of("dataset", kind, mark, *facts)


def stored(
    items: Iterable[Item], first: Item, key: str | None, n_rows: int | None, cache: RowCache
) -> Any:
    """(x, y) of pairs, or a dict of arrays, with what is large in files of the cache.

    Args:
        items: All of them.
        first: One of them.
        key: The key of their rows; without one their content is it.
        n_rows: How many there are, where that is known.
        cache: Where files are.
    """
    if key is None:
        arrays, _ = cache.written(_blocks(iter(items), first), {}, None, n_rows)
    else:
        arrays, _ = cache.kept(key, lambda: _blocks(iter(items), first), {}, n_rows)
    return rows_like(first, arrays)


def _blocks(items: Iterator[Item], first: Item) -> Iterator[dict[str, np.ndarray]]:
    wanted, n_read = parts_of(first), 0
    n_bytes = sum(part.nbytes for part in wanted.values())
    most = max(1, min(ITEMS, BLOCK_BYTES // max(1, n_bytes)))
    while block := list(islice(items, most)):
        for i, item in enumerate(block, n_read):
            check_alike(item, first, i)
            _check_types(item, wanted, i)
        n_read += len(block)
        yield {name: np.stack([parts_of(item)[name] for item in block]) for name in wanted}


def _check_types(item: Item, wanted: dict[str, np.ndarray], i: int) -> None:
    for name, part in parts_of(item).items():
        first = wanted[name].dtype
        if part.dtype.kind != "U" and part.dtype != first:
            raise DataError(
                f"data.name: all items of a Dataset must be of one type, found {name} of "
                f"{part.dtype} at item {i} after {first}; convert them"
            )
