"""Who runs a study."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from sweep.store.migrations.versions.v0001_first_tables import key

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.create_table(
        "regsweep_lease",
        sa.Column(
            "study_id",
            key,
            sa.ForeignKey("regsweep_study.id", ondelete="CASCADE"),
            primary_key=True,
        ),
        sa.Column("token", sa.String(32), nullable=False),
        sa.Column("host", sa.String(200), nullable=False),
        sa.Column("process", sa.BigInteger, nullable=False),
        sa.Column("started", sa.String(40), nullable=False),
        sa.Column("renewed_at", sa.Float(53), nullable=False),
    )
