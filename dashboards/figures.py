"""The main figure: losses against strength through the best trial of a penalty, in three regimes.

Training and validation loss over the ladder of strengths, their spread over resamples, the zones
where the model overfits, does well and underfits, both boundaries with their 95 % intervals, and the
exact zero-strength anchor left of a broken axis. Decay has a second axis in epochs, L1 one for the
share of exact zeros. Nothing is shaded that the statistics did not find.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from dashboards.points import PAIRS, Study, boundary_of, path_table, unit_word
from dashboards.style import (
    INK,
    MUTED,
    REGIMES,
    axis,
    colour_of,
    digits,
    fade,
    interval,
    loss_title,
    new_figure,
    percent,
    strength_ticks,
)
from dashboards.verdicts import Side, regime_name, side_of, why_no_boundaries

HEIGHT = 500
NARROW = {"height": 560}
"""What the page changes on a narrow screen."""
HEADROOM = 0.24
"""Share of the plot's height above the curves, where the regimes are named."""


@dataclass(frozen=True)
class Frame:
    """Where things are drawn: strengths along x, a loss (or accuracy in %) along y."""

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
    """Lowest and highest value that curves may take within the frame."""
    log: bool

    def place(self, strength: float) -> float:
        return self.anchor if strength == 0 else strength

    def share(self, low: float, high: float) -> float:
        """Width of a zone as a share of the axis."""
        return math.log(high / low) / math.log(self.right / self.left)


def path_figure(
    trials: pd.DataFrame,
    runs: pd.DataFrame,
    boundaries: pd.DataFrame,
    study: Study,
    penalty: str,
    metric: str = "val_loss",
) -> go.Figure:
    """Validation and training ``metric`` against strength, with the regimes and their boundaries.

    ``metric`` is val_loss or val_accuracy; accuracies are drawn in %.
    """
    table = path_table(trials, runs, penalty, study)
    boundary = boundary_of(boundaries, penalty, metric)
    frame = _frame(table, boundary, metric)
    figure = new_figure(HEIGHT)
    figure.update_layout(meta={"narrow": NARROW})
    _axes(figure, frame, study, penalty, metric)
    _regimes(figure, frame, boundary)
    _lines(figure, frame, table, study, penalty, metric)
    _levels(figure, frame, table, boundary, metric)
    _best(figure, frame, boundary, penalty, metric)
    _notes(figure, frame, table, study, metric)
    if penalty == "decay":
        _timescale(figure, frame, trials, study)
    if penalty == "l1" and "zeros_share" in table:
        _sparsity(figure, frame, table)
    return figure


# ---- the frame ---------------------------------------------------------------------------------


def _frame(table: pd.DataFrame, boundary: Mapping[str, Any] | None, metric: str) -> Frame:
    """Chooses the ranges so that one exploding point does not flatten all the others."""
    ladder = table.loc[table["strength"] > 0, "strength"]
    low, high = float(ladder.min()), float(ladder.max())
    decades = max(math.log10(high / low), 1.0)
    gap = 10 ** max(0.4, 0.08 * decades)
    left, right = low / gap ** 1.6, high * 10 ** (0.04 * decades)
    if metric == "val_accuracy":
        return Frame(low / gap, low, high, left, right, *_accuracy_range(table), False)
    bottom, top, log = _loss_range(table)
    return Frame(low / gap, low, high, left, right, bottom, top, log)


def _accuracy_range(table: pd.DataFrame) -> tuple[float, float]:
    lowest = min(table["val_accuracy_low"].min(), table["train_accuracy"].min())
    return max(0.0, 100 * float(lowest) - 5), 101.0


def _loss_range(table: pd.DataFrame) -> tuple[float, float, bool]:
    """Lowest and highest loss shown, and whether on a log axis."""
    losses = table[[c for c in ("val_loss", "val_loss_high", "train_loss") if c in table]]
    seen = losses.to_numpy(float).ravel()
    seen = seen[np.isfinite(seen)]
    null, best = float(table["null_loss"].mean()), float(table["val_loss"].min())
    usual = max(float(np.quantile(seen, 0.75)), null if math.isfinite(null) else 0.0)
    anchor = table.loc[table["strength"] == 0, "val_loss"]
    wanted = max(usual, float(anchor.iloc[0]) if len(anchor) and anchor.notna().all() else 0.0)
    if wanted > 8 * max(best, 1e-12):
        return max(float(seen.min()), best / 30) * 0.8, min(float(seen.max()), 30 * wanted), True
    top = 1.06 * min(float(seen.max()), 1.5 * wanted)
    lowest = float(seen.min())
    bottom = 0.0 if lowest < 0.5 * top else lowest - 0.1 * (top - lowest)
    return bottom, top, False


