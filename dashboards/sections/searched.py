"""Exploratory pictures of a search with several axes: profile, map by learning rate, importances.

All three come from the trials of the explore phase, which lie where the sampler liked them, so they
say where to look and not what is so. Each is a table or a word on why there is none, and a figure.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

import sweep
from dashboards.figures.style import INK, MUTED, colour_of, fade, new_figure, strength_ticks
from dashboards.gather.numbers import digits, loss_title, plain
from dashboards.gather.sides import side_of
from dashboards.gather.tables import Frames, path_trials, units_of
from sweep.search.importance import FEWEST, rank_axes
from sweep.statistics.strength_profile import (
    PER_AXIS,
    Crossing,
    Profile,
    choose_trials,
    profile_strength,
    replicate_noise,
)

ENDED = ("complete", "pruned", "diverged")
LOG_AXES = frozenset({"strength", "lr", "ratio"})
WIDE = 10.0
"""A positive axis whose ends differ by this factor is taken for logarithmic too."""
FEWEST_MAPPED = 12
"""Finished trials that a map needs."""
WORDS = {"lr": "learning rate", "ratio": "ratio between layers"}


@dataclass(frozen=True)
class Searched:
    """The explore trials of one penalty and the axes on which they differ."""

    frames: Frames
    penalty: str

    @cached_property
    def trials(self) -> pd.DataFrame:
        """Those that ended."""
        trials = self.frames.trials
        mine = (trials["phase"] == "explore") & (trials["penalty"] == self.penalty)
        found: pd.DataFrame = trials[mine & trials["state"].isin(ENDED) & (trials["strength"] > 0)]
        return found

    @cached_property
    def complete(self) -> pd.DataFrame:
        """Those that trained to their end."""
        done = (self.trials["state"] == "complete") & np.isfinite(self.trials["val_loss"])
        found: pd.DataFrame = self.trials[done]
        return found

    @cached_property
    def axes(self) -> list[str]:
        """What differs between the trials, the strength aside."""
        known = set(sweep.describe_frame("trials_frame")["column"]) - {"lr", "optimizer"}
        known.add("tau")  # the strength by another name
        candidates = [
            name
            for name in self.trials.columns
            if name not in known and not str(name).startswith("strength.")
        ]
        whole = [n for n in candidates if self.trials[n].notna().all()]
        return [str(n) for n in whole if self.trials[n].nunique() > 1]

    def is_log(self, axis: str) -> bool:
        if axis in LOG_AXES:
            return True
        values = self.trials[axis]
        return (
            pd.api.types.is_numeric_dtype(values)
            and values.min() > 0
            and values.max() >= WIDE * values.min()
        )

    def columns(self, trials: pd.DataFrame) -> np.ndarray:
        """The axes of these trials (N, D), each in [0, 1]; words have a column for each choice."""
        columns = []
        for axis in self.axes:
            values = trials[axis]
            if not pd.api.types.is_numeric_dtype(values):
                choices = sorted(values.unique())
                columns += [(values == c).to_numpy(float) for c in choices[len(choices) == 2 :]]
                continue
            numbers = values.to_numpy(float)
            numbers = np.log(numbers) if self.is_log(axis) else numbers
            columns.append((numbers - numbers.min()) / (float(np.ptp(numbers)) or 1.0))
        return np.column_stack(columns) if columns else np.empty((len(trials), 0))

    @cached_property
    def null_loss(self) -> float:
        runs = self.frames.runs
        return float(runs.loc[runs["trial"].isin(self.trials["trial"]), "null_loss"].mean())

    @cached_property
    def noise(self) -> float:
        """Deviation of one run's log loss, from replicates of the search or else of the path."""
        path = path_trials(self.frames.trials, self.penalty)
        for trials in (self.complete, path[path["strength"] > 0]):
            units = units_of(trials, self.frames.runs, self.frames.study)
            table = units.pivot(index="trial", columns="unit", values="val_loss").dropna()
            table = table[(table.mean(axis=1) <= self.null_loss) & (table > 0).all(axis=1)]
            if min(table.shape) > 1:
                return replicate_noise(table.to_numpy(float))
        return math.nan


