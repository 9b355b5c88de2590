"""How every figure looks: colours and axes.

One colour per penalty, everywhere; training is dashed and validation solid. The colours are those
of Okabe and Ito (2008, "Color universal design"), which people with any colour vision tell apart.
Each has a lighter twin for dark pages (``DARK``): the page swaps them, a notebook shows light ones.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import plotly.graph_objects as go

from dashboards.gather.numbers import decade_text

INK, MUTED, GRID = "#1f2933", "#66717d", "#e1e5e9"
UNREGULARIZED = "#7a8490"
TOO_STRONG = "#a8327d"
PENALTY_COLOURS = {
    "none": UNREGULARIZED,
    "l2": "#d55e00",
    "decay": "#0072b2",
    "l1": "#009e73",
    "elastic_net": "#6b8e23",
    "group_lasso": "#8c564b",
    "l2_sp": "#b8860b",
    "orthogonal": "#7b4fa3",
    "spectral": "#c2185b",
    "max_norm": "#00838f",
    "cpr": "#4a5fc1",
    "dropout": "#2f7fb8",
    "input_noise": "#5d7d2b",
    "label_smoothing": "#a0522d",
    "mixup": "#9c4dcc",
    "early_stopping": "#607d8b",
    "cocktail": "#c0392b",
}
SPARE_COLOURS = ("#b8860b", "#56a0d3", "#8c564b", "#5b5ea6", "#808000")
REGIMES = {"overfitting": "#e69f00", "good": "#4c9f70", "underfitting": "#8a63b8"}
DEPTH_COLOURS = ("#1b4f8f", "#3f7f93", "#6fa76f", "#b3a23a", "#d9772b", "#b03a48")
DARK = {
    INK: "#e8eaed",
    MUTED: "#9aa5b1",
    GRID: "#2f363d",
    UNREGULARIZED: "#a4adb8",
    TOO_STRONG: "#e58bc6",
    "#d55e00": "#ff8f3f",
    "#0072b2": "#5bb5f0",
    "#009e73": "#38cc9c",
    "#b8860b": "#e0b040",
    "#5b5ea6": "#a3a6ec",
    "#6b8e23": "#a8c65a",
    "#2f7fb8": "#6fb6e6",
    "#8c564b": "#c98f83",
    "#7b4fa3": "#b491d6",
    "#c2185b": "#f06a9b",
    "#00838f": "#3fbac6",
    "#4a5fc1": "#8fa0f0",
    "#5d7d2b": "#9dc062",
    "#a0522d": "#d98a63",
    "#9c4dcc": "#c792ea",
    "#607d8b": "#97b0bc",
    "#c0392b": "#f0786a",
    "#8a63b8": "#b79ae0",
    "#1b4f8f": "#6ea3e8",
    "#3f7f93": "#6fb7cc",
}
"""Light colour to its twin on a dark page; a colour that is not listed serves both."""

FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif"


def colour_of(penalty: str, penalties: Sequence[str] = ()) -> str:
    """The penalty's colour; one without a colour of its own gets a spare by its place."""
    if penalty in PENALTY_COLOURS:
        return PENALTY_COLOURS[penalty]
    others = sorted({*penalties, penalty} - set(PENALTY_COLOURS))
    return SPARE_COLOURS[others.index(penalty) % len(SPARE_COLOURS)]


def fade(colour: str, alpha: float) -> str:
    """``#rrggbb`` as an ``rgba(...)`` of this opacity."""
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return f"rgba({red},{green},{blue},{alpha:g})"


def strength_ticks(low: float, high: float) -> tuple[list[float], list[str]]:
    """Whole decades between two positive numbers, at most nine, and their labels."""
    first, last = math.ceil(math.log10(low) - 1e-9), math.floor(math.log10(high) + 1e-9)
    step = max(1, math.ceil((last - first + 1) / 9))
    powers = [p for p in range(first, last + 1) if p % step == 0] or list(range(first, last + 1))
    return [10.0**p for p in powers], [decade_text(p) for p in powers]


def add_meta(figure: go.Figure, **more: Any) -> None:
    """Adds to what the page's script knows of a figure, beside what is there."""
    figure.layout.meta = {**(figure.layout.meta or {}), **more}


def new_figure(height: int) -> go.Figure:
    """An empty figure in the report's style."""
    layout: dict[str, Any] = {
        "template": "none",
        "height": height,
        "margin": {"l": 64, "r": 20, "t": 16, "b": 56},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "font": {"family": FONT, "size": 13, "color": INK},
        "hoverlabel": {"font": {"family": FONT, "size": 13}},
        "hovermode": "closest",
        "dragmode": False,
        "legend": {
            "orientation": "h",
            "x": 0,
            "xanchor": "left",
            "yref": "container",
            "y": 0,
            "yanchor": "bottom",
            "font": {"size": 12},
            "itemclick": False,
            "itemdoubleclick": False,
        },
        "xaxis": axis(),
        "yaxis": axis(),
    }
    return go.Figure(layout=layout)


def axis(**changes: Any) -> dict[str, Any]:
    """An axis with a thin line, faint grid and a title that keeps its distance."""
    title = {"standoff": 8, "font": {"size": 13}, **changes.pop("title", {})}
    return {
        "title": title,
        "gridcolor": GRID,
        "linecolor": MUTED,
        "showline": True,
        "zeroline": False,
        "ticks": "outside",
        "ticklen": 4,
        "tickcolor": MUTED,
        "tickfont": {"size": 12, "color": MUTED},
        "tickangle": 0,
        "automargin": True,
        **changes,
    }
