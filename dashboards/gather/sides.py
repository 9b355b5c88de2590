"""Verdicts of the boundary statistics, read once for every figure and sentence.

A path has a verdict of its own (no signal, optimum not bracketed, not unimodal, ...: then both
sides are undefined and no boundary is drawn) and one per side: found, none in the searched range,
below the searched range, or inconclusive.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dashboards.gather.numbers import digits

SIDES = {
    "left": ("overfitting_ends", "overfitting_verdict", "overfitting_cause"),
    "right": ("underfitting_starts", "underfitting_verdict", "underfitting_cause"),
}
KINDS = {"found": "found", "none": "none", "below": "below", "inconclusive": "open"}
"""First word of a side's verdict to how it is drawn; any other word leaves it undefined."""
UNUSUAL = {"overfitting": "too weak", "underfitting": "too strong"}
NOT_ESTIMATED = "none have been estimated yet"


@dataclass(frozen=True)
class ZoneEnd:
    """One end of the good zone as it may be drawn; an end of its interval that is nan is open."""

    kind: str
    """found, none, below, open (inconclusive), or undefined."""
    value: float
    low: float
    high: float
    cause: str

    @property
    def found(self) -> bool:
        return self.kind == "found"

    @property
    def known(self) -> bool:
        """Whether it is clear on which strengths the good zone ends."""
        return self.kind in ("found", "none", "below")

    @property
    def interval(self) -> str:
        """The 95 % interval; an open end lies beyond the searched range."""
        low = digits(self.low) if math.isfinite(self.low) else "below the range"
        high = digits(self.high) if math.isfinite(self.high) else "above the range"
        return f"[{low}, {high}]"


def why_no_boundaries(boundary: Mapping[str, Any] | None) -> str:
    """Why a path has no boundary at all, in words; "" when it may have some."""
    if boundary is None:
        return NOT_ESTIMATED
    undefined = [zone_end(boundary, side).kind == "undefined" for side in SIDES]
    return str(boundary["verdict"]) if all(undefined) else ""


def zone_end(boundary: Mapping[str, Any] | None, side: str) -> ZoneEnd:
    """The left (overfitting ends) or right (underfitting starts) boundary of a path."""
    if boundary is None:
        return ZoneEnd("undefined", math.nan, math.nan, math.nan, "")
    name, verdict, cause = SIDES[side]
    value, low, high = (float(boundary[key]) for key in (name, f"{name}_low", f"{name}_high"))
    words = str(boundary[verdict]).split()
    return ZoneEnd(
        KINDS.get(words[0] if words else "", "undefined"), value, low, high, str(boundary[cause])
    )


def regime_name(end: ZoneEnd, usual: str) -> str:
    """What the zone beyond a boundary is called: ``usual`` only where that is the cause."""
    return usual if end.cause == usual else UNUSUAL[usual]


def other_cause(end: ZoneEnd, usual: str) -> str:
    """What else made validation worse; "" where it is what the regime's name says."""
    if end.cause == usual:
        return ""
    return "cause undetermined" if end.cause in ("", "undetermined") else end.cause
