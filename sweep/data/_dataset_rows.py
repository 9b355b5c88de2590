"""The rows of a torch ``Dataset``, each read once, where reading again gives the same.

A Dataset that augments at random gives other rows at every reading. Read once, it would be a frozen
data set whose validation rows are augmented too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain, islice
from typing import Any

from torch.utils.data import DataLoader, IterableDataset, default_collate

from sweep.data._collated_rows import check_order_kept, collated
from sweep.data._items import Item, check_alike, check_same, parts_of, read_item, rows_like, stacked
from sweep.data._loaders import rows_read
from sweep.data._padded_items import Extent, Padder, form_of
from sweep.data._padding import TARGETS, Padding
from sweep.data._stored_items import key_of_dataset, stored
from sweep.data.row_cache import RowCache
from sweep.errors import DataError

READ_TWICE = 16
"""Items, evenly spread, that are read twice: a flip with probability 1/2 escapes all of them once
in 65,000 times."""


@dataclass(frozen=True)
class Reading:
    """How the items of a Dataset become rows."""

    cache: RowCache | None = None
    """Where rows are that are too many for memory; None where all are held in it."""
    padding: Padding | None = None
    collate: Callable[..., Any] | None = None
    """What makes one batch of a list of items."""
    in_order: bool = False
    """Whether something beside the items is in their order."""


IN_MEMORY = Reading()
"""Items as they are, all of them held."""


class Items:
    """The items of a Dataset, by place or from its beginning to its end, as often as asked for."""

    def __init__(self, dataset: Any, change: Callable[[Item, int], Item] | None = None):
        self.dataset, self.change = dataset, change
        self.n: int | None = None if isinstance(dataset, IterableDataset) else len(dataset)
        """How many there are, where that is known."""

    def given(self) -> Iterator[Any]:
        """The items as the Dataset gives them."""
        if self.n is None:
            return iter(self.dataset)
        return (self.dataset[i] for i in range(self.n))

    def __iter__(self) -> Iterator[Item]:
        for i, given in enumerate(self.given()):
            item = read_item(given, i)
            yield item if self.change is None else self.change(item, i)

    def check_readings(self) -> None:
        """DataError where items, evenly spread or the first, are others at their second reading."""
        for i, once, again in self._twice():
            check_same(read_item(once, i), read_item(again, i), i)

    def _twice(self) -> Iterator[tuple[int, Any, Any]]:
        if self.n is None:
            pairs = zip(islice(self.given(), READ_TWICE), self.given(), strict=False)
            yield from ((i, once, again) for i, (once, again) in enumerate(pairs))
            return
        for i in range(0, self.n, max(1, self.n // READ_TWICE)):
            yield i, self.dataset[i], self.dataset[i]


def rows_of(dataset: Any, reading: Reading = IN_MEMORY, extent: Extent | None = None) -> Any:
    """(x, y) of a Dataset of pairs in its order, x (N, ...) one array or several; of one of dicts a
    dict of arrays.

    A Dataset may be read by place, or from its beginning to its end (``IterableDataset``); a
    DataLoader gives the rows of its Dataset that it reads, by its ``collate_fn`` where it is not
    torch's. Items are padded to ``extent``, by default their own. Raises DataError where there are
    no rows, or an item is neither or differs at its second reading.
    """
    dataset, collate = unwrapped(dataset, reading)
    items = Items(dataset)
    if collate is not None:
        if reading.in_order:
            check_order_kept(items.given, collate)
        return collated(items.given, items.n, collate, reading.cache)
    items.check_readings()
    first = next(iter(items), None)
    if first is None:
        raise DataError("data.name: a Dataset must have rows, found none; check what it gives")
    key, padding = key_of_dataset(dataset), reading.padding
    if padding is not None:
        key = key_of_dataset(dataset, *padding.facts)
        if key and reading.cache and extent is None and (entry := reading.cache.found(key)):
            return rows_like(form_of(first, padding), entry[0])
        items.change = Padder(padding, extent or Extent.of(items), first)
    return _held_or_stored(items, key, reading.cache)


def unwrapped(dataset: Any, reading: Reading) -> tuple[Any, Callable[..., Any] | None]:
    """The Dataset of a DataLoader, or what is none; and what collates its items, if not torch."""
    if not isinstance(dataset, DataLoader):
        return dataset, reading.collate
    own, rows = dataset.collate_fn, rows_read(dataset)
    if own is default_collate:
        return rows, reading.collate
    if reading.padding is not None or reading.collate is not None:
        key = "collate" if reading.padding is None else "pad"
        raise DataError(
            f"data.{key}: a DataLoader without a collate_fn of its own must be given beside it, "
            "found one; leave either out"
        )
    return rows, own


def _held_or_stored(items: Items, key: str | None, cache: RowCache | None) -> Any:
    held: list[Item] = []
    every, n_bytes = iter(items), 0
    for item in every:
        held.append(item)
        n_bytes += sum(part.nbytes for part in parts_of(item).values())
        expected = n_bytes if items.n is None else n_bytes // len(held) * items.n
        if cache is not None and cache.takes(expected):
            return stored(chain(held, every), held[0], key, items.n, cache)
    for i, item in enumerate(held):
        check_alike(item, held[0], i)
    return stacked(held)


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
