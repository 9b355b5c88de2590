"""A table of runs that were trained elsewhere, read row by row: one record for each training.

Nothing is guessed: what cannot be read, stands twice or says two things is refused, with the row
and the column in which it stands.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from sweep.errors import DataError
from sweep.imports._values import (
    checked_name,
    checked_penalty,
    number,
    plain_value,
    setting_value,
)
from sweep.metrics.metric import ACCURACY, LOSS, Metric, within_largest
from sweep.records.parameters import ALL_LAYERS, LONGEST_LAYER
from sweep.records.trial import Curve, State

Parameter = float | int | str
Unit = tuple[int | str, ...]
"""What says on which rows, and from which weights, a run was trained."""

WHERE = "import"
"""How messages name what they are about."""


@dataclass(frozen=True, kw_only=True)
class TableColumns:
    """Which column of the table holds what."""

    strength: str
    seed: tuple[str, ...] = ()
    validation: str
    training: str | None
    null: str | float | None = None
    """A column, or the one number of all runs."""
    penalty: str | None = None
    layer: str | None = None
    epoch: str | None = None
    state: str | None = None
    """Of words of ``State``; without one, a run completed if its losses are finite."""
    settings: tuple[str, ...] = ()
    metrics: tuple[Metric, ...] = ()
    curve: str | None = None
    """Of validation losses by epoch, where a row is a whole run."""

    @property
    def named(self) -> list[str]:
        """All that the table must have."""
        words = (self.strength, *self.seed, self.validation, self.training, self.null)
        more = (self.penalty, self.layer, self.epoch, self.state, self.curve, *self.settings)
        metrics = (metric.validation for metric in self.metrics)
        return [name for name in (*words, *more, *metrics) if isinstance(name, str)]

    @property
    def measured(self) -> dict[str, str]:
        """What a run is judged by: our column, and the table's."""
        found = {LOSS.validation: self.validation}
        if self.training is not None:
            found[LOSS.training] = self.training
        if isinstance(self.null, str):
            found[LOSS.null] = self.null
        for metric in self.metrics:
            found |= {column: column for column in metric.columns}
        return found


@dataclass(frozen=True)
class RunKey:
    """What tells a run from all others."""

    penalty: str
    layer: str
    strength: float
    unit: Unit
    settings: tuple[tuple[str, Parameter], ...]


@dataclass(frozen=True)
class ImportedRun:
    """One training as its table has it."""

    key: RunKey
    state: State
    epochs: int
    """0 where the table does not say."""
    metrics: Mapping[str, float]
    """Those of its last epoch that are finite, by our columns."""
    curves: tuple[Curve, ...]
    row: str
    """Where it stands, for messages."""


@dataclass
class _Rows:
    """The rows of one run, in their order."""

    row: str
    state: State | None
    points: dict[int, dict[str, float]] = field(default_factory=dict)
    curve: Mapping[int, float] = field(default_factory=dict)


def read_runs(frame: pd.DataFrame, columns: TableColumns, name: str) -> list[ImportedRun]:
    """The runs of a table, in the order in which they first appear.

    ``name`` is that of the penalty, where no column has it.
    """
    measured = {own: given for own, given in columns.measured.items() if given in frame.columns}
    wanted = list(dict.fromkeys([*columns.named, *measured.values()]))
    _check_columns(frame, columns, wanted)
    found: dict[tuple[RunKey, int], _Rows] = {}
    for place, (label, cells) in enumerate(
        zip(frame.index, frame[wanted].to_dict("records"), strict=True)
    ):
        row = f"row {label}"
        key = _key_of(cells, columns, name, row)
        alone = place if not (columns.seed or columns.epoch) else 0  # nothing tells them apart
        rows = found.setdefault((key, alone), _Rows(row, _state_of(cells, columns, row)))
        epoch = _epoch_of(cells, columns, row)
        if epoch in rows.points:
            raise _twice(key, columns, rows.row, row, epoch)
        rows.points[epoch] = _losses_of(cells, measured, row)
        rows.curve = cells[columns.curve] if columns.curve is not None else {}
    return [_run_of(key, rows, columns) for (key, _), rows in found.items()]


def _check_columns(frame: pd.DataFrame, columns: TableColumns, wanted: Sequence[str]) -> None:
    for column in wanted:
        n_found = int((frame.columns == column).sum())
        if n_found != 1:
            listed = ", ".join(repr(str(c)) for c in frame.columns[:12]) or "none"
            what = "none" if not n_found else f"{n_found} of that name"
            raise DataError(
                f"{WHERE}: the table must have one column {column!r}, found {what}; "
                f"its columns are {listed}"
            )
    if twice := sorted({c for c in columns.named if columns.named.count(c) > 1}):
        raise DataError(
            f"{WHERE}: a column must be named for one thing, found {twice[0]!r} named for two; "
            "correct the arguments"
        )
    if frame.empty:
        raise DataError(f"{WHERE}: the table must have runs, found no row; check the export")


