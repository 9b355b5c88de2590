"""Optuna's tables are made when there is something to show, and looked at where they are."""

from __future__ import annotations

import optuna
import pytest
import sqlalchemy as sa

import sweep
from sweep.errors import StoreError
from sweep.search.late_tables import LateOptunaTables
from sweep.search.sampler import Search
from sweep.search.strengths import Strengths
from tests.search.test_optuna_tables import finished, study
from tests.support.databases import opened


def tables_of(store: sweep.Store, name: str) -> LateOptunaTables:
    mine = study(name)
    axes = Search(mine, Strengths(mine.search, ("a", "b"))).space
    return LateOptunaTables(store.database, mine, axes)


def has_studies(url: str) -> bool:
    engine = sa.create_engine(url)
    try:
        return sa.inspect(engine).has_table("studies")
    finally:
        engine.dispose()


def test_a_new_database_gets_them_with_the_first_ended_trial_and_its_note(database: str) -> None:
    store = sweep.open_store(database)
    tables, url = tables_of(store, "late"), store.database.optuna_url
    tables.write([], asked={})
    assert not has_studies(url)
    tables.write(finished()[:1], asked={})
    tables.write(finished(), asked={})
    tables.close()
    store.close()
    with opened(url, "late") as found:
        assert [t.user_attrs["regsweep_trial"] for t in found.trials] == [0, 1, 2, 3, 4]
        assert found._storage.get_study_system_attrs(found._study_id)["dashboard:note_ver"] == 1


def test_those_that_are_there_are_looked_at_before_anything_is_trained(database: str) -> None:
    store = sweep.open_store(database)
    url = store.database.optuna_url
    theirs = optuna.create_study(study_name="theirs", storage=url, direction="maximize")
    with pytest.raises(StoreError, match="found one to maximize"):
        tables_of(store, "theirs")
    theirs._storage.remove_session()
    theirs._storage._backend.engine.dispose()  # type: ignore[attr-defined]
    store.close()


def test_what_was_found_is_noted_also_where_no_trial_was_shown(database: str) -> None:
    store = sweep.open_store(database)
    tables, url = tables_of(store, "noted"), store.database.optuna_url
    tables.write_note(["Nothing was found."])
    tables.close()
    store.close()
    with opened(url, "noted") as found:
        attributes = found._storage.get_study_system_attrs(found._study_id)
        assert "Nothing was found." in attributes["dashboard:note_str:0"]
