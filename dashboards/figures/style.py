"""How every figure looks: colours and axes.

One colour, marker and dash per penalty, everywhere; where a path's two losses are drawn, training
is dashed and validation solid. The first three colours are those of Okabe and Ito (2008, "Color
universal design"); the others were chosen one after the other, each as far as can be from all
before it for the eye that tells them apart worst: full vision, and protanopia, deuteranopia and
tritanopia as Machado, Oliveira and Fernandes (2009) simulate them. Each has a twin for dark
pages (``DARK``): the page swaps them, a notebook shows light ones.
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
    "elastic_net": "#551199",
    "group_lasso": "#886633",
    "l2_sp": "#7788dd",
    "orthogonal": "#559922",
    "spectral": "#ee2266",
    "max_norm": "#bb44ee",
    "cpr": "#114455",
    "dropout": "#553311",
    "input_noise": "#1111bb",
    "label_smoothing": "#771177",
    "mixup": "#ee11cc",
    "early_stopping": "#9911ee",
    "cocktail": "#555544",
}
SPARE_COLOURS = ("#9977aa", "#443322", "#aa3311", "#993399", "#9911cc")
MARKERS = (
    "circle", "square", "triangle-down", "cross", "pentagon", "star", "hexagon", "hourglass",
    "bowtie", "triangle-left", "triangle-right", "hexagram", "star-square", "star-diamond",
    "diamond-tall", "diamond-wide", "octagon", "star-triangle-up", "star-triangle-down",
    "triangle-ne", "triangle-sw", "hexagon2",
)  # fmt: skip
"""By the places of the colours, spares last; crosses, diamonds and triangles upwards mean other
things.
"""
DASHES = ("solid", "dash", "dot", "dashdot", "longdash", "longdashdot")
REGIMES = {"overfitting": "#e69f00", "good": "#4c9f70", "underfitting": "#8a63b8"}
DEPTH_COLOURS = ("#1b4f8f", "#3f7f93", "#6fa76f", "#b3a23a", "#d9772b", "#b03a48")
DARK = {
    INK: "#e8eaed",
    MUTED: "#9aa5b1",
    GRID: "#2f363d",
    TOO_STRONG: "#e58bc6",
    UNREGULARIZED: "#a4adb8",
    "#d55e00": "#ff8f3f",
    "#0072b2": "#5bb5f0",
    "#009e73": "#38cc9c",
    "#551199": "#6666cc",
    "#886633": "#ffdd00",
    "#7788dd": "#8877bb",
    "#559922": "#88cc77",
    "#ee2266": "#dd2200",
    "#bb44ee": "#ffccff",
    "#114455": "#11ffbb",
    "#553311": "#887744",
    "#1111bb": "#aa66ff",
    "#771177": "#cc2299",
    "#ee11cc": "#aa5577",
    "#9911ee": "#aa11ff",
    "#555544": "#aaff99",
    "#9977aa": "#aa88ff",
    "#443322": "#eeaa00",
    "#aa3311": "#ff3355",
    "#993399": "#cc11cc",
    "#9911cc": "#ff66dd",
    "#8a63b8": "#b79ae0",
    "#1b4f8f": "#6ea3e8",
    "#3f7f93": "#6fb7cc",
}
"""Light colour to its twin on a dark page; a colour that is not listed serves both."""

FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif"


def colour_of(penalty: str, penalties: Sequence[str] = ()) -> str:
    """The penalty's colour; one without a colour of its own gets a spare by its place."""
    return (*PENALTY_COLOURS.values(), *SPARE_COLOURS)[_place_of(penalty, penalties)]


def marker_of(penalty: str, penalties: Sequence[str] = ()) -> str:
    """The penalty's marker, where several share a figure."""
    return MARKERS[_place_of(penalty, penalties)]


def dash_of(penalty: str, penalties: Sequence[str] = ()) -> str:
    """The penalty's dash, where several share a figure and a line has one meaning."""
    return DASHES[_place_of(penalty, penalties) % len(DASHES)]


def _place_of(penalty: str, penalties: Sequence[str]) -> int:
    known = list(PENALTY_COLOURS)
    if penalty in PENALTY_COLOURS:
        return known.index(penalty)
    others = sorted({*penalties, penalty} - set(known))
    return len(known) + others.index(penalty) % len(SPARE_COLOURS)


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


def value_range(lowest: float, highest: float, room: float) -> list[float]:
    """The ends of an axis of losses, with so large a share of it left free: from 0, unless some lie
    below it, as densities and losses of the user's may.
    """
    if lowest >= 0:
        return [0.0, (1 + room) * highest or 1.0]
    span = highest - lowest or abs(lowest)
    return [lowest - 0.05 * span, highest + room * span]


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