def _key_of(cells: Mapping[Any, Any], columns: TableColumns, name: str, row: str) -> RunKey:
    penalty, layer = name, ALL_LAYERS
    if columns.penalty is not None:
        penalty = checked_penalty(cells[columns.penalty], f"{WHERE}: {row}: {columns.penalty}")
    if columns.layer is not None:
        where = f"{WHERE}: {row}: {columns.layer}"
        layer = checked_name(cells[columns.layer], where, LONGEST_LAYER)
    settings = tuple(
        (own, value)
        for own in columns.settings
        if (value := setting_value(own, cells[own], f"{WHERE}: {row}: {own}")) is not None
    )
    return RunKey(penalty, layer, _strength_of(cells, columns, row), _unit_of(cells, columns, row),
                  settings)  # fmt: skip


def _strength_of(cells: Mapping[Any, Any], columns: TableColumns, row: str) -> float:
    where = f"{WHERE}: {row}: {columns.strength}"
    strength = number(cells[columns.strength], where)
    if not (math.isfinite(strength) and strength >= 0):
        raise DataError(
            f"{where}: a strength must be a number of at least 0, found {strength:g}; "
            "correct it, or leave the row out (0 is no regularization)"
        )
    return strength + 0.0  # no minus zero


def _unit_of(cells: Mapping[Any, Any], columns: TableColumns, row: str) -> Unit:
    unit = []
    for column in columns.seed:
        value = plain_value(cells[column], f"{WHERE}: {row}: {column}")
        if value is None:
            raise DataError(
                f"{WHERE}: {row}: {column}: a seed must be given for every run, found none; "
                "fill it in, or leave the row out"
            )
        whole = isinstance(value, float) and value.is_integer()
        unit.append(int(value) if whole or isinstance(value, int) else str(value))
    return tuple(unit)


def _epoch_of(cells: Mapping[Any, Any], columns: TableColumns, row: str) -> int:
    if columns.epoch is None:
        return 0
    where = f"{WHERE}: {row}: {columns.epoch}"
    epoch = number(cells[columns.epoch], where)
    if not (math.isfinite(epoch) and epoch >= 0 and epoch == int(epoch)):
        raise DataError(f"{where}: an epoch must be a whole number from 0, found {epoch:g}")
    return int(epoch)


def _state_of(cells: Mapping[Any, Any], columns: TableColumns, row: str) -> State | None:
    return None if columns.state is None else State(str(cells[columns.state]))


def _losses_of(cells: Mapping[Any, Any], measured: Mapping[str, str], row: str) -> dict[str, float]:
    """What a row says of a run by our columns; nan for an empty cell."""
    values = {
        own: within_largest(number(cells[given], f"{WHERE}: {row}: {given}"))
        for own, given in measured.items()
    }
    for column in ACCURACY.columns:
        value = values.get(column, math.nan)
        if value < 0 or value > 1:
            raise DataError(
                f"{WHERE}: {row}: {column}: an accuracy must be a share from 0 to 1, found "
                f"{value:g}; divide percentages by 100"
            )
    return values


def _twice(key: RunKey, columns: TableColumns, first: str, second: str, epoch: int) -> DataError:
    at = f" at epoch {epoch}" if columns.epoch else ""
    seeds = "".join(f", {c} {v}" for c, v in zip(columns.seed, key.unit, strict=True))
    todo = "leave one out, or name the column that tells them apart in seed or settings"
    return DataError(
        f"{WHERE}: {second}: every run must stand once{at}, found {columns.strength} "
        f"{key.strength:g}{seeds} of {key.penalty} in {first} too; {todo}"
    )


def _run_of(key: RunKey, rows: _Rows, columns: TableColumns) -> ImportedRun:
    epochs = sorted(rows.points)
    last = rows.points[epochs[-1]]
    needed = [LOSS.validation, *([LOSS.training] if columns.training is not None else [])]
    finite = all(math.isfinite(last[column]) for column in needed)
    state = rows.state
    if state is None or (state is State.COMPLETE and not finite):
        state = State.COMPLETE if finite else State.DIVERGED
    metrics = {own: value for own, value in last.items() if math.isfinite(value)}
    if isinstance(columns.null, float):
        metrics[LOSS.null] = columns.null
    if columns.epoch is None:
        last_epoch, curves = max(rows.curve, default=0), _curve_of(rows.curve)
        return ImportedRun(key, state, last_epoch, metrics, curves, rows.row)
    curves = tuple(
        Curve(own, tuple(epochs), tuple(rows.points[epoch][own] for epoch in epochs))
        for own in last
        if own != LOSS.null
    )
    lowest = min(epochs, key=lambda epoch: _or_inf(rows.points[epoch][LOSS.validation]))
    if math.isfinite(best := rows.points[lowest][LOSS.validation]):
        metrics |= {"best_val_loss": best, "best_epoch": float(lowest)}
    return ImportedRun(key, state, epochs[-1], metrics, curves, rows.row)


def _curve_of(points: Mapping[int, float]) -> tuple[Curve, ...]:
    epochs = tuple(sorted(points))
    values = tuple(points[epoch] for epoch in epochs)
    return (Curve(LOSS.validation, epochs, values),) if epochs else ()


def _or_inf(value: float) -> float:
    return value if math.isfinite(value) else math.inf
