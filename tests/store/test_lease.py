"""Who runs a study: one launch at a time, until it lets go, is gone or is not heard of."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

import sweep
from sweep.store import schema
from sweep.store._lease import EXPIRY_SECONDS, NOW, Lease, machine
from sweep.store._statements import insert_new
from sweep.store.store import Store, open_store
from sweep.study.loading import parse_study
from tests.store.test_store import DEFAULTS, filled, trial
from tests.support.databases import HANG_SECONDS, wait_until
from tests.support.facts import make_facts
from tests.support.sqlite_system import clock_ahead
from tests.system.test_injections import refused


@pytest.fixture(autouse=True)
def renewed_by_writes_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """However long a test lasts, no thread renews a lease whose age it has set."""
    monkeypatch.setattr("sweep.store._lease.RENEWAL_SECONDS", 24 * 3600.0)


def held(store: Store) -> list[Any]:
    with store.reading() as connection:
        return list(connection.execute(sa.select(schema.lease_table)))


def change_lease(store: Store, **values: object) -> None:
    with store.database.engines.writer.begin() as connection:
        connection.execute(sa.update(schema.lease_table).values(**values))


def test_a_study_is_run_by_one_launch_until_that_lets_go_of_it(database: str) -> None:
    first, second = filled(database), open_store(database)
    start = ("one", "f" * 64, "", make_facts())
    refused(lambda: second.start_study(*start), rf"'one' under way in process {os.getpid()} on")
    second.start_study("two", "f" * 64, "", make_facts())
    assert len(held(second)) == 2
    assert second.runner_of("one").startswith(f"process {os.getpid()} on ")
    first.close()
    assert second.runner_of("one") == ""
    second.start_study(*start)
    second.close()
    assert held(second) == []
    second.close()


@pytest.mark.parametrize("age", [EXPIRY_SECONDS + 5, -EXPIRY_SECONDS - 3600])
def test_a_lease_from_elsewhere_expires_by_the_databases_clock(database: str, age: float) -> None:
    """Also one from the future, as after the clock was set back: it may grow younger meanwhile."""
    first, second = filled(database), open_store(database)
    start = time.monotonic()
    change_lease(first, host="elsewhere", renewed_at=NOW[first.url.get_backend_name()] - 30)
    with pytest.raises(sweep.StoreError, match="on elsewhere, heard of") as caught:
        second.start_study("one", "f" * 64, "", make_facts())
    heard = re.search(r"heard of (\d+) seconds ago; wait for it", str(caught.value))
    assert heard
    assert 30 <= int(heard[1]) <= 31 + time.monotonic() - start
    change_lease(first, renewed_at=NOW[first.url.get_backend_name()] - age)
    second.start_study("one", "f" * 64, "", make_facts())
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
        second.start_study("one", "f" * 64, "", make_facts())
        second.close()
        first.close()
        first.start_study("one", "f" * 64, "", make_facts())
    first.close()


def test_a_process_that_may_be_a_later_one_lets_its_lease_expire(
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
    second.start_study("one", "f" * 64, "", make_facts())
    refused(lambda: first.add_trials("one", [trial(7)], DEFAULTS), "taken over by another one")
    first.close()
    second.close()


def test_a_process_whose_start_is_hidden_keeps_its_lease(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a process of another user, where /proc shows only one's own."""
    first, second = filled(database), open_store(database)
    monkeypatch.setattr("sweep.store._lease.started", lambda process: "")
    refused(lambda: second.start_study("one", "f" * 64, "", make_facts()), "under way in process")
    first.close()
    second.close()


def test_machines_of_one_name_do_not_judge_each_others_processes(database: str) -> None:
    """A process number that is free here says nothing about a clone of this machine."""
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    first, second = filled(database), open_store(database)
    clone = machine().rpartition(" ")[0] + " another-boot"
    change_lease(first, process=gone.pid, host=clone)
    refused(lambda: second.start_study("one", "f" * 64, "", make_facts()), "under way in process")
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

    monkeypatch.setattr("sweep.store._lease.insert_new", insert_beside)
    second.start_study("one", "f" * 64, "", make_facts())
    assert came
    assert second.runner_of("one").startswith(f"process {os.getpid()} on ")
    second.close()
    first.close()


def test_a_launch_that_fails_before_its_first_phase_gives_its_lease_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = '[study]\nname = "one"\n[data]\nname = "digits"\n[training]\nepochs = 1\n'
    store = open_store(f"sqlite:///{tmp_path}/sweep.db")
    monkeypatch.setattr("sweep.phases.driver.Paths", interrupted)
    with pytest.raises(KeyboardInterrupt):
        sweep.run_study(parse_study(text, tmp_path, "one"), store)
    assert store.study_names() == ["one"]
    assert held(store) == []
    store.close()


def test_a_launch_that_would_be_refused_is_refused_before_anything_is_built(
    database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sweep.phases.driver.make_context", interrupted)
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
    with first.database.engines.writer.begin() as connection:
        connection.execute(sa.update(schema.schema_table).values(version_num="0001"))
    refused(lambda: sweep.run_study(study, second), "got 1; run `python -m sweep migrate")
    first.close()
    second.close()


def interrupted(*_: object) -> None:
    raise KeyboardInterrupt


def test_a_lease_is_renewed_while_nothing_is_written(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sweep.store._lease.RENEWAL_SECONDS", 0.05)
    store = filled(database)
    (before,) = held(store)
    wait_until(lambda: held(store)[0].renewed_at > before.renewed_at)
    store.close()


def test_nobody_renews_the_lease_of_a_store_that_was_dropped(tmp_path: Path) -> None:
    database = open_store(f"sqlite:///{tmp_path}/sweep.db")
    database.start_study("one", "f" * 64, "", make_facts())
    thread = database._leases["one"]._thread
    assert isinstance(database._leases["one"], Lease)
    database.close()
    thread.join(HANG_SECONDS)
    assert not thread.is_alive()


@pytest.mark.parametrize("hours", [-3, 3])
def test_a_clock_that_is_set_back_or_forth_takes_the_study_from_nobody_who_lives(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, hours: float
) -> None:
    """The clock is that of SQLite itself; forth, the next renewal has to come first."""
    monkeypatch.setattr("sweep.store._lease.RENEWAL_SECONDS", 0.05 if hours > 0 else 3600)
    first, second = (open_store(f"sqlite:///{tmp_path}/sweep.db") for _ in range(2))
    first.start_study("one", "f" * 64, "", make_facts())
    (before,) = held(first)
    with clock_ahead(3600 * hours):
        if hours > 0:
            wait_until(lambda: held(first)[0].renewed_at >= before.renewed_at + 3600)
        refused(
            lambda: second.start_study("one", "f" * 64, "", make_facts()), "under way in process"
        )
        assert first.runner_of("one").startswith("process ")
        first.add_trials("one", [trial(7)], DEFAULTS)
        (after,) = held(first)
        assert abs(after.renewed_at - before.renewed_at - 3600 * hours) < 3600
        first.close()
        second.start_study("one", "f" * 64, "", make_facts())
        second.close()


def test_a_lease_that_this_process_could_not_give_back_is_taken_over_at_once(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As in a notebook, after a disk that was full, or a server that was away."""
    first, second = filled(database), open_store(database)

    def refusing(self: object, job: object) -> None:
        raise sweep.StoreError("away")

    with monkeypatch.context() as patch:
        patch.setattr("sweep.store.database.Database.write_once", refusing)
        first.close()
    assert len(held(second)) == 1
    assert second.runner_of("one") == ""
    second.start_study("one", "f" * 64, "", make_facts())
    second.close()
