"""The engines of one database: one for writing, and one for each way of reading.

They are opened at their first use and closed together. SQLite keeps a write-ahead log, so readers
and the writer do not wait for each other; PostgreSQL is reached through psycopg 3.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import quote

import sqlalchemy as sa
from sqlalchemy.engine import URL, Connection, Engine
from sqlalchemy.exc import NoSuchModuleError, OperationalError
from sqlalchemy.pool import NullPool

from sweep.errors import StoreError
from sweep.store._checks import may_be_written
from sweep.store._url import Address

BUSY_SECONDS = 5
"""How long a statement waits for another program's lock on a SQLite file, uninterrupted."""


class Engines:
    """The engines of one database; ``close`` closes their connections."""

    def __init__(self, address: Address):
        self.address = address
        self._lock = threading.Lock()
        self._opened: dict[str, Engine] = {}

    @property
    def writer(self) -> Engine:
        """The engine of every write."""
        return self._once("writer", self._open_writer)

    @property
    def reader(self) -> Engine:
        """The engine for reading; on SQLite it depends on what this process may do with the file.

        With write access the last connection removes the log, though nothing else is written.
        Without it a log that is there is read with the file. Where there is none, the file is read
        as it is at this moment: a log of ours beside it would lock its owner out.
        """
        path = self.address.path
        if path is None:
            return self.writer.execution_options(postgresql_readonly=True)
        if may_be_written(path):
            return self._once("query_only", self._open_query_only)
        if path.with_name(path.name + "-wal").exists():
            return self.read_only
        immutable = _file_url(self.address.url, mode="ro", immutable="1")
        return self._once("immutable", lambda: self._open(immutable, poolclass=NullPool))

    @property
    def read_only(self) -> Engine:
        """The engine of a SQLite file that writes nothing, not even a log."""
        url = _file_url(self.address.url, mode="ro")
        return self._once("read_only", lambda: self._open(url))

    def _once(self, name: str, make: Callable[[], Engine]) -> Engine:
        with self._lock:
            if name not in self._opened:
                self._opened[name] = make()
            return self._opened[name]

    def _open_writer(self) -> Engine:
        engine = self._open(self.address.url)
        self.lock_at_begin(engine)
        return engine

    def lock_at_begin(self, engine: Engine) -> None:
        """Makes each transaction of an engine lock a SQLite file for writing before it reads it.

        What Python's sqlite3 begins by itself, before an ``INSERT``, it does not begin in every
        locale: in a Turkish one the small I has a dot, and each statement is committed alone.
        """
        if self.address.path is not None:
            sa.event.listen(engine, "begin", _begin_immediately)

    def _open_query_only(self) -> Engine:
        engine = self._open(_file_url(self.address.url, mode="rw"))
        sa.event.listen(engine, "connect", lambda c, _: c.execute("PRAGMA query_only=ON"))
        return engine

    def _open(self, url: URL, **options: Any) -> Engine:
        try:
            engine = sa.create_engine(url, **self.options(), **options)
        except (NoSuchModuleError, ModuleNotFoundError) as error:
            raise StoreError(
                f"{self.address.masked_url}: psycopg must be installed to reach PostgreSQL, "
                "found none; pip install 'regsweep[postgres]'"
            ) from error
        if self.address.path is not None:
            sa.event.listen(engine, "connect", _set_up_sqlite)
        return engine

    def options(self) -> dict[str, Any]:
        """The options of every engine: a lock is waited for, a lost server noticed."""
        if self.address.path is None:
            return {"pool_pre_ping": True}
        return {"connect_args": {"timeout": BUSY_SECONDS}}

    def without_transaction(self, statement: str) -> None:
        """Calls what SQLite does not do within a transaction."""
        try:
            with closing(self.writer.raw_connection()) as connection:
                connection.cursor().execute(statement)
        except sqlite3.Error as error:
            raise OperationalError(statement, None, error) from error

    def checkpoint(self) -> None:
        """Moves SQLite's log into the file, if something may have been written."""
        if self.address.path is not None and "writer" in self._opened:
            self.without_transaction("PRAGMA wal_checkpoint(TRUNCATE)")

    def close(self) -> None:
        """Closes every connection; the next use opens new ones. The writer is the last."""
        with self._lock:
            opened, self._opened = self._opened, {}
        for name in sorted(opened):
            opened[name].dispose()


def _file_url(url: URL, **query: str) -> URL:
    """The file by SQLite's own kind of URL, which never makes one."""
    path = quote(str(Path(str(url.database)).absolute()))
    return url.set(database=f"file:{path}", query={"uri": "true", **query})


def _set_up_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # transactions begin where we say
    connection.execute("PRAGMA foreign_keys=ON")
    connection.execute("PRAGMA synchronous=NORMAL")


def _begin_immediately(connection: Connection) -> None:
    """The file is locked for writing before it is read, so that nothing changes in between."""
    connection.exec_driver_sql("BEGIN IMMEDIATE")
