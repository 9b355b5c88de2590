"""Losses by row with their rows, and how many rows a boundary rests on: 0 before."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from sweep.store.migrations.versions.v0001_first_tables import key

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.create_table(
        "regsweep_row_losses",
        sa.Column(
            "run_id", key, sa.ForeignKey("regsweep_run.id", ondelete="CASCADE"), primary_key=True
        ),
        sa.Column("metric", sa.String(40), primary_key=True),
        sa.Column("losses", sa.LargeBinary, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "regsweep_split_rows",
        sa.Column(
            "study_id",
            key,
            sa.ForeignKey("regsweep_study.id", ondelete="CASCADE"),
            primary_key=True,
        ),
        sa.Column("split_seed", sa.BigInteger, primary_key=True),
        sa.Column("fold", sa.Integer, primary_key=True),
        sa.Column("validation_rows", sa.LargeBinary, nullable=False),
        sqlite_with_rowid=False,
    )
    op.add_column(
        "regsweep_boundary",
        sa.Column("n_rows", sa.Integer, nullable=False, server_default="0"),
    )
