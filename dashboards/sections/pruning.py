"""What pruning saved and whether it cost anything, in words, a table and figures."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from dashboards.figures.style import INK, MUTED, TOO_STRONG, UNREGULARIZED, colour_of, new_figure
from dashboards.gather.frames import Frames
from dashboards.gather.metric_format import axis_title
from dashboards.gather.numbers import (
    capitalized,
    count,
    digits,
    percent,
    plain,
    strength_text,
)
from dashboards.gather.pruning import Pruning
from dashboards.sections.parts import Chart, Section, chart_of
from dashboards.sections.pruning_words import pruning_words
from dashboards.sections.search import MAX_LISTED
from sweep.metrics.metric import ACCURACY

MOST_CURVES = 40
"""Of each kind in one figure: the best of them."""


def section(frames: Frames) -> Section | None:
    """Who was stopped and what it saved; None for a study without rungs."""
    pruning = Pruning(frames)
    if not pruning.rungs or pruning.curves.empty:
        return None
    listed = " and ".join(rung.words for rung in pruning.rungs)
    lines = " (dotted lines)" if pruning.shares_rungs else ""
    intro = (
        f"{pruning_words(pruning)} Trials are compared at {listed}{lines} with those of their own "
        "penalty; a cross marks a trial that was stopped there."
    )
    charts = [_chart(pruning, penalty) for penalty in pruning.penalties]
    rows = pruning_rows(pruning)
    return Section("pruning", "What pruning saved", intro, charts, 2, rows, _saved_words(pruning))


def _saved_words(pruning: Pruning) -> str:
    trials, (saved, planned) = count(len(pruning.explored), "trial"), pruning.saved()
    if not pruning.n_stopped:
        return f"Pruning stopped none of {trials}"
    share = percent(saved / planned)
    return f"Pruning stopped {pruning.n_stopped} of {trials} and saved {share} of the epochs"


def _chart(pruning: Pruning, penalty: str) -> Chart:
    table = pruning.table[pruning.table["penalty"] == penalty]
    left_out, outside = n_left_out(pruning, penalty), n_outside(pruning, penalty)
    caption = f"{left_out} worse trials are not drawn. " if left_out else ""
    lie = "lies" if outside == 1 else "lie"
    caption += f"{outside} of the stops {lie} outside of the frame." if outside else ""
    stopped = int((table["state"] == "pruned").sum())
    return chart_of(
        f"{penalty}: who was stopped",
        caption,
        pruning_figure(pruning, penalty),
        table.head(MAX_LISTED),
        f"Curves of the search's trials under {penalty}; {stopped} of {len(table)} were "
        "stopped early.",
    )


def pruning_rows(pruning: Pruning) -> list[dict[str, str]]:
    """One row of text per penalty: who was stopped where, what it saved, and what it missed."""
    rows = []
    for penalty in pruning.penalties:
        own = pruning.table[pruning.table["penalty"] == penalty]
        stopped = own[own["state"] == "pruned"]
        row = {"penalty": penalty, "trials": str(len(own))}
        for rung in pruning.rungs:
            there = stopped["epochs"] == rung.epochs[stopped.index]
            row[f"stopped at {rung.words}"] = str(int(there.sum()))
        saved, planned = pruning.saved(penalty)
        row["epochs saved"] = percent(saved / planned) if planned else "–"
        if pruning.control:
            for rung in pruning.rungs:
                correlation = pruning.correlation(rung, penalty)
                row[f"rank correlation, {rung.words} and end"] = digits(correlation, 2)
            missed = sum(trial in own.index for trial in pruning.missed)
            row["would have been better"] = str(missed)
        rows.append(row)
    return rows


def pruning_figure(pruning: Pruning, penalty: str) -> go.Figure:
    """The objective over epochs of a penalty's trials: the best, the kept, the stopped."""
    figure, groups = new_figure(400), _groups(pruning, penalty)
    colour = colour_of(penalty, pruning.penalties)
    _lines(figure, pruning, groups["stopped"], "stopped", UNREGULARIZED, 1.0, 0.75)
    _continued(figure, pruning, groups["stopped"], "trained to its end by the control", 0.5)
    _lines(figure, pruning, groups["kept"], "went on to the end", colour, 1.2, 0.45)
    if groups["missed"]:
        _lines(figure, pruning, groups["missed"], "", TOO_STRONG, 2.0, 1.0)
        name = "stopped, but would have been better"
        _continued(figure, pruning, groups["missed"], name, 1.0, TOO_STRONG, 2.0)
    _lines(figure, pruning, groups["best"], "best of the penalty", colour, 3.0, 1.0)
    line = {"color": MUTED, "width": 1, "dash": "dot"}
    for rung in pruning.rungs if pruning.shares_rungs else ():
        figure.add_vline(x=int(rung.epochs.iloc[0]), line=line, layer="below")
    stops = groups["stopped"] + groups["missed"]
    _stops(figure, pruning, stops)
    title = axis_title(pruning.metric, pruning.study, "validation")
    title = "validation accuracy" if pruning.metric == ACCURACY else title
    figure.update_layout(
        xaxis={"title": {"text": "epoch"}, "range": [0, 1.01 * int(pruning.planned.max())]},
        yaxis={"title": {"text": capitalized(title)}, "range": _value_range(pruning, penalty)},
    )
    return figure


