"""The first schema: studies, trials, runs, curves, layers, boundaries."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

metadata = sa.MetaData()

key = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def _of(table: str) -> sa.ForeignKey:
    return sa.ForeignKey(f"regsweep_{table}.id", ondelete="CASCADE")


def _numbers(names: str) -> list[sa.Column[float]]:
    return [sa.Column(name, sa.Float(53)) for name in names.split()]


def _words(names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text, nullable=False) for name in names.split()]


sa.Table(
    "regsweep_schema",
    metadata,
    sa.Column("version", sa.Integer, primary_key=True, autoincrement=False),
)
sa.Table(
    "regsweep_study",
    metadata,
    sa.Column("id", key, primary_key=True),
    sa.Column("name", sa.String(200), nullable=False, unique=True),
    sa.Column("fingerprint", sa.String(64), nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("facts", sa.JSON, nullable=False),
    sa.Column("winner", sa.Integer),
    sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("finished_at", sa.DateTime(timezone=True)),
)
sa.Table(
    "regsweep_trial",
    metadata,
    sa.Column("id", key, primary_key=True),
    sa.Column("study_id", _of("study"), nullable=False),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("phase", sa.String(10), nullable=False),
    sa.Column("round", sa.Integer, nullable=False),
    sa.Column("path", sa.String(200), nullable=False),
    sa.Column("penalty", sa.String(40), nullable=False),
    sa.Column("strength", sa.Float(53), nullable=False),
    sa.Column("strengths", sa.JSON, nullable=False),
    sa.Column("params", sa.JSON, nullable=False),
    sa.Column("lr", sa.Float(53), nullable=False),
    sa.Column("optimizer", sa.String(20), nullable=False),
    sa.Column("state", sa.String(10), nullable=False),
    sa.Column("n_runs", sa.Integer, nullable=False),
    *_numbers("val_loss val_loss_se val_accuracy train_loss train_accuracy"),
    *_numbers("test_loss test_accuracy gap epochs seconds"),
    sa.UniqueConstraint("study_id", "number"),
    sa.CheckConstraint("strength >= 0", name="regsweep_trial_strength_check"),
)
sa.Table(
    "regsweep_run",
    metadata,
    sa.Column("id", key, primary_key=True),
    sa.Column("trial_id", _of("trial"), nullable=False),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("resample", sa.Integer, nullable=False),
    sa.Column("fold", sa.Integer, nullable=False),
    sa.Column("replicate", sa.Integer, nullable=False),
    sa.Column("split_seed", sa.BigInteger, nullable=False),
    sa.Column("seed", sa.BigInteger, nullable=False),
    sa.Column("state", sa.String(10), nullable=False),
    sa.Column("epochs", sa.Integer, nullable=False),
    *_numbers("val_loss train_loss val_accuracy train_accuracy test_loss test_accuracy"),
    *_numbers("null_loss null_accuracy penalty_loss best_val_loss best_epoch"),
    *_numbers("weight_norm zeros n_weights"),
    sa.Column("seconds", sa.Float(53), nullable=False),
    sa.Column("note", sa.Text, nullable=False),
    sa.UniqueConstraint("trial_id", "number"),
)
sa.Table(
    "regsweep_curve",
    metadata,
    sa.Column("run_id", _of("run"), primary_key=True),
    sa.Column("metric", sa.String(40), primary_key=True),
    sa.Column("epoch", sa.Integer, primary_key=True),
    sa.Column("value", sa.Float(53)),
    sqlite_with_rowid=False,
)
sa.Table(
    "regsweep_layer",
    metadata,
    sa.Column("run_id", _of("run"), primary_key=True),
    sa.Column("layer", sa.String(400), primary_key=True),
    sa.Column("place", sa.Integer, nullable=False),
    sa.Column("strength", sa.Float(53), nullable=False),
    sa.Column("norm", sa.Float(53)),
    sa.Column("zeros", sa.Integer, nullable=False),
    sa.Column("weights", sa.Integer, nullable=False),
    sqlite_with_rowid=False,
)
sa.Table(
    "regsweep_boundary",
    metadata,
    sa.Column("study_id", _of("study"), primary_key=True),
    sa.Column("penalty", sa.String(40), primary_key=True),
    sa.Column("layer", sa.String(400), primary_key=True),
    sa.Column("metric", sa.String(40), primary_key=True),
    *_numbers("best best_low best_high"),
    *_numbers("overfitting_ends overfitting_ends_low overfitting_ends_high"),
    *_numbers("underfitting_starts underfitting_starts_low underfitting_starts_high"),
    *_numbers("width_decades rho best_loss threshold_loss null_loss strength_min strength_1se"),
    *_words("verdict overfitting_verdict overfitting_cause"),
    *_words("underfitting_verdict underfitting_cause design sentence advice"),
    sa.Column("n_strengths", sa.Integer, nullable=False),
    sa.Column("n_resamples", sa.Integer, nullable=False),
)


def upgrade() -> None:
    metadata.create_all(op.get_bind())
