"""Rows of a figure: bars of good strengths over a log axis, and dots with their intervals."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from dashboards.figures.style import (
    INK,
    MUTED,
    colour_of,
    fade,
    new_figure,
    strength_ticks,
    value_range,
)
from dashboards.gather.columns import ends_of
from dashboards.gather.numbers import interval, measured, plain, strength_text
from dashboards.gather.sides import ZoneEnd, why_no_boundaries, zone_end
from sweep.statistics.verdicts import SideVerdict

ROW_HEIGHT = 62
OPEN_SIDES = {
    SideVerdict.NONE: "none in range",
    SideVerdict.BELOW_RANGE: "below the range",
}


@dataclass(frozen=True)
class Bar:
    """A row's name, whose colour it has, its boundary, and the range that was searched."""

    name: str
    penalty: str
    boundary: Mapping[str, Any] | None
    low: float
    high: float


def bar_over(
    name: str, penalty: str, boundary: Mapping[str, Any] | None, strengths: pd.Series
) -> Bar:
    """A bar over the strengths above 0 of a path."""
    searched = strengths[strengths > 0]
    return Bar(name, penalty, boundary, float(searched.min()), float(searched.max()))


def plot_bars(bars: Sequence[Bar], title: str) -> go.Figure:
    """Good zones one above the other, the first at the top."""
    low, high = min(bar.low for bar in bars), max(bar.high for bar in bars)
    figure = new_figure(90 + ROW_HEIGHT * len(bars))
    for row, bar in enumerate(reversed(bars)):
        _searched(figure, row, bar.low, bar.high)
        reason = why_no_boundaries(bar.boundary)
        if bar.boundary is None or reason:
            _row_note(figure, row, math.sqrt(bar.low * bar.high), ": ".join(reason))
        else:
            _draw_bar(figure, row, bar, bar.boundary)
    values, texts = strength_ticks(low, high)
    figure.update_layout(
        xaxis={
            "type": "log", "tickvals": values, "ticktext": texts,
            "range": [math.log10(low) - 0.3, math.log10(high) + 0.3], "title": {"text": title},
        },
        yaxis={
            "tickvals": list(range(len(bars))), "ticktext": [bar.name for bar in reversed(bars)],
            "range": [-0.6, len(bars) - 0.4], "showgrid": False, "ticks": "",
            "tickfont": {"size": 14, "color": INK},
        },
        showlegend=False,
    )  # fmt: skip
    return figure


def _searched(figure: go.Figure, row: int, low: float, high: float) -> None:
    figure.add_shape(
        type="line", x0=low, x1=high, y0=row, y1=row, layer="below",
        line={"color": fade(MUTED, 0.5), "width": 1},
    )  # fmt: skip


def _row_note(figure: go.Figure, row: int, x: float, text: str, yshift: int = 14) -> None:
    figure.add_annotation(
        x=math.log10(x), y=row, text=text, showarrow=False, yshift=yshift,
        font={"size": 12, "color": MUTED},
    )  # fmt: skip


def _draw_bar(figure: go.Figure, row: int, bar: Bar, boundary: Mapping[str, Any]) -> None:
    """The zone of good strengths, its ends, and the best strength."""
    left, right = zone_end(boundary, "left"), zone_end(boundary, "right")
    colour = colour_of(bar.penalty)
    if left.known and right.known:
        start = left.value if left.found else bar.low
        end = right.value if right.found else bar.high
        figure.add_shape(
            type="rect", x0=start, x1=end, y0=row - 0.17, y1=row + 0.17, layer="below",
            line={"width": 0}, fillcolor=fade(colour, 0.3),
        )  # fmt: skip
    _draw_end(figure, row, bar, left, "overfitting ends", is_left=True)
    _draw_end(figure, row, bar, right, "underfitting starts", is_left=False)
    best = float(boundary["best"])
    figure.add_scatter(
        x=[best], y=[row], mode="markers", hoverinfo="text",
        marker={"symbol": "diamond", "size": 11, "color": colour},
        hovertext=[f"{bar.name}: best at {strength_text(best)}"],
    )  # fmt: skip


