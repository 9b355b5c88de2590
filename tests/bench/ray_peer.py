"""Ray Tune as a peer: one trial on each CPU, one thread each, a report after every epoch."""

from __future__ import annotations

import logging
import os
import time
from pathlib import Path
from typing import Any

import torch

from tests.bench.peers import Rows, read_rows, train_lean
from tests.bench.sides import Trainer, Turn
from tests.bench.workloads import STRENGTHS, WORKLOADS, Workload


def make_tune(key: str, folder: Path, n_cpus: int) -> Trainer:
    """Tune's trials of a workload. The first turn is cold; ``init`` is what starting Ray took."""
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    os.environ["RAY_AIR_NEW_OUTPUT"] = "0"
    os.environ["RAY_worker_niceness"] = "0"  # noqa: SIM112 - 15 by default, to yield
    import ray
    from ray import tune

    workload = WORKLOADS[key]
    rows = read_rows(workload, folder)
    start = time.perf_counter()
    ray.init(
        num_cpus=n_cpus,
        include_dashboard=False,
        log_to_driver=False,
        logging_level=logging.ERROR,
    )
    init = time.perf_counter() - start

    def train(n: int) -> Turn:
        start = time.perf_counter()
        trainable = tune.with_parameters(_train, workload=workload, rows=rows)
        tuner = tune.Tuner(
            tune.with_resources(trainable, {"cpu": 1}),
            param_space={"decay": tune.loguniform(*STRENGTHS)},
            tune_config=tune.TuneConfig(num_samples=n),
            run_config=tune.RunConfig(storage_path=str(folder), name="tune", verbose=0),
        )
        results = tuner.fit()
        seconds = time.perf_counter() - start
        assert not results.errors
        losses = [result.metrics["val_loss"] for result in results]
        return {
            "runs": n,
            "seconds": seconds,
            "init": init,
            "val_loss": float(torch.tensor(losses).median()),
        }

    return train


def _train(config: dict[str, Any], workload: Workload, rows: Rows) -> None:
    from ray import tune

    torch.set_num_threads(1)
    for loss in train_lean(workload, rows, config["decay"], seed=0):
        tune.report({"val_loss": loss})
