"""The documentation of the database's tables, ``sweep/store/TABLES.md``, from the schema itself.

Run ``python -m sweep.store._reference`` (or ``make docs``) after changing it; a test compares them.
"""

from __future__ import annotations

import sys
from pathlib import Path

import sqlalchemy as sa

from sweep.store import schema, views
from sweep.store._columns import COLUMNS

TARGET = Path(__file__).with_name("TABLES.md")
CODED = frozenset(
    {"phase", "state", "path", "verdict", "overfitting_verdict", "overfitting_cause"}
    | {"underfitting_verdict", "underfitting_cause", "advice_kind", "ending_kind"}
)
HEAD = f"""# The tables of a regsweep database

Written by `make docs` from `sweep/store/schema.py` at version {schema.SCHEMA_VERSION}. All names
begin with `{schema.PREFIX}`, so that Optuna's own tables lie beside them in the same database.
Times are UTC, and numbers that are not finite are NULL. `sweep.describe_frame` says what the
columns of the views mean.
"""


def render_tables() -> str:
    """The page as Markdown."""
    parts = [HEAD]
    for table in schema.metadata.sorted_tables:
        parts.append(f"## {table.name}\n\n{_sentence(str(table.comment))}\n")
        lines = ["| column | type | |", "| --- | --- | --- |"]
        lines += [f"| `{c.name}` | {_type(c)} | {_rules(c)} |" for c in table.columns]
        parts.append("\n".join(lines) + "\n")
        for unique in _uniques(table):
            parts.append(f"Unique together: {', '.join(f'`{name}`' for name in unique)}.\n")
        if rules := _checks(table):
            parts.append(f"Always: {'; '.join(f'`{rule}`' for rule in rules)}.\n")
    named = ", ".join(f"`{name}`" for name in views.VIEWS)
    parts.append(f"## Views\n\n{named}\n")
    parts.append("## Words\n\nWhat the columns of words hold, by view.\n")
    parts.append("\n".join(_words()) + "\n")
    return "\n".join(parts)


def _words() -> list[str]:
    """The columns whose values are codes of this program, as the rows of a table."""
    lines = ["| view | column | holds |", "| --- | --- | --- |"]
    for view, columns in COLUMNS.items():
        found = (name for name in columns if name in CODED)
        lines += [f"| `{view}` | `{name}` | {columns[name]} |" for name in found]
    return lines


def _sentence(comment: str) -> str:
    return f"{comment[0].upper()}{comment[1:]}."


def _type(column: sa.Column[object]) -> str:
    return str(column.type.compile()).lower()


def _rules(column: sa.Column[object]) -> str:
    """What holds for a column, beside its type."""
    rules = ["key"] if column.primary_key else []
    rules += [f"of {key.column.table.name}" for key in column.foreign_keys]
    rules += ["unique"] if column.unique else []
    rules += ["may be NULL"] if column.nullable else []
    return ", ".join(rules)


def _uniques(table: sa.Table) -> list[list[str]]:
    found = (c for c in table.constraints if isinstance(c, sa.UniqueConstraint))
    return sorted([column.name for column in c.columns] for c in found if len(c.columns) > 1)


def _checks(table: sa.Table) -> list[str]:
    found = (c for c in table.constraints if isinstance(c, sa.CheckConstraint))
    return sorted(str(check.sqltext) for check in found)


def main() -> None:
    """Writes ``sweep/store/TABLES.md``."""
    TARGET.write_text(render_tables(), encoding="utf-8")
    sys.stdout.write(f"{TARGET}\n")


if __name__ == "__main__":
    main()
