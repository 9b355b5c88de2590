"""Records as rows of the tables, and back."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable, Mapping, Sequence
from itertools import repeat
from typing import Any

from sweep.records.row_losses import SplitRows
from sweep.records.trial import (
    Curve,
    LayerReading,
    Phase,
    Role,
    RunResult,
    State,
    Trial,
    TrialSummary,
)
from sweep.store import schema


def now() -> dt.datetime:
    """The time, in UTC."""
    return dt.datetime.now(dt.UTC)


def utc(time: dt.datetime | None) -> dt.datetime | None:
    """A stored time with its zone, UTC, which SQLite forgets."""
    return time if time is None or time.tzinfo else time.replace(tzinfo=dt.UTC)


def finite_or_null(value: float | int | None) -> float | None:
    """The number, or None for what a database without NaN and infinity stores as NULL."""
    return None if value is None or not math.isfinite(value) else float(value)


def trial_row(trial: Trial, defaults: Mapping[str, Any]) -> dict[str, Any]:
    """A waiting trial; ``defaults`` are the fixed ``lr`` and ``optimizer``."""
    return {
        "number": trial.number,
        "phase": str(trial.phase),
        "round": trial.round,
        "penalty": trial.penalty,
        "strength": trial.strength,
        "strengths": dict(trial.strengths),
        "params": dict(trial.params),
        "lr": float(trial.params.get("lr", defaults["lr"])),
        "optimizer": trial.params.get("optimizer", defaults["optimizer"]),
        "state": str(State.WAITING),
        "n_runs": 0,
        "role": str(trial.role),
        "layer": trial.layer,
        "parent": trial.parent,
    }


def run_row(trial_id: int, result: RunResult) -> dict[str, Any]:
    """An ended run with the metrics of its last epoch."""
    draw = result.run.draw
    return {
        "trial_id": trial_id,
        "number": result.run.number,
        "resample": draw.resample,
        "fold": draw.fold,
        "replicate": draw.replicate,
        "split_seed": draw.split_seed,
        "seed": draw.seed,
        "state": str(result.state),
        "epochs": result.epochs,
        "seconds": result.seconds,
        "note": result.note,
        **{name: finite_or_null(result.metrics.get(name)) for name in schema.METRIC_COLUMNS},
    }


def point_rows(run_id: int, curve: Curve) -> Iterable[tuple[int, str, int, float | None]]:
    """A curve's points, as the columns of their table."""
    values: Sequence[float | None] = curve.values
    if not all(map(math.isfinite, curve.values)):
        values = [finite_or_null(value) for value in curve.values]
    n = len(values)
    return zip(repeat(run_id, n), repeat(curve.metric, n), curve.epochs, values, strict=True)


def metric_rows(run_id: int, result: RunResult) -> list[dict[str, Any]]:
    """A run's values of the metrics that its study names; one not finite has no row."""
    return [
        {"run_id": run_id, "metric": name, "value": float(value)}
        for name, value in result.own.items()
        if math.isfinite(value)
    ]


def row_losses_rows(run_id: int, result: RunResult) -> list[dict[str, Any]]:
    """The losses of a run's validation rows, by metric."""
    return [
        {"run_id": run_id, "metric": metric, "losses": losses}
        for metric, losses in result.row_losses.items()
    ]


def split_rows_row(study_id: int, split: SplitRows) -> dict[str, Any]:
    """The validation rows of a split."""
    return {
        "study_id": study_id,
        "split_seed": split.split_seed,
        "fold": split.fold,
        "validation_rows": split.rows,
    }


def layer_row(run_id: int, place: int, reading: LayerReading) -> dict[str, Any]:
    """A penalized layer of a run; ``place`` is its place in the model's order."""
    return {
        "run_id": run_id,
        "place": place,
        "layer": reading.layer,
        "strength": reading.strength,
        "norm": finite_or_null(reading.norm),
        "zeros": reading.zeros,
        "weights": reading.weights,
    }


def summary_row(trial_id: int, summary: TrialSummary) -> dict[str, Any]:
    """What a trial's row takes on when the trial has ended."""
    return {
        "trial_id": trial_id,
        "state": str(summary.state),
        "n_runs": summary.n_runs,
        **{name: finite_or_null(summary.values.get(name)) for name in schema.SUMMARY_COLUMNS},
    }


def trial_of(row: Any) -> Trial:
    """The trial that a row holds."""
    return Trial(
        row.number,
        Phase(row.phase),
        row.round,
        row.penalty,
        row.strength,
        row.strengths,
        row.params,
        Role(row.role),
        row.layer,
        row.parent,
    )
