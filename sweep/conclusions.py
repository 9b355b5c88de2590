"""From the path's runs to rows of ``boundaries_frame``: one per path and metric."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from sweep.boundary import describe_boundary, estimate_boundary
from sweep.ledger import Ledger
from sweep.records import Phase, State, Trial
from sweep.schema import BOUNDARY_NUMBERS, BOUNDARY_WORDS

ALL_LAYERS = "all"
"""The path along which the strengths of all layers move together."""


def conclude(
    ledger: Ledger, *, n_runs: int, task: str, validation_ratio: float
) -> list[dict[str, Any]]:
    """One row per path and metric; accuracies are judged as error rates."""
    metrics = ("val_loss", "val_accuracy") if task == "classification" else ("val_loss",)
    rows = []
    for penalty in ledger.study.search.penalties:
        trials = sorted(ledger.of_phase(Phase.PATH, penalty), key=lambda trial: trial.strength)
        for metric in metrics if trials else ():
            rows.append(_row(ledger, penalty, metric, trials, n_runs, validation_ratio))
    return rows


def _row(
    ledger: Ledger,
    penalty: str,
    metric: str,
    trials: list[Trial],
    n_runs: int,
    validation_ratio: float,
) -> dict[str, Any]:
    validation = _table(ledger, trials, metric, n_runs)
    training = _table(ledger, trials, metric.replace("val_", "train_"), n_runs)
    null = _null(ledger, trials, metric.replace("val_", "null_"), n_runs)
    if metric == "val_accuracy":
        validation, training, null = 1 - validation, 1 - training, 1 - null
    data = ledger.study.data
    boundary = estimate_boundary(
        np.array([trial.strength for trial in trials]),
        validation,
        training,
        null,
        design=data.design,
        n_folds=data.n_folds if data.design == "kfold" else None,
        validation_ratio=validation_ratio if data.design == "resample" else None,
        seed=ledger.study.study.seed,
    )
    words = {name: str(getattr(boundary, name)) for name in BOUNDARY_WORDS if name != "sentence"}
    return {
        **{name: float(getattr(boundary, name)) for name in BOUNDARY_NUMBERS},
        **words,
        "penalty": penalty,
        "layer": ALL_LAYERS,
        "metric": metric,
        "n_strengths": boundary.n_strengths,
        "n_resamples": boundary.n_resamples,
        "sentence": describe_boundary(boundary, penalty, metric),
    }


def _table(ledger: Ledger, trials: list[Trial], metric: str, n_runs: int) -> np.ndarray:
    """A metric as (strengths, resamples); nan where a run did not complete."""
    table = np.full((len(trials), n_runs), math.nan)
    for row, trial in enumerate(trials):
        for column in range(n_runs):
            state, metrics = ledger.runs.get((trial.number, column), (State.WAITING, {}))
            if state is State.COMPLETE:
                table[row, column] = metrics.get(metric, math.nan)
    return table


def _null(ledger: Ledger, trials: list[Trial], metric: str, n_runs: int) -> np.ndarray:
    """The constant predictor's score on every resample (R,): the same at every strength."""
    row = np.full(n_runs, math.nan)
    for trial in trials:
        for column in range(n_runs):
            _, metrics = ledger.runs.get((trial.number, column), (State.WAITING, {}))
            row[column] = metrics.get(metric, row[column])
    return row