def _axes(figure: go.Figure, frame: Frame, study: Study, penalty: str, metric: str) -> None:
    values, texts = strength_ticks(frame.low, frame.high)
    figure.update_layout(
        xaxis={
            "type": "log",
            "range": [math.log10(frame.left), math.log10(frame.right)],
            "tickvals": [frame.anchor, *values],
            "ticktext": ["0", *texts],
            "title": {"text": f"strength of {penalty}"},
            "showgrid": False,
        }
    )
    if metric == "val_accuracy":
        title = "accuracy, % of rows classified right"
    else:
        title = loss_title(str(study.get("task"))).capitalize()
    figure.update_layout(yaxis={"title": {"text": title}, "range": _y_range(frame)})
    if metric == "val_accuracy":
        figure.update_layout(yaxis={"tickvals": list(range(0, 101, 10))})
    if frame.log:
        values = [10.0**p for p in range(-9, 12)]
        values = [v * m for v in values for m in (1, 3)]
        texts = [digits(v) for v in values]
        figure.update_layout(yaxis={"type": "log", "tickvals": values, "ticktext": texts})
    middle = math.log10(math.sqrt(frame.anchor * frame.low))
    figure.add_annotation(
        x=middle, y=0, xref="x", yref="paper", text="//", showarrow=False, yanchor="middle",
        font={"size": 15, "color": MUTED},
    )  # fmt: skip


def _y_range(frame: Frame) -> list[float]:
    low, high = frame.bottom, frame.top
    if frame.log:
        low, high = math.log10(low), math.log10(high)
    return [low, low + (high - low) / (1 - HEADROOM)]


# ---- the regimes -------------------------------------------------------------------------------


def _regimes(figure: go.Figure, frame: Frame, boundary: Mapping[str, Any] | None) -> None:
    """Shades and names what was found; says in words what was not."""
    reason = why_no_boundaries(boundary)
    if reason:
        _name_zone(figure, frame, frame.left, frame.right, "no boundaries drawn", [reason])
        return
    left, right = side_of(boundary, "left"), side_of(boundary, "right")
    start = left.value if left.found else frame.left
    end = right.value if right.found else frame.right
    if left.found:
        _zone(figure, REGIMES["weak"], frame.left, start)
        lines = [f"ends at {digits(left.value)}", interval(left.low, left.high)]
        _name_zone(figure, frame, frame.left, start, regime_name(left, "left"), lines)
    if right.found:
        _zone(figure, REGIMES["strong"], end, frame.right)
        lines = [f"starts at {digits(right.value)}", interval(right.low, right.high)]
        _name_zone(figure, frame, end, frame.right, regime_name(right, "right"), lines)
    if "open" not in (left.kind, right.kind):
        _zone(figure, REGIMES["good"], start, end)
        factor = f"a factor of {digits(end / start, 2)}" if left.found and right.found else ""
        _name_zone(figure, frame, start, end, "good", [_none_found(left, right) or factor])
    else:
        unsettled = " and ".join(
            name for name, s in (("overfitting", left), ("underfitting", right)) if s.kind == "open"
        )
        _name_zone(figure, frame, start, end, "", [f"boundary of {unsettled}<br>not settled"])
    for side in (left, right):
        _edge(figure, frame, side)


def _none_found(left: Side, right: Side) -> str:
    if left.kind == "none" and right.kind == "none":
        return "no boundary in the searched range"
    if left.kind == "none":
        return "down to no regularization"
    return "up to the end of the range" if right.kind == "none" else ""


def _zone(figure: go.Figure, colour: str, low: float, high: float) -> None:
    figure.add_shape(
        type="rect", x0=low, x1=high, y0=0, y1=1, xref="x", yref="paper", layer="below",
        line={"width": 0}, fillcolor=fade(colour, 0.12),
    )  # fmt: skip


