"""What goes wrong outside: locks, full disks, servers that go away, files that are no databases."""

from __future__ import annotations

import json
import math
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

import sweep
from sweep.errors import StoreError
from sweep.records.trial import Curve
from sweep.store.store import Store, open_store
from tests.store.test_store import DEFAULTS, filled, result, trial
from tests.support.databases import HANG_SECONDS, away, locked
from tests.support.facts import make_facts
from tests.torture.kills import WAYS

ROOT = Path(__file__).parents[2]


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
    command = [sys.executable, "-m", "tests.torture", database, "--kills", "8", "--starts", "4"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["starts"] == {"started": 3, "refused": 1}  # two of their own, and one of two
    assert found["kills"] == dict(zip(WAYS, (4, 2, 2), strict=True))
    assert found["lost"] == found["torn"] == found["duplicated"] == 0
    assert found["stored"] >= found["acknowledged"] > 8


# ---- locked files ------------------------------------------------------------------------------


def test_a_write_waits_for_a_lock_beyond_the_drivers_own_patience(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("sweep.store._engines.BUSY_SECONDS", 0.1)
    store = filled(f"sqlite:///{tmp_path}/sweep.db")
    with locked(tmp_path / "sweep.db", refusals=5), caplog.at_level("WARNING", logger="sweep"):
        store.record("one", [result(1, 0)], [])
    assert "database is locked; trying again" in caplog.text
    assert "going on" in caplog.text
    assert runs_of(store) == {(0, 0), (0, 1), (1, 0)}
    store.close()


def test_a_lock_that_outlasts_all_patience_is_reported_and_loses_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sweep.store._engines.BUSY_SECONDS", 0.1)
    monkeypatch.setattr("sweep.store._retry.PATIENCE_SECONDS", 0.3)
    store = filled(f"sqlite:///{tmp_path}/sweep.db")
    with locked(tmp_path / "sweep.db", refusals=math.inf):
        refused(lambda: store.record("one", [result(1, 0)], []), "database is locked")
        assert runs_of(store) == {(0, 0), (0, 1)}  # readers do not wait
    store.record("one", [result(1, 0)], [])
    assert (1, 0) in runs_of(store)
    store.close()


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
    monkeypatch.setattr("sweep.store._retry.PAUSE_SECONDS", (0.0, 0.0))
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
    store.start_study("one", "f" * 64, "", make_facts())
    store.add_trials("one", [trial(5)], DEFAULTS)
    store.record("one", [result(5, 0), result(5, 1)], [])
    store.finish_study("one", 5)
    assert len(broken) == 5
    assert runs_of(store) == {(0, 0), (0, 1), (5, 0), (5, 1)}
    assert [s.trial.number for s in store.read_trials("one")] == [0, 1, 5]
    store.close()


def test_points_that_the_database_refuses_are_reported_in_one_line_and_none_is_kept(
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


def test_a_server_that_was_never_there_is_a_mistake_reported_at_once(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """It is tried once, and nothing is waited for."""
    store = open_store("postgresql://me:hunter2@127.0.0.1:1/sweep")
    pauses: list[float] = []
    monkeypatch.setattr("sweep.store._retry.time.sleep", pauses.append)
    with pytest.raises(StoreError) as caught:
        store.start_study("one", "f" * 64, "", make_facts())
    assert pauses == []
    assert "trying again" not in caplog.text
    assert "hunter2" not in str(caught.value)
    assert "\n" not in str(caught.value)


# ---- names -------------------------------------------------------------------------------------

NAMES = ('it\'s "quoted"; DROP TABLE regsweep_run; --', "</script><b>", "x" * 200, "‮abc‏ שלום")


@pytest.mark.parametrize("name", NAMES)
def test_a_study_of_any_name_is_stored_and_found(database: str, name: str) -> None:
    store = open_store(database)
    store.start_study(name, "f" * 64, "", make_facts())
    store.add_trials(name, [trial(0)], DEFAULTS)
    store.record(name, [result(0, 0)], [])
    assert store.study_names() == [name]
    assert sweep.trials_frame(store, name)["study"].tolist() == [name]
    assert len(sweep.curves_frame(store, name)) == 3
    store.close()


def test_a_lock_of_a_minute_is_waited_for(behind_a_lock: subprocess.Popen[str] | None) -> None:
    """With the patience that every launch has; it has waited since the first test of all."""
    assert behind_a_lock is not None
    out, error = behind_a_lock.communicate(timeout=HANG_SECONDS)
    assert json.loads(out)["recorded_behind_a_lock"] is True
    assert "database is locked; trying again for 180 seconds" in error
    assert "going on" in error
