"""The store: the only writer of the database, and the only memory of a study.

Results arrive in batches, each batch is one transaction, and a trial is written as waiting before
it trains; so all that is in the store is whole, and launching a study again trains what is missing.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import select
from sqlalchemy.engine import Connection

from sweep.errors import StoreError
from sweep.records.facts import StudyFacts
from sweep.records.occupancy import Stretch
from sweep.records.row_losses import SplitRows
from sweep.records.trial import RunResult, Trial, TrialSummary
from sweep.runtime.notebook import facts_html
from sweep.store import _writes, schema
from sweep.store._lease import Lease, check_free
from sweep.store._reader import StoreReader
from sweep.store._rows import now, summary_row, trial_row
from sweep.store._statements import insert_new
from sweep.store._url import parse_url
from sweep.store.database import Database

DEFAULT_DATABASE = "sqlite:///sweep.db"


def default_database() -> str:
    """The database's URL where none is given.

    Returns:
        The variable ``SWEEP_DATABASE``, or ``sqlite:///sweep.db`` in the working directory.
    """
    return os.environ.get("SWEEP_DATABASE", DEFAULT_DATABASE)


def open_store(database: str | None = None) -> Store:
    """The store behind a database URL; nothing is read or created yet.

    Args:
        database: ``sqlite:///FILE`` or ``postgresql://...``; None for ``default_database()``.

    Returns:
        The store.

    Raises:
        StoreError: The URL cannot be understood.
    """
    return Store(Database(parse_url(database or default_database())))


def check_store(store: object) -> None:
    """StoreError where something else is given for an open store: a database's URL."""
    if not isinstance(store, StoreReader):
        raise StoreError(
            f"store: an open store must be given, found {type(store).__name__}; open it with "
            "sweep.open_store(url)"
        )


