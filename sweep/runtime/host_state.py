"""The settings of a process that a guest may change, put back when the guest is done.

Files that are imported, and functions that are called, like to choose torch's default type or
device, to switch gradients off or warnings out, for the whole process. What they choose holds for
their own code; afterwards all is as it was found.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields

import numpy as np
import torch

from sweep.runtime.random_state import kept_random_states


def _default_device() -> torch.device | None:
    """The default device; None where nobody has chosen one."""
    device = torch.get_default_device()
    return None if device == torch.device("cpu") else device


@dataclass(frozen=True)
class TorchSettings:
    """Torch's settings of this thread and of the process."""

    default_dtype: torch.dtype
    default_device: torch.device | None
    gradients: bool
    deterministic: bool
    anomalies: bool
    threads: int
    matmul_precision: str
    cudnn_benchmark: bool
    cudnn_deterministic: bool

    @classmethod
    def read(cls) -> TorchSettings:
        """As they are now."""
        return cls(
            default_dtype=torch.get_default_dtype(),
            default_device=_default_device(),
            gradients=torch.is_grad_enabled(),
            deterministic=torch.are_deterministic_algorithms_enabled(),
            anomalies=torch.is_anomaly_enabled(),
            threads=torch.get_num_threads(),
            matmul_precision=torch.get_float32_matmul_precision(),
            cudnn_benchmark=torch.backends.cudnn.benchmark,
            cudnn_deterministic=torch.backends.cudnn.deterministic,
        )

    def restore(self) -> list[str]:
        """Puts back what has changed since, and names it."""
        now = TorchSettings.read()
        changed = [f.name for f in fields(self) if getattr(self, f.name) != getattr(now, f.name)]
        for name in changed:
            SETTERS[name](getattr(self, name))
        return [name.replace("_", " ") for name in changed]


def _set_cudnn_benchmark(value: bool) -> None:
    torch.backends.cudnn.benchmark = value


def _set_cudnn_deterministic(value: bool) -> None:
    torch.backends.cudnn.deterministic = value


SETTERS: dict[str, Callable[..., object]] = {
    "default_dtype": torch.set_default_dtype,
    "default_device": torch.set_default_device,
    "gradients": torch.set_grad_enabled,
    "deterministic": torch.use_deterministic_algorithms,
    "anomalies": torch.set_anomaly_enabled,
    "threads": torch.set_num_threads,
    "matmul_precision": torch.set_float32_matmul_precision,
    "cudnn_benchmark": _set_cudnn_benchmark,
    "cudnn_deterministic": _set_cudnn_deterministic,
}


@contextmanager
def kept_settings() -> Iterator[None]:
    """Puts torch's settings back afterwards."""
    before = TorchSettings.read()
    try:
        yield
    finally:
        before.restore()


@contextmanager
def kept_state() -> Iterator[None]:
    """Puts back torch's settings, the random states, numpy's way with errors and the warnings'
    filters; for the main thread, since filters are there once for all threads.
    """
    with (
        kept_random_states(),
        kept_settings(),
        torch.random.fork_rng(devices=[]),
        np.errstate(),
        warnings.catch_warnings(),
    ):
        yield
