"""The store: the only writer of the database, and the only memory of a study.

Results arrive in batches, each batch is one transaction, and a trial is written as waiting before
it trains; so whatever is in the store is whole, and launching a study again trains what is missing.
"""

from __future__ import annotations

import json
import math
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import select
from sqlalchemy.engine import URL, Connection

from sweep.errors import StoreError
from sweep.records.occupancy import Stretch
from sweep.records.trial import RunResult, State, Trial, TrialSummary
from sweep.store import schema
from sweep.store._lease import Lease, check_free, holder_of
from sweep.store._rows import (
    finite_or_null,
    metric_rows,
    now,
    point_rows,
    run_row,
    summary_row,
    trial_of,
    trial_row,
    utc,
)
from sweep.store._statements import driver_cursor, insert_new
from sweep.store._url import parse_url
from sweep.store.database import Database

DEFAULT_DATABASE = "sqlite:///sweep.db"


@dataclass(frozen=True)
class StoredRun:
    """An ended run as it is read back when a study goes on."""

    trial: int
    number: int
    state: State
    epochs: int
    metrics: Mapping[str, float]


@dataclass(frozen=True)
class StoredTrial:
    trial: Trial
    state: State


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


class Store:
    """The studies of one database. Readers see whole batches; there is one writer.

    Args:
        database: The database; ``open_store`` makes a store from its URL.
    """

    def __init__(self, database: Database):
        self.database = database
        self._leases: dict[str, Lease] = {}
        """Of the studies that it runs, by name."""

    @property
    def url(self) -> URL:
        """The database's URL; printing it shows no password."""
        return self.database.url

    @property
    def masked_url(self) -> str:
        """The URL without its password and without the values of its query string."""
        return self.database.masked_url

    @property
    def optuna_url(self) -> str:
        """The URL under which Optuna opens the same database; holds the password."""
        return self.database.optuna_url

    def close(self) -> None:
        """Lets go of the studies that it runs and closes every connection; the next use opens new
        ones.
        """
        while self._leases:
            self._leases.popitem()[1].release()
        self.database.close()

    def reading(self) -> AbstractContextManager[Connection]:
        """A read-only connection; StoreError where there is no database yet."""
        return self.database.reading()

    def snapshot(self) -> AbstractContextManager[None]:
        """Whatever is read inside is of one moment, also while a sweep goes on."""
        return self.database.snapshot()

    def schema_version(self) -> int:
        """The version of the database's schema."""
        return self.database.schema_version()

    def migrate(self) -> tuple[int, Path | None]:
        """Brings the schema up to date: the version before, and the copy made of a SQLite file."""
        from sweep.store.migrate import migrate  # Alembic takes a third of a second

        return migrate(self.database)

    # ---- writing -------------------------------------------------------------------------------

    def check_ready(self, name: str) -> None:
        """StoreError for what would stop a launch of a study once everything is built for it."""
        table = schema.study_table

        def look(connection: Connection) -> None:
            query = select(table.c.id).where(table.c.name == name)
            study_id = connection.execute(query).scalar()
            if study_id is not None and name not in self._leases:
                check_free(self.database, connection, study_id, name)

        self.database.look_before_writing(look)

    def start_study(self, name: str, fingerprint: str, text: str, facts: Mapping[str, Any]) -> None:
        """Writes the study's row, or checks that the stored one asks the same question.

        From then on this store runs the study, and nobody else does, until it is closed.
        """
        table = schema.study_table
        values = {"text": text, "facts": dict(facts)}

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
        self._write(name, lambda connection, id_, _: _update_study(connection, id_, values))

    def finish_study(self, name: str, winner: int | None) -> None:
        finished = sa.func.coalesce(schema.study_table.c.finished_at, now())
        values = {"winner": winner, "finished_at": finished}
        self._write(name, lambda connection, id_, _: _update_study(connection, id_, values))

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
            if not (repeated and self._trial_ids(connection, study_id, numbers)):
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
            ids = self._trial_ids(connection, study_id, numbers)
            if results and not (repeated and _is_there(connection, ids, results[0])):
                self._insert_runs(connection, ids, results)
            if summaries:
                rows = [summary_row(ids[summary.number], summary) for summary in summaries]
                change = sa.update(table).where(table.c.id == sa.bindparam("trial_id"))
                connection.execute(change, rows)

        self._write(study, insert)

    @staticmethod
    def _trial_ids(connection: Connection, study_id: int, numbers: set[int]) -> dict[int, int]:
        """The ids of those of these trials that are stored, by their numbers."""
        table = schema.trial_table
        query = select(table.c.number, table.c.id).where(
            table.c.study_id == study_id, table.c.number.in_(numbers)
        )
        return {number: id_ for number, id_ in connection.execute(query)}

    def _insert_runs(
        self, connection: Connection, ids: Mapping[int, int], results: Sequence[RunResult]
    ) -> None:
        runs = [run_row(ids[result.run.trial], result) for result in results]
        statement = sa.insert(schema.run_table).returning(
            schema.run_table.c.id, sort_by_parameter_order=True
        )
        run_ids = [row.id for row in connection.execute(statement, runs)]
        points = [
            point
            for run_id, result in zip(run_ids, results, strict=True)
            for curve in sorted(result.curves, key=lambda curve: curve.metric)
            for point in point_rows(run_id, curve)
        ]
        layers = [
            {
                "run_id": run_id,
                "place": place,
                "layer": reading.layer,
                "strength": reading.strength,
                "norm": finite_or_null(reading.norm),
                "zeros": reading.zeros,
                "weights": reading.weights,
            }
            for run_id, result in zip(run_ids, results, strict=True)
            for place, reading in enumerate(result.layers)
        ]
        own = [
            row
            for run_id, result in zip(run_ids, results, strict=True)
            for row in metric_rows(run_id, result)
        ]
        if points:
            _insert_points(connection, points)
        if own:
            connection.execute(sa.insert(schema.run_metric_table), own)
        if layers:
            connection.execute(sa.insert(schema.layer_table), layers)

    def record_boundaries(self, study: str, rows: Sequence[Mapping[str, Any]]) -> None:
        """Replaces the boundaries of a study."""
        table = schema.boundary_table

        def replace(connection: Connection, study_id: int, _: bool) -> None:
            connection.execute(sa.delete(table).where(table.c.study_id == study_id))
            if rows:
                cleaned = [
                    {
                        **row,
                        "study_id": study_id,
                        **{name: finite_or_null(row[name]) for name in schema.BOUNDARY_NUMBERS},
                    }
                    for row in rows
                ]
                connection.execute(sa.insert(table), cleaned)

        self._write(study, replace)

    def record_occupancy(
        self, study: str, stretches: Sequence[Stretch], launch: int | None = None
    ) -> int | None:
        """Writes how full the slots were over one launch so far, in place of what was written of
        that ``launch`` before; returns its number, None where there is nothing to write.
        """
        if not stretches:
            return launch
        table = schema.occupancy_table

        def insert(connection: Connection, study_id: int, _: bool) -> None:
            nonlocal launch
            own = table.c.study_id == study_id
            if launch is None:
                last = connection.execute(select(sa.func.max(table.c.launch)).where(own))
                launch = 1 + (last.scalar_one() or 0)
            connection.execute(sa.delete(table).where(own, table.c.launch == launch))
            keys = {"study_id": study_id, "launch": launch}
            rows = [{**keys, "place": i, **asdict(s)} for i, s in enumerate(stretches)]
            connection.execute(sa.insert(table), rows)

        self._write(study, insert)
        return launch

    # ---- reading -------------------------------------------------------------------------------

    def study_names(self) -> list[str]:
        with self.database.reading() as connection:
            table = schema.study_table
            return list(connection.execute(select(table.c.name).order_by(table.c.id)).scalars())

    def read_study(self, name: str) -> dict[str, Any]:
        """The study's row: text, facts, winner, times; StoreError when it is not there."""
        with self.database.reading() as connection:
            self._study_id(connection, name)
            table = schema.study_table
            row = connection.execute(select(table).where(table.c.name == name)).one()
            return {
                **_facts(row),
                "name": row.name,
                "text": row.text,
                "winner": row.winner,
                "created_at": utc(row.created_at),
                "finished_at": utc(row.finished_at),
                "database": self.masked_url,
            }

    def runner_of(self, name: str) -> str:
        """The process that runs a study at this moment, and its machine; "" for none."""
        with self.database.reading() as connection:
            return holder_of(connection, self._study_id(connection, name))

    def check_study(self, name: str) -> None:
        """StoreError, naming the known studies, when there is no study of that name."""
        with self.database.reading() as connection:
            self._study_id(connection, name)

    def read_trials(self, study: str) -> list[StoredTrial]:
        with self.database.reading() as connection:
            study_id, table = self._study_id(connection, study), schema.trial_table
            query = select(table).where(table.c.study_id == study_id).order_by(table.c.number)
            return [
                StoredTrial(trial_of(row), State(row.state)) for row in connection.execute(query)
            ]

    def read_runs(self, study: str) -> list[StoredRun]:
        """Every ended run with the metrics of its last epoch."""
        run, trial = schema.run_table, schema.trial_table
        with self.database.reading() as connection:
            study_id = self._study_id(connection, study)
            own = _by_run(_read_own(connection, study))
            query = (
                select(trial.c.number.label("trial_number"), run)
                .join(trial, trial.c.id == run.c.trial_id)
                .where(trial.c.study_id == study_id)
                .order_by(trial.c.number, run.c.number)
            )
            return [
                StoredRun(
                    row.trial_number,
                    row.number,
                    State(row.state),
                    row.epochs,
                    {
                        name: getattr(row, name)
                        for name in schema.METRIC_COLUMNS
                        if getattr(row, name) is not None
                    }
                    | own.get((row.trial_number, row.number), {})
                    | {"seconds": row.seconds},
                )
                for row in connection.execute(query)
            ]

    def read_own(self, study: str | None = None) -> list[tuple[str, int, int, str, float]]:
        """Study, trial, run, name and value of every run's values of its study's own metric."""
        with self.database.reading() as connection:
            return _read_own(connection, study)

    def read_sentences(self, study: str, metric: str) -> list[str]:
        """What was found along every path, in the order of ``boundaries_frame``."""
        table = schema.boundary_table
        with self.database.reading() as connection:
            own = (table.c.study_id == self._study_id(connection, study), table.c.metric == metric)
            order = (table.c.penalty, table.c.layer)
            query = select(table.c.sentence).where(*own).order_by(*order)
            return list(connection.execute(query).scalars())

    def read_points(
        self, study: str, metric: str, epochs: Sequence[int]
    ) -> dict[tuple[int, int, int], float]:
        """One metric at some epochs, by (trial, run, epoch)."""
        run, trial, curve = schema.run_table, schema.trial_table, schema.curve_table
        with self.database.reading() as connection:
            study_id = self._study_id(connection, study)
            query = (
                select(trial.c.number, run.c.number, curve.c.epoch, curve.c.value)
                .join(run, run.c.id == curve.c.run_id)
                .join(trial, trial.c.id == run.c.trial_id)
                .where(
                    trial.c.study_id == study_id,
                    curve.c.metric == metric,
                    curve.c.epoch.in_(list(epochs)),
                )
            )
            return {
                (t, r, epoch): math.nan if value is None else value
                for t, r, epoch, value in connection.execute(query)
            }

    def counts(self, study: str) -> dict[tuple[str, str], int]:
        """How many trials there are by (phase, state)."""
        table = schema.trial_table
        with self.database.reading() as connection:
            study_id = self._study_id(connection, study)
            query = (
                select(table.c.phase, table.c.state, sa.func.count())
                .where(table.c.study_id == study_id)
                .group_by(table.c.phase, table.c.state)
            )
            return {(phase, state): n for phase, state, n in connection.execute(query)}

    def _study_id(self, connection: Connection, name: str) -> int:
        table = schema.study_table
        found = connection.execute(select(table.c.id).where(table.c.name == name)).scalar()
        if found is None:
            known = list(connection.execute(select(table.c.name).order_by(table.c.id)).scalars())
            listed = ", ".join(known[:8]) or "none"
            raise StoreError(
                f"{self.masked_url}: a study named {name!r} must be in it, found {listed}; "
                "mend the name, or run the study first"
            )
        return int(found)


