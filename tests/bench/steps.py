"""What a step costs under a schedule, clipping, other optimizers and penalties: MNIST-1D's network.

Processor time of steps alone, without any evaluation: a population of WIDTH runs in one thread, and
a lean loop with ``torch.optim.Muon`` beside it. Sides take turns with what they are compared with.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Any

from tests.bench.peers import make_lean_steps
from tests.bench.results import CHEAP, DEAR
from tests.bench.sides import Quiet, Side, Trainer, Turn, median
from tests.bench.workloads import WORKLOADS

WORKLOAD = WORKLOADS["mnist1d"]
WIDTH = 32
N_TIMINGS = 1
"""Timings of a turn, of which the quickest counts; each is the better of two epochs."""
BASE, MUON, TORCH_MUON = "adamw", "muon", "torch_muon"
TRAININGS: Mapping[str, tuple[str, Mapping[str, Any]]] = MappingProxyType(
    {
        BASE: ("AdamW with decay, constant rate", {}),
        "cosine": ("AdamW, cosine", {"schedule": "cosine"}),
        "clipped": ("AdamW, cosine and clipping", {"schedule": "cosine", "clip_norm": 1.0}),
        "lion": ("Lion, constant rate", {"optimizer": "lion"}),
        MUON: ("Muon, constant rate", {"optimizer": "muon"}),
    }
)
"""Titles and settings of the populations."""


def make_steps(key: str, folder: Path) -> Trainer:
    """Times the steps of a population; its ``runs`` are steps of single runs."""
    from sweep.launchers.context import TrainingContext
    from sweep.runtime.torch_state import limited_threads
    from tests.bench.ours import make_study, segments

    settings = TRAININGS[key][1] if key in TRAININGS else {}
    penalty = key if key in PENALTIES else "decay"
    shop = TrainingContext(make_study(WORKLOAD, folder, settings, penalty))
    population = shop.short_population(WIDTH, True, shop.plan.steps_per_epoch)
    runs = list(segments(shop, WIDTH, penalty))
    n_steps = WIDTH * population.plan.steps_per_epoch

    def train(n: int) -> Turn:
        with limited_threads(1):
            clock = time.process_time  # one thread: what others do to the machine hardly counts
            seconds = min(population.seconds_per_epoch(runs, clock) for _ in range(n))
        return {"runs": n_steps, "seconds": seconds}

    return train


PENALTIES = {**CHEAP, **DEAR}
"""Titles of the penalties that are timed under AdamW; the other trainings have ``decay``."""


@dataclass
class Timed:
    """A side, what it is compared with, and what its turns took."""

    key: str
    title: str
    against: str
    """The key of the side that it is compared with."""
    side: Side
    seconds: list[float] = field(default_factory=list)
    ratios: list[float] = field(default_factory=list)

    def row(self) -> dict[str, Any]:
        """What the table shows of it."""
        return {
            "key": self.key,
            "title": self.title,
            "against": self.against,
            "seconds_per_step": median(self.seconds),
            "ratio": median(self.ratios),
            "ratios": self.ratios,
        }


def cost_of_steps(folder: Path, turns: int) -> dict[str, Any]:
    """Seconds of one run's step of every training, and ratios of neighbouring turns."""
    from tests.bench.ours import write_rows

    write_rows(WORKLOAD, folder)
    titles = {key: title for key, (title, _) in TRAININGS.items()}
    titles |= {key: f"AdamW with {name}" for key, name in PENALTIES.items()}
    timed = {
        key: Timed(key, title, BASE, Side(make_steps, key, folder)) for key, title in titles.items()
    }
    lean = Side(make_lean_steps, WORKLOAD.key, folder, 1)
    timed[TORCH_MUON] = Timed(TORCH_MUON, "torch.optim.Muon in a lean loop", MUON, lean)
    quiet = Quiet([one.side for one in timed.values()])
    others = []
    try:
        for _ in range(turns):
            for one in timed.values():
                taken, disturbed = quiet.least_disturbed(partial(_turn, one, timed[one.against]))
                one.seconds.append(taken[0])
                one.ratios.append(taken[0] / taken[1])
                others.append(disturbed)
    finally:
        for one in timed.values():
            one.side.close()
    rows = [one.row() for one in timed.values()]
    return {"title": WORKLOAD.title, "width": WIDTH, "others": max(others), "rows": rows}


def _turn(one: Timed, other: Timed) -> tuple[float, float]:
    """Seconds of one run's step of both, one after the other."""
    first, second = other.side.turn(N_TIMINGS), one.side.turn(N_TIMINGS)
    return second["seconds"] / second["runs"], first["seconds"] / first["runs"]