def axis_words(name: str) -> str:
    """An axis as it is called on a page."""
    if name.startswith("offset."):
        return f"own strength of {name.removeprefix('offset.')}"
    return WORDS.get(name, name.removeprefix("model.").replace("_", " "))


def listed(names: Sequence[str]) -> str:
    words = [axis_words(name) for name in names]
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


# ---- the profile -------------------------------------------------------------------------------


def search_profile(searched: Searched) -> Profile | str:
    """The lowest loss that each strength allows, or why there is no such profile."""
    trials = searched.complete
    others = searched.columns(trials)
    n_axes = 1 + others.shape[1]
    if len(trials) < PER_AXIS * n_axes:
        return (
            f"{len(trials)} trials finished on {n_axes} axes; {PER_AXIS * n_axes} are needed, "
            f"{PER_AXIS} for each axis"
        )
    if not math.isfinite(searched.noise):
        return "no setting was trained twice, so the noise is not known"
    if trials["strength"].nunique() < 2:
        return "all finished trials have the same strength"
    if not (trials["val_loss"] > 0).all() or not math.isfinite(searched.null_loss):
        return "it takes the logarithm of losses, and some are not above 0"
    losses = trials["val_loss"].to_numpy(float)
    chosen = choose_trials(losses)
    return profile_strength(
        trials["strength"].to_numpy(float)[chosen],
        others[chosen],
        losses[chosen],
        searched.noise / np.sqrt(trials["n_runs"].to_numpy(float)[chosen]),
        searched.null_loss,
        seed=int(searched.frames.study.get("seed") or 0),
    )


def profile_table(profile: Profile) -> pd.DataFrame:
    columns = ("strengths", "middle", "low", "high")
    named = {"strengths": "strength", "middle": "median", "low": "band_low", "high": "band_high"}
    return pd.DataFrame({named[c]: getattr(profile, c) for c in columns})


def profile_words(profile: Profile) -> str:
    """What the profile suggests, in one sentence."""
    left, right = profile.ends, profile.starts
    first, second = _side_words(left, "ends", "below"), _side_words(right, "starts", "above")
    return f"It suggests that overfitting {first}, and underfitting {second}."


def _side_words(side: Crossing, verb: str, beyond: str) -> str:
    if side.verdict == "found":
        return f"{verb} at {digits(side.value, 2)} {_range(side)}"
    if side.verdict == "none":
        return "does not show at the strengths of finished trials"
    bound = side.high if beyond == "below" else side.low
    return f"{verb} {beyond} {digits(bound, 2)}, if at all"


def _range(side: Crossing) -> str:
    low = digits(side.low, 2) if side.low > 0 else "below the range"
    high = digits(side.high, 2) if math.isfinite(side.high) else "above the range"
    return f"[{low}, {high}]"


