"""How full the slots of a launch were."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from sweep.store.migrations.versions.v0001_first_tables import key

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "regsweep_occupancy",
        sa.Column(
            "study_id",
            key,
            sa.ForeignKey("regsweep_study.id", ondelete="CASCADE"),
            primary_key=True,
        ),
        sa.Column("launch", sa.Integer, primary_key=True),
        sa.Column("place", sa.Integer, primary_key=True),
        sa.Column("phase", sa.String(10), nullable=False),
        *(
            sa.Column(name, sa.Float(53), nullable=False)
            for name in ("start_seconds", "seconds", "occupied", "slots", "waiting")
        ),
    )
