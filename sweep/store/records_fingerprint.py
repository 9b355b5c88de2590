"""A hash of what is stored of a study: the same as long as nothing of it has changed."""

from __future__ import annotations

import hashlib

import sqlalchemy as sa

from sweep.store import schema
from sweep.store._reader import StoreReader


def records_fingerprint(store: StoreReader, study: str) -> str:
    """SHA-256 (hex) of a study's own row, its trials, runs, boundaries and occupancy.

    Curves, layers and further metrics are written with their run, and never without it.
    """
    owner, trial = schema.study_table, schema.trial_table
    of_study = (trial, schema.boundary_table, schema.occupancy_table)
    queries = [sa.select(owner)]
    queries += [sa.select(t).join(owner, owner.c.id == t.c.study_id) for t in of_study]
    run = schema.run_table
    of_trial = sa.select(run).join(trial, trial.c.id == run.c.trial_id)
    queries.append(of_trial.join(owner, owner.c.id == trial.c.study_id))
    digest = hashlib.sha256()
    with store.reading() as connection:
        for query in queries:
            own = query.where(owner.c.name == study)
            rows = sorted(repr(tuple(row)) for row in connection.execute(own))
            digest.update("\n".join(rows).encode())  # servers order no JSON, and each in its way
    return digest.hexdigest()
