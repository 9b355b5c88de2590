"""Files that are no databases, or no longer: read right or reported in one line, and left alone."""

from __future__ import annotations

import os
import random
import shutil
import sqlite3
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

import sweep
from sweep.errors import StoreError
from sweep.store.store import Store, open_store
from tests.cli.test_app import call, one_line
from tests.store.test_store import DEFAULTS, filled, result, trial
from tests.support.databases import opened
from tests.support.facts import make_facts
from tests.support.long_cases import long
from tests.system.test_full_disk import STUDY
from tests.system.test_injections import refused

PAGE = 4096
FRAMES = ("trials", "runs", "curves", "layers", "boundaries", "occupancy")


def read_words(store: Store) -> object:
    return (
        store.study_names(),
        store.read_study("one"),
        store.counts("one"),
        store.read_sentences("one", "val_loss"),
        store.runner_of("one"),
    )


def read_frames(store: Store) -> object:
    return [getattr(sweep, f"{kind}_frame")(store, "one") for kind in FRAMES]


def go_on(store: Store) -> object:
    store.start_study("one", "f" * 64, "", make_facts())
    store.add_trials("one", [trial(7)], DEFAULTS)
    store.record("one", [result(7, 0)], [])
    return {run.trial for run in store.read_runs("one")} >= {7}


USES: tuple[Callable[[Store], object], ...] = (read_words, read_frames, go_on, Store.migrate)


def zeroed(content: bytearray, page: int, _: random.Random) -> None:
    content[page * PAGE : (page + 1) * PAGE] = bytes(PAGE)


def scrambled(content: bytearray, page: int, chance: random.Random) -> None:
    content[page * PAGE : (page + 1) * PAGE] = chance.randbytes(PAGE)


def flipped(content: bytearray, page: int, chance: random.Random) -> None:
    """Mostly in numbers and lengths, which nobody can tell from sound ones."""
    for _ in range(40):
        content[page * PAGE + chance.randrange(PAGE)] ^= 1 << chance.randrange(8)


def cut(content: bytearray, page: int, chance: random.Random) -> None:
    del content[page * PAGE + chance.randrange(PAGE) :]


