"""Penalties side by side: their zones, their best losses, and how they fare on the test split.

Strengths of different penalties are different quantities, so zones are compared by their width and
losses by their values. Differences are paired: the same resamples, seeds and batch order on both
sides.
"""

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
    UNREGULARIZED,
    colour_of,
    fade,
    new_figure,
    strength_ticks,
)
from dashboards.gather.metric_format import judged
from dashboards.gather.numbers import digits, interval, loss_title, plain
from dashboards.gather.sides import side_of, why_no_boundaries
from dashboards.gather.tables import (
    Estimate,
    Study,
    best_point,
    boundary_of,
    estimate_mean,
    paired_difference,
    path_table,
    path_trials,
    path_units,
    penalties_of,
)
from sweep.metrics.metric import objective_of

ROW_HEIGHT = 62
OPEN_SIDES = {"none": "none in range", "below": "below the range"}

# ---- zones -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Zone:
    """One bar: its name, whose colour it has, its boundary, and the range that was searched."""

    name: str
    penalty: str
    boundary: Mapping[str, Any] | None
    low: float
    high: float


def zones_figure(trials: pd.DataFrame, boundaries: pd.DataFrame, study: Study) -> go.Figure:
    """One bar per penalty: the good zone, the 95 % interval of each end, and the best strength."""
    zones = []
    for penalty in penalties_of(trials, study):
        strengths = path_trials(trials, penalty)["strength"]
        boundary = boundary_of(boundaries, penalty, str(study["objective"]))
        zones.append(zone_of(plain(penalty), penalty, boundary, strengths))
    return bars_of(zones, "strength (each penalty's own unit)")


def zone_of(
    name: str, penalty: str, boundary: Mapping[str, Any] | None, strengths: pd.Series
) -> Zone:
    """A bar over the strengths above 0 of a path."""
    searched = strengths[strengths > 0]
    return Zone(name, penalty, boundary, float(searched.min()), float(searched.max()))


