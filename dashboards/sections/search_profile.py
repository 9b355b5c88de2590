"""The profile of a search: the lowest loss that each strength allows at the best of the other axes.

A table or a word on why there is none, and a figure.
"""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from dashboards.figures.style import INK, MUTED, colour_of, fade, new_figure, strength_ticks
from dashboards.gather.numbers import capitalized, loss_title, measured, plain, strength_text
from dashboards.gather.searched import Searched
from dashboards.gather.sides import zone_end
from dashboards.sections.axis_words import listed_axes
from dashboards.sections.parts import Chart, chart_of
from sweep.regularizers.catalogue import shows_strength
from sweep.statistics.strength_profile import (
    PER_AXIS,
    Crossing,
    StrengthProfile,
    choose_trials,
    profile_strength,
)
from sweep.statistics.verdicts import SideVerdict


def profile_chart(searched: Searched) -> Chart | str:
    """The profile of a penalty's search, or why it is not shown."""
    profile = search_profile(searched)
    if isinstance(profile, str):
        return profile
    return chart_of(
        f"{searched.penalty}: the lowest loss at each strength (exploratory)",
        f"{profile_words(profile)} Curves that agree with {profile.n_trials} finished "
        "trials and their noise (a Gaussian process), each at its best "
        f"{listed_axes(searched.axes)} for every strength.",
        profile_figure(searched, profile),
        profile_table(profile),
        f"The lowest validation loss at each strength of {searched.penalty}. "
        + profile_words(profile),
    )


def search_profile(searched: Searched) -> StrengthProfile | str:
    """The lowest loss that each strength allows, or why there is no such profile."""
    if not shows_strength(searched.penalty):
        return "no one number is its strength"
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
        seed=searched.frames.study.seed,
    )


def profile_table(profile: StrengthProfile) -> pd.DataFrame:
    columns = ("strengths", "middle", "low", "high")
    named = {"strengths": "strength", "middle": "median", "low": "band_low", "high": "band_high"}
    return pd.DataFrame({named[c]: getattr(profile, c) for c in columns})


def profile_words(profile: StrengthProfile) -> str:
    """What the profile suggests, in one sentence."""
    left, right = profile.ends, profile.starts
    first, second = _side_words(left, "ends", "below"), _side_words(right, "starts", "above")
    return f"It suggests that overfitting {first}, and underfitting {second}."


def _side_words(side: Crossing, verb: str, beyond: str) -> str:
    if side.verdict is SideVerdict.FOUND:
        return f"{verb} at {strength_text(side.value)} {_range(side)}"
    if side.verdict is SideVerdict.NONE:
        return "does not show at the strengths of finished trials"
    bound = side.high if beyond == "below" else side.low
    return f"{verb} {beyond} {strength_text(bound)}, if at all"


def _range(side: Crossing) -> str:
    low = strength_text(side.low) if side.low > 0 else "below the range"
    high = strength_text(side.high) if math.isfinite(side.high) else "above the range"
    return f"[{low}, {high}]"


def profile_figure(searched: Searched, profile: StrengthProfile) -> go.Figure:
    """The profile with its band, the trials, the threshold and both sides' intervals on it."""
    figure = new_figure(400)
    colour = colour_of(searched.penalty, searched.frames.study.penalties)
    x = profile.strengths
    top = 1.1 * min(float(profile.high.max()), 1.3 * searched.null_loss)
    _curves(figure, profile, colour, top)
    _trials(figure, searched, colour, top)
    _threshold(figure, profile)
    _path_boundaries(figure, searched)
    bottom = min(float(profile.low.min()), float(searched.complete["val_loss"].min()))
    values, texts = strength_ticks(float(x[0]), float(x[-1]))
    title = loss_title(searched.frames.study, "validation")
    figure.update_layout(
        xaxis={
            "type": "log", "tickvals": values, "ticktext": texts, "showgrid": False,
            "title": {"text": f"strength of {plain(searched.penalty)}"},
        },
        yaxis={
            "title": {"text": capitalized(title)},
            "range": [bottom - 0.08 * (top - bottom), top + 0.03 * (top - bottom)],
        },
    )  # fmt: skip
    return figure


def _curves(figure: go.Figure, profile: StrengthProfile, colour: str, top: float) -> None:
    """The median of the curves' lowest losses, and the band of 95 % of them."""
    x = profile.strengths
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
            f"strength {strength_text(s)}<br>lowest loss {measured(m)} "
            f"[{measured(lo)}, {measured(hi)}]"
            for s, m, lo, hi in zip(x, profile.middle, profile.low, profile.high, strict=True)
        ],
        hoverinfo="text",
    )  # fmt: skip


def _trials(figure: go.Figure, searched: Searched, colour: str, top: float) -> None:
    """The finished trials; those above the frame stand at its edge."""
    trials = searched.complete
    losses = trials["val_loss"].to_numpy(float)
    figure.add_scatter(
        x=trials["strength"].to_numpy(float), y=np.minimum(losses, top), mode="markers",
        name=f"finished trials{', some above the frame' if (losses > top).any() else ''}",
        marker={"size": 6, "color": colour, "opacity": 0.55},
        hovertext=[
            f"trial {t}<br>strength {strength_text(s)}<br>validation loss {measured(v)}"
            for t, s, v in zip(trials["trial"], trials["strength"], losses, strict=True)
        ],
        hoverinfo="text",
    )  # fmt: skip


def _threshold(figure: go.Figure, profile: StrengthProfile) -> None:
    """The threshold, and on it where the profile crosses, with the interval as whiskers."""
    x, level = profile.strengths, profile.threshold
    figure.add_scatter(
        x=[x[0], x[-1]], y=[level, level], mode="lines", hoverinfo="skip",
        name=f"threshold ({measured(level)})", line={"color": MUTED, "width": 1.2},
    )  # fmt: skip
    found = [side for side in (profile.ends, profile.starts) if side.verdict is SideVerdict.FOUND]
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
        hovertext=[f"{strength_text(side.value)} {_range(side)}" for side in found],
        hoverinfo="text",
    )  # fmt: skip


def _path_boundaries(figure: go.Figure, searched: Searched) -> None:
    """The boundaries proper, for comparison."""
    boundary = searched.frames.boundary(searched.penalty, "val_loss")
    values = [
        end.value for end in (zone_end(boundary, "left"), zone_end(boundary, "right")) if end.found
    ]
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
