"""Places that a person names: files there are whole or not there, and faults are one line."""

from __future__ import annotations

import errno
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sweep.errors import StoreError


@contextmanager
def reporting_file_errors(option: str, path: Path) -> Iterator[None]:
    """What cannot be written there is the person's to mend: a StoreError that names the option."""
    try:
        yield
    except OSError as error:
        raise StoreError(
            f"{option}: a place that can be written must be given, found {path} "
            f"({error.strerror or error}); choose another"
        ) from error


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """A new file beside ``path`` to write into, which takes its place at the end, or vanishes.

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