def _name_zone(
    figure: go.Figure, frame: Frame, low: float, high: float, name: str, lines: list[str]
) -> None:
    """The regime's name and numbers; ``name`` carries the zone's width for narrow screens."""
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
            **common, y=0.925, text=text, name=f"detail {share}",
            font={"size": 12, "color": MUTED},
        )  # fmt: skip


def _edge(figure: go.Figure, frame: Frame, side: Side) -> None:
    """A boundary's line with its interval as a band; an unsettled one has a dashed, open band."""
    if side.kind == "none" or not (side.low > 0 or side.high > 0):
        return
    low = max(side.low, frame.left) if math.isfinite(side.low) and side.low > 0 else frame.left
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
    metric: str,
) -> None:
    """Mean lines with bands; the zero-strength anchor stands apart."""
    colour = colour_of(penalty, list(study.get("penalties", ())))
    units = unit_word(study)
    scale = 100 if metric == "val_accuracy" else 1
    for name, column, dash in (
        ("validation", metric, "solid"),
        ("training", PAIRS[metric], "dash"),
    ):
        if column not in table:
            continue
        rows = table[table[column].notna()]
        ladder, anchor = rows[rows["strength"] > 0], rows[rows["strength"] == 0]
        word = "accuracy" if scale == 100 else "loss"
        _band(figure, ladder, column, colour, scale, f"{name}, middle 80 % of {units}")
        figure.add_scatter(
            x=ladder["strength"].to_numpy(), y=scale * ladder[column].to_numpy(),
            mode="lines+markers", name=f"{name} {word}, mean",
            line={"color": colour, "width": 2.5, "dash": dash}, marker={"size": 5},
            hovertext=_hover(ladder, column, f"{name} {word}"), hoverinfo="text",
        )  # fmt: skip
        if len(anchor):
            _anchor(figure, frame, anchor, column, colour, scale, dash, f"{name} {word}")


def _band(
    figure: go.Figure, rows: pd.DataFrame, column: str, colour: str, scale: float, name: str
) -> None:
    strengths = rows["strength"].to_numpy()
    low, high = rows[f"{column}_low"].to_numpy(), rows[f"{column}_high"].to_numpy()
    figure.add_scatter(
        x=np.concatenate([strengths, strengths[::-1]]),
        y=scale * np.concatenate([high, low[::-1]]),
        fill="toself", fillcolor=fade(colour, 0.18), line={"width": 0}, mode="lines",
        name=name, hoverinfo="skip", showlegend=column.startswith("val_"), legendrank=1010,
    )  # fmt: skip


def _anchor(
    figure: go.Figure, frame: Frame, row: pd.DataFrame, column: str, colour: str, scale: float,
    dash: str, name: str,
) -> None:  # fmt: skip
    """The unregularized model: a ring (validation) or an open square (training) with its spread."""
    mean = scale * row[column].to_numpy()
    figure.add_scatter(
        x=[frame.anchor], y=mean, mode="markers", showlegend=False,
        marker={
            "size": 10, "color": colour, "line": {"width": 2, "color": colour},
            "symbol": "circle" if dash == "solid" else "square-open",
        },
        error_y={
            "type": "data", "symmetric": False, "thickness": 1.5, "width": 4, "color": colour,
            "array": scale * row[f"{column}_high"].to_numpy() - mean,
            "arrayminus": mean - scale * row[f"{column}_low"].to_numpy(),
        },
        hovertext=_hover(row, column, name), hoverinfo="text",
    )  # fmt: skip


def _hover(rows: pd.DataFrame, column: str, name: str) -> list[str]:
    show = percent if "accuracy" in column else digits
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
    metric: str,
) -> None:
    """The constant predictor's value, and the loss at which a boundary is drawn."""
    ends = [frame.left, frame.right]
    accuracy = metric == "val_accuracy"
    if "null_loss" in table and not accuracy:
        null = float(table["null_loss"].mean())
        _level(figure, ends, null, f"constant predictor ({digits(null)})", "dot", MUTED)
    if boundary is None or why_no_boundaries(boundary):
        return
    threshold = _shown(float(boundary["threshold_loss"]), accuracy)
    if math.isfinite(threshold):
        share = f"{100 * float(boundary['rho']):g} %"
        name = f"threshold: {share} of the possible gain lost ({digits(threshold)})"
        _level(figure, ends, threshold, name, "solid", MUTED)


