"""Sides of a comparison that take known time and memory, in a file that is quick to load."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any


def make_meeter(mine: Path, other: Path, seconds: float) -> Any:
    """A turn ends when both sides have begun theirs."""

    def meet(n: int) -> dict[str, float]:
        mine.touch()
        for _ in range(60_000):
            if other.exists():
                return {"runs": n, "seconds": seconds}
            time.sleep(0.01)
        raise TimeoutError("the other side has not begun")

    return meet


def make_hoarder(megabytes: int) -> Any:
    def hoard(_: int) -> dict[str, float]:
        held = bytearray(b"x") * (megabytes * 2**20)
        return {"runs": 1, "seconds": float(len(held))}

    return hoard


def make_worker() -> Any:
    """A turn works for so many seconds of the processor, and waits for a while."""

    def work(seconds: int) -> dict[str, float]:
        end = time.process_time() + seconds
        while time.process_time() < end:
            pass
        time.sleep(0.6)
        return {"runs": 1, "seconds": 1.0}

    return work


def make_failure() -> Any:
    raise ValueError("no rows")
