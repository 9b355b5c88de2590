"""The main figure: losses against strength through the best trial of a penalty, in three regimes.

Training and validation loss over the ladder of strengths, their spread over resamples, the zones
where the model overfits, does well and underfits, both boundaries with their 95 % intervals, and
the exact zero-strength anchor left of a broken axis. Decay has a second axis in epochs and runs,
L1 one for the share of exact zeros.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from dashboards.figures.path_axes import (
    HEIGHT,
    NARROW,
    PathAxes,
    choose_axes,
    plot_axes,
    plot_sparsity,
    plot_timescale,
)
from dashboards.figures.path_curves import plot_curves
from dashboards.figures.path_labels import PathLabels, labels_of
from dashboards.figures.path_regimes import plot_regimes
from dashboards.figures.style import INK, MUTED, add_meta, colour_of, new_figure
from dashboards.gather.frames import Frames
from dashboards.gather.metric_format import scale_of, unit_of, value_text
from dashboards.gather.numbers import measured, percent, strength_text
from dashboards.gather.sides import why_no_boundaries
from sweep.metrics.metric import Metric
from sweep.regularizers.catalogue import has_timescale, reports_zeros


def path_figure(frames: Frames, penalty: str, metric: str = "val_loss") -> go.Figure:
    """Validation and training ``metric`` against strength, with the regimes and their boundaries.

    ``metric`` is val_loss, val_accuracy or val_<the study's own>; accuracies are drawn in %.
    """
    table, facts = frames.path_tables[penalty], frames.study
    labels = labels_of(facts, penalty, metric)
    figure = plot_path(table, frames.boundary(penalty, metric), labels)
    axes = choose_axes(table, labels.metric)
    if has_timescale(penalty):
        plot_timescale(figure, axes, frames.trials, facts, penalty)
    if reports_zeros(penalty) and "zeros_share" in table:
        plot_sparsity(figure, axes, table)
    return figure


def plot_path(
    table: pd.DataFrame, boundary: Mapping[str, Any] | None, labels: PathLabels
) -> go.Figure:
    """The figure of a path from its ``path_table`` and its row of ``boundaries_frame``."""
    metric = labels.metric
    axes = choose_axes(table, metric)
    figure = new_figure(HEIGHT)
    add_meta(figure, narrow=NARROW)
    plot_axes(figure, axes, labels)
    plot_regimes(figure, axes, boundary)
    plot_curves(figure, axes, table, labels)
    _levels(figure, axes, table, boundary, metric)
    _best(figure, axes, boundary, labels.penalty, metric)
    _notes(figure, axes, table, metric)
    return figure


def _levels(
    figure: go.Figure,
    axes: PathAxes,
    table: pd.DataFrame,
    boundary: Mapping[str, Any] | None,
    metric: Metric,
) -> None:
    """The constant predictor's value, and the loss at which a boundary is drawn."""
    ends = [axes.left, axes.right]
    if metric.null in table:
        null = float(table[metric.null].mean())
        _level(figure, ends, null, f"constant predictor ({measured(null)})", "dot", MUTED)
    if boundary is None or why_no_boundaries(boundary):
        return
    threshold = _shown(float(boundary["threshold_loss"]), metric)
    if math.isfinite(threshold):
        share = percent(float(boundary["rho"]))
        unit = unit_of(metric)
        name = f"threshold: {share} of the possible gain lost ({measured(threshold)}{unit})"
        _level(figure, ends, threshold, name, "solid", MUTED)


def _shown(loss: float, metric: Metric) -> float:
    """Boundaries keep what is maximized as a loss; the figure shows it as it is."""
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
    axes: PathAxes,
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
        name=f"best: strength {strength_text(best)}", marker={
            "symbol": "diamond", "size": 12, "color": colour_of(penalty),
            "line": {"width": 1.5, "color": INK},
        },
        hovertext=[
            f"best strength {strength_text(best)}<br>95 %: "
            f"{strength_text(float(boundary['best_low']))} to "
            f"{strength_text(float(boundary['best_high']))}"
        ],
        hoverinfo="text",
    )  # fmt: skip


def _notes(figure: go.Figure, axes: PathAxes, table: pd.DataFrame, metric: Metric) -> None:
    """What the frame does not show is said in the legend: values outside, runs that diverged."""
    column, up = metric.validation, not metric.maximize
    edge = axes.top * 1.0001 if up else axes.bottom
    outside = table[table[column] > edge] if up else table[table[column] * scale_of(metric) < edge]
    if len(outside):
        listed = ", ".join(
            f"{value_text(metric, r[column])} at {strength_text(r['strength'])}"
            for r in outside.head(3).to_dict("records")
        )
        more = f" and {len(outside) - 3} more" if len(outside) > 3 else ""
        word = metric.name
        symbol, where = ("triangle-up", "above") if up else ("triangle-down", "below")
        figure.add_scatter(
            x=[axes.position(s) for s in outside["strength"]],
            y=[axes.top if up else axes.bottom] * len(outside),
            mode="markers", marker={"symbol": symbol, "size": 11, "color": INK},
            name=f"{where} the frame: {listed}{more}", hoverinfo="text",
            hovertext=[f"validation {word} {value_text(metric, v)}" for v in outside[column]],
        )  # fmt: skip
    lost = table[table["diverged"] > 0]
    if len(lost):
        figure.add_scatter(
            x=[axes.position(s) for s in lost["strength"]],
            y=[axes.bottom + (0 if axes.log else 0.02 * (axes.top - axes.bottom))] * len(lost),
            mode="markers", marker={"symbol": "x", "size": 8, "color": INK},
            name="runs diverged here and are left out", hoverinfo="text",
            hovertext=[
                f"strength {strength_text(r['strength'])}: {r['diverged']} runs diverged"
                for r in lost.to_dict("records")
            ],
        )  # fmt: skip
