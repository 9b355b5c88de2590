"""Brings a database of an older schema up to date, through Alembic.

Alembic's record of the version lies in a table of our own, beside the one that Optuna's storage
has. All revisions, their records and the views are one transaction: a database is of one version or
of another, and never between.
"""

from __future__ import annotations

import functools
import re
from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from sqlalchemy.engine import Connection

from sweep.errors import StoreError
from sweep.store import schema, views
from sweep.store._copy import copy_file
from sweep.store.database import Database

READS_OURS = re.compile(
    rf"\b(?:FROM|JOIN)[\s(]+\"?(?:\w+\"?\.\"?)?(?:{schema.PREFIX}\w+|{'|'.join(views.VIEWS)})\b",
    re.IGNORECASE,
)
"""What the query of a view says where it reads tables or views of ours."""


def migrate(database: Database) -> tuple[int, Path | None]:
    """The version that was found, and the copy of a SQLite file that was made first, if any.

    Raises StoreError for what is no database of ours, and for one of a newer schema.
    """
    found = database.schema_version()
    if found >= schema.SCHEMA_VERSION:
        with database.reading() as connection:
            _check_tables(connection, database.masked_url)
            return found, None
    copy = copy_file(database, f"v{found}")
    try:
        database.retry(functools.partial(_attempt, database, found))
    except BaseException:  # the database is as it was
        if copy is not None:
            copy.unlink()
        raise
    return found, copy


def _attempt(database: Database, found: int, repeated: bool) -> None:
    """The migration from the version ``found``, unless it happened, its answer being lost."""
    with database.rebuilding() as connection:
        version = schema.version_of(connection)
        if repeated and version == schema.SCHEMA_VERSION:
            return
        if version != found:
            raise StoreError(f"{database.masked_url}: another program migrates it; wait for it")
        _check_additions(connection, database.masked_url)
        upgrade(connection, schema.SCHEMA_VERSION)


def _check_tables(connection: Connection, masked_url: str) -> None:
    missing = sorted(set(schema.metadata.tables) - set(sa.inspect(connection).get_table_names()))
    if missing:
        raise StoreError(
            f"{masked_url}: all tables of its version must be there, found no "
            f"{', '.join(missing)}; use a copy of the database from before"
        )


def _check_additions(connection: Connection, masked_url: str) -> None:
    """StoreError for what others added to our tables and views, which a migration would lose."""
    there = sa.inspect(connection)
    ours = [name for name in there.get_table_names() if name in schema.metadata.tables]
    found = [
        f"column {table}.{column['name']}"
        for table in ours
        for column in there.get_columns(table)
        if column["name"] not in _columns_ever(table)
    ]
    if connection.dialect.name == "sqlite":
        query = "SELECT type, name, tbl_name FROM sqlite_master WHERE sql IS NOT NULL"
        found += [
            f"{kind} {name}"
            for kind, name, table in connection.exec_driver_sql(query)
            if kind in ("trigger", "index") and table in ours
        ]
    for view in there.get_view_names():
        query = there.get_view_definition(view) or ""
        own, reads_ours = view in views.VIEWS, bool(READS_OURS.search(query))
        found += [f"view {view}"] if own != reads_ours else []
    if found:
        raise StoreError(
            f"{masked_url}: our tables and views must be as they were made, found "
            f"{', '.join(found)}; drop them before the migration, and make them again after it"
        )


def _columns_ever(table: str) -> set[str]:
    """The columns that a table of ours has, or had in its first version."""
    from sweep.store.migrations.versions import v0001_first_tables

    tables = (schema.metadata.tables, v0001_first_tables.metadata.tables)
    return {column.name for found in tables if table in found for column in found[table].columns}


def upgrade(connection: Connection, version: int) -> None:
    """Calls the revisions up to a version, and makes the views anew if it is the newest.

    From a database without tables, too.
    """
    found = schema.version_of(connection)
    if found is not None and not sa.inspect(connection).has_table(schema.schema_table.name):
        schema.write_version(connection, found)
    views.drop_views(connection)
    config = Config()
    config.set_main_option("script_location", "sweep.store:migrations")
    config.attributes["connection"] = connection
    command.upgrade(config, f"{version:04d}")
    if version == schema.SCHEMA_VERSION:
        views.create_views(connection)
