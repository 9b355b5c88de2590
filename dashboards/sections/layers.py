"""Layer by layer: what one strength does to each, and the strengths of the layers."""

from __future__ import annotations

import math

import pandas as pd
import plotly.graph_objects as go

from dashboards.figures.lines import depth_colour
from dashboards.figures.style import colour_of, new_figure, strength_ticks
from dashboards.gather.facts import alike
from dashboards.gather.frames import Frames
from dashboards.gather.names import setting_name
from dashboards.gather.numbers import digits, percent, plain, strength_text
from dashboards.gather.tables import path_trials
from dashboards.sections.parts import Chart, Section, chart_of
from sweep.records.facts import StudyFacts
from sweep.regularizers.catalogue import acts_on_weights

MAX_NAMED_LAYERS = 12


def section(frames: Frames) -> Section | None:
    """Each layer's norms, and strengths where they differ; None for a single layer."""
    strengths: list[Chart] = []
    norms: list[Chart] = []
    for penalty in frames.paths:
        table = layers_table(frames, penalty)
        if table["layer"].nunique() < 2:
            continue
        norms.append(
            chart_of(
                f"{penalty}: each layer's norm",
                "",
                layer_norms_figure(table, penalty),
                table,
                f"Norm of each layer's weights against the strength of {penalty}.",
            )
        )
        if alike(frames.study) or not acts_on_weights(penalty):
            continue
        best = frames.best(penalty)
        strengths.append(
            chart_of(
                f"{penalty}: each layer's strength",
                "At the best point of the path, from the input to the output.",
                layer_strengths_figure(table, best, penalty),
                table[table["strength"] == best],
                f"The strength of {penalty} on each layer.",
            )
        )
    charts = strengths + norms
    if not charts:
        return None
    intro, finding = _intro(frames.study), _kept_words(frames)
    return Section("layers", "Layer by layer", intro, charts, 2, finding=finding)


def _kept_words(frames: Frames) -> str:
    """What the layers keep of their norms at the best of the first path, from least to most."""
    penalty = next(iter(frames.paths))
    table = layers_table(frames, penalty)
    norms = table.pivot_table("norm", "layer", "strength")
    best = frames.best(penalty)
    if best not in norms or 0.0 not in norms:
        return ""
    kept = (norms[best] / norms[0.0].where(norms[0.0] > 0)).dropna()
    if kept.empty:
        return ""
    least, most = percent(round(kept.min(), 2)), percent(round(kept.max(), 2))
    name, kept_words = setting_name(penalty), least if least == most else f"{least} to {most}"
    return f"At the best {name} layers keep {kept_words} of their unregularized norm"


def _intro(facts: StudyFacts) -> str:
    """How the layers' strengths belong together, and what is drawn."""
    intro = {
        "shared": "All layers had the same strength; they do not respond alike."
        if alike(facts)
        else "",
        "depth": "Strengths rose or fell from layer to layer by one searched ratio.",
        "free": "Every layer's strength was searched for itself.",
        "groups": "The layers of every group shared a strength, which was searched for itself.",
    }.get(facts.layers_mode, "")
    if factors := facts.profile_factors:
        listed = ", ".join(f"{layer} by {digits(factor)}" for layer, factor in factors.items())
        intro += f" Strengths were multiplied by the starting profile: {listed}."
    intro += (
        " Norms of each layer's weights are drawn beside their norms without regularization, from "
        "the input (blue) to the output (red)."
    )
    return intro.strip()


def layers_table(frames: Frames, penalty: str) -> pd.DataFrame:
    """One row per layer and path strength: ``own`` strength, ``norm``, and ``zeros_share``, means
    over the runs that completed.

    ``strength`` is the path's, ``own`` the layer's. Layers keep the model's order.
    """
    path = path_trials(frames.trials, penalty)[["trial", "strength"]]
    complete = frames.runs.loc[frames.runs["state"] == "complete", ["trial", "run"]]
    layers = frames.layers.rename(columns={"strength": "own"})
    mine = layers.merge(path, on="trial").merge(complete, on=["trial", "run"])
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
        known = len(start) and start.iloc[0] > 0
        scale = float(start.iloc[0] if known else rows["norm"].max()) or math.nan
        rows = rows[rows["strength"] > 0]
        figure.add_scatter(
            x=rows["strength"].to_numpy(), y=100 * rows["norm"].to_numpy() / scale,
            mode="lines+markers", name=f"layer {plain(layer)}",
            showlegend=len(names) <= MAX_NAMED_LAYERS, hoverinfo="text",
            line={"color": depth_colour(i, len(names)), "width": 2},
            marker={"size": 6, "symbol": i % 8},
            hovertext=[
                f"layer {plain(layer)}, strength {strength_text(r['own'])}"
                f"<br>norm {digits(r['norm'])}, "
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
        mode="markers+text", text=[strength_text(v) for v in rows["own"]],
        textposition="top center",
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
