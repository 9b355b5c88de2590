"""What a study trains on: the device, its precision, and how wide a population it carries best."""

from __future__ import annotations

import math
import os
import platform
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import torch

from sweep.errors import HardwareError

WIDTHS = (1, 4, 16, 32, 64, 128)
WORTHWHILE = 0.97
"""A wider population must bring a run's cost below this share of the narrower one's."""


def resolve_device(name: str) -> torch.device:
    """The device of this name; ``auto`` takes cuda, then mps, then cpu.

    Raises HardwareError when this machine does not have it.
    """
    if name == "auto":
        if torch.cuda.is_available():
            return torch.device("cuda")
        return torch.device("mps" if torch.backends.mps.is_available() else "cpu")
    try:
        device = torch.device(name)
    except RuntimeError as error:
        raise HardwareError(
            f"hardware.device: auto, cpu, cuda, cuda:N or mps must be given, found {name!r}; "
            "choose one of them"
        ) from error
    here = {
        "cpu": device.index in (None, 0),
        "cuda": torch.cuda.is_available() and (device.index or 0) < torch.cuda.device_count(),
        "mps": torch.backends.mps.is_available(),
    }
    if not here.get(device.type, False):
        have = ["cpu"] + ["cuda"] * torch.cuda.is_available()
        have += ["mps"] * torch.backends.mps.is_available()
        raise HardwareError(
            f"hardware.device: a device of this machine must be given, found {name!r}; "
            f"here are: {', '.join(have)}"
        )
    return device


@contextmanager
def flushed_to_zero() -> Iterator[None]:
    """Inside, numbers below the smallest normal float count as zero, as on every GPU.

    The moments of a unit that no longer learns fade into them, and a processor computes with them
    many times slower. Threads that torch starts inside inherit it for good; this one does not.
    """
    torch.set_flush_denormal(True)
    try:
        yield
    finally:
        torch.set_flush_denormal(False)


@contextmanager
def single_thread() -> Iterator[None]:
    """One thread inside: for measurements that a busy machine must not upset."""
    most = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(most)


class ThreadChoice:
    """All of torch's threads or a single one, whichever trains faster at the moment.

    Threads that wait for each other do so by spinning. As soon as another program wants a core, two
    of them can be ten times slower than one; on a quiet machine they are nearly twice as fast. So
    both are timed now and again. The numbers that are computed are the same.
    """

    AGAIN = 24
    """Stretches after which the slower choice is timed again."""

    def __init__(self, device: torch.device):
        most = torch.get_num_threads() if device.type == "cpu" else 1
        self.most, self.stretch = most, 0
        self.seconds = {threads: math.nan for threads in {most, 1}}

    def next(self) -> int:
        """How many threads the coming stretch gets."""
        unknown = [threads for threads, seconds in self.seconds.items() if math.isnan(seconds)]
        if unknown:
            return max(unknown)
        ranked = sorted(self.seconds, key=lambda threads: self.seconds[threads])
        return ranked[-1] if self.stretch % self.AGAIN == 0 else ranked[0]

    @contextmanager
    def timed(self, amount: int) -> Iterator[None]:
        """A stretch of work of this amount with the threads that suit it."""
        self.stretch += 1
        threads = self.next()
        torch.set_num_threads(threads)
        start = time.perf_counter()
        try:
            yield
        finally:
            torch.set_num_threads(self.most)
        self.seconds[threads] = (time.perf_counter() - start) / max(amount, 1)


def resolve_dtype(precision: str, device: torch.device) -> torch.dtype:
    """The type of parameters and data."""
    if precision == "float64" and device.type == "mps":
        raise HardwareError(
            "hardware.precision: mps computes in float32, found float64; "
            'set precision = "float32" or device = "cpu"'
        )
    return {"float32": torch.float32, "float64": torch.float64}[precision]


def choose_width(
    seconds_per_step: Callable[[int], float], wanted: int
) -> tuple[int, dict[int, float]]:
    """The cheapest width per run among WIDTHS up to ``wanted``, and what was measured.

    ``seconds_per_step`` measures one step of a population of this width. Widening stops when it has
    not paid twice, so a population is as narrow, and refilled as evenly, as it can be.
    """
    measured: dict[int, float] = {}
    best, in_vain = 1, 0
    for width in WIDTHS:
        if width > max(1, wanted) or in_vain == 2:
            break
        measured[width] = seconds_per_step(width) / width
        if width == 1:
            continue
        if measured[width] < WORTHWHILE * measured[best]:
            best, in_vain = width, 0
        else:
            in_vain += 1
    return best, measured


def describe_hardware(device: torch.device) -> dict[str, str]:
    """What a report says about the machine."""
    name = torch.cuda.get_device_name(device) if device.type == "cuda" else _processor()
    return {
        "device": str(device),
        "processor": name,
        "threads": str(torch.get_num_threads()),
        "cores": str(os.cpu_count()),
        "system": f"{platform.system()} {platform.machine()}",
    }


def _processor() -> str:
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as lines:
            for line in lines:
                if line.startswith("model name"):
                    return line.split(":", 1)[1].strip()
    except OSError:
        pass  # not Linux: the platform module's word has to do
    return platform.processor() or platform.machine()
