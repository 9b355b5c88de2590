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

from dashboards.gather.numbers import strength_interval
from sweep.statistics.verdicts import Cause, SideVerdict, Verdict
from sweep.statistics.wording import CAUSES, VERDICT_LINES

SIDES = {
    "left": ("overfitting_ends", "overfitting_verdict", "overfitting_cause"),
    "right": ("underfitting_starts", "underfitting_verdict", "underfitting_cause"),
}
UNUSUAL = {Cause.OVERFITTING: "too weak", Cause.UNDERFITTING: "too strong"}
NOT_ESTIMATED = "not estimated yet"


@dataclass(frozen=True)
class ZoneEnd:
    """One end of the good zone as it may be drawn; an end of its interval that is nan is open."""

    verdict: SideVerdict
    value: float
    low: float
    high: float
    cause: Cause

    @property
    def found(self) -> bool:
        return self.verdict is SideVerdict.FOUND

    @property
    def known(self) -> bool:
        """Whether it is clear on which strengths the good zone ends."""
        return self.verdict in (SideVerdict.FOUND, SideVerdict.NONE, SideVerdict.BELOW_RANGE)

    @property
    def interval(self) -> str:
        """The 95 % interval; an open end lies beyond the searched range."""
        return strength_interval(self.low, self.high)


def why_no_boundaries(boundary: Mapping[str, Any] | None) -> tuple[str, ...]:
    """Why a path has no boundary at all, in lines; none when it may have some."""
    if boundary is None:
        return (NOT_ESTIMATED,)
    verdict = undefined_by(boundary)
    return VERDICT_LINES[verdict] if verdict else ()


def undefined_by(boundary: Mapping[str, Any]) -> Verdict | None:
    """The verdict on the whole path where it leaves both sides undefined, else None."""
    ends = [zone_end(boundary, side).verdict for side in SIDES]
    return Verdict(boundary["verdict"]) if set(ends) == {SideVerdict.UNDEFINED} else None


def best_strength(boundary: Mapping[str, Any] | None, trained: float) -> float:
    """The estimated best strength of a path where there is one, else the best that was trained."""
    if boundary is None or why_no_boundaries(boundary) or not float(boundary["best"]) > 0:
        return trained
    return float(boundary["best"])


def zone_end(boundary: Mapping[str, Any] | None, side: str) -> ZoneEnd:
    """The left (overfitting ends) or right (underfitting starts) boundary of a path."""
    if boundary is None:
        nothing = (math.nan, math.nan, math.nan)
        return ZoneEnd(SideVerdict.UNDEFINED, *nothing, Cause.UNDETERMINED)
    name, verdict, cause = SIDES[side]
    value, low, high = (float(boundary[key]) for key in (name, f"{name}_low", f"{name}_high"))
    return ZoneEnd(SideVerdict(boundary[verdict]), value, low, high, Cause(boundary[cause]))


def regime_name(end: ZoneEnd, usual: Cause) -> str:
    """What the zone beyond a boundary is called: ``usual`` only where that is the cause."""
    return usual if end.cause == usual else UNUSUAL[usual]


def other_cause(end: ZoneEnd, usual: Cause) -> str:
    """What else made validation worse; "" where it is what the regime's name says."""
    if end.cause == usual:
        return ""
    return "cause undetermined" if end.cause is Cause.UNDETERMINED else CAUSES[end.cause]
