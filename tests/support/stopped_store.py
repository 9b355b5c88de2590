"""A recorded study as it was when it had so many runs: what came later is deleted."""

from __future__ import annotations

import pandas as pd
import sqlalchemy as sa

import sweep
from sweep.store import schema
from tests.support.report_frames import make_small_frames

RUN_DETAILS = (schema.curve_table, schema.run_metric_table, schema.layer_table)
ASKED = 4
"""Trials that wait behind the last that has a run."""


def first_trials(name: str) -> dict[str, pd.DataFrame]:
    """The first few trials of a study, as frames."""
    frames = make_small_frames(name)
    kept = {key: frames[key][frames[key]["trial"] < ASKED] for key in ("trials", "runs", "curves")}
    return {**frames, **kept, "layers": frames["layers"].head(0)}


def n_runs_of(store: sweep.Store, name: str) -> int:
    """How many runs are recorded."""
    return len(sweep.runs_frame(store, name))


def stop_after(store: sweep.Store, name: str, n_runs: int) -> None:
    """Deletes the runs after the first so many, and all that came of them."""
    run, trial, study = schema.run_table, schema.trial_table, schema.study_table
    with store.database.engines.writer.begin() as connection:
        own = sa.select(study.c.id).where(study.c.name == name).scalar_subquery()
        trials = sa.select(trial.c.id).where(trial.c.study_id == own)
        ids = connection.execute(
            sa.select(run.c.id, run.c.trial_id).where(run.c.trial_id.in_(trials)).order_by(run.c.id)
        ).all()
        late = [row.id for row in ids[n_runs:]]
        for table in RUN_DETAILS:
            connection.execute(sa.delete(table).where(table.c.run_id.in_(late)))
        connection.execute(sa.delete(run).where(run.c.id.in_(late)))
        _reopen(connection, {row.trial_id for row in ids[n_runs:]}, trials)
        for table in (schema.boundary_table, schema.occupancy_table):
            connection.execute(sa.delete(table).where(table.c.study_id == own))
        open_again = {"winner": None, "finished_at": None}
        connection.execute(sa.update(study).where(study.c.id == own).values(**open_again))


def _reopen(connection: sa.Connection, unfinished: set[int], trials: sa.Select[tuple[int]]) -> None:
    """Trials that lost a run wait; those far behind were not yet asked for."""
    trial = schema.trial_table
    waiting = dict.fromkeys(schema.SUMMARY_COLUMNS) | {"state": "waiting", "n_runs": 0}
    change = sa.update(trial).where(trial.c.id.in_(unfinished))
    connection.execute(change.values(**waiting))
    ended = sa.select(sa.func.max(schema.run_table.c.trial_id)).where(
        schema.run_table.c.trial_id.in_(trials)
    )
    last = connection.execute(ended).scalar()
    first = connection.execute(sa.select(sa.func.min(trial.c.id)).where(trial.c.id.in_(trials)))
    border = (last if last is not None else (first.scalar() or 0) - 1) + ASKED
    connection.execute(sa.delete(trial).where(trial.c.id.in_(trials), trial.c.id > border))
