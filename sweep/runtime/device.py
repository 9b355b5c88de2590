"""What a study trains on: the device, its precision and its memory."""

from __future__ import annotations

import functools
import os
import platform
from collections.abc import Iterable
from importlib.metadata import PackageNotFoundError, version

import torch

from sweep.errors import HardwareError

MOST_ON_GPU = 4096
"""Runs of a population on a GPU, where more runs never make a step slower than they are worth."""


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


def to_device(tensor: torch.Tensor, device: torch.device) -> torch.Tensor:
    """A tensor of the CPU on the device, without waiting until it has arrived."""
    if device.type != "cuda":
        return tensor.to(device)
    return tensor.pin_memory().to(device, non_blocking=True)


def is_out_of_memory(error: BaseException) -> bool:
    """Whether this error, or the one behind it, says that memory could not be had."""
    behind = error.__cause__
    return (
        isinstance(error, torch.OutOfMemoryError | MemoryError)
        or (isinstance(error, RuntimeError) and "can't allocate memory" in str(error))
        or (behind is not None and is_out_of_memory(behind))
    )


def free_bytes(device: torch.device) -> int:
    """Memory of the device that is free now."""
    if device.type == "cuda":
        return int(torch.cuda.mem_get_info(device)[0])
    if device.type == "mps":
        most = torch.mps.recommended_max_memory()
        return int(most - torch.mps.current_allocated_memory())
    try:
        with open("/proc/meminfo", encoding="ascii") as lines:
            for line in lines:
                if line.startswith("MemAvailable:"):
                    return int(line.split()[1]) * 1024
    except OSError:
        pass  # not Linux: what the machine has in all has to do
    return int(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"))


def resolve_dtypes(precision: str, device: torch.device) -> tuple[torch.dtype, torch.dtype | None]:
    """The type of weights and data, and the type to compute in where that is another."""
    if precision == "float64" and device.type == "mps":
        raise HardwareError(
            "hardware.precision: mps computes in float32, found float64; "
            'set precision = "float32" or device = "cpu"'
        )
    if precision == "bfloat16":
        if not _has_bfloat16(device):
            raise HardwareError(
                f"hardware.precision: {device} must have instructions for bfloat16, found none; "
                'set precision = "float32"'
            )
        return torch.float32, torch.bfloat16
    return {"float32": torch.float32, "float64": torch.float64}[precision], None


def _has_bfloat16(device: torch.device) -> bool:
    if device.type == "cuda":
        return bool(torch.cuda.is_bf16_supported(including_emulation=False))
    if device.type == "mps":
        return True
    return bool(torch.ops.mkldnn._is_mkldnn_bf16_supported())


def describe_hardware(device: torch.device) -> dict[str, str]:
    """What a report says about the machine."""
    name = torch.cuda.get_device_name(device) if device.type == "cuda" else processor_name()
    return {
        "device": str(device),
        "processor": name,
        "threads": str(torch.get_num_threads()),
        "cores": str(os.cpu_count()),
        "system": f"{platform.system()} {platform.machine()}",
    }


def package_versions(packages: Iterable[str]) -> dict[str, str]:
    """The versions of these packages, as a report names them."""
    return {package: _version(package) for package in packages}


@functools.cache
def _version(package: str) -> str:
    """As it was found first: reading it takes milliseconds, and what is loaded stays loaded."""
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed as a package"


def processor_name() -> str:
    """The name of this machine's processor."""
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as lines:
            for line in lines:
                if line.startswith("model name"):
                    return line.split(":", 1)[1].strip()
    except OSError:
        pass  # not Linux: the platform module's word has to do
    return platform.processor() or platform.machine()
