"""The rows that the runs of a population visit: splits side by side, one gather for a batch.

Legend: R runs, B rows of a batch.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import partial

import numpy as np
import torch
from torch import Tensor

from sweep.data.resampling import permutation
from sweep.data.splits import Split
from sweep.runtime.device import to_device
from sweep.runtime.trees import Tree, mapped, moved

MOST_ORDERS = 256
"""Orders of rows that are kept on a device, or two for every slot where those are more."""


class BatchSource:
    """The splits in use. A run's *source* is the place of its split."""

    def __init__(self, device: torch.device):
        self.device = device
        self.keys: list[object] = []
        self.splits: list[Split] = []
        self._batches: dict[str, tuple[object, list[tuple[int, Tensor, Tensor | None]]]] = {}
        self._orders = _OrdersOnDevice(device)
        self.parts: dict[str, tuple[Tree[Tensor], Tensor, list[int], list[int]]] = {}
        """x and y of all splits one after the other, where each begins, and how long it is."""
        self.weights: dict[str, Tensor] = {}
        """The weights (N,) of the rows of ``parts``, where rows have weights."""

    def add(self, key: object, split: Split, in_use: Iterable[int]) -> dict[int, int]:
        """Append a split, drop those not in use; returns the new place of each old one."""
        kept = sorted(set(in_use))
        moved = {old: new for new, old in enumerate(kept)}
        self.keys = [self.keys[i] for i in kept] + [key]
        self.splits = [self.splits[i] for i in kept] + [split]
        self._lay_out()
        return moved

    def _lay_out(self) -> None:
        self.parts, self.weights, self._batches = {}, {}, {}
        for part in ("train", "validation", "test"):
            xs = [getattr(split, f"x_{part}") for split in self.splits]
            ys = [getattr(split, f"y_{part}") for split in self.splits]
            sizes = [0 if y is None else len(y) for y in ys]
            starts = [0, *np.cumsum(sizes).tolist()[:-1]]
            xs, ys = [x for x in xs if x is not None], [y for y in ys if y is not None]
            if xs:
                x, y = mapped(_in_a_row, *xs), _in_a_row(*ys)
                self.parts[part] = (moved(x, self.device), y.to(self.device), starts, sizes)
            weights = [getattr(split, f"w_{part}") for split in self.splits]
            weights = [weight for weight in weights if weight is not None]
            if weights:
                self.weights[part] = torch.cat(weights).to(self.device)

    def batches(
        self, part: str, sources: Sequence[int], n_rows: int
    ) -> Iterator[tuple[int, Tree[Tensor], Tensor, Tensor | None, Tensor | None]]:
        """All rows of one part for runs of these sources: first row, x (R, B, ...), y (R, B, ...).

        With them their weights (R, B), or None for 1 each, and which rows are there (R, B), or None
        for all: parts differ in length. Runs of one source see one copy of its rows.
        """
        x, y, starts, sizes = self.parts[part]
        weight, n_runs = self.weights.get(part), len(sources)
        if len(set(sources)) == 1:
            start, size = starts[sources[0]], sizes[sources[0]]
            for a in range(0, size, n_rows):
                own = slice(start + a, start + min(a + n_rows, size))
                shared = partial(_shared, own=own, n_runs=n_runs)
                ws = None if weight is None else shared(weight)
                yield a, mapped(shared, x), shared(y), ws, None
            return
        for a, flat, there in self._rows_of(part, tuple(sources), n_rows):
            gathered = partial(_gathered, flat=flat, n_runs=n_runs)
            ws = None if weight is None else gathered(weight)
            yield a, mapped(gathered, x), gathered(y), ws, there

    def _rows_of(
        self, part: str, sources: tuple[int, ...], n_rows: int
    ) -> list[tuple[int, Tensor, Tensor | None]]:
        """First row, rows (R * B,) and which are there (R, B) of every batch; the last answer for
        a part is kept, since the next epoch asks the same.
        """
        last = self._batches.get(part)
        if last is None or last[0] != (sources, n_rows):
            _, _, starts, sizes = self.parts[part]
            start, size = (np.array([values[s] for s in sources]) for values in (starts, sizes))
            found: list[tuple[int, Tensor, Tensor | None]] = []
            for a in range(0, max(size), n_rows):
                b = min(a + n_rows, max(size))
                rows = np.minimum(np.arange(a, b), size[:, None] - 1) + start[:, None]
                there = None
                if b > min(size):
                    there = to_device(
                        torch.from_numpy(np.arange(a, b) < size[:, None]), self.device
                    )
                found.append((a, to_device(torch.from_numpy(rows.ravel()), self.device), there))
            last = self._batches[part] = ((sources, n_rows), found)
        return last[1]

    def order(
        self, visits: Sequence[tuple[int, int, int]], wide: int, n_steps: int, batch: int
    ) -> Tensor:
        """Training rows (n_steps, R * B) for runs given as (source, seed, epoch).

        R is ``wide``; slots beyond the given runs see row 0 over and over.

        There are two ways on purpose. A device is sent each order once, however many runs share
        it: thousands of slots would send tens of MB in every epoch. On a CPU nothing is sent, and
        the same table would cost memory and 1.4 times the time of the plain way.
        """
        _, _, starts, sizes = self.parts["train"]
        orders = [(seed, epoch, sizes[source]) for source, seed, epoch in visits]
        first = [starts[source] for source, _, _ in visits]
        if self.device.type == "cpu":
            return _order_on_cpu(orders, first, wide, n_steps, batch)
        rows = self._orders.of(orders, n_steps * batch, wide)
        first += [0] * (wide - len(visits))
        rows += to_device(torch.tensor(first), self.device)[:, None]
        return rows.view(wide, n_steps, batch).transpose(0, 1).reshape(n_steps, -1)


