"""A cocktail taken apart: what is lost without each ingredient, and what each does alone.

The ablation retrains the confirmed cocktail without each ingredient, and each ingredient alone, on
the same seeds: differences are paired. The test rows are the same for all of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from dashboards.gather.confirmed import test_columns
from dashboards.gather.estimates import estimate_text
from dashboards.gather.frames import Frames
from dashboards.gather.names import setting_name
from dashboards.sections.confirm import confirm_figure, metric_cells
from dashboards.sections.parts import Section, chart_of
from sweep.checks.tables import units_of
from sweep.records.trial import Role, Trial
from sweep.regularizers.catalogue import COCKTAIL, NONE

AGAINST = {Role.WITHOUT: "the whole cocktail", Role.ONLY: "none of them"}
"""What a setting of each role is compared with."""


def ablation_table(
    trials: pd.DataFrame, runs: pd.DataFrame, records: Mapping[int, Trial]
) -> pd.DataFrame:
    """One row per setting: the cocktail, without each ingredient, each alone, and none of them.

    Columns ``setting``, ``role``, ``penalty``, ``runs``, ``test_loss``, ``change`` with ``_low``
    and ``_high`` (95 %) and the like for accuracy. Differences are from the whole cocktail for what
    leaves an ingredient out, and from none of them for one alone. Empty without an ablation.
    """
    complete = trials[trials["state"] == "complete"]
    confirmed = complete[complete["phase"] == "confirm"]
    parts = complete[complete["phase"] == "ablation"]
    whole = confirmed[confirmed["penalty"] == COCKTAIL]
    if parts.empty or whole.empty:
        return pd.DataFrame()
    none = confirmed[confirmed["penalty"] == NONE]
    units = units_of(pd.concat([whole, none, parts]), runs, "holdout")

    def of(numbers: pd.Series) -> pd.DataFrame:
        return units[units["trial"].isin(numbers)]

    reference = {Role.WITHOUT: of(whole["trial"]), Role.ONLY: of(none["trial"])}
    rows = [_row("the whole cocktail", "", reference[Role.WITHOUT], None)]
    ablated = [records[number] for number in parts["trial"].tolist()]
    for role, other in reference.items():
        for trial in (t for t in ablated if t.role is role):
            own = units[units["trial"] == trial.number]
            rows.append(_row(f"{role} {trial.layer}", trial.layer, own, other, role))
    if len(ablated) == 2:  # each alone is the cocktail without the other
        for trial, other_one in zip(ablated, reversed(ablated), strict=True):
            own, name = units[units["trial"] == other_one.number], trial.layer
            rows.append(_row(f"{Role.ONLY} {name}", name, own, reference[Role.ONLY], Role.ONLY))
    if len(reference[Role.ONLY]):
        rows.append(_row("none of them", NONE, reference[Role.ONLY], None))
    return pd.DataFrame(rows)


def _row(
    setting: str,
    penalty: str,
    own: pd.DataFrame,
    reference: pd.DataFrame | None,
    role: Role = Role.SETTING,
) -> dict[str, Any]:
    columns = test_columns(own, reference)
    return {"setting": setting, "role": str(role), "penalty": penalty, **columns}


def ablation_rows(table: pd.DataFrame) -> list[dict[str, str]]:
    """``ablation_table`` as ready text; accuracies in %, differences in percentage points."""
    rows = []
    for record in table.to_dict("records"):
        row = {
            "setting": str(record["setting"]),
            "test loss": estimate_text(record, "test_loss"),
            "difference": estimate_text(record, "change"),
            "from": AGAINST.get(Role(record["role"]), "–"),
        }
        rows.append(row | metric_cells(record))
    return rows


def section(frames: Frames) -> Section | None:
    """What each ingredient is worth; None without an ablation."""
    table = ablation_table(frames.trials, frames.runs, frames.records)
    if table.empty:
        return None
    chart = chart_of(
        "What each ingredient is worth",
        "Means with 95 % intervals over retrainings with the same fresh seeds, on the same test "
        "rows. An ingredient that can be left out without a loss is not needed beside the others.",
        confirm_figure(table, frames.study),
        table.drop(columns="role"),
        "Test loss of the cocktail, without each ingredient, and with each alone.",
    )
    intro = "The confirmed cocktail without each of its ingredients, and each ingredient alone."
    rows = ablation_rows(table)
    finding = _dearest(table)
    return Section("ablation", "The mixture taken apart", intro, [chart], 1, rows, finding)


def _dearest(table: pd.DataFrame) -> str:
    """The ingredient that is missed most."""
    without = table[table["role"] == str(Role.WITHOUT)].dropna(subset="change")
    if without.empty:
        return ""
    row = without.nlargest(1, "change").iloc[0].to_dict()
    return f"{setting_name(str(row['penalty']))} is missed most ({estimate_text(row, 'change')})"
