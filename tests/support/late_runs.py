"""Runs that hang have had their time once they have reported, however slow the machine is."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

import pytest

from sweep.launchers import _live_run, loop_launcher
from sweep.launchers._live_run import LiveRun


@contextmanager
def late_once_reported() -> Iterator[None]:
    """The launcher's clock stands still until a run reports, and has come to its deadline then."""
    clock, noted = SimpleNamespace(now=0.0), LiveRun._note_epoch

    def note_epoch(live: LiveRun, values: dict[str, Any]) -> None:
        noted(live, values)
        clock.now = live.deadline

    with pytest.MonkeyPatch.context() as patch:
        for module in (_live_run, loop_launcher):
            patch.setattr(module, "time", SimpleNamespace(monotonic=lambda: clock.now))
        patch.setattr(LiveRun, "_note_epoch", note_epoch)
        yield
