"""Whole studies into SQLite: to both boundaries, from 100 to 2,000 runs, and the default study."""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch

import sweep
import sweep.phases.driver
from dashboards import build_report
from sweep.launchers.choose import make_launcher
from sweep.launchers.context import TrainingContext
from sweep.phases._recorder import Recorder
from sweep.phases.driver import drive
from sweep.search.sampler import Search
from tests.bench.lean_study import LeanLoop
from tests.bench.ours import segments, write_rows
from tests.bench.peers import make_lean, make_shared
from tests.bench.sides import Quiet, Side, Trainer, Turn, median, take_turns
from tests.bench.workloads import BATCH, EPOCHS, WORKLOADS

ROOT = Path(__file__).parent.parent.parent
MNIST1D = WORKLOADS["mnist1d"]
SIDES = ("overfitting_ends", "underfitting_starts")
BOUNDARY_LR, BOUNDARY_EPOCHS = 5e-3, 40
"""Enough for the network to overfit, or there would be no left boundary."""
WIDEST = 0.5
"""Decades that an interval may be wide."""
WRITTEN_RUNS = 10
"""Of each of the two processes that people write, in a turn."""
N_CPUS = os.cpu_count() or 1
COUNTS = (100, 500, 2000)
"""Runs of the studies whose cost per run is compared."""


# ---- to both boundaries ------------------------------------------------------------------------


def boundary_study(population: int | str) -> sweep.Study:
    """The default study, reduced: decay alone, 16 trials, one learning rate, none stopped early."""
    return sweep.Study(
        study={"name": "boundaries"},
        data=dict(MNIST1D.data),
        model=MNIST1D.model,
        training={
            "optimizer": "adamw",
            "lr": BOUNDARY_LR,
            "epochs": BOUNDARY_EPOCHS,
            "batch_size": BATCH,
        },
        search={
            "penalties": ["decay"],
            "trials": 16,
            "pruner": "none",
            "strength": {"low": 3e-3, "high": 10.0},
        },
        path={"points": 13, "resamples": 6},
        hardware={"population": population},
    )


def make_boundary_study(folder: Path, population: int | str, threads: int = 0) -> Trainer:
    """Every turn is the whole study, from nothing to its boundaries.

    With ``threads`` the lean loop trains it in so many threads, one run after the other.
    """

    if threads:
        torch.set_num_threads(threads)

    def run(_: int) -> Turn:
        path = folder / f"boundaries-{time.monotonic_ns()}.db"
        store = sweep.open_store(f"sqlite:///{path}")
        marks: dict[str, float] = {}

        def note(progress: sweep.Progress) -> None:
            now = time.perf_counter() - start
            marks.setdefault(f"{progress.phase} began", now)
            marks[f"{progress.phase} ended"] = now

        start, processor = time.perf_counter(), time.process_time()
        if threads:
            shop = TrainingContext(boundary_study(population))
            drive(store, shop, LeanLoop(shop), note)
        else:
            sweep.run_study(boundary_study(population), store, observer=note)
        seconds, cpu = time.perf_counter() - start, time.process_time() - processor
        found = sweep.boundaries_frame(sweep.open_store(f"sqlite:///{path}"), "boundaries")
        row = found[found["metric"] == "val_loss"].iloc[0]
        widths = {side: _decades(row, side) for side in SIDES}
        runs = sweep.runs_frame(sweep.open_store(f"sqlite:///{path}"), "boundaries")
        return {
            "runs": len(runs),
            "seconds": seconds,
            "cpu": cpu,
            "widths": widths,
            "said": row["sentence"],
            "parts": marks,
        }

    return run


def _decades(row: Any, side: str) -> float | None:
    """Width of a boundary's interval; None when the boundary was not found."""
    width = float(np.log10(row[f"{side}_high"] / row[f"{side}_low"]))
    return width if np.isfinite(row[side]) and np.isfinite(width) else None


