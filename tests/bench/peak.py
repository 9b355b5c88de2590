"""The matrix-multiply peak of this machine: the best that a large float32 product reaches."""

from __future__ import annotations

import time

import torch

from tests.bench.sides import Trainer, Turn

SIZE = 2048
TIMES = 12


def make_peak(threads: int) -> Trainer:
    """Each turn multiplies two SIZE x SIZE matrices TIMES times and tells the best GFLOP/s."""
    torch.set_num_threads(threads)
    generator = torch.Generator().manual_seed(0)
    a = torch.randn(SIZE, SIZE, generator=generator)
    b = torch.randn(SIZE, SIZE, generator=generator)
    c = torch.empty(SIZE, SIZE)
    torch.mm(a, b, out=c)

    def multiply(n: int) -> Turn:
        best = float("inf")
        start = time.perf_counter()
        for _ in range(n):
            begun = time.perf_counter()
            torch.mm(a, b, out=c)
            best = min(best, time.perf_counter() - begun)
        seconds = time.perf_counter() - start
        return {"runs": n, "seconds": seconds, "gflops": 2 * SIZE**3 / best / 1e9}

    return multiply
