"""As many processes as serve one GPU best, each training one model after the other."""

from __future__ import annotations

import time
import traceback
from contextlib import suppress
from multiprocessing.connection import Connection
from types import TracebackType
from typing import Any

import torch
from torch import multiprocessing, nn

from tests.gpu.machine import wait_for
from tests.gpu.sides import Epoch, Rows, eager_epoch, graph_epoch
from tests.gpu.workloads import EPOCHS

COUNTS = (1, 2, 4, 8, 16)
WAIT = 90.0
"""Seconds after which a process that does not answer is given up."""


def serve(pipe: Connection, device: str) -> None:
    """A process: makes an epoch ready, or trains epochs from one moment for so many seconds."""
    torch.set_num_threads(1)
    epoch, where = None, torch.device(device)
    while (order := pipe.recv()) is not None:
        try:
            if order[0] == "prepare":
                _, model, rows, graphed = order
                epoch = _ready(model.to(where), rows.to(where), graphed)
                pipe.send("ready")
            elif epoch is not None:
                pipe.send(_epochs(epoch, where, *order[1:]))
        except Exception:
            pipe.send(RuntimeError(traceback.format_exc()))


def _ready(model: nn.Module, rows: Rows, graphed: bool) -> Epoch:
    epoch = graph_epoch(model, rows) if graphed else eager_epoch(model, rows, fused=True)
    for _ in range(2):
        epoch()
    wait_for(rows.x.device)
    return epoch


def _epochs(epoch: Epoch, device: torch.device, begin: float, seconds: float) -> float:
    """Epochs each second; all processes begin at the same moment of the clock they share."""
    time.sleep(max(0.0, begin - time.monotonic()))
    start, n = time.perf_counter(), 0
    while time.perf_counter() - start < seconds:
        epoch()
        n += 1
    wait_for(device)
    return n / (time.perf_counter() - start)


class Farm:
    """Processes that are begun once and serve every workload."""

    def __init__(self, device: torch.device, most: int = COUNTS[-1]):
        context = multiprocessing.get_context("spawn")
        self.pipes: list[Any] = []
        self.processes = []
        for _ in range(most):
            ours, theirs = context.Pipe()
            process = context.Process(target=serve, args=(theirs, str(device)), daemon=True)
            process.start()
            self.pipes.append(ours)
            self.processes.append(process)

    def __enter__(self) -> Farm:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for pipe in self.pipes:
            with suppress(OSError):
                pipe.send(None)
        for process in self.processes:
            process.join(1)
            if process.is_alive():
                process.kill()

    def _answers(self, n: int) -> list[Any]:
        answers = []
        for pipe in self.pipes[:n]:
            if not pipe.poll(WAIT):
                raise TimeoutError("a process did not answer")
            answers.append(pipe.recv())
            if isinstance(answers[-1], Exception):
                raise answers[-1]
        return answers

    def rates(
        self, model: nn.Module, rows: Rows, graphed: bool, seconds: float
    ) -> dict[int, float]:
        """Runs each second by the number of processes, until more of them do not pay."""
        model, rows = model.cpu(), rows.to("cpu")
        for pipe in self.pipes:
            pipe.send(("prepare", model, rows, graphed))
        self._answers(len(self.pipes))
        rates: dict[int, float] = {}
        for n in (n for n in COUNTS if n <= len(self.pipes)):
            for pipe in self.pipes[:n]:
                pipe.send(("go", time.monotonic() + 0.1, seconds))
            rates[n] = sum(self._answers(n)) / EPOCHS
            if len(rates) > 1 and rates[n] < max(list(rates.values())[:-1]):
                break
        return rates