def profile_figure(searched: Searched, profile: Profile) -> go.Figure:
    """The profile with its band, the trials, the threshold and both sides' intervals on it."""
    figure = new_figure(400)
    colour = colour_of(searched.penalty, list(searched.frames.study.get("penalties", ())))
    x = profile.strengths
    top = 1.1 * min(float(profile.high.max()), 1.3 * searched.null_loss)
    trials = searched.complete
    figure.add_scatter(
        x=np.concatenate([x, x[::-1]]),
        y=np.minimum(np.concatenate([profile.high, profile.low[::-1]]), top),
        fill="toself", fillcolor=fade(colour, 0.18), line={"width": 0}, mode="lines",
        name="95 % of the curves", hoverinfo="skip",
    )  # fmt: skip
    figure.add_scatter(
        x=x, y=np.minimum(profile.middle, top), mode="lines", name="lowest loss, median",
        line={"color": colour, "width": 2.5},
        hovertext=[
            f"strength {digits(s)}<br>lowest loss {digits(m)} [{digits(lo)}, {digits(hi)}]"
            for s, m, lo, hi in zip(x, profile.middle, profile.low, profile.high, strict=True)
        ],
        hoverinfo="text",
    )  # fmt: skip
    losses = trials["val_loss"].to_numpy(float)
    figure.add_scatter(
        x=trials["strength"].to_numpy(float), y=np.minimum(losses, top), mode="markers",
        name=f"finished trials{', some above the frame' if (losses > top).any() else ''}",
        marker={"size": 6, "color": colour, "opacity": 0.55},
        hovertext=[
            f"trial {t}<br>strength {digits(s)}<br>validation loss {digits(v)}"
            for t, s, v in zip(trials["trial"], trials["strength"], losses, strict=True)
        ],
        hoverinfo="text",
    )  # fmt: skip
    _threshold(figure, profile)
    _path_boundaries(figure, searched)
    bottom = min(float(profile.low.min()), float(losses.min()))
    values, texts = strength_ticks(float(x[0]), float(x[-1]))
    title = loss_title(str(searched.frames.study.get("task")), "validation")
    figure.update_layout(
        xaxis={
            "type": "log", "tickvals": values, "ticktext": texts, "showgrid": False,
            "title": {"text": f"strength of {plain(searched.penalty)}"},
        },
        yaxis={
            "title": {"text": title.capitalize()},
            "range": [bottom - 0.08 * (top - bottom), top + 0.03 * (top - bottom)],
        },
    )  # fmt: skip
    return figure


def _threshold(figure: go.Figure, profile: Profile) -> None:
    """The threshold, and on it where the profile crosses, with the interval as whiskers."""
    x, level = profile.strengths, profile.threshold
    figure.add_scatter(
        x=[x[0], x[-1]], y=[level, level], mode="lines", hoverinfo="skip",
        name=f"threshold ({digits(level)})", line={"color": MUTED, "width": 1.2},
    )  # fmt: skip
    found = [side for side in (profile.ends, profile.starts) if side.verdict == "found"]
    if not found:
        return
    value = np.array([side.value for side in found])
    low = np.array([max(side.low, float(x[0])) for side in found])
    high = np.array([min(side.high, float(x[-1])) for side in found])
    figure.add_scatter(
        x=value, y=[level] * len(found), mode="markers", name="where it crosses, 95 %",
        marker={"symbol": "diamond", "size": 10, "color": INK},
        error_x={
            "type": "data", "symmetric": False, "array": high - value, "arrayminus": value - low,
            "color": INK, "thickness": 1.5, "width": 5,
        },
        hovertext=[f"{digits(side.value)} {_range(side)}" for side in found], hoverinfo="text",
    )  # fmt: skip


def _path_boundaries(figure: go.Figure, searched: Searched) -> None:
    """The boundaries proper, for comparison."""
    boundary = searched.frames.boundary(searched.penalty, "val_loss")
    values = [s.value for s in (side_of(boundary, "left"), side_of(boundary, "right")) if s.found]
    for value in values:
        figure.add_shape(
            type="line", x0=value, x1=value, y0=0, y1=1, xref="x", yref="paper",
            line={"width": 1.2, "color": INK, "dash": "dot"},
        )  # fmt: skip
    if values:
        figure.add_scatter(
            x=[None], y=[None], mode="lines", name="boundaries, from the path", hoverinfo="skip",
            line={"color": INK, "width": 1.2, "dash": "dot"},
        )  # fmt: skip


# ---- learning rate by strength -----------------------------------------------------------------


@dataclass(frozen=True)
class RateMap:
    """The trials of a penalty in cells of strength and learning rate."""

    penalty: str
    strengths: np.ndarray
    """Edges of the cells (X + 1,)."""
    rates: np.ndarray
    """Edges (Y + 1,)."""
    loss: np.ndarray
    """Median loss of the finished trials (Y, X); nan where none finished."""
    finished: np.ndarray
    """How many did (Y, X)."""
    lost: np.ndarray
    """How many were stopped early or diverged (Y, X)."""


