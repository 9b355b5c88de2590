"""The process from which the processes of a user's loop are forked: one for each run.

It has the user's function imported, so that a run begins within milliseconds, and computes nothing
itself: every run begins with the same untouched modules, and what it changes ends with it. The
launch asks it for two things: a new process for a run, and how one ended. Where importing the
function started threads or a GPU, which a fork does not survive, it says so, and trains one run
itself. Nothing here loads torch, unless the function does.
"""

from __future__ import annotations

import atexit
import os
import signal
import socket
import struct
import sys
import threading
import time
from collections.abc import Sequence
from contextlib import nullcontext, suppress
from dataclasses import dataclass
from importlib import import_module
from multiprocessing.connection import Connection
from pathlib import Path
from typing import NoReturn

from sweep.errors import ModelError
from sweep.launchers._loop_command import CommandLoop
from sweep.launchers._loop_process import FunctionLoop, Loop, train_in_process
from sweep.launchers._orphans import adopt_orphans, kill_children
from sweep.runtime.user_code import last_line, resolve_function

START, HOW_ENDED = b"S", b"W"
NUMBER = struct.Struct("!q")
UNKNOWN = 1 << 32
"""How a process ended that this one did not start."""
FORK_SAFE = frozenset({"jemalloc_bg_thd"})
"""Threads that look after forks themselves: the one that pyarrow, and so pandas, starts."""
SECONDS_TO_END = 2.0
"""What a process has to end in that has let go of its connection."""


@dataclass(frozen=True)
class LoopSource:
    """Where the processes find the user's loop."""

    folder: str
    function: str = ""
    """The reference of a function."""
    content: bytes = b""
    """A function from Python, pickled by value."""
    command: tuple[str, ...] = ()
    scratch: str = ""
    """A folder for files that travel between a run and its command."""

    @property
    def program(self) -> str:
        """What the loop finds as the name of its program."""
        file = self.function.rpartition(":")[0]
        return str(Path(self.folder, file)) if file.endswith(".py") else file

    def load(self) -> Loop:
        """The loop; ModelError, in one line, where it cannot be found."""
        if self.command:
            return CommandLoop(self.command, Path(self.folder), Path(self.scratch))
        if self.content:
            import cloudpickle

            return FunctionLoop(cloudpickle.loads(self.content))
        where = Path(self.folder)
        return FunctionLoop(
            resolve_function(self.function, where, "training.function", ModelError, nullcontext)
        )


def serve(fd: int) -> None:
    """Answers the launch until it is gone."""
    requests = socket.socket(fileno=fd)
    channel = Connection(os.dup(fd))
    source: LoopSource = channel.recv()
    os.chdir(source.folder)
    sys.argv = [source.program]  # what the launch was given is not for the loop's argparse
    try:
        loop = source.load()
    except BaseException as error:
        said = str(error) if isinstance(error, ModelError) else f"{type(error).__name__}: "
        channel.send((said if isinstance(error, ModelError) else said + last_line(error), False))
        return
    if "torch" in sys.modules:  # so that no run has to
        import_module("sweep.launchers._loop_model").load_ahead()
    forks = is_alone()
    if forks:
        atexit._clear()  # what imports registered is not a run's to do, and torch's takes 60 ms
        adopt_orphans()
    channel.send(("", forks))
    channel.close()
    runs: set[int] = set()
    while True:
        request, fds, _, _ = socket.recv_fds(requests, 1 + NUMBER.size, 2)
        if request[:1] == START and len(fds) == 2:
            pid = os.fork() if forks else 0
            if not pid:
                _train(loop, fds, requests, forks)
            for fd in fds:
                os.close(fd)
            runs.add(pid)
            requests.sendall(NUMBER.pack(pid))
        elif request[:1] == HOW_ENDED:
            pid = NUMBER.unpack(request[1:])[0]
            code = how_ended(pid)
            runs.discard(pid)
            kill_children(runs)
            requests.sendall(NUMBER.pack(code))
        else:  # the launch is gone
            kill_children()
            return


def is_alone() -> bool:
    """Whether this process may be forked: it has one thread and no GPU."""
    torch = sys.modules.get("torch")
    if torch is not None and torch.cuda.is_initialized():
        return False
    threads = Path("/proc/self/task")
    if not threads.is_dir():  # not Linux
        return threading.active_count() == 1
    names = [path.joinpath("comm").read_text().strip() for path in threads.iterdir()]
    return sum(name not in FORK_SAFE for name in names) == 1


def _train(loop: Loop, fds: Sequence[int], requests: socket.socket, is_fork: bool) -> NoReturn:
    """Trains a run in this process, and ends it."""
    code = 1
    try:
        if is_fork:
            requests.close()
            os.setsid()
            adopt_orphans()
        else:
            requests.sendall(NUMBER.pack(os.getpid()))
        code = train_in_process(loop, *fds)
    finally:
        os._exit(code)


def how_ended(pid: int) -> int:
    """The exit code of a process, or minus the signal that killed it, as ``subprocess`` has it.

    What is left of its group is killed before its number is free for others.
    """
    end = time.monotonic() + SECONDS_TO_END
    with suppress(ChildProcessError):
        while os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None:
            if time.monotonic() > end:
                os.kill(pid, signal.SIGKILL)
            time.sleep(0.001)
        with suppress(OSError):
            os.killpg(pid, signal.SIGKILL)
        return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    return UNKNOWN
