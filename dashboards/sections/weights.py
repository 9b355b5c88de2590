"""What the penalties do to the weights: their norm, how many are exactly zero, layer by layer."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import pandas as pd
import plotly.graph_objects as go

from dashboards.figures.style import DEPTH_COLOURS, colour_of, new_figure, strength_ticks
from dashboards.gather.numbers import digits, percent, plain
from dashboards.gather.tables import Study, path_table, path_trials, penalties_of

MAX_NAMED_LAYERS = 12


def weights_table(trials: pd.DataFrame, runs: pd.DataFrame, study: Study) -> pd.DataFrame:
    """One row per penalty and strength of its path: ``weight_norm`` and ``zeros_share`` (means)."""
    parts = []
    for penalty in penalties_of(trials, study):
        table = path_table(trials, runs, penalty, study)
        if "weight_norm" in table:
            columns = [c for c in ("strength", "weight_norm", "zeros_share") if c in table]
            parts.append(table[columns].assign(penalty=penalty))
    if not parts:
        return pd.DataFrame(columns=["penalty", "strength", "weight_norm", "zeros_share"])
    whole = pd.concat(parts, ignore_index=True)
    return whole[["penalty", *[c for c in whole.columns if c != "penalty"]]]


def norm_figure(table: pd.DataFrame) -> go.Figure:
    """Euclidean norm of the penalized weights against strength, one line per penalty."""
    figure = _against_strength(table, "weight_norm", "norm of the weights", digits)
    figure.update_layout(yaxis={"rangemode": "tozero"})
    return figure


def zeros_figure(table: pd.DataFrame) -> go.Figure:
    """Share of weights that are exactly zero against strength, one line per penalty."""
    shares = table.assign(zeros_share=100 * table["zeros_share"])
    figure = _against_strength(
        shares, "zeros_share", "exact zeros, % of weights", lambda v: percent(v / 100)
    )
    figure.update_layout(yaxis={"range": [-3, 103]})
    return figure


def _against_strength(
    table: pd.DataFrame, column: str, title: str, show: Callable[[float], str]
) -> go.Figure:
    """One line per penalty."""
    penalties = [str(p) for p in dict.fromkeys(table["penalty"])]
    figure = new_figure(340)
    looks = {p: Look(colour_of(p, penalties)) for p in penalties}

    def words(value: float) -> str:
        return f"{title.split(',')[0]} {show(value)}"

    draw_lines(figure, table, "penalty", column, looks, words)
    figure.update_layout(xaxis={"title": {"text": "strength"}}, yaxis={"title": {"text": title}})
    return figure


@dataclass(frozen=True)
class Look:
    """Colour and symbol of a line."""

    colour: str
    symbol: int | None = None


def draw_lines(
    figure: go.Figure,
    table: pd.DataFrame,
    name: str,
    column: str,
    looks: Mapping[str, Look],
    words: Callable[[float], str],
) -> None:
    """A line of ``column`` for each value of the column ``name``, over a log axis of strengths.

    The points at strength 0 stand left of a gap.
    """
    positive = table.loc[table["strength"] > 0, "strength"]
    low, high = float(positive.min()), float(positive.max())
    anchor = low / 10 ** max(0.4, 0.08 * math.log10(high / low))
    for item, look in looks.items():
        rows = table[(table[name] == item) & table[column].notna()]
        for part, mode in (
            (rows[rows["strength"] > 0], "lines+markers"),
            (rows[rows["strength"] == 0], "markers"),
        ):
            marker = {"size": 6, "color": look.colour}
            if look.symbol is not None:
                marker["symbol"] = look.symbol
            figure.add_scatter(
                x=[s or anchor for s in part["strength"]], y=part[column].to_numpy(), mode=mode,
                name=plain(item), showlegend=mode != "markers", hoverinfo="text",
                line={"color": look.colour, "width": 2}, marker=marker,
                hovertext=[
                    f"{plain(item)}, strength {digits(s)}<br>{words(v)}"
                    for s, v in zip(part["strength"], part[column], strict=True)
                ],
            )  # fmt: skip
    values, texts = strength_ticks(low, high)
    figure.update_layout(
        xaxis={"type": "log", "tickvals": [anchor, *values], "ticktext": ["0", *texts]}
    )


# ---- layers ------------------------------------------------------------------------------------


def layers_table(layers: pd.DataFrame, trials: pd.DataFrame, penalty: str) -> pd.DataFrame:
    """One row per layer and path strength: ``own`` strength, ``norm``, and ``zeros_share``.

    ``strength`` is the path's, ``own`` the layer's. Layers keep the model's order.
    """
    path = path_trials(trials, penalty)[["trial", "strength"]]
    mine = layers.rename(columns={"strength": "own"}).merge(path, on="trial")
    if mine.empty:
        return pd.DataFrame(columns=["layer", "strength", "own", "norm", "zeros_share"])
    order = {layer: i for i, layer in enumerate(dict.fromkeys(mine["layer"]))}
    mine["zeros_share"] = mine["zeros"] / mine["weights"]
    table = mine.groupby(["layer", "strength"], as_index=False)[
        ["own", "norm", "zeros_share"]
    ].mean()
    place = table["layer"].map(order)
    return table.assign(place=place).sort_values(["place", "strength"]).drop(columns="place")


def layer_norms_figure(table: pd.DataFrame, penalty: str) -> go.Figure:
    """Norm of each layer's weights as a share of its unregularized norm, against strength."""
    figure = new_figure(340)
    names = list(dict.fromkeys(table["layer"]))
    positive = table.loc[table["strength"] > 0, "strength"]
    for i, layer in enumerate(names):
        rows = table[table["layer"] == layer]
        start = rows.loc[rows["strength"] == 0, "norm"]
        scale = (
            float(start.iloc[0]) if len(start) and start.iloc[0] > 0 else float(rows["norm"].max())
        )
        rows = rows[rows["strength"] > 0]
        figure.add_scatter(
            x=rows["strength"].to_numpy(), y=100 * rows["norm"].to_numpy() / scale,
            mode="lines+markers", name=f"layer {plain(layer)}",
            showlegend=len(names) <= MAX_NAMED_LAYERS, hoverinfo="text",
            line={"color": depth_colour(i, len(names)), "width": 2},
            marker={"size": 6, "symbol": i % 8},
            hovertext=[
                f"layer {plain(layer)}, strength {digits(r['own'])}<br>norm {digits(r['norm'])}, "
                f"{percent(r['norm'] / scale)} of unregularized"
                for r in rows.to_dict("records")
            ],
        )  # fmt: skip
    values, texts = strength_ticks(float(positive.min()), float(positive.max()))
    figure.update_layout(
        xaxis={
            "type": "log", "tickvals": values, "ticktext": texts,
            "title": {"text": f"strength of {penalty}"},
        },
        yaxis={"title": {"text": "norm, % of unregularized"}, "rangemode": "tozero"},
    )  # fmt: skip
    return figure


