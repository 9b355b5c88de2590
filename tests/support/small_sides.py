"""Sides of a comparison that take known time and memory, in a file that is quick to load."""

from __future__ import annotations

import time
from typing import Any


def make_sleeper(seconds: float) -> Any:
    def sleep(n: int) -> dict[str, float]:
        start = time.perf_counter()
        time.sleep(n * seconds)
        return {"runs": n, "seconds": time.perf_counter() - start}

    return sleep


def make_hoarder(megabytes: int) -> Any:
    def hoard(_: int) -> dict[str, float]:
        held = bytearray(b"x") * (megabytes * 2**20)
        return {"runs": 1, "seconds": float(len(held))}

    return hoard


def make_failure() -> Any:
    raise ValueError("no rows")
