"""Starts the processes of a user's loop, through the one that they are forked from."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from typing import IO

from sweep.errors import HardwareError, ModelError
from sweep.launchers._loop_server import HOW_ENDED, NUMBER, START, UNKNOWN, LoopSource, how_ended
from sweep.launchers._run_process import RunProcess, RunProcesses
from sweep.launchers.own_run import PRUNED, LoopJob
from sweep.runtime.user_code import last_line
from sweep.study.study import Study

BEGIN = (
    "import json, sys; sys.path[:] = json.loads(sys.argv[2]); "
    "from sweep.launchers._loop_server import serve; serve(int(sys.argv[1]))"
)
"""What a new interpreter is to do."""
TAIL_BYTES = 4000
THREAD_VARIABLES = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")


def source_of(study: Study, scratch: str) -> LoopSource:
    """Where processes find the study's loop; HardwareError for a function that cannot travel."""
    training, folder = study.training, str(study.folder)
    if training.command is not None:
        return LoopSource(folder, command=training.command, scratch=scratch)
    if isinstance(training.function, str):
        return LoopSource(folder, function=training.function)
    import cloudpickle

    try:
        return LoopSource(folder, content=cloudpickle.dumps(training.function))
    except Exception as error:  # what __reduce__ of anything in its closure raises
        raise HardwareError(
            "training.function: the loop must travel to processes of its own, found that it "
            f"cannot: {type(error).__name__}: {last_line(error)}; define it at the top of a file"
        ) from error


class LoopServer:
    """The process that others are forked from."""

    def __init__(self, source: LoopSource, threads: int):
        """Raises ModelError, in one line, where it cannot import the loop."""
        ours, theirs = socket.socketpair()
        environment = {**os.environ, **dict.fromkeys(THREAD_VARIABLES, str(threads))}
        with theirs:
            self.process = subprocess.Popen(
                [sys.executable, "-c", BEGIN, str(theirs.fileno()), json.dumps(sys.path)],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                env=environment,
                start_new_session=True,  # Ctrl-C is the launch's to handle
            )
        self.requests = ours
        with Connection(os.dup(ours.fileno())) as channel:
            try:
                channel.send(source)
                fault, self.is_reusable = channel.recv()
            except (EOFError, OSError) as error:
                raise ModelError(
                    "training.function: importing it must leave its process alive, found it ended; "
                    "try it on its own first"
                ) from error
        if fault:
            raise ModelError(fault)

    def start(self, fds: Sequence[int]) -> int:
        """The number of a new process that has these files; OSError without a server."""
        socket.send_fds(self.requests, [START + NUMBER.pack(0)], fds)
        return self._answer()

    def how_ended(self, pid: int) -> int:
        """The exit code of a process, or minus its signal; ``UNKNOWN`` without a server."""
        if not self.is_reusable:  # it is the process
            return how_ended(pid)
        try:
            self.requests.sendall(HOW_ENDED + NUMBER.pack(pid))
            return self._answer()
        except OSError:
            return UNKNOWN

    def _answer(self) -> int:
        read = self.requests.recv(NUMBER.size, socket.MSG_WAITALL)
        if len(read) < NUMBER.size:
            raise ConnectionError("the process is gone")
        return int(NUMBER.unpack(read)[0])

    def close(self) -> None:
        """Ends it; the processes that it started live on."""
        self.requests.close()
        self.process.kill()
        self.process.wait()


@dataclass(eq=False)
class StartedProcess(RunProcess):
    """A process on this machine."""

    connection: Connection
    pid: int
    errors: IO[bytes]
    server: LoopServer
    last_words: bytes = b""
    _code: int | None = None

    def messages(self) -> Iterator[bytes]:
        while self.connection.poll():
            yield self.connection.recv_bytes()

    def go_on(self, stop: int) -> bool:
        if self.connection.poll():  # a waiting process says nothing, so it has ended
            return False
        try:
            self.connection.send(stop)
        except OSError:
            return False
        return True

    def dismiss(self) -> None:
        with suppress(OSError):
            self.connection.send(PRUNED)

    def kill(self) -> None:
        for end in (os.killpg, os.kill):  # the group is there once the process has begun
            with suppress(OSError):
                end(self.pid, signal.SIGKILL)

    def how_ended(self) -> int:
        if self._code is not None:
            return self._code
        self._code = self.server.how_ended(self.pid)
        self.connection.close()
        with self.errors as said:
            said.seek(max(0, said.seek(0, os.SEEK_END) - TAIL_BYTES))
            self.last_words = said.read()
        if not self.server.is_reusable:
            self.server.close()
        return self._code


class LoopProcesses(RunProcesses):
    """Starts processes on this machine."""

    def __init__(self, source: LoopSource, threads: int):
        self.source, self.threads = source, threads
        self._server: LoopServer | None = None

    def start(self, job: LoopJob) -> StartedProcess:
        try:
            return self._start(job)
        except OSError:  # somebody killed the server, which has nothing of its own to lose
            self.close()
            return self._start(job)

    def ready(self, processes: Sequence[RunProcess], seconds: float) -> list[RunProcess]:
        own = {p.connection: p for p in processes if isinstance(p, StartedProcess)}
        return [own[c] for c in wait(list(own), seconds) if isinstance(c, Connection)]

    def _start(self, job: LoopJob) -> StartedProcess:
        server = self._server or LoopServer(self.source, self.threads)
        self._server = server if server.is_reusable else None
        ours, theirs = socket.socketpair()
        with ExitStack() as opened:
            opened.enter_context(ours)
            errors = opened.enter_context(tempfile.TemporaryFile())
            with theirs:
                pid = server.start([theirs.fileno(), errors.fileno()])
            opened.pop_all()
        connection = Connection(ours.detach())
        with suppress(OSError):  # one that was killed at once is heard of as any other
            connection.send(job)
        return StartedProcess(connection, pid, errors, server)

    def close(self) -> None:
        """Ends the server, if there is one."""
        if self._server is not None:
            self._server.close()
            self._server = None
