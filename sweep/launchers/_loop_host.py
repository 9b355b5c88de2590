"""The end of a launch on another machine: it starts the processes of runs there, and hears them."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from multiprocessing.connection import wait
from typing import NamedTuple

from sweep.launchers._loop_processes import LoopProcesses, StartedProcess
from sweep.launchers._loop_server import LoopSource
from sweep.launchers.own_run import LoopJob


class Heard(NamedTuple):
    """What a process has said, and how it ended."""

    said: tuple[bytes, ...]
    code: int | None = None
    """None before its end."""
    last_words: bytes = b""


class LoopHost:
    """Processes of runs on a machine, which end when this one does."""

    def __init__(self, source: LoopSource, threads: int):
        self._scratch = tempfile.TemporaryDirectory(prefix="regsweep-")
        self._processes = LoopProcesses(replace(source, scratch=self._scratch.name), threads)
        self._live: dict[int, StartedProcess] = {}

    def is_up(self) -> None:
        """Nothing, once it is there to say so."""

    def start(self, number: int, job: LoopJob) -> None:
        """Starts the process of a run; ModelError where it cannot import the loop."""
        self._live[number] = self._processes.start(job)

    def go_on(self, number: int, stop: int) -> bool:
        """Lets a waiting process train on; False where it has ended."""
        process = self._live.get(number)
        return process is not None and process.go_on(stop)

    def dismiss(self, number: int) -> None:
        """Tells a waiting process that its run need not go on."""
        if (process := self._live.get(number)) is not None:
            process.dismiss()

    def kill(self, number: int) -> None:
        """Ends a process, and all that it started, at once."""
        if (process := self._live.get(number)) is not None:
            process.kill()

    def hear(self, seconds: float) -> Mapping[int, Heard]:
        """What processes have said by now, by number; one is waited for, but no longer than so."""
        numbers = {process.connection: number for number, process in self._live.items()}
        ready = [numbers[c] for c in wait(list(numbers), seconds) if c in numbers]
        return {number: self._heard(number) for number in ready}

    def _heard(self, number: int) -> Heard:
        process, said = self._live[number], list[bytes]()
        with suppress(EOFError, OSError):
            said.extend(process.messages())
            return Heard(tuple(said))
        del self._live[number]
        code = process.how_ended()
        return Heard(tuple(said), code, process.last_words)
