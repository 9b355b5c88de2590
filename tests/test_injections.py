"""What goes wrong outside: locks, full disks, servers that go away, files that are no databases."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

import sweep
from sweep import schema
from sweep.database import insert_new
from sweep.errors import StoreError
from sweep.lease import EXPIRY_SECONDS, NOW, Lease, machine
from sweep.records import Curve
from sweep.store import Store, open_store
from sweep.study import parse_study
from tests.databases import away
from tests.test_store import DEFAULTS, filled, result, trial
from tests.torture.kills import WAYS

ROOT = Path(__file__).parent.parent


def runs_of(store: Store) -> set[tuple[int, int]]:
    return {(run.trial, run.number) for run in store.read_runs("one")}


def refused(call: Callable[[], object], words: str) -> None:
    with pytest.raises(StoreError, match=words) as caught:
        call()
    assert "\n" not in str(caught.value)


# ---- kills and first starts --------------------------------------------------------------------


def test_nothing_acknowledged_is_lost_torn_or_doubled_by_kills_and_first_starts_at_once(
    database: str,
) -> None:
    command = [sys.executable, "-m", "tests.torture", database, "--kills", "40", "--starts", "6"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["starts"] == {"started": 4, "refused": 2}  # three of their own, and one of three
    assert found["kills"] == dict(zip(WAYS, (20, 10, 10), strict=True))
    assert found["lost"] == found["torn"] == found["duplicated"] == 0
    assert found["stored"] >= found["acknowledged"] > 40


# ---- who runs a study --------------------------------------------------------------------------


def held(store: Store) -> list[Any]:
    with store.reading() as connection:
        return list(connection.execute(sa.select(schema.lease_table)))


def change_lease(store: Store, **values: object) -> None:
    with store.database._writer.begin() as connection:
        connection.execute(sa.update(schema.lease_table).values(**values))


def test_a_study_is_run_by_one_launch_until_that_lets_go_of_it(database: str) -> None:
    first, second = filled(database), open_store(database)
    start = ("one", "f" * 64, "", {})
    refused(lambda: second.start_study(*start), rf"'one' under way in process {os.getpid()} on")
    second.start_study("two", "f" * 64, "", {})
    assert len(held(second)) == 2
    assert second.runner_of("one").startswith(f"process {os.getpid()} on ")
    first.close()
    assert second.runner_of("one") == ""
    second.start_study(*start)
    second.close()
    assert held(second) == []
    second.close()


@pytest.mark.parametrize("age", [EXPIRY_SECONDS + 5, -EXPIRY_SECONDS - 5])
def test_a_lease_from_elsewhere_expires_by_the_databases_clock(database: str, age: float) -> None:
    """Also one from the future, as after the clock was set back."""
    first, second = filled(database), open_store(database)
    change_lease(first, host="elsewhere")
    refused(lambda: second.start_study("one", "f" * 64, "", {}), "on elsewhere, heard of 0 sec")
    change_lease(first, renewed_at=NOW[first.url.get_backend_name()] - age)
    second.start_study("one", "f" * 64, "", {})
    refused(lambda: first.add_trials("one", [trial(7)], DEFAULTS), "taken over by another one")
    assert 7 not in {s.trial.number for s in second.read_trials("one")}
    second.add_trials("one", [trial(7)], DEFAULTS)
    first.close()
    second.close()


def test_the_lease_of_a_process_that_is_gone_is_taken_over_at_once(database: str) -> None:
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    first, second = filled(database), open_store(database)
    for change in ({"process": gone.pid}, {"process": os.getpid(), "started": "7"}):
        change_lease(first, **change)
        second.start_study("one", "f" * 64, "", {})
        second.close()
        first.close()
        first.start_study("one", "f" * 64, "", {})
    first.close()


def test_a_process_that_cannot_be_told_from_a_later_one_lets_its_lease_expire(
    database: str,
) -> None:
    first, second = filled(database), open_store(database)
    change_lease(first, started="")
    assert second.runner_of("one")
    change_lease(first, renewed_at=NOW[first.url.get_backend_name()] - EXPIRY_SECONDS - 5)
    assert second.runner_of("one") == ""
    first.close()
    second.close()


def test_a_living_process_that_is_not_heard_of_loses_its_lease(database: str) -> None:
    first, second = filled(database), open_store(database)
    change_lease(first, renewed_at=NOW[first.url.get_backend_name()] - EXPIRY_SECONDS - 5)
    second.start_study("one", "f" * 64, "", {})
    refused(lambda: first.add_trials("one", [trial(7)], DEFAULTS), "taken over by another one")
    first.close()
    second.close()


def test_a_process_whose_start_is_hidden_keeps_its_lease(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As another person's, where /proc shows only one's own."""
    first, second = filled(database), open_store(database)
    monkeypatch.setattr("sweep.lease.started", lambda process: "")
    refused(lambda: second.start_study("one", "f" * 64, "", {}), "under way in process")
    first.close()
    second.close()


