"""The rows that the runs of a population visit: splits side by side, one gather for a batch.

Legend: R runs, B rows of a batch.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import numpy as np
import torch
from torch import Tensor

from sweep.data.resampling import permutation
from sweep.data.splits import Split


class Bank:
    """The splits in use. A run's *source* is the place of its split."""

    def __init__(self, device: torch.device):
        self.device = device
        self.keys: list[object] = []
        self.splits: list[Split] = []
        self.parts: dict[str, tuple[Tensor, Tensor, list[int], list[int]]] = {}
        """x and y of all splits one after the other, where each begins, and how long it is."""

    def add(self, key: object, split: Split, in_use: Iterable[int]) -> dict[int, int]:
        """Append a split, drop those not in use; returns the new place of each old one."""
        kept = sorted(set(in_use))
        moved = {old: new for new, old in enumerate(kept)}
        self.keys = [self.keys[i] for i in kept] + [key]
        self.splits = [self.splits[i] for i in kept] + [split]
        self._lay_out()
        return moved

    def _lay_out(self) -> None:
        self.parts = {}
        for part in ("train", "validation", "test"):
            xs = [getattr(split, f"x_{part}") for split in self.splits]
            ys = [getattr(split, f"y_{part}") for split in self.splits]
            sizes = [0 if x is None else len(x) for x in xs]
            starts = [0, *np.cumsum(sizes).tolist()[:-1]]
            xs, ys = [x for x in xs if x is not None], [y for y in ys if y is not None]
            if xs:
                x, y = (
                    tensors[0] if len(tensors) == 1 else torch.cat(tensors) for tensors in (xs, ys)
                )
                self.parts[part] = (x.to(self.device), y.to(self.device), starts, sizes)

    def batches(
        self, part: str, sources: Sequence[int], n_rows: int
    ) -> Iterator[tuple[int, Tensor, Tensor, Tensor | None]]:
        """All rows of one part for runs of these sources: first row, x (R, B, ...), y (R, B, ...).

        With them which rows are there (R, B), or None for all: parts differ in length. Runs of one
        source see one copy of its rows.
        """
        x, y, starts, sizes = self.parts[part]
        start, size = ([values[s] for s in sources] for values in (starts, sizes))
        shape = (len(sources), -1)
        for a in range(0, max(size), n_rows):
            b = min(a + n_rows, max(size))
            if len(set(sources)) == 1:
                own = slice(start[0] + a, start[0] + b)
                xs, ys = (t[own].expand(len(sources), *t[own].shape) for t in (x, y))
                yield a, xs, ys, None
                continue
            rows = np.minimum(np.arange(a, b), np.array(size)[:, None] - 1)
            flat = torch.from_numpy((rows + np.array(start)[:, None]).ravel()).to(self.device)
            there = None
            if b > min(size):
                real = np.arange(a, b) < np.array(size)[:, None]
                there = torch.from_numpy(real).to(self.device)
            xs = x.index_select(0, flat).view(*shape, *x.shape[1:])
            yield a, xs, y.index_select(0, flat).view(*shape, *y.shape[1:]), there

    def order(
        self, visits: Sequence[tuple[int, int, int]], wide: int, n_steps: int, batch: int
    ) -> Tensor:
        """Training rows (n_steps, R * B) for runs given as (source, seed, epoch).

        R is ``wide``; slots beyond the given runs see row 0 over and over.
        """
        _, _, starts, sizes = self.parts["train"]
        order = np.zeros((wide, n_steps * batch), dtype=np.int64)
        for i, (source, seed, epoch) in enumerate(visits):
            order[i] = permutation(seed, epoch, sizes[source])[: n_steps * batch]
            order[i] += starts[source]
        by_step = order.reshape(wide, n_steps, batch).transpose(1, 0, 2)
        return torch.from_numpy(np.ascontiguousarray(by_step).reshape(n_steps, -1)).to(self.device)