@pytest.mark.parametrize("damage", [long(zeroed), long(scrambled), flipped, long(cut)])
def test_a_database_with_any_page_damaged_is_read_or_reported_in_one_line(
    tmp_path: Path, damage: Callable[[bytearray, int, random.Random], None]
) -> None:
    filled(f"sqlite:///{tmp_path}/sound.db").close()
    sound, chance = (tmp_path / "sound.db").read_bytes(), random.Random(0)
    path, outcomes, lines = tmp_path / "sweep.db", Counter[str](), list[str]()
    for page in range(len(sound) // PAGE):
        content = bytearray(sound)
        damage(content, page, chance)
        for use in USES:
            path.write_bytes(content)
            store = open_store(f"sqlite:///{path}")
            try:
                use(store)
                outcomes["read"] += 1
            except StoreError as error:
                outcomes[use.__name__] += 1
                lines.append(str(error))
            finally:
                store.close()
            if use in (read_words, read_frames):
                assert path.read_bytes() == content
    assert not any("\n" in line for line in lines)
    assert outcomes["read"] > 0 or damage is cut
    assert all(outcomes[use.__name__] > 0 for use in USES)


@pytest.fixture(scope="module")
def swept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The database of a whole sweep, with Optuna's tables."""
    folder = tmp_path_factory.mktemp("swept")
    (folder / "full.toml").write_text(STUDY)
    done = call("run", str(folder / "full.toml"), "--database", f"sqlite:///{folder}/sweep.db")
    assert done.returncode == 0, done.stderr
    return folder


@pytest.mark.parametrize("share", [long(0.15), 0.45, long(0.6), 0.9])
def test_a_report_of_a_damaged_database_is_written_whole_or_not_at_all(
    swept: Path, tmp_path: Path, share: float
) -> None:
    content = bytearray((swept / "sweep.db").read_bytes())
    zeroed(content, int(share * (len(content) // PAGE)), random.Random(0))
    (tmp_path / "sweep.db").write_bytes(content)
    out, url = tmp_path / "reports", f"sqlite:///{tmp_path}/sweep.db"
    done = call("--database", url, "--out", str(out), module="dashboards")
    if done.returncode:
        one_line(done, "sweep.db: ")
        assert not list(tmp_path.rglob("*.html"))
    else:
        assert (out / "full.html").stat().st_size > 10_000
    assert (tmp_path / "sweep.db").read_bytes() == content


@pytest.mark.parametrize(
    "damage",
    [
        "DROP TABLE trials",
        "DROP TABLE trial_params",
        "ALTER TABLE trials RENAME COLUMN number TO numero",
        "DELETE FROM alembic_version",
        "DROP TABLE version_info",
        "DELETE FROM studies",
        "UPDATE trial_user_attributes SET value_json = 'no json'",
    ],
)
def test_damaged_tables_of_optunas_get_one_line_or_are_gone_on_with(
    swept: Path, tmp_path: Path, damage: str
) -> None:
    """They are the copy, ours the original: nothing of ours depends on them."""
    shutil.copy(swept / "sweep.db", tmp_path / "sweep.db")
    with sqlite3.connect(tmp_path / "sweep.db") as connection:
        connection.execute(damage)
        connection.execute("DELETE FROM regsweep_trial WHERE phase = 'confirm'")
    connection.close()
    url = f"sqlite:///{tmp_path}/sweep.db"
    done = call("run", str(swept / "full.toml"), "--database", url)
    assert done.returncode in (0, 2), done.stderr
    if done.returncode:
        assert "sweep.db: " in done.stderr.splitlines()[-1]
    assert call("status", "--database", url).returncode == 0
    trials = sweep.trials_frame(open_store(url), "full")
    assert (trials["phase"] == "explore").sum() == 4


def test_optunas_tables_are_written_again_from_ours(swept: Path, tmp_path: Path) -> None:
    shutil.copy(swept / "sweep.db", tmp_path / "sweep.db")
    url = f"sqlite:///{tmp_path}/sweep.db"
    before = mirrored(url)
    with sqlite3.connect(tmp_path / "sweep.db") as connection:
        query = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'regsweep%'"
        for (name,) in connection.execute(query).fetchall():
            connection.execute(f"DROP TABLE {name}")
    connection.close()
    done = call("run", str(swept / "full.toml"), "--database", url)
    assert done.returncode == 0, done.stderr
    assert mirrored(url) == before
    assert len(before) == 12


def mirrored(url: str) -> dict[int, tuple[str, float | None]]:
    """State and value of Optuna's trials, by our numbers."""
    with opened(url, "full") as study:
        trials = study.trials
    return {t.user_attrs["regsweep_trial"]: (t.state.name, t.value) for t in trials}


@pytest.mark.parametrize(
    ("table", "column", "value"),
    [
        ("study", "facts", "no json"),
        ("study", "facts", "[]"),
        ("study", "facts", '{"epochs": "a word"}'),
        ("study", "winner", "a word"),
        ("study", "created_at", "yesterday"),
        ("trial", "strengths", "{"),
        ("trial", "val_loss", "a word"),
        ("run", "val_loss", "a word"),
        ("run", "seed", "a word"),
        ("curve", "value", "a word"),
    ],
)
def test_values_that_are_not_of_their_columns_type_are_reported(
    tmp_path: Path, table: str, column: str, value: str
) -> None:
    """SQLite keeps anything anywhere."""
    filled(f"sqlite:///{tmp_path}/sweep.db").close()
    with sqlite3.connect(tmp_path / "sweep.db") as connection:
        connection.execute(f"UPDATE regsweep_{table} SET {column} = ?", (value,))
    connection.close()
    store, lines = open_store(f"sqlite:///{tmp_path}/sweep.db"), []
    for use in (read_words, read_frames, lambda store: store.read_trials("one"), go_on):
        try:
            use(store)
        except StoreError as error:
            lines.append(str(error))
    assert lines
    assert all("values of their columns' types must be found, got others" in line for line in lines)
    assert not any("\n" in line for line in lines)
    store.close()


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
    refused(
        lambda: store.start_study("one", "f" * 64, "", make_facts()),
        "a file must be named, found a dir",
    )
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("place", ["/dev/null", "/dev/full", "pipe"])
def test_a_device_or_a_pipe_is_no_database(tmp_path: Path, place: str) -> None:
    os.mkfifo(tmp_path / "pipe")
    store = open_store(f"sqlite:///{tmp_path / place}")
    refused(store.study_names, "found no file")
    refused(
        lambda: store.start_study("one", "f" * 64, "", make_facts()),
        "must be named, found something el",
    )
    assert [path.name for path in tmp_path.iterdir()] == ["pipe"]


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
    refused(
        lambda: store.start_study("one", "f" * 64, "", make_facts()),
        "already exists|already a table",
    )
    refused(store.study_names, "found one without its tables")
    store.close()
    assert path.read_bytes() == before
