"""What must hold of a database's file before it is read or written."""

from __future__ import annotations

import os
from pathlib import Path

from sweep.errors import StoreError
from sweep.store._url import Address


def may_be_written(path: Path) -> bool:
    """Whether this process may write a file, or one yet to be made, and its folder."""
    folder = os.access(path.parent, os.W_OK)
    return folder and (not path.exists() or os.access(path, os.W_OK))


def check_exists(address: Address) -> None:
    """StoreError where there is no file to read."""
    path = address.path
    if path is not None and not path.is_file():
        what = "a directory" if path.is_dir() else "no file"
        raise StoreError(
            f"{address.masked_url}: a database must exist to be read, found {what}; "
            "run a study into it first, or correct the path"
        )


def check_writable(address: Address) -> None:
    """StoreError where no file can be written.

    A writer's log would stay beside a file of somebody else's, and lock its owner out.
    """
    path = address.path
    if path is None:
        return
    if not path.parent.is_dir():
        raise StoreError(
            f"{address.masked_url}: the database's folder must exist, found no {path.parent}; "
            "create it, or correct the path"
        )
    if path.exists() and not path.is_file():
        found = "a directory" if path.is_dir() else "something else, as a device or a pipe"
        raise StoreError(
            f"{address.masked_url}: a file must be named, found {found}; correct the path"
        )
    if not may_be_written(path):
        raise StoreError(
            f"{address.masked_url}: a database and its folder must be writable to be written, "
            "found them read-only; change their permissions, or choose another place"
        )
