"""The axes of the main figure: ranges, the broken axis to strength 0, timescale and sparsity.

Ranges are chosen so that one exploding point does not flatten all the others; what lies outside is
named in the legend by ``dashboards.figures.path``.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from dashboards.figures.path_labels import PathLabels
from dashboards.figures.style import MUTED, add_meta, axis, strength_ticks
from dashboards.gather.decay_timescale import decay_rates, tau_formula
from dashboards.gather.numbers import digits, percent, strength_text
from sweep.metrics.metric import ACCURACY, Metric
from sweep.records.facts import StudyFacts

HEIGHT = 500
NARROW = {"height": 560}
"""What the page changes on a narrow screen."""
HEADROOM = 0.24
"""Share of the plot's height above the curves, where the regimes are named."""


@dataclass(frozen=True)
class PathAxes:
    """Where things are drawn: strengths along x, a metric (accuracy in %) along y."""

    anchor: float
    """Where strength 0 is drawn on the log axis."""
    low: float
    high: float
    """Ends of the ladder."""
    left: float
    right: float
    """Ends of the axis."""
    bottom: float
    top: float
    """Lowest and highest value that curves may take within the axes."""
    log: bool

    def clip(self, values: np.ndarray) -> np.ndarray:
        """Values above the axes, drawn at its upper edge."""
        clipped: np.ndarray = np.minimum(values, self.top)
        return clipped

    def position(self, strength: float) -> float:
        return self.anchor if strength == 0 else strength

    def share(self, low: float, high: float) -> float:
        """Width of a zone as a share of the axis."""
        return math.log(high / low) / math.log(self.right / self.left)


def choose_axes(table: pd.DataFrame, metric: Metric) -> PathAxes:
    """Chooses the ranges so that one exploding point does not flatten all the others."""
    ladder = table.loc[table["strength"] > 0, "strength"]
    low, high = float(ladder.min()), float(ladder.max())
    decades = max(math.log10(high / low), 1.0)
    gap = 10 ** max(0.4, 0.08 * decades)
    left, right = low / gap**1.6, high * 10 ** (0.04 * decades)
    if metric == ACCURACY:
        return PathAxes(low / gap, low, high, left, right, *_accuracy_range(table, metric), False)
    if metric.maximize or _seen(table, metric).min() <= 0:
        return PathAxes(low / gap, low, high, left, right, *_plain_range(table, metric), False)
    bottom, top, log = _loss_range(table, metric)
    return PathAxes(low / gap, low, high, left, right, bottom, top, log)


def _accuracy_range(table: pd.DataFrame, metric: Metric) -> tuple[float, float]:
    return max(0.0, 100 * float(_seen(table, metric).min()) - 5), 101.0


def _seen(table: pd.DataFrame, metric: Metric) -> np.ndarray:
    """All finite values that a figure draws, but for the better ends of bands."""
    worse = f"{metric.validation}_{'low' if metric.maximize else 'high'}"
    columns = [c for c in (metric.validation, worse, metric.training) if c in table]
    values = table[columns].to_numpy(float).ravel()
    return np.asarray(values[np.isfinite(values)])


def _plain_range(table: pd.DataFrame, metric: Metric) -> tuple[float, float]:
    """Lowest and highest value shown of a metric that may have any sign.

    What is worse than guessing by more than the skill lies outside.
    """
    costs = metric.sign * _seen(table, metric)
    null = metric.sign * float(table[metric.null].mean()) if metric.null in table else math.nan
    best = float(costs.min())
    least, most = best, float(costs.max())
    if math.isfinite(null) and null > best:
        most = max(null, min(most, 2 * null - best))
    room = 0.05 * (most - least or abs(most) or 1.0)
    low, high = sorted((metric.sign * (least - room), metric.sign * (most + room)))
    return low, high


def _loss_range(table: pd.DataFrame, metric: Metric) -> tuple[float, float, bool]:
    """Lowest and highest loss shown, and whether on a log axis."""
    column, seen = metric.validation, _seen(table, metric)
    null = float(table[metric.null].mean()) if metric.null in table else math.nan
    best = float(table[column].min())
    usual = max(float(np.quantile(seen, 0.75)), null if math.isfinite(null) else 0.0)
    anchor = table.loc[table["strength"] == 0, column]
    wanted = max(usual, float(anchor.iloc[0]) if len(anchor) and anchor.notna().all() else 0.0)
    if wanted > 8 * max(best, 1e-12):
        return max(float(seen.min()), best / 30) * 0.8, min(float(seen.max()), 30 * wanted), True
    top = 1.06 * min(float(seen.max()), 1.5 * wanted)
    lowest = float(seen.min())
    bottom = 0.0 if lowest < 0.5 * top else lowest - 0.1 * (top - lowest)
    return bottom, top, False


