"""Databases of older schema versions are named, migrated, and then like new ones."""

from __future__ import annotations

import datetime as dt
import itertools
import math
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import sqlalchemy as sa
from alembic.config import Config
from alembic.script import ScriptDirectory

import sweep
from sweep.errors import StoreError
from sweep.records.trial import Phase, Role
from sweep.statistics.advice import advised
from sweep.statistics.verdicts import Boundary, Cause, SideVerdict, Verdict
from sweep.statistics.wording import CAUSES, SIDES, VERDICTS
from sweep.store import migrate, schema, views
from sweep.store._rows import utc
from sweep.store.migrations.versions.v0009_advice_kinds import read_advice
from sweep.store.store import open_store
from sweep.study.loading import parse_study
from tests.store.test_store import filled
from tests.support.databases import HANG_SECONDS, locked
from tests.support.facts import make_facts
from tests.support.long_cases import long_but

CODES: dict[str, type[StrEnum]] = {
    "verdict": Verdict,
    "overfitting_verdict": SideVerdict,
    "underfitting_verdict": SideVerdict,
    "overfitting_cause": Cause,
    "underfitting_cause": Cause,
}
"""Columns of boundaries that were sentences before version 5."""
ADVISED = ("advice", "advice_kind", "ending_kind", "ending", "tail_index")
"""Columns of boundaries that were one text before version 9."""
NEWEST = schema.SCHEMA_VERSION
KEPT = Path(__file__).parents[1] / "kept"
"""Databases as SQL, written by the version of the package that had the schema."""


def kept_file(path: Path, version: int) -> Path:
    """A new SQLite file with what a version of the package left in it."""
    with sqlite3.connect(path) as connection:
        connection.executescript((KEPT / f"schema_{version}.sql").read_text(encoding="utf-8"))
    connection.close()
    return path


VERSIONS = long_but(range(1, schema.SCHEMA_VERSION), [1, 4, schema.SCHEMA_VERSION - 1])


@pytest.mark.parametrize("version", VERSIONS)
def test_a_kept_database_of_every_version_is_named_migrated_and_gone_on_with(
    tmp_path: Path, version: int
) -> None:
    path = kept_file(tmp_path / "kept.db", version)
    store = open_store(f"sqlite:///{path}")
    url = f"sqlite:///{path}"
    for use in (store.study_names, lambda: store.start_study("two", "f" * 64, "", make_facts())):
        with pytest.raises(StoreError, match="sweep migrate --database") as caught:
            use()
        assert url in str(caught.value)
    assert store.migrate() == (version, tmp_path / f"kept.db.v{version}.bak")
    assert store.migrate() == (store.schema_version(), None) == (schema.SCHEMA_VERSION, None)
    trials = sweep.trials_frame(store, "kept")
    assert trials["phase"].value_counts().to_dict() == {"path": 6, "explore": 4, "confirm": 2}
    assert sweep.occupancy_frame(store, "kept").empty == (version < 2)
    text = store.read_study("kept").text
    study = parse_study(text, tmp_path, "the kept text")
    before = sweep.runs_frame(store, "kept")
    sweep.run_study(study, store)
    pd.testing.assert_frame_equal(sweep.runs_frame(store, "kept"), before)


@pytest.mark.parametrize("version", VERSIONS)
def test_migrating_ends_at_the_tables_of_a_new_database_and_keeps_every_row(
    database: str, version: int, tmp_path: Path
) -> None:
    """On both kinds of databases, from tables and rows as that version had them."""
    rows = put_back(database, version, tmp_path / "kept.db")
    store = open_store(database)
    with pytest.raises(StoreError, match=f"got {version}; run"):
        store.study_names()
    assert store.migrate()[0] == version
    new = empty_beside(store)
    new.start_study("x", "f" * 64, "", make_facts())
    assert tables_of(store) == tables_of(new)
    new.close()
    for table, before in rows.items():
        columns = unchanged(schema.metadata.tables[table])
        with store.database.reading() as connection:
            found = connection.execute(sa.select(*columns)).all()
        kept = [[row[column.name] for column in columns] for row in before]
        assert in_utc(found) == in_utc(kept), table
    assert sweep.boundaries_frame(store, "kept")["penalty"].tolist() != []
    store.close()


