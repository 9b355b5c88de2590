"""One entry of the cache of rows: arrays in files, written some rows at a time, and read back."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from sweep.data.stored_array import StoredArray
from sweep.errors import DataError

ENTRY = "entry.json"
VERSION = 1
READ = 2**22
"""Bytes that are hashed at once."""


class EntryWriter:
    """Writes an entry into a folder. Arrays with one value a row are held in memory."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.n_rows = self.n_bytes = 0
        self._files: dict[str, BinaryIO] = {}
        self._hashes: dict[str, Any] = {}
        self._first: dict[str, tuple[np.dtype[Any], tuple[int, ...]]] = {}
        self._short: dict[str, list[np.ndarray]] = {}

    def __enter__(self) -> EntryWriter:
        return self

    def __exit__(self, *_: object) -> None:
        for file in self._files.values():
            file.close()

    def add(self, block: Mapping[str, np.ndarray]) -> None:
        """Appends rows; DataError where they are of another kind than the first."""
        if not self._first:
            self._first = {name: (array.dtype, array.shape[1:]) for name, array in block.items()}
        for name, array in block.items():
            kind = (array.dtype, array.shape[1:])
            first = self._first.get(name, (None, ()))
            if not (kind == first or _joins(array, first[0])) or block.keys() != self._first.keys():
                raise DataError(
                    f"data: all rows must be of one type and shape, found {name} of {kind[0]} "
                    f"{kind[1]} at row {self.n_rows} or later, after {first[0]} {first[1]}; make "
                    "them alike"
                )
            self._put(name, array)
        self.n_rows += len(next(iter(block.values())))
        self.n_bytes += sum(array.nbytes for array in block.values())

    def _put(self, name: str, array: np.ndarray) -> None:
        if array.dtype.kind == "O":  # its bytes are addresses
            raise DataError(
                f"data: {name} must hold numbers, words or dates of one type, found several, or "
                "others; convert it"
            )
        if array.ndim == 1:
            self._short.setdefault(name, []).append(array)
            return
        if array.dtype.kind not in "fiub":
            raise DataError(f"data: {name} must hold numbers, found {array.dtype}; encode it")
        if name not in self._files:
            number = list(self._first).index(name)
            self._files[name] = (self.folder / f"{number}.rows").open("wb")
            self._hashes[name] = hashlib.sha256()
        content = np.ascontiguousarray(array).data
        self._files[name].write(content)
        self._hashes[name].update(content)

    def close(self, facts: Mapping[str, Any]) -> str:
        """Ends the entry; the hash of all that it holds."""
        if not self.n_rows:
            raise DataError("data: rows must be there, found none; check the source")
        arrays = {}
        for number, (name, (dtype, row)) in enumerate(self._first.items()):
            path = self.folder / f"{number}.rows"
            if name in self._files:
                self._files[name].close()
            else:
                whole = np.concatenate(self._short[name])
                dtype, row, content = whole.dtype, whole.shape[1:], whole.tobytes()
                path.write_bytes(content)
                self._hashes[name] = hashlib.sha256(content)
            arrays[name] = {
                "file": path.name,
                "dtype": dtype.str,
                "shape": [self.n_rows, *row],
                "short": name in self._short,
                "sha256": self._hashes[name].hexdigest(),
            }
        entry = {"version": VERSION, "arrays": arrays, "facts": dict(facts)}
        text = json.dumps(entry)
        (self.folder / ENTRY).write_text(text)
        return hashlib.sha256(text.encode()).hexdigest()


def _joins(array: np.ndarray, first: np.dtype[Any] | None) -> bool:
    """Whether what rows have one value of goes on with words of other lengths, or with numbers of
    which some are whole.
    """
    kinds = "" if first is None else array.dtype.kind + first.kind
    return array.ndim == 1 and kinds in ("UU", "if", "fi")


def read_entry(folder: Path) -> tuple[dict[str, Any], dict[str, Any]] | None:
    """The arrays of an entry by name, and its facts; None where it is not there or not whole."""
    try:
        entry = json.loads((folder / ENTRY).read_text())
        if entry["version"] != VERSION:
            return None
        arrays = {name: _read(folder, own) for name, own in entry["arrays"].items()}
        return arrays, entry["facts"]
    except (OSError, ValueError, KeyError, TypeError, AttributeError, OverflowError):
        return None


def _read(folder: Path, own: Mapping[str, Any]) -> np.ndarray | StoredArray:
    """One array; ValueError where its file is another than was written."""
    path, dtype, shape = folder / own["file"], np.dtype(own["dtype"]), tuple(own["shape"])
    if _hash(path) != own["sha256"]:
        raise ValueError(f"{path} is not what was written")
    if own["short"]:
        return np.fromfile(path, dtype).reshape(shape)
    return StoredArray(np.memmap(path, dtype, "r", shape=shape))


def _hash(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(READ):
            digest.update(block)
    return digest.hexdigest()
