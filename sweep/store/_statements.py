"""Statements that SQLAlchemy writes differently for each database, or not fast enough."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError

INSERTS: dict[str, Any] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}
"""By dialect: the inserts that know of conflicts."""


def insert_new(connection: Connection, table: sa.Table, values: Mapping[str, Any]) -> None:
    """Inserts a row, or leaves the one of its key alone: two launches may come at once."""
    new = INSERTS[connection.dialect.name](table).values(**values)
    connection.execute(new.on_conflict_do_nothing())


def insert_or_replace(connection: Connection, table: sa.Table, values: Mapping[str, Any]) -> None:
    """Inserts a row in place of the one of its key, if there is one."""
    new = INSERTS[connection.dialect.name](table).values(**values)
    keys = [column.name for column in table.primary_key]
    rest = {name: value for name, value in values.items() if name not in keys}
    connection.execute(new.on_conflict_do_update(index_elements=keys, set_=rest))


@contextmanager
def driver_cursor(connection: Connection) -> Iterator[Any]:
    """A cursor of the driver itself, for many rows; its errors are raised as SQLAlchemy's."""
    cursor, base = connection.connection.cursor(), connection.dialect.loaded_dbapi.Error
    try:
        yield cursor
    except base as error:
        raise DBAPIError.instance(None, None, error, base, dialect=connection.dialect) from error
    finally:
        cursor.close()
