"""Paths that move one layer's strength, the others held: which layers the strength matters on."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go

from dashboards.figures.style import new_figure
from dashboards.gather.metric_format import axis_title, judged, scale_of, value_text
from dashboards.gather.numbers import plain
from dashboards.gather.tables import Study, boundary_of, path_trials, units_of
from dashboards.sections.penalties import bars_of, zone_of
from dashboards.sections.weights import Look, depth_colour, draw_lines
from sweep.metrics.metric import ACCURACY, objective_of
from sweep.regularizers.catalogue import COCKTAIL


def layered_penalties(trials: pd.DataFrame) -> list[str]:
    """The penalties with paths of single layers."""
    alone = trials[(trials["phase"] == "path") & (trials["path"] != "all")]
    return [penalty for penalty in dict.fromkeys(alone["penalty"]) if penalty != COCKTAIL]


def path_layers(trials: pd.DataFrame, penalty: str) -> list[str]:
    """The layers that have a path of their own, from the input to the output."""
    mine = trials[(trials["phase"] == "path") & (trials["penalty"] == penalty)]
    return list(dict.fromkeys(mine.loc[mine["path"] != "all", "path"]))


def layer_path_table(
    trials: pd.DataFrame, runs: pd.DataFrame, penalty: str, study: Study
) -> pd.DataFrame:
    """One row per layer and strength: mean ``val_loss``, ``train_loss``, ``val_accuracy``, ...

    Strength 0 leaves the layer without regularization, the others with theirs.
    """
    parts = []
    for layer in path_layers(trials, penalty):
        units = units_of(path_trials(trials, penalty, layer), runs, study)
        wanted = ["val_loss", "train_loss", *(m.validation for m in judged(study)[1:])]
        columns = [c for c in wanted if c in units and units[c].notna().any()]
        means = units.groupby("strength", as_index=False)[columns].mean()
        parts.append(means.assign(layer=layer))
    table = pd.concat(parts, ignore_index=True)
    return table[["layer", *[c for c in table.columns if c != "layer"]]]


def layer_zones_figure(
    trials: pd.DataFrame, boundaries: pd.DataFrame, penalty: str, study: Study
) -> go.Figure:
    """One bar per layer, from the input down to the output."""
    zones = []
    for layer in path_layers(trials, penalty):
        boundary = boundary_of(boundaries, penalty, str(study["objective"]), layer)
        strengths = path_trials(trials, penalty, layer)["strength"]
        zones.append(zone_of(plain(layer), penalty, boundary, strengths))
    return bars_of(zones, f"strength of {penalty} on the layer")


def layer_curves_figure(table: pd.DataFrame, penalty: str, study: Study) -> go.Figure:
    """The objective against each layer's strength, one line per layer."""
    metric = objective_of(study)
    names = [str(layer) for layer in dict.fromkeys(table["layer"])]
    looks = {n: Look(depth_colour(i, len(names)), i % 8) for i, n in enumerate(names)}
    figure = new_figure(380)
    column, scale = metric.validation, scale_of(metric)
    title = axis_title(metric, study, "validation" if metric != ACCURACY else "")
    scaled = table.assign(**{column: scale * table[column]})
    draw_lines(figure, scaled, "layer", column, looks, lambda v: value_text(metric, v / scale))
    figure.update_layout(
        xaxis={"title": {"text": f"strength of {penalty} on the layer"}},
        yaxis={"title": {"text": title}},
    )
    return figure
