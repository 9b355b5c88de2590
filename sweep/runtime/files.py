"""Output files: they are whole or not there at all, and what fails becomes one line."""

from __future__ import annotations

import errno
import secrets
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sweep.errors import StoreError

UNPRINTED = ("Cc", "Cs")
"""Unicode's categories of control characters, and of bytes that are no characters."""


@contextmanager
def reporting_file_errors(option: str, path: Path) -> Iterator[None]:
    """A context in which an OSError becomes a StoreError that names the option and the path."""
    try:
        yield
    except OSError as error:
        raise StoreError(
            f"{option}: a place that can be written must be given, found {_in_a_line(path)} "
            f"({error.strerror or error}); choose another"
        ) from error


def new_folder(option: str, path: str | Path) -> Path:
    """The folder of that name, which is made if need be.

    StoreError for one that cannot be made, for an empty name, which would be the folder that one
    is in, and for characters that no text can hold.
    """
    name = str(path)
    if not name.strip() or any(unicodedata.category(letter) in UNPRINTED for letter in name):
        raise StoreError(
            f"{option}: a folder must be named in plain characters, found {name!r}; name another"
        )
    folder = Path(path)
    with reporting_file_errors(option, folder):
        folder.mkdir(parents=True, exist_ok=True)
    return folder


def _in_a_line(path: Path) -> str:
    return str(path) if str(path).isprintable() else repr(str(path))


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
