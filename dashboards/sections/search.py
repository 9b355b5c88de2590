"""The search: every trial of the explore phase."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from dashboards.figures.style import (
    INK,
    colour_of,
    marker_of,
    new_figure,
    strength_ticks,
    value_range,
)
from dashboards.gather.finalists import lost_finalists
from dashboards.gather.frames import Frames
from dashboards.gather.imported import worded
from dashboards.gather.names import setting_name
from dashboards.gather.numbers import capitalized, count, loss_title, measured, plain, strength_text
from dashboards.gather.tables import shown_strengths
from dashboards.sections.parts import Section, chart_of
from sweep.regularizers.catalogue import NONE, shows_strength

DIVERGED = "triangle-up-open"
SUFFIXES = {"complete": "", "pruned": "-open", "diverged": ""}
"""Of a penalty's marker: what trained to its end is filled."""
MAX_LISTED = 300
"""Trials in the table beneath the search's figure; the page's own table has more."""


def section(frames: Frames) -> Section | None:
    """All trials of the search; None where none ended."""
    table = explore_table(frames.trials)
    if table.empty:
        return None
    moves = table["lr"].nunique() > 1 if "lr" in table else False
    differ = (
        "Learning rate and other settings differ from point to point, and the" if moves else "The"
    )
    shows = f"{differ} search went where it did well: this shows where the paths were laid"
    tried = "Points may differ in more than the strength: this shows what was tried"
    chart = chart_of(
        "Every trial of the search",
        f"{worded(frames.study, shows, tried)}, not where the boundaries are.",
        explore_figure(frames),
        table,
        "Validation loss against strength of every trial of the explore phase.",
    )
    words = f"{count(len(_shown(frames.trials)), 'trial')} of the search"
    finding, lost = words + _best(frames), _lost_words(frames.trials)
    return Section(
        "trials-of-search", "The search", lost, [chart], finding=finding, open=bool(lost)
    )


def _best(frames: Frames) -> str:
    """The best complete trial in words."""
    metric, mine = frames.objective, _shown(frames.trials)
    done = mine[(mine["state"] == "complete") & mine[metric.validation].notna()]
    if done.empty:
        return ""
    row = done.iloc[int((metric.sign * done[metric.validation]).argmin())]
    name, lr = setting_name(str(row["penalty"])), float(row["lr"])
    if shows_strength(str(row["penalty"])) and row["strength"] > 0:
        name += f" at {strength_text(float(row['strength']))}"
    rate = f" and learning rate {strength_text(lr)}" if math.isfinite(lr) else ""
    return f"; the best has {name}{rate}{_repeated(frames.trials)}"


def _repeated(trials: pd.DataFrame) -> str:
    """How the settings were chosen that were gone on with, where it was not by the search alone."""
    mine = trials[(trials["phase"] == "select") & (trials["state"] == "complete")]
    if mine.empty:
        return ""
    most, n_runs = int(mine["penalty"].value_counts().max()), int(mine["n_runs"].max())
    return (
        f"; up to {most} of the best of each penalty were repeated on {n_runs} other resamples, "
        "and the path goes through the best of these"
    )


def _lost_words(trials: pd.DataFrame) -> str:
    """That no finalist of a penalty completed, and what was gone on with."""
    return " ".join(
        f"None of the {count(len(own), 'finalist')} of {setting_name(penalty)} completed on other "
        "resamples, so the best trial of the search was gone on with, which one resample may "
        "flatter."
        for penalty, own in lost_finalists(trials).items()
    )


def explore_table(trials: pd.DataFrame) -> pd.DataFrame:
    """The best explore trials: trial, penalty, strength, learning rate, state, losses."""
    mine = _shown(trials)
    mine = mine.assign(strength=shown_strengths(mine))
    mine = mine.nsmallest(MAX_LISTED, "val_loss", keep="all") if len(mine) > MAX_LISTED else mine
    return mine[["trial", "penalty", "strength", "lr", "state", "val_loss", "train_loss"]]


def _shown(trials: pd.DataFrame) -> pd.DataFrame:
    """The explore trials that ended."""
    return trials[(trials["phase"] == "explore") & trials["state"].isin(list(SUFFIXES))]


