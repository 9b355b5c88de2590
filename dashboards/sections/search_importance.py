"""Which axis of a search decides: importances over all trials and without underfitting.

A table or a word on why there is none, and a figure.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from dashboards.figures.style import colour_of, fade, new_figure
from dashboards.gather.numbers import digits, percent, plain
from dashboards.gather.searched import Searched
from dashboards.gather.sides import zone_end
from dashboards.sections.axis_words import axis_words
from dashboards.sections.parts import Chart, chart_of
from sweep.regularizers.catalogue import has_path
from sweep.search.importance import BEST, FEWEST, rank_axes


def importance_chart(searched: Searched, table: pd.DataFrame) -> Chart:
    """The chart of an ``importance_table``."""
    penalty, table = searched.penalty, table.drop(columns="why")
    where, equal = "over all trials", percent(round(1 / len(table), 2))
    if has_path(penalty):
        where = "over all strengths and again below the one where underfitting starts"
    return chart_of(
        f"{penalty}: which axis decides",
        "How much an axis tells the best tenth of the trials (at least 5) from the others "
        f"(PED-ANOVA), {where}. With so few best trials chance has a part in it: an axis that "
        f"decides nothing gets some too, and all would get {equal} if none did.",
        importance_figure(table, colour_of(penalty, searched.frames.study.penalties)),
        table,
        f"Share of importance of every axis under {penalty}.",
    )


def importance_table(searched: Searched) -> pd.DataFrame | str:
    """One row per axis: its share over all trials, and over those below the underfitting."""
    whole = _ranked(searched, searched.trials)
    if not whole:
        return _why_none(searched.trials, "ended", f"{FEWEST} are needed, 6 of them to the end")
    if len(whole) == 1:
        return f"{next(iter(whole))} alone differs between the trials"
    table = pd.DataFrame({"axis": list(whole), "importance": list(whole.values())})
    right = zone_end(searched.frames.boundary(searched.penalty, "val_loss"), "right")
    table["without_underfitting"] = math.nan
    settled = "it is not settled where underfitting starts"
    table["why"] = settled if has_path(searched.penalty) else ""
    if right.found:
        weaker = searched.trials[searched.trials["strength"] < right.value]
        part = _ranked(searched, weaker)
        table["without_underfitting"] = [part.get(name, math.nan) for name in whole]
        table["why"] = "" if part else _why_none(weaker, "lie below", f"{FEWEST} are needed")
    table.insert(0, "penalty", searched.penalty)
    return table


def _why_none(trials: pd.DataFrame, where: str, needed: str) -> str:
    """Why no axis has a share."""
    complete = trials.loc[trials["state"] == "complete", "val_loss"]
    alike = len(trials) >= FEWEST and complete.count() > BEST
    return f"{len(trials)} trials {where}; {'their losses are too alike' if alike else needed}"


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
