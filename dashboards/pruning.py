"""What pruning did: who was stopped where, what that saved, and what the control says of it."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from dashboards.points import Study
from dashboards.style import MUTED, colour_of, digits, fade, loss_title, new_figure, percent, plain

MOST_LINES = 120
"""Trials that are drawn; the best by their last value."""


def pruned_trials(trials: pd.DataFrame) -> pd.DataFrame:
    """The explore trials that were stopped early."""
    return trials[(trials["phase"] == "explore") & (trials["state"] == "pruned")]


def saved_epochs(trials: pd.DataFrame, n_epochs: int) -> tuple[float, float]:
    """Epochs that pruning saved, summed over runs, and their share of the explore phase."""
    explored = trials[(trials["phase"] == "explore") & (trials["n_runs"] > 0)]
    pruned = pruned_trials(trials)
    saved = float(((n_epochs - pruned["epochs"]) * pruned["n_runs"]).sum())
    whole = float(n_epochs * explored["n_runs"].sum())
    return saved, saved / whole if whole else 0.0


def control_table(trials: pd.DataFrame) -> pd.DataFrame:
    """One row per pruned trial that was trained on: trial, penalty, strength, value at its rung
    (``stopped_at``) and at the end (``val_loss``), both as validation loss."""
    control = trials[(trials["phase"] == "control") & trials["val_loss"].notna()]
    origin = control["path"].str.removeprefix("trial ").astype(int)
    ended = control.assign(trial=origin)[["trial", "val_loss", "val_accuracy"]]
    pruned = pruned_trials(trials).rename(columns={"val_loss": "stopped_at"})
    kept = ["trial", "penalty", "strength", "lr", "epochs", "stopped_at"]
    return pruned[kept].merge(ended, on="trial").sort_values("trial")


def pruning_words(trials: pd.DataFrame, study: Study) -> str:
    """What pruning saved, and whether it stopped a trial that would have won."""
    pruned = pruned_trials(trials)
    explored = trials[(trials["phase"] == "explore") & (trials["n_runs"] > 0)]
    saved, share = saved_epochs(trials, int(study["epochs"]))
    words = (
        f"Pruning stopped {len(pruned)} of {len(explored)} trials and saved "
        f"{saved:.0f} epochs, {percent(share)} of the search."
    )
    control = control_table(trials)
    if control.empty:
        return words + " What the stopped trials would have come to is not known (set control)."
    return f"{words} {_control_words(trials, control, study)}"


def _control_words(trials: pd.DataFrame, control: pd.DataFrame, study: Study) -> str:
    metric = str(study["objective"])
    sign = -1.0 if metric == "val_accuracy" else 1.0
    complete = trials[(trials["phase"] == "explore") & (trials["state"] == "complete")]
    lost = []
    for penalty, rows in control.groupby("penalty", sort=False):
        rivals = complete.loc[complete["penalty"] == penalty, metric]
        best = float((sign * rivals).min()) if len(rivals) else math.inf
        better = rows[sign * rows[metric] < best]
        if len(better):
            top = better.iloc[int(np.argmin(sign * better[metric].to_numpy()))]
            gain = abs(float(top[metric]) - sign * best)
            lost.append(
                f"under {penalty} trial {int(top['trial'])} would have come first, by "
                f"{digits(gain, 2)}"
            )
    tried = f"All {len(control)} were trained to their end afterwards, as a control: "
    if not lost:
        return f"{tried}none of them would have come first under its penalty."
    return f"{tried}{'; '.join(lost)}."


def pruning_table(curves: pd.DataFrame, trials: pd.DataFrame) -> pd.DataFrame:
    """Mean validation loss by trial and epoch: ``fate`` is kept, stopped or control."""
    mine = trials[trials["phase"].isin(["explore", "control"])].copy()
    stopped = mine["state"] == "pruned"
    control = mine["phase"] == "control"
    mine["fate"] = np.where(control, "control", np.where(stopped, "stopped", "kept"))
    best = mine.nsmallest(MOST_LINES, "val_loss", keep="all").head(MOST_LINES)
    rows = curves[curves["metric"] == "val_loss"].merge(
        best[["trial", "penalty", "strength", "fate"]], on="trial"
    )
    keys = ["trial", "penalty", "strength", "fate", "epoch"]
    return rows.groupby(keys)["value"].mean().reset_index()


def pruning_figure(table: pd.DataFrame, study: Study) -> go.Figure:
    """Validation loss over epochs: solid kept, faint stopped with a cross, dotted the control."""
    figure = new_figure(400)
    penalties = list(dict.fromkeys(table["penalty"]))
    for penalty in penalties:
        colour = colour_of(penalty, penalties)
        mine = table[table["penalty"] == penalty]
        for fate, line in (
            ("control", {"color": fade(colour, 0.5), "width": 1, "dash": "dot"}),
            ("stopped", {"color": fade(colour, 0.45), "width": 1}),
            ("kept", {"color": colour, "width": 1.8}),
        ):
            _lines(figure, mine[mine["fate"] == fate], line, f"{penalty}, {fate}", fate == "kept")
        ends = mine[mine["fate"] == "stopped"].sort_values("epoch").groupby("trial").last()
        figure.add_scatter(
            x=ends["epoch"], y=ends["value"], mode="markers", showlegend=False,
            marker={"symbol": "x", "size": 6, "color": fade(colour, 0.8)},
            hovertext=[f"trial {t} of {plain(penalty)}, stopped" for t in ends.index],
            hoverinfo="text",
        )  # fmt: skip
    for name, line in (
        ("kept", {"color": MUTED, "width": 1.8}),
        ("stopped (×)", {"color": MUTED, "width": 1}),
        ("control: trained on", {"color": MUTED, "width": 1, "dash": "dot"}),
    ):
        if name[:4] != "cont" or (table["fate"] == "control").any():
            figure.add_scatter(x=[None], y=[None], mode="lines", name=name, line=line)
    ends = table.sort_values("epoch").groupby("trial")["value"].last()
    low, high = float(table["value"].min()), float(ends.quantile(0.9))
    log = low > 0 and high > 4 * low
    limits = [max(0.0, low - 0.06 * (high - low)), high + 0.25 * (high - low)]
    figure.update_layout(
        xaxis={"title": {"text": "epoch"}, "rangemode": "tozero"},
        yaxis={
            "title": {"text": loss_title(str(study.get("task")), "validation").capitalize()},
            "type": "log" if log else "linear",
            "range": [math.log10(0.9 * low), math.log10(1.3 * high)] if log else limits,
            **({"dtick": "D2"} if log else {}),
        },
    )
    return figure


def _lines(
    figure: go.Figure, rows: pd.DataFrame, line: dict[str, object], name: str, legend: bool
) -> None:
    """All curves of one kind as one trace with gaps."""
    if rows.empty:
        return
    xs: list[float] = []
    ys: list[float] = []
    words: list[str] = []
    for trial, curve in rows.groupby("trial"):
        curve = curve.sort_values("epoch")
        strength = digits(float(curve["strength"].iloc[0]))
        xs += [*curve["epoch"], math.nan]
        ys += [*curve["value"], math.nan]
        words += [f"{plain(name)}: trial {trial}, strength {strength}"] * (len(curve) + 1)
    figure.add_scatter(
        x=xs, y=ys, mode="lines", line=line, name=plain(name.split(",")[0]), showlegend=legend,
        hovertext=words, hoverinfo="text", connectgaps=False,
    )  # fmt: skip
