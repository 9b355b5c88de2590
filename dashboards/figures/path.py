"""The main figure: losses against strength through the best trial of a penalty, in three regimes.

Training and validation loss over the ladder of strengths, their spread over resamples, the zones
where the model overfits, does well and underfits, both boundaries with their 95 % intervals, and
the exact zero-strength anchor left of a broken axis. Decay has a second axis in epochs, L1 one for
the share of exact zeros. Nothing is shaded that the statistics did not find.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from dashboards.figures.path_axes import (
    HEIGHT,
    NARROW,
    Frame,
    choose_frame,
    draw_axes,
    draw_sparsity,
    draw_timescale,
)
from dashboards.figures.style import INK, MUTED, REGIMES, colour_of, fade, new_figure
from dashboards.gather.metric_format import metric_named, scale_of, unit_of, value_text
from dashboards.gather.numbers import digits
from dashboards.gather.sides import Side, other_cause, regime_name, side_of, why_no_boundaries
from dashboards.gather.tables import Study, boundary_of, path_table, unit_word
from sweep.metrics.metric import Metric


def path_figure(
    trials: pd.DataFrame,
    runs: pd.DataFrame,
    boundaries: pd.DataFrame,
    study: Study,
    penalty: str,
    metric: str = "val_loss",
) -> go.Figure:
    """Validation and training ``metric`` against strength, with the regimes and their boundaries.

    ``metric`` is val_loss, val_accuracy or val_<the study's own>; accuracies are drawn in %.
    """
    table = path_table(trials, runs, penalty, study)
    figure = draw_path(table, boundary_of(boundaries, penalty, metric), study, penalty, metric)
    frame = choose_frame(table, metric_named(study, metric))
    if penalty == "decay":
        draw_timescale(figure, frame, trials, study)
    if penalty == "l1" and "zeros_share" in table:
        draw_sparsity(figure, frame, table)
    return figure


def draw_path(
    table: pd.DataFrame,
    boundary: Mapping[str, Any] | None,
    study: Study,
    penalty: str,
    metric: str = "val_loss",
) -> go.Figure:
    """The figure of a path from its ``path_table`` and its row of ``boundaries_frame``."""
    judge = metric_named(study, metric)
    frame = choose_frame(table, judge)
    figure = new_figure(HEIGHT)
    figure.update_layout(meta={"narrow": NARROW})
    draw_axes(figure, frame, study, penalty, judge)
    _regimes(figure, frame, boundary)
    _lines(figure, frame, table, study, penalty, judge)
    _levels(figure, frame, table, boundary, judge)
    _best(figure, frame, boundary, penalty, judge)
    _notes(figure, frame, table, judge)
    return figure


# ---- the regimes -------------------------------------------------------------------------------


def _regimes(figure: go.Figure, frame: Frame, boundary: Mapping[str, Any] | None) -> None:
    """Shades and names what was found; says in words what was not."""
    reason = why_no_boundaries(boundary)
    if reason:
        lines = reason.split(": ")
        _name_zone(figure, frame, frame.left, frame.right, "no boundaries drawn", lines)
        return
    left, right = side_of(boundary, "left"), side_of(boundary, "right")
    start = left.value if left.found else (frame.low if left.kind == "below" else frame.left)
    end = right.value if right.found else frame.right
    if left.found:
        _bad_zone(figure, frame, left, (frame.left, start), "overfitting", "ends at")
    if right.found:
        _bad_zone(figure, frame, right, (end, frame.right), "underfitting", "starts at")
    if left.known and right.known:
        _zone(figure, REGIMES["good"], start, end)
        factor = f"a factor of {digits(end / start, 2)}" if left.found and right.found else ""
        _name_zone(figure, frame, start, end, "good", [*_open_ends(left, right), factor])
    else:
        _name_zone(figure, frame, start, end, "", _unsettled(left, right))
    for side in (left, right):
        _edge(figure, frame, side)


def _bad_zone(
    figure: go.Figure, frame: Frame, side: Side, ends: tuple[float, float], usual: str, verb: str
) -> None:
    """The zone beyond a found boundary, under its name if that is what its cause was."""
    _zone(figure, REGIMES[usual], *ends)
    lines = [f"{verb} {digits(side.value)}", side.interval, other_cause(side, usual)]
    _name_zone(figure, frame, *ends, regime_name(side, usual), lines)


def _unsettled(left: Side, right: Side) -> list[str]:
    """One-sided bounds of what is not settled."""
    lines = ["not settled:"]
    if not left.known:
        lines.append(f"overfitting ends below {digits(left.high)}, if at all")
    if not right.known:
        lines.append(f"underfitting starts above {digits(right.low)}, if at all")
    return lines


def _open_ends(left: Side, right: Side) -> list[str]:
    """Why the good zone reaches an end of the frame."""
    if left.kind == "none" and right.kind == "none":
        return ["no boundary in the searched range"]
    reasons = {"none": "down to no regularization", "below": "overfitting ends below the range"}
    lines = [reasons[left.kind]] if left.kind in reasons else []
    return lines + (["up to the end of the range"] if right.kind == "none" else [])


def _zone(figure: go.Figure, colour: str, low: float, high: float) -> None:
    figure.add_shape(
        type="rect", x0=low, x1=high, y0=0, y1=1, xref="x", yref="paper", layer="below",
        line={"width": 0}, fillcolor=fade(colour, 0.12),
    )  # fmt: skip


NAME_HEIGHT = 20
"""Pixels from a regime's name to its numbers, however high the figure is."""


