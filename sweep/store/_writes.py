"""The statements that write the rows of a study, each within a transaction of the store."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import sqlalchemy as sa
from sqlalchemy import select
from sqlalchemy.engine import Connection

from sweep.records.occupancy import Stretch
from sweep.records.row_losses import SplitRows
from sweep.records.trial import RunResult
from sweep.store import schema
from sweep.store._rows import (
    finite_or_null,
    layer_row,
    metric_rows,
    point_rows,
    row_losses_rows,
    run_row,
    split_rows_row,
)
from sweep.store._statements import driver_cursor


def update_study(connection: Connection, study_id: int, values: Mapping[str, Any]) -> None:
    """Changes columns of a study's row."""
    table = schema.study_table
    connection.execute(sa.update(table).where(table.c.id == study_id).values(**values))


def trial_ids(connection: Connection, study_id: int, numbers: set[int]) -> dict[int, int]:
    """The ids of those of these trials that are stored, by their numbers."""
    table = schema.trial_table
    query = select(table.c.number, table.c.id).where(
        table.c.study_id == study_id, table.c.number.in_(numbers)
    )
    return {number: id_ for number, id_ in connection.execute(query)}


def all_trial_ids(connection: Connection, study_id: int) -> dict[int, int]:
    """The ids of all trials of a study, by their numbers."""
    table = schema.trial_table
    query = select(table.c.number, table.c.id).where(table.c.study_id == study_id)
    return {number: id_ for number, id_ in connection.execute(query)}


def is_stored(connection: Connection, ids: Mapping[int, int], result: RunResult) -> bool:
    """Whether a run is stored, and so all that were recorded with it."""
    table, run = schema.run_table, result.run
    own = (table.c.trial_id == ids[run.trial], table.c.number == run.number)
    return connection.execute(select(table.c.id).where(*own)).first() is not None


def insert_runs(
    connection: Connection, ids: Mapping[int, int], results: Sequence[RunResult]
) -> None:
    """Inserts ended runs with their curves, layers, metrics and losses by row; ``ids`` are those of
    their trials.
    """
    runs = [run_row(ids[result.run.trial], result) for result in results]
    statement = sa.insert(schema.run_table).returning(
        schema.run_table.c.id, sort_by_parameter_order=True
    )
    run_ids = [row.id for row in connection.execute(statement, runs)]
    by_id = list(zip(run_ids, results, strict=True))
    points = [
        point
        for run_id, result in by_id
        for curve in sorted(result.curves, key=lambda curve: curve.metric)
        for point in point_rows(run_id, curve)
    ]
    if points:
        _insert_points(connection, points)
    layers = [
        layer_row(run_id, place, reading)
        for run_id, result in by_id
        for place, reading in enumerate(result.layers)
    ]
    own = [row for run_id, result in by_id for row in metric_rows(run_id, result)]
    losses = [row for run_id, result in by_id for row in row_losses_rows(run_id, result)]
    for table, rows in (
        (schema.run_metric_table, own),
        (schema.layer_table, layers),
        (schema.row_losses_table, losses),
    ):
        if rows:
            connection.execute(sa.insert(table), rows)


def _insert_points(connection: Connection, points: Sequence[tuple[object, ...]]) -> None:
    """Inserts points through the driver itself: they are many, and SQLAlchemy's own insert takes
    twice as long; PostgreSQL takes them twice as fast as a stream.
    """
    into = f"{schema.curve_table.name} (run_id, metric, epoch, value)"
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql(f"INSERT INTO {into} VALUES (?, ?, ?, ?)", list(points))
        return
    with driver_cursor(connection) as cursor, cursor.copy(f"COPY {into} FROM STDIN") as stream:
        for point in points:
            stream.write_row(point)


def replace_boundaries(
    connection: Connection, study_id: int, rows: Sequence[Mapping[str, Any]]
) -> None:
    """Puts these boundaries in place of the study's."""
    table = schema.boundary_table
    connection.execute(sa.delete(table).where(table.c.study_id == study_id))
    numbers = schema.BOUNDARY_NUMBERS
    cleaned = [
        {**row, "study_id": study_id, **{name: finite_or_null(row[name]) for name in numbers}}
        for row in rows
    ]
    if cleaned:
        connection.execute(sa.insert(table), cleaned)


def replace_split_rows(connection: Connection, study_id: int, splits: Sequence[SplitRows]) -> None:
    """Puts the rows of these splits in place of those that the study has."""
    table = schema.split_rows_table
    connection.execute(sa.delete(table).where(table.c.study_id == study_id))
    connection.execute(sa.insert(table), [split_rows_row(study_id, split) for split in splits])


def next_launch(connection: Connection, study_id: int) -> int:
    """The number of a launch that has no stretches yet: one more than the last."""
    table = schema.occupancy_table
    last = connection.execute(
        select(sa.func.max(table.c.launch)).where(table.c.study_id == study_id)
    )
    return 1 + (last.scalar_one() or 0)


def replace_occupancy(
    connection: Connection, study_id: int, launch: int, stretches: Sequence[Stretch]
) -> None:
    """Puts these stretches in place of the launch's."""
    table = schema.occupancy_table
    own = (table.c.study_id == study_id, table.c.launch == launch)
    connection.execute(sa.delete(table).where(*own))
    keys = {"study_id": study_id, "launch": launch}
    rows = [{**keys, "place": i, **asdict(s)} for i, s in enumerate(stretches)]
    connection.execute(sa.insert(table), rows)
