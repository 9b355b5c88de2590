"""What the best cocktail is made of: its ingredients, and its recipe in words."""

from __future__ import annotations

import pandas as pd

from dashboards.gather.names import setting_name
from dashboards.gather.numbers import strength_text
from sweep.records.parameters import USE
from sweep.regularizers.catalogue import COCKTAIL


def ingredients_of(trials: pd.DataFrame) -> list[str]:
    """The ingredients that have a path of their own, in the order of the study."""
    mine = trials[(trials["phase"] == "path") & (trials["penalty"] == COCKTAIL)]
    return list(dict.fromkeys(mine["path"]))


def recipe(trials: pd.DataFrame) -> str:
    """The confirmed cocktail in words: its ingredients and their strengths; "" without one."""
    mine = trials[(trials["phase"] == "confirm") & (trials["penalty"] == COCKTAIL)]
    if mine.empty:
        return ""
    trial = mine.to_dict("records")[0]
    used = USE.values_of({str(column): value for column, value in trial.items()})
    parts = [
        f"{setting_name(n)} at {strength_text(float(trial[n]))}"
        for n, value in used.items()
        if value == 1
    ]
    return ", ".join(parts) if parts else "none of its ingredients"