class Store(StoreReader):
    """The studies of one database, for reading and writing; each study has one writer.

    Args:
        database: The database; ``open_store`` makes a store from its URL.
    """

    def __init__(self, database: Database):
        super().__init__(database)
        self._leases: dict[str, Lease] = {}
        """Of the studies that it runs, by name."""

    def _repr_html_(self) -> str:
        """What a notebook shows: the database and its studies."""
        try:
            rows = [(name, self._state_of(name)) for name in self.study_names()]
        except StoreError as error:
            rows = [("not readable", str(error))]
        return facts_html(f"store {self.masked_url}", rows)

    def _state_of(self, name: str) -> str:
        """Whether a study has finished, or why it cannot be read."""
        try:
            finished = self.read_study(name).finished_at
        except StoreError as error:
            return str(error)
        return f"finished {finished:%Y-%m-%d %H:%M} UTC" if finished else "not finished"

    def close(self) -> None:
        """Gives up the studies that it runs and closes every connection.

        The next use opens new ones.
        """
        while self._leases:
            self._leases.popitem()[1].release()
        self.database.close()

    def migrate(self) -> tuple[int, Path | None]:
        """Brings the schema up to date: the version before, and the copy made of a SQLite file."""
        from sweep.store.migrate import migrate  # Alembic takes a third of a second

        return migrate(self.database)

    def check_ready(self, name: str) -> None:
        """StoreError for what would stop a launch of a study once everything is built for it."""
        table = schema.study_table

        def look(connection: Connection) -> None:
            query = select(table.c.id).where(table.c.name == name)
            study_id = connection.execute(query).scalar()
            if study_id is not None and name not in self._leases:
                check_free(self.database, connection, study_id, name)

        self.database.look_before_writing(look)

    def start_study(self, name: str, fingerprint: str, text: str, facts: StudyFacts) -> None:
        """Writes the study's row, or checks that the stored one asks the same question.

        From then on this store runs the study, and nobody else does, until it is closed.
        """
        table = schema.study_table
        values = {"text": text, "facts": facts.as_json()}

        def start(connection: Connection, _: bool) -> int:
            query = select(table.c.id, table.c.fingerprint).where(table.c.name == name)
            row = connection.execute(query).one_or_none()
            if row is None:
                new = {"name": name, "fingerprint": fingerprint, "created_at": now(), **values}
                insert_new(connection, table, new)
                row = connection.execute(query).one()
            if row.fingerprint != fingerprint:
                raise StoreError(
                    f"{self.masked_url}: study {name!r} must go on with the settings and the data "
                    "that it was started with, found others; give the changed study a new name, or "
                    f"restore the file (its text: python -m sweep status {name!r} --text)"
                )
            return int(row.id)

        study_id = self.database.write(start)
        if name not in self._leases:
            self._leases[name] = Lease(self.database, study_id, name)
        self._write(name, lambda connection, id_, _: _writes.update_study(connection, id_, values))

    def finish_study(self, name: str, winner: int | None) -> None:
        """Writes the winning trial's number, and when the study was finished for the first time."""
        finished = sa.func.coalesce(schema.study_table.c.finished_at, now())
        values = {"winner": winner, "finished_at": finished}
        self._write(name, lambda connection, id_, _: _writes.update_study(connection, id_, values))

    def _write(self, study: str, job: Callable[[Connection, int, bool], None]) -> None:
        """Calls ``job`` with the study's id in a transaction that only who runs it may commit."""
        lease = self._leases.get(study)

        def write(connection: Connection, repeated: bool) -> None:
            study_id = self._study_id(connection, study)
            if lease is not None:
                lease.renew(connection)
            job(connection, study_id, repeated)

        self.database.write(write)

    def add_trials(self, study: str, trials: Sequence[Trial], defaults: Mapping[str, Any]) -> None:
        """Writes trials as waiting; ``defaults`` are the fixed ``lr`` and ``optimizer``."""
        if not trials:
            return
        table = schema.trial_table

        def add(connection: Connection, study_id: int, repeated: bool) -> None:
            rows = [{"study_id": study_id, **trial_row(trial, defaults)} for trial in trials]
            numbers = {trial.number for trial in trials}
            if not (repeated and _writes.trial_ids(connection, study_id, numbers)):
                connection.execute(sa.insert(table), rows)

        self._write(study, add)

    def record(
        self, study: str, results: Sequence[RunResult], summaries: Sequence[TrialSummary]
    ) -> None:
        """Writes ended runs, and the trials that ended with them, in one transaction."""
        if not results and not summaries:
            return
        table = schema.trial_table
        numbers = {r.run.trial for r in results} | {s.number for s in summaries}

        def insert(connection: Connection, study_id: int, repeated: bool) -> None:
            ids = _writes.trial_ids(connection, study_id, numbers)
            if results and not (repeated and _writes.is_stored(connection, ids, results[0])):
                _writes.insert_runs(connection, ids, results)
            if summaries:
                rows = [summary_row(ids[summary.number], summary) for summary in summaries]
                change = sa.update(table).where(table.c.id == sa.bindparam("trial_id"))
                connection.execute(change, rows)

        self._write(study, insert)

    def record_split_rows(self, study: str, splits: Sequence[SplitRows]) -> None:
        """Writes which rows were held out in the splits whose losses by row are kept."""
        if splits:
            self._write(
                study,
                lambda connection, id_, _: _writes.replace_split_rows(connection, id_, splits),
            )

    def record_boundaries(self, study: str, rows: Sequence[Mapping[str, Any]]) -> None:
        """Replaces the boundaries of a study."""
        self._write(
            study, lambda connection, id_, _: _writes.replace_boundaries(connection, id_, rows)
        )

    def record_occupancy(
        self, study: str, stretches: Sequence[Stretch], launch: int | None = None
    ) -> int | None:
        """Writes how full the slots were over one launch so far, in place of what was written of
        that ``launch`` before; returns its number, None where there is nothing to write.
        """
        if not stretches:
            return launch

        def insert(connection: Connection, study_id: int, _: bool) -> None:
            nonlocal launch
            if launch is None:
                launch = _writes.next_launch(connection, study_id)
            _writes.replace_occupancy(connection, study_id, launch, stretches)

        self._write(study, insert)
        return launch
