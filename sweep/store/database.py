"""One database: how it is opened, and that reading never writes.

Nothing happens before the first use: a missing SQLite file is created by the first write, in one
transaction with tables, views and the schema's version; a reading call opens the file read-only
and says so when there is none. SQLite keeps a write-ahead log, so readers and the writer do not
wait for each other; PostgreSQL is reached through psycopg 3. A write that finds the database
locked, or a server gone that was there before, is tried again for a while.
"""

from __future__ import annotations

import functools
import itertools
import logging
import os
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import quote

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import URL, Connection, Engine
from sqlalchemy.exc import (
    DataError,
    DBAPIError,
    IntegrityError,
    NoSuchModuleError,
    OperationalError,
    ProgrammingError,
    SQLAlchemyError,
)
from sqlalchemy.pool import NullPool

from sweep.errors import StoreError
from sweep.runtime.files import atomic_file
from sweep.store import schema
from sweep.store._url import mask

logger = logging.getLogger("sweep")

T = TypeVar("T")

BUSY_SECONDS = 5
"""How long a statement waits for another program's lock on a SQLite file, uninterrupted."""
PATIENCE_SECONDS = 180.0
"""How long a write is tried again while the database is locked or its server is away."""
PAUSE_SECONDS = (0.1, 5.0)
"""The first pause between two attempts, doubled from one to the next, and the longest."""
CREATION_LOCK = 727_367
"""Key of the PostgreSQL advisory lock under which the tables are created."""


