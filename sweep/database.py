"""One database: how its URL is read, how it is opened, and that reading never writes.

Nothing happens before the first use: a missing SQLite file is created by the first write, in one
transaction with tables, views and the schema's version; a reading call opens the file read-only
and says so when there is none. SQLite keeps a write-ahead log, so readers and the writer do not
wait for each other; PostgreSQL is reached through psycopg 3.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import sqlalchemy as sa
from sqlalchemy import select
from sqlalchemy.engine import URL, Connection, Engine, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, SQLAlchemyError

from sweep import schema
from sweep.errors import StoreError

BUSY_SECONDS = 30
"""How long a statement waits for another program's lock on a SQLite file."""
CREATION_LOCK = 727_367
"""Key of the PostgreSQL advisory lock under which the tables are created."""


def parse_url(text: str) -> URL:
    """The URL, or a StoreError that says what to write instead, without any secret in it."""
    try:
        url = make_url(text)
    except (ArgumentError, ValueError) as error:
        hint = "a path alone is not one; write sqlite:///path/to/sweep.db"
        raise StoreError(
            f"--database: a database URL must be given, found {_shorten(text)!r}; {hint}"
        ) from error
    if url.drivername == "postgres":
        raise StoreError(
            "--database: postgres:// is not understood; write postgresql:// and the rest as it is"
        )
    if url.get_backend_name() == "postgresql" and url.drivername == "postgresql":
        url = url.set(drivername="postgresql+psycopg")
    if url.get_backend_name() not in ("sqlite", "postgresql"):
        raise StoreError(
            f"--database: sqlite:///FILE or postgresql://... must be given, found "
            f"{url.drivername}://; use one of the two"
        )
    if url.get_backend_name() == "postgresql" and "@" in f"{url.host}{url.database}":
        raise StoreError(
            "--database: one @ must stand before the host, found more; write an @ in a user name "
            "or password as %40"
        )
    if url.get_backend_name() == "sqlite" and url.database in (None, "", ":memory:"):
        raise StoreError(
            "--database: a study is kept in a file, found a database in memory; "
            "write sqlite:///path/to/sweep.db"
        )
    return url


def _shorten(text: str) -> str:
    """A string that may hold a secret, cut before anything that could be one."""
    return text.split("@")[0].split("?")[0].split(":")[0][:60] + ("..." if "@" in text else "")


def mask(url: URL) -> str:
    """The URL without its password and without the values of its query string."""
    query = {key: "***" for key in url.query}
    return url.set(query=query).render_as_string(hide_password=True)


