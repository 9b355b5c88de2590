"""The views of a regsweep database, which the frames read.

They are named like the frames. Optuna owns the bare name ``trials``, so ours is ``trials_frame``;
the others also exist under their short names (``runs``, ``curves``, ``layers``, ...).
"""

from __future__ import annotations

from sqlalchemy.engine import Connection

from sweep.records.trial import Role
from sweep.store.schema import (
    BOUNDARY_COUNTS,
    BOUNDARY_NUMBERS,
    BOUNDARY_WORDS,
    METRIC_COLUMNS,
    PREFIX,
    SUMMARY_COLUMNS,
)


def _list(prefix: str, names: tuple[str, ...]) -> str:
    return ", ".join(f"{prefix}.{name}" for name in names)


_RUNS_FROM = (
    f"FROM {PREFIX}run r JOIN {PREFIX}trial t ON t.id = r.trial_id "
    f"JOIN {PREFIX}study s ON s.id = t.study_id"
)

_PATH = (
    f"CASE t.role WHEN '{Role.POINT}' THEN t.layer "
    f"WHEN '{Role.CONTROL}' THEN 'trial ' || t.parent "
    f"WHEN '{Role.WITHOUT}' THEN 'without ' || t.layer "
    f"WHEN '{Role.ONLY}' THEN 'only ' || t.layer "
    f"WHEN '{Role.SETTING}' THEN '' ELSE t.role END"
)
"""The column ``path`` of ``trials_frame``: a trial's role in one word or two."""

_SELECTS = {
    "trials_frame": (
        "SELECT s.name AS study, t.number AS trial, t.phase, t.round, "
        f"{_PATH} AS path, t.penalty, "
        "t.strength, t.strengths, t.params, t.lr, t.optimizer, t.state, t.n_runs, "
        f"{_list('t', SUMMARY_COLUMNS)} "
        f"FROM {PREFIX}trial t JOIN {PREFIX}study s ON s.id = t.study_id"
    ),
    "runs_frame": (
        "SELECT s.name AS study, t.number AS trial, r.number AS run, r.resample, r.fold, "
        "r.replicate, r.seed, r.state, r.epochs, "
        f"{_list('r', METRIC_COLUMNS)}, r.seconds, r.note {_RUNS_FROM}"
    ),
    "curves_frame": (
        "SELECT s.name AS study, t.number AS trial, r.number AS run, c.epoch, c.metric, c.value "
        f"{_RUNS_FROM} JOIN {PREFIX}curve c ON c.run_id = r.id"
    ),
    "layers_frame": (
        "SELECT s.name AS study, t.number AS trial, r.number AS run, l.layer, l.strength, "
        f"l.norm, l.zeros, l.weights, l.place {_RUNS_FROM} "
        f"JOIN {PREFIX}layer l ON l.run_id = r.id"
    ),
    "occupancy_frame": (
        "SELECT s.name AS study, o.launch, o.place, o.phase, o.start_seconds, o.seconds, "
        "o.occupied, o.slots, o.waiting "
        f"FROM {PREFIX}occupancy o JOIN {PREFIX}study s ON s.id = o.study_id"
    ),
    "row_losses_frame": (
        "SELECT s.name AS study, t.number AS trial, r.number AS run, l.metric, l.losses, "
        f"v.validation_rows {_RUNS_FROM} JOIN {PREFIX}row_losses l ON l.run_id = r.id "
        f"JOIN {PREFIX}split_rows v ON v.study_id = s.id AND v.split_seed = r.split_seed "
        "AND v.fold = r.fold"
    ),
    "boundaries_frame": (
        "SELECT s.name AS study, b.penalty, b.layer, b.metric, "
        f"{_list('b', BOUNDARY_NUMBERS + BOUNDARY_WORDS)}, "
        f"{_list('b', BOUNDARY_COUNTS)} "
        f"FROM {PREFIX}boundary b JOIN {PREFIX}study s ON s.id = b.study_id"
    ),
}

SHORT_NAMES = ("runs", "curves", "layers", "boundaries", "occupancy", "row_losses")
VIEWS: dict[str, str] = _SELECTS | {short: _SELECTS[f"{short}_frame"] for short in SHORT_NAMES}
"""Every view by name; ``trials`` is missing because Optuna's own table has that name."""


def create_views(connection: Connection) -> None:
    """Creates every view; none may be there yet."""
    for name, query in VIEWS.items():
        connection.exec_driver_sql(f"CREATE VIEW {name} AS {query}")


def drop_views(connection: Connection) -> None:
    """Drops the views that are there."""
    for name in VIEWS:
        connection.exec_driver_sql(f"DROP VIEW IF EXISTS {name}")
