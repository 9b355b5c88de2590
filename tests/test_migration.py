"""Databases of older schema versions are told, migrated, and then like new ones."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pandas as pd
import pytest
import sqlalchemy as sa

import sweep
from sweep import schema
from sweep.errors import StoreError
from sweep.store import open_store
from sweep.study import parse_study
from tests.test_store import filled

KEPT = Path(__file__).parent / "kept"
"""Databases as SQL, written by the version of the package that had the schema."""


@pytest.mark.parametrize("version", range(1, schema.SCHEMA_VERSION))
def test_a_kept_database_of_every_version_is_told_migrated_and_gone_on_with(
    tmp_path: Path, version: int
) -> None:
    path = tmp_path / "kept.db"
    with sqlite3.connect(path) as connection:
        connection.executescript((KEPT / f"schema_{version}.sql").read_text(encoding="utf-8"))
    connection.close()
    store = open_store(f"sqlite:///{path}")
    url = f"sqlite:///{path}"
    for use in (store.study_names, lambda: store.start_study("two", "f" * 64, "", {})):
        with pytest.raises(StoreError, match="sweep migrate --database") as caught:
            use()
        assert url in str(caught.value)
    assert store.migrate() == (version, tmp_path / f"kept.db.v{version}.bak")
    assert store.migrate() == (store.schema_version(), None) == (schema.SCHEMA_VERSION, None)
    trials = sweep.trials_frame(store, "kept")
    assert trials["phase"].value_counts().to_dict() == {"path": 6, "explore": 4, "confirm": 2}
    assert sweep.occupancy_frame(store, "kept").empty == (version < 2)
    text = store.read_study("kept")["text"]
    study = parse_study(text, tmp_path, "the kept text")
    before = sweep.runs_frame(store, "kept")
    sweep.run_study(study, store)
    pd.testing.assert_frame_equal(sweep.runs_frame(store, "kept"), before)


@pytest.mark.parametrize("version", range(1, schema.SCHEMA_VERSION))
def test_migrating_adds_what_is_new_and_keeps_what_is_there(database: str, version: int) -> None:
    """On both kinds of databases, from tables as that version had them."""
    store = filled(database)
    new = [parts for since, parts in schema.MIGRATIONS.items() if since >= version]
    before = sweep.trials_frame(store, "one")
    with store.database._writer.begin() as connection:
        for tables, views in new:
            for view in reversed(views):
                connection.exec_driver_sql(f"DROP VIEW {view}")
            for table in tables:
                connection.exec_driver_sql(f"DROP TABLE {schema.PREFIX}{table}")
        connection.execute(sa.update(schema.schema_table).values(version=version))
    store.database._writer.dispose()
    old = open_store(database)
    assert old.migrate()[0] == version
    pd.testing.assert_frame_equal(sweep.trials_frame(old, "one"), before)
    assert sweep.occupancy_frame(old, "one").empty
    old.close()


def test_a_newer_and_a_missing_database_are_told_and_left_alone(tmp_path: Path) -> None:
    store = filled(f"sqlite:///{tmp_path}/sweep.db")
    with store.database._writer.begin() as connection:
        connection.execute(sa.update(schema.schema_table).values(version=99))
    with pytest.raises(StoreError, match="got 99; update regsweep"):
        open_store(f"sqlite:///{tmp_path}/sweep.db").migrate()
    with pytest.raises(StoreError, match="found no file"):
        open_store(f"sqlite:///{tmp_path}/none.db").migrate()
    assert not (tmp_path / "none.db").exists()
    store.close()