def _facts(row: Any) -> dict[str, Any]:
    """What is stored of a study beside its columns."""
    return row.facts if isinstance(row.facts, dict) else dict(json.loads(row.facts))


def _read_own(connection: Connection, study: str | None) -> list[tuple[str, int, int, str, float]]:
    owner, trial, run = schema.study_table, schema.trial_table, schema.run_table
    own = schema.run_metric_table
    query = (
        select(owner.c.name, trial.c.number, run.c.number, own.c.metric, own.c.value)
        .join(trial, trial.c.study_id == owner.c.id)
        .join(run, run.c.trial_id == trial.c.id)
        .join(own, own.c.run_id == run.c.id)
        .order_by(owner.c.id, trial.c.number, run.c.number)
    )
    if study is not None:
        query = query.where(owner.c.name == study)
    return [(name, t, r, metric, v) for name, t, r, metric, v in connection.execute(query)]


def _by_run(
    rows: Iterable[tuple[str, int, int, str, float]],
) -> dict[tuple[int, int], dict[str, float]]:
    """Metrics by trial and run."""
    found: dict[tuple[int, int], dict[str, float]] = {}
    for _, trial, run, name, value in rows:
        found.setdefault((trial, run), {})[name] = value
    return found


def _insert_points(connection: Connection, points: Sequence[tuple[object, ...]]) -> None:
    """Through the driver as it is: a study's points are many, SQLAlchemy's own insert costs twice,
    and PostgreSQL takes them twice as fast as a stream.
    """
    into = f"{schema.curve_table.name} (run_id, metric, epoch, value)"
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql(f"INSERT INTO {into} VALUES (?, ?, ?, ?)", list(points))
        return
    with driver_cursor(connection) as cursor, cursor.copy(f"COPY {into} FROM STDIN") as stream:
        for point in points:
            stream.write_row(point)


def _update_study(connection: Connection, study_id: int, values: Mapping[str, Any]) -> None:
    table = schema.study_table
    connection.execute(sa.update(table).where(table.c.id == study_id).values(**values))


def _is_there(connection: Connection, ids: Mapping[int, int], result: RunResult) -> bool:
    """Whether a run is stored, and so all that were recorded with it."""
    table, run = schema.run_table, result.run
    own = (table.c.trial_id == ids[run.trial], table.c.number == run.number)
    return connection.execute(select(table.c.id).where(*own)).first() is not None
