"""Processes that runs leave behind, also those with a session of their own: found on Linux.

The process of a run, and the one that it was forked from, adopt what loses its parent below them
(``PR_SET_CHILD_SUBREAPER`` of prctl(2)). So orphans are their run's children while it lives, and
those of the process that forks runs once it has ended, which has no other children but runs.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import time
from collections.abc import Set
from contextlib import suppress
from pathlib import Path

SET_CHILD_SUBREAPER = 36
"""In <linux/prctl.h>."""
SECONDS_TO_DIE = 2.0
"""For what hangs in the kernel, which nothing can end."""


def adopt_orphans() -> None:
    """From now on, what loses its parent below this process becomes its child; where it can."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def kill_children(spared: Set[int] = frozenset()) -> None:
    """Kills the children of this process but for those that are spared, and what they leave."""
    end = time.monotonic() + SECONDS_TO_DIE
    while (found := _children() - spared) and time.monotonic() < end:
        for pid in found:
            with suppress(OSError):
                os.kill(pid, signal.SIGKILL)
            with suppress(ChildProcessError):
                os.waitpid(pid, os.WNOHANG)
        time.sleep(0.001)


def _children() -> set[int]:
    """Their numbers; none where the system does not list them."""
    found: set[int] = set()
    for path in Path("/proc/self/task").glob("*/children"):
        with suppress(OSError):  # of a thread that has ended
            found.update(map(int, path.read_text().split()))
    return found
