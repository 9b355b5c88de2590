"""How training went: learning curves of three settings, and every trial of the explore phase."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from dashboards.figures.style import (
    INK,
    TOO_STRONG,
    UNREGULARIZED,
    colour_of,
    fade,
    new_figure,
    strength_ticks,
)
from dashboards.gather.numbers import digits, loss_title, plain
from dashboards.gather.sides import side_of
from dashboards.gather.tables import (
    HIGH_SHARE,
    LOW_SHARE,
    Study,
    best_point,
    boundary_of,
    path_trials,
)
from sweep.metrics.metric import objective_of

SYMBOLS = {"complete": "circle", "pruned": "x-thin-open", "diverged": "triangle-up-open"}
SPLITS = (("val_loss", "validation", "solid"), ("train_loss", "training", "dash"))
MAX_LISTED = 300
"""Trials in the table beneath the search's figure; the page's own table has more."""
TOO_STRONG_FACTOR = 10.0
"""The too-strong setting lies this far beyond the start of underfitting, if the ladder does."""


def three_settings(
    table: pd.DataFrame, boundaries: pd.DataFrame, study: Study, penalty: str
) -> dict[str, float]:
    """Strengths of the unregularized, the best and a too strong setting of a path, by their names.

    A setting that the path lacks is left out.
    """
    seen = table[table["val_loss"].notna()]
    objective = str(study["objective"])
    best = best_point(table, objective_of(study))
    settings = {"no regularization": 0.0} if (seen["strength"] == 0).any() else {}
    if not math.isfinite(best):
        return settings
    settings["best"] = best
    stronger = seen.loc[seen["strength"] > best, "strength"]
    if stronger.empty:
        return settings
    right = side_of(boundary_of(boundaries, penalty, objective), "right")
    aim = TOO_STRONG_FACTOR * right.value if right.found else math.inf
    within = stronger[stronger <= aim * 1.001]
    settings["too strong"] = float(within.max() if len(within) else stronger.min())
    return settings


def learning_table(
    curves: pd.DataFrame, trials: pd.DataFrame, settings: dict[str, float], penalty: str
) -> pd.DataFrame:
    """One row per setting, metric and epoch: ``mean``, ``low`` (10 % of runs), ``high`` (90 %)."""
    path = path_trials(trials, penalty)
    names = {strength: name for name, strength in settings.items()}
    chosen = path[path["strength"].isin(list(names))][["trial", "strength"]]
    mine = curves[curves["metric"].isin(["val_loss", "train_loss"])].merge(chosen, on="trial")
    mine = mine[np.isfinite(mine["value"])]
    grouped = mine.groupby(["strength", "metric", "epoch"])["value"]
    table = pd.DataFrame(
        {
            "mean": grouped.mean(),
            "low": grouped.quantile(LOW_SHARE),
            "high": grouped.quantile(HIGH_SHARE),
        }
    ).reset_index()
    table.insert(0, "setting", table["strength"].map(names))
    return table


def learning_figure(table: pd.DataFrame, study: Study, penalty: str) -> go.Figure:
    """Validation (solid) and training (dashed) loss over epochs for each of the settings."""
    figure = new_figure(380)
    colours = {
        "no regularization": UNREGULARIZED,
        "best": colour_of(penalty, list(study.get("penalties", ()))),
        "too strong": TOO_STRONG,
    }
    for name, colour in colours.items():
        mine = table[table["setting"] == name]
        if mine.empty:
            continue
        strength = float(mine["strength"].iloc[0])
        label = name if strength == 0 else f"{name}: strength {digits(strength)}"
        for metric, word, dash in SPLITS:
            _curve(figure, mine[mine["metric"] == metric], colour, label, word, dash)
    for _, word, dash in SPLITS:
        figure.add_scatter(
            x=[None], y=[None], mode="lines", name=word, line={"color": INK, "dash": dash}
        )
    top = _curve_top(table)
    figure.update_layout(
        xaxis={"title": {"text": "epoch"}, "rangemode": "tozero"},
        yaxis={
            "title": {"text": loss_title(str(study.get("task"))).capitalize()},
            "range": [0, top],
        },
    )
    return figure


def _curve(
    figure: go.Figure, rows: pd.DataFrame, colour: str, name: str, word: str, dash: str
) -> None:
    rows = rows.sort_values("epoch")
    epochs = rows["epoch"].to_numpy()
    if dash == "solid" and len(rows):
        figure.add_scatter(
            x=np.concatenate([epochs, epochs[::-1]]),
            y=np.concatenate([rows["high"].to_numpy(), rows["low"].to_numpy()[::-1]]),
            fill="toself", fillcolor=fade(colour, 0.15), line={"width": 0}, mode="lines",
            hoverinfo="skip", showlegend=False,
        )  # fmt: skip
    figure.add_scatter(
        x=epochs, y=rows["mean"].to_numpy(), mode="lines", name=name,
        line={"color": colour, "width": 2, "dash": dash}, showlegend=dash == "solid",
        hovertext=[
            f"{name}<br>epoch {e}, {word} loss {digits(v)}"
            for e, v in zip(epochs, rows["mean"], strict=True)
        ],
        hoverinfo="text",
    )  # fmt: skip


def _curve_top(table: pd.DataFrame) -> float:
    """Height of the frame: everything but a blow-up at the start or of one setting."""
    validation = table[table["metric"] == "val_loss"]
    lasting = validation[validation["epoch"] >= 0.1 * validation["epoch"].max()]
    usual = 2.5 * float(validation.groupby("setting")["mean"].last().median())
    highest = float(lasting["high"].max())
    first = float(validation.nsmallest(1, "epoch")["mean"].iloc[0])
    return 1.08 * min(max(highest, first), max(usual, first))


# ---- explore -----------------------------------------------------------------------------------


def explore_table(trials: pd.DataFrame) -> pd.DataFrame:
    """The best explore trials: trial, penalty, strength, learning rate, state, losses."""
    mine = trials[(trials["phase"] == "explore") & trials["state"].isin(list(SYMBOLS))]
    mine = mine.nsmallest(MAX_LISTED, "val_loss", keep="all") if len(mine) > MAX_LISTED else mine
    return mine[["trial", "penalty", "strength", "lr", "state", "val_loss", "train_loss"]]


def explore_figure(trials: pd.DataFrame, study: Study) -> go.Figure:
    """Validation loss against strength of every explore trial, by penalty and state."""
    metric = "val_loss"
    mine = trials[(trials["phase"] == "explore") & trials["state"].isin(list(SYMBOLS))]
    positive = mine.loc[mine["strength"] > 0, "strength"]
    low, high = (positive.min(), positive.max()) if len(positive) else (1e-3, 1.0)
    anchor = float(low) / 10 ** max(0.4, 0.08 * math.log10(high / low))
    top = _explore_top(mine)
    figure = new_figure(430)
    penalties = [p for p in ("none", *study.get("penalties", ())) if (mine["penalty"] == p).any()]
    for penalty in dict.fromkeys(penalties):
        rows = mine[mine["penalty"] == penalty]
        colour = colour_of(penalty, penalties)
        _explore_dots(figure, rows, colour, penalty, anchor, top)
        _key(figure, plain(penalty), "circle", colour)
    for state, name in (("pruned", "pruned early"), ("diverged", "diverged, or above the frame")):
        if state in set(mine["state"]) or (state == "diverged" and (mine[metric] > top).any()):
            _key(figure, name, SYMBOLS[state], INK)
    values, texts = strength_ticks(float(low), float(high))
    unregularized = (mine["strength"] == 0).any()
    figure.update_layout(
        xaxis={
            "type": "log", "title": {"text": "strength"},
            "tickvals": [anchor, *values] if unregularized else values,
            "ticktext": ["0", *texts] if unregularized else texts,
        },
        yaxis={
            "title": {"text": loss_title(str(study.get("task")), "validation").capitalize()},
            "range": [max(0.0, 0.85 * float(mine[metric].min())), top * 1.03],
        },
    )  # fmt: skip
    return figure


def _key(figure: go.Figure, name: str, symbol: str, colour: str) -> None:
    """An entry of the legend that stands for many points."""
    figure.add_scatter(
        x=[None], y=[None], mode="markers", name=name,
        marker={
            "symbol": symbol, "color": colour, "size": 9, "line": {"width": 1.5, "color": colour},
        },
    )  # fmt: skip


def _explore_top(mine: pd.DataFrame) -> float:
    losses = mine.loc[np.isfinite(mine["val_loss"]), "val_loss"]
    if losses.empty:
        return 1.0
    return float(min(losses.max(), max(2.0 * losses.quantile(0.75), 1.5 * losses.median())))


def _explore_dots(
    figure: go.Figure, rows: pd.DataFrame, colour: str, penalty: str, anchor: float, top: float
) -> None:
    records = rows.to_dict("records")
    seen = [r["val_loss"] if math.isfinite(r["val_loss"]) else math.inf for r in records]
    beyond = [r["state"] == "diverged" or v > top for r, v in zip(records, seen, strict=True)]
    figure.add_scatter(
        x=[r["strength"] or anchor for r in records],
        y=[top if out else v for v, out in zip(seen, beyond, strict=True)],
        mode="markers", name=plain(penalty), showlegend=False,
        marker={
            "color": colour, "size": 8, "opacity": 0.85, "line": {"width": 1.5, "color": colour},
            "symbol": [
                SYMBOLS["diverged"] if out else SYMBOLS[r["state"]]
                for r, out in zip(records, beyond, strict=True)
            ],
        },
        customdata=[[r["trial"], r["state"], r["val_loss"], r["lr"]] for r in records],
        hovertemplate=(
            f"trial %{{customdata[0]}}, {plain(penalty)}, %{{customdata[1]}}<br>strength %{{x:.3g}}"
            "<br>validation loss %{customdata[2]:.3g}<br>learning rate %{customdata[3]:.3g}"
            "<extra></extra>"
        ),
    )  # fmt: skip