def test_sentences_paths_and_own_metrics_of_version_4_become_codes_roles_and_rows(
    database: str, tmp_path: Path
) -> None:
    """Every sentence that there was, and a study with a control, an ablation and baselines."""
    put_back(database, 4, tmp_path / "kept.db")
    store = open_store(database)
    sentences = itertools.zip_longest(VERDICTS.values(), SIDES.values(), CAUSES.values())
    with store.database.engines.writer.begin() as connection:
        (study_id,) = connection.exec_driver_sql(
            "SELECT id FROM regsweep_study WHERE name = 'kept'"
        ).one()
        name = schema.boundary_table.name
        row = as_typed(sa.Table(name, sa.MetaData(), autoload_with=connection))
        old = connection.execute(sa.select(row).where(row.c.study_id == study_id)).mappings()
        first = dict(old.all()[0])
        for i, (verdict, side, cause) in enumerate(sentences):
            words = (verdict, side or "found", side or "found", cause or "no boundary")
            own = dict(zip(CODES, (*words, words[-1]), strict=True))
            connection.execute(sa.insert(row).values(**first | {"layer": f"layer{i}"} | own))
    with store.database.engines.reader.connect() as connection:
        paths = dict(connection.exec_driver_sql(PATHS).all())  # type: ignore[arg-type]
        own = connection.exec_driver_sql(OWN_AT_THE_END).all()
    assert store.migrate()[0] == 4
    boundaries = sweep.boundaries_frame(store)
    for name, codes in CODES.items():
        assert set(boundaries[name]) == {str(code) for code in codes}, name
    trials = sweep.trials_frame(store, "apart")
    assert dict(zip(trials["trial"], trials["path"], strict=True)) == paths
    for stored in store.read_trials("apart"):
        trial, path = stored.trial, paths[stored.trial.number]
        alike = {
            Phase.CONTROL: path == f"trial {trial.parent}",
            Phase.ABLATION: path == f"{trial.role} {trial.layer}",
            Phase.BASELINE: path == trial.role,
            Phase.PATH: path == trial.layer and trial.role is Role.POINT,
        }
        assert alike.get(trial.phase, (trial.role, trial.layer, path) == (Role.SETTING, "", ""))
        assert (trial.phase is Phase.CONTROL) == (trial.parent is not None)
    assert sorted(row[1:] for row in store.read_own("apart")) == sorted(map(tuple, own)) != []
    assert store.read_own("kept") == []
    store.close()


PATHS = """
SELECT t.number, t.path FROM regsweep_trial t JOIN regsweep_study s ON s.id = t.study_id
WHERE s.name = 'apart'"""
OWN_AT_THE_END = """
SELECT t.number, r.number, c.metric, c.value FROM regsweep_curve c
JOIN regsweep_run r ON r.id = c.run_id JOIN regsweep_trial t ON t.id = r.trial_id
JOIN regsweep_curve n ON n.run_id = r.id AND n.metric = 'null_half_error' AND n.epoch = c.epoch
WHERE c.metric IN ('val_half_error', 'train_half_error', 'test_half_error', 'null_half_error')"""


HEAVY = (
    "A few rows decide: losses of rows have no variance (tail index 1.6, below 2), so intervals "
    "may be too narrow: judge by a robust loss, such as Huber's or absolute errors."
)
BEFORE_9 = {
    "": ("none", "none", ""),
    "Extend the range above 10.": ("extend_stronger", "none", ""),
    "Extend the range below 0.01 and above 10.": ("extend_both", "none", ""),
    "Runs diverge below 0.01: lower the learning rate to see further. Extend the range above 10. "
    "The ladder ended: runs diverge beyond these strengths.": (
        "extend_both", "diverged", "runs diverge beyond these strengths",
    ),
    "Extend the range below 0.01. The ladder ended: strengths end at 0.95.": (
        "extend_weaker", "limit", "strengths end at 0.95",
    ),
    "2 resamples give wide intervals: 5 are the floor, 10 a good number. The ladder ended: all 5 "
    "strengths of the budget are used.": (
        "few_resamples", "strengths_spent", "all 5 strengths of the budget are used",
    ),
    f"{HEAVY} Too few strengths lie in the good zone, or too far apart: add strengths between 1 "
    "and 3. The ladder ended: all 65 runs of the budget (path.runs) are used, and every interval "
    "is within 0.25 decades.": (
        "strengths_inside", "spent_narrow", "all 65 runs of the budget (path.runs) are used, and "
        "every interval is within 0.25 decades",
    ),
    f"{HEAVY} The ladder ended: no learnable signal.": ("none", "verdict", "no learnable signal"),
}  # fmt: skip
"""The kind of advice, and of its ladder's end with its words, of texts that had them in one."""