def _groups(pruning: Pruning, penalty: str) -> dict[str, list[int]]:
    """Trials by what became of them; of each kind the best MOST_CURVES at their last epoch."""
    own = pruning.table[pruning.table["penalty"] == penalty]
    last = (pruning.sign * pruning.curves.ffill().iloc[-1]).sort_values()
    ordered = [int(trial) for trial in last.index if trial in own.index]
    best, missed = pruning.best(penalty), set(pruning.missed)
    stopped = {int(t) for t in own.index[own["state"] == "pruned"]}
    kinds = {
        "best": [t for t in ordered if t == best],
        "kept": [t for t in ordered if t not in stopped and t != best],
        "missed": [t for t in ordered if t in missed],
        "stopped": [t for t in ordered if t in stopped - missed],
    }
    return {kind: trials[:MOST_CURVES] for kind, trials in kinds.items()}


def n_left_out(pruning: Pruning, penalty: str) -> int:
    """Trials of a penalty that its figure does not draw."""
    shown = sum(len(trials) for trials in _groups(pruning, penalty).values())
    return int((pruning.table["penalty"] == penalty).sum()) - shown


def n_outside(pruning: Pruning, penalty: str) -> int:
    """Stops of a penalty that lie outside of its figure's frame."""
    low, high = _value_range(pruning, penalty)
    groups = _groups(pruning, penalty)
    stops = pruning.table.loc[groups["stopped"] + groups["missed"], ["trial", "epochs"]]
    values = [float(pruning.curves.loc[int(e), t]) for t, e in stops.itertuples(index=False)]
    return sum(not low <= value <= high for value in values)


def _lines(
    figure: go.Figure, pruning: Pruning, trials: Iterable[int], name: str, colour: str,
    width: float, opacity: float,
) -> None:  # fmt: skip
    _draw(
        figure, [pruning.curves[trial].dropna() for trial in trials],
        {"name": name, "showlegend": bool(name), "opacity": opacity},
        {"color": colour, "width": width},
    )  # fmt: skip


def _continued(
    figure: go.Figure, pruning: Pruning, trials: Iterable[int], name: str, opacity: float,
    colour: str = UNREGULARIZED, width: float = 1.0,
) -> None:  # fmt: skip
    """What the control trained beyond the stop."""
    stretches = []
    for trial in trials:
        if trial in pruning.control:
            again = pruning.curves[pruning.control[trial]].dropna()
            stretches.append(again[again.index >= pruning.table.loc[trial, "epochs"]])
    line = {"color": colour, "width": width, "dash": "dot"}
    _draw(figure, stretches, {"name": name, "opacity": opacity}, line)


def _draw(
    figure: go.Figure, series: list[pd.Series], style: dict[str, Any], line: dict[str, Any]
) -> None:
    """Many curves as one trace, with gaps between them."""
    if not series:
        return
    gap = [None]
    figure.add_scatter(
        x=[x for s in series for x in [*(int(e) for e in s.index), *gap]],
        y=[y for s in series for y in [*(float(v) for v in s), *gap]],
        mode="lines", line=line, hoverinfo="skip", connectgaps=False, **style,
    )  # fmt: skip


def _stops(figure: go.Figure, pruning: Pruning, trials: list[int]) -> None:
    """A cross where a trial was stopped."""
    rows = pruning.table.loc[trials].to_dict("records")
    if not rows:
        return
    figure.add_scatter(
        x=[row["epochs"] for row in rows],
        y=[float(pruning.curves.loc[int(row["epochs"]), row["trial"]]) for row in rows],
        mode="markers", showlegend=False,
        marker={
            "symbol": "x-thin-open", "size": 7, "color": INK, "line": {"width": 1.2, "color": INK},
        },
        hovertext=[
            f"trial {row['trial']}, {plain(row['penalty'])} at {strength_text(row['strength'])}<br>"
            f"stopped at epoch {row['epochs']:.0f}" for row in rows
        ],
        hoverinfo="text",
    )  # fmt: skip


def _value_range(pruning: Pruning, penalty: str) -> list[float]:
    """Bounds of the value axis: nine tenths of the values from shortly before the first rung on."""
    own = pruning.explored.index[pruning.explored["penalty"] == penalty]
    curves = pruning.curves[[t for t in own if t in pruning.curves]]
    first = min((int(rung.epochs.min()) for rung in pruning.rungs), default=0) / 2
    late = curves[curves.index >= first].to_numpy()
    late = pruning.sign * late[np.isfinite(late)]
    low, high = float(late.min()), float(np.quantile(late, 0.9))
    margin = 0.06 * (high - low or abs(high) or 1.0)
    ends = [low - margin, high + margin]
    return ends if pruning.sign > 0 else [-end for end in reversed(ends)]