def _draw_end(
    figure: go.Figure, row: int, bar: Bar, end: ZoneEnd, words: str, *, is_left: bool
) -> None:
    """A stroke with its interval and number, or words where there is no boundary."""
    if not end.found:
        edge = bar.low if is_left else bar.high
        text = OPEN_SIDES.get(end.verdict, "not settled")
        # numbers stand above the bar, and so does the first of two notes: a narrow bar has no room
        # for two beside each other
        above = is_left and not zone_end(bar.boundary, "right").found
        _row_note(figure, row, edge * (4 if is_left else 1 / 4), text, 20 if above else -20)
        return
    colour = colour_of(bar.penalty)
    figure.add_scatter(
        x=[end.value], y=[row], mode="markers", hoverinfo="text",
        marker={"symbol": "line-ns", "size": 18, "line": {"width": 2.5, "color": colour}},
        error_x={
            "type": "data", "symmetric": False, "color": colour, "thickness": 2.5, "width": 6,
            "array": [_reach(end.high, bar.high) - end.value],
            "arrayminus": [end.value - _reach(end.low, bar.low)],
        },
        hovertext=[f"{bar.name}: {words} at {strength_text(end.value)} {end.interval}"],
    )  # fmt: skip
    figure.add_annotation(
        x=math.log10(end.value), y=row, text=strength_text(end.value), showarrow=False, yshift=20,
        xanchor="right" if is_left else "left", xshift=10 if is_left else -10,
        font={"size": 12, "color": MUTED},
    )  # fmt: skip


def _reach(end: float, edge: float) -> float:
    """An interval's end; an open one reaches the edge of what was searched."""
    return end if math.isfinite(end) else edge


def plot_dots(
    figure: go.Figure,
    rows: pd.DataFrame,
    column: str,
    colours: list[str],
    shift: float,
    name: str,
) -> None:
    """A dot with its interval per row."""
    hollow = column == "unregularized"
    for i, (row, colour) in enumerate(zip(rows.to_dict("records"), colours, strict=True)):
        mean, low, high = (float(row[c]) for c in (column, *ends_of(column)))
        figure.add_scatter(
            x=[mean], y=[i + shift], mode="markers", showlegend=False,
            marker={
                "size": 11, "symbol": "circle-open" if hollow else "circle", "color": colour,
                "line": {"width": 2, "color": colour},
            },
            error_x={
                "type": "data", "symmetric": False, "color": colour, "width": 5, "thickness": 2,
                "array": [high - mean], "arrayminus": [mean - low],
            },
            hovertext=[f"{plain(row['penalty'])}, {name}: {measured(mean)} {interval(low, high)}"],
            hoverinfo="text",
        )  # fmt: skip
        figure.add_annotation(
            x=high if math.isfinite(high) else mean, y=i + shift, text=measured(mean),
            showarrow=False, xanchor="left", xshift=10,
            font={"size": 12, "color": MUTED},
        )  # fmt: skip


def row_axis(
    figure: go.Figure, names: list[str], title: str, rows: pd.DataFrame, columns: Sequence[str]
) -> None:
    """Named rows over an axis that holds these means with their intervals, from zero where it can,
    with room for labels on the right.
    """
    shown = rows[[name for column in columns for name in (column, *ends_of(column))]]
    lowest, highest = float(shown.min().min()), float(shown.max().max())
    figure.update_layout(
        xaxis={"title": {"text": title}, "range": value_range(lowest, highest, 0.12)},
        meta={"narrow": {"xaxis.range": value_range(lowest, highest, 0.4)}},
        yaxis={
            "tickvals": list(range(len(names))), "ticktext": [plain(n) for n in names],
            "range": [-0.6, len(names) - 0.3], "showgrid": False, "ticks": "",
            "tickfont": {"size": 14, "color": INK},
        },
    )  # fmt: skip