def _shown(loss: float, accuracy: bool) -> float:
    """Boundaries keep accuracies as error rates; the figure shows % right."""
    return 100 * (1 - loss) if accuracy else loss


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
    metric: str,
) -> None:
    """A diamond at the estimated best strength."""
    if boundary is None or why_no_boundaries(boundary):
        return
    best, loss = float(boundary["best"]), float(boundary["best_loss"])
    if not (best > 0 and math.isfinite(best) and math.isfinite(loss)):
        return
    figure.add_scatter(
        x=[best], y=[_shown(loss, metric == "val_accuracy")], mode="markers",
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


def _notes(
    figure: go.Figure, frame: Frame, table: pd.DataFrame, study: Study, metric: str
) -> None:
    """What the frame does not show is said in the legend: values above it, runs that diverged."""
    if metric == "val_loss":
        above = table[table["val_loss"] > frame.top * 1.0001]
        if len(above):
            listed = ", ".join(
                f"{digits(r['val_loss'])} at {digits(r['strength'])}"
                for r in above.head(3).to_dict("records")
            )
            more = f" and {len(above) - 3} more" if len(above) > 3 else ""
            figure.add_scatter(
                x=[frame.place(s) for s in above["strength"]], y=[frame.top] * len(above),
                mode="markers", marker={"symbol": "triangle-up", "size": 11, "color": INK},
                name=f"above the frame: {listed}{more}", hoverinfo="text",
                hovertext=[f"validation loss {digits(v)}" for v in above["val_loss"]],
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


# ---- second axes -------------------------------------------------------------------------------


def _timescale(figure: go.Figure, frame: Frame, trials: pd.DataFrame, study: Study) -> None:
    """Decay's timescale 1/(lr * strength * steps per epoch), in epochs, along the top.

    Source: Wang & Aitchison (2025), "How to set AdamW's weight decay as you scale model and dataset
    size": the timescale of the moving average that decay makes of the updates.
    """
    steps = float(study.get("steps_per_epoch") or math.nan)
    path = trials[(trials["phase"] == "path") & (trials["penalty"] == "decay")]
    rate = float(path["lr"].mean()) * steps
    if not (math.isfinite(rate) and rate > 0):
        return
    values, texts = strength_ticks(1 / (rate * frame.high), 1 / (rate * frame.low))
    figure.add_scatter(
        x=[frame.low], y=[None], xaxis="x2", showlegend=False, hoverinfo="skip", mode="markers"
    )
    title = "timescale of the decay, epochs: 1 / (learning rate × strength × steps per epoch)"
    figure.update_layout(
        xaxis2=axis(
            type="log", overlaying="x", side="top", matches="x", anchor="y", showgrid=False,
            tickvals=[1 / (rate * v) for v in values], ticktext=texts,
            title={"text": title, "standoff": 6},
        ),
        margin={"t": 56},
        meta={"narrow": {**NARROW, "xaxis2.title.text": "timescale of the decay, epochs"}},
    )  # fmt: skip


def _sparsity(figure: go.Figure, frame: Frame, table: pd.DataFrame) -> None:
    """The share of weights that are exactly zero, on the right."""
    rows = table[table["zeros_share"].notna()]
    figure.add_scatter(
        x=[frame.place(s) for s in rows["strength"]], y=100 * rows["zeros_share"].to_numpy(),
        yaxis="y2", mode="lines+markers", name="exact zeros (right axis)",
        line={"color": MUTED, "width": 1.5, "dash": "dashdot"},
        marker={"symbol": "cross-thin-open", "size": 7, "color": MUTED},
        hovertext=[
            f"strength {digits(r['strength'])}<br>{percent(r['zeros_share'])} exact zeros"
            for r in rows.to_dict("records")
        ],
        hoverinfo="text",
    )  # fmt: skip
    figure.update_layout(
        yaxis2=axis(
            overlaying="y", side="right", range=[0, 100 / (1 - HEADROOM)], showgrid=False,
            tickvals=[0, 25, 50, 75, 100], title={"text": "exact zeros, % of weights"},
        ),
    )  # fmt: skip
