"""From where to where strengths are good: in a headline, in a line, in a cell."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dashboards.gather.frames import Frames
from dashboards.gather.names import setting_name
from dashboards.gather.numbers import strength_text
from dashboards.gather.sides import ZoneEnd, why_no_boundaries, zone_end
from sweep.statistics.verdicts import SideVerdict

MOST_NAMED = 3
"""Penalties whose good strengths one line names."""


def zone_words(boundary: Mapping[str, Any]) -> str:
    """In a headline, of a path that has boundaries: between 0.20 and 0.69.

    It is ``at most`` and ``at least`` where the other end is not settled.
    """
    left, right = zone_end(boundary, "left"), zone_end(boundary, "right")
    if left.found and right.found:
        return f"between {strength_text(left.value)} and {strength_text(right.value)}"
    if right.found:
        return f"{'up to' if left.known else 'at most'} {strength_text(right.value)}"
    if left.found:
        return f"{'from' if right.known else 'at least'} {strength_text(left.value)}"
    return "at any strength that was searched" if left.known and right.known else "at some strength"


def good_line(boundary: Mapping[str, Any] | None) -> str:
    """In a line, with the best: good 0.20 to 0.69 · best 0.35; or why there are none."""
    words = good_words(boundary)
    if boundary is None or why_no_boundaries(boundary):
        return words
    best = float(boundary["best"])
    return f"{words} · best {strength_text(best)}" if best > 0 else words


def good_words(boundary: Mapping[str, Any] | None) -> str:
    """The same without the best."""
    reasons = why_no_boundaries(boundary)
    if boundary is None or reasons:
        return reasons[0]
    left, right = zone_end(boundary, "left"), zone_end(boundary, "right")
    ends = [strength_text(side.value) if side.found else "" for side in (left, right)]
    if all(ends):
        return f"good {ends[0]} to {ends[1]}"
    if ends[1]:
        return f"good up to {ends[1]}" if left.known else f"at most {ends[1]}"
    if ends[0]:
        return f"good from {ends[0]}" if right.known else f"at least {ends[0]}"
    return "no limit in the range" if left.known and right.known else "limits not settled"


def good_of_all(frames: Frames, metric: str = "") -> str:
    """The good strengths of the first few paths in one line."""
    parts = [
        f"{setting_name(penalty)} {good_words(frames.boundary(penalty, metric))}"
        for penalty in frames.paths
    ]
    rest = len(parts) - MOST_NAMED
    return "; ".join(parts[:MOST_NAMED] + ([f"{rest} more"] if rest > 0 else []))


def zone_cell(boundary: Mapping[str, Any] | None) -> str:
    """In a cell, each end with its interval."""
    reasons = why_no_boundaries(boundary)
    if reasons:
        return ":\n".join(reasons)
    left, right = zone_end(boundary, "left"), zone_end(boundary, "right")
    return f"{_end_cell(left, '0')} …\n{_end_cell(right, 'the end')}"


def _end_cell(side: ZoneEnd, edge: str) -> str:
    if side.found:
        return f"{strength_text(side.value)} {side.interval}"
    if side.verdict is SideVerdict.NONE:
        return edge
    return "below the range" if side.verdict is SideVerdict.BELOW_RANGE else "not settled"
