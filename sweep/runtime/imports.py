"""Imports of much at once, without what Python does meanwhile for nothing."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def quick_imports() -> Iterator[None]:
    """Inside, Python's collector rests: nearly all that modules make stays, and to look through it
    again and again takes a third of the time that torch takes to load. Afterwards it leaves alone
    what is there by then.
    """
    collects = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collects:
            gc.freeze()
            gc.enable()
