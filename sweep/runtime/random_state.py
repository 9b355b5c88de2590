"""The global random states of Python and numpy: seeded for user code, and put back."""

from __future__ import annotations

import random
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np

DRAWING = threading.RLock()
"""Held by a thread that draws from the global random states while others may: there is one of each
for all threads."""

SEEDS = 2**32
"""Seeds that a user's function gets are smaller: numpy and scikit-learn take no others."""


@contextmanager
def kept_random_states() -> Iterator[None]:
    """Puts the global states of ``random`` and numpy back afterwards."""
    python, numpy = random.getstate(), np.random.get_state()  # noqa: NPY002 - the state itself
    try:
        yield
    finally:
        random.setstate(python)
        np.random.set_state(numpy)  # noqa: NPY002


@contextmanager
def isolated(seed: int) -> Iterator[None]:
    """Seeds the global states of ``random`` and numpy, and puts them back afterwards.

    What a function draws from them is then decided by the seed, and disturbs nobody.
    """
    with kept_random_states():
        seed_globals(seed)
        yield


def seed_globals(seed: int) -> None:
    """Seeds the global states of ``random`` and numpy."""
    random.seed(seed)
    np.random.seed(seed % SEEDS)  # noqa: NPY002
