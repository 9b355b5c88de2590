"""One workload against its peers: sides take turns, and ratios are between neighbouring turns."""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from tests.bench.peak import TIMES, make_peak
from tests.bench.peers import make_lean, make_loader
from tests.bench.ray_peer import make_tune
from tests.bench.sides import Quiet, Side, median, take_turns
from tests.bench.workloads import BATCH, EPOCHS, Workload

N_CPUS = os.cpu_count() or 1
N_TUNE = 8
"""Trials of one turn of Ray Tune."""


@dataclass
class Contestant:
    """One form of a peer: the processes that train side by side, and what they took."""

    key: str
    title: str
    sides: list[Side]
    n: int
    """Runs of every process in a turn."""
    seconds: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)
    """Seconds of processors per run; none where others than these processes train."""
    ratios: list[float] = field(default_factory=list)
    more: dict[str, float] = field(default_factory=dict)

    def result(self) -> dict[str, Any]:
        """Ends the processes; what the page shows of this peer."""
        memory = sum(side.close() for side in self.sides)
        return {
            "key": self.key,
            "title": self.title,
            "runs_per_turn": self.n * len(self.sides),
            "seconds_per_run": median(self.seconds),
            **({"cpu_per_run": median(self.cpu)} if self.cpu else {}),
            "ratio": median(self.ratios),
            "ratios": self.ratios,
            "memory_mb": memory,
            **self.more,
        }


def compare(workload: Workload, folder: Path, turns: int) -> dict[str, Any]:
    """Ours and every peer, ``turns`` times each, in an order that alternates.

    A turn is: the peak, ours, a peer. The ratio is that peer's seconds per run over ours in the
    same turn; the share of the peak is ours over the peak just before. The result has medians. A
    turn in which other processes had more than a tenth of the machine is taken again, once.
    """
    if why := missing(workload.needs):
        return {"title": workload.title, "skipped": why}
    # In here: the peers' processes load this file too, and they shall not load the engine.
    from tests.bench.ours import make_population, write_pool, write_rows

    write_pool(workload, folder)
    sizes = write_rows(workload, folder)
    ours = Side(make_population, workload.key, folder)
    peak = Side(make_peak, N_CPUS)
    peers = _peers(workload, folder)
    quiet = Quiet([ours, peak, *(side for peer in peers for side in peer.sides)])
    taken: list[Taken] = []
    others: list[float] = []
    try:
        for _ in range(turns):
            for peer in peers:
                taking = partial(take_turn, workload, peak, ours, peer)
                now, disturbed = quiet.least_disturbed(taking)
                taken.append(now)
                others.append(disturbed)
                peer.seconds.append(now.seconds)
                peer.cpu.append(now.cpu)
                peer.ratios.append(now.seconds / now.own)
    finally:
        memory = ours.close()
        peak.close()
        results = [peer.result() for peer in peers]
    result: dict[str, Any] = {
        "title": workload.title,
        "epochs": EPOCHS,
        "batch_size": BATCH,
        "turns": turns,
        **sizes,
        "peak_gflops": max(turn.peak for turn in taken),
        "others": max(others),
        "ours": {
            "runs_per_turn": workload.n_ours,
            "seconds_per_run": median([turn.own for turn in taken]),
            "cpu_per_run": median([turn.ours["cpu"] / turn.ours["runs"] for turn in taken]),
            "flops_per_run": taken[0].ours["flops"] / taken[0].ours["runs"],
            "gflops": median([turn.speed for turn in taken]),
            "share_of_peak": median([turn.speed / turn.peak for turn in taken]),
            "memory_mb": memory,
            "val_loss": median([turn.ours["val_loss"] for turn in taken]),
        },
        "peers": results,
    }
    if workload.key == "mnist1d":
        result |= tune(workload, folder)
    return result


@dataclass(frozen=True)
class Taken:
    """One turn: the peak in GFLOP/s, ours, a peer's seconds per run, those of processors."""

    peak: float
    ours: Mapping[str, Any]
    seconds: float
    cpu: float

    @property
    def own(self) -> float:
        """Our seconds per run."""
        return float(self.ours["seconds"] / self.ours["runs"])

    @property
    def speed(self) -> float:
        """Our GFLOP/s."""
        return float(self.ours["flops"] / self.ours["seconds"] / 1e9)


def take_turn(workload: Workload, peak: Side, ours: Side, peer: Contestant) -> Taken:
    limit = peak.turn(TIMES)["gflops"]
    own = ours.turn(workload.n_ours)
    return Taken(limit, own, *take_turns(peer.sides, peer.n))


def _peers(workload: Workload, folder: Path) -> list[Contestant]:
    lean, n = (workload.key, folder), workload.n_peer
    return [
        Contestant("lean", "lean loop, one process", [Side(make_lean, *lean, N_CPUS)], n),
        Contestant(
            "lean_pair",
            f"lean loop, {N_CPUS} processes of one thread",
            [Side(make_lean, *lean, 1) for _ in range(N_CPUS)],
            n,
        ),
        Contestant(
            "loader", "Optuna, SQLite and DataLoader", [Side(make_loader, *lean, N_CPUS)], n
        ),
    ]


def tune(workload: Workload, folder: Path) -> dict[str, Any]:
    """Ray Tune against ours in turns of their own: it holds memory and threads while it is up."""
    if why := missing("ray.tune"):
        return {"tune_skipped": why}
    from tests.bench.ours import make_population

    ours, ray = (
        Side(make_population, workload.key, folder),
        Side(make_tune, workload.key, folder, N_CPUS),
    )
    peer = Contestant("tune", f"Ray Tune, {N_CPUS} CPUs", [ray], N_TUNE)
    try:
        for turn in range(3):
            own = ours.turn(workload.n_ours)
            measured = ray.turn(N_TUNE)
            seconds, mine = measured["seconds"] / N_TUNE, own["seconds"] / own["runs"]
            if turn == 0:
                cold = (measured["init"] + measured["seconds"]) / N_TUNE
                peer.more = {"seconds_per_run_cold": cold, "ratio_cold": cold / mine}
            else:
                peer.seconds.append(seconds)
                peer.ratios.append(seconds / mine)
    finally:
        ours.close()
        result = peer.result() if peer.seconds else {}
    return {"tune": result}


def missing(package: str) -> str:
    """Why a part is skipped: what is not installed; "" when it is there, or none is needed."""
    try:
        there = not package or importlib.util.find_spec(package) is not None
    except ModuleNotFoundError:
        there = False
    return "" if there else f"{package} is not installed; pip install 'regsweep[bench]'"
