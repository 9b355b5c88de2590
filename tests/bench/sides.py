"""A side of a comparison: a process that is made ready once and then takes its turns."""

from __future__ import annotations

import multiprocessing
import statistics
import threading
import time
import traceback
from collections.abc import Callable, Mapping
from multiprocessing.connection import Connection
from typing import Any, TypeVar

import psutil

Turn = Mapping[str, Any]
"""What a turn tells: ``runs``, ``seconds``, ``cpu`` (seconds of the side's own process, all its
threads), and all else that was measured."""
Trainer = Callable[[int], Turn]
"""Trains so many runs."""

T = TypeVar("T")
MEGABYTE = 2**20
DISTURBED = 0.1
"""Share of the machine that others may have during a turn."""


class SideError(Exception):
    """A side failed; the message is its traceback."""


class Side:
    """A process that calls ``make(*arguments)`` for its trainer and trains when it is asked to."""

    def __init__(self, make: Callable[..., Trainer], *arguments: Any):
        context = multiprocessing.get_context("spawn")
        self.pipe, theirs = context.Pipe()
        # Not a daemon: Ray's side has processes of its own.
        self.process = context.Process(target=_serve, args=(theirs, make, arguments))
        self.process.start()
        theirs.close()
        self.watch = _Watch(self.process.pid or 0)
        self.seconds_to_ready = float(self._receive()["seconds"])

    def begin(self, n: int) -> None:
        """Starts a turn of ``n`` runs."""
        self.pipe.send(n)

    def end(self) -> Turn:
        """Waits for the turn that was begun."""
        return self._receive()

    def turn(self, n: int) -> Turn:
        self.begin(n)
        return self.end()

    def close(self) -> float:
        """Ends the process; returns the most memory that it and its children held, in MB."""
        most = self.watch.stop()
        if self.process.is_alive():
            self.pipe.send(None)
        self.process.join()
        return most

    def _receive(self) -> Turn:
        try:
            answer: dict[str, Any] = self.pipe.recv()
        except EOFError:
            self.process.join()
            raise SideError(f"a side ended with exit code {self.process.exitcode}") from None
        if "error" in answer:
            raise SideError(answer["error"])
        return answer


def take_turns(sides: list[Side], n: int) -> tuple[float, float]:
    """Seconds per run of sides that train ``n`` runs each at once, and those of processors."""
    for side in sides:
        side.begin(n)
    turns = [side.end() for side in sides]
    runs = sum(turn["runs"] for turn in turns)
    return max(turn["seconds"] for turn in turns) / runs, sum(turn["cpu"] for turn in turns) / runs


def _serve(pipe: Connection, make: Callable[..., Trainer], arguments: tuple[Any, ...]) -> None:
    try:
        start = time.perf_counter()
        train = make(*arguments)
        pipe.send({"seconds": time.perf_counter() - start})
        while (n := pipe.recv()) is not None:
            begun = time.process_time()
            turn = train(n)
            pipe.send({"cpu": time.process_time() - begun, **turn})
    except EOFError:
        return  # nobody waits for this side any more
    except Exception:
        pipe.send({"error": traceback.format_exc()})


class _Watch:
    """Notes the most resident memory of a process and its children, five times a second."""

    def __init__(self, pid: int):
        self.root = psutil.Process(pid)
        self.most = 0.0
        self.stopped = threading.Event()
        self.thread = threading.Thread(target=self._watch, daemon=True)
        self.thread.start()

    def _watch(self) -> None:
        while not self.stopped.wait(0.2):
            self.most = max(self.most, self._now())

    def _now(self) -> float:
        try:
            tree = [self.root, *self.root.children(recursive=True)]
        except psutil.NoSuchProcess:
            return 0.0
        total = 0
        for process in tree:
            try:
                total += process.memory_info().rss
            except psutil.NoSuchProcess:
                continue
        return total / MEGABYTE

    def stop(self) -> float:
        self.stopped.set()
        self.thread.join()
        high = _high_water(self.root.pid)
        return max(self.most, high)


def _high_water(pid: int) -> float:
    """Most resident memory of one process so far in MB, where the system keeps it; 0 elsewhere."""
    try:
        with open(f"/proc/{pid}/status", encoding="ascii") as lines:
            found = [line.split()[1] for line in lines if line.startswith("VmHWM:")]
    except OSError:
        return 0.0
    return int(found[0]) / 1024 if found else 0.0


class Quiet:
    """How much of the machine processes other than these sides take."""

    def __init__(self, sides: list[Side]):
        self.processes = [psutil.Process(), *(psutil.Process(s.process.pid) for s in sides)]
        self.n_cpus = psutil.cpu_count() or 1
        self.start()

    def start(self) -> None:
        self.began = time.monotonic(), _busy(), self._own()

    def others(self) -> float:
        """Share [0, 1] of the machine's time since ``start`` that others had."""
        when, busy, own = self.began
        elapsed = (time.monotonic() - when) * self.n_cpus
        return max(0.0, (_busy() - busy) - (self._own() - own)) / elapsed

    def least_disturbed(self, take: Callable[[], T], again: int = 1) -> tuple[T, float]:
        """What ``take`` gives, and the share that others had meanwhile.

        While that is more than DISTURBED it is taken again, at most so often, and the calmest kept.
        """
        self.start()
        best = take(), self.others()
        while best[1] > DISTURBED and again > 0:
            again -= 1
            self.start()
            best = min(best, (take(), self.others()), key=lambda taken: taken[1])
        return best

    def _own(self) -> float:
        times = [process.cpu_times() for process in self.processes]
        return sum(t.user + t.system + t.children_user + t.children_system for t in times)


def _busy() -> float:
    """Seconds of all processors that were not idle, with what a hypervisor took."""
    times = psutil.cpu_times()
    return sum(times) - times.idle - getattr(times, "iowait", 0.0) - getattr(times, "guest", 0.0)


def median(values: list[float]) -> float:
    return float(statistics.median(values))
