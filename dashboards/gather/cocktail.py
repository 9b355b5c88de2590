"""What the best cocktail is made of: its ingredients, and its recipe in words."""

from __future__ import annotations

import pandas as pd

from dashboards.gather.numbers import digits
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
    used = [str(c).removeprefix(USE) for c, v in trial.items() if str(c).startswith(USE) and v == 1]
    parts = [f"{name} at {digits(float(trial[name]))}" for name in used]
    return ", ".join(parts) if parts else "none of its ingredients"
