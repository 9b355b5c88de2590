"""Advice on a boundary and why its ladder ended have kinds and columns; they were one text before.

This is the only place that reads them in such a text. The tail index stood in it, too, with two
digits. A text that no version wrote has the kind none.
"""

from __future__ import annotations

import re
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"

_ENDED = "The ladder ended: "
_ADVICE = {
    "more_resamples": r"About \d+ more resamples? would settle it",
    "few_resamples": r"resamples give wide intervals",
    "more_data": r"only more data can",
    "nothing": r"no affordable number of resamples",
    "strengths_at_ends": r"The curve is too steep",
    "strengths_inside": r"add strengths between",
    "finer_metric": r"The measure moves in steps",
    "lower_lr": r"Too many runs diverged",
    "find_signal": r"First find a setting",
    "look_between": r"Look at the curve between",
    "extend_both": r"(range|diverge) below .* above ",
    "extend_weaker": r"(range|diverge) below ",
    "extend_stronger": r"(range|diverge) above ",
}
"""What a kind of advice says; the first that is found."""
_ENDINGS = {
    "spent_narrow": "(path.runs) are used, and every interval is within",
    "narrow": "every interval is within",
    "runs_spent": "runs of the budget",
    "strengths_spent": "strengths of the budget",
    "alike": "may be alike by chance",
    "noise": "noise makes an interval wide",
    "diverged": "runs diverge beyond",
    "limit": "strengths end at",
    "even": "it was laid evenly",
}
"""What a kind of ending says; every other one is a verdict in words."""
_TAIL = re.compile(r"no variance \(tail index ([^,]+), below 2\)")


def upgrade() -> None:
    name = "regsweep_boundary"
    for column in (
        sa.Column("tail_index", sa.Float(53)),
        sa.Column("advice_kind", sa.Text, nullable=False, server_default="none"),
        sa.Column("ending_kind", sa.Text, nullable=False, server_default="none"),
        sa.Column("ending", sa.Text, nullable=False, server_default=""),
    ):
        op.add_column(name, column)
    table = sa.Table(name, sa.MetaData(), autoload_with=op.get_bind())
    keys = list(table.primary_key.columns)
    said = sa.select(*keys, table.c.advice).where(table.c.advice != "")
    for *key, text in op.get_bind().execute(said).all():
        own = [column == value for column, value in zip(keys, key, strict=True)]
        op.execute(sa.update(table).where(*own).values(**read_advice(text)))


def read_advice(text: str) -> dict[str, Any]:
    """The columns that a text of advice is now."""
    advice, _, reason = (part.strip() for part in text.partition(_ENDED))
    asked = (kind for kind, words in _ADVICE.items() if re.search(words, advice))
    ended = (kind for kind, words in _ENDINGS.items() if words in reason)
    tail = _TAIL.search(advice)
    return {
        "advice": advice,
        "advice_kind": next(asked, "none"),
        "ending_kind": next(ended, "verdict" if reason else "none"),
        "ending": reason.removesuffix("."),
        "tail_index": float(tail[1]) if tail else None,
    }