def rate_map(searched: Searched) -> RateMap | str:
    """Cells as many as there are trials, about, or why there is no map."""
    trials, n_done = searched.trials, len(searched.complete)
    if n_done < FEWEST_MAPPED:
        return f"{n_done} trials finished; {FEWEST_MAPPED} are needed"
    n_y = int(np.clip(math.sqrt(len(trials) / 1.5), 3, 7))
    n_x = int(np.clip(1.5 * n_y, 4, 10))
    x, y = np.log10(trials["strength"].to_numpy(float)), np.log10(trials["lr"].to_numpy(float))
    edges_x, edges_y = (
        np.linspace(x.min(), x.max(), n_x + 1),
        np.linspace(y.min(), y.max(), n_y + 1),
    )
    column = np.clip(np.searchsorted(edges_x, x, side="right") - 1, 0, n_x - 1)
    row = np.clip(np.searchsorted(edges_y, y, side="right") - 1, 0, n_y - 1)
    done = trials.index.isin(searched.complete.index)
    losses = trials["val_loss"].to_numpy(float)
    loss = np.full((n_y, n_x), math.nan)
    finished, lost = np.zeros((n_y, n_x), int), np.zeros((n_y, n_x), int)
    for place in {(int(r), int(c)) for r, c in zip(row, column, strict=True)}:
        here = (row == place[0]) & (column == place[1])
        finished[place], lost[place] = (here & done).sum(), (here & ~done).sum()
        if finished[place]:
            loss[place] = float(np.median(losses[here & done]))
    return RateMap(searched.penalty, 10**edges_x, 10**edges_y, loss, finished, lost)


def rate_table(cells: RateMap) -> pd.DataFrame:
    """One row per cell that has trials."""
    rows = []
    for (y, x), loss in np.ndenumerate(cells.loss):
        if cells.finished[y, x] + cells.lost[y, x]:
            rows.append(
                {
                    "strength_low": cells.strengths[x],
                    "strength_high": cells.strengths[x + 1],
                    "lr_low": cells.rates[y],
                    "lr_high": cells.rates[y + 1],
                    "median_val_loss": loss,
                    "trials": int(cells.finished[y, x]),
                    "stopped_or_diverged": int(cells.lost[y, x]),
                }
            )
    return pd.DataFrame(rows)


def gain_lost(cells: RateMap, best_loss: float, null_loss: float) -> np.ndarray:
    """The share in % of the gain from ``null_loss`` to ``best_loss`` that is lost in each cell."""
    return 100 * (cells.loss - best_loss) / (null_loss - best_loss)


def rate_figure(cells: RateMap, share: np.ndarray, worst: float) -> go.Figure:
    """The map, coloured by ``share`` (Y, X), what is lost in %, from 0 to ``worst``."""
    figure = new_figure(380)
    hover = [
        [
            f"strength {digits(cells.strengths[x], 2)} to {digits(cells.strengths[x + 1], 2)}"
            f"<br>learning rate {digits(cells.rates[y], 2)} to {digits(cells.rates[y + 1], 2)}"
            f"<br>{cells.finished[y, x]} finished, {cells.lost[y, x]} stopped or diverged"
            f"<br>median loss {digits(cells.loss[y, x])}"
            for x in range(cells.loss.shape[1])
        ]
        for y in range(cells.loss.shape[0])
    ]
    figure.add_heatmap(
        x=cells.strengths, y=cells.rates,
        z=[[None if math.isnan(v) else float(v) for v in row] for row in share],
        zmin=0, zmax=worst, colorscale="Viridis", reversescale=True, xgap=1, ygap=1,
        hovertext=hover, hoverinfo="text",
        colorbar={
            "thickness": 12, "outlinewidth": 0, "nticks": 6,
            "tickfont": {"size": 12, "color": MUTED},
            "title": {"text": "gain lost, %", "side": "right", "font": {"size": 13}},
        },
    )  # fmt: skip
    empty = np.argwhere((cells.finished == 0) & (cells.lost > 0))
    if len(empty):
        middle_x = np.sqrt(cells.strengths[1:] * cells.strengths[:-1])
        middle_y = np.sqrt(cells.rates[1:] * cells.rates[:-1])
        figure.add_scatter(
            x=[middle_x[x] for _, x in empty], y=[middle_y[y] for y, _ in empty], mode="markers",
            name="every trial was stopped or diverged", hoverinfo="name", showlegend=True,
            marker={"symbol": "x-thin-open", "size": 9, "color": MUTED, "line": {"width": 1.5}},
        )  # fmt: skip
    values, texts = strength_ticks(float(cells.strengths[0]), float(cells.strengths[-1]))
    rates = _rate_ticks(float(cells.rates[0]), float(cells.rates[-1]))
    figure.update_layout(
        xaxis={
            "type": "log", "tickvals": values, "ticktext": texts, "showgrid": False,
            "range": np.log10(cells.strengths[[0, -1]]).tolist(),
            "title": {"text": f"strength of {plain(cells.penalty)}"},
        },
        yaxis={
            "type": "log", "tickvals": rates, "ticktext": [digits(v) for v in rates],
            "range": np.log10(cells.rates[[0, -1]]).tolist(), "showgrid": False,
            "title": {"text": "learning rate"},
        },
    )  # fmt: skip
    return figure


