"""What is read of the studies of one database; nothing here writes."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy import select
from sqlalchemy.engine import URL, Connection

from sweep.errors import StoreError
from sweep.records.facts import StoredStudy
from sweep.records.trial import State, Trial
from sweep.store import schema
from sweep.store._lease import holder_of
from sweep.store._rows import trial_of, utc
from sweep.store.database import Database


@dataclass(frozen=True)
class StoredRun:
    """An ended run as it is read back when a study goes on."""

    trial: int
    number: int
    state: State
    epochs: int
    metrics: Mapping[str, float]
    row_losses: Mapping[str, bytes]
    """What each validation row lost, packed, by the column of the metric; nothing where that is not
    kept."""


@dataclass(frozen=True)
class StoredTrial:
    """A trial as it is read back, and how far it is."""

    trial: Trial
    state: State


class StoreReader:
    """The studies of one database, for reading; readers see whole batches."""

    def __init__(self, database: Database):
        self.database = database

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

    def reading(self) -> AbstractContextManager[Connection]:
        """A read-only connection; StoreError where there is no database yet."""
        return self.database.reading()

    def snapshot(self) -> AbstractContextManager[None]:
        """A context in which all that is read is of one moment, also while a sweep goes on."""
        return self.database.snapshot()

    def schema_version(self) -> int:
        """The version of the database's schema."""
        return self.database.schema_version()

    def study_names(self) -> list[str]:
        """The names of all studies, the oldest first."""
        with self.database.reading() as connection:
            table = schema.study_table
            return list(connection.execute(select(table.c.name).order_by(table.c.id)).scalars())

    def read_study(self, name: str) -> StoredStudy:
        """What is known of a study; StoreError when it is not there, or has odd values."""
        with self.database.reading() as connection:
            return StoredStudy.read(self._study_values(connection, name))

    def study_values(self, name: str) -> dict[str, Any]:
        """The same as it is stored, by name: with what only another version may know."""
        with self.database.reading() as connection:
            return self._study_values(connection, name)

    def runner_of(self, name: str) -> str:
        """The process that runs a study at this moment, and its machine; "" for none."""
        with self.database.reading() as connection:
            return holder_of(connection, self._study_id(connection, name))

    def check_study(self, name: str) -> None:
        """StoreError, naming the known studies, when there is no study of that name."""
        with self.database.reading() as connection:
            self._study_id(connection, name)

    def read_trials(self, study: str) -> list[StoredTrial]:
        """Every trial, in the order of their numbers."""
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
            row_losses = _read_row_losses(connection, study_id)
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
                    row_losses.get(row.id, {}),
                )
                for row in connection.execute(query)
            ]

    def read_own(self, study: str | None = None) -> list[tuple[str, int, int, str, float]]:
        """Study, trial, run, name and value of every run's metrics that its study names."""
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

    def _study_values(self, connection: Connection, name: str) -> dict[str, Any]:
        """The stored values of a study by name."""
        self._study_id(connection, name)
        table = schema.study_table
        row = connection.execute(select(table).where(table.c.name == name)).one()
        return {
            **facts_of(row),
            "name": row.name,
            "text": row.text,
            "winner": row.winner,
            "created_at": utc(row.created_at),
            "finished_at": utc(row.finished_at),
            "database": self.masked_url,
        }

    def _study_id(self, connection: Connection, name: str) -> int:
        """The id of a study by its name; StoreError, naming the known ones, without one."""
        table = schema.study_table
        found = None
        if name.encode(errors="ignore").decode() == name:  # bytes of a command line may be no text
            found = connection.execute(select(table.c.id).where(table.c.name == name)).scalar()
        if found is None:
            known = list(connection.execute(select(table.c.name).order_by(table.c.id)).scalars())
            listed = ", ".join(known[:8]) or "none"
            raise StoreError(
                f"{self.masked_url}: a study named {name!r} must be in it, found {listed}; "
                "correct the name, or run the study first"
            )
        return int(found)


def facts_of(row: Any) -> dict[str, Any]:
    """What is stored of a study beside its columns."""
    facts = json.loads(row.facts) if isinstance(row.facts, str) else row.facts
    if not isinstance(facts, dict):
        raise ValueError("facts: an object must be given, found none")
    return facts


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


def _read_row_losses(connection: Connection, study_id: int) -> dict[int, dict[str, bytes]]:
    """The packed losses of validation rows by run and metric."""
    trial, run, kept = schema.trial_table, schema.run_table, schema.row_losses_table
    query = (
        select(kept.c.run_id, kept.c.metric, kept.c.losses)
        .join(run, run.c.id == kept.c.run_id)
        .join(trial, trial.c.id == run.c.trial_id)
        .where(trial.c.study_id == study_id)
    )
    found: dict[int, dict[str, bytes]] = {}
    for run_id, metric, losses in connection.execute(query):
        found.setdefault(run_id, {})[metric] = bytes(losses)
    return found


def _by_run(
    rows: Iterable[tuple[str, int, int, str, float]],
) -> dict[tuple[int, int], dict[str, float]]:
    """Metrics by trial and run."""
    found: dict[tuple[int, int], dict[str, float]] = {}
    for _, trial, run, name, value in rows:
        found.setdefault((trial, run), {})[name] = value
    return found
