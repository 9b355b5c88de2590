"""Rows of a data set: inputs and targets, and what else each row may have.

Whoever counts rows or takes some of them asks the two functions below, so that a form of inputs has
one home.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from sweep.runtime.arrays import to_numpy

TRAINING, VALIDATION, TEST = PARTS = ("training", "validation", "test")
"""What rows are used for; ``Rows.part`` holds their places in this list."""
BESIDE = ("groups", "time", "split", "weight")
"""What data may have for every row beside x and y, by the key of ``[data]`` that names it."""


def n_rows_of(x: Any) -> int:
    """How many rows inputs have."""
    return len(x)


def rows_at(x: Any, numbers: np.ndarray) -> Any:
    """The inputs of these rows."""
    return x[numbers]


def joined(parts: Sequence[Any]) -> Any:
    """The inputs of several parts, one after the other."""
    return np.concatenate([to_numpy(part) for part in parts])


@dataclass(frozen=True)
class RawRows:
    """Rows as they are given, of any type: what is beside x and y by its name in ``BESIDE``."""

    x: Any
    y: Any
    beside: Mapping[str, Any] = field(default_factory=dict)
    features: tuple[str, ...] = ()
    """The names of a table's features."""
    table: bool = False
    """Whether they come from a table, whose columns have units of their own."""


@dataclass(frozen=True)
class Rows:
    """Checked rows; arrays (N,) beside x and y that the data do not have are None."""

    x: Any
    """Inputs (N, ...)."""
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
        return n_rows_of(self.x)

    def take(self, numbers: np.ndarray) -> Rows:
        """The rows of these numbers, or where a mask (N,) is true."""
        beside = {
            name: None if array is None else array[numbers] for name, array in self.beside().items()
        }
        return Rows(rows_at(self.x, numbers), self.y[numbers], **beside)

    def beside(self) -> dict[str, np.ndarray | None]:
        """What rows may have beside x and y, by name."""
        return {name: getattr(self, name) for name in ("weight", "groups", "part", "time")}

    def arrays(self) -> Iterator[tuple[str, np.ndarray]]:
        """Every array that the rows have, by name; x and y have none."""
        yield "", self.x
        yield "", self.y
        for name, array in self.beside().items():
            if array is not None:
                yield name, array
