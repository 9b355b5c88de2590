"""Every boundary of a study in one static drawing: a row for each penalty, metric and layer.

A row has the strengths that were searched as a thin line, the good ones as a bar, the intervals of
both ends as whiskers, and the best as a diamond. Strengths of different penalties are different
quantities: widths compare, places do not.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dashboards.figures.static_axes import LETTER, Place
from dashboards.figures.svg import drawing, element, hover, line, rect, text, tint
from dashboards.gather.numbers import strength_text
from dashboards.gather.sides import ZoneEnd, why_no_boundaries, zone_end

ROW, TOP, FOOT = 26.0, 8.0, 24.0


@dataclass(frozen=True)
class ForestRow:
    """One path, judged by one metric."""

    penalty: str
    name: str
    """What it is a boundary of."""
    result: str
    """The good strengths in numbers, or why there are none."""
    low: float
    high: float
    """The strengths that were searched."""
    boundary: Mapping[str, Any] | None
    colour: str


def draw_forest(rows: Sequence[ForestRow], width: float, key: str, *, narrow: bool = False) -> str:
    """The rows one above the other; names stand above their bars where it is ``narrow``."""
    names = max(len(row.name) for row in rows) * (LETTER + 0.4) + 12
    results = max(len(row.result) for row in rows) * LETTER + 12
    left, right = (6.0, width - 6) if narrow else (names, width - results)
    step = 2 * ROW - 8 if narrow else ROW
    bottom = TOP + step * len(rows)
    low, high = min(row.low for row in rows), max(row.high for row in rows)
    reach = 10 ** (0.03 * max(1.0, math.log10(high / low)))
    place = Place(left, TOP, right, bottom, low / reach, high * reach, 0.0, 1.0)
    parts = [*_axis(place, low, high)]
    for i, row in enumerate(rows):
        y = TOP + step * (i + 1) - (10 if narrow else ROW / 2)
        parts.append(
            element("g", _row(place, row, y, narrow), class_="tint", style=tint(row.colour))
        )
    words = "; ".join(f"{row.name}: {row.result}" for row in rows)
    return drawing(
        "".join(parts), width, bottom + FOOT, "All boundaries", words, key=key, class_="forest"
    )


def _axis(place: Place, low: float, high: float) -> list[str]:
    parts = [line(place.left, place.bottom, place.right, place.bottom, "base")]
    for x, words in place.strengths(low, high):
        parts.append(line(x, place.top, x, place.bottom, "grid"))
        parts.append(text(x, place.bottom + 16, words, "drawing-text", "middle"))
    return parts


def _row(place: Place, row: ForestRow, y: float, narrow: bool) -> str:
    if narrow:
        words = [
            text(place.left, y - 12, row.name, "drawing-name"),
            text(place.right, y - 12, row.result, "drawing-text", "end"),
        ]
    else:
        words = [
            text(4, y + 4, row.name, "drawing-name"),
            text(place.right + 10, y + 4, row.result, "drawing-text"),
        ]
    searched = line(place.x(row.low), y, place.x(row.high), y, "searched")
    return "".join([*words, searched, *_bar(place, row, y)])


def _bar(place: Place, row: ForestRow, y: float) -> list[str]:
    if row.boundary is None or why_no_boundaries(row.boundary):
        return []
    left, right = zone_end(row.boundary, "left"), zone_end(row.boundary, "right")
    parts = []
    if left.known and right.known:
        start = place.x(left.value if left.found else row.low)
        end = place.x(right.value if right.found else row.high)
        parts.append(rect(start, y - 5, end - start, 10, "good-bar"))
    for side, edge in ((left, row.low), (right, row.high)):
        parts += _end(place, side, edge, y)
    best = float(row.boundary["best"])
    if best > 0:
        x = place.x(best)
        words = hover(f"{row.name}: best at {strength_text(best)}")
        parts.append(
            element("path", words, d=f"M{x:.1f} {y - 5:.1f}l5 5l-5 5l-5 -5z", class_="best")
        )
    return parts


def _end(place: Place, side: ZoneEnd, edge: float, y: float) -> list[str]:
    """A boundary with its interval; an open end of that reaches the edge of what was searched."""
    if not side.found:
        return []
    low, high = (place.x(v if math.isfinite(v) else edge) for v in (side.low, side.high))
    x = place.x(side.value)
    words = hover(f"{strength_text(side.value)} {side.interval}")
    return [
        element("line", words, x1=low, x2=high, y1=y, y2=y, class_="whisker"),
        line(low, y - 3, low, y + 3, "whisker"),
        line(high, y - 3, high, y + 3, "whisker"),
        line(x, y - 8, x, y + 8, "boundary"),
    ]
