"""Measures the stacked population against a lean hand-written loop, on the same work in one run.

``make bench`` prints a Markdown table. The peer is an ordinary PyTorch loop over tensors (no
DataLoader) whose trials Optuna's TPE asks in memory, in one process and in two processes of one
thread each. Model, rows, batch size, epochs and validation after every epoch are the same. Figures
are ratios of one run on one machine: compare them, not seconds from different days.
"""

from __future__ import annotations

import multiprocessing
import sys
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import optuna
import torch
import torch.nn.functional as F
from torch import Tensor, nn

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from sweep.launchers import train_job  # noqa: E402
from sweep.population import Segment  # noqa: E402
from sweep.records import Phase, Run, Trial  # noqa: E402
from sweep.study import Study  # noqa: E402
from sweep.workshop import Workshop  # noqa: E402

EPOCHS = 20
N_OURS, N_PEER = 64, 6
WORKLOADS = {
    "digits 64-64-64-10": ({"name": "digits"}, [64, 64]),
    "MNIST-1D 40-100-100-10": ({"name": "mnist1d", "design": "fresh"}, [100, 100]),
}


def study(workload: str) -> Study:
    data, hidden = WORKLOADS[workload]
    return Study(
        study={"name": "bench"},
        data=data,
        model={"hidden": hidden},
        training={"optimizer": "adamw", "lr": 2e-3, "epochs": EPOCHS, "batch_size": 64},
        search={"penalties": ["decay"], "trials": N_OURS, "round": N_OURS},
    )


def ours(shop: Workshop) -> float:
    """Seconds per run of one population."""
    draw = shop.draws[Phase.EXPLORE][0]
    job = []
    for i in range(N_OURS):
        strength = 10 ** (-3 + 4 * i / N_OURS)
        strengths = dict.fromkeys(shop.layers, strength)
        trial = Trial(i, Phase.PATH, 0, "decay", strength, strengths, {})
        job.append(Segment(Run(i, 0, draw), trial, EPOCHS))
    assert shop.width  # measured before the clock starts
    start = time.perf_counter()
    assert len(train_job(shop, job)) == N_OURS
    return (time.perf_counter() - start) / N_OURS


def lean_loop(
    x: Tensor, y: Tensor, xv: Tensor, yv: Tensor, model: nn.Module, decay: float
) -> float:
    """The peer: one run as a careful person would write it."""
    matrices = [p for p in model.parameters() if p.ndim > 1]
    others = [p for p in model.parameters() if p.ndim <= 1]
    groups = [{"params": matrices, "weight_decay": decay}, {"params": others, "weight_decay": 0.0}]
    optimizer = torch.optim.AdamW(groups, lr=2e-3)
    loss = torch.zeros(())
    for _ in range(EPOCHS):
        model.train()
        order = torch.randperm(len(x))
        for start in range(0, len(x) - 63, 64):
            rows = order[start : start + 64]
            optimizer.zero_grad()
            F.cross_entropy(model(x[rows]), y[rows]).backward()
            optimizer.step()
        model.eval()
        with torch.no_grad():
            loss = F.cross_entropy(model(xv), yv)
    return float(loss)


def peer(workload: str, n: int, threads: int) -> float:
    """Seconds that n trials take under Optuna in memory."""
    torch.set_num_threads(threads)
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    shop = Workshop(study(workload))
    split = shop.first_split
    rows = (split.x_train, split.y_train, split.x_validation, split.y_validation)

    def objective(trial: optuna.Trial) -> float:
        decay = trial.suggest_float("strength", 1e-3, 10, log=True)
        return lean_loop(*rows, shop.build(trial.number), decay)

    search = optuna.create_study(sampler=optuna.samplers.TPESampler(seed=0))
    search.optimize(objective, n_trials=1)  # warms up
    start = time.perf_counter()
    search.optimize(objective, n_trials=n)
    return time.perf_counter() - start


def two_processes(measure: Callable[[str, int, int], float], workload: str) -> float:
    """Seconds per run of two processes of one thread side by side."""
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(2, mp_context=context) as pool:
        jobs = [pool.submit(measure, workload, N_PEER, 1) for _ in range(2)]
        return max(job.result() for job in jobs) / (2 * N_PEER)


def main() -> None:
    print("| workload | ours, s per run | lean loop, 1 process | lean loop, 2 processes | ratio |")
    print("| --- | --- | --- | --- | --- |")
    threads = torch.get_num_threads()
    for workload in WORKLOADS:
        alone = peer(workload, N_PEER, threads) / N_PEER
        pair = two_processes(peer, workload)
        torch.set_num_threads(threads)
        mine = ours(Workshop(study(workload)))
        best = min(alone, pair) / mine
        print(f"| {workload} | {mine:.3f} | {alone:.3f} | {pair:.3f} | {best:.1f}x |", flush=True)


if __name__ == "__main__":
    main()
