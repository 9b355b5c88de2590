"""Where an epoch of a wide population goes: kernels by device time, phases by the clock."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from typing import Any

from torch.profiler import ProfilerActivity, profile

from sweep.runtime.torch_state import limited_threads
from sweep.training.population import Population
from tests.gpu.kit import Check, Place
from tests.gpu.machine import wait_for
from tests.gpu.ours import full_population
from tests.gpu.workloads import WORKLOADS, Workload

WIDTH, SHORT_WIDTH, TOP = 1024, 4, 25
PHASES = {
    ("steps", "train"): "training steps",
    ("evaluation", "scores"): "scoring",
    ("readings", "note"): "notes",
}
"""By part of the population and its method."""


def phases(population: Population, place: Place) -> dict[str, float]:
    """Seconds of each phase of one epoch, waiting for the device at its end."""
    spent = dict.fromkeys([*PHASES.values(), "the rest"], 0.0)

    def timed(name: str, work: Callable[..., Any], *args: Any) -> Any:
        start = time.perf_counter()
        given = work(*args)
        wait_for(place.device)
        spent[name] += time.perf_counter() - start
        return given

    for (part, method), name in PHASES.items():
        owner = getattr(population, part)
        setattr(owner, method, partial(timed, name, getattr(owner, method)))
    start = time.perf_counter()
    population.train_epoch()
    wait_for(place.device)
    whole = time.perf_counter() - start
    for part, method in PHASES:
        delattr(getattr(population, part), method)
    spent["the rest"] = whole - sum(spent.values())
    return spent | {"whole": whole}


def kernels(population: Population, place: Place) -> str:
    """The kernels of one epoch that take most of the device's time."""
    activities = [ProfilerActivity.CPU] + [ProfilerActivity.CUDA] * place.cuda
    with profile(activities=activities) as seen:
        population.train_epoch()
        wait_for(place.device)
    key = "self_device_time_total" if place.cuda else "self_cpu_time_total"
    return str(seen.key_averages().table(sort_by=key, row_limit=TOP, max_name_column_width=70))


def one_workload(workload: Workload, place: Place) -> None:
    """Adds phases and kernels of this workload to profile.txt."""
    width = SHORT_WIDTH if place.short else WIDTH
    shop = workload.shop(place.device)
    with limited_threads(shop.threads):
        population = full_population(shop, width)
        for _ in range(2):
            population.train_epoch()
        spent = phases(population, place)
        table = kernels(population, place)
    place.note(f"seconds of an epoch of {width} runs, {workload.key}", spent)
    lines = "\n".join(f"{name:16}{seconds:10.4f} s" for name, seconds in spent.items())
    with (place.out / "profile.txt").open("a", encoding="utf-8") as file:
        file.write(f"{workload.title}: {width} runs, one epoch\n\n{lines}\n\n{table}\n\n")


def profile_checks(short: bool) -> list[Check]:
    chosen = WORKLOADS[:1] if short else WORKLOADS[:2]
    return [Check("profile", w.key, partial(one_workload, w)) for w in chosen]
