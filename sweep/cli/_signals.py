"""Signals: what ended is stored and the launch ends soon; a second signal ends it at once.

What is recorded is safe at any moment, so the grace only lets epochs end, connections close and
the lease be given back. A lane in the middle of a long epoch cannot be stopped from Python; when
the grace is over the process ends all the same, after what is owed at the end has been done.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
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


def _nothing_owed() -> bool:
    return True


@contextmanager
def interruptible(owed: Callable[[], bool] = _nothing_owed, missed: str = "") -> Iterator[None]:
    """Inside, the first signal raises KeyboardInterrupt or Terminated, and the process ends
    GRACE_SECONDS after it, or with the second signal. A signal that is ignored already, as SIGHUP
    is under ``nohup``, stays ignored.

    Args:
        owed: Called when the grace is over, before the process ends, in a thread of its own: what
            would have been done after a clean end. It says whether that is done.
        missed: What the last line says besides where it is not.
    """
    timers: list[threading.Timer] = []
    ending, left = threading.Lock(), threading.Event()

    def end_late(code: int) -> None:
        with ending:  # for good: the process ends in here
            if left.is_set():
                return
            done = False
            try:
                done = owed()
            finally:
                _end(code, "stopped", "" if done else missed)

    def handle(number: int, _: FrameType | None) -> None:
        interrupt = KeyboardInterrupt() if number == signal.SIGINT else Terminated()
        if timers:
            _end(exit_code(interrupt), "stopped at once", missed)
        timer = threading.Timer(GRACE_SECONDS, end_late, (exit_code(interrupt),))
        timer.daemon = True
        timers.append(timer)
        timer.start()
        raise interrupt

    heard = [n for n in SIGNALS if signal.getsignal(n) is not signal.SIG_IGN]
    before = {number: signal.signal(number, handle) for number in heard}
    try:
        yield
    finally:
        with ending:  # where the grace is over, here is waited for the end or a second signal
            left.set()
        for timer in timers:
            timer.cancel()
        for number, handler in before.items():
            signal.signal(number, handler)


def _end(code: int, word: str, missed: str = "") -> None:
    more = f"; {missed}" if missed else ""
    end_process(code, f"{word}: what was recorded is stored; launch again to go on{more}")
