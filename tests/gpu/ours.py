"""Our side of the bench: full populations of many widths, epoch by epoch."""

from __future__ import annotations

import statistics
import time
from typing import Any

import torch

from sweep.launchers.context import TrainingContext
from sweep.runtime.device import is_out_of_memory
from sweep.runtime.torch_state import limited_threads
from sweep.training.population import Population
from tests.gpu.machine import wait_for
from tests.gpu.workloads import EPOCHS, Work, segments

WIDTHS = (1, 16, 64, 256, 1024, 4096)
WARM, TIMED = 2, 4
"""Epochs to warm up, and epochs timed; of every four one reads the training split, too."""
READING = 4
SATURATED = 1.05
"""A population four times as wide must give so many times the throughput, or it is saturated."""


def full_population(shop: TrainingContext, width: int) -> Population:
    """A population whose slots are all taken."""
    population = shop.population(width)
    for one in segments(shop, width):
        population.admit(one)
    return population


def epoch_times(population: Population, device: torch.device) -> list[float]:
    """Seconds of each timed epoch after those to warm up."""
    measured = []
    for _ in range(WARM + TIMED):
        wait_for(device)
        start = time.perf_counter()
        population.train_epoch()
        wait_for(device)
        measured.append(time.perf_counter() - start)
    return measured[WARM:]


def usual_epoch(measured: list[float]) -> float:
    """Seconds of an epoch: the median of those without a reading, and a quarter of the reading."""
    reading = measured[(READING - 1 - WARM) % READING]
    plain = [s for i, s in enumerate(measured) if (WARM + i + 1) % READING]
    return ((READING - 1) * statistics.median(plain) + reading) / READING


def one_width(
    shop: TrainingContext, width: int, work: Work, bandwidth: float, peak: float
) -> dict[str, Any]:
    """Throughput, memory and shares of a full population."""
    device = shop.device
    if device.type == "cuda":
        torch.cuda.empty_cache()
        torch.cuda.reset_peak_memory_stats(device)
    start = time.perf_counter()
    population = full_population(shop, width)
    wait_for(device)
    admitted = time.perf_counter() - start
    seconds = usual_epoch(epoch_times(population, device))
    steps = shop.plan.steps_per_epoch
    row = {"R": width, "runs/s": width / (EPOCHS * seconds), "epoch, s": seconds}
    row["admission, s"] = admitted
    row["share of bandwidth"] = work.bytes * width * steps / seconds / bandwidth
    row["share of peak"] = work.flops * width * steps / seconds / peak
    if device.type == "cuda":
        row["memory, GiB"] = torch.cuda.max_memory_allocated(device) / 2**30
    return row


def all_widths(
    shop: TrainingContext,
    work: Work,
    bandwidth: float,
    peak: float,
    budget: float,
    widths: tuple[int, ...] = WIDTHS,
) -> tuple[list[dict[str, Any]], str]:
    """A row for every width until memory, time or throughput ends; and which of them it was."""
    rows: list[dict[str, Any]] = []
    begun, in_vain, best = time.perf_counter(), 0, 0.0
    with limited_threads(shop.threads):
        for width in widths:
            if rows and time.perf_counter() - begun > budget:
                return rows, "the time was over"
            try:
                rows.append(one_width(shop, width, work, bandwidth, peak))
            except Exception as error:
                if not is_out_of_memory(error):
                    raise
                return rows, f"{width} do not fit into the memory"
            in_vain = in_vain + 1 if rows[-1]["runs/s"] < SATURATED * best else 0
            best = max(best, rows[-1]["runs/s"])
            if in_vain == 2:
                return rows, "throughput saturated"
    return rows, "the widest was reached"
