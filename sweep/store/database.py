"""One database: its transactions, and that reading never writes.

Nothing happens before the first use: a missing SQLite file is created by the first write, in one
transaction with tables, views and the schema's version; a reading call opens the file read-only
and says so when there is none. A write that finds the database locked, or a server gone that was
there before, is tried again for a while.
"""

from __future__ import annotations

import functools
import logging
import threading
import weakref
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy.engine import URL, Connection, Engine

from sweep.errors import StoreError
from sweep.store import _creation, _retry
from sweep.store._checks import check_exists, check_writable
from sweep.store._engines import Engines
from sweep.store._url import Address
from sweep.store.database_errors import reporting_errors, reporting_read_errors

logger = logging.getLogger("sweep")

T = TypeVar("T")


class Database:
    """A SQLite file or a PostgreSQL database, for reading and for writing."""

    def __init__(self, url: URL):
        self.address = Address.of(url)
        self.engines = Engines(self.address)
        # one that nobody closed closes its connections when it is collected; at the end of the
        # process the system does
        weakref.finalize(self, self.engines.close).atexit = False
        self._was_created = False
        self._was_reached = False
        self._snapshots = threading.local()

    @property
    def url(self) -> URL:
        """The database's URL; printing it shows no password."""
        return self.address.url

    @property
    def masked_url(self) -> str:
        """The URL without its password and without the values of its query string."""
        return self.address.masked_url

    @property
    def sqlite_path(self) -> Path | None:
        """The database's file; None on a server."""
        return self.address.path

    @property
    def optuna_url(self) -> str:
        """The URL under which Optuna opens the same database; holds the password."""
        return self.url.render_as_string(hide_password=False)

    def engine_options(self) -> dict[str, Any]:
        """The options of an engine of this database: locks are waited for, lost servers noticed."""
        return self.engines.options()

    def lock_at_begin(self, engine: Engine) -> None:
        """Makes each transaction of another library's engine lock a SQLite file at once."""
        self.engines.lock_at_begin(engine)

    def close(self) -> None:
        """Closes every connection, so that the file holds all; the next use opens new ones."""
        try:
            with reporting_errors(self.address):
                self.engines.checkpoint()
        except StoreError as error:
            logger.warning("the database's log stays beside it: %s", error)
        self.engines.close()

    def write(self, job: Callable[[Connection, bool], T]) -> T:
        """What ``job`` returns in a transaction that is committed; a missing database is made.

        It may be called more than once, with True from the second time on: a commit whose answer
        was lost may have happened all the same.
        """
        return self.retry(functools.partial(self._attempt, job))

    def write_once(self, job: Callable[[Connection], object]) -> None:
        """Calls ``job`` in a transaction, and does not try again."""
        with reporting_errors(self.address):
            self._attempt(lambda connection, _: job(connection), False)

    def _attempt(self, job: Callable[[Connection, bool], T], repeated: bool) -> T:
        if not self._was_created:
            _creation.create(self.engines)
            self._was_created = True
        with self.engines.writer.begin() as connection:
            return job(connection, repeated)

    def retry(self, attempt: Callable[[bool], T]) -> T:
        """What ``attempt`` returns once the database is free and there; False at its first call.

        Other errors of the database are raised at once, as one line of ours.
        """
        with reporting_errors(self.address):
            found = _retry.retry(self.address, attempt, self._was_reached)
        self._was_reached = True
        return found

    def look_before_writing(self, look: Callable[[Connection], None]) -> None:
        """Raises what the first write would, without writing; calls ``look`` if tables are there.

        It waits as a write does.
        """
        check_writable(self.address)

        def attempt(_: bool) -> None:
            with self.engines.reader.connect() as connection:
                if _creation.read_version(connection) is not None:
                    _creation.check_version(self.address, connection)
                    look(connection)

        if self.sqlite_path is None or self.sqlite_path.exists():
            self.retry(attempt)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection for reading; StoreError where there is no database yet."""
        shared = getattr(self._snapshots, "connection", None)
        if shared is not None:
            with reporting_read_errors(self.address):
                yield shared
            return
        check_exists(self.address)
        with reporting_read_errors(self.address), self.engines.reader.connect() as connection:
            _creation.check_version(self.address, connection)
            yield connection

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """A context in which this thread reads everything as of its first reading."""
        check_exists(self.address)
        with reporting_errors(self.address), self.engines.reader.connect() as connection:
            if self.sqlite_path is None:
                connection = connection.execution_options(isolation_level="REPEATABLE READ")
            else:
                connection.exec_driver_sql("BEGIN")  # ended where the connection is given back
            try:
                _creation.check_version(self.address, connection)
                self._snapshots.connection = connection
                yield
            finally:
                self._snapshots.connection = None

    def schema_version(self) -> int:
        """The version of the database's schema, also one that this program cannot read."""
        check_exists(self.address)
        with reporting_errors(self.address), self.engines.reader.connect() as connection:
            return _creation.known_version(self.address, connection)

    def rebuilding(self) -> AbstractContextManager[Connection]:
        """A transaction that may make tables anew; what refers to them is checked at its end.

        Errors of the database are raised as they are: it belongs into ``retry``.
        """
        return _creation.rebuilding(self.engines)
