"""Verdicts of the boundary statistics, read once for every figure and sentence.

A path has a verdict of its own (no signal, optimum not bracketed, not unimodal: then no boundary is
drawn) and one per side: found, none in the searched range, or inconclusive.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

SIDES = {"left": "overfitting_ends", "right": "underfitting_starts"}
_VERDICTS = {"left": "overfitting", "right": "underfitting"}
_BLOCKERS = {
    "signal": "the data show no signal that this model learns",
    "bracket": "the best strength is not inside the searched range",
    "unimodal": "the validation loss rises and falls more than once",
}


@dataclass(frozen=True)
class Side:
    """One boundary as it may be drawn."""

    kind: str
    """found, none, or open (not settled)."""
    value: float
    low: float
    high: float
    cause: str
    verdict: str

    @property
    def found(self) -> bool:
        return self.kind == "found"


def why_no_boundaries(boundary: Mapping[str, Any] | None) -> str:
    """Why a path has no boundary at all, in words; "" when it may have some."""
    if boundary is None:
        return "no boundaries were estimated"
    verdict = str(boundary["verdict"]).lower()
    return next((words for key, words in _BLOCKERS.items() if key in verdict), "")


def side_of(boundary: Mapping[str, Any] | None, side: str) -> Side:
    """The left (overfitting ends) or right (underfitting starts) boundary of a path."""
    if boundary is None:
        return Side("open", math.nan, math.nan, math.nan, "", "not estimated")
    name = SIDES[side]
    verdict = str(boundary[f"{_VERDICTS[side]}_verdict"])
    cause = str(boundary[f"{_VERDICTS[side]}_cause"])
    value, low, high = (float(boundary[key]) for key in (name, f"{name}_low", f"{name}_high"))
    kind = "open"
    if not why_no_boundaries(boundary):
        if verdict.lower().startswith("found") and math.isfinite(value) and value > 0:
            kind = "found"
        elif verdict.lower().startswith("none"):
            kind = "none"
    return Side(kind, value, low, high, cause, verdict)


def regime_name(side: Side, where: str) -> str:
    """What the zone beyond a boundary is called, given what was found to cause it."""
    if where == "left":
        return "overfitting" if side.cause.startswith("overfitting") else "too weak"
    return "underfitting" if side.cause.startswith("underfitting") else "too strong"
