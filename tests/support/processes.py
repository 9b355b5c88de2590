"""Worker processes for the tests that need not import torch again."""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterator
from multiprocessing.context import BaseContext

import pytest

LOADED = ["sweep.launchers._processes"]
"""What a server loads once; the workers are copies of it."""


@pytest.fixture
def loaded_workers(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Workers are started as always, pickled arguments and all, but with torch loaded already.

    Loading it takes each of them three seconds of the processor's time.
    """
    real = multiprocessing.get_context
    if "forkserver" not in multiprocessing.get_all_start_methods():
        yield
        return

    def loaded(method: str | None = None) -> BaseContext:
        assert method == "spawn"
        context = real("forkserver")
        context.set_forkserver_preload(LOADED)
        return context

    with monkeypatch.context() as patch:
        patch.setattr(multiprocessing, "get_context", loaded)
        yield
