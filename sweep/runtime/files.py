"""Output files: they are whole or not there at all, and what fails becomes one line."""

from __future__ import annotations

import errno
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sweep.errors import StoreError


@contextmanager
def reporting_file_errors(option: str, path: Path) -> Iterator[None]:
    """A context in which an OSError becomes a StoreError that names the option and the path."""
    try:
        yield
    except OSError as error:
        raise StoreError(
            f"{option}: a place that can be written must be given, found {path} "
            f"({error.strerror or error}); choose another"
        ) from error


@contextmanager
def atomic_file(path: Path) -> Iterator[Path]:
    """A new file beside ``path`` to write into; it replaces ``path`` at the end, or vanishes.

    OSError where something is that is no file: a device would be replaced, too.
    """
    if path.exists() and not path.is_file():
        raise FileExistsError(errno.EEXIST, "no file that could be replaced", str(path))
    partial = path.with_name(f".{secrets.token_hex(8)}.part")
    try:
        yield partial
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
