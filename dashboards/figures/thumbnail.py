"""The curve of a study at the size of a line: the good zone, validation, and the best strength."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import pandas as pd

from dashboards.figures.path_axes import choose_axes
from dashboards.figures.static_axes import Place, place_of
from dashboards.figures.svg import element, polyline, rect, tint
from dashboards.gather.metric_format import scale_of
from dashboards.gather.sides import why_no_boundaries, zone_end
from sweep.metrics.metric import Metric

WIDTH, HEIGHT, MARGIN = 120.0, 40.0, 3.0


def draw_thumbnail(
    table: pd.DataFrame, boundary: Mapping[str, Any] | None, metric: Metric, colour: str
) -> str:
    """A ``path_table`` as a small SVG, which says nothing that its row does not say in words."""
    axes = choose_axes(table, metric)
    place = place_of(axes, MARGIN, MARGIN, WIDTH - MARGIN, HEIGHT - MARGIN)
    rows = table[table[metric.validation].notna() & (table["strength"] > 0)]
    values = scale_of(metric) * rows[metric.validation]
    points = [
        (place.x(float(strength)), place.y(float(value)))
        for strength, value in zip(rows["strength"], values, strict=True)
    ]
    body = [*_good(place, boundary), polyline(points, "curve"), _best(place, boundary, metric)]
    return element(
        "svg",
        "".join(body),
        class_="drawing thumbnail tint",
        style=tint(colour),
        viewBox=f"0 0 {WIDTH:.0f} {HEIGHT:.0f}",
        aria_hidden="true",
    )


def _good(place: Place, boundary: Mapping[str, Any] | None) -> list[str]:
    """The good zone, where both of its ends are known."""
    left, right = zone_end(boundary, "left"), zone_end(boundary, "right")
    if why_no_boundaries(boundary) or not (left.known and right.known):
        return []
    start = place.x(left.value) if left.found else place.left
    end = place.x(right.value) if right.found else place.right
    return [rect(start, place.top, end - start, place.bottom - place.top, "zone-good")]


def _best(place: Place, boundary: Mapping[str, Any] | None, metric: Metric) -> str:
    if boundary is None or why_no_boundaries(boundary):
        return ""
    best, loss = float(boundary["best"]), float(boundary["best_loss"])
    if not (best > 0 and math.isfinite(loss)):
        return ""
    y = place.y(scale_of(metric) * float(metric.as_loss(loss)))
    return element("circle", cx=place.x(best), cy=y, r=3, class_="best")
