"""``os._exit``, by which a guest would end a launch without a word and with code 0.

It stays what it was in processes that are forked from this one, and for whoever ends this one on
purpose (``end_process``).
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager

_real_exit = os._exit


class ExitCalled(SystemExit):
    """Somebody's function called ``os._exit``."""


class _Guests(threading.local):
    """How many calls of user code this thread is in."""

    depth = 0


guests = _Guests()


def end_process(code: int, line: str) -> None:
    """Ends this process at once, with a last line on stderr where somebody reads it."""
    try:
        os.write(2, f"{line}\n".encode())
    except OSError:
        pass  # the terminal is gone
    finally:
        _real_exit(code)


@contextmanager
def watched_exits() -> Iterator[None]:
    """Inside, ``os._exit`` in user code raises ``ExitCalled``, which becomes one line that names
    the code; in a thread of somebody's own it ends the process with a line, and never with 0.
    """
    launch = os.getpid()

    def end(code: int) -> None:
        if os.getpid() != launch:
            _real_exit(code)
        if guests.depth:
            raise ExitCalled(code)
        end_process(code or 2, f"ended by os._exit({code!r}) in a thread that is not regsweep's")

    before, os._exit = os._exit, end  # type: ignore[assignment]
    try:
        yield
    finally:
        os._exit = before
