"""How the tables come into a database, which version they have, and how they are made anew."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy.engine import Connection
from sqlalchemy.exc import OperationalError, ProgrammingError

from sweep.errors import StoreError
from sweep.store import schema, views
from sweep.store._checks import check_writable
from sweep.store._engines import Engines
from sweep.store._url import Address
from sweep.store.database_errors import is_of_a_missing_table

CREATION_LOCK = 727_367
"""Key of the PostgreSQL advisory lock under which the tables are created."""


def create(engines: Engines) -> None:
    """Creates what is missing, in one transaction; StoreError for tables of another version."""
    address = engines.address
    check_writable(address)
    with engines.writer.begin() as connection:
        if address.path is None:
            _lock_tables(connection)
        if schema.version_of(connection) is None:
            _create_all(connection)
        check_version(address, connection)
    if address.path is not None:
        engines.without_transaction("PRAGMA journal_mode=WAL")


def _create_all(connection: Connection) -> None:
    """Makes the tables and views of a new database, and writes its version."""
    schema.metadata.create_all(connection)
    views.create_views(connection)
    schema.write_version(connection, schema.SCHEMA_VERSION)


def read_version(connection: Connection) -> int | None:
    """The schema's version, None without tables; nothing else was read in the transaction yet."""
    try:
        return schema.version_of(connection)
    except (ProgrammingError, OperationalError) as error:
        if not is_of_a_missing_table(error):
            raise
        connection.rollback()  # a migration dropped the table of versions at this moment
        return schema.version_of(connection)


def known_version(address: Address, connection: Connection) -> int:
    """The schema's version; StoreError where there is none, or not one number."""
    version = read_version(connection)
    if version is None:
        raise StoreError(
            f"{address.masked_url}: a regsweep database must be given, found one without its "
            "tables; run a study into it first, or correct the URL"
        )
    if version == 0:
        raise StoreError(
            f"{address.masked_url}: the version of its schema must be one number from 1, found "
            "none or several; use a copy of the database from before"
        )
    return version


def check_version(address: Address, connection: Connection) -> None:
    """StoreError unless the schema is of this program's version."""
    version = known_version(address, connection)
    if version == schema.SCHEMA_VERSION:
        return
    older = version < schema.SCHEMA_VERSION
    command = f"run `python -m sweep migrate --database '{address.masked_url}'`"
    todo = f"{command}, which keeps all that is in it" if older else "update regsweep"
    raise StoreError(
        f"{address.masked_url}: schema version {schema.SCHEMA_VERSION} must be found, got "
        f"{version}; {todo}"
    )


@contextmanager
def rebuilding(engines: Engines) -> Iterator[Connection]:
    """A transaction that may make tables anew; what refers to them is checked at its end."""
    with engines.writer.connect() as connection:
        if engines.address.path is None:
            with connection.begin():
                _lock_tables(connection)
                yield connection
            return
        driver: Any = connection.connection.driver_connection
        driver.execute("PRAGMA foreign_keys=OFF")  # dropping a table deletes no rows of others
        try:
            with connection.begin():
                yield connection
                _check_references(engines.address, connection)
        finally:
            driver.execute("PRAGMA foreign_keys=ON")


def _check_references(address: Address, connection: Connection) -> None:
    broken = 'SELECT "table" FROM pragma_foreign_key_check WHERE "table" GLOB ?'
    table = connection.exec_driver_sql(broken, (f"{schema.PREFIX}*",)).scalar()
    if table is not None:
        raise StoreError(
            f"{address.masked_url}: every row of {table} must belong to one that is there, found "
            "one that does not; use a copy of the file from before"
        )


def _lock_tables(connection: Connection) -> None:
    """Until the end of its transaction, no other program makes our tables on this server."""
    connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({CREATION_LOCK})")
