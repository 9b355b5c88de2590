"""Signals: what ended is stored and the launch ends soon; a second signal ends it at once.

What is recorded is safe at any moment, so the grace only lets epochs end, connections close and
the lease be given back. A lane in the middle of a long epoch cannot be stopped from Python; when
the grace is over the process ends all the same.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from sweep.runtime.exits import end_process

GRACE_SECONDS = 8.0
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Terminated(KeyboardInterrupt):
    """SIGTERM or SIGHUP: like Ctrl-C, but with exit code 143."""


def exit_code(interrupt: KeyboardInterrupt) -> int:
    """130 for Ctrl-C, 143 for what else ends a program."""
    return 143 if isinstance(interrupt, Terminated) else 130


def interrupt_behind(error: BaseException | None) -> KeyboardInterrupt | None:
    """The interrupt that an error followed from: one that falls into the waiting for threads comes
    out as ``RuntimeError: release unlocked lock``.
    """
    while error is not None and not isinstance(error, KeyboardInterrupt):
        error = error.__context__
    return error


@contextmanager
def interruptible() -> Iterator[None]:
    """Inside, the first signal raises KeyboardInterrupt or Terminated, and the process ends within
    GRACE_SECONDS of it, or with the second signal. A signal that is ignored already, as SIGHUP is
    under ``nohup``, stays ignored.
    """
    timers: list[threading.Timer] = []

    def handle(number: int, _: FrameType | None) -> None:
        interrupt = KeyboardInterrupt() if number == signal.SIGINT else Terminated()
        if timers:
            _end(exit_code(interrupt), "stopped at once")
        timer = threading.Timer(GRACE_SECONDS, _end, (exit_code(interrupt), "stopped"))
        timer.daemon = True
        timers.append(timer)
        timer.start()
        raise interrupt

    heard = [n for n in SIGNALS if signal.getsignal(n) is not signal.SIG_IGN]
    before = {number: signal.signal(number, handle) for number in heard}
    try:
        yield
    finally:
        for timer in timers:
            timer.cancel()
        for number, handler in before.items():
            signal.signal(number, handler)


def _end(code: int, word: str) -> None:
    end_process(code, f"{word}: what was recorded is stored; launch again to go on")
