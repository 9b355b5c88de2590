"""What commands print, and what becomes of it where nothing takes it."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from sweep.errors import StoreError


def echo(line: str) -> None:
    """Prints a line; StoreError where standard output takes no more.

    Whoever reads a pipe may close it (``| head -1``): then the program ends with code 1.
    """
    try:
        print(line, flush=True)
    except (OSError, ValueError) as error:
        raise _refused_output(error) from error


@contextmanager
def reporting_output_errors() -> Iterator[None]:
    """What others print inside, as a text of help, is shown like ``echo`` where nothing takes it.

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
        except (OSError, ValueError) as error:
            raise _refused_output(error) from error


def _refused_output(error: OSError | ValueError) -> BaseException:
    """What to raise when standard output takes no more; a study's code may have closed it."""
    if isinstance(error, ValueError) and not sys.stdout.closed:
        return error
    discard_output()
    if isinstance(error, BrokenPipeError):
        return SystemExit(1)
    return StoreError(
        f"standard output: a place that takes what is printed must be given, found "
        f"{getattr(error, 'strerror', '') or error}; redirect it elsewhere"
    )


def echo_error(line: str) -> None:
    """Prints a line on stderr, where that takes anything: the exit code says as much."""
    try:
        print(line, file=sys.stderr, flush=True)
    except OSError:
        discard_output(2)


def discard_output(stream: int = 1) -> None:
    """What is left in the buffer of stdout (or stderr, 2) would fail once more at the exit."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, stream)
    os.close(nowhere)
