"""A cocktail taken apart: what is lost without each ingredient, and what each does alone.

The ablation retrains the confirmed cocktail without each ingredient, and each ingredient alone, on
the same seeds: differences are paired. The test rows are the same for all of them.
"""

from __future__ import annotations

from typing import Any

import pandas as pd

from dashboards.gather.confirmed import test_columns
from dashboards.gather.estimates import estimate_text
from dashboards.gather.frames import Frames
from dashboards.gather.tables import units_of
from dashboards.sections.confirm import confirm_figure, metric_cells
from dashboards.sections.parts import Section, chart_of
from sweep.regularizers.catalogue import COCKTAIL

ONLY, WITHOUT = "only ", "without "


def ablation_table(trials: pd.DataFrame, runs: pd.DataFrame) -> pd.DataFrame:
    """One row per setting: the cocktail, without each ingredient, each alone, and none of them.

    Columns ``setting``, ``penalty``, ``runs``, ``test_loss``, ``change`` with ``_low`` and
    ``_high`` (95 %) and the like for accuracy. Differences are from the whole cocktail for what
    leaves an ingredient out, and from none of them for one alone. Empty without an ablation.
    """
    complete = trials[trials["state"] == "complete"]
    confirmed = complete[complete["phase"] == "confirm"]
    parts = complete[complete["phase"] == "ablation"]
    whole = confirmed[confirmed["penalty"] == COCKTAIL]
    if parts.empty or whole.empty:
        return pd.DataFrame()
    none = confirmed[confirmed["penalty"] == "none"]
    units = units_of(pd.concat([whole, none, parts]), runs, {"design": "holdout"})

    def of(numbers: pd.Series) -> pd.DataFrame:
        return units[units["trial"].isin(numbers)]

    reference = {WITHOUT: of(whole["trial"]), ONLY: of(none["trial"])}
    rows = [_row("the whole cocktail", "", reference[WITHOUT], None)]
    left_out = [path.removeprefix(WITHOUT) for path in parts["path"]]
    for start in (WITHOUT, ONLY):
        for part in parts[parts["path"].str.startswith(start)].to_dict("records"):
            own = units[units["trial"] == part["trial"]]
            name = str(part["path"]).removeprefix(start)
            rows.append(_row(str(part["path"]), name, own, reference[start]))
    if len(parts) == 2:  # each alone is the cocktail without the other
        for name, other in zip(left_out, reversed(left_out), strict=True):
            own = of(parts.loc[parts["path"] == WITHOUT + other, "trial"])
            rows.append(_row(ONLY + name, name, own, reference[ONLY]))
    if len(reference[ONLY]):
        rows.append(_row("none of them", "none", reference[ONLY], None))
    return pd.DataFrame(rows)


def _row(
    setting: str, penalty: str, own: pd.DataFrame, reference: pd.DataFrame | None
) -> dict[str, Any]:
    return {"setting": setting, "penalty": penalty, **test_columns(own, reference)}


def ablation_rows(table: pd.DataFrame) -> list[dict[str, str]]:
    """``ablation_table`` as ready text; accuracies in %, differences in percentage points."""
    rows = []
    for record in table.to_dict("records"):
        against = {WITHOUT: "the whole cocktail", ONLY: "none of them"}
        start = next((s for s in against if str(record["setting"]).startswith(s)), "")
        row = {
            "setting": str(record["setting"]),
            "test loss": estimate_text(record, "test_loss"),
            "difference": estimate_text(record, "change"),
            "from": against.get(start, "–"),
        }
        rows.append(row | metric_cells(record))
    return rows


def section(frames: Frames) -> Section | None:
    """What each ingredient is worth; None without an ablation."""
    table = ablation_table(frames.trials, frames.runs)
    if table.empty:
        return None
    chart = chart_of(
        "What each ingredient is worth",
        "Means with 95 % intervals over retrainings with the same fresh seeds, on the same test "
        "rows. An ingredient that can be left out without a loss is not needed beside the others.",
        confirm_figure(table, frames.study),
        table,
        "Test loss of the cocktail, without each ingredient, and with each alone.",
    )
    intro = "The confirmed cocktail without each of its ingredients, and each ingredient alone."
    rows = ablation_rows(table)
    return Section("ablation", "The cocktail taken apart", intro, [chart], rows=rows)
