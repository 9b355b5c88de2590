"""Brings a database of an older schema up to date, through Alembic.

Alembic's record of the version lies in a table of our own, beside the one that Optuna's storage
has. All revisions, their records and the views are one transaction: a database is of one version or
of another, and never between.
"""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from sqlalchemy.engine import Connection

from sweep import schema
from sweep.database import Database
from sweep.errors import StoreError


def migrate(database: Database) -> tuple[int, Path | None]:
    """The version that was found, and the copy of a SQLite file that was made first, if any.

    Raises StoreError for what is no database of ours, and for one of a newer schema.
    """
    found = database.schema_version()
    if found >= schema.SCHEMA_VERSION:
        with database.reading():
            return found, None
    copy = database.copy_file(f"v{found}")
    try:
        with database.rebuilding() as connection:
            if schema.version_of(connection) != found:
                raise StoreError(f"{database.masked_url}: another program migrates it; wait for it")
            _check_additions(connection, database.masked_url)
            upgrade(connection, schema.SCHEMA_VERSION)
    except BaseException:  # the database is as it was
        if copy is not None:
            copy.unlink()
        raise
    return found, copy


def _check_additions(connection: Connection, masked_url: str) -> None:
    """StoreError for what others added to our tables, and a table made anew would not have."""
    there = sa.inspect(connection)
    ours = [name for name in there.get_table_names() if name in schema.metadata.tables]
    found = [
        f"column {table}.{column['name']}"
        for table in ours
        for column in there.get_columns(table)
        if column["name"] not in schema.metadata.tables[table].columns
    ]
    if connection.dialect.name == "sqlite":
        query = "SELECT type, name, tbl_name FROM sqlite_master WHERE sql IS NOT NULL"
        found += [
            f"{kind} {name}"
            for kind, name, table in connection.exec_driver_sql(query)
            if kind in ("trigger", "index") and table in ours
        ]
    if found:
        raise StoreError(
            f"{masked_url}: our tables must be as they were made, found {', '.join(found)}; drop "
            "them before the migration"
        )


def upgrade(connection: Connection, version: int) -> None:
    """Calls the revisions up to a version, and makes the views anew if it is the newest.

    From a database without tables, too.
    """
    found = schema.version_of(connection)
    if found is not None and not sa.inspect(connection).has_table(schema.schema_table.name):
        schema.write_version(connection, found)
    schema.drop_views(connection)
    config = Config()
    config.set_main_option("script_location", "sweep:migrations")
    config.attributes["connection"] = connection
    command.upgrade(config, f"{version:04d}")
    if version == schema.SCHEMA_VERSION:
        schema.create_views(connection)
