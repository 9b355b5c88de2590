"""Entries that are being written: hidden folders, locked by the process that writes into them.

The system lets go of a lock when its process ends, however it ends. So another launch can wait for
an entry, and what a killed one left behind can be removed. Where there are no such locks (Windows,
some network file systems) nobody waits, and leftovers stay.
"""

from __future__ import annotations

import logging
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

logger = logging.getLogger("sweep")

ENDING = ".part"


@contextmanager
def partial_entry(folder: Path, key: str) -> Iterator[Path]:
    """A new folder for the entry of this key, locked until the block ends, and gone then."""
    hidden = folder / f".{key}.{secrets.token_hex(8)}"
    hidden.mkdir(parents=True)  # under its last name only when it is locked
    partial = hidden.with_name(hidden.name + ENDING)
    lock = _locked(hidden)
    try:
        hidden.rename(partial)
        yield partial
    finally:
        shutil.rmtree(partial, ignore_errors=True)
        if lock is not None:
            os.close(lock)


def wait_for(folder: Path, key: str) -> None:
    """Waits while another process writes the entry of this key."""
    for partial in folder.glob(f".{key}.*{ENDING}"):
        with suppress(OSError):  # its writer has just ended
            place = os.open(partial, os.O_RDONLY)
            try:
                if not _lock(place, wait=False):
                    logger.info("data: another launch decodes these rows into %s: waiting", folder)
                    _lock(place, wait=True)
            finally:
                os.close(place)


def remove_leftovers(folder: Path) -> None:
    """Removes what processes that were killed have left behind."""
    for partial in folder.glob(f".*{ENDING}"):
        lock = _locked(partial)
        if lock is not None:
            shutil.rmtree(partial, ignore_errors=True)
            os.close(lock)


def _locked(folder: Path) -> int | None:
    """The descriptor that holds the lock of a folder; None where it cannot be had."""
    try:
        place = os.open(folder, os.O_RDONLY)
    except OSError:  # gone, or a system whose folders cannot be opened
        return None
    if _lock(place, wait=False):
        return place
    os.close(place)
    return None


def _lock(place: int, wait: bool) -> bool:
    """Whether the lock of a folder could be had."""
    if fcntl is None:
        return False
    try:
        fcntl.flock(place, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
    except OSError:  # another process has it, or the file system has none
        return False
    return True