def test_texts_of_advice_of_version_8_become_kinds(database: str, tmp_path: Path) -> None:
    put_back(database, 8, tmp_path / "kept.db")
    store = open_store(database)
    with store.database.engines.writer.begin() as connection:
        row = as_typed(
            sa.Table(schema.boundary_table.name, sa.MetaData(), autoload_with=connection)
        )
        first = dict(connection.execute(sa.select(row)).mappings().all()[0])
        for i, text in enumerate(BEFORE_9):
            connection.execute(
                sa.insert(row).values(**first | {"layer": f"layer{i}", "advice": text})
            )
    assert store.migrate()[0] == 8
    found = sweep.boundaries_frame(store).set_index("layer")
    for i, (text, expected) in enumerate(BEFORE_9.items()):
        own = found.loc[f"layer{i}"]
        assert tuple(own[["advice_kind", "ending_kind", "ending"]]) == expected, text
        assert own["advice"] == text.partition("The ladder ended: ")[0].strip()
        assert own["tail_index"] == pytest.approx(1.6 if HEAVY in text else math.nan, nan_ok=True)
    store.close()


@pytest.mark.parametrize("verdict", list(Verdict))
@pytest.mark.parametrize("n_resamples", [3, 20])
def test_every_advice_of_today_is_read_back_from_its_text(
    verdict: Verdict, n_resamples: int
) -> None:
    """Where its sentence changes one day, the migration keeps what version 8 wrote."""
    for overlap, coarse, sparse, more in itertools.product(
        (0.0, 0.5), (False, True), (False, True), (4.0, math.inf)
    ):
        b = Boundary(
            verdict, 9, n_resamples, "fresh", 0.05, overfitting_ends=0.1, underfitting_starts=1.0,
            weakest=0.01, strongest=10.0, more_resamples=more, sparse=sparse,
        )  # fmt: skip
        told = advised(b, overlap, coarse)
        assert read_advice(told.advice)["advice_kind"] == told.advice_kind


def unchanged(table: sa.Table) -> list[sa.Column[Any]]:
    """The columns of a table whose values are those of the first version."""
    new = (
        {*CODES, "n_rows", *ADVISED}
        if table is schema.boundary_table
        else {"role", "layer", "parent"}
    )
    return [c for c in table.columns if table is schema.layer_table or c.name not in new]


def put_back(url: str, version: int, path: Path) -> dict[str, list[dict[str, Any]]]:
    """Fills an empty database with the tables and rows of a version; returns those kept today."""
    kept_file(path, version)
    source, target = sa.create_engine(f"sqlite:///{path}"), open_store(url).database
    with source.connect() as kept, target.rebuilding() as connection:
        migrate.upgrade(connection, version)
        if version < 4:  # theirs was another table
            schema.schema_table.drop(connection)
        else:
            connection.execute(sa.delete(schema.schema_table))
        there = sa.MetaData()
        there.reflect(connection, only=lambda name, _: name.startswith(schema.PREFIX))
        rows = {}
        for table in there.sorted_tables:
            typed = as_typed(table)
            found = kept.execute(sa.select(typed)).mappings()
            rows[table.name] = [with_zone(dict(row)) for row in found]
            if rows[table.name]:
                connection.execute(sa.insert(typed), rows[table.name])
    source.dispose()
    target.close()
    kept_today = set(schema.metadata.tables) - {schema.schema_table.name}
    return {name: found for name, found in rows.items() if name in kept_today}


def as_typed(table: sa.Table) -> sa.Table:
    """A table as a version had it, with the types that its columns have today."""
    today = schema.metadata.tables.get(table.name, table).columns
    types = {c.name: today[c.name].type if c.name in today else c.type for c in table.columns}
    return sa.Table(table.name, sa.MetaData(), *(sa.Column(*item) for item in types.items()))


