"""Places that a person names: files there are whole or not there, and faults are one line."""

from __future__ import annotations

import errno
import os
import secrets
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sweep.errors import StoreError


@contextmanager
def told_places(option: str, path: Path) -> Iterator[None]:
    """What cannot be written there is the person's to mend: a StoreError that names the option."""
    try:
        yield
    except OSError as error:
        raise StoreError(
            f"{option}: a place that can be written must be given, found {path} "
            f"({error.strerror or error}); choose another"
        ) from error


def say(line: str) -> None:
    """Prints a line; StoreError where standard output takes no more.

    Whoever reads a pipe may close it (``| head -1``): then the program ends with code 1.
    """
    try:
        print(line, flush=True)
    except OSError as error:
        raise _refused_output(error) from error


@contextmanager
def told_output() -> Iterator[None]:
    """What others print inside, as a text of help, is told like ``say`` where nothing takes it.

    Standard streams that are closed (``>&-``) lead nowhere from here on: a file opened next would
    have their numbers, and what libraries print would go into it.
    """
    for stream in range(3):
        try:
            os.fstat(stream)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # the lowest free number
    try:
        yield
    finally:
        try:
            if sys.stdout is not None:
                sys.stdout.flush()
        except OSError as error:
            raise _refused_output(error) from error


def _refused_output(error: OSError) -> BaseException:
    """What to raise when standard output takes no more."""
    discard_output()
    if isinstance(error, BrokenPipeError):
        return SystemExit(1)
    return StoreError(
        f"standard output: a place that takes what is printed must be given, found "
        f"{error.strerror or error}; redirect it elsewhere"
    )


def complain(line: str) -> None:
    """Prints a line on stderr, where that takes anything: the exit code tells as much."""
    try:
        print(line, file=sys.stderr, flush=True)
    except OSError:
        discard_output(2)


def discard_output(stream: int = 1) -> None:
    """What is left in the buffer of stdout (or stderr, 2) would fail once more at the exit."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, stream)
    os.close(nowhere)


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
