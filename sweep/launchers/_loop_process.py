"""What happens in the process of one run: the user's loop is called, and what it says passed on."""

from __future__ import annotations

import atexit
import json
import os
import select
import signal
import sys
import sysconfig
import threading
import time
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any

from sweep.launchers.own_run import Channel, LoopJob, OwnRun, RunPruned
from sweep.runtime.user_code import last_line

Loop = Callable[[LoopJob, Channel], Any]
"""What trains a run, and says so through the channel."""


LIBRARIES = (
    *(sysconfig.get_path(kind) for kind in ("stdlib", "purelib", "platlib")),
    os.path.dirname(os.path.dirname(__file__)),
)
"""Folders whose files are not the user's code: those of Python, of packages and ours."""


class RunFailed(Exception):
    """A run that failed for a reason that is known in words."""


class ConnectionChannel:
    """The way to the launch through a connection, with a clock that stands still while it waits."""

    def __init__(self, connection: Connection):
        self.connection = connection
        self._start = time.perf_counter()
        self._owner = os.getpid()

    @property
    def is_own(self) -> bool:
        """Whether this is the run's process, and not one that its loop has forked."""
        return os.getpid() == self._owner

    def send(self, message: Mapping[str, Any]) -> None:
        if not self.is_own:  # epochs of two processes would be taken for one curve
            raise RuntimeError("run.report must be called in the run's own process, found a fork")
        seconds = time.perf_counter() - self._start
        self.connection.send_bytes(json.dumps({**message, "seconds": seconds}).encode())

    def wait(self) -> int:
        began = time.perf_counter()
        heard = int(self.connection.recv())
        self._start += time.perf_counter() - began
        return heard


@dataclass(frozen=True)
class FunctionLoop:
    """A function of the user's as a loop."""

    function: Callable[[OwnRun], Any]

    def __call__(self, job: LoopJob, channel: Channel) -> Any:
        run = OwnRun(job, channel)
        returned = self.function(run)
        run.keep(returned)
        return returned


def train_in_process(loop: Loop, connection_fd: int, error_fd: int) -> int:
    """Trains the run that comes through the connection; returns the exit code."""
    connection = Connection(connection_fd)
    threading.Thread(target=_end_with_launch, args=(connection_fd,), daemon=True).start()
    _redirect(error_fd)
    channel = ConnectionChannel(connection)
    job: LoopJob = connection.recv()
    ended = _ended(loop, job, channel)
    if not channel.is_own:
        return 1
    channel.send(ended)
    atexit._run_exitfuncs()  # as at the end of any program: loggers of runs write their last then
    connection.close()
    return 0


def _ended(loop: Loop, job: LoopJob, channel: Channel) -> dict[str, Any]:
    """How the loop ended, as a message."""
    try:
        outcome = _outcome(loop(job, channel))
    except RunPruned as pruned:
        return {"end": "pruned", "note": last_line(pruned)}
    except RunFailed as failed:
        return {"end": "failed", "note": str(failed)}
    except SystemExit as left:
        if left.code:
            return {"end": "failed", "note": f"it called sys.exit({left.code!r})"}
        outcome = {}  # as a program that ends well
    except BaseException as error:  # its note says what a traceback would
        return {"end": "failed", "note": _described(error)}
    return {"end": "returned", **outcome}


def _outcome(returned: Any) -> dict[str, Any]:
    """What a loop returned, where that is a PyTorch model: its layers."""
    if not hasattr(returned, "named_parameters"):
        return {}
    from sweep.launchers._loop_model import layers_of

    return {"layers": layers_of(returned)}


def _described(error: BaseException) -> str:
    """An exception in one line, and where in the user's code it was raised."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [f for f in frames if not f.filename.startswith(LIBRARIES)]
    where = f" ({os.path.basename(own[-1].filename)} line {own[-1].lineno})" if own else ""
    reason = last_line(error)
    return f"{type(error).__name__}{': ' if reason else ''}{reason}{where}"


def _redirect(error_fd: int) -> None:
    """What is printed goes nowhere, and what is said on stderr into a file of the launch."""
    null = os.open(os.devnull, os.O_RDWR)
    for target, source in ((0, null), (1, null), (2, error_fd)):
        os.dup2(source, target)
    os.close(null)
    os.close(error_fd)
    sys.stdout = open(1, "w", buffering=1, closefd=False)  # noqa: SIM115
    sys.stderr = open(2, "w", buffering=1, closefd=False)  # noqa: SIM115


def _end_with_launch(fd: int) -> None:
    """Kills this process and all that it started once nobody is at the other end."""
    ended = select.poll()
    ended.register(fd, 0)
    ended.poll()
    os.killpg(0, signal.SIGKILL)