def with_zone(row: dict[str, Any]) -> dict[str, Any]:
    """As a store writes it: PostgreSQL takes a time without a zone for one of its own zone."""
    return {name: utc(x) if isinstance(x, dt.datetime) else x for name, x in row.items()}


def in_utc(rows: Iterable[Sequence[Any]]) -> list[list[str]]:
    """SQLite forgets the zone."""
    times = ([utc(x).timestamp() if isinstance(x, dt.datetime) else x for x in row] for row in rows)
    return sorted([repr(x) for x in row] for row in times)


def empty_beside(store: sweep.Store) -> sweep.Store:
    """A store of a new database beside another."""
    if store.database.sqlite_path is not None:
        return open_store(f"sqlite:///{store.database.sqlite_path}.new")
    engine = sa.create_engine(store.url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {store.url.database}_new")
    engine.dispose()
    url = store.url.set(database=f"{store.url.database}_new")
    return open_store(url.render_as_string(hide_password=False))


def tables_of(store: sweep.Store) -> dict[str, Any]:
    """Columns, keys and rules of every table, and the views, as the database lists them."""
    with store.database.reading() as connection:
        there = sa.inspect(connection)
        names = [name for name in there.get_table_names() if name.startswith(schema.PREFIX)]
        assert set(names) == set(schema.metadata.tables)
        rules = {
            name: (
                [(c["name"], str(c["type"]), c["nullable"]) for c in there.get_columns(name)],
                there.get_pk_constraint(name)["constrained_columns"],
                [(k["constrained_columns"], k["options"]) for k in there.get_foreign_keys(name)],
                [k["column_names"] for k in there.get_unique_constraints(name)],
                {c["name"]: c["sqltext"] for c in there.get_check_constraints(name)},
            )
            for name in names
        }
        views = {view: there.get_view_definition(view) for view in there.get_view_names()}
    return {**rules, **views}


def test_a_migration_that_fails_leaves_the_database_as_it_was(
    database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_back(database, 2, tmp_path / "kept.db")
    store = open_store(database)

    def fail(connection: sa.Connection) -> None:
        connection.exec_driver_sql("SELECT * FROM nowhere")

    with monkeypatch.context() as patch:
        patch.setattr(views, "create_views", fail)
        with pytest.raises(StoreError, match="nowhere"):
            store.migrate()
    with pytest.raises(StoreError, match="got 2; run"):
        store.study_names()
    with store.database.engines.reader.connect() as connection:
        assert not sa.inspect(connection).has_table(schema.lease_table.name)
    assert list(tmp_path.glob("*.bak")) == []
    assert store.migrate()[0] == 2
    assert store.study_names() == ["kept"]
    store.close()


NOTHING: tuple[tuple[str, dict[str, Any]], ...] = (
    ("trial", {"state": "lost"}),
    ("trial", {"phase": "later"}),
    ("trial", {"strength": -1.0}),
    ("run", {"state": "lost"}),
    ("run", {"epochs": -1}),
    ("layer", {"zeros": 10**6}),
)


def test_the_database_itself_refuses_rows_that_mean_nothing(database: str) -> None:
    store = filled(database)
    for table, change in NOTHING:
        own = schema.metadata.tables[f"{schema.PREFIX}{table}"]
        update = sa.update(own).values(**change)
        with pytest.raises(StoreError, match="refused") as caught:
            store.database.write(lambda c, _, update=update: c.execute(update))
        assert f"{own.name}_{next(iter(change))}_check" in str(caught.value)
    store.close()


def test_the_last_revision_is_the_schema_of_today() -> None:
    config = Config()
    config.set_main_option("script_location", "sweep.store:migrations")
    scripts = ScriptDirectory.from_config(config)
    assert scripts.get_current_head() == f"{schema.SCHEMA_VERSION:04d}"
    assert len(list(scripts.walk_revisions())) == schema.SCHEMA_VERSION
    assert {path.stem for path in KEPT.glob("*.sql")} == {
        f"schema_{version}" for version in range(1, schema.SCHEMA_VERSION)
    }


def test_a_newer_and_a_missing_database_are_named_and_left_alone(tmp_path: Path) -> None:
    store = filled(f"sqlite:///{tmp_path}/sweep.db")
    with store.database.engines.writer.begin() as connection:
        connection.execute(sa.update(schema.schema_table).values(version_num="0099"))
    with pytest.raises(StoreError, match="got 99; update regsweep"):
        open_store(f"sqlite:///{tmp_path}/sweep.db").migrate()
    with pytest.raises(StoreError, match="found no file"):
        open_store(f"sqlite:///{tmp_path}/none.db").migrate()
    assert not (tmp_path / "none.db").exists()
    store.close()


def test_a_version_that_is_not_one_number_is_reported_in_one_line(database: str) -> None:
    store = filled(database)
    engine = store.database.engines.writer
    for versions in (["abc"], ["0000"], ["-1"], ["\u0664"], [], ["0003", "0004"]):
        with engine.begin() as connection:
            connection.execute(sa.delete(schema.schema_table))
            for version in versions:
                connection.execute(sa.insert(schema.schema_table).values(version_num=version))
        other = open_store(database)
        for use in (
            other.study_names,
            other.migrate,
            lambda other=other: other.start_study("x", "f", "", make_facts()),
        ):
            with pytest.raises(StoreError, match="must be one number from 1, found none or sev"):
                use()
        other.close()
    store.close()


def test_a_version_without_its_tables_is_reported(database: str) -> None:
    store = filled(database)
    with store.database.engines.writer.begin() as connection:
        connection.execute(sa.schema.DropTable(schema.lease_table))
    with pytest.raises(StoreError, match=r"all tables of its version .* found no regsweep_lease"):
        store.migrate()
    store.database.close()


def test_of_migrations_at_once_one_is_done_and_the_copy_is_of_before(
    database: str, tmp_path: Path
) -> None:
    put_back(database, 3, tmp_path / "kept.db")
    words = [sys.executable, "-m", "sweep", "migrate", "--database", database]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    started = [subprocess.Popen(words, cwd=KEPT.parent.parent, **pipes) for _ in range(2)]  # type: ignore[call-overload]
    ends = [(*process.communicate(timeout=HANG_SECONDS), process.returncode) for process in started]
    lines = [(out + error).strip() for out, error, _ in ends]
    assert sorted(code for *_, code in ends)[0] == 0, lines
    assert sum(f"schema version 3 is now {NEWEST}" in line for line in lines) == 1, lines
    others = (
        f"already at schema version {NEWEST}",
        "another program migrates it",
        "must be new, found",
    )
    assert all(f"is now {NEWEST}" in line or any(o in line for o in others) for line in lines), (
        lines
    )
    assert not any("\n" in line for line in lines)
    store = open_store(database)
    assert store.study_names() == ["kept"]
    store.close()
    if database.startswith("sqlite"):
        assert {path.name for path in tmp_path.glob("sweep.db*")} == {
            "sweep.db",
            "sweep.db.v3.bak",
        }
        copy = open_store(f"{database}.v3.bak")
        assert copy.schema_version() == 3
        copy.close()


@pytest.mark.parametrize(
    ("look", "n_before"),
    [("schema_version", 1), ("reading", 1), ("snapshot", 0), ("snapshot", 1), ("snapshot", 2)],
)
def test_a_reader_that_a_migration_comes_between_is_given_the_version_before_or_after(
    database: str, look: str, n_before: int, tmp_path: Path
) -> None:
    """It comes after so many statements of the reader: none, the one for names, or both."""
    put_back(database, 3, tmp_path / "kept.db")
    reader, other = open_store(database), open_store(database)
    questions: list[str] = []
    if database.startswith("sqlite"):  # as our own files are
        reader.database.engines.without_transaction("PRAGMA journal_mode=WAL")
    assert reader.schema_version() == 3  # the driver's own questions are behind it

    def migrate_between(_connection: object, _cursor: object, asked: str, *_: object) -> None:
        if asked != "BEGIN":
            questions.append(asked)
            if len(questions) == n_before + 1:
                assert other.migrate()[0] == 3

    def version() -> int:
        if look == "schema_version":
            return reader.schema_version()
        try:
            with getattr(reader.database, look)():
                return schema.SCHEMA_VERSION
        except StoreError as error:
            return int(str(error).split("got ")[1][0])

    sqlite = database.startswith("sqlite")
    engine = reader.database.engines.reader if sqlite else reader.database.engines.writer
    with hooked(engine, "before_cursor_execute", migrate_between):
        found = version()
    if n_before == 2:
        assert len(questions) == 2
        assert other.migrate()[0] == 3
    of_before = n_before == 2 or (sqlite and look == "snapshot" and n_before == 1)
    assert found == (3 if of_before else NEWEST)
    assert version() == NEWEST
    other.close()
    reader.close()


@contextmanager
def hooked(engine: sa.Engine, event: str, call: Callable[..., None]) -> Iterator[None]:
    sa.event.listen(engine, event, call)
    yield
    sa.event.remove(engine, event, call)


def test_a_migration_waits_for_a_locked_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sweep.store._engines.BUSY_SECONDS", 0.1)
    put_back(f"sqlite:///{tmp_path}/sweep.db", 3, tmp_path / "kept.db")
    store = open_store(f"sqlite:///{tmp_path}/sweep.db")
    with locked(tmp_path / "sweep.db", refusals=3):
        assert store.migrate() == (3, tmp_path / "sweep.db.v3.bak")
    assert store.study_names() == ["kept"]
    store.close()


def test_a_copy_that_another_migration_made_is_left_alone(tmp_path: Path) -> None:
    put_back(f"sqlite:///{tmp_path}/sweep.db", 3, tmp_path / "kept.db")
    store, copy = open_store(f"sqlite:///{tmp_path}/sweep.db"), tmp_path / "sweep.db.v3.bak"
    copy.write_bytes(b"theirs")
    with pytest.raises(StoreError, match="must be new"):
        store.migrate()
    assert copy.read_bytes() == b"theirs"
    store.close()


ON_BOTH = (
    ("ALTER TABLE regsweep_run ADD COLUMN mine INTEGER", "column regsweep_run.mine"),
    ("CREATE VIEW mine AS SELECT number FROM regsweep_trial", "view mine"),
    ("CREATE VIEW mine AS SELECT 1 AS x FROM regsweep_study s JOIN runs ON 1 = 1", "view mine"),
    ("CREATE VIEW occupancy AS SELECT 1 AS theirs", "view occupancy"),
)


def test_what_others_added_to_our_tables_is_named_and_kept(database: str, tmp_path: Path) -> None:
    """One after the other, and nothing is migrated before the last of them is gone."""
    put_back(database, 3, tmp_path / "kept.db")
    store = open_store(database)
    with store.database.rebuilding() as connection:
        views.drop_views(connection)
        connection.exec_driver_sql("CREATE VIEW runs AS SELECT * FROM regsweep_run")
        connection.exec_driver_sql("CREATE VIEW beside AS SELECT 1 AS runs")
    for addition, named in ON_BOTH:
        with store.database.rebuilding() as connection:
            connection.exec_driver_sql(addition)
        with pytest.raises(StoreError, match=f"found {named}; drop them before the migration"):
            store.migrate()
        assert store.schema_version() == 3
        assert not list(tmp_path.glob("*.bak"))
        with store.database.rebuilding() as connection:
            kind, _, name = named.partition(" ")
            table, _, column = name.partition(".")
            drop = f"DROP VIEW {name}" if kind == "view" else f"ALTER TABLE {table} DROP {column}"
            connection.exec_driver_sql(drop)
    assert store.migrate()[0] == 3
    assert store.study_names() == ["kept"]
    store.close()


def test_an_index_or_a_trigger_that_others_added_is_named_and_kept(tmp_path: Path) -> None:
    """PostgreSQL changes tables where they are, and keeps both."""
    put_back(f"sqlite:///{tmp_path}/sweep.db", 3, tmp_path / "kept.db")
    with sqlite3.connect(tmp_path / "sweep.db") as connection:
        connection.execute("CREATE INDEX mine ON regsweep_trial (lr)")
        connection.execute("CREATE TRIGGER theirs AFTER INSERT ON regsweep_run BEGIN SELECT 1; END")
    connection.close()
    store = open_store(f"sqlite:///{tmp_path}/sweep.db")
    with pytest.raises(StoreError, match="found index mine, trigger theirs; drop them before"):
        store.migrate()
    assert store.schema_version() == 3
    assert not (tmp_path / "sweep.db.v3.bak").exists()
    store.close()
