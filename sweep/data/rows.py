"""Rows of a data set: inputs and targets, and what else each row may have.

Inputs are one array or a tree of several (``runtime.trees``).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from sweep.runtime.arrays import to_numpy
from sweep.runtime.trees import Tree, is_tree, leaves, mapped, n_rows, named_leaves, taken


def joined(parts: Sequence[Any]) -> Any:
    """The inputs of several parts, one after the other."""
    return mapped(lambda *leaves: np.concatenate([to_numpy(leaf) for leaf in leaves]), *parts)


def as_table(x: Any) -> np.ndarray:
    """All inputs of rows side by side, (N, values) in float64."""
    parts = [to_numpy(leaf).reshape(n_rows(x), -1).astype(np.float64) for leaf in leaves(x)]
    return parts[0] if len(parts) == 1 else np.hstack(parts)


@dataclass(frozen=True)
class RawRows:
    """Rows as they are given, of any type: what is beside x and y by its key of ``[data]``."""

    x: Any
    y: Any
    beside: Mapping[str, Any] = field(default_factory=dict)
    features: tuple[str, ...] = ()
    """The names of a table's features."""
    table: bool = False
    """Whether they come from a table, whose columns have units of their own."""
    reconstructs: bool = False
    """Whether y is x, of a table without a column that the target names."""


@dataclass(frozen=True)
class Rows:
    """Checked rows; arrays (N,) beside x and y that the data do not have are None."""

    x: Tree[np.ndarray]
    """Inputs (N, ...), one array or several."""
    y: np.ndarray
    """Class numbers (N,), or numbers (N, outputs)."""
    weight: np.ndarray | None = None
    """How much each row counts, float64, 0 or more."""
    groups: np.ndarray | None = None
    """The number of each row's group, from 0 on."""
    part: np.ndarray | None = None
    """What each row is used for, as the place in PARTS."""
    time: np.ndarray | None = None
    """The number of each row's point in time, from 0 on."""

    def __len__(self) -> int:
        return len(self.y)

    def take(self, numbers: np.ndarray) -> Rows:
        """The rows of these numbers, or where a mask (N,) is true."""
        beside = {
            name: None if array is None else array[numbers] for name, array in self.beside().items()
        }
        return Rows(taken(self.x, numbers), self.y[numbers], **beside)

    def without_x(self) -> Rows:
        """The rows with their numbers as inputs, for what needs none: they cost nothing."""
        return replace(self, x=np.arange(len(self)))

    def beside(self) -> dict[str, np.ndarray | None]:
        """What rows may have beside x and y, by name."""
        return {name: getattr(self, name) for name in ("weight", "groups", "part", "time")}

    def arrays(self) -> Iterator[tuple[str, np.ndarray]]:
        """Every array that the rows have, by name; y and an x alone have none."""
        for name, leaf in named_leaves(self.x).items():
            yield name if is_tree(self.x) else "", leaf
        yield "", self.y
        for name, array in self.beside().items():
            if array is not None:
                yield name, array
