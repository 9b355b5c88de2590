"""Twenty launches of the default study: the sizes that each one chose, and what they are worth.

Every other launch is timed beside another process that is busy on a core. What sizes are worth is
measured afterwards, in turns, on a machine that has nothing else to do.
"""

from __future__ import annotations

import multiprocessing
import time
from collections import Counter
from pathlib import Path
from typing import Any

from sweep.launchers.context import TrainingContext
from sweep.launchers.plans import Plans
from sweep.launchers.sizing import PoolMaker
from sweep.records.execution import ExecutionPlan
from sweep.study.loading import load_study
from tests.bench.ours import segments
from tests.bench.sides import Side, Trainer, Turn, median

ROOT = Path(__file__).parent.parent.parent
STUDY = ROOT / "studies" / "mnist1d.toml"
N_LAUNCHES = 20
N_RUNS, N_EPOCHS = 64, 4
"""What is trained to compare sizes."""
Sizes = tuple[int, int]
"""Runs of a population, and populations."""


def make_launch(file: Path) -> Trainer:
    """The choice of one launch, and the seconds that it took beside the making of the context."""

    def run(_: int) -> Turn:
        context = TrainingContext(load_study(file))
        start = time.perf_counter()
        plan = Plans(context).plan
        seconds = time.perf_counter() - start
        return {"width": plan.width, "n_lanes": plan.n_lanes, "seconds": seconds}

    return run


def make_sizes(file: Path, others: list[Sizes]) -> Trainer:
    """Runs per second of the sizes of this place in the list."""
    context = TrainingContext(load_study(file))
    makers = PoolMaker(context)

    def run(place: int) -> Turn:
        width, n_lanes = others[place]
        waiting = segments(context, N_RUNS)
        for i, segment in enumerate(waiting):
            waiting[i] = type(segment)(segment.run, segment.trial, N_EPOCHS)
        start = time.perf_counter()
        n = sum(map(len, makers.pool(ExecutionPlan(width, n_lanes, True)).train(waiting)))
        return {"runs": n, "seconds": time.perf_counter() - start}

    return run


def _busy() -> None:
    while True:
        pass


def twenty_launches(turns: int) -> dict[str, Any]:
    """What N_LAUNCHES launches chose, and their share of the best throughput."""
    chosen: list[Sizes] = []
    seconds = []
    for launch in range(N_LAUNCHES):
        beside = multiprocessing.get_context("spawn").Process(target=_busy, daemon=True)
        if launch % 2:
            beside.start()
        side = Side(make_launch, STUDY)
        try:
            found = side.turn(0)
        finally:
            side.close()
            if launch % 2:
                beside.kill()
                beside.join()
        chosen.append((found["width"], found["n_lanes"]))
        seconds.append(found["seconds"])
    sizes = sorted({*chosen, *((w, n) for w in (1, 8, 16, 32, 64) for n in (1, 2))})
    worth = _throughputs(sizes, turns)
    best = max(worth.values())
    return {
        "launches": N_LAUNCHES,
        "choices": [
            {"width": w, "lanes": n, "launches": k, "share_of_best": worth[w, n] / best}
            for (w, n), k in Counter(chosen).most_common()
        ],
        "least_share": min(worth[sizes] for sizes in chosen) / best,
        "seconds": median(seconds),
    }


def _throughputs(sizes: list[Sizes], turns: int) -> dict[Sizes, float]:
    side = Side(make_sizes, STUDY, sizes)
    found: dict[Sizes, list[float]] = {each: [] for each in sizes}
    try:
        side.turn(0)  # warms up
        for _ in range(turns):
            for place, each in enumerate(sizes):
                turn = side.turn(place)
                found[each].append(turn["runs"] / turn["seconds"])
    finally:
        side.close()
    return {each: median(values) for each, values in found.items()}
