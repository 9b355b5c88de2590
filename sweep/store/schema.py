"""The tables of a regsweep database: one row per what, and nothing else.

Our tables carry the prefix ``regsweep_``; beside them, in the same database, live Optuna's own.
``views`` has what the frames read of them. Times are UTC. A number that is not finite is stored as
NULL where the database has no NaN. A change of a table here needs a revision in
``sweep/store/migrations``.
"""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    Float,
    ForeignKey,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    inspect,
    select,
)
from sqlalchemy.engine import Connection

from sweep.records.parameters import LONGEST_LAYER, LONGEST_PENALTY
from sweep.records.trial import Phase, Role, State

SCHEMA_VERSION = 9
PREFIX = "regsweep_"

metadata = MetaData(naming_convention={"ck": "%(table_name)s_%(constraint_name)s_check"})

_Key = BigInteger().with_variant(Integer, "sqlite")


def _one_of(column: str, words: type[StrEnum]) -> CheckConstraint:
    listed = ", ".join(f"'{word}'" for word in words)
    return CheckConstraint(f"{column} IN ({listed})", name=column)


def _at_least_zero(column: str) -> CheckConstraint:
    return CheckConstraint(f"{column} >= 0", name=column)


schema_table = Table(
    f"{PREFIX}alembic_version",
    metadata,
    Column("version_num", String(32), primary_key=True),
    comment="one row: the version of this schema, as Alembic keeps it",
)

study_table = Table(
    f"{PREFIX}study",
    metadata,
    Column("id", _Key, primary_key=True),
    Column("name", String(200), nullable=False, unique=True),
    Column("fingerprint", String(64), nullable=False),
    Column("text", Text, nullable=False),
    Column("facts", JSON, nullable=False),
    Column("winner", Integer),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("finished_at", DateTime(timezone=True)),
    comment="one row per study: its source text, what it ran on, and its winning trial",
)

SUMMARY_COLUMNS = (
    "val_loss",
    "val_loss_se",
    "val_accuracy",
    "train_loss",
    "train_accuracy",
    "test_loss",
    "test_accuracy",
    "gap",
    "epochs",
    "seconds",
)

