"""Databases of other people, and processes of theirs: what may be read but not written.

Where the tests run as root, for whom nothing is read-only, the attempts are made by a child that
has become somebody else. An ordinary person can become nobody else, and attempts them on files of
their own that they may not write.
"""

from __future__ import annotations

import os
import pickle
import sqlite3
import tempfile
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from sweep.store.store import Store, open_store
from tests.store.test_migrate import kept_file
from tests.store.test_store import filled, result
from tests.support.facts import make_facts
from tests.system.test_injections import refused, runs_of

NOBODY = 65_534
AS_ROOT = os.getuid() == 0


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that others can look into."""
    with tempfile.TemporaryDirectory() as name:
        path = Path(name)
        path.chmod(0o755)
        yield path
        path.chmod(0o755)


def as_somebody_else(job: Callable[[], Any]) -> Any:
    """What ``job`` gives in a child process without the rights of this one."""
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(read)
        with os.fdopen(write, "wb") as out:
            try:
                if AS_ROOT:
                    os.setgroups([])
                    os.setresgid(NOBODY, NOBODY, NOBODY)
                    os.setresuid(NOBODY, NOBODY, NOBODY)
                answer, failure = job(), ""
            except BaseException:
                answer, failure = None, traceback.format_exc()
            out.write(pickle.dumps((answer, failure)))
        os._exit(0)
    os.close(write)
    with os.fdopen(read, "rb") as answers:
        found, failure = pickle.loads(answers.read())  # our own child wrote it
    os.waitpid(child, 0)
    assert not failure, failure
    return found


def test_what_fails_as_somebody_else_fails_here() -> None:
    def fail() -> None:
        raise AssertionError(f"as user {os.getuid()}")

    with pytest.raises(AssertionError, match=f"as user {NOBODY if AS_ROOT else os.getuid()}"):
        as_somebody_else(fail)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def starts(store: Store) -> Callable[[], object]:
    return lambda: store.start_study("two", "f" * 64, "", make_facts())


@pytest.mark.parametrize("mode", [0o555, 0o777], ids=["read-only folder", "folder for all"])
def test_a_read_only_file_is_named_when_written_and_can_be_read(folder: Path, mode: int) -> None:
    filled(f"sqlite:///{folder}/sweep.db").close()
    (folder / "sweep.db").chmod(0o444)
    folder.chmod(mode)
    store = open_store(f"sqlite:///{folder}/sweep.db")

    def attempt() -> Any:
        read = runs_of(store)
        refused(starts(store), "must be writable")
        return read

    assert as_somebody_else(attempt) == {(0, 0), (0, 1)}
    assert names(folder) == ["sweep.db"]
    folder.chmod(0o755)
    (folder / "sweep.db").chmod(0o644)
    own = filled_again(folder)
    assert runs_of(own) == {(0, 0), (0, 1), (1, 0)}
    own.close()


def filled_again(folder: Path) -> Store:
    store = open_store(f"sqlite:///{folder}/sweep.db")
    store.start_study("one", "f" * 64, "", make_facts())
    store.record("one", [result(1, 0)], [])
    return store


def test_another_persons_database_is_not_migrated(folder: Path) -> None:
    kept_file(folder / "sweep.db", 1)
    if not AS_ROOT:
        (folder / "sweep.db").chmod(0o444)
    store = open_store(f"sqlite:///{folder}/sweep.db")
    as_somebody_else(lambda: refused(store.migrate, "must be writable"))
    assert names(folder) == ["sweep.db"]
    assert store.schema_version() == 1


def test_a_folder_that_cannot_be_written_is_named_and_nothing_is_made(folder: Path) -> None:
    folder.chmod(0o555)
    store = open_store(f"sqlite:///{folder}/sweep.db")
    as_somebody_else(lambda: refused(starts(store), "must be writable"))
    assert names(folder) == []


@pytest.mark.skipif(not AS_ROOT, reason="only root can become another person who reads")
def test_whoever_keeps_another_persons_database_open_sees_what_that_one_records(
    folder: Path,
) -> None:
    """While the owner writes, and after the owner closed it."""
    filled(f"sqlite:///{folder}/sweep.db").close()
    to_reader, to_owner = os.pipe(), os.pipe()
    owner = os.fork()
    if owner == 0:  # records a run once the reader has read, then waits for it to read again
        os.read(to_owner[0], 1)
        store = filled_again(folder)
        os.write(to_reader[1], b"1")
        os.read(to_owner[0], 1)
        store.close()
        os.write(to_reader[1], b"2")
        os._exit(0)

    def read_thrice() -> list[set[tuple[int, int]]]:
        reader = open_store(f"sqlite:///{folder}/sweep.db")
        found = [runs_of(reader)]
        for _ in range(2):
            os.write(to_owner[1], b"0")
            os.read(to_reader[0], 1)
            found.append(runs_of(reader))
        return found

    before, during, after = as_somebody_else(read_thrice)
    os.waitpid(owner, 0)
    assert before == {(0, 0), (0, 1)}
    assert during == after == {(0, 0), (0, 1), (1, 0)}
    writes = open_store(f"sqlite:///{folder}/sweep.db")
    starts(writes)()
    writes.close()
    assert names(folder) == ["sweep.db"]
    with sqlite3.connect(folder / "sweep.db") as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    connection.close()
