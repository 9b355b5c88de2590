"""The regimes of the main figure: their zones, names and boundaries.

Nothing is shaded that the statistics did not find.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import plotly.graph_objects as go

from dashboards.figures.path_axes import PathAxes
from dashboards.figures.style import INK, MUTED, REGIMES, add_meta, fade
from dashboards.gather.numbers import digits, strength_text
from dashboards.gather.sides import ZoneEnd, other_cause, regime_name, why_no_boundaries, zone_end
from sweep.statistics.verdicts import Cause, SideVerdict

NAME_HEIGHT = 20
"""Pixels from a regime's name to its numbers, however high the figure is."""
BOUNDARY_KEY = "boundary and its 95 % interval"


def plot_regimes(figure: go.Figure, axes: PathAxes, boundary: Mapping[str, Any] | None) -> None:
    """Shades and names what was found; says in words what was not."""
    reason = why_no_boundaries(boundary)
    if reason:
        _name_zone(figure, axes, axes.left, axes.right, "no boundaries drawn", reason)
        return
    left, right = zone_end(boundary, "left"), zone_end(boundary, "right")
    below = left.verdict is SideVerdict.BELOW_RANGE
    start = left.value if left.found else (axes.low if below else axes.left)
    end = right.value if right.found else axes.right
    if left.found:
        _bad_zone(figure, axes, left, (axes.left, start), Cause.OVERFITTING, "ends at")
    if right.found:
        _bad_zone(figure, axes, right, (end, axes.right), Cause.UNDERFITTING, "starts at")
    if left.known and right.known:
        _zone(figure, REGIMES["good"], start, end)
        factor = f"a factor of {digits(end / start, 2)}" if left.found and right.found else ""
        _name_zone(figure, axes, start, end, "good", [*_open_ends(left, right), factor])
    else:
        _name_zone(figure, axes, start, end, "", _unsettled(left, right))
    for side in (left, right):
        _edge(figure, axes, side)


def _bad_zone(
    figure: go.Figure,
    axes: PathAxes,
    side: ZoneEnd,
    ends: tuple[float, float],
    usual: Cause,
    verb: str,
) -> None:
    """The zone beyond a found boundary, under its name if that is what its cause was."""
    _zone(figure, REGIMES[usual], *ends)
    lines = [f"{verb} {strength_text(side.value)}", side.interval, other_cause(side, usual)]
    _name_zone(figure, axes, *ends, regime_name(side, usual), lines)


def _unsettled(left: ZoneEnd, right: ZoneEnd) -> list[str]:
    """One-sided bounds of what is not settled."""
    lines = ["not settled:"]
    if not left.known:
        lines.append(f"overfitting ends below {strength_text(left.high)}, if at all")
    if not right.known:
        lines.append(f"underfitting starts above {strength_text(right.low)}, if at all")
    return lines


def _open_ends(left: ZoneEnd, right: ZoneEnd) -> list[str]:
    """Why the good zone reaches an end of the axes."""
    if left.verdict is right.verdict is SideVerdict.NONE:
        return ["no boundary in the searched range"]
    reasons = {
        SideVerdict.NONE: "down to no regularization",
        SideVerdict.BELOW_RANGE: "overfitting ends below the range",
    }
    lines = [reasons[left.verdict]] if left.verdict in reasons else []
    return lines + (["up to the end of the range"] if right.verdict is SideVerdict.NONE else [])


def _zone(figure: go.Figure, colour: str, low: float, high: float) -> None:
    figure.add_shape(
        type="rect", x0=low, x1=high, y0=0, y1=1, xref="x", yref="paper", layer="below",
        line={"width": 0}, fillcolor=fade(colour, 0.12),
    )  # fmt: skip


def _name_zone(
    figure: go.Figure, axes: PathAxes, low: float, high: float, name: str, lines: Sequence[str]
) -> None:
    """The regime's name and its numbers beneath; the page makes both fit into the zone's width."""
    middle = math.log10(math.sqrt(low * high))
    common = {"x": middle, "xref": "x", "yref": "paper", "showarrow": False, "yanchor": "top"}
    if name:
        figure.add_annotation(**common, y=0.985, text=f"<b>{name}</b>", font={"size": 14})
        _note_width(figure, axes, low, high, "regime")
    text = "<br>".join(line for line in lines if line)
    if text:
        figure.add_annotation(
            **common, y=0.985, yshift=-NAME_HEIGHT, text=text,
            font={"size": 12, "color": MUTED},
        )  # fmt: skip
        _note_width(figure, axes, low, high, "detail")


def _note_width(figure: go.Figure, axes: PathAxes, low: float, high: float, kind: str) -> None:
    """Tells the page's script, by the place of the last annotation, what it is a label of."""
    place, share = len(figure.layout.annotations) - 1, round(axes.share(low, high), 3)
    known = (figure.layout.meta or {}).get("labels", ())
    add_meta(figure, labels=[*known, {"annotation": place, "kind": kind, "share": share}])


def _edge(figure: go.Figure, axes: PathAxes, side: ZoneEnd) -> None:
    """A boundary's line with its interval as a band; an unsettled one has a dashed, open band."""
    if side.verdict not in (SideVerdict.FOUND, SideVerdict.INCONCLUSIVE):
        return
    low = max(side.low, axes.left) if math.isfinite(side.low) else axes.left
    high = min(side.high, axes.right) if math.isfinite(side.high) else axes.right
    dash = "solid" if side.found else "dot"
    figure.add_shape(
        type="rect", x0=low, x1=high, y0=0, y1=1, xref="x", yref="paper", layer="below",
        line={"width": 0 if side.found else 1, "dash": dash, "color": MUTED},
        fillcolor=fade(INK, 0.13 if side.found else 0.04),
    )  # fmt: skip
    if side.found:
        figure.add_shape(
            type="line", x0=side.value, x1=side.value, y0=0, y1=1, xref="x", yref="paper",
            line={"width": 1.5, "color": INK},
        )  # fmt: skip
        if not any(trace.name == BOUNDARY_KEY for trace in figure.data):
            figure.add_scatter(
                x=[None], y=[None], mode="lines+markers", name=BOUNDARY_KEY, hoverinfo="skip",
                line={"color": INK, "width": 1.5}, legendrank=1100,
                marker={"symbol": "square", "size": 12, "color": fade(INK, 0.2)},
            )  # fmt: skip