def time_to_boundaries(folder: Path, turns: int) -> dict[str, Any]:
    """The same study as a population and one run at a time, in turns.

    One at a time is the lean loop in one process, of one thread or of all, whichever is quicker;
    ``seconds_one`` is the population with a single slot. ``seconds_written`` is what people write:
    as many runs of the lean loop under Optuna in two processes that share a SQLite file, without
    ladder and boundaries.
    """
    write_rows(MNIST1D, folder)
    sides = {
        "ours": Side(make_boundary_study, folder, "auto"),
        "one": Side(make_boundary_study, folder, 1),
        "lean": Side(make_boundary_study, folder, 1, 1),
        "lean, all threads": Side(make_boundary_study, folder, 1, os.cpu_count() or 1),
    }
    shared = make_shared, MNIST1D.key, folder, BOUNDARY_LR, BOUNDARY_EPOCHS
    written = [Side(*shared) for _ in range(2)]
    quiet = Quiet([*sides.values(), *written])
    taken: list[dict[str, Turn]] = []
    others, written_each = [], []
    try:
        for _ in range(turns):
            turn, disturbed = quiet.least_disturbed(
                lambda: {name: side.turn(0) for name, side in sides.items()}
            )
            taken.append(turn)
            others.append(disturbed)
            written_each.append(take_turns(written, WRITTEN_RUNS)[0])
    finally:
        for side in written:
            side.close()
        memory = {name: side.close() for name, side in sides.items()}
    seconds = {name: median([turn[name]["seconds"] for turn in taken]) for name in sides}
    lean = min("lean", "lean, all threads", key=lambda name: seconds[name])
    ours = taken[0]["ours"]
    return {
        "study": f"{MNIST1D.title}, decay alone, 16 trials, up to 13 strengths and zero on 6 draws "
        f"of 5,000 rows, {BOUNDARY_EPOCHS} epochs",
        "runs": ours["runs"],
        "others": max(others),
        "seconds": seconds["ours"],
        "cpu": median([turn["ours"]["cpu"] for turn in taken]),
        "occupancy": median([t["ours"]["cpu"] / t["ours"]["seconds"] for t in taken]) / N_CPUS,
        "seconds_written": median(written_each) * ours["runs"],
        "ratio_written": median(
            [
                each * t["ours"]["runs"] / t["ours"]["seconds"]
                for each, t in zip(written_each, taken, strict=True)
            ]
        ),
        "parts": ours["parts"],
        "seconds_alone": seconds[lean],
        "alone_is": lean,
        "seconds_one": seconds["one"],
        "ratio": median([turn[lean]["seconds"] / turn["ours"]["seconds"] for turn in taken]),
        "widths": ours["widths"],
        "narrow_enough": all(w is not None and w <= WIDEST for w in ours["widths"].values()),
        "said": ours["said"],
        "said_alone": taken[0][lean]["said"],
        "memory_mb": memory["ours"],
        "memory_alone_mb": memory[lean],
    }


# ---- from 100 to 2,000 runs --------------------------------------------------------------------


