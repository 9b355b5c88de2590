"""Rows as a source gives them, checked: finite numbers, plain targets, labels, and their hash."""

from __future__ import annotations

import hashlib

import numpy as np

from sweep.data._array_checks import check_lengths, read_inputs
from sweep.data._labels import IgnoreIndex, labelled
from sweep.data._row_columns import read_columns
from sweep.data._targets import inputs_as_targets, plain_targets
from sweep.data.rows import RawRows, Rows
from sweep.data.stored_array import StoredArray
from sweep.errors import DataError
from sweep.runtime.trees import first_leaf, length


def checked_rows(raw: RawRows, name: str, reconstructs: bool) -> Rows:
    """Rows of finite numbers, with plain targets and equally many of everything."""
    x = read_inputs(raw.x, length(raw.y), name)
    if reconstructs and isinstance(first_leaf(x), StoredArray):
        raise DataError(
            f'data.target: "input" needs rows that fit in memory, found {name} in a file of rows; '
            "give fewer rows, or the target yourself"
        )
    y = inputs_as_targets(x, name) if reconstructs else plain_targets(raw.y, name)
    check_lengths(x, y, name)
    return Rows(x, y, **read_columns(raw.beside, len(y)))


def with_labels(rows: Rows, ignore_index: IgnoreIndex, name: str) -> Rows:
    """The rows that have a label."""
    there = labelled(rows.y, ignore_index, name)
    return rows if there is None else rows.take(there)


def fingerprint_of(rows: Rows) -> str:
    digest = hashlib.sha256()
    for name, array in rows.arrays():
        digest.update(f"{name}{array.dtype}{array.shape}".encode())
        blocks = array.blocks() if isinstance(array, StoredArray) else (array,)
        for block in blocks:
            digest.update(np.ascontiguousarray(block).tobytes())
    return digest.hexdigest()
