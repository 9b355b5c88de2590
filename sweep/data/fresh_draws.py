"""Data sets that are drawn anew from a seed."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

import numpy as np

from sweep.data._checked_rows import checked_rows, fingerprint_of, with_labels
from sweep.data._labels import IgnoreIndex
from sweep.data._row_sources import RowSource
from sweep.data._targets import Targets
from sweep.data.rows import Rows
from sweep.errors import DataError
from sweep.runtime.random_state import SEEDS
from sweep.runtime.trees import Tree, described, named_leaves

DRAWS_KEPT = 4
"""Raw draws kept beside the splits made of them; the test draw is the one used again."""


class FreshDraws:
    """Data sets by seed, the last few kept; each like the first in shape and unlike it in rows."""

    def __init__(
        self,
        source: RowSource,
        targets: Targets,
        first: Rows,
        fingerprint: str,
        ignore_index: IgnoreIndex,
    ):
        """``first`` is the draw of seed 0, kept like the others; ``fingerprint`` is its own."""
        self.source, self.targets = source, targets
        self.form, self.described = _form(first.x), described(first.x)
        self.ignore_index = ignore_index
        self._seed_of = {fingerprint: 0}
        self._first: Rows | None = first
        self._draw = lru_cache(maxsize=DRAWS_KEPT)(self._read)
        self._draw(0)  # keeps the first

    def __call__(self, seed: int) -> Rows:
        return self._draw(seed)

    def check_repeated(self) -> None:
        """Raises DataError where the same seed draws other rows a second time: a study could not
        be gone on with.
        """
        if fingerprint_of(self._rows(0)) not in self._seed_of:
            raise DataError(
                f"{self.source.name}: the same seed must draw the same rows, found others the "
                "second time; use it, as in np.random.default_rng(seed)"
            )

    def _rows(self, seed: int) -> Rows:
        """What the source draws, with encoded targets."""
        name = self.source.name
        rows = with_labels(
            checked_rows(self.source.read(seed), name, self.targets.shaped), self.ignore_index, name
        )
        return replace(rows, y=self.targets.encode(rows.y))

    def _read(self, seed: int) -> Rows:
        first_rows, self._first = self._first, None
        if first_rows is not None:
            return first_rows
        name, rows = self.source.name, self._rows(seed)
        if _form(rows.x) != self.form:
            raise DataError(
                f"{name}: every draw must have the shape of the first, found x "
                f"{described(rows.x)} after {self.described}; draw equally many rows"
            )
        seed %= SEEDS
        first = self._seed_of.setdefault(fingerprint_of(rows), seed)
        if first != seed:
            raise DataError(
                f"{name}: another seed must draw other rows, found the same for seeds {first} and "
                f'{seed}; use the seed, or set design = "resample"'
            )
        return rows


def _form(x: Tree[np.ndarray]) -> dict[str, tuple[tuple[int, ...], bool]]:
    """The shape of every input, and whether it holds numbers rather than names."""
    return {name: (array.shape, array.dtype.kind == "f") for name, array in named_leaves(x).items()}