def plot_axes(figure: go.Figure, axes: PathAxes, labels: PathLabels) -> None:
    """Ticks, titles and ranges, and the break between strength 0 and the ladder."""
    values, texts = strength_ticks(axes.low, axes.high)
    figure.update_layout(
        xaxis={
            "type": "log",
            "range": [math.log10(axes.left), math.log10(axes.right)],
            "tickvals": [axes.anchor, *values],
            "ticktext": ["0", *texts],
            "title": {"text": f"strength of {labels.penalty}"},
            "showgrid": False,
        }
    )
    figure.update_layout(yaxis={"title": {"text": labels.title}, "range": _y_range(axes)})
    if labels.metric == ACCURACY:
        figure.update_layout(yaxis={"tickvals": list(range(0, 101, 10))})
    if axes.log:
        values = [10.0**p for p in range(-9, 12)]
        values = [v * m for v in values for m in (1, 3)]
        texts = [digits(v) for v in values]
        figure.update_layout(yaxis={"type": "log", "tickvals": values, "ticktext": texts})
    middle = math.log10(math.sqrt(axes.anchor * axes.low))
    figure.add_annotation(
        x=middle, y=0, xref="x", yref="paper", text="//", showarrow=False, yanchor="middle",
        font={"size": 15, "color": MUTED},
    )  # fmt: skip


def _y_range(axes: PathAxes) -> list[float]:
    low, high = axes.bottom, axes.top
    if axes.log:
        low, high = math.log10(low), math.log10(high)
    return [low, low + (high - low) / (1 - HEADROOM)]


# ---- second axes -------------------------------------------------------------------------------


def plot_timescale(
    figure: go.Figure, axes: PathAxes, trials: pd.DataFrame, facts: StudyFacts, penalty: str
) -> None:
    """Decay's timescale along the top: in epochs, and under each number as a share of the run.

    Source: Wang & Aitchison (2025), "How to set AdamW's weight decay as you scale model and dataset
    size": the timescale of the moving average that decay makes of the updates.
    """
    rates = decay_rates(trials, facts, penalty)
    if rates is None:
        return
    ends = (rates.tau_epochs(penalty, strength) for strength in (axes.high, axes.low))
    values, texts = strength_ticks(*ends)
    shares = [digits(epochs / rates.epochs, 2) for epochs in values]
    figure.add_scatter(
        x=[axes.low], y=[None], xaxis="x2", showlegend=False, hoverinfo="skip", mode="markers"
    )
    title = f"timescale tau in epochs, below it in runs: {tau_formula(penalty)}"
    figure.update_layout(
        xaxis2=axis(
            type="log", overlaying="x", side="top", matches="x", anchor="y", showgrid=False,
            tickvals=[rates.tau_epochs(penalty, v) for v in values],
            ticktext=[f"{text}<br>{share}" for text, share in zip(texts, shares, strict=True)],
            title={"text": title, "standoff": 6},
        ),
        margin={"t": 72},
    )  # fmt: skip
    add_meta(figure, narrow={**NARROW, "xaxis2.title.text": "timescale tau, epochs and runs"})


def plot_sparsity(figure: go.Figure, axes: PathAxes, table: pd.DataFrame) -> None:
    """The share of weights that are exactly zero, on the right."""
    rows = table[table["zeros_share"].notna()]
    breaks = [None] if (rows["strength"] == 0).any() else []
    figure.add_scatter(
        x=_broken([axes.position(s) for s in rows["strength"]], breaks),
        y=_broken((100 * rows["zeros_share"]).tolist(), breaks),
        yaxis="y2", mode="lines+markers", name="exact zeros (right axis)",
        line={"color": MUTED, "width": 1.5, "dash": "dashdot"},
        marker={"symbol": "cross-thin-open", "size": 7, "color": MUTED},
        hovertext=_broken(
            [
                f"strength {strength_text(r['strength'])}<br>"
                f"{percent(r['zeros_share'])} exact zeros"
                for r in rows.to_dict("records")
            ],
            breaks,
        ),
        hoverinfo="text",
    )  # fmt: skip
    figure.update_layout(
        yaxis2=axis(
            overlaying="y", side="right", range=[0, 100 / (1 - HEADROOM)], showgrid=False,
            tickvals=[0, 25, 50, 75, 100], title={"text": "exact zeros, % of weights"},
        ),
    )  # fmt: skip


def _broken(values: list[Any], breaks: list[None]) -> list[Any]:
    """The values with a gap after the first, so that no line crosses the axis's break."""
    return [*values[:1], *breaks, *values[1:]]
