"""A cocktail taken apart: the boundaries of each ingredient, and what is lost without it.

On its path one ingredient's strength moves while the others stay as they are in the best cocktail.
The ablation retrains the confirmed cocktail without each ingredient, and each ingredient alone, on
the same seeds: differences are paired. The test rows are the same for all of them.
"""

from __future__ import annotations

from typing import Any

import pandas as pd

from dashboards.figures.path import draw_path
from dashboards.gather.numbers import digits
from dashboards.gather.tables import Frames, boundary_of, path_table, units_of
from dashboards.sections.confirm import (
    confirm_figure,
    estimate_text,
    other_cells,
    own_names,
    test_columns,
)
from dashboards.sections.parts import Section, chart_of
from sweep.records.parameters import USE
from sweep.regularizers.catalogue import COCKTAIL

ONLY, WITHOUT = "only ", "without "


def ingredients_of(trials: pd.DataFrame) -> list[str]:
    """The ingredients that have a path of their own, in the order of the study."""
    mine = trials[(trials["phase"] == "path") & (trials["penalty"] == COCKTAIL)]
    return list(dict.fromkeys(mine["path"]))


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
    rows: list[dict[str, Any]] = [
        {
            "setting": "the whole cocktail",
            "penalty": "",
            **test_columns(reference[WITHOUT], None),
        }
    ]
    left_out = [path.removeprefix(WITHOUT) for path in parts["path"]]
    for start in (WITHOUT, ONLY):
        for part in parts[parts["path"].str.startswith(start)].to_dict("records"):
            own = units[units["trial"] == part["trial"]]
            name = str(part["path"]).removeprefix(start)
            columns = test_columns(own, reference[start])
            rows.append({"setting": str(part["path"]), "penalty": name, **columns})
    if len(parts) == 2:  # each alone is the cocktail without the other
        for name, other in zip(left_out, reversed(left_out), strict=True):
            own = of(parts.loc[parts["path"] == WITHOUT + other, "trial"])
            columns = test_columns(own, reference[ONLY])
            rows.append({"setting": ONLY + name, "penalty": name, **columns})
    if len(reference[ONLY]):
        plain = {"setting": "none of them", "penalty": "none"}
        rows.append({**plain, **test_columns(reference[ONLY], None)})
    return pd.DataFrame(rows)


def ablation_rows(table: pd.DataFrame) -> list[dict[str, str]]:
    """``ablation_table`` as ready text; accuracies in %, differences in percentage points."""
    rows = []
    for record in table.to_dict("records"):
        against = {WITHOUT: "the whole cocktail", ONLY: "none of them"}
        start = next((s for s in against if str(record["setting"]).startswith(s)), "")
        row = {
            "setting": str(record["setting"]),
            "test loss": estimate_text(record, "test_loss", 1),
            "difference": estimate_text(record, "change", 1),
            "from": against.get(start, "–"),
        }
        rows.append(row | other_cells(record, own_names(table)))
    return rows


def recipe(trials: pd.DataFrame) -> str:
    """The confirmed cocktail in words: its ingredients and their strengths; "" without one."""
    mine = trials[(trials["phase"] == "confirm") & (trials["penalty"] == COCKTAIL)]
    if mine.empty:
        return ""
    trial = mine.to_dict("records")[0]
    used = [str(c).removeprefix(USE) for c, v in trial.items() if str(c).startswith(USE) and v == 1]
    parts = [f"{name} at {digits(float(trial[name]))}" for name in used]
    return ", ".join(parts) if parts else "none of its ingredients"


# ---- sections ---------------------------------------------------------------------------------


def cocktail_section(frames: Frames, _best: pd.DataFrame) -> Section:
    """The boundaries of each ingredient of the best cocktail."""
    metric, charts = str(frames.study["objective"]), []
    for name in ingredients_of(frames.trials):
        table = path_table(frames.trials, frames.runs, COCKTAIL, frames.study, name)
        boundary = boundary_of(frames.boundaries, COCKTAIL, metric, name)
        figure = draw_path(table, boundary, frames.study, name, metric)
        caption = str(boundary["sentence"]) if boundary is not None else ""
        label = f"Training and validation against the strength of {name} in the cocktail. {caption}"
        charts.append(chart_of(f"{name} in the cocktail", caption, figure, table, label))
    found = recipe(frames.trials)
    intro = (
        f"The best cocktail: {found}. " if found else ""
    ) + "Each picture moves one ingredient of the best cocktail of the search and holds the others."
    return Section("cocktail", "The cocktail, one ingredient at a time", intro, charts)


def ablation_section(frames: Frames, _best: pd.DataFrame) -> Section:
    table = ablation_table(frames.trials, frames.runs)
    if table.empty:
        return Section("ablation", "", "")
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