def explore_figure(frames: Frames) -> go.Figure:
    """Validation loss against strength of every explore trial, by penalty and state."""
    metric, mine = "val_loss", _shown(frames.trials)
    low, high, margin = _range_of(mine)
    top = _explore_top(mine)
    figure = new_figure(430)
    penalties = [p for p in (NONE, *frames.study.penalties) if (mine["penalty"] == p).any()]
    for penalty in dict.fromkeys(penalties):
        rows = mine[mine["penalty"] == penalty]
        colour, marker = colour_of(penalty, penalties), marker_of(penalty, penalties)
        places = [r if r > 0 else low / margin for r in rows["strength"]]
        if not shows_strength(penalty):
            places = [high * margin] * len(rows)
        _explore_dots(figure, rows, places, (colour, marker), penalty, top)
        _key(figure, plain(penalty), marker, colour)
    if (mine["state"] == "pruned").any():
        _key(figure, "hollow: stopped early", "circle-open", INK)
    if (mine["state"] == "diverged").any() or (mine[metric] > top).any():
        _key(figure, "diverged, or above the frame", DIVERGED, INK)
    values, texts = strength_ticks(low, high)
    if (mine["strength"] == 0).any():
        values, texts = [low / margin, *values], ["0", *texts]
    if not mine["penalty"].map(shows_strength).all():
        values, texts = [*values, high * margin], [*texts, "no one strength"]
    figure.update_layout(
        xaxis={
            "type": "log", "title": {"text": "strength"},
            "tickvals": values, "ticktext": texts,
        },
        yaxis={
            "title": {"text": capitalized(loss_title(frames.study, "validation"))},
            "range": _loss_range(float(mine[metric].min()), top),
        },
    )  # fmt: skip
    return figure


def _range_of(mine: pd.DataFrame) -> tuple[float, float, float]:
    """The lowest and highest strength above 0, and the factor by which what has none lies
    beyond them.
    """
    strengths = mine.loc[mine["penalty"].map(shows_strength) & (mine["strength"] > 0), "strength"]
    if strengths.empty:
        return 1e-3, 1.0, 10**0.4
    low, high = float(strengths.min()), float(strengths.max())
    return low, high, float(10 ** max(0.4, 0.08 * math.log10(high / low)))


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
    usual = float(losses.quantile(0.75))
    if losses.min() < 0:
        return float(min(losses.max(), usual + 1.5 * (usual - losses.min())))
    return float(min(losses.max(), max(2.0 * usual, 1.5 * losses.median())))


def _loss_range(lowest: float, top: float) -> list[float]:
    """The ends of the axis: near the lowest loss, not at 0."""
    return [0.85 * lowest, 1.03 * top] if lowest > 0 else value_range(lowest, top, 0.03)


def _explore_dots(
    figure: go.Figure,
    rows: pd.DataFrame,
    places: list[float],
    look: tuple[str, str],
    penalty: str,
    top: float,
) -> None:
    """Every trial of a penalty, in the colour and the marker of its ``look``."""
    colour, marker = look
    records = rows.to_dict("records")
    seen = [r["val_loss"] if math.isfinite(r["val_loss"]) else math.inf for r in records]
    beyond = [r["state"] == "diverged" or v > top for r, v in zip(records, seen, strict=True)]
    strength = "<br>strength %{customdata[4]}" if shows_strength(penalty) else ""
    known = rows["lr"].notna().all()
    rate = "<br>learning rate %{customdata[3]}" if known else ""
    figure.add_scatter(
        x=places,
        y=[top if out else v for v, out in zip(seen, beyond, strict=True)],
        mode="markers", name=plain(penalty), showlegend=False,
        marker={
            "color": colour, "size": 8, "opacity": 0.85, "line": {"width": 1.5, "color": colour},
            "symbol": [
                DIVERGED if out else marker + SUFFIXES[r["state"]]
                for r, out in zip(records, beyond, strict=True)
            ],
        },
        customdata=[
            [r["trial"], r["state"], measured(r["val_loss"]), *map(strength_text, own)]
            for r, own in zip(records, rows[["lr", "strength"]].to_numpy(float), strict=True)
        ],
        hovertemplate=(
            f"trial %{{customdata[0]}}, {plain(penalty)}, %{{customdata[1]}}{strength}"
            f"<br>validation loss %{{customdata[2]}}{rate}<extra></extra>"
        ),
    )  # fmt: skip
