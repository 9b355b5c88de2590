"""What the penalties do to the weights: their norm, and how many are exactly zero."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd
import plotly.graph_objects as go

from dashboards.figures.lines import LineStyle, plot_lines
from dashboards.figures.style import colour_of, dash_of, marker_of, new_figure
from dashboards.gather.frames import Frames
from dashboards.gather.names import listed, setting_name
from dashboards.gather.numbers import digits, percent
from dashboards.sections.parts import Section, chart_of

LEGEND_LINE = 19
"""Height of a line of the legend, of two penalties; two fit in the figure's usual height."""


def section(frames: Frames) -> Section | None:
    """Norms and exact zeros; None where no path has results."""
    table = weights_table(frames)
    if table.empty:
        return None
    charts = [
        chart_of(
            "Size of the weights",
            "Euclidean norm of all penalized weights at the end of training, mean.",
            norm_figure(table),
            table.drop(columns="zeros_share", errors="ignore"),
            "Norm of the weights against strength, one line per penalty.",
        )
    ]
    intro = "None of the penalties made a weight exactly zero."
    if "zeros_share" in table and table["zeros_share"].max() > 0:
        intro = ""
        charts.append(
            chart_of(
                "Weights that are exactly zero",
                "Share of the penalized weights, mean over the runs of a strength. Small is not "
                "zero: only exact zeros count.",
                zeros_figure(table),
                table.drop(columns="weight_norm", errors="ignore"),
                "Share of weights that are exactly zero against strength, one line per penalty.",
            )
        )
    finding = _kept_words(frames)
    return Section("weights", "What happens to the weights", intro, charts, 2, finding=finding)


def _kept_words(frames: Frames) -> str:
    """What is left of the norm of the weights at the best strength of each path."""
    parts = []
    for penalty, table in frames.paths.items():
        norms = table.set_index("strength").get("weight_norm", pd.Series(dtype=float))
        best = frames.best(penalty)
        if best in norms and norms.get(0.0, 0.0) > 0:
            kept = percent(round(norms[best] / norms[0.0], 2))
            parts.append(f"{setting_name(penalty)} leaves {kept} of the norm")
    return f"At its best strength {listed(parts[:3])}" if parts else ""


def weights_table(frames: Frames) -> pd.DataFrame:
    """One row per penalty and strength of its path: ``weight_norm`` and ``zeros_share`` (means)."""
    parts = []
    for penalty, table in frames.path_tables.items():
        if "weight_norm" in table and (table["strength"] > 0).any():
            columns = [c for c in ("strength", "weight_norm", "zeros_share") if c in table]
            parts.append(table[columns].assign(penalty=penalty))
    if not parts:
        return pd.DataFrame(columns=["penalty", "strength", "weight_norm", "zeros_share"])
    whole = pd.concat(parts, ignore_index=True)
    return whole[["penalty", *[c for c in whole.columns if c != "penalty"]]]


def norm_figure(table: pd.DataFrame) -> go.Figure:
    """Euclidean norm of the penalized weights against strength, one line per penalty."""
    figure = _against_strength(table, "weight_norm", "norm of the weights", "", digits)
    figure.update_layout(yaxis={"rangemode": "tozero"})
    return figure


def zeros_figure(table: pd.DataFrame) -> go.Figure:
    """Share of weights that are exactly zero against strength, one line per penalty."""
    shares = table.assign(zeros_share=100 * table["zeros_share"])
    figure = _against_strength(
        shares, "zeros_share", "exact zeros", ", % of weights", lambda v: percent(v / 100)
    )
    figure.update_layout(yaxis={"range": [-3, 103]})
    return figure


def _against_strength(
    table: pd.DataFrame, column: str, name: str, unit: str, show: Callable[[float], str]
) -> go.Figure:
    """One line per penalty; ``unit`` is what the axis's title adds to the ``name``."""
    penalties = [str(p) for p in dict.fromkeys(table["penalty"])]
    figure = new_figure(340 + LEGEND_LINE * max(0, len(penalties) // 2 - 2))
    styles = {
        p: LineStyle(colour_of(p, penalties), marker_of(p, penalties), dash_of(p, penalties))
        for p in penalties
    }

    def words(value: float) -> str:
        return f"{name} {show(value)}"

    plot_lines(figure, table, "penalty", column, styles, words)
    figure.update_layout(
        xaxis={"title": {"text": "strength"}}, yaxis={"title": {"text": name + unit}}
    )
    return figure
