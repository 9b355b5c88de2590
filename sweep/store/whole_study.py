"""A study that is written whole, in one transaction: one that was trained elsewhere."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy import select
from sqlalchemy.engine import Connection

from sweep.errors import StoreError
from sweep.records.facts import StudyFacts
from sweep.records.trial import RunResult, Trial, TrialSummary
from sweep.store import _writes, schema
from sweep.store._reader import facts_of
from sweep.store._rows import now, summary_row, trial_row
from sweep.store.database import Database


@dataclass(frozen=True, kw_only=True)
class StudyRows:
    """All that a study has come to."""

    trials: Sequence[Trial]
    results: Sequence[RunResult]
    summaries: Sequence[TrialSummary]
    boundaries: Sequence[Mapping[str, Any]]
    defaults: Mapping[str, Any]
    """The ``lr`` and ``optimizer`` of trials that have none of their own."""


@dataclass(frozen=True, kw_only=True)
class WholeStudy:
    """A study and all its rows."""

    name: str
    fingerprint: str
    """What makes it the same study, rows and all."""
    text: str
    facts: StudyFacts
    rows: StudyRows


def write_whole_study(database: Database, study: WholeStudy, replace: bool) -> bool:
    """Writes a finished study, or nothing; False where the same one is there already.

    Raises StoreError where another of its name is there, unless that was imported too and
    ``replace`` says to put this one in its place.
    """
    table = schema.study_table

    def write(connection: Connection, _: bool) -> bool:
        row = connection.execute(select(table).where(table.c.name == study.name)).one_or_none()
        if row is not None and row.fingerprint == study.fingerprint:
            return False
        if row is not None:
            _check_replaceable(database, study.name, bool(facts_of(row).get("source")), replace)
            connection.execute(sa.delete(table).where(table.c.id == row.id))
        _insert(connection, study)
        return True

    return database.write(write)


def _check_replaceable(database: Database, name: str, imported: bool, replace: bool) -> None:
    if imported and replace:
        return
    found = "one of other runs" if imported else "one that was trained here"
    todo = "give another name"
    if imported:
        todo += ", or say replace to put these runs in its place"
    raise StoreError(
        f"{database.masked_url}: no other study {name!r} may be there, found {found}; {todo}"
    )


def _insert(connection: Connection, study: WholeStudy) -> None:
    time, rows = now(), study.rows
    values = {
        "name": study.name,
        "fingerprint": study.fingerprint,
        "text": study.text,
        "facts": study.facts.as_json(),
        "created_at": time,
        "finished_at": time,
    }
    made = connection.execute(sa.insert(schema.study_table).values(**values))
    (study_id,) = made.inserted_primary_key or (0,)
    table = schema.trial_table
    trials = [{"study_id": study_id, **trial_row(t, rows.defaults)} for t in rows.trials]
    connection.execute(sa.insert(table), trials)
    ids = _writes.all_trial_ids(connection, study_id)
    _writes.insert_runs(connection, ids, rows.results)
    change = sa.update(table).where(table.c.id == sa.bindparam("trial_id"))
    connection.execute(change, [summary_row(ids[s.number], s) for s in rows.summaries])
    _writes.replace_boundaries(connection, study_id, rows.boundaries)