class Database:
    """A SQLite file or a PostgreSQL database, for reading and for writing."""

    def __init__(self, url: URL):
        self.url = url
        self.masked_url = mask(url)

    @property
    def sqlite_path(self) -> Path | None:
        """The database's file; None on a server."""
        if self.url.get_backend_name() != "sqlite":
            return None
        return Path(str(self.url.database))

    @functools.cached_property
    def _writer(self) -> Engine:
        return self._open(self.url)

    @functools.cached_property
    def _reader(self) -> Engine:
        if self.sqlite_path is None:
            return self._writer
        path = f"file:{quote(str(self.sqlite_path.absolute()))}"
        return self._open(self.url.set(database=path, query={"mode": "ro", "uri": "true"}))

    def _open(self, url: URL) -> Engine:
        try:
            if self.sqlite_path is None:
                return sa.create_engine(url, pool_pre_ping=True)
            engine = sa.create_engine(url, connect_args={"timeout": BUSY_SECONDS})
        except (NoSuchModuleError, ModuleNotFoundError) as error:
            raise StoreError(
                f"{self.masked_url}: psycopg must be installed to reach PostgreSQL, "
                "found none; pip install 'regsweep[postgres]'"
            ) from error

        @sa.event.listens_for(engine, "connect")
        def _set_up(connection: Any, _record: object) -> None:
            connection.execute("PRAGMA foreign_keys=ON")
            connection.execute("PRAGMA synchronous=NORMAL")

        return engine

    @property
    def optuna_url(self) -> str:
        """The URL under which Optuna opens the same database; holds the password."""
        return self.url.render_as_string(hide_password=False)

    def close(self) -> None:
        """Closes every connection, so that the file holds all; the next use opens new ones."""
        if self.sqlite_path is not None and "_writer" in self.__dict__:
            with self._told(), self._writer.connect() as connection:
                connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        for name in ("_reader", "_writer"):
            if name in self.__dict__:
                self.__dict__.pop(name).dispose()

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Database errors as one line of ours."""
        try:
            yield
        except DBAPIError as error:
            reason = str(error.orig).strip().splitlines()[0] if error.orig else "no reason given"
            raise StoreError(
                f"{self.masked_url}: the database refused: {reason}; "
                "check that it is reachable, writable and a regsweep database"
            ) from error
        except SQLAlchemyError as error:
            raise StoreError(f"{self.masked_url}: {str(error).splitlines()[0]}") from error

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction, committed at the end of the block; the database is made if need be."""
        self._create()
        with self._told(), self._writer.begin() as connection:
            yield connection

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection for reading; StoreError where there is no database yet."""
        self._check_exists()
        with self._told(), self._reader.connect() as connection:
            self._check_version(connection)
            yield connection

    def _check_exists(self) -> None:
        path = self.sqlite_path
        if path is not None and not path.is_file():
            what = "a directory" if path.is_dir() else "no file"
            raise StoreError(
                f"{self.masked_url}: a database must exist to be read, found {what}; "
                "run a study into it first, or mend the path"
            )

    def schema_version(self) -> int:
        """The version of the database's schema."""
        with self.reading() as connection:
            return int(connection.execute(select(schema.schema_table.c.version)).scalar_one())

    def _check_version(self, connection: Connection) -> None:
        if not sa.inspect(connection).has_table(schema.schema_table.name):
            raise StoreError(
                f"{self.masked_url}: a regsweep database must be given, found one without its "
                "tables; run a study into it first, or mend the URL"
            )
        version = connection.execute(select(schema.schema_table.c.version)).scalar_one()
        if version == schema.SCHEMA_VERSION:
            return
        older = version < schema.SCHEMA_VERSION
        command = f"run `python -m sweep migrate --database '{self.masked_url}'`"
        todo = f"{command}, which keeps all that is in it" if older else "update regsweep"
        raise StoreError(
            f"{self.masked_url}: schema version {schema.SCHEMA_VERSION} must be found, got "
            f"{version}; {todo}"
        )

    def migrate(self) -> tuple[int, Path | None]:
        """Brings an older schema up to date in one transaction.

        Returns the version that was found, and the copy of a SQLite file made before.
        """
        self._check_exists()
        with self._told(), self._writer.connect() as connection:
            if not sa.inspect(connection).has_table(schema.schema_table.name):
                self._check_version(connection)
            query = select(schema.schema_table.c.version)
            found = int(connection.execute(query).scalar_one())
            if found >= schema.SCHEMA_VERSION:
                self._check_version(connection)
                return found, None
            copy = self._back_up(connection, found)
            connection.rollback()
            if copy is not None:
                connection.exec_driver_sql("BEGIN IMMEDIATE")
            for version in range(found, schema.SCHEMA_VERSION):
                tables, views = schema.MIGRATIONS[version]
                new = [schema.metadata.tables[f"{schema.PREFIX}{name}"] for name in tables]
                schema.metadata.create_all(connection, tables=new)
                for name in views:
                    connection.exec_driver_sql(f"CREATE VIEW {name} AS {schema.VIEWS[name]}")
            update = sa.update(schema.schema_table).values(version=schema.SCHEMA_VERSION)
            connection.execute(update)
            connection.commit()
        return found, copy

    def _back_up(self, connection: Connection, version: int) -> Path | None:
        path = self.sqlite_path
        if path is None:
            return None
        copy = path.with_name(f"{path.name}.v{version}.bak")
        if copy.exists():
            raise StoreError(
                f"{self.masked_url}: the copy made before a migration must be new, found {copy}; "
                "move it away"
            )
        connection.exec_driver_sql("VACUUM INTO ?", (str(copy),))
        return copy

    @functools.cache  # noqa: B019 - a database lives as long as its process
    def _create(self) -> None:
        """Creates what is missing, once, in one transaction."""
        path = self.sqlite_path
        if path is not None and not path.parent.is_dir():
            raise StoreError(
                f"{self.masked_url}: the database's folder must exist, found no {path.parent}; "
                "create it, or mend the path"
            )
        with self._told(), self._writer.connect() as connection:
            if path is not None:
                connection.exec_driver_sql("PRAGMA journal_mode=WAL")
                connection.exec_driver_sql("BEGIN IMMEDIATE")
            else:
                connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({CREATION_LOCK})")
            if not sa.inspect(connection).has_table(schema.schema_table.name):
                schema.metadata.create_all(connection)
                for name, query in schema.VIEWS.items():
                    connection.exec_driver_sql(f"CREATE VIEW {name} AS {query}")
                version = {"version": schema.SCHEMA_VERSION}
                connection.execute(sa.insert(schema.schema_table), version)
            self._check_version(connection)
            connection.commit()
