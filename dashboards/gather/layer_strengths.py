"""The strengths of single layers where they differ: what a path's one number stands for."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pandas as pd

from dashboards.gather.numbers import strength_text
from sweep.records.parameters import ALL_LAYERS, LAYER_STRENGTH

MOST_LAYERS = 4
"""Strengths of layers that are listed; of more the range is given."""


def layer_strengths(row: pd.Series) -> list[float]:
    """The strengths of a trial's layers in their order; none where all are the same."""
    found = [float(row[name]) for name in row.index if name in LAYER_STRENGTH]
    known = [value for value in found if math.isfinite(value)]
    return known if len(set(known)) > 1 else []


def strengths_words(strengths: Sequence[float]) -> str:
    """0.41, 1.9, 0.73; of many layers 0.041 to 1.9."""
    if len(strengths) <= MOST_LAYERS:
        return ", ".join(map(strength_text, strengths))
    return f"{strength_text(min(strengths))} to {strength_text(max(strengths))}"


def tuned_layers(trials: pd.DataFrame, penalty: str, strength: float) -> list[float]:
    """``layer_strengths`` of a point of a penalty's path, or of the setting chosen from it."""
    chosen = trials["phase"].eq("confirm") | trials["path"].eq(ALL_LAYERS)
    mine = trials[chosen & (trials["penalty"] == penalty) & (trials["strength"] == strength)]
    return [] if mine.empty else layer_strengths(mine.iloc[-1])


def shares_words(trials: pd.DataFrame, penalty: str) -> str:
    """What each layer has of a path's strength, as factors; "" where all have the whole."""
    path = trials["path"].eq(ALL_LAYERS) & (trials["penalty"] == penalty) & (trials["strength"] > 0)
    if not path.any():
        return ""
    row = trials[path].iloc[-1]
    shares = [value / float(row["strength"]) for value in layer_strengths(row)]
    return strengths_words(shares) if shares else ""