class Database:
    """A SQLite file or a PostgreSQL database, for reading and for writing."""

    def __init__(self, url: URL):
        self.masked_url = mask(url)
        if url.get_backend_name() == "sqlite":  # also once a model of the person's went elsewhere
            url = url.set(database=str(Path(str(url.database)).absolute()))
        self.url = url
        self._reached = False
        """Whether a transaction has ever succeeded: a server that was never there is a mistake."""
        self._snapshots = threading.local()

    @property
    def sqlite_path(self) -> Path | None:
        """The database's file; None on a server."""
        if self.url.get_backend_name() != "sqlite":
            return None
        return Path(str(self.url.database))

    @functools.cached_property
    def _writer(self) -> Engine:
        engine = self._open(self.url)
        if self.sqlite_path is not None:
            sa.event.listen(engine, "begin", _begin_immediately)
        return engine

    @property
    def _reader(self) -> Engine:
        path = self.sqlite_path
        if path is None:
            return self._writer.execution_options(postgresql_readonly=True)
        if _may_be_written(path):
            return self._own_reader
        if path.with_name(path.name + "-wal").exists():
            return self._lasting_reader
        return self._passing_reader

    @functools.cached_property
    def _own_reader(self) -> Engine:
        """It may write, so that the last connection takes the log with it, but never does."""
        engine = self._open(self._file(mode="rw"))
        sa.event.listen(engine, "connect", lambda c, _: c.execute("PRAGMA query_only=ON"))
        return engine

    @functools.cached_property
    def _lasting_reader(self) -> Engine:
        return self._open(self._file(mode="ro"))

    @functools.cached_property
    def _passing_reader(self) -> Engine:
        """Of a file that somebody else may write, as it is at this moment: our log beside it would
        lock its owner out.
        """
        return self._open(self._file(mode="ro", immutable="1"), poolclass=NullPool)

    def _file(self, **query: str) -> URL:
        """The file by SQLite's own kind of URL, which never makes one."""
        path = quote(str(Path(str(self.url.database)).absolute()))
        return self.url.set(database=f"file:{path}", query={"uri": "true", **query})

    def _open(self, url: URL, **options: Any) -> Engine:
        try:
            engine = sa.create_engine(url, **self.engine_options(), **options)
        except (NoSuchModuleError, ModuleNotFoundError) as error:
            raise StoreError(
                f"{self.masked_url}: psycopg must be installed to reach PostgreSQL, "
                "found none; pip install 'regsweep[postgres]'"
            ) from error
        if self.sqlite_path is None:
            return engine

        @sa.event.listens_for(engine, "connect")
        def _set_up(connection: Any, _record: object) -> None:
            connection.isolation_level = None  # transactions begin where we say
            connection.execute("PRAGMA foreign_keys=ON")
            connection.execute("PRAGMA synchronous=NORMAL")

        return engine

    def engine_options(self) -> dict[str, Any]:
        """How an engine of this database is made: a lock is waited for, a lost server noticed."""
        if self.sqlite_path is None:
            return {"pool_pre_ping": True}
        return {"connect_args": {"timeout": BUSY_SECONDS}}

    @property
    def optuna_url(self) -> str:
        """The URL under which Optuna opens the same database; holds the password."""
        return self.url.render_as_string(hide_password=False)

    def close(self) -> None:
        """Closes every connection, so that the file holds all; the next use opens new ones."""
        if self.sqlite_path is not None and "_writer" in self.__dict__:
            try:
                with self._told():
                    self._without_transaction("PRAGMA wal_checkpoint(TRUNCATE)")
            except StoreError as error:
                logger.warning("the database's log stays beside it: %s", error)
        for name in ("_own_reader", "_lasting_reader", "_passing_reader", "_writer"):
            if name in self.__dict__:
                self.__dict__.pop(name).dispose()

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Database errors as one line of ours."""
        try:
            yield
        except DBAPIError as error:
            advice = "check that it is reachable, writable and a regsweep database"
            if is_of_the_disk(error):
                advice = "look whether its disk is full or faulty"
            told = StoreError(
                f"{self.masked_url}: the database refused: {self._reason(error)}; {advice}"
            )
            words = str(error.orig)  # which a traceback would show as they are
            raise told from (error if self._without_secrets(words) == words else None)
        except SQLAlchemyError as error:
            raise StoreError(f"{self.masked_url}: {str(error).splitlines()[0]}") from error
        except UnicodeDecodeError as error:  # in the driver, on its way to us
            raise self._unreadable(error) from error

    @contextmanager
    def _told_reading(self) -> Iterator[None]:
        """Errors and values that mean nothing as one line: SQLite keeps whatever is in a file."""
        with self._told():
            try:
                yield
            except ValueError as error:
                raise self._unreadable(error) from error

    def _unreadable(self, error: ValueError) -> StoreError:
        return StoreError(
            f"{self.masked_url}: values of their columns' types must be found, got others "
            f"({' '.join(str(error).split())[:200]}); use a copy of the database from before"
        )

    def _reason(self, error: DBAPIError) -> str:
        """What the database said, in its first line, without the values of the URL's options."""
        lines = str(error.orig).strip().splitlines() if error.orig else []
        return self._without_secrets(lines[0] if lines else "no reason given")

    def _without_secrets(self, said: str) -> str:
        options = {key: value for key, value in self.url.query.items() if key != "host"}
        values = [(v,) if isinstance(v, str) else v for v in options.values()]
        for secret in (*itertools.chain(*values), str(self.url.password or "")):
            if len(secret) > 3:
                said = said.replace(secret, "***")
        return said

    def write(self, job: Callable[[Connection, bool], T]) -> T:
        """What ``job`` gives in a transaction that is committed; the database is made if need be.

        It may be called more than once, with True from the second time on: a commit whose answer
        was lost may have happened all the same.
        """
        return self.patiently(functools.partial(self._attempt, job))

    def write_once(self, job: Callable[[Connection], object]) -> None:
        """Calls ``job`` in a transaction, and does not try again."""
        with self._told():
            self._attempt(lambda connection, _: job(connection), False)

    def _attempt(self, job: Callable[[Connection, bool], T], repeated: bool) -> T:
        self._create()
        with self._writer.begin() as connection:
            return job(connection, repeated)

    def patiently(self, attempt: Callable[[bool], T]) -> T:
        """Calls ``attempt`` until the database is free and there, for ``PATIENCE_SECONDS``.

        Other errors of the database are raised at once, as one line of ours.
        """
        end, pause, repeated = time.monotonic() + PATIENCE_SECONDS, PAUSE_SECONDS[0], False
        with self._told():
            while True:
                try:
                    found = attempt(repeated)
                except DBAPIError as error:
                    if not self._may_pass(error) or time.monotonic() > end:
                        raise
                    if not repeated:
                        logger.warning(
                            "%s: %s; trying again for %g seconds",
                            self.masked_url,
                            self._reason(error),
                            PATIENCE_SECONDS,
                        )
                    repeated = True
                    time.sleep(pause)
                    pause = min(2 * pause, PAUSE_SECONDS[1])
                    continue
                if repeated:
                    logger.warning("%s: going on", self.masked_url)
                self._reached = True
                return found

    def _may_pass(self, error: DBAPIError) -> bool:
        """Whether waiting may help: a locked file, or a server that has been there before."""
        if self.sqlite_path is not None:
            code = getattr(error.orig, "sqlite_errorcode", 0) or 0
            return code & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
        if isinstance(error, (IntegrityError, DataError, ProgrammingError)):
            return False
        away = error.connection_invalidated or isinstance(error, OperationalError)
        return self._reached and away

    def look_before_writing(self, look: Callable[[Connection], None]) -> None:
        """Raises what the first write would, without writing; calls ``look`` if tables are there.

        It waits as a write does.
        """
        self._check_writable()
        path = self.sqlite_path

        def attempt(_: bool) -> None:
            with self._reader.connect() as connection:
                if _read_version(connection) is not None:
                    self._check_version(connection)
                    look(connection)

        if path is None or path.exists():
            self.patiently(attempt)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection for reading; StoreError where there is no database yet."""
        shared = getattr(self._snapshots, "connection", None)
        if shared is not None:
            with self._told_reading():
                yield shared
            return
        self._check_exists()
        with self._told_reading(), self._reader.connect() as connection:
            self._check_version(connection)
            yield connection

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """Whatever this thread reads inside is of one moment, as the first reading found it."""
        self._check_exists()
        with self._told(), self._reader.connect() as connection:
            if self.sqlite_path is None:
                connection = connection.execution_options(isolation_level="REPEATABLE READ")
            else:
                connection.exec_driver_sql("BEGIN")  # ended where the connection is given back
            try:
                self._check_version(connection)
                self._snapshots.connection = connection
                yield
            finally:
                self._snapshots.connection = None

    def _check_exists(self) -> None:
        path = self.sqlite_path
        if path is not None and not path.is_file():
            what = "a directory" if path.is_dir() else "no file"
            raise StoreError(
                f"{self.masked_url}: a database must exist to be read, found {what}; "
                "run a study into it first, or mend the path"
            )

    def schema_version(self) -> int:
        """The version of the database's schema, whichever it is."""
        self._check_exists()
        with self._told(), self._reader.connect() as connection:
            return self._version(connection)

    def _version(self, connection: Connection) -> int:
        version = _read_version(connection)
        if version is None:
            raise StoreError(
                f"{self.masked_url}: a regsweep database must be given, found one without its "
                "tables; run a study into it first, or mend the URL"
            )
        if version == 0:
            raise StoreError(
                f"{self.masked_url}: the version of its schema must be one number from 1, found "
                "none or several; use a copy of the database from before"
            )
        return version

    def _check_version(self, connection: Connection) -> None:
        version = self._version(connection)
        if version == schema.SCHEMA_VERSION:
            return
        older = version < schema.SCHEMA_VERSION
        command = f"run `python -m sweep migrate --database '{self.masked_url}'`"
        todo = f"{command}, which keeps all that is in it" if older else "update regsweep"
        raise StoreError(
            f"{self.masked_url}: schema version {schema.SCHEMA_VERSION} must be found, got "
            f"{version}; {todo}"
        )

    @contextmanager
    def rebuilding(self) -> Iterator[Connection]:
        """A transaction that may make tables anew; what refers to them is checked at its end.

        Errors of the database are raised as they are: it belongs into ``patiently``.
        """
        with self._writer.connect() as connection:
            if self.sqlite_path is None:
                with connection.begin():
                    _lock_tables(connection)
                    yield connection
                return
            driver: Any = connection.connection.driver_connection
            driver.execute("PRAGMA foreign_keys=OFF")  # dropping a table deletes no rows of others
            try:
                with connection.begin():
                    yield connection
                    self._check_references(connection)
            finally:
                driver.execute("PRAGMA foreign_keys=ON")

    def _check_references(self, connection: Connection) -> None:
        broken = 'SELECT "table" FROM pragma_foreign_key_check WHERE "table" GLOB ?'
        table = connection.exec_driver_sql(broken, (f"{schema.PREFIX}*",)).scalar()
        if table is not None:
            raise StoreError(
                f"{self.masked_url}: every row of {table} must belong to one that is there, found "
                "one that does not; use a copy of the file from before"
            )

    def _check_writable(self) -> None:
        """A writer's log would stay beside another person's file, and lock its owner out."""
        path = self.sqlite_path
        if path is not None and not path.parent.is_dir():
            raise StoreError(
                f"{self.masked_url}: the database's folder must exist, found no {path.parent}; "
                "create it, or mend the path"
            )
        if path is not None and path.exists() and not path.is_file():
            found = "a directory" if path.is_dir() else "something else, as a device or a pipe"
            raise StoreError(
                f"{self.masked_url}: a file must be named, found {found}; mend the path"
            )
        if path is not None and not _may_be_written(path):
            raise StoreError(
                f"{self.masked_url}: a database and its folder must be writable to be written, "
                "found them read-only; change their permissions, or choose another place"
            )

    def copy_file(self, label: str) -> Path | None:
        """Copies a SQLite file to ``<its name>.<label>.bak``; None for a server."""
        path = self.sqlite_path
        if path is None:
            return None
        self._check_writable()
        copy = path.with_name(f"{path.name}.{label}.bak")
        try:
            copy.touch(exist_ok=False)  # it is ours from here on, whoever else migrates
        except FileExistsError:
            raise StoreError(
                f"{self.masked_url}: the copy made before a migration must be new, found {copy}; "
                "move it away"
            ) from None
        try:
            self.patiently(lambda _: self._copy_into(copy))
        except BaseException:
            copy.unlink()
            raise
        return copy

    def _copy_into(self, copy: Path) -> None:
        with atomic_file(copy) as partial, self._lasting_reader.connect() as connection:
            connection.exec_driver_sql("VACUUM INTO ?", (str(partial),))

    @functools.cache  # noqa: B019 - a database lives as long as its process
    def _create(self) -> None:
        """Creates what is missing, once, in one transaction."""
        self._check_writable()
        path = self.sqlite_path
        with self._writer.begin() as connection:
            if path is None:
                _lock_tables(connection)
            if schema.version_of(connection) is None:
                schema.create_all(connection)
            self._check_version(connection)
        if path is not None:
            self._without_transaction("PRAGMA journal_mode=WAL")

    def _without_transaction(self, statement: str) -> None:
        """Calls what SQLite does not do within a transaction."""
        try:
            with closing(self._writer.raw_connection()) as connection:
                connection.cursor().execute(statement)
        except sqlite3.Error as error:
            raise OperationalError(statement, None, error) from error


