"""What SQLite sees of the system, changed for a test: a full disk, a clock that was set back.

It asks the system through a table of calls that it lets anybody change (``sqlite3_vfs``). All files
- database, journal, log, shared memory - of every connection of this process go through it.
"""

from __future__ import annotations

import ctypes
import errno
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from ctypes import c_char_p, c_int, c_int64, c_size_t, c_ssize_t, c_void_p
from pathlib import Path
from typing import Any

import pytest

LIBRARY = "libsqlite3.so.0"
CALLS = (b"pwrite64", b"pwrite", b"write")
"""Whichever of them SQLite was built with is the one that it calls."""
N_METHODS, CLOCK = 13, 12
"""Methods of a file system before those that change the table of calls; the last tells the time."""


class FileSystem(ctypes.Structure):
    """``sqlite3_vfs``, version 3."""

    _fields_ = (
        ("version", c_int),
        ("file_bytes", c_int),
        ("longest_path", c_int),
        ("next", c_void_p),
        ("name", c_char_p),
        ("data", c_void_p),
        ("methods", c_void_p * N_METHODS),
        ("set_call", c_void_p),
        ("get_call", c_void_p),
        ("next_call", c_void_p),
    )


class Disk:
    """How many writes there were, and after how many there is no room."""

    def __init__(self, room: float):
        self.room, self.n_writes = room, 0

    def takes_one(self) -> bool:
        self.n_writes += 1
        return self.n_writes <= self.room


def file_system() -> Any:
    """SQLite's own; the test is skipped where it cannot be reached."""
    try:
        library = ctypes.CDLL(LIBRARY)
    except OSError:
        pytest.skip("SQLite is not a shared library here")
    library.sqlite3_vfs_find.restype = ctypes.POINTER(FileSystem)
    return library.sqlite3_vfs_find(None)


@contextmanager
def clock_ahead(seconds: float) -> Iterator[None]:
    """Inside, the clock of every SQLite database is ahead, or behind."""
    system = file_system()
    real = system.contents.methods[CLOCK]
    kind = ctypes.CFUNCTYPE(c_int, c_void_p, ctypes.POINTER(c_int64))

    def now(own: int, milliseconds: Any) -> int:
        code = int(kind(real)(own, milliseconds))
        milliseconds[0] += round(1000 * seconds)
        return code

    kept = kind(now)
    system.contents.methods[CLOCK] = ctypes.cast(kept, c_void_p).value
    try:
        yield
    finally:
        system.contents.methods[CLOCK] = real


@contextmanager
def disk_with(room: float) -> Iterator[Disk]:
    """Inside, SQLite's writes beyond the first ``room`` find no space left on the device."""
    system = file_system()
    set_type = ctypes.CFUNCTYPE(c_int, c_void_p, c_char_p, c_void_p)
    get_type = ctypes.CFUNCTYPE(c_void_p, c_void_p, c_char_p)
    own, disk = ctypes.cast(system, c_void_p), Disk(room)
    set_call, get_call = set_type(system.contents.set_call), get_type(system.contents.get_call)
    kept: list[Any] = []
    for name in CALLS:
        place = get_call(own, name)
        if place:
            kept.append(_counting(disk, name, place))
            assert set_call(own, name, ctypes.cast(kept[-1], c_void_p)) == sqlite3.SQLITE_OK
    try:
        yield disk
    finally:
        for name in CALLS:
            set_call(own, name, None)


def _counting(disk: Disk, name: bytes, place: int) -> Any:
    """A call like the one at ``place`` that fails where the disk takes no more."""
    offset = [] if name == b"write" else [c_int64]
    kind = ctypes.CFUNCTYPE(c_ssize_t, c_int, c_void_p, c_size_t, *offset, use_errno=True)
    real = kind(place)

    def call(*arguments: Any) -> int:
        if disk.takes_one():
            return int(real(*arguments))
        ctypes.set_errno(errno.ENOSPC)
        return -1

    return kind(call)


def sound(path: Path) -> bool:
    """Whether SQLite finds the file whole, with every row that another refers to."""
    connection = sqlite3.connect(path)
    try:
        whole = connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        return whole and not connection.execute("PRAGMA foreign_key_check").fetchall()
    finally:
        connection.close()
