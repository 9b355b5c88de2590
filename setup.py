"""Compiles the step of populations where there is a C compiler; without one torch computes it.

All else stands in pyproject.toml. The library is plain C that ctypes loads. On x86-64 it asks for
AVX2 by name and not for this machine's own instructions: an image may move to another machine.
"""

import hashlib
import platform
import sys
from pathlib import Path

from setuptools import Extension, setup

FOLDER = Path("sweep/training")
SOURCES = ("_step_kernel.c", "_step_kernel.h", "_step_matrices.h")
FLAGS = {"x86_64": ["-mavx2", "-mfma"], "aarch64": [], "arm64": []}
"""By processor, those that have fused multiply-adds."""


def extensions() -> list[Extension]:
    """None on processors and systems that it was not written for."""
    machine = platform.machine()
    if machine not in FLAGS or sys.platform == "win32":
        return []
    text = b"".join((FOLDER / name).read_bytes() for name in SOURCES)
    digest = int.from_bytes(hashlib.sha256(text).digest()[:7], "big")
    flags = ["-std=gnu99", "-O3", "-ffp-contract=off", "-fno-math-errno", "-fno-trapping-math"]
    library = Extension(
        "sweep.training._step_library",
        [str(FOLDER / SOURCES[0])],
        depends=[str(FOLDER / name) for name in SOURCES[1:]],
        extra_compile_args=[*flags, *FLAGS[machine]],
        define_macros=[("DIGEST", str(digest))],
        libraries=["m"],
        optional=True,
    )
    return [library]


setup(ext_modules=extensions())