INSERTS: dict[str, Any] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}
"""By dialect: the inserts that know of conflicts."""


def insert_new(connection: Connection, table: sa.Table, values: Mapping[str, Any]) -> None:
    """Inserts a row, or leaves the one of its key alone: two launches may come at once."""
    new = INSERTS[connection.dialect.name](table).values(**values)
    connection.execute(new.on_conflict_do_nothing())


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


def is_of_the_disk(error: BaseException | None) -> bool:
    """Whether a database has no room left, or could not read or write its files as such."""
    said = getattr(error, "orig", None)
    code = (getattr(said, "sqlite_errorcode", 0) or 0) & 0xFF
    disk_full = getattr(said, "sqlstate", None) == "53100"
    return code in (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR) or disk_full


def _may_be_written(path: Path) -> bool:
    """Whether a file, or one yet to be made, and its folder may be written by this person."""
    folder = os.access(path.parent, os.W_OK)
    return folder and (not path.exists() or os.access(path, os.W_OK))


def _read_version(connection: Connection) -> int | None:
    """The schema's version; nothing else has been read in the transaction yet."""
    try:
        return schema.version_of(connection)
    except (ProgrammingError, OperationalError) as error:
        if not _is_of_a_missing_table(error):
            raise
        connection.rollback()  # a migration dropped the table of versions at this moment
        return schema.version_of(connection)


def _is_of_a_missing_table(error: DBAPIError) -> bool:
    said = str(error.orig)
    return getattr(error.orig, "sqlstate", None) == "42P01" or said.startswith("no such table")


def _lock_tables(connection: Connection) -> None:
    """Until the end of its transaction, no other program makes our tables on this server."""
    connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({CREATION_LOCK})")


def _begin_immediately(connection: Connection) -> None:
    """The file is locked for writing before it is read, so that nothing changes in between."""
    connection.exec_driver_sql("BEGIN IMMEDIATE")
