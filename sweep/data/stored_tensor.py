"""A tensor whose rows are in a file, read when they are taken.

Taking rows (by a slice, by places, by ``index_select``) reads these rows alone, and putting several
one after the other reads nothing. Whatever else is done to it is done to all its rows in memory, so
nothing that takes a tensor can be wrong about it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.utils._pytree import tree_map

from sweep.data.stored_array import StoredArray

aten = torch.ops.aten


class StoredTensor(Tensor):
    """Rows (N, ...) of one stored array, or of several one after the other."""

    arrays: tuple[StoredArray, ...]
    starts: np.ndarray

    @staticmethod
    def __new__(cls, arrays: Sequence[StoredArray], dtype: torch.dtype) -> StoredTensor:
        n, row = sum(map(len, arrays)), arrays[0].shape[1:]
        made = torch.Tensor._make_wrapper_subclass(cls, (n, *row), dtype=dtype)
        made.arrays = tuple(arrays)
        made.starts = np.cumsum([0, *map(len, arrays)])
        return made

    @property
    def nbytes(self) -> int:  # type: ignore[override]
        """What is held in memory."""
        return sum(array.nbytes for array in self.arrays)

    def __repr__(self, **_: Any) -> str:  # type: ignore[override]
        return f"StoredTensor({tuple(self.shape)}, {self.dtype})"

    def read(self, places: np.ndarray) -> Tensor:
        """The rows at these places (n,), in memory."""
        places = np.where(places < 0, places + len(self), places)
        if len(places) and not 0 <= places.min() <= places.max() < len(self):
            raise IndexError(f"rows from 0 to {len(self) - 1} must be asked for")
        if len(self.arrays) == 1:
            return self._typed(self.arrays[0].read(places))
        owner = np.searchsorted(self.starts, places, side="right") - 1
        found = torch.empty((len(places), *self.shape[1:]), dtype=self.dtype)
        for one in np.unique(owner):
            own = np.flatnonzero(owner == one)
            rows = self.arrays[one].read(places[own] - self.starts[one])
            found[torch.from_numpy(own)] = self._typed(rows)
        return found

    def _typed(self, rows: np.ndarray) -> Tensor:
        return torch.from_numpy(rows).to(self.dtype)

    def whole(self) -> Tensor:
        """All rows in memory."""
        return self.read(np.arange(len(self)))

    def numpy(self, *, force: bool = False) -> np.ndarray:
        """All rows in memory, for what knows arrays alone."""
        found: np.ndarray = self.whole().numpy(force=force)
        return found

    def __array__(self, dtype: Any = None) -> np.ndarray:
        return self.numpy() if dtype is None else self.numpy().astype(dtype)

    @classmethod
    def __torch_dispatch__(  # type: ignore[override]
        cls,
        func: Callable[..., Any],
        types: Sequence[type],
        args: tuple[Any, ...] = (),
        kwargs: dict[str, Any] | None = None,
    ) -> Any:
        kwargs = kwargs or {}
        reader = _READERS.get(func)
        found = None if reader is None else reader(*args, **kwargs)
        if found is not None:
            return found
        return func(*tree_map(_in_memory, args), **tree_map(_in_memory, kwargs))


def _in_memory(value: Any) -> Any:
    return value.whole() if isinstance(value, StoredTensor) else value


def _select(x: Any, dim: int, index: int) -> Tensor | None:
    return x.read(np.array([index]))[0] if dim == 0 else None


def _slice(
    x: Any, dim: int = 0, start: int | None = None, end: int | None = None, step: int = 1
) -> Tensor | None:
    if dim != 0:
        return None
    return x.read(np.arange(len(x))[slice(start, end, step)])  # type: ignore[no-any-return]


def _index(x: Any, indices: Sequence[Tensor | None]) -> Tensor | None:
    places = indices[0]
    if len(indices) != 1 or places is None or places.dtype is torch.bool:
        return None
    found = x.read(places.reshape(-1).cpu().numpy())
    return found.view(*places.shape, *x.shape[1:])  # type: ignore[no-any-return]


def _index_select(x: Any, dim: int, index: Tensor, *, out: Tensor | None = None) -> Tensor | None:
    if dim != 0 or not isinstance(x, StoredTensor):
        return None
    found = x.read(index.cpu().numpy())
    return found if out is None else out.copy_(found)


def _cat(tensors: Sequence[Any], dim: int = 0) -> Tensor | None:
    alike = {(type(one), one.dtype) for one in tensors}
    if dim != 0 or len(alike) != 1:
        return None
    return StoredTensor([a for one in tensors for a in one.arrays], tensors[0].dtype)


def _same(x: Any) -> Any:
    return x


def _new_zeros(x: Any, size: Sequence[int], **options: Any) -> Tensor:
    return torch.zeros(tuple(size), dtype=options.get("dtype") or x.dtype)


_READERS: dict[Any, Callable[..., Any]] = {
    aten.select.int: _select,
    aten.slice.Tensor: _slice,
    aten.index.Tensor: _index,
    aten.index_select.default: _index_select,
    aten.index_select.out: _index_select,
    aten.cat.default: _cat,
    aten.detach.default: _same,
    aten.new_zeros.default: _new_zeros,
    aten.new_empty.default: _new_zeros,
}
