"""Rows that a ``collate`` function makes of the items of a Dataset: padded, with masks.

It is called once with all items, as a DataLoader calls it for a batch. Items that are too many for
memory are collated some at a time, which gives the same where it pads to one fixed length.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import chain, islice
from typing import Any

import numpy as np

from sweep.data._items import Item, parts_of, read_item, rows_like, same_values
from sweep.data._stored_items import ITEMS
from sweep.data.row_cache import RowCache
from sweep.errors import DataError
from sweep.runtime.user_code import guarded, name_of

Collate = Callable[[list[Any]], Any]

FEW = 64
"""Items whose order is looked at."""


def collated(
    given: Callable[[], Iterator[Any]], n: int | None, collate: Collate, cache: RowCache | None
) -> Any:
    """(x, y) or a dict of arrays, as ``collate`` gives them for all items.

    Args:
        given: All items from the first on, whenever it is called.
        n: How many there are, where that is known.
        collate: What makes one batch of a list of items.
        cache: Where rows are that are too many for memory.

    Raises DataError where it gives no row for each item, or another batch at its second call.
    """
    first = list(islice(given(), ITEMS))
    if not first:
        raise DataError("data.name: a Dataset must have rows, found none; check what it gives")
    batch = _batch(first, collate)
    _check_same(batch, _batch(list(islice(given(), ITEMS)), collate))
    row = sum(part.nbytes for part in parts_of(batch).values()) // len(first)
    items, held = given(), []
    for item in items:
        held.append(item)
        if cache is not None and cache.takes(row * (len(held) if n is None else n)):
            blocks = _blocks(chain(held, items), collate, parts_of(batch))
            arrays, _ = cache.written(blocks, {}, None, n)
            return rows_like(batch, arrays)
    return rows_like(batch, parts_of(_batch(held, collate)))


def check_order_kept(given: Callable[[], Iterator[Any]], collate: Collate) -> None:
    """DataError where the rows of a batch are not those of its items in their order.

    Where rows of one item alone have the shape of those in a batch, they must be the same; rows
    that are sorted by length would be taken for those of other items.
    """
    first = list(islice(given(), FEW))
    batch = parts_of(_batch(list(first), collate))
    for i, item in enumerate(first):
        for name, alone in parts_of(_batch([item], collate)).items():
            row = batch[name][i]
            if alone[0].shape == row.shape and not same_values(alone[0], row):
                raise DataError(
                    "data.collate: rows must be in the order of the items where groups, times, "
                    f"parts or weights are given beside them, found another {name} in row {i}; do "
                    "not sort, or give these in the items"
                )


def _batch(items: list[Any], collate: Collate) -> Item:
    """The batch of these items as arrays; DataError where they are not one row each."""
    with guarded("data.collate", name_of(collate), DataError):
        made = collate(items)
        batch = read_item(dict(made) if isinstance(made, Mapping) else made, 0)
    for name, part in parts_of(batch).items():
        if not part.ndim or len(part) != len(items):
            raise DataError(
                "data.collate: a batch must have one row for each item, found "
                f"{name} of {part.shape} for {len(items)} items; stack them along the first "
                "dimension"
            )
    return batch


def _check_same(batch: Item, again: Item) -> None:
    parts, others = parts_of(batch), parts_of(again)
    if parts.keys() != others.keys() or not all(
        same_values(part, others[name]) for name, part in parts.items()
    ):
        raise DataError(
            "data.collate: items must give the same batch whenever they are read, found another at "
            "the second reading, as under random augmentation; leave it out, and name it in "
            "training.augment, which changes training rows alone"
        )


def _blocks(
    items: Iterator[Any], collate: Collate, first: Mapping[str, np.ndarray]
) -> Iterator[dict[str, np.ndarray]]:
    while held := list(islice(items, ITEMS)):
        parts = parts_of(_batch(held, collate))
        for name, part in parts.items():
            if name not in first or part.shape[1:] != first[name].shape[1:]:
                raise DataError(
                    "data.collate: all batches must have one shape where rows are read from files, "
                    f"found {name} of {part.shape[1:]} after others; pad to one fixed length"
                )
        yield parts