trial_table = Table(
    f"{PREFIX}trial",
    metadata,
    Column("id", _Key, primary_key=True),
    Column("study_id", ForeignKey(study_table.c.id, ondelete="CASCADE"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("phase", String(10), nullable=False),
    Column("round", Integer, nullable=False),
    Column("penalty", String(LONGEST_PENALTY), nullable=False),
    Column("strength", Float(53), nullable=False),
    Column("strengths", JSON, nullable=False),
    Column("params", JSON, nullable=False),
    Column("lr", Float(53), nullable=False),
    Column("optimizer", String(20), nullable=False),
    Column("state", String(10), nullable=False),
    Column("n_runs", Integer, nullable=False, default=0),
    *(Column(name, Float(53)) for name in SUMMARY_COLUMNS),
    Column("role", String(20), nullable=False),
    Column("layer", String(LONGEST_LAYER), nullable=False),
    Column("parent", Integer),
    UniqueConstraint("study_id", "number"),
    _one_of("role", Role),
    _one_of("phase", Phase),
    _at_least_zero("strength"),
    _one_of("state", State),
    _at_least_zero("n_runs"),
    comment="one row per trial: a point on the axes, and the means over its runs once it ended",
)

METRIC_COLUMNS = (
    "val_loss",
    "train_loss",
    "val_accuracy",
    "train_accuracy",
    "test_loss",
    "test_accuracy",
    "null_loss",
    "null_accuracy",
    "penalty_loss",
    "best_val_loss",
    "best_epoch",
    "weight_norm",
    "zeros",
    "n_weights",
)

run_table = Table(
    f"{PREFIX}run",
    metadata,
    Column("id", _Key, primary_key=True),
    Column("trial_id", ForeignKey(trial_table.c.id, ondelete="CASCADE"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("resample", Integer, nullable=False),
    Column("fold", Integer, nullable=False),
    Column("replicate", Integer, nullable=False),
    Column("split_seed", BigInteger, nullable=False),
    Column("seed", BigInteger, nullable=False),
    Column("state", String(10), nullable=False),
    Column("epochs", Integer, nullable=False),
    *(Column(name, Float(53)) for name in METRIC_COLUMNS),
    Column("seconds", Float(53), nullable=False),
    Column("note", Text, nullable=False),
    UniqueConstraint("trial_id", "number"),
    _one_of("state", State),
    _at_least_zero("epochs"),
    _at_least_zero("seconds"),
    comment="one row per run that ended: one training, and the metrics of its last epoch",
)

curve_table = Table(
    f"{PREFIX}curve",
    metadata,
    Column("run_id", ForeignKey(run_table.c.id, ondelete="CASCADE"), primary_key=True),
    Column("metric", String(40), primary_key=True),
    Column("epoch", Integer, primary_key=True),
    Column("value", Float(53)),
    sqlite_with_rowid=False,
    comment="one row per run, metric and epoch",
)

run_metric_table = Table(
    f"{PREFIX}run_metric",
    metadata,
    Column("run_id", ForeignKey(run_table.c.id, ondelete="CASCADE"), primary_key=True),
    Column("metric", String(40), primary_key=True),
    Column("value", Float(53), nullable=False),
    sqlite_with_rowid=False,
    comment="one row per run and column of the study's own metric: its value at the run's end",
)

row_losses_table = Table(
    f"{PREFIX}row_losses",
    metadata,
    Column("run_id", ForeignKey(run_table.c.id, ondelete="CASCADE"), primary_key=True),
    Column("metric", String(40), primary_key=True),
    Column("losses", LargeBinary, nullable=False),
    sqlite_with_rowid=False,
    comment="one row per run of a path that keeps them and metric: the losses of its validation "
    "rows at its end, by val_accuracy 1 where a row is wrong and else 0; numbers of four bytes "
    "(float32, little-endian)",
)

split_rows_table = Table(
    f"{PREFIX}split_rows",
    metadata,
    Column("study_id", ForeignKey(study_table.c.id, ondelete="CASCADE"), primary_key=True),
    Column("split_seed", BigInteger, primary_key=True),
    Column("fold", Integer, primary_key=True),
    Column("validation_rows", LargeBinary, nullable=False),
    sqlite_with_rowid=False,
    comment="one row per split whose losses by row are kept: the numbers of its validation rows in "
    "the data, from 0 on and in the order of the losses (int32, little-endian)",
)

layer_table = Table(
    f"{PREFIX}layer",
    metadata,
    Column("run_id", ForeignKey(run_table.c.id, ondelete="CASCADE"), primary_key=True),
    Column("layer", String(400), primary_key=True),
    Column("place", Integer, nullable=False),
    Column("strength", Float(53), nullable=False),
    Column("norm", Float(53)),
    Column("zeros", Integer, nullable=False),
    Column("weights", Integer, nullable=False),
    _at_least_zero("strength"),
    CheckConstraint("zeros >= 0 AND zeros <= weights", name="zeros"),
    sqlite_with_rowid=False,
    comment="one row per run and penalized layer: its weights at the end of the run",
)

occupancy_table = Table(
    f"{PREFIX}occupancy",
    metadata,
    Column("study_id", ForeignKey(study_table.c.id, ondelete="CASCADE"), primary_key=True),
    Column("launch", Integer, primary_key=True),
    Column("place", Integer, primary_key=True),
    Column("phase", String(10), nullable=False),
    *(Column(name, Float(53), nullable=False) for name in ("start_seconds", "seconds")),
    *(Column(name, Float(53), nullable=False) for name in ("occupied", "slots", "waiting")),
    comment="one row per stretch of a launch: how many slots were occupied",
)

lease_table = Table(
    f"{PREFIX}lease",
    metadata,
    Column("study_id", ForeignKey(study_table.c.id, ondelete="CASCADE"), primary_key=True),
    Column("token", String(32), nullable=False),
    Column("host", String(200), nullable=False),
    Column("process", BigInteger, nullable=False),
    Column("started", String(40), nullable=False),
    Column("renewed_at", Float(53), nullable=False),
    comment="one row per study that is being run: by whom, and when it was last heard of",
)

execution_plan_table = Table(
    f"{PREFIX}execution_plan",
    metadata,
    *(Column(name, String(400), primary_key=True) for name in ("machine", "network", "version")),
    *(Column(name, Integer, nullable=False) for name in ("width", "n_lanes")),
    Column("batched", Boolean, nullable=False),
    Column("found_at", DateTime(timezone=True), nullable=False),
    sqlite_with_rowid=False,
    comment="one row per machine, network and version: how many runs train together in how many "
    "populations, which no result depends on",
)

_FIRST_NUMBERS = (
    "best",
    "best_low",
    "best_high",
    "overfitting_ends",
    "overfitting_ends_low",
    "overfitting_ends_high",
    "underfitting_starts",
    "underfitting_starts_low",
    "underfitting_starts_high",
    "width_decades",
    "rho",
    "best_loss",
    "threshold_loss",
    "null_loss",
    "strength_min",
    "strength_1se",
)
_FIRST_WORDS = (
    "verdict",
    "overfitting_verdict",
    "overfitting_cause",
    "underfitting_verdict",
    "underfitting_cause",
    "design",
    "sentence",
    "advice",
)
BOUNDARY_NUMBERS = (*_FIRST_NUMBERS, "tail_index")
BOUNDARY_WORDS = (*_FIRST_WORDS, "advice_kind", "ending_kind", "ending")
BOUNDARY_COUNTS = ("n_strengths", "n_resamples", "n_rows")

boundary_table = Table(
    f"{PREFIX}boundary",
    metadata,
    Column("study_id", ForeignKey(study_table.c.id, ondelete="CASCADE"), primary_key=True),
    Column("penalty", String(LONGEST_PENALTY), primary_key=True),
    Column("layer", String(400), primary_key=True),
    Column("metric", String(40), primary_key=True),
    *(Column(name, Float(53)) for name in _FIRST_NUMBERS),
    *(Column(name, Text, nullable=False) for name in _FIRST_WORDS),
    Column("n_strengths", Integer, nullable=False),
    Column("n_resamples", Integer, nullable=False),
    Column("n_rows", Integer, nullable=False, server_default="0"),
    Column("tail_index", Float(53)),
    Column("advice_kind", Text, nullable=False, server_default="none"),
    Column("ending_kind", Text, nullable=False, server_default="none"),
    Column("ending", Text, nullable=False, server_default=""),
    comment="one row per path and metric: both boundaries with intervals, verdicts and causes",
)


_FIRST_VERSIONS = Table(f"{PREFIX}schema", MetaData(), Column("version", Integer))
"""Where the version stood before the fourth."""


def version_of(connection: Connection) -> int | None:
    """The version of the schema in a database; None without one, 0 where it is not one number."""
    there = inspect(connection).get_table_names()  # asked once: a migration may come in between
    for table in (schema_table, _FIRST_VERSIONS):
        if table.name in there:
            rows = [str(version) for version in connection.execute(select(table)).scalars()]
            sound = len(rows) == 1 and rows[0].isdecimal() and rows[0].isascii()
            return int(rows[0]) if sound else 0
    return None


def write_version(connection: Connection, version: int) -> None:
    """Writes the version into its table, which is made if need be."""
    schema_table.create(connection, checkfirst=True)
    connection.execute(schema_table.insert().values(version_num=f"{version:04d}"))
