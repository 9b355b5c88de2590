"""The machine: its names and versions, its copy bandwidth and the peak of its matrix products."""

from __future__ import annotations

import platform
import statistics
import time
from collections.abc import Callable

import torch

from sweep.runtime.device import describe_hardware, package_versions
from tests.gpu.kit import Check, Place

PACKAGES = ("torch", "triton", "numpy", "scipy", "pandas", "scikit-learn", "optuna", "sqlalchemy")
BANDWIDTH, PEAK = "copy bandwidth, GB/s", "float32 matrix peak, TFLOP/s"
PACKAGES += ("pydantic", "plotly", "mnist1d")


def machine(device: torch.device) -> dict[str, str]:
    """What the page says of the machine."""
    found = describe_hardware(device)
    if device.type == "cuda":
        properties = torch.cuda.get_device_properties(device)
        found["memory"] = f"{properties.total_memory / 2**30:.1f} GiB"
        found["multiprocessors"] = str(properties.multi_processor_count)
        found["capability"] = f"{properties.major}.{properties.minor}"
    return found


def versions() -> dict[str, str]:
    """Python, CUDA and the packages that matter."""
    found = {"python": platform.python_version(), "cuda": str(torch.version.cuda)}
    return found | package_versions(PACKAGES)


def wait_for(device: torch.device) -> None:
    """Until the device has done what it was asked."""
    if device.type == "cuda":
        torch.cuda.synchronize(device)


def seconds_of(work: Callable[[], object], device: torch.device, times: int = 3) -> float:
    """The median of so many timings, after one to warm up."""
    measured = []
    for _ in range(times + 1):
        wait_for(device)
        start = time.perf_counter()
        work()
        wait_for(device)
        measured.append(time.perf_counter() - start)
    return statistics.median(measured[1:])


def copy_bandwidth(device: torch.device) -> float:
    """Bytes read and written each second by a copy of 2 GiB (64 MiB without a GPU)."""
    n = 2**31 if device.type == "cuda" else 2**26
    source = torch.zeros(n // 4, device=device)
    target = torch.empty_like(source)
    return 2 * n / seconds_of(lambda: target.copy_(source), device, 5)


def matrix_peak(device: torch.device) -> float:
    """float32 operations each second of a large product, without TF32."""
    n, allowed = 8192 if device.type == "cuda" else 1024, torch.backends.cuda.matmul.allow_tf32
    a, b = (torch.randn(n, n, device=device) for _ in range(2))
    out = torch.empty_like(a)
    torch.backends.cuda.matmul.allow_tf32 = False
    try:
        return 2 * n**3 / seconds_of(lambda: torch.mm(a, b, out=out), device, 5)
    finally:
        torch.backends.cuda.matmul.allow_tf32 = allowed


def measure(place: Place) -> None:
    """Keeps bandwidth and peak, which the bench takes shares of."""
    place.note(BANDWIDTH, copy_bandwidth(place.device) / 1e9)
    place.note(PEAK, matrix_peak(place.device) / 1e12)


def limits(place: Place) -> tuple[float, float]:
    """Bytes and float32 operations each second, measured now if they were not yet."""
    if PEAK not in place.figures:
        measure(place)
    return place.figures[BANDWIDTH] * 1e9, place.figures[PEAK] * 1e12


CHECKS = [Check("machine", "copy bandwidth and matrix peak", measure)]
