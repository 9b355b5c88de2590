"""Codes, roles and own metrics with columns of their own, which were parts of texts before.

Verdicts and causes were sentences. What a trial is stood in front of a name in its ``path``. A
run's values of the study's own metric were those of its curves at the epoch of their one
``null_<name>`` point; the curves stay as they are.
"""

from __future__ import annotations

import json
from typing import Any

import sqlalchemy as sa
from alembic import op

from sweep.store.migrations.versions.v0001_first_tables import key, metadata
from sweep.store.migrations.versions.v0004_constraints import RULES

revision = "0005"
down_revision = "0004"

_study, _trial, _run, _curve, _boundary = (
    metadata.tables[f"regsweep_{name}"] for name in ("study", "trial", "run", "curve", "boundary")
)

_OPEN = "optimum not bracketed: extend the range to"
_VERDICTS = {
    "no boundary in the searched range": "none",
    "overfitting ends below the searched range: extend it to weaker strengths": "below_range",
    "no learnable signal": "no_signal",
    f"{_OPEN} weaker strengths": "extend_weaker",
    f"{_OPEN} stronger strengths": "extend_stronger",
    f"{_OPEN} both sides": "extend_both",
    "not unimodal: several good zones": "not_unimodal",
    "no measurable effect of the strength": "no_effect",
    "too few strengths finished: fewer than 4 have a loss in every resample": "too_few",
}
_SIDES = {"none in the searched range": "none", "below the searched range": "below_range"}
_CAUSES = {
    "optimization-limited": "optimization_limited",
    "objective mismatch or instability": "mismatch",
    "no boundary": "none",
}
_CODES = {
    "verdict": _VERDICTS,
    "overfitting_verdict": _SIDES,
    "underfitting_verdict": _SIDES,
    "overfitting_cause": _CAUSES,
    "underfitting_cause": _CAUSES,
}
"""What became of the sentences by column; those that are one word already stay."""


_ROLES = (
    ("setting", "", ""),
    ("point", "path", ""),
    ("control", "control", "trial "),
    ("without", "ablation", "without "),
    ("only", "ablation", "only "),
    ("default", "baseline", "default"),
    ("gradient_boosting", "baseline", "gradient_boosting"),
)
"""Role, phase, and what the path of such a trial began with; the first is all others'."""
_LISTED = ", ".join(f"'{role}'" for role, *_ in _ROLES)
_ROLE_RULE = f"role IN ({_LISTED})"


def upgrade() -> None:
    _write_codes()
    _split_paths()
    _keep_own_metrics()


def _write_codes() -> None:
    for name, codes in _CODES.items():
        column = _boundary.c[name]
        for sentence, code in codes.items():
            op.execute(sa.update(_boundary).where(column == sentence).values({name: code}))


def _split_paths() -> None:
    """``role``, ``layer`` and ``parent`` in place of ``path``."""
    before = _trial.to_metadata(sa.MetaData())
    for column, rule in RULES["trial"].items():
        before.append_constraint(sa.CheckConstraint(rule, name=f"regsweep_trial_{column}_check"))
    with op.batch_alter_table(before.name, copy_from=before) as batch:
        for added in _new_columns():
            batch.add_column(added)
    trial = _trial.to_metadata(sa.MetaData())
    for table in (trial, before):
        for added in _new_columns():
            table.append_column(added)
    op.execute(sa.update(trial).values(role="setting", layer=""))
    for role, phase, start in _ROLES[1:]:
        rest = sa.func.substr(trial.c.path, len(start) + 1)
        own = (trial.c.phase == phase, trial.c.path.startswith(start, autoescape=True))
        value = {"parent": sa.cast(rest, sa.Integer)} if role == "control" else {"layer": rest}
        op.execute(sa.update(trial).where(*own).values(role=role, **value))
    with op.batch_alter_table(before.name, copy_from=before) as batch:
        batch.alter_column("role", nullable=False, existing_type=sa.String(20))
        batch.alter_column("layer", nullable=False, existing_type=sa.String(200))
        batch.drop_column("path")
        batch.create_check_constraint("regsweep_trial_role_check", _ROLE_RULE)


def _new_columns() -> list[sa.Column[Any]]:
    return [
        sa.Column("role", sa.String(20)),
        sa.Column("layer", sa.String(200)),
        sa.Column("parent", sa.Integer),
    ]


def _keep_own_metrics() -> None:
    metric = op.create_table(
        "regsweep_run_metric",
        sa.Column(
            "run_id", key, sa.ForeignKey("regsweep_run.id", ondelete="CASCADE"), primary_key=True
        ),
        sa.Column("metric", sa.String(40), primary_key=True),
        sa.Column("value", sa.Float(53), nullable=False),
        sqlite_with_rowid=False,
    )
    studies = op.get_bind().execute(sa.select(_study.c.id, _study.c.facts)).all()
    for study_id, facts in studies:
        known = facts if isinstance(facts, dict) else json.loads(facts)
        name = str(known.get("objective", "val_loss")).removeprefix("val_")
        if name in ("loss", "accuracy"):
            continue
        null, columns = _curve.alias(), [f"{p}_{name}" for p in ("val", "train", "test", "null")]
        own = (
            sa.select(_curve.c.run_id, _curve.c.metric, _curve.c.value)
            .join(null, sa.and_(null.c.run_id == _curve.c.run_id, null.c.epoch == _curve.c.epoch))
            .join(_run, _run.c.id == _curve.c.run_id)
            .join(_trial, _trial.c.id == _run.c.trial_id)
            .where(
                _trial.c.study_id == study_id,
                null.c.metric == f"null_{name}",
                _curve.c.metric.in_(columns),
                _curve.c.value.is_not(None),
            )
        )
        op.execute(sa.insert(metric).from_select(["run_id", "metric", "value"], own))
