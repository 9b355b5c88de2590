"""The main figure as a static drawing: paths side by side on one axis of the loss.

Every panel has its zones, both boundaries with their intervals, the curves with their spread, the
network without regularization apart, the best strength, and the levels of the constant predictor
and of the tolerance. It is text in the page: it shows without a script, in a mail and in print.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from dashboards.figures.path_axes import PathAxes, choose_axes
from dashboards.figures.static_axes import LETTER, Place, place_of
from dashboards.figures.svg import (
    drawing,
    element,
    hover,
    line,
    polygon,
    polyline,
    rect,
    text,
    tint,
)
from dashboards.gather.columns import ends_of
from dashboards.gather.metric_format import scale_of, value_text
from dashboards.gather.numbers import strength_text
from dashboards.gather.sides import ZoneEnd, regime_name, why_no_boundaries, zone_end
from sweep.metrics.metric import Metric
from sweep.statistics.verdicts import Cause, SideVerdict

LEFT, TOP, RIGHT, BOTTOM = 38.0, 36.0, 4.0, 20.0
"""Margins: values and heading, strengths beneath."""


@dataclass(frozen=True)
class PathPanel:
    """One path as it is drawn."""

    penalty: str
    heading: str
    """Above the panel: the penalty, and how it did."""
    line: str
    """Beneath the heading: the good strengths in numbers."""
    table: pd.DataFrame
    """A ``path_table``."""
    boundary: Mapping[str, Any] | None
    colour: str


def shared_axes(panels: Sequence[PathPanel], metric: Metric) -> list[PathAxes]:
    """The axes of each panel: strengths of its own, values that all share."""
    both = choose_axes(pd.concat([panel.table for panel in panels]), metric)
    own = [choose_axes(panel.table, metric) for panel in panels]
    return [replace(axes, bottom=both.bottom, top=both.top, log=both.log) for axes in own]


def draw_path(
    panel: PathPanel, axes: PathAxes, metric: Metric, width: float, height: float, key: str
) -> str:
    """A panel as SVG of this size."""
    place = place_of(axes, LEFT, TOP, width - RIGHT, height - BOTTOM)
    body = [
        text(4, 13, panel.heading, "drawing-heading"),
        text(4, 28, panel.line, "drawing-text"),
        *_zones(place, axes, panel.boundary),
        *_frame(place, axes),
        *_levels(place, panel, metric),
        *_curves(place, axes, panel, metric),
        _best(place, panel, metric),
        *_diverged(place, axes, panel.table),
    ]
    return drawing(
        "".join(body),
        width,
        height,
        panel.heading,
        panel.line,
        class_="tint",
        key=key,
        style=tint(panel.colour),
    )


def _frame(place: Place, axes: PathAxes) -> list[str]:
    """Lines and numbers of the values, strengths with the zero apart."""
    parts = []
    for y, words in place.values():
        parts.append(line(place.left, y, place.right, y, "grid"))
        parts.append(text(place.left - 5, y + 4, words, "drawing-text", "end"))
    below, zero = place.bottom + 14, place.x(axes.anchor)
    parts.append(line(place.left, place.bottom, place.right, place.bottom, "base"))
    for x, words in [(zero, "0"), *_beside(place, axes, zero)]:
        parts.append(line(x, place.bottom, x, place.bottom + 3, "base"))
        parts.append(text(x, below, words, "drawing-text", "middle"))
    gap = (zero + place.x(axes.low)) / 2
    parts.append(text(gap, place.bottom + 4, "//", "drawing-text", "middle"))
    return parts


def _beside(place: Place, axes: PathAxes, zero: float) -> list[tuple[float, str]]:
    """The decades that keep clear of the zero and of the right edge."""
    ticks = place.strengths(axes.low, axes.high)
    ends = [(x, words, len(words) * LETTER / 2) for x, words in ticks]
    return [
        (x, w) for x, w, half in ends if x - half > zero + LETTER and x + half < place.right + 4
    ]


def _zones(place: Place, axes: PathAxes, boundary: Mapping[str, Any] | None) -> list[str]:
    """Shades what was found, and nothing else."""
    if why_no_boundaries(boundary):
        return []
    left, right = zone_end(boundary, "left"), zone_end(boundary, "right")
    start = place.x(left.value) if left.found else place.left
    if left.verdict is SideVerdict.BELOW_RANGE:
        start = place.x(axes.low)
    end = place.x(right.value) if right.found else place.right
    parts = []
    if left.found:
        parts += _zone(place, place.left, start, "over", regime_name(left, Cause.OVERFITTING))
    if left.known and right.known:
        parts += _zone(place, start, end, "good", "good")
    if right.found:
        parts += _zone(place, end, place.right, "under", regime_name(right, Cause.UNDERFITTING))
    return [*parts, *_strip(place, left), *_strip(place, right)]


def _zone(place: Place, start: float, end: float, kind: str, name: str) -> list[str]:
    """A zone, with its name where that fits."""
    parts = [rect(start, place.top, end - start, place.bottom - place.top, f"zone-{kind}")]
    if end - start > len(name) * LETTER + 8:
        parts.append(text((start + end) / 2, place.top + 12, name, "zone-name", "middle"))
    return parts


def _strip(place: Place, side: ZoneEnd) -> list[str]:
    """A boundary's interval as a strip, and the boundary where it is found."""
    if side.verdict not in (SideVerdict.FOUND, SideVerdict.INCONCLUSIVE):
        return []
    low = place.x(side.low) if math.isfinite(side.low) else place.left
    high = place.x(side.high) if math.isfinite(side.high) else place.right
    kind = "strip" if side.found else "strip open"
    parts = [rect(low, place.top, high - low, place.bottom - place.top, kind)]
    if side.found:
        x = place.x(side.value)
        parts.append(line(x, place.top, x, place.bottom, "boundary"))
    return parts


