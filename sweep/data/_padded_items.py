"""Items of unequal lengths, padded to the longest: each array may differ in one dimension.

(steps, channels) is padded as (channels, steps) is.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from sweep.data._items import TARGET, Item, keys_of, parts_of
from sweep.data._padding import Padding
from sweep.errors import DataError
from sweep.runtime.trees import is_tree


@dataclass
class Extent:
    """The shortest and the longest of every part of items, dimension by dimension."""

    lowest: dict[str, np.ndarray]
    highest: dict[str, np.ndarray]

    @classmethod
    def of(cls, items: Iterable[Item]) -> Extent:
        """That of all items; DataError where they have other parts or dimensions."""
        extent = cls({}, {})
        for i, item in enumerate(items):
            shapes = {name: np.array(part.shape, int) for name, part in parts_of(item).items()}
            extent._add(cls(shapes, shapes), f" at item {i}")
        return extent

    @classmethod
    def joined(cls, extents: Iterable[Extent]) -> Extent:
        """That of the items of all; DataError where they have other parts or dimensions."""
        whole = cls({}, {})
        for extent in extents:
            whole._add(extent, "")
        return whole

    def _add(self, other: Extent, where: str) -> None:
        if not self.lowest:
            self.lowest, self.highest = dict(other.lowest), dict(other.highest)
        for name in self.lowest.keys() | other.lowest.keys():
            low, own = self.lowest.get(name), other.lowest.get(name)
            if low is None or own is None or len(own) != len(low):
                raise DataError(
                    "data.pad: all items must have the same parts with equally many dimensions, "
                    f"found {name} otherwise{where}; make them alike"
                )
            self.lowest[name] = np.minimum(low, own)
            self.highest[name] = np.maximum(self.highest[name], other.highest[name])

    def axes(self) -> dict[str, int]:
        """The dimension in which a part differs, by its name; parts of one shape have none."""
        found = {}
        for name, low in self.lowest.items():
            differing = np.flatnonzero(low != self.highest[name])
            if len(differing) > 1:
                raise DataError(
                    f"data.pad: items may differ in one dimension, found shapes of {name} from "
                    f"{tuple(map(int, low))} to {tuple(map(int, self.highest[name]))}; crop or "
                    "resize the others, or give data.collate"
                )
            if len(differing):
                found[name] = int(differing[0])
        return found


class Padder:
    """Makes items alike whose extent is known."""

    def __init__(self, padding: Padding, extent: Extent, first: Item):
        """``first`` is an item, whose form is that of all."""
        self.padding, self.extent = padding, extent
        self.axes, self.keys = extent.axes(), keys_of(first)
        self.targets = set(padding.targets) if isinstance(first, dict) else {TARGET}
        self.inputs = [
            name
            for name in extent.lowest
            if name not in self.targets
            and (name not in padding.beside or not isinstance(first, dict))
        ]
        self.measured = self._measured()

    def __call__(self, item: Item, i: int) -> Item:
        """The item in the shape of all, with its mask and its length where they are asked for."""
        parts = parts_of(item)
        padded = {name: self._filled(name, part, i) for name, part in parts.items()}
        if not self.padding.further:
            return joined(item, padded, {})
        name = self.measured[0]
        whole = int(self.extent.highest[name][self.axes.get(name, 0)])
        length, further = self._length(parts, i), {}
        if self.padding.mask is not None:
            further[self.padding.mask] = (np.arange(whole) < length).astype(np.int64)
        if self.padding.lengths is not None:
            further[self.padding.lengths] = np.array(length, np.int64)
        return joined(item, padded, further)

    def _measured(self) -> list[str]:
        """The inputs whose lengths are those of rows: all that differ, or else the first."""
        long = [name for name in self.inputs if len(self.extent.lowest[name])]
        found = [name for name in long if name in self.axes] or long[:1]
        if not self.padding.further:
            return found
        if not found:
            raise DataError(
                "data.mask, data.lengths: an input with a length must be there, found single "
                "numbers alone; leave the keys out"
            )
        if found[0] not in self.axes and len(shape := self.extent.lowest[found[0]]) > 1:
            raise DataError(
                "data.mask, data.lengths: items must show which dimension is their length, found "
                f"{found[0]} of {tuple(map(int, shape))} in all of them; leave the keys out, as "
                "nothing is padded"
            )
        return found

    def _length(self, parts: Mapping[str, np.ndarray], i: int) -> int:
        lengths = {name: int(parts[name].shape[self.axes.get(name, 0)]) for name in self.measured}
        if len(set(lengths.values())) > 1:
            found = ", ".join(f"{name} of {n}" for name, n in lengths.items())
            raise DataError(
                f"data.{'lengths' if self.padding.mask is None else 'mask'}: all inputs of an item "
                f"must have one length, found {found} at item {i}; give data.collate, which makes "
                "what the network needs"
            )
        return next(iter(lengths.values()))

    def _filled(self, name: str, part: np.ndarray, i: int) -> np.ndarray:
        if name not in self.axes:
            return part
        if name in self.targets:
            number = self.padding.label_for(part.dtype)
        elif not part.size:
            raise DataError(
                f"data.pad: every item must have a value, found {name} empty at item {i}; leave "
                "such items out"
            )
        else:
            self._check_unscaled(name, part.dtype)
            number = self.padding.number(self.keys[name], part.dtype)
        filled = np.full(tuple(self.extent.highest[name]), number, part.dtype)
        filled[tuple(slice(n) for n in part.shape)] = part
        return filled

    def _check_unscaled(self, name: str, dtype: np.dtype) -> None:
        """DataError where padding would enter what rows are scaled by."""
        alone = len(self.inputs) == 1 and not self.padding.further
        if self.padding.scaled and (alone or dtype.kind == "f"):
            raise DataError(
                f"data.standardize: padding would enter the means and deviations of {name}, found "
                "true with data.pad; leave it out, and scale items before"
            )


def form_of(item: Item, padding: Padding) -> Item:
    """An item as its row will be, but for its numbers."""
    return joined(item, dict(parts_of(item)), dict.fromkeys(padding.further, np.zeros(())))


def joined(item: Item, parts: dict[str, np.ndarray], further: dict[str, np.ndarray]) -> Item:
    """An item of the form of another with these parts, and further inputs behind them."""
    keys = keys_of(item)
    if twice := further.keys() & set(keys.values()):
        raise DataError(
            "data.mask, data.lengths: a name of its own must be given, found "
            f"{min(twice)!r}, which items have already; choose another"
        )
    if isinstance(item, dict):
        return {**parts, **further}
    inputs = {keys[name]: part for name, part in parts.items() if name != TARGET}
    if isinstance(item[0], dict):
        return {**inputs, **further}, parts[TARGET]
    several = (*inputs.values(), *further.values())
    return (several if is_tree(item[0]) or further else several[0]), parts[TARGET]
