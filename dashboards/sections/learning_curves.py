"""How training went: learning curves of no regularization, the best strength and a strong one."""

from __future__ import annotations

import math
from collections.abc import Mapping

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
    value_range,
)
from dashboards.gather.facts import unit_word
from dashboards.gather.frames import Frames
from dashboards.gather.metric_format import value_text
from dashboards.gather.names import setting_name
from dashboards.gather.numbers import capitalized, loss_title, measured, strength_text
from dashboards.gather.outcome import Outcome
from dashboards.gather.sides import zone_end
from dashboards.gather.tables import HIGH_SHARE, LOW_SHARE, path_trials
from dashboards.sections.parts import Section, chart_of
from sweep.checks.uneven import Completed, is_uneven
from sweep.records.facts import StudyFacts

SPLITS = (("val_loss", "validation", "solid"), ("train_loss", "training", "dash"))
TOO_STRONG_FACTOR = 10.0
"""The too-strong setting lies this far beyond the start of underfitting, if the ladder does."""


def section(frames: Frames) -> Section | None:
    """Losses over training for each penalty; None where no curve is stored."""
    charts = []
    for penalty in frames.paths:
        settings = three_settings(frames, penalty)
        curves = learning_table(frames, settings, penalty)
        if curves.empty:
            continue
        listed = ", ".join(
            f"{name} ({strength_text(s)})" if s else name for name, s in settings.items()
        )
        charts.append(
            chart_of(
                f"{penalty}: loss over training",
                "",
                learning_figure(curves, frames.study, penalty),
                curves,
                f"Learning curves under {penalty}: {listed}.",
            )
        )
    if not charts:
        return None
    intro = (
        "A validation curve that turns upwards while training loss keeps falling is overfitting; "
        "two curves that stay high together are underfitting. Lines are means over "
        f"{unit_word(frames.study.design)}; bands hold the middle 80 % of validation losses."
    )
    if any(is_uneven(frames.path(penalty)) for penalty in frames.paths):
        intro += (
            " The curves of a strength with fewer of them are moved by as much as its point on "
            "the path."
        )
    return Section("curves", "Learning curves", intro, charts, finding=_stop_words(frames))


def _stop_words(frames: Frames) -> str:
    """When the unregularized network was at its best, and where it ended."""
    stop = Outcome(frames).early_stop
    if stop is None:
        return ""
    name = stop.metric.name
    whose = f" (path of {setting_name(stop.penalty)})" if len(frames.paths) > 1 else ""
    if stop.epoch == stop.last_epoch:
        return f"Without regularization{whose} validation {name} was still improving at the end"
    reached, final = (value_text(stop.metric, value) for value in (stop.value, stop.final))
    return (
        f"Without regularization{whose} validation {name} is best at epoch {stop.epoch} "
        f"({reached}) and ends at {final}"
    )


def three_settings(frames: Frames, penalty: str) -> dict[str, float]:
    """Strengths of the unregularized, the best and a too strong setting of a path, by their names.

    A setting that the path lacks is left out.
    """
    table = frames.paths[penalty]
    seen, best = table[table["val_loss"].notna()], frames.best(penalty)
    settings = {"no regularization": 0.0} if (seen["strength"] == 0).any() else {}
    if not math.isfinite(best):
        return settings
    settings["best"] = best
    stronger = seen.loc[seen["strength"] > best, "strength"]
    if stronger.empty:
        return settings
    right = zone_end(frames.boundary(penalty), "right")
    aim = TOO_STRONG_FACTOR * right.value if right.found else math.inf
    within = stronger[stronger <= aim * 1.001]
    settings["too strong"] = float(within.max() if len(within) else stronger.min())
    return settings


def learning_table(frames: Frames, settings: Mapping[str, float], penalty: str) -> pd.DataFrame:
    """One row per setting, metric and epoch: ``mean``, ``low`` (10 % of runs), ``high`` (90 %).

    A setting with fewer resamples than others has its curves moved by what that changes at the end
    (``sweep.checks.uneven``).
    """
    path, curves = path_trials(frames.trials, penalty), frames.curves
    names = {strength: name for name, strength in settings.items()}
    chosen = path[path["strength"].isin(list(names))][["trial", "strength"]]
    mine = curves[curves["metric"].isin(["val_loss", "train_loss"])].merge(chosen, on="trial")
    mine = mine[np.isfinite(mine["value"])]
    if is_uneven(path):
        units = frames.units[penalty]
        for name, own in mine.groupby("metric"):
            moves = Completed.of(units, path, str(name)).moves
            mine.loc[own.index, "value"] += own["trial"].map(moves)
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


def learning_figure(table: pd.DataFrame, facts: StudyFacts, penalty: str) -> go.Figure:
    """Validation (solid) and training (dashed) loss over epochs for each of the settings."""
    figure = new_figure(380)
    colours = {
        "no regularization": UNREGULARIZED,
        "best": colour_of(penalty, facts.penalties),
        "too strong": TOO_STRONG,
    }
    for name, colour in colours.items():
        mine = table[table["setting"] == name]
        if mine.empty:
            continue
        strength = float(mine["strength"].iloc[0])
        label = name if strength == 0 else f"{name}: strength {strength_text(strength)}"
        for metric, word, dash in SPLITS:
            _curve(figure, mine[mine["metric"] == metric], colour, label, word, dash)
    for _, word, dash in SPLITS:
        figure.add_scatter(
            x=[None], y=[None], mode="lines", name=word, line={"color": INK, "dash": dash}
        )
    figure.update_layout(
        xaxis={"title": {"text": "epoch"}, "rangemode": "tozero"},
        yaxis={
            "title": {"text": capitalized(loss_title(facts))},
            "range": _curve_range(table),
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
            f"{name}<br>epoch {e}, {word} loss {measured(v)}"
            for e, v in zip(epochs, rows["mean"], strict=True)
        ],
        hoverinfo="text",
    )  # fmt: skip


def _curve_range(table: pd.DataFrame) -> list[float]:
    """The frame: everything but a blow-up at the start or of one setting; of losses that may lie
    below 0 everything.
    """
    lowest = float(table["mean"].min())
    if lowest < 0:
        return value_range(lowest, float(table["mean"].max()), 0.05)
    return value_range(lowest, _curve_top(table), 0.08)


def _curve_top(table: pd.DataFrame) -> float:
    validation = table[table["metric"] == "val_loss"]
    if validation.empty:
        return float(table["mean"].max())
    lasting = validation[validation["epoch"] >= 0.1 * validation["epoch"].max()]
    usual = 2.5 * float(validation.groupby("setting")["mean"].last().median())
    highest = float(lasting["high"].max())
    first = float(validation.nsmallest(1, "epoch")["mean"].iloc[0])
    return min(max(highest, first), max(usual, first))
