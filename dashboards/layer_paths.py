"""Paths that move one layer's strength, the others held: which layers the strength matters on."""

from __future__ import annotations

import math

import pandas as pd
import plotly.graph_objects as go

from dashboards.comparison import bars_of, zone_of
from dashboards.points import Study, boundary_of, path_trials, units_of
from dashboards.style import digits, loss_title, new_figure, percent, plain, strength_ticks
from dashboards.weights import depth_colour


def layered_penalties(trials: pd.DataFrame) -> list[str]:
    """The penalties with paths of single layers."""
    alone = trials[(trials["phase"] == "path") & (trials["path"] != "all")]
    return list(dict.fromkeys(alone["penalty"]))


def layer_path_table(
    trials: pd.DataFrame, runs: pd.DataFrame, penalty: str, study: Study
) -> pd.DataFrame:
    """One row per layer and strength: mean ``val_loss``, ``train_loss`` and ``val_accuracy``.

    Strength 0 leaves the layer without regularization, the others with theirs.
    """
    mine = trials[(trials["phase"] == "path") & (trials["penalty"] == penalty)]
    parts = []
    for layer in dict.fromkeys(mine.loc[mine["path"] != "all", "path"]):
        units = units_of(path_trials(trials, penalty, layer), runs, study)
        columns = [c for c in ("val_loss", "train_loss", "val_accuracy") if units[c].notna().any()]
        means = units.groupby("strength", as_index=False)[columns].mean()
        parts.append(means.assign(layer=layer))
    table = pd.concat(parts, ignore_index=True)
    return table[["layer", *[c for c in table.columns if c != "layer"]]]


def layer_zones_figure(
    trials: pd.DataFrame, boundaries: pd.DataFrame, penalty: str, study: Study
) -> go.Figure:
    """One bar per layer, from the input down to the output."""
    mine = trials[(trials["phase"] == "path") & (trials["penalty"] == penalty)]
    zones = []
    for layer in dict.fromkeys(mine.loc[mine["path"] != "all", "path"]):
        boundary = boundary_of(boundaries, penalty, str(study["objective"]), layer)
        strengths = path_trials(trials, penalty, layer)["strength"]
        zones.append(zone_of(plain(layer), penalty, boundary, strengths))
    return bars_of(zones, f"strength of {penalty} on the layer")


def layer_curves_figure(table: pd.DataFrame, penalty: str, study: Study) -> go.Figure:
    """The objective against each layer's strength, one line per layer."""
    figure = new_figure(380)
    metric = str(study["objective"])
    names = list(dict.fromkeys(table["layer"]))
    positive = table.loc[table["strength"] > 0, "strength"]
    low, high = float(positive.min()), float(positive.max())
    anchor = low / 10 ** max(0.4, 0.08 * math.log10(high / low))
    is_loss = metric == "val_loss"
    for i, layer in enumerate(names):
        rows = table[(table["layer"] == layer) & table[metric].notna()]
        for part, mode in (
            (rows[rows["strength"] > 0], "lines+markers"),
            (rows[rows["strength"] == 0], "markers"),
        ):
            figure.add_scatter(
                x=[s or anchor for s in part["strength"]], mode=mode,
                y=part[metric].to_numpy() * (1 if is_loss else 100),
                name=plain(layer), showlegend=mode != "markers", hoverinfo="text",
                line={"color": depth_colour(i, len(names)), "width": 2},
                marker={"size": 6, "symbol": i % 8, "color": depth_colour(i, len(names))},
                hovertext=[
                    f"{plain(layer)}, strength {digits(s)}<br>"
                    f"{digits(v) if is_loss else percent(v)}"
                    for s, v in zip(part["strength"], part[metric], strict=True)
                ],
            )  # fmt: skip
    values, texts = strength_ticks(low, high)
    title = loss_title(str(study.get("task")), "validation") if is_loss else "accuracy, %"
    figure.update_layout(
        xaxis={
            "type": "log", "tickvals": [anchor, *values], "ticktext": ["0", *texts],
            "title": {"text": f"strength of {penalty} on the layer"},
        },
        yaxis={"title": {"text": title}},
    )  # fmt: skip
    return figure
