"""Libraries in C that an install compiles where there is a compiler, and tensors as they see them.

A library that was made from other sources, or for another processor, is not used; then torch
computes everything.
"""

from __future__ import annotations

import ctypes
import functools
import importlib.util
import platform
from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor

SUFFIXES = {torch.float32: "f32", torch.float64: "f64"}
"""How the names of functions end that are there for every type of number."""
UNUSED: dict[str, str] = {}
"""Why libraries that were asked for are not used, by name."""


@functools.cache
def load(name: str, version: int) -> tuple[ctypes.CDLL | None, str]:
    """The library that pyproject.toml calls ``name``, and why it cannot be used where it cannot.

    Args:
        name: A module's full name.
        version: What the library's ``regsweep_version`` must give.
    """
    library, missing = _load(name, version)
    if missing:
        UNUSED[name] = missing
    return library, missing


def _load(name: str, version: int) -> tuple[ctypes.CDLL | None, str]:
    spec = importlib.util.find_spec(name)
    if spec is None or spec.origin is None:
        return None, "was not built: the install had no C compiler"
    capability = torch.backends.cpu.get_cpu_capability()
    if platform.machine() in ("x86_64", "AMD64") and not capability.startswith("AVX"):
        return None, f"needs AVX2, and torch uses {capability}"
    try:
        library = ctypes.CDLL(spec.origin)
    except OSError as error:
        return None, f"cannot be loaded: {error}"
    library.regsweep_version.restype = ctypes.c_int64
    if library.regsweep_version() != version:
        return None, "is of another version: install regsweep again"
    return library, ""


def functions_of(
    library: ctypes.CDLL | None, name: str, arguments: Sequence[Any], result: Any = None
) -> dict[torch.dtype, Callable[..., Any]]:
    """A function of a library by the type of its numbers; nothing where there is no library.

    Args:
        library: As ``load`` gives it.
        name: Without the suffix of the type.
        arguments: The types of the function's arguments.
        result: The type of what it returns.
    """
    found: dict[torch.dtype, Callable[..., Any]] = {}
    for dtype, suffix in SUFFIXES.items() if library else ():
        function = getattr(library, f"{name}_{suffix}")
        function.argtypes, function.restype = arguments, result
        found[dtype] = function
    return found


def address(tensor: Tensor | None, dtype: torch.dtype, shape: tuple[int, ...]) -> int | None:
    """Where a tensor's numbers lie, one after the other.

    Raises:
        ValueError: It is not such a tensor, in the processor's memory and without gaps.
    """
    if tensor is None:
        return None
    found = (tensor.device.type, tensor.dtype, tuple(tensor.shape), tensor.is_contiguous())
    if found != ("cpu", dtype, shape, True) or type(tensor) is not Tensor:
        wanted = ("cpu", dtype, shape, True)
        raise ValueError(f"a library in C wants {wanted}, found {found} of {type(tensor).__name__}")
    return tensor.data_ptr()


def address_of_function(function: Callable[..., object]) -> int:
    """Where a function of a library lies, for another library to call it."""
    found = ctypes.cast(function, ctypes.c_void_p).value  # type: ignore[arg-type]
    assert found is not None
    return found


def address_of_rows(tensor: Tensor, dtype: torch.dtype, n_rows: int, size: int) -> tuple[int, int]:
    """Where the rows of a tensor lie, which may have gaps between them, and how far apart.

    Raises:
        ValueError: It has not so many rows of so many numbers without gaps within.
    """
    if len(tensor) != n_rows or tensor[0].numel() != size:
        raise ValueError(f"a library in C wants {n_rows} x {size}, found {tuple(tensor.shape)}")
    start = address(tensor[0], dtype, tuple(tensor.shape[1:]))
    assert start is not None
    return start, tensor.stride(0)