def _rate_ticks(low: float, high: float) -> list[float]:
    """1, 2 and 5 of every decade between two numbers, or 1 alone where those are too many."""
    powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    for steps in ((1, 2, 5), (1,)):
        ticks = [s * 10.0**p for p in powers for s in steps]
        ticks = [t for t in ticks if low * 0.999 <= t <= high * 1.001]
        if len(ticks) <= 8:
            break
    return ticks


# ---- importances -------------------------------------------------------------------------------


def importance_table(searched: Searched) -> pd.DataFrame | str:
    """One row per axis: its share over all trials, and over those below the underfitting."""
    whole = _ranked(searched, searched.trials)
    if not whole:
        return f"{len(searched.trials)} trials ended; {FEWEST} are needed, 6 of them to the end"
    table = pd.DataFrame({"axis": list(whole), "importance": list(whole.values())})
    right = side_of(searched.frames.boundary(searched.penalty, "val_loss"), "right")
    table["without_underfitting"] = math.nan
    table["why"] = "it is not settled where underfitting starts"
    if right.found:
        weaker = searched.trials[searched.trials["strength"] < right.value]
        part = _ranked(searched, weaker)
        table["without_underfitting"] = [part.get(name, math.nan) for name in whole]
        table["why"] = "" if part else f"{len(weaker)} trials lie below; {FEWEST} are needed"
    table.insert(0, "penalty", searched.penalty)
    return table


def _ranked(searched: Searched, trials: pd.DataFrame) -> Mapping[str, float]:
    names = ["strength", *searched.axes]
    done = (trials["state"] == "complete").to_numpy()
    losses = np.where(done, trials["val_loss"].to_numpy(float), math.nan)
    axes: dict[str, list[Any]] = {name: trials[name].tolist() for name in names}
    return rank_axes(axes, losses.tolist(), frozenset(n for n in names if searched.is_log(n)))


def importance_figure(table: pd.DataFrame, colour: str) -> go.Figure:
    """Bars by axis: all trials in full colour, those without underfitting faded."""
    rows = table[::-1].reset_index(drop=True)
    labels = np.array([plain(axis_words(name)) for name in rows["axis"]])
    figure = new_figure(120 + 46 * len(rows))
    for column, name, opacity in (
        ("without_underfitting", "without the underfitting strengths", 0.35),
        ("importance", "all trials", 1.0),
    ):
        shares = 100 * rows[column].to_numpy(float)
        shown = np.isfinite(shares)
        if shown.any():
            figure.add_bar(
                y=labels[shown].tolist(), x=shares[shown], orientation="h", name=name,
                marker={"color": fade(colour, opacity)}, hoverinfo="text",
                hovertext=[f"{name}: {digits(v)} %" for v in shares[shown]],
            )  # fmt: skip
    figure.update_layout(
        barmode="group", bargap=0.3,
        xaxis={"title": {"text": "importance, %"}, "range": [0, 103]},
        yaxis={"showgrid": False, "ticklen": 0, "categoryarray": labels.tolist()},
        legend={"traceorder": "reversed"},
    )  # fmt: skip
    return figure
