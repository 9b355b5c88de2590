"""The checks of studies as a pandas frame, and as values for JSON."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import pandas as pd

from sweep.checks.judging import Checked, run_checks
from sweep.checks.tables import StudyTables
from sweep.store.frames import describe_frame
from sweep.store.store import Store, check_store


def checks_frame(store: Store, study: str | None = None) -> pd.DataFrame:
    """One row per check of the catalogue: its state, its number, what was found, what to do.

    The columns are study, code, title, group, state (failed, attention, passed, not_applicable or
    ignored), value with its unit, found and action. ``sweep/checks/CHECKS.md`` says of every code
    how it is found and why it matters.

    Args:
        store: The store to read.
        study: The name of one study; None for all of them.

    Returns:
        The frame, in the order of codes; ``describe_frame("checks_frame")`` says what each column
        means.

    Raises:
        StoreError: There is no database, it cannot be read, or it has no study of that name.
    """
    check_store(store)
    names = store.study_names() if study is None else [study]
    rows = []
    for name in names:
        checked = run_checks(StudyTables.read(store, name))
        rows += [_row(name, one) for one in checked]
    columns = list(describe_frame("checks_frame")["column"])
    return pd.DataFrame(rows, columns=columns).astype({"value": "float64"})


def _row(study: str, one: Checked) -> dict[str, Any]:
    check, result = one.check, one.result
    return {
        "study": study,
        "code": check.code,
        "title": one.title,
        "group": str(check.group),
        "state": str(result.state),
        "value": result.value,
        "unit": str(check.unit),
        "found": " ".join(result.found),
        "action": one.action,
    }


def as_json(study: str, checked: Iterable[Checked]) -> list[dict[str, Any]]:
    """The rows of the frame with numbers in full precision, and those behind them; null for nan."""
    found = []
    for one in checked:
        row = _row(study, one)
        row["value"] = _finite(one.result.value)
        row["numbers"] = {name: _finite(value) for name, value in one.result.numbers.items()}
        row["shown_in"] = one.check.shown_in
        found.append(row)
    return found


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None