def tiny_study(n: int) -> sweep.Study:
    """A linear model on 200 rows, so that little but the sweep's own work costs time."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(200, 10)).astype(np.float32)
    y = (x[:, 0] + rng.normal(size=200) > 0).astype(np.int64)
    return sweep.Study(
        study={"name": f"runs{n}"},
        data=(x, y),
        model={"name": "linear"},
        training={"epochs": 6, "batch_size": 40},
        search={"penalties": ["l2", "l1"], "trials": n, "pruner": "none"},
        path={"points": 0, "resamples": 1},
    )


def make_tiny_study(folder: Path) -> Trainer:
    """Every turn is a study of so many trials; what starts it once is not counted."""

    def run(n: int) -> Turn:
        study = tiny_study(n)
        path = folder / f"runs-{n}-{time.monotonic_ns()}.db"
        shop = TrainingContext(study)
        trainer = make_launcher("local", 1, shop)
        list(trainer.train(segments(shop, 32)))
        store = sweep.open_store(f"sqlite:///{path}")
        start, processor = time.perf_counter(), time.process_time()
        drive(store, shop, trainer)
        seconds, cpu = time.perf_counter() - start, time.process_time() - processor
        runs = sweep.runs_frame(sweep.open_store(f"sqlite:///{path}"), study.study.name)
        return {"runs": len(runs), "seconds": seconds, "cpu": cpu}

    return run


def cost_per_run(folder: Path, turns: int) -> list[dict[str, Any]]:
    """Seconds per run of studies of COUNTS trials, measured in turns."""
    side = Side(make_tiny_study, folder)
    found: dict[int, list[Turn]] = {n: [] for n in COUNTS}
    quiet = Quiet([side])
    try:
        side.turn(COUNTS[0])  # warms up
        for _ in range(turns):
            for n in COUNTS:
                found[n].append(quiet.least_disturbed(partial(side.turn, n))[0])
    finally:
        side.close()
    return [
        {
            "runs": found[n][0]["runs"],
            "seconds_per_run": median([t["seconds"] / t["runs"] for t in found[n]]),
            "cpu_seconds_per_run": median([t["cpu"] / t["runs"] for t in found[n]]),
        }
        for n in COUNTS
    ]


# ---- where the default study's time goes -------------------------------------------------------


class Clock:
    """Adds up the wall time of calls by name; calls inside a timed call count once."""

    def __init__(self) -> None:
        self.seconds: Counter[str] = Counter()
        self.inside = False

    def watch(self, owner: Any, method: str, name: str) -> None:
        """Replaces ``owner.method`` by itself under this clock."""
        plain: Callable[..., Any] = getattr(owner, method)

        def timed(*args: Any, **kwargs: Any) -> Any:
            if self.inside:
                return plain(*args, **kwargs)
            self.inside, start = True, time.perf_counter()
            try:
                return plain(*args, **kwargs)
            finally:
                self.inside = False
                self.seconds[name] += time.perf_counter() - start

        setattr(owner, method, timed)


def make_default_study(folder: Path, file: Path) -> Trainer:
    """One turn: the whole study of a file and its report, with its parts timed."""

    def run(_: int) -> Turn:
        clock = Clock()
        clock.watch(Search, "ask", "asking")
        for method in ("restore", "add_trials", "end_runs", "save_trials", "settle"):
            clock.watch(Recorder, method, "recording")
        clock.watch(sweep.phases.driver, "conclude", "boundaries")
        url = f"sqlite:///{folder}/default.db"
        study = sweep.load_study(file)
        start, processor = time.perf_counter(), time.process_time()
        sweep.run_study(study, sweep.open_store(url))
        trained, cpu = time.perf_counter(), time.process_time() - processor
        build_report(sweep.open_store(url), out=folder / "report")
        end = time.perf_counter()
        runs = sweep.runs_frame(sweep.open_store(url), study.study.name)
        parts = dict(clock.seconds) | {"reporting": end - trained}
        occupancy = cpu / (trained - start) / N_CPUS
        return {
            "runs": len(runs),
            "epochs": int(runs["epochs"].sum()),
            "seconds": end - start,
            "trained": trained - start,
            "parts": parts,
            "occupancy": occupancy,
        }

    return run


def overhead(folder: Path) -> dict[str, Any]:
    """The default study's wall time, how much of it is not training, and what a lean loop would
    take for its epochs.

    The lean loop trains the same network on rows of MNIST-1D under decay, as ``make_lean``;
    ``seconds_lean`` is one process of one thread, ``seconds_written`` are two.
    """
    write_rows(MNIST1D, folder)
    side = Side(make_default_study, folder, ROOT / "studies" / "mnist1d.toml")
    try:
        measured = side.turn(0)
    finally:
        memory = side.close()
    lean = [Side(make_lean, MNIST1D.key, folder, 1) for _ in range(2)]
    try:
        alone = take_turns(lean[:1], WRITTEN_RUNS)[0] / EPOCHS
        together = take_turns(lean, WRITTEN_RUNS)[0] / EPOCHS
    finally:
        for one in lean:
            one.close()
    parts = measured["parts"]
    counted = sum(parts[name] for name in ("asking", "recording", "reporting"))
    epochs, trained = measured["epochs"], measured["trained"]
    return {
        "study": "studies/mnist1d.toml",
        "runs": measured["runs"],
        "epochs": epochs,
        "seconds": measured["seconds"],
        "seconds_lean": alone * epochs,
        "seconds_written": together * epochs,
        "ratio": alone * epochs / trained,
        "ratio_written": together * epochs / trained,
        "parts": parts,
        "share": counted / measured["seconds"],
        "occupancy": measured["occupancy"],
        "memory_mb": memory,
    }
