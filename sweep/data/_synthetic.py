"""Data sets that a program generates: MNIST-1D, in this process or in one that draws ahead.

Drawing five thousand rows takes a second of plain Python, which threads that train would wait for.
So another process draws while this one trains: it is told a seed at a time and answers with rows.
It ends when its input does, so it outlives nobody.
"""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from sweep.errors import DataError
from sweep.runtime.random_state import SEEDS, isolated
from sweep.runtime.user_code import guarded

Arrays = tuple[np.ndarray, np.ndarray]
BYTES_AHEAD = 2**28
"""Rows that may wait to be taken: a quarter of a gibibyte, or one draw."""
MOST_AHEAD = 64
"""And draws: so few requests never fill the pipe that they are written to."""


def draw_mnist1d(args: Mapping[str, Any], seed: int) -> Arrays:
    """MNIST-1D of this seed: x (N, 40), y (N,). Its generator seeds the global random states."""
    from mnist1d.data import get_dataset_args, make_dataset

    options = get_dataset_args()
    unknown = [name for name in args if not hasattr(options, name)]
    if unknown:
        raise DataError(
            f"data.args: an option of mnist1d must be named, found {unknown[0]!r}; "
            f"they are: {', '.join(sorted(vars(options)))}"
        )
    for option, value in args.items():
        setattr(options, option, value)
    options.seed = args.get("seed", seed % SEEDS)
    with isolated(0), guarded("data.args", "mnist1d", DataError):
        made = make_dataset(options)
    x = np.concatenate([made["x"], made["x_test"]])
    return x.astype(np.float32), np.concatenate([made["y"], made["y_test"]])


class DrawAhead:
    """Another process that draws MNIST-1D before it is asked for."""

    def __init__(self, args: Mapping[str, Any], draw_bytes: int):
        """``draw_bytes`` says how large one draw is, and so how many may wait."""
        self._most = min(MOST_AHEAD, max(1, BYTES_AHEAD // max(1, draw_bytes)))
        self._expected: deque[int] = deque()
        """Seeds that the other process has not been told yet."""
        self._asked: set[int] = set()
        self._drawn: dict[int, Arrays] = {}
        self._changed = threading.Condition()
        self._ended = False
        self._process = subprocess.Popen(
            [sys.executable, "-c", "from sweep.data._synthetic import serve; serve()"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,  # or an interrupt of this process would end it with a traceback
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "PYTHONSAFEPATH": "1"},
        )
        self._write(dict(args))
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def expect(self, seeds: Iterable[int]) -> None:
        """These seeds will be asked for, in this order."""
        with self._changed:
            known = self._asked | self._drawn.keys() | set(self._expected)
            self._expected.extend(seed for seed in dict.fromkeys(seeds) if seed not in known)
            self._ask()

    def take(self, seed: int) -> Arrays | None:
        """The rows of this seed, once; None when they are not expected or the process ended."""
        with self._changed:
            if seed in self._expected:  # others come first: quicker drawn here
                self._expected.remove(seed)
                return None
            while seed in self._asked and not self._ended:
                self._changed.wait()
            rows = self._drawn.pop(seed, None)
            self._ask()
            return rows

    def close(self) -> None:
        """Ends the process, whatever it is at."""
        self._process.kill()
        self._process.wait()
        self._reader.join()
        for pipe in (self._process.stdin, self._process.stdout):
            try:
                if pipe is not None:
                    pipe.close()
            except BrokenPipeError:
                pass  # a seed that it was still to be told

    def _ask(self) -> None:
        while self._expected and len(self._asked) + len(self._drawn) < self._most:
            seed = self._expected.popleft()
            self._asked.add(seed)
            self._write(seed)

    def _write(self, message: object) -> None:
        assert self._process.stdin is not None
        try:
            pickle.dump(message, self._process.stdin)
            self._process.stdin.flush()
        except BrokenPipeError:
            self._ended = True

    def _read(self) -> None:
        assert self._process.stdout is not None
        while True:
            try:
                seed, x, y = pickle.load(self._process.stdout)
            except (EOFError, pickle.UnpicklingError):
                break
            with self._changed:
                self._asked.discard(seed)
                self._drawn[seed] = x, y
                self._changed.notify_all()
        with self._changed:
            self._ended = True
            self._changed.notify_all()


def serve() -> None:
    """The other process: options and then seeds on its input, (seed, x, y) on its output."""
    requests, answers = sys.stdin.buffer, sys.stdout.buffer
    sys.stdout = sys.stderr  # whatever prints must not mix with the answers
    try:
        args = pickle.load(requests)
        while True:
            seed = pickle.load(requests)
            pickle.dump((seed, *draw_mnist1d(args, seed)), answers, pickle.HIGHEST_PROTOCOL)
            answers.flush()
    except (EOFError, BrokenPipeError):
        os._exit(0)  # whoever asked has gone