def _in_a_row(*tensors: Tensor) -> Tensor:
    """The rows of one tensor after those of the other."""
    return tensors[0] if len(tensors) == 1 else torch.cat(tensors)


def _shared(tensor: Tensor, own: slice, n_runs: int) -> Tensor:
    """The same rows (R, B, ...) for all runs."""
    rows = tensor[own]
    return rows.expand(n_runs, *rows.shape)


def _gathered(tensor: Tensor, flat: Tensor, n_runs: int) -> Tensor:
    """Rows (R, B, ...), each run's own, given by their places (R * B,)."""
    return tensor.index_select(0, flat).view(n_runs, -1, *tensor.shape[1:])


def _order_on_cpu(
    orders: Sequence[tuple[int, int, int]],
    first: Sequence[int],
    wide: int,
    n_steps: int,
    batch: int,
) -> Tensor:
    """Rows (n_steps, R * B) of orders given as (seed, epoch, number of rows) from ``first`` on."""
    n = n_steps * batch
    rows = np.zeros((wide, n), dtype=np.int64)
    for i, (order, start) in enumerate(zip(orders, first, strict=True)):
        rows[i] = permutation(*order)[:n]
        rows[i] += start
    by_run = rows.reshape(wide, n_steps, batch).transpose(1, 0, 2)
    return torch.from_numpy(np.ascontiguousarray(by_run).reshape(n_steps, -1))


class _OrdersOnDevice:
    """The orders of rows that were asked for last, kept on a GPU: runs of one seed share them."""

    def __init__(self, device: torch.device):
        self.device = device
        self._places: dict[tuple[int, int, int], int] = {}
        self._table = torch.zeros((0, 0), dtype=torch.int32, device=device)

    def of(self, visits: Sequence[tuple[int, int, int]], n: int, wide: int) -> Tensor:
        """The first ``n`` rows (wide, n) of the orders of these (seed, epoch, number of rows);
        row 0 over and over beyond them.
        """
        new = [v for v in dict.fromkeys(visits) if v not in self._places]
        room = max(2 * wide, MOST_ORDERS)
        if self._table.shape[1] != n or len(self._places) + len(new) >= room:
            new = list(dict.fromkeys(visits))
            self._places = {}
            if self._table.shape != (room + 1, n):
                self._table = torch.zeros((room + 1, n), dtype=torch.int32, device=self.device)
        if new:
            start = len(self._places) + 1  # the first row stays 0
            rows = np.stack([permutation(*visit)[:n] for visit in new]).astype(np.int32)
            self._table[start : start + len(new)] = to_device(torch.from_numpy(rows), self.device)
            self._places |= {visit: start + i for i, visit in enumerate(new)}
        places = [self._places[visit] for visit in visits] + [0] * (wide - len(visits))
        return self._table[to_device(torch.tensor(places), self.device)].long()