def _name_zone(
    figure: go.Figure, frame: Frame, low: float, high: float, name: str, lines: list[str]
) -> None:
    """The regime's name and its numbers beneath; both carry the zone's width for narrow screens."""
    share = f"{frame.share(low, high):.3f}"
    middle = math.log10(math.sqrt(low * high))
    common = {"x": middle, "xref": "x", "yref": "paper", "showarrow": False, "yanchor": "top"}
    if name:
        figure.add_annotation(
            **common, y=0.985, text=f"<b>{name}</b>", name=f"regime {share}", font={"size": 14}
        )
    text = "<br>".join(line for line in lines if line)
    if text:
        figure.add_annotation(
            **common, y=0.985, yshift=-NAME_HEIGHT, text=text, name=f"detail {share}",
            font={"size": 12, "color": MUTED},
        )  # fmt: skip


def _edge(figure: go.Figure, frame: Frame, side: Side) -> None:
    """A boundary's line with its interval as a band; an unsettled one has a dashed, open band."""
    if side.kind not in ("found", "open"):
        return
    low = max(side.low, frame.left) if math.isfinite(side.low) else frame.left
    high = min(side.high, frame.right) if math.isfinite(side.high) else frame.right
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


BOUNDARY_KEY = "boundary and its 95 % interval"


# ---- the curves --------------------------------------------------------------------------------


def _lines(
    figure: go.Figure,
    frame: Frame,
    table: pd.DataFrame,
    study: Study,
    penalty: str,
    metric: Metric,
) -> None:
    """Mean lines with bands; the zero-strength anchor stands apart."""
    colour = colour_of(penalty, list(study.get("penalties", ())))
    units = unit_word(study)
    scale, word = scale_of(metric), metric.name
    for name, column, dash in (
        ("validation", metric.validation, "solid"),
        ("training", metric.training, "dash"),
    ):
        if column not in table:
            continue
        rows = table[table[column].notna()]
        ladder, anchor = rows[rows["strength"] > 0], rows[rows["strength"] == 0]
        _band(figure, frame, ladder, column, colour, scale, f"{name}, middle 80 % of {units}")
        figure.add_scatter(
            x=ladder["strength"].to_numpy(), y=frame.clip(scale * ladder[column].to_numpy()),
            mode="lines+markers", name=f"{name} {word}, mean",
            line={"color": colour, "width": 2.5, "dash": dash}, marker={"size": 5},
            hovertext=_hover(ladder, column, f"{name} {word}", metric), hoverinfo="text",
        )  # fmt: skip
        if len(anchor):
            _anchor(figure, frame, anchor, column, colour, metric, dash, f"{name} {word}")


def _band(
    figure: go.Figure, frame: Frame, rows: pd.DataFrame, column: str, colour: str, scale: float,
    name: str,
) -> None:  # fmt: skip
    strengths = rows["strength"].to_numpy()
    low, high = rows[f"{column}_low"].to_numpy(), rows[f"{column}_high"].to_numpy()
    figure.add_scatter(
        x=np.concatenate([strengths, strengths[::-1]]),
        y=frame.clip(scale * np.concatenate([high, low[::-1]])),
        fill="toself", fillcolor=fade(colour, 0.18), line={"width": 0}, mode="lines",
        name=name, hoverinfo="skip", showlegend=column.startswith("val_"), legendrank=1010,
    )  # fmt: skip


def _anchor(
    figure: go.Figure, frame: Frame, row: pd.DataFrame, column: str, colour: str, metric: Metric,
    dash: str, name: str,
) -> None:  # fmt: skip
    """The unregularized model: a circle (validation) or a square (training) with its spread."""
    scale = scale_of(metric)
    mean = scale * row[column].to_numpy()
    figure.add_scatter(
        x=[frame.anchor], y=mean, mode="markers", showlegend=False,
        marker={
            "size": 10 if dash == "solid" else 8, "color": colour,
            "symbol": "circle" if dash == "solid" else "square",
        },
        error_y={
            "type": "data", "symmetric": False, "thickness": 1.5, "width": 4, "color": colour,
            "array": scale * row[f"{column}_high"].to_numpy() - mean,
            "arrayminus": mean - scale * row[f"{column}_low"].to_numpy(),
        },
        hovertext=_hover(row, column, name, metric), hoverinfo="text",
    )  # fmt: skip


