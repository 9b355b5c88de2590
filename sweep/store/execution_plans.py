"""Execution plans in the database, whatever study they were found for."""

from __future__ import annotations

from dataclasses import asdict

from sqlalchemy import select

from sweep.records.execution import ExecutionPlan, PlanKey
from sweep.store import schema
from sweep.store._rows import now
from sweep.store._statements import insert_or_replace
from sweep.store.store import Store


def read_plan(store: Store, key: PlanKey) -> ExecutionPlan | None:
    """The execution plan that was found for this key; None where none was."""
    table = schema.execution_plan_table
    query = select(table.c.width, table.c.n_lanes, table.c.batched).where(
        *(table.c[name] == value for name, value in asdict(key).items())
    )
    with store.reading() as connection:
        row = connection.execute(query).one_or_none()
    return None if row is None else ExecutionPlan(*row)


def write_plan(store: Store, key: PlanKey, plan: ExecutionPlan) -> None:
    """Keeps the execution plan that was found for this key, in place of another."""
    values = {**asdict(key), **asdict(plan), "found_at": now()}
    table = schema.execution_plan_table
    store.database.write(lambda connection, _: insert_or_replace(connection, table, values))