def _levels(place: Place, panel: PathPanel, metric: Metric) -> list[str]:
    """What a constant prediction reaches, and the most that a good strength may lose."""
    parts, scale = [], scale_of(metric)
    if metric.null in panel.table:
        null = scale * float(panel.table[metric.null].mean())
        if place.holds(null):
            y = place.y(null)
            words = hover(f"constant predictor: {value_text(metric, null / scale)}")
            parts.append(_level(place, y, "constant", words))
    if panel.boundary is not None and not why_no_boundaries(panel.boundary):
        threshold = scale * float(metric.as_loss(float(panel.boundary["threshold_loss"])))
        if math.isfinite(threshold) and place.holds(threshold):
            words = hover(f"tolerance: {value_text(metric, threshold / scale)}")
            parts.append(_level(place, place.y(threshold), "tolerance", words))
    return parts


def _level(place: Place, y: float, kind: str, content: str) -> str:
    ends = {"x1": place.left, "x2": place.right, "y1": y, "y2": y}
    return element("line", content, class_=kind, **ends)


def _curves(place: Place, axes: PathAxes, panel: PathPanel, metric: Metric) -> list[str]:
    """Training and validation with their spread; the network without regularization apart."""
    parts, scale = [], scale_of(metric)
    for column, kind in ((metric.training, "training"), (metric.validation, "validation")):
        if column not in panel.table:
            continue
        rows = panel.table[panel.table[column].notna()]
        ladder = rows[rows["strength"] > 0]
        xs = [place.x(s) for s in ladder["strength"]]
        if kind == "validation":
            parts.append(_band(place, ladder, xs, column, scale))
        ys = [place.y(scale * v) for v in ladder[column]]
        parts.append(polyline(list(zip(xs, ys, strict=True)), f"curve {kind}"))
        for row in rows.to_dict("records"):
            if kind == "validation" or place.holds(scale * float(row[column])):
                parts.append(_point(place, axes, row, column, kind, metric))
    return parts


def _band(place: Place, rows: pd.DataFrame, xs: Sequence[float], column: str, scale: float) -> str:
    low, high = (scale * rows[name].to_numpy(float) for name in ends_of(column))
    seen = np.isfinite(low) & np.isfinite(high)
    upper = [(x, place.y(v)) for x, v, ok in zip(xs, high, seen, strict=True) if ok]
    lower = [(x, place.y(v)) for x, v, ok in zip(xs, low, seen, strict=True) if ok]
    return polygon([*upper, *reversed(lower)], "band")


def _point(
    place: Place, axes: PathAxes, row: Mapping[Any, Any], column: str, kind: str, metric: Metric
) -> str:
    """A dot that says its numbers; larger, and with its spread, without regularization."""
    scale, strength, value = scale_of(metric), float(row["strength"]), float(row[column])
    x, y = place.x(axes.position(strength)), place.y(scale * value)
    word = "no regularization" if strength == 0 else f"strength {strength_text(strength)}"
    content = hover(f"{word}: {kind} {metric.name} {value_text(metric, value)}")
    if not place.holds(scale * value):
        up = y <= (place.top + place.bottom) / 2
        tip = y if up else y - 7
        d = f"M{x - 4:.1f} {tip + 7 * up:.1f}l4 {-7 if up else 7}l4 {7 if up else -7}z"
        return element("path", content, d=d, class_="outside")
    if strength > 0:
        radius = 1.8 if kind == "training" else 2.4
        return element("circle", content, cx=x, cy=y, r=radius, class_="dot")
    if kind == "training":
        return element("rect", content, x=x - 4, y=y - 4, width=8, height=8, class_="dot")
    ends = [scale * float(row[name]) for name in ends_of(column)]
    spread = (
        line(x, place.y(ends[0]), x, place.y(ends[1]), "spread")
        if all(map(math.isfinite, ends))
        else ""
    )
    return spread + element("circle", content, cx=x, cy=y, r=4.5, class_="dot")


def _best(place: Place, panel: PathPanel, metric: Metric) -> str:
    """A diamond at the estimated best strength."""
    boundary = panel.boundary
    if boundary is None or why_no_boundaries(boundary):
        return ""
    best, loss = float(boundary["best"]), float(boundary["best_loss"])
    if not (best > 0 and math.isfinite(loss)):
        return ""
    value = float(metric.as_loss(loss))
    x, y = place.x(best), place.y(scale_of(metric) * value)
    words = hover(f"best strength {strength_text(best)}: {value_text(metric, value)}")
    d = f"M{x:.1f} {y - 7:.1f}l7 7l-7 7l-7 -7z"
    return element("path", words, d=d, class_="best")


def _diverged(place: Place, axes: PathAxes, table: pd.DataFrame) -> list[str]:
    """A cross at the strengths where runs diverged."""
    parts = []
    for row in table[table["diverged"] > 0].to_dict("records"):
        x, y = place.x(axes.position(float(row["strength"]))), place.bottom - 7
        words = hover(f"strength {strength_text(row['strength'])}: {row['diverged']} diverged")
        d = f"M{x - 3:.1f} {y - 3:.1f}l6 6m-6 0l6 -6"
        parts.append(element("path", words, d=d, class_="lost"))
    return parts
