"""The sizes that train fastest, by machine, network and version: no row before."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.create_table(
        "regsweep_execution_plan",
        sa.Column("machine", sa.String(400), primary_key=True),
        sa.Column("network", sa.String(400), primary_key=True),
        sa.Column("version", sa.String(400), primary_key=True),
        sa.Column("width", sa.Integer, nullable=False),
        sa.Column("n_lanes", sa.Integer, nullable=False),
        sa.Column("batched", sa.Boolean, nullable=False),
        sa.Column("found_at", sa.DateTime(timezone=True), nullable=False),
        sqlite_with_rowid=False,
    )
