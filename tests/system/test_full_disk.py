"""A full disk at every single write: nothing acknowledged is lost, nothing half is kept."""

from __future__ import annotations

import itertools
import math
import shutil
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pandas as pd
import pytest

import sweep
from sweep.errors import StoreError
from sweep.store import schema
from sweep.store.store import Store, open_store
from tests.cli.test_app import call
from tests.phases.test_driver import EXACT, database
from tests.store.test_migrate import kept_file
from tests.store.test_store import DEFAULTS, filled, result, trial
from tests.support.databases import DISK, opened
from tests.support.facts import make_facts
from tests.support.long_cases import long, long_but
from tests.support.sqlite_system import disk_with, sound
from tests.system.test_injections import runs_of

ADVICE = "look whether its disk is full"
NEW = range(10, 26)
RUNS = {(n, run) for n in NEW for run in range(2)}
STEPS: tuple[tuple[str, Callable[[Store], object], Callable[[Store], object]], ...] = (
    (
        "start",
        lambda store: store.start_study("one", "f" * 64, "", make_facts()),
        lambda store: store.study_names() == ["one"],
    ),
    (
        "trials",
        lambda store: store.add_trials("one", [trial(n) for n in NEW], DEFAULTS),
        lambda store: {s.trial.number for s in store.read_trials("one")} >= {*NEW},
    ),
    (
        "runs",
        lambda store: store.record("one", [result(*run) for run in sorted(RUNS)], []),
        lambda store: runs_of(store) >= RUNS,
    ),
    (
        "finish",
        lambda store: store.finish_study("one", 10),
        lambda store: store.read_study("one").winner == 10,
    ),
)
"""The writes of a launch, each with a look whether it is there."""
APART = (long(1), 3)
"""So many writes further on the disk is full the next time."""


@pytest.fixture(scope="module", autouse=True)
def waited_for() -> Iterator[None]:
    """SQLite's journals are written as outside of tests, each part once the one before is safe."""
    DISK.is_waited_for = True
    yield
    DISK.is_waited_for = False


@pytest.mark.parametrize("apart", APART)
@pytest.mark.parametrize("begun", [False, True])
def test_a_disk_full_at_any_write_loses_nothing_and_keeps_nothing_half(
    tmp_path: Path, begun: bool, apart: int
) -> None:
    """Of a new database, its log and its shared memory, or of one that has runs already."""
    faults, one = Counter[str](), tmp_path / "one.db"
    filled(f"sqlite:///{one}").close()
    for room in itertools.count(step=apart):
        path = tmp_path / f"{room}.db"
        if begun:
            shutil.copy(one, path)
        store, done, fault = open_store(f"sqlite:///{path}"), list[str](), ""
        with disk_with(room) as disk:
            for name, write, _ in STEPS:
                try:
                    write(store)
                except StoreError as error:
                    faults[name] += 1
                    fault = str(error)
                    break
                done.append(name)
            store.close()
            assert disk.n_writes > 0
        if not fault:
            break
        assert "\n" not in fault
        assert ADVICE in fault
        assert sound(path)
        after = open_store(f"sqlite:///{path}")
        for name, _, there in STEPS[: len(done)]:
            assert there(after), (room, name)
        if begun:
            assert runs_of(after) >= {(0, 0), (0, 1)}
        goes_on(after, len(done))
        after.close()
        path.unlink()
    assert set(faults) == {"start", "trials", "runs", "finish"}


def goes_on(store: Store, n_done: int) -> None:
    """The same launch again, once there is room: what is there is whole, and the rest comes."""
    STEPS[0][1](store)
    for name, write, there in STEPS[max(1, n_done) :]:
        if not there(store):
            assert not runs_of(store) & RUNS or name == "finish"
            write(store)
        assert there(store)
    assert sorted(runs_of(store) & RUNS) == sorted(RUNS)


