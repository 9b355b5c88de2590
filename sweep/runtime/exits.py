"""``os._exit``, by which a guest would end a launch without a word and with code 0.

It stays what it was in processes that are forked from this one, and for whoever ends this one on
purpose (``end_process``).
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

_real_exit = os._exit
CHILDREN_SECONDS = 1.0
"""So long the end of a process waits for that of its children."""


class ExitCalled(SystemExit):
    """Somebody's function called ``os._exit``."""


class _Guests(threading.local):
    """How many calls of user code this thread is in."""

    depth = 0


guests = _Guests()


def end_process(code: int, line: str) -> None:
    """Ends this process at once, with a last line on stderr where somebody reads it."""
    try:
        # in a thread: this one may be a signal's, in the midst of what holds a lock
        ending = threading.Thread(target=_end_children, daemon=True)
        ending.start()
        ending.join(CHILDREN_SECONDS)
        os.write(2, f"{line}\n".encode())
    except OSError:
        pass  # the terminal is gone
    finally:
        _real_exit(code)


def _end_children() -> None:
    """Ends what ``multiprocessing`` started here, and gives back the semaphores that it shared
    with this process, as Python does at an exit of its own: they would outlive all of them, and
    be complained of.
    """
    if "multiprocessing.process" not in sys.modules:
        return
    from multiprocessing import active_children, util

    for child in active_children():
        child.kill()
    util._run_finalizers(0)  # type: ignore[attr-defined]


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
