"""The setting that a study recommends, trained on all rows: what an estimator predicts with."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import nn

from sweep.errors import ModelError
from sweep.estimators._row_parts import TrainingRows
from sweep.launchers.context import TrainingContext
from sweep.launchers.sizing import measure_batched
from sweep.records.trial import Phase, Run, State, Trial, shape_of
from sweep.runtime.torch_state import limited_threads, plain_defaults
from sweep.study.study import Study
from sweep.training.jobs import Segment

MOST_CHECKED = 64
"""Rows that stand for validation and test rows, on which nothing is chosen here."""


@dataclass(frozen=True)
class TrainedNetwork:
    """A network in float64, and what rows and outputs are scaled by; it can be pickled."""

    module: nn.Module
    x_mean: np.ndarray | float
    x_scale: np.ndarray | float
    y_mean: np.ndarray | float
    y_scale: np.ndarray | float

    def outputs(self, x: np.ndarray) -> np.ndarray:
        """What the network gives for rows (N, D): (N, outputs), in the target's unit."""
        scaled = np.ascontiguousarray((x - self.x_mean) / self.x_scale)
        with torch.no_grad():
            given = self.module(torch.from_numpy(scaled)).numpy()
        return np.asarray(given * self.y_scale + self.y_mean)


def train_on_all(
    tables: Mapping[str, Mapping[str, Any]], trial: Trial, rows: TrainingRows
) -> TrainedNetwork:
    """The network of a trial, trained on all rows. ModelError where it diverges.

    ``tables`` are those of the study that the trial is of.
    """
    study = Study(**{**tables, "data": _data(tables["data"], rows), "path": ONE_RUN})
    with plain_defaults():
        context = TrainingContext(study)
        own = context.variant(shape_of(trial))
        draw = own.draws[Phase.CONFIRM][0]
        run = Run(trial.number, 0, draw)
        segment = Segment(run, trial, own.plan.epochs_of(trial), keep_weights=True)
        with limited_threads(own.threads):
            alone = own.population(1, measure_batched(own))
            (outcome,) = [o for batch in alone.train(deque([segment])) for o in batch]
        if outcome.weights is None or outcome.result.state is not State.COMPLETE:
            raise ModelError(
                f"fit: {trial.penalty} at {trial.strength:.3g} must train on all rows as it did on "
                "some, found that it diverged; lower lr"
            )
        module = own.build(draw.seed)
        module.load_state_dict(outcome.weights)
        scaling = {key: np.asarray(value) for key, value in own.splits.scaling(draw).items()}
    numbers = {key: scaling.get(key, usual) for key, usual in UNSCALED.items()}
    return TrainedNetwork(module.cpu().double().eval(), **numbers)


ONE_RUN = {"points": 0, "resamples": 1}
UNSCALED = {"x_mean": 0.0, "x_scale": 1.0, "y_mean": 0.0, "y_scale": 1.0}


def _data(table: Mapping[str, Any], rows: TrainingRows) -> dict[str, Any]:
    """All rows to train on; some of them once more where a study has others."""
    counted = np.flatnonzero(np.ones(len(rows.y)) if rows.weight is None else rows.weight)
    some = rows.take(counted[:MOST_CHECKED])
    kept = {key: table[key] for key in ("standardize", "task") if key in table}
    parts = {"train": rows.table, "validation": some.table, "test": some.table}
    return {**kept, **parts}
