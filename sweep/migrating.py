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
            upgrade(connection, schema.SCHEMA_VERSION)
    except BaseException:  # the database is as it was
        if copy is not None:
            copy.unlink()
        raise
    return found, copy


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
