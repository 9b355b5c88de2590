"""A phase that repeats the best settings of each penalty, between exploring and paths: no row
before.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from sweep.store.migrations.versions.v0004_constraints import RULES
from sweep.store.migrations.versions.v0005_typed import _ROLE_RULE

revision = "0008"
down_revision = "0007"

_PHASES = "phase IN ('explore', 'select', 'path', 'confirm', 'control', 'ablation', 'baseline')"


def upgrade() -> None:
    trial = sa.Table("regsweep_trial", sa.MetaData(), autoload_with=op.get_bind())
    rules = {**RULES["trial"], "strength": "strength >= 0", "role": _ROLE_RULE}
    trial.constraints = {c for c in trial.constraints if not isinstance(c, sa.CheckConstraint)}
    for column, rule in rules.items():
        trial.append_constraint(sa.CheckConstraint(rule, name=f"regsweep_trial_{column}_check"))
    with op.batch_alter_table(trial.name, copy_from=trial) as batch:
        batch.drop_constraint("regsweep_trial_phase_check", type_="check")
        batch.create_check_constraint("regsweep_trial_phase_check", _PHASES)
