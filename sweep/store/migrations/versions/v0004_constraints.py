"""What states and phases there are, and which numbers are never negative.

The number of the version moves from ``regsweep_schema`` to the table that Alembic keeps.
"""

from __future__ import annotations

from alembic import op

from sweep.store.migrations.versions.v0001_first_tables import metadata

revision = "0004"
down_revision = "0003"

_STATES = "state IN ('waiting', 'running', 'complete', 'pruned', 'diverged', 'failed')"
_PHASES = "phase IN ('explore', 'path', 'confirm', 'control', 'ablation', 'baseline')"

RULES = {
    "trial": {"phase": _PHASES, "state": _STATES, "n_runs": "n_runs >= 0"},
    "run": {"state": _STATES, "epochs": "epochs >= 0", "seconds": "seconds >= 0"},
    "layer": {"strength": "strength >= 0", "zeros": "zeros >= 0 AND zeros <= weights"},
}


def upgrade() -> None:
    for table, rules in RULES.items():
        name = f"regsweep_{table}"
        with op.batch_alter_table(name, copy_from=metadata.tables[name]) as batch:
            for column, rule in rules.items():
                batch.create_check_constraint(f"{name}_{column}_check", rule)
    op.drop_table("regsweep_schema")
