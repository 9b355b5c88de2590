"""Paths that move one layer's strength, the others held: which layers the strength matters on."""

from __future__ import annotations

from functools import partial

import pandas as pd
import plotly.graph_objects as go

from dashboards.figures.bars import bar_over, plot_bars
from dashboards.figures.lines import LineStyle, depth_colour, plot_lines
from dashboards.figures.style import new_figure
from dashboards.gather.facts import objective_of, unit_word
from dashboards.gather.frames import Frames
from dashboards.gather.imported import worded
from dashboards.gather.metric_format import axis_title, judged, scale_of, value_text
from dashboards.gather.numbers import count, plain
from dashboards.gather.sides import SIDES, zone_end
from dashboards.gather.tables import boundary_of, path_trials
from dashboards.sections.parts import Section, chart_of
from sweep.checks.uneven import levelled
from sweep.metrics.metric import ACCURACY
from sweep.records.facts import StudyFacts
from sweep.regularizers.catalogue import is_mixture


def section(frames: Frames) -> Section | None:
    """Zones and curves of single layers; None where no such path was trained."""
    charts, penalties = [], layered_penalties(frames.trials)
    for penalty in penalties:
        table = layer_path_table(frames, penalty)
        label = f"Validation against the strength of {penalty} on each layer, the others held."
        zones = layer_zones_figure(frames, penalty)
        curves = layer_curves_figure(table, penalty, frames.study)
        charts += [
            chart_of(f"{penalty}: each layer's good strengths", "", zones, table, label),
            chart_of(f"{penalty}: the curves behind them", "", curves, table, label),
        ]
    if not charts:
        return None
    held = "holds every other at the best point of the path above"
    held = worded(frames.study, held, "is said to hold every other")
    intro = (
        f"Each line moves the strength of one layer and {held}; the detached points leave that "
        "layer alone without regularization. A layer "
        "whose line stays within the noise has no measurable effect."
    )
    intro += "".join(f" {own}" for own in map(partial(_basis_words, frames), penalties) if own)
    title, finding = "One layer's strength at a time", _limit_words(frames)
    return Section("layer-paths", title, intro, charts, 2, finding=finding)


def _basis_words(frames: Frames, penalty: str) -> str:
    """Where its paths have unequally many resamples: how many each, since lines are means over the
    path's own; "" elsewhere.
    """
    paths = {"all": "all layers"} | {x: plain(x) for x in path_layers(frames.trials, penalty)}
    runs = {x: path_trials(frames.trials, penalty, x)["n_runs"].max() for x in paths}
    if len(set(runs.values())) < 2:
        return ""
    counts = ", ".join(f"{name} {int(runs[layer])}" for layer, name in paths.items())
    units = unit_word(frames.study.design)
    return f"Each path of {plain(penalty)} is of its own first {units} ({counts}): compare shapes."


def _limit_words(frames: Frames) -> str:
    """How many layers have a limit of their own."""
    objective, known, limited = frames.objective.validation, 0, 0
    for penalty in layered_penalties(frames.trials):
        for layer in path_layers(frames.trials, penalty):
            boundary = boundary_of(frames.boundaries, penalty, objective, layer)
            known += boundary is not None
            limited += any(zone_end(boundary, side).found for side in SIDES)
    return f"{limited} of {count(known, 'layer')} with a limit of their own" if known else ""


def layered_penalties(trials: pd.DataFrame) -> list[str]:
    """The penalties with paths of single layers."""
    alone = trials[(trials["phase"] == "path") & (trials["path"] != "all")]
    return [penalty for penalty in dict.fromkeys(alone["penalty"]) if not is_mixture(penalty)]


def path_layers(trials: pd.DataFrame, penalty: str) -> list[str]:
    """The layers that have a path of their own, from the input to the output."""
    mine = trials[(trials["phase"] == "path") & (trials["penalty"] == penalty)]
    return list(dict.fromkeys(mine.loc[mine["path"] != "all", "path"]))


def layer_path_table(frames: Frames, penalty: str) -> pd.DataFrame:
    """One row per layer and strength: mean ``val_loss``, ``train_loss``, ``val_accuracy``, ...

    Strength 0 leaves the layer without regularization, the others with theirs.
    """
    parts = []
    for layer in path_layers(frames.trials, penalty):
        path = path_trials(frames.trials, penalty, layer)
        units = frames.units_of(path)
        wanted = ["val_loss", "train_loss", *(m.validation for m in judged(frames.study)[1:])]
        columns = [c for c in wanted if c in units and units[c].notna().any()]
        means = levelled(units, path, columns).groupby("strength", as_index=False)[columns].mean()
        parts.append(means.assign(layer=layer))
    table = pd.concat(parts, ignore_index=True)
    return table[["layer", *[c for c in table.columns if c != "layer"]]]


def layer_zones_figure(frames: Frames, penalty: str) -> go.Figure:
    """One bar per layer, from the input down to the output."""
    bars, objective = [], frames.objective.validation
    for layer in path_layers(frames.trials, penalty):
        boundary = boundary_of(frames.boundaries, penalty, objective, layer)
        strengths = path_trials(frames.trials, penalty, layer)["strength"]
        bars.append(bar_over(plain(layer), penalty, boundary, strengths))
    return plot_bars(bars, f"strength of {penalty} on the layer")


def layer_curves_figure(table: pd.DataFrame, penalty: str, facts: StudyFacts) -> go.Figure:
    """The objective against each layer's strength, one line per layer."""
    metric = objective_of(facts)
    names = [str(layer) for layer in dict.fromkeys(table["layer"])]
    styles = {n: LineStyle(depth_colour(i, len(names)), i % 8) for i, n in enumerate(names)}
    figure = new_figure(380)
    column, scale = metric.validation, scale_of(metric)
    title = axis_title(metric, facts, "validation" if metric != ACCURACY else "")
    scaled = table.assign(**{column: scale * table[column]})
    plot_lines(figure, scaled, "layer", column, styles, lambda v: value_text(metric, v / scale))
    figure.update_layout(
        xaxis={"title": {"text": f"strength of {penalty} on the layer"}},
        yaxis={"title": {"text": title}},
    )
    return figure