def layer_strengths_figure(table: pd.DataFrame, strength: float, penalty: str) -> go.Figure:
    """Each layer's own strength at one point of the path, from input to output."""
    rows = table[(table["strength"] == strength) & (table["own"] > 0)]
    figure = new_figure(max(340, 110 + 34 * len(rows)))
    figure.add_scatter(
        x=rows["own"].to_numpy(), y=[plain(layer) for layer in rows["layer"]],
        mode="markers+text", text=[digits(v) for v in rows["own"]], textposition="top center",
        marker={"size": 11, "color": colour_of(penalty)}, hoverinfo="skip",
    )  # fmt: skip
    low, high = float(rows["own"].min()) / 3, float(rows["own"].max()) * 3
    values, texts = strength_ticks(low, high)
    figure.update_layout(
        xaxis={
            "type": "log", "tickvals": values, "ticktext": texts,
            "range": [math.log10(low), math.log10(high)],
            "title": {"text": f"strength of {penalty} on each layer"},
        },
        yaxis={"type": "category", "range": [len(rows) - 0.5, -0.8], "title": {"text": "layer"}},
    )  # fmt: skip
    return figure


def depth_colour(i: int, n: int) -> str:
    """A colour for the i-th of n layers, from the input to the output."""
    if n <= 1:
        return DEPTH_COLOURS[0]
    return DEPTH_COLOURS[round(i * (len(DEPTH_COLOURS) - 1) / (n - 1))]