def test_machines_of_one_name_do_not_judge_each_others_processes(database: str) -> None:
    """A process number that is free here says nothing about a clone of this machine."""
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    first, second = filled(database), open_store(database)
    clone = machine().rpartition(" ")[0] + " another-boot"
    change_lease(first, process=gone.pid, host=clone)
    refused(lambda: second.start_study("one", "f" * 64, "", {}), "under way in process")
    first.close()
    second.close()


def test_a_lease_that_is_given_back_at_this_very_moment_is_taken(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the insert that met the old row and the look at it, the old row goes away."""
    first, second = filled(database), open_store(database)
    came: list[bool] = []

    def insert_beside(connection: sa.Connection, table: sa.Table, values: Any) -> None:
        insert_new(connection, table, values)
        if not came:
            came.append(True)
            own = table.c.study_id == values["study_id"]
            connection.execute(sa.delete(table).where(own))

    monkeypatch.setattr("sweep.lease.insert_new", insert_beside)
    second.start_study("one", "f" * 64, "", {})
    assert came
    assert second.runner_of("one").startswith(f"process {os.getpid()} on ")
    second.close()
    first.close()


def test_a_launch_that_fails_before_its_first_phase_gives_its_lease_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = '[study]\nname = "one"\n[data]\nname = "digits"\n[training]\nepochs = 1\n'
    store = open_store(f"sqlite:///{tmp_path}/sweep.db")
    monkeypatch.setattr("sweep.driver.Paths", interrupted)
    with pytest.raises(KeyboardInterrupt):
        sweep.run_study(parse_study(text, tmp_path, "one"), store)
    assert store.study_names() == ["one"]
    assert held(store) == []
    store.close()


def test_a_launch_that_would_be_refused_is_refused_before_anything_is_built(
    database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sweep.driver.Workshop", interrupted)
    text = '[study]\nname = "one"\n[data]\nname = "digits"\n'
    study, first, second = (
        parse_study(text, tmp_path, "one"),
        filled(database),
        open_store(database),
    )
    refused(lambda: sweep.run_study(study, second), "under way in process")
    first.close()
    with pytest.raises(KeyboardInterrupt):
        sweep.run_study(study, second)
    assert held(second) == []
    with first.database._writer.begin() as connection:
        connection.execute(sa.update(schema.schema_table).values(version_num="0001"))
    refused(lambda: sweep.run_study(study, second), "got 1; run `python -m sweep migrate")
    first.close()
    second.close()


def interrupted(*_: object) -> None:
    raise KeyboardInterrupt


def test_a_lease_is_renewed_while_nothing_is_written(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sweep.lease.RENEWAL_SECONDS", 0.05)
    store = filled(database)
    (before,) = held(store)
    deadline = time.monotonic() + 20
    while held(store)[0].renewed_at == before.renewed_at and time.monotonic() < deadline:
        time.sleep(0.05)
    assert held(store)[0].renewed_at > before.renewed_at
    store.close()


def test_nobody_renews_the_lease_of_a_store_that_was_dropped(tmp_path: Path) -> None:
    database = open_store(f"sqlite:///{tmp_path}/sweep.db")
    database.start_study("one", "f" * 64, "", {})
    thread = database._leases["one"]._thread
    assert isinstance(database._leases["one"], Lease)
    database.close()
    thread.join(5)
    assert not thread.is_alive()


# ---- locked, full and read-only files ----------------------------------------------------------


@contextmanager
def locked(path: Path, seconds: float) -> Iterator[None]:
    """Another program holds the write lock for a while."""
    other = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    timer = threading.Timer(seconds, lambda: other.execute("ROLLBACK"))
    timer.start()
    try:
        yield
    finally:
        timer.join()
        other.close()


def test_a_write_waits_for_a_lock_beyond_the_drivers_own_patience(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("sweep.database.BUSY_SECONDS", 0.1)
    store = filled(f"sqlite:///{tmp_path}/sweep.db")
    with locked(tmp_path / "sweep.db", 3), caplog.at_level("WARNING", logger="sweep"):
        store.record("one", [result(1, 0)], [])
    assert "database is locked; trying again" in caplog.text
    assert "going on" in caplog.text
    assert runs_of(store) == {(0, 0), (0, 1), (1, 0)}
    store.close()


def test_a_lock_that_outlasts_all_patience_is_told_and_loses_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sweep.database.BUSY_SECONDS", 0.1)
    monkeypatch.setattr("sweep.database.PATIENCE_SECONDS", 0.3)
    store = filled(f"sqlite:///{tmp_path}/sweep.db")
    with locked(tmp_path / "sweep.db", 2):
        refused(lambda: store.record("one", [result(1, 0)], []), "database is locked")
        assert runs_of(store) == {(0, 0), (0, 1)}  # readers do not wait
    store.record("one", [result(1, 0)], [])
    assert (1, 0) in runs_of(store)
    store.close()


def pragma(store: Store, statement: str) -> None:
    """Every connection of the writer begins with this."""
    store.database._writer.dispose()
    sa.event.listen(store.database._writer, "connect", lambda c, _: c.execute(statement))


def test_a_disk_that_is_full_at_any_page_loses_nothing_that_was_recorded(tmp_path: Path) -> None:
    """The file may grow by one page more, and one more, until everything fits."""
    path = tmp_path / "sweep.db"
    filled(f"sqlite:///{path}").close()
    pages, batch = path.stat().st_size // 4096, [trial(n) for n in range(10, 110)]
    whole = {(t.number, run) for t in batch for run in range(2)} | {(0, 0), (0, 1)}
    faults, said, most = Counter[str](), list[str](), pages
    while True:
        store = open_store(f"sqlite:///{path}")
        pragma(store, f"PRAGMA max_page_count = {most}")
        stored = {s.trial.number for s in store.read_trials("one")}
        step = "start"
        try:
            store.start_study("one", "f" * 64, "", {"objective": "val_loss"})
            step = "trials"
            store.add_trials("one", [t for t in batch if t.number not in stored], DEFAULTS)
            step = "runs"
            store.record("one", [result(*run) for run in sorted(whole - {(0, 0), (0, 1)})], [])
            break
        except StoreError as error:
            said.append(str(error))
            faults[step] += 1
            assert runs_of(store) == {(0, 0), (0, 1)}
            assert len(store.read_trials("one")) in (2, 2 + len(batch))
        store.close()
        most += 1
    assert runs_of(store) == whole
    assert faults["trials"] > 0
    assert faults["runs"] > 0
    assert all("disk is full" in line and "\n" not in line for line in said)
    store.close()
    with sqlite3.connect(path) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    connection.close()


# ---- a server that goes away -------------------------------------------------------------------


def test_a_server_that_is_stopped_and_started_loses_and_doubles_nothing(
    stoppable: Any, caplog: pytest.LogCaptureFixture
) -> None:
    store = filled(stoppable.get_uri())
    with away(stoppable), caplog.at_level("WARNING", logger="sweep"):
        store.record("one", [result(1, 0)], [])
    assert "trying again" in caplog.text
    assert runs_of(store) == {(0, 0), (0, 1), (1, 0)}
    store.close()


def test_a_commit_whose_answer_is_lost_is_not_done_twice(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The connection breaks after the server committed: the job comes again, and notices."""
    monkeypatch.setattr("sweep.database.PAUSE_SECONDS", (0.0, 0.0))
    store = filled(database)
    once = store.database._attempt
    broken: list[str] = []

    def breaking(job: Any, repeated: bool) -> Any:
        found = once(job, repeated)
        if not repeated:
            broken.append("commit")
            gone = sqlite3.OperationalError("database is locked")
            gone.sqlite_errorcode = sqlite3.SQLITE_BUSY
            raise sa.exc.OperationalError("COMMIT", None, gone, connection_invalidated=True)
        return found

    monkeypatch.setattr(store.database, "_attempt", breaking)
    store.start_study("one", "f" * 64, "", {"objective": "val_loss"})
    store.add_trials("one", [trial(5)], DEFAULTS)
    store.record("one", [result(5, 0), result(5, 1)], [])
    store.finish_study("one", 5)
    assert len(broken) == 5
    assert runs_of(store) == {(0, 0), (0, 1), (5, 0), (5, 1)}
    assert [s.trial.number for s in store.read_trials("one")] == [0, 1, 5]
    store.close()


def test_points_that_the_database_refuses_are_told_in_one_line_and_none_is_kept(
    database: str,
) -> None:
    """On PostgreSQL they come as a stream, past SQLAlchemy's own errors."""
    store = filled(database)
    twice = replace(result(1, 0), curves=(Curve("val_loss", (1, 1), (0.5, 0.25)),))
    refused(lambda: store.record("one", [twice], []), "the database refused")
    assert runs_of(store) == {(0, 0), (0, 1)}
    store.record("one", [result(1, 0)], [])
    assert (1, 0) in runs_of(store)
    store.close()


def test_a_server_that_was_never_there_is_a_mistake_told_at_once() -> None:
    store = open_store("postgresql://me:hunter2@127.0.0.1:1/sweep")
    start = time.monotonic()
    with pytest.raises(StoreError) as caught:
        store.start_study("one", "f" * 64, "", {})
    assert time.monotonic() - start < 30
    assert "hunter2" not in str(caught.value)
    assert "\n" not in str(caught.value)


# ---- files that are no databases ---------------------------------------------------------------


def test_a_truncated_database_is_told_in_one_line_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "sweep.db"
    filled(f"sqlite:///{path}").close()
    whole, said = path.read_bytes(), list[str]()
    for share in (0.1, 0.5, 0.9):
        cut = whole[: int(len(whole) * share)]
        path.write_bytes(cut)
        for call in (
            lambda: open_store(f"sqlite:///{path}").read_runs("one"),
            lambda: sweep.curves_frame(open_store(f"sqlite:///{path}"), "one"),
            lambda: open_store(f"sqlite:///{path}").add_trials("one", [trial(9)], DEFAULTS),
        ):
            try:
                call()
            except StoreError as error:
                said.append(str(error))
        assert path.read_bytes()[: len(cut) // 2] == cut[: len(cut) // 2]
    assert len(said) > 3
    assert not any("\n" in line for line in said)


def test_an_empty_file_may_become_a_database_and_is_none_before(tmp_path: Path) -> None:
    path = tmp_path / "empty.db"
    path.touch()
    store = open_store(f"sqlite:///{path}")
    refused(store.study_names, "found one without its tables")
    assert path.stat().st_size == 0
    filled(f"sqlite:///{path}").close()
    assert store.study_names() == ["one"]


def test_a_directory_is_no_database(tmp_path: Path) -> None:
    store = open_store(f"sqlite:///{tmp_path}")
    refused(store.study_names, "found a directory")
    refused(lambda: store.start_study("one", "f" * 64, "", {}), "a file must be named, found a dir")
    assert not list(tmp_path.iterdir())


def test_a_database_of_somebody_elses_tables_is_not_touched_where_names_collide(
    tmp_path: Path,
) -> None:
    path = tmp_path / "other.db"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE runs (distance REAL)")
        connection.execute("INSERT INTO runs VALUES (42.2)")
    connection.close()
    before = path.read_bytes()
    store = open_store(f"sqlite:///{path}")
    refused(lambda: store.start_study("one", "f" * 64, "", {}), "already exists|already a table")
    refused(store.study_names, "found one without its tables")
    store.close()
    assert path.read_bytes() == before


# ---- names -------------------------------------------------------------------------------------

NAMES = ('it\'s "quoted"; DROP TABLE regsweep_run; --', "</script><b>", "x" * 200, "‮abc‏ שלום")


@pytest.mark.parametrize("name", NAMES)
def test_a_study_of_any_name_is_stored_and_found(database: str, name: str) -> None:
    store = open_store(database)
    store.start_study(name, "f" * 64, "", {"objective": "val_loss"})
    store.add_trials(name, [trial(0)], DEFAULTS)
    store.record(name, [result(0, 0)], [])
    assert store.study_names() == [name]
    assert sweep.trials_frame(store, name)["study"].tolist() == [name]
    assert len(sweep.curves_frame(store, name)) == 3
    store.close()