def _hover(rows: pd.DataFrame, column: str, name: str, metric: Metric) -> list[str]:
    show = partial(value_text, metric)
    return [
        f"strength {digits(row['strength'])}<br>{name} {show(row[column])}"
        f"<br>middle 80 %: {show(row[f'{column}_low'])} to {show(row[f'{column}_high'])}"
        for row in rows.to_dict("records")
    ]


def _levels(
    figure: go.Figure,
    frame: Frame,
    table: pd.DataFrame,
    boundary: Mapping[str, Any] | None,
    metric: Metric,
) -> None:
    """The constant predictor's value, and the loss at which a boundary is drawn."""
    ends = [frame.left, frame.right]
    if metric.null in table:
        null = float(table[metric.null].mean())
        _level(figure, ends, null, f"constant predictor ({digits(null)})", "dot", MUTED)
    if boundary is None or why_no_boundaries(boundary):
        return
    threshold = _shown(float(boundary["threshold_loss"]), metric)
    if math.isfinite(threshold):
        share = f"{100 * float(boundary['rho']):g} %"
        unit = unit_of(metric)
        name = f"threshold: {share} of the possible gain lost ({digits(threshold)}{unit})"
        _level(figure, ends, threshold, name, "solid", MUTED)


def _shown(loss: float, metric: Metric) -> float:
    """Boundaries keep whatever is maximized as a loss; the figure shows it as it is."""
    return scale_of(metric) * float(metric.as_loss(loss))


def _level(
    figure: go.Figure, ends: list[float], value: float, name: str, dash: str, colour: str
) -> None:
    figure.add_scatter(
        x=ends, y=[value, value], mode="lines", name=name, hoverinfo="skip",
        line={"color": colour, "width": 1.2, "dash": dash},
    )  # fmt: skip


def _best(
    figure: go.Figure,
    frame: Frame,
    boundary: Mapping[str, Any] | None,
    penalty: str,
    metric: Metric,
) -> None:
    """A diamond at the estimated best strength."""
    if boundary is None or why_no_boundaries(boundary):
        return
    best, loss = float(boundary["best"]), float(boundary["best_loss"])
    if not (best > 0 and math.isfinite(best) and math.isfinite(loss)):
        return
    figure.add_scatter(
        x=[best], y=[_shown(loss, metric)], mode="markers",
        name=f"best: strength {digits(best)}", marker={
            "symbol": "diamond", "size": 12, "color": colour_of(penalty),
            "line": {"width": 1.5, "color": INK},
        },
        hovertext=[
            f"best strength {digits(best)}<br>95 %: "
            f"{digits(float(boundary['best_low']))} to {digits(float(boundary['best_high']))}"
        ],
        hoverinfo="text",
    )  # fmt: skip


def _notes(figure: go.Figure, frame: Frame, table: pd.DataFrame, metric: Metric) -> None:
    """What the frame does not show is said in the legend: values outside, runs that diverged."""
    column, up = metric.validation, not metric.maximize
    edge = frame.top * 1.0001 if up else frame.bottom
    outside = table[table[column] > edge] if up else table[table[column] * scale_of(metric) < edge]
    if len(outside):
        listed = ", ".join(
            f"{value_text(metric, r[column])} at {digits(r['strength'])}"
            for r in outside.head(3).to_dict("records")
        )
        more = f" and {len(outside) - 3} more" if len(outside) > 3 else ""
        word = metric.name
        symbol, where = ("triangle-up", "above") if up else ("triangle-down", "below")
        figure.add_scatter(
            x=[frame.place(s) for s in outside["strength"]],
            y=[frame.top if up else frame.bottom] * len(outside),
            mode="markers", marker={"symbol": symbol, "size": 11, "color": INK},
            name=f"{where} the frame: {listed}{more}", hoverinfo="text",
            hovertext=[f"validation {word} {value_text(metric, v)}" for v in outside[column]],
        )  # fmt: skip
    lost = table[table["diverged"] > 0]
    if len(lost):
        figure.add_scatter(
            x=[frame.place(s) for s in lost["strength"]],
            y=[frame.bottom + (0 if frame.log else 0.02 * (frame.top - frame.bottom))] * len(lost),
            mode="markers", marker={"symbol": "x", "size": 8, "color": INK},
            name="runs diverged here and are left out", hoverinfo="text",
            hovertext=[
                f"strength {digits(r['strength'])}: {r['diverged']} runs diverged"
                for r in lost.to_dict("records")
            ],
        )  # fmt: skip
