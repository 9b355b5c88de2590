"""Threads that user code leaves behind: Python would wait for them for ever."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from sweep.runtime.exits import end_process

GRACE_SECONDS = 10.0
"""For threads that are about to end by themselves."""


@contextmanager
def ending_without_threads() -> Iterator[None]:
    """The process ends within GRACE_SECONDS of what is done inside, with the same exit code.

    Who waits is a thread that ends with the others: Python first lets go of pools that are idle.
    """
    code = 1
    try:
        yield
        code = 0
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
        raise
    finally:
        threading.Thread(target=_end_without_threads, args=(code,), daemon=True).start()


def _end_without_threads(code: int) -> None:
    time.sleep(GRACE_SECONDS)
    left = [t.name for t in threading.enumerate() if not t.daemon and t.is_alive()]
    others = [name for name in left if name != threading.main_thread().name]
    if others:
        end_process(code, f"ended without the thread {others[0]!r}, which was left running")