@pytest.mark.parametrize("apart", APART)
def test_a_disk_full_at_any_write_of_a_migration_leaves_the_database_as_it_was(
    tmp_path: Path, apart: int
) -> None:
    kept = kept_file(tmp_path / "kept.db", 1)
    before = contents(kept)
    for room in itertools.count(step=apart):
        folder = tmp_path / str(room)
        folder.mkdir()
        path = shutil.copy(kept, folder / "sweep.db")
        store = open_store(f"sqlite:///{path}")
        with disk_with(room):
            try:
                store.migrate()
                break
            except StoreError as error:
                fault = str(error)
        store.close()
        assert ADVICE in fault
        assert contents(path) == before
        assert [found.name for found in folder.iterdir()] == ["sweep.db"]
    assert room > 50
    assert store.schema_version() == schema.SCHEMA_VERSION
    copy = path.with_name("sweep.db.v1.bak")
    assert contents(copy) == before
    store.close()


def contents(path: Path) -> list[str]:
    connection = sqlite3.connect(path)
    try:
        return sorted(connection.iterdump())
    finally:
        connection.close()


STUDY = """
[study]
name = "full"
[data]
name = "digits"
[model]
name = "linear"
[training]
epochs = 2
[search]
penalties = ["decay"]
trials = 4
round = 2
[path]
points = 5
resamples = 2
"""
SHARES = (0.02, 0.2, 0.4, 0.6, 0.8, 0.97)
"""Of the writes of a whole launch."""


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> tuple[pd.DataFrame, int]:
    """The runs of a sweep on a disk with room, and how often it wrote."""
    folder = tmp_path_factory.mktemp("whole")
    (folder / "full.toml").write_text(STUDY)
    with disk_with(math.inf) as disk:
        done = call("run", str(folder / "full.toml"), "--database", database(folder))
    assert done.returncode == 0, done.stderr
    return sweep.runs_frame(sweep.open_store(database(folder)), "full")[EXACT], disk.n_writes


@pytest.mark.parametrize("share", long_but(SHARES, [0.02, 0.4, 0.97]))
def test_a_sweep_whose_disk_is_full_at_any_time_ends_in_one_line_and_goes_on_once_there_is_room(
    whole: tuple[pd.DataFrame, int], tmp_path: Path, share: float
) -> None:
    """Optuna's tables and the lease are written to the same disk."""
    expected, n_writes = whole
    (tmp_path / "full.toml").write_text(STUDY)
    words = ("run", str(tmp_path / "full.toml"), "--database", database(tmp_path))
    with disk_with(share * n_writes):
        done = call(*words)
    lines = [line for line in done.stderr.splitlines() if "of at most" not in line]
    if done.returncode == 0:  # all is in the log, which stays beside the file
        assert share > 0.8
        assert "log stays beside it" in lines[-1]
    else:
        assert done.returncode == 2, done.stderr
        assert ADVICE in lines[-1]
    assert "Traceback" not in done.stderr
    assert sound(tmp_path / "sweep.db")
    assert call(*words).returncode == 0
    store = sweep.open_store(database(tmp_path))
    pd.testing.assert_frame_equal(sweep.runs_frame(store, "full")[EXACT], expected)
    url = store.database.optuna_url
    store.close()
    with opened(url, "full") as study:
        mirrored = study.trials
    assert sorted(t.user_attrs["regsweep_trial"] for t in mirrored) == list(range(len(mirrored)))


def test_on_a_full_disk_a_sweep_under_way_is_read(tmp_path: Path) -> None:
    """One at rest needs room for a page of shared memory, and says so."""
    path = tmp_path / "sweep.db"
    writer, reader = filled(f"sqlite:///{path}"), open_store(f"sqlite:///{path}")
    with disk_with(0):
        assert len(sweep.trials_frame(reader, "one")) == 2
    reader.close()
    writer.close()
    before = path.read_bytes()
    with disk_with(0), pytest.raises(StoreError, match=ADVICE):
        sweep.trials_frame(reader, "one")
    reader.close()
    assert path.read_bytes() == before
    assert len(sweep.trials_frame(reader, "one")) == 2
    reader.close()
