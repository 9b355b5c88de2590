"""The curves of the main figure: mean lines with bands, and the unregularized model apart."""

from __future__ import annotations

from functools import partial

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from dashboards.figures.path_axes import PathAxes
from dashboards.figures.path_labels import PathLabels
from dashboards.figures.style import fade
from dashboards.gather.columns import ends_of
from dashboards.gather.metric_format import scale_of, value_text
from dashboards.gather.numbers import strength_text
from sweep.metrics.columns import Part, read_column
from sweep.metrics.metric import Metric


def plot_curves(figure: go.Figure, axes: PathAxes, table: pd.DataFrame, labels: PathLabels) -> None:
    """Mean lines with bands; the zero-strength anchor stands apart."""
    metric, colour = labels.metric, labels.colour
    scale, word = scale_of(metric), metric.name
    for name, column, dash in (
        ("validation", metric.validation, "solid"),
        ("training", metric.training, "dash"),
    ):
        if column not in table:
            continue
        rows = table[table[column].notna()]
        ladder, anchor = rows[rows["strength"] > 0], rows[rows["strength"] == 0]
        _band(figure, axes, ladder, column, colour, scale, f"{name}, middle 80 % of {labels.units}")
        figure.add_scatter(
            x=ladder["strength"].to_numpy(), y=axes.clip(scale * ladder[column].to_numpy()),
            mode="lines+markers", name=f"{name} {word}, mean",
            line={"color": colour, "width": 2.5, "dash": dash}, marker={"size": 5},
            hovertext=_hover(ladder, column, f"{name} {word}", metric), hoverinfo="text",
        )  # fmt: skip
        if len(anchor):
            _anchor(figure, axes, anchor, column, colour, metric, dash, f"{name} {word}")


def _band(
    figure: go.Figure, axes: PathAxes, rows: pd.DataFrame, column: str, colour: str, scale: float,
    name: str,
) -> None:  # fmt: skip
    strengths = rows["strength"].to_numpy()
    low, high = (rows[name].to_numpy() for name in ends_of(column))
    figure.add_scatter(
        x=np.concatenate([strengths, strengths[::-1]]),
        y=axes.clip(scale * np.concatenate([high, low[::-1]])),
        fill="toself", fillcolor=fade(colour, 0.18), line={"width": 0}, mode="lines",
        name=name, hoverinfo="skip", showlegend=_is_validation(column), legendrank=1010,
    )  # fmt: skip


def _is_validation(column: str) -> bool:
    read = read_column(column)
    return read is not None and read.part is Part.VALIDATION


def _anchor(
    figure: go.Figure, axes: PathAxes, row: pd.DataFrame, column: str, colour: str, metric: Metric,
    dash: str, name: str,
) -> None:  # fmt: skip
    """The unregularized model: a circle (validation) or a square (training) with its spread."""
    scale = scale_of(metric)
    mean = scale * row[column].to_numpy()
    figure.add_scatter(
        x=[axes.anchor], y=mean, mode="markers", showlegend=False,
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
        f"strength {strength_text(row['strength'])}<br>{name} {show(row[column])}"
        f"<br>middle 80 %: {show(row[f'{column}_low'])} to {show(row[f'{column}_high'])}"
        for row in rows.to_dict("records")
    ]