def bars_of(zones: Sequence[Zone], title: str) -> go.Figure:
    """Good zones one above the other, the first at the top."""
    low, high = min(zone.low for zone in zones), max(zone.high for zone in zones)
    figure = new_figure(90 + ROW_HEIGHT * len(zones))
    for row, zone in enumerate(reversed(zones)):
        _searched(figure, row, zone.low, zone.high)
        reason = why_no_boundaries(zone.boundary)
        if zone.boundary is None or reason:
            _row_note(figure, row, math.sqrt(zone.low * zone.high), reason)
        else:
            _zone_row(figure, row, zone, zone.boundary)
    values, texts = strength_ticks(low, high)
    figure.update_layout(
        xaxis={
            "type": "log", "tickvals": values, "ticktext": texts,
            "range": [math.log10(low) - 0.3, math.log10(high) + 0.3], "title": {"text": title},
        },
        yaxis={
            "tickvals": list(range(len(zones))), "ticktext": [z.name for z in reversed(zones)],
            "range": [-0.6, len(zones) - 0.4], "showgrid": False, "ticks": "",
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


def _zone_row(figure: go.Figure, row: int, zone: Zone, boundary: Mapping[str, Any]) -> None:
    colour, low, high = colour_of(zone.penalty), zone.low, zone.high
    left, right = side_of(boundary, "left"), side_of(boundary, "right")
    if left.known and right.known:
        start = left.value if left.found else low
        end = right.value if right.found else high
        figure.add_shape(
            type="rect", x0=start, x1=end, y0=row - 0.17, y1=row + 0.17, layer="below",
            line={"width": 0}, fillcolor=fade(colour, 0.3),
        )  # fmt: skip
    for side, word in ((left, "overfitting ends"), (right, "underfitting starts")):
        if not side.found:
            edge = low if side is left else high
            text = OPEN_SIDES.get(side.kind, "not settled")
            _row_note(figure, row, edge * (4 if side is left else 1 / 4), text, 20)
            continue
        figure.add_scatter(
            x=[side.value], y=[row], mode="markers", hoverinfo="text",
            marker={"symbol": "line-ns", "size": 18, "line": {"width": 2.5, "color": colour}},
            error_x={
                "type": "data", "symmetric": False, "color": colour, "thickness": 2.5, "width": 6,
                "array": [_reach(side.high, high) - side.value],
                "arrayminus": [side.value - _reach(side.low, low)],
            },
            hovertext=[
                f"{zone.name}: {word} at {digits(side.value)} {side.interval}"
            ],
        )  # fmt: skip
        figure.add_annotation(
            x=math.log10(side.value), y=row, text=digits(side.value), showarrow=False, yshift=20,
            xanchor="right" if side is left else "left", xshift=10 if side is left else -10,
            font={"size": 12, "color": MUTED},
        )  # fmt: skip
    best = float(boundary["best"])
    figure.add_scatter(
        x=[best], y=[row], mode="markers", hoverinfo="text",
        marker={"symbol": "diamond", "size": 11, "color": colour},
        hovertext=[f"{zone.name}: best at {digits(best)}"],
    )  # fmt: skip


def _reach(end: float, edge: float) -> float:
    """An interval's end; an open one reaches the edge of what was searched."""
    return end if math.isfinite(end) else edge


# ---- best losses -------------------------------------------------------------------------------


def best_table(trials: pd.DataFrame, runs: pd.DataFrame, study: Study) -> pd.DataFrame:
    """One row per penalty: its best ladder point and its anchor, and their paired difference.

    Columns ``penalty``, ``strength``, ``val_loss`` and ``unregularized`` with ``_low`` and
    ``_high`` (95 %), ``change`` (best - unregularized) with its interval, and ``val_<metric>``
    and ``unregularized_<metric>`` for the accuracy and the study's own metric if there is one.
    """
    rows = []
    for penalty in penalties_of(trials, study):
        table = path_table(trials, runs, penalty, study)
        if "val_loss" not in table:
            continue
        units = path_units(trials, runs, penalty, study)
        strength = best_point(table, objective_of(study))
        best, anchor = units[units["strength"] == strength], units[units["strength"] == 0]
        best_mean = estimate_mean(best["val_loss"].to_numpy(), study)
        anchor_mean = estimate_mean(anchor["val_loss"].to_numpy(), study)
        row: dict[str, Any] = {"penalty": penalty, "strength": strength}
        row |= estimate_columns("val_loss", best_mean, least=0.0)
        row |= estimate_columns("unregularized", anchor_mean, least=0.0)
        row |= estimate_columns("change", paired_difference(best, anchor, "val_loss", study))
        for metric in judged(study)[1:]:
            if metric.validation in best and best[metric.validation].notna().any():
                row[metric.validation] = best[metric.validation].mean()
                row[f"unregularized_{metric.name}"] = anchor[metric.validation].mean()
        rows.append(row)
    return pd.DataFrame(rows)


def estimate_columns(name: str, estimate: Estimate, least: float = -math.inf) -> dict[str, float]:
    """A mean and its interval as columns; ``least`` is the lowest value there can be."""
    low = max(estimate.low, least) if math.isfinite(estimate.low) else estimate.low
    return {name: estimate.mean, f"{name}_low": low, f"{name}_high": estimate.high}


def best_loss_figure(table: pd.DataFrame, study: Study) -> go.Figure:
    """Validation loss of each penalty at its best and of its anchor, with 95 % intervals."""
    rows = table.iloc[::-1].reset_index(drop=True)
    figure = new_figure(110 + ROW_HEIGHT * len(rows))
    names = [str(p) for p in rows["penalty"]]
    colours = [colour_of(p, names) for p in names]
    dots(figure, rows, "unregularized", [UNREGULARIZED] * len(rows), -0.14, "no regularization")
    dots(figure, rows, "val_loss", colours, 0.14, "best strength")
    for name, symbol in (("best strength", "circle"), ("no regularization", "circle-open")):
        figure.add_scatter(
            x=[None], y=[None], mode="markers", name=name,
            marker={
                "symbol": symbol, "size": 11, "color": UNREGULARIZED,
                "line": {"width": 2, "color": UNREGULARIZED},
            },
        )  # fmt: skip
    highest = float(rows[["val_loss", "val_loss_high"]].max().max())
    highest = max(highest, float(rows[["unregularized", "unregularized_high"]].max().max()))
    row_axis(figure, names, loss_title(str(study.get("task")), "validation"), highest)
    return figure


def dots(
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
        mean, low, high = (float(row[c]) for c in (column, f"{column}_low", f"{column}_high"))
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
            hovertext=[f"{plain(row['penalty'])}, {name}: {digits(mean)} {interval(low, high)}"],
            hoverinfo="text",
        )  # fmt: skip
        figure.add_annotation(
            x=high if math.isfinite(high) else mean, y=i + shift, text=digits(mean),
            showarrow=False, xanchor="left", xshift=10,
            font={"size": 12, "color": MUTED},
        )  # fmt: skip


def row_axis(figure: go.Figure, names: list[str], title: str, highest: float) -> None:
    """Named rows over an axis from zero, with room for labels on the right."""
    figure.update_layout(
        xaxis={"title": {"text": title}, "range": [0, 1.12 * highest]},
        meta={"narrow": {"xaxis.range": [0, 1.4 * highest]}},
        yaxis={
            "tickvals": list(range(len(names))), "ticktext": [plain(n) for n in names],
            "range": [-0.6, len(names) - 0.3], "showgrid": False, "ticks": "",
            "tickfont": {"size": 14, "color": INK},
        },
    )  # fmt: skip
