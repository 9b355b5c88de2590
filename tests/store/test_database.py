"""How long a database's connections live."""

from __future__ import annotations

import gc
import sqlite3
from pathlib import Path

import pytest
import sqlalchemy as sa

from sweep.store.database import Database
from sweep.store.store import open_store


def opened(database: Database) -> list[sqlite3.Connection]:
    """The driver's connections behind the writer and the reader, both in use by now."""
    database.write(lambda _connection, _repeated: None)
    with database.reading():
        pass
    found = []
    for engine in (database.engines.writer, database.engines.reader):
        with engine.connect() as connection:
            driver = connection.connection.driver_connection
            assert isinstance(driver, sqlite3.Connection)
            found.append(driver)
    return found


def is_closed(connection: sqlite3.Connection) -> bool:
    try:
        connection.execute("SELECT 1")
    except sqlite3.ProgrammingError:
        return True
    return False


@pytest.mark.parametrize("way", ["close", "collect"])
def test_connections_end_with_their_database_closed_or_not(tmp_path: Path, way: str) -> None:
    database: Database | None = open_store(f"sqlite:///{tmp_path}/sweep.db").database
    assert database is not None
    connections = opened(database)
    assert [is_closed(connection) for connection in connections] == [False, False]
    if way == "close":
        database.close()
    else:
        database = None
        gc.collect()
    assert [is_closed(connection) for connection in connections] == [True, True]


def test_a_closed_database_opens_new_connections(tmp_path: Path) -> None:
    database = open_store(f"sqlite:///{tmp_path}/sweep.db").database
    before = opened(database)
    database.close()
    assert all(map(is_closed, before))
    assert not any(map(is_closed, opened(database)))
    database.close()


def test_tables_are_looked_for_before_the_first_write_alone(tmp_path: Path) -> None:
    database = open_store(f"sqlite:///{tmp_path}/sweep.db").database
    statements: list[str] = []
    sa.event.listen(
        database.engines.writer, "before_cursor_execute", lambda *a: statements.append(a[2])
    )
    counts = []
    for _ in range(3):
        statements.clear()
        database.write(lambda connection, _: connection.exec_driver_sql("SELECT 1"))
        counts.append(len(statements))
    assert counts[0] > 2
    assert counts[1:] == [2, 2]  # BEGIN IMMEDIATE and the job's own
    database.close()
