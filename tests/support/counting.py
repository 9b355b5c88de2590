"""What a call costs as it can be counted on any machine, however busy: calls, and memory."""

from __future__ import annotations

import sys
import tracemalloc
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Cost:
    """``n_calls`` of Python's and of C's functions; the ``most_bytes`` that were held at once."""

    n_calls: int
    most_bytes: int


def cost_of(job: Callable[[], object]) -> Cost:
    """What ``job`` costs in this thread."""
    n_calls, before = 0, sys.getprofile()

    def count(_frame: object, event: str, _argument: object) -> None:
        nonlocal n_calls
        n_calls += event in ("call", "c_call")

    tracemalloc.start()
    sys.setprofile(count)
    try:
        job()
    finally:
        sys.setprofile(before)
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    return Cost(n_calls, most)
