"""Penalties side by side: their good strengths and their best losses.

Strengths of different penalties are different quantities, so zones are compared by their width and
losses by their values.
"""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go

from dashboards.figures.bars import ROW_HEIGHT, bar_over, plot_bars, plot_dots, row_axis
from dashboards.figures.style import UNREGULARIZED, colour_of, new_figure
from dashboards.gather.columns import read_end
from dashboards.gather.facts import own_dropout_words, unit_word
from dashboards.gather.frames import Frames
from dashboards.gather.metric_format import value_text
from dashboards.gather.names import setting_name
from dashboards.gather.numbers import capitalized, loss_title, plain
from dashboards.gather.tables import path_trials
from dashboards.sections.evidence_words import change_text
from dashboards.sections.parts import Chart, Section, chart_of
from sweep.checks.best_trials import best_trials, shared_units
from sweep.checks.estimates import paired_difference
from sweep.checks.uneven import is_uneven
from sweep.metrics.metric import ACCURACY, LOSS, Metric
from sweep.records.facts import StudyFacts


def section(frames: Frames) -> Section | None:
    """Good strengths and best losses; None where no path has results."""
    if not frames.paths or frames.best_losses.empty:
        return None
    charts = [_losses_chart(frames)]
    if len(frames.boundaries):
        charts.insert(0, _zones_chart(frames))
    return Section("penalties", "The penalties side by side", "", charts, finding=_first(frames))


def _first(frames: Frames) -> str:
    """Which penalty does best in validation, by what the study judges by."""
    metric = _judge(frames)
    row = frames.best_row(metric)
    if row is None:
        return ""
    name, value = capitalized(setting_name(str(row["penalty"]))), float(row[metric.validation])
    word = "highest" if metric.maximize else "lowest"
    return f"{name} has the {word} validation {metric.name}, {value_text(metric, value)}"


def _judge(frames: Frames) -> Metric:
    metric = frames.objective
    return metric if metric.validation in frames.best_losses else LOSS


def basis_words(frames: Frames) -> str:
    """Where penalties have unequally many resamples: that their means are of different ones, and
    by how much they differ on the same; "" elsewhere.
    """
    best, metric, facts = best_trials(frames), _judge(frames), frames.study
    trials = frames.trials[frames.trials["trial"].isin(list(best.values()))]
    if len(best) < 2 or not is_uneven(trials):
        return ""
    counts = dict(zip(trials["penalty"], trials["n_runs"], strict=True))
    listed_counts = ", ".join(f"{plain(p)} {int(counts[p])}" for p in best)
    units = shared_units(frames.units_of(trials))
    first, *others = best
    of = {penalty: units[units["trial"] == trial] for penalty, trial in best.items()}
    name = metric.validation
    apart = {other: paired_difference(of[other], of[first], name, facts) for other in others}
    unit = " points" if metric == ACCURACY else ""
    words = ", ".join(f"{plain(p)} by {change_text(metric, d)}{unit}" for p, d in apart.items())
    return (
        f"Penalties have unequally many {unit_word(facts.design)} at their best "
        f"({listed_counts}), so these means are not all of the same data. On the "
        f"{units['unit'].nunique()} that all have, {metric.name} differs from that of "
        f"{plain(first)}: {words}."
    )


def _zones_chart(frames: Frames) -> Chart:
    shown = {"penalty", "best", "best_loss", "overfitting_ends", "underfitting_starts"}
    columns = [c for c in frames.boundaries.columns if read_end(c)[0] in shown]
    objective = frames.boundaries["metric"] == frames.objective.validation
    return chart_of(
        "Good strengths",
        "Bars reach from where overfitting ends to where underfitting starts; whiskers are "
        "95 % intervals, the diamond is the best strength, the thin line what was searched. "
        "Strengths of different penalties are different quantities: compare the widths.",
        zones_figure(frames),
        frames.boundaries.loc[objective, columns],
        "The zone of good strengths of each penalty with the interval of each end.",
    )


def _losses_chart(frames: Frames) -> Chart:
    judged = "."
    if not frames.study.source:
        judged = ", so the test split below is the fairer judge."
    paths = frames.trials[frames.trials["phase"] == "path"]
    if paths["lr"].nunique() > 1:
        judged += (
            " Models without regularization differ because each path has its penalty's best "
            "learning rate."
        )
    words = " ".join(w for w in (own_dropout_words(frames.study), basis_words(frames)) if w)
    return chart_of(
        "Validation loss at the best strength",
        f"Means over {unit_word(frames.study.design)} with 95 % intervals. The best strength was "
        f"chosen on the same numbers{judged} {words}".rstrip(),
        best_loss_figure(frames.best_losses, frames.study),
        frames.best_losses,
        "Validation loss of each penalty at its best strength and without regularization.",
    )


def zones_figure(frames: Frames) -> go.Figure:
    """One bar per penalty: the good zone, the 95 % interval of each end, and the best strength."""
    bars = []
    for penalty in frames.penalties:
        strengths = path_trials(frames.trials, penalty)["strength"]
        bars.append(bar_over(plain(penalty), penalty, frames.boundary(penalty), strengths))
    return plot_bars(bars, "strength (each penalty's own unit)")


def best_loss_figure(table: pd.DataFrame, facts: StudyFacts) -> go.Figure:
    """Validation loss of each penalty at its best and of its anchor, with 95 % intervals."""
    rows = table.iloc[::-1].reset_index(drop=True)
    figure = new_figure(110 + ROW_HEIGHT * len(rows))
    names = [str(p) for p in rows["penalty"]]
    colours = [colour_of(p, names) for p in names]
    plot_dots(
        figure, rows, "unregularized", [UNREGULARIZED] * len(rows), -0.14, "no regularization"
    )
    plot_dots(figure, rows, "val_loss", colours, 0.14, "best strength")
    for name, symbol in (("best strength", "circle"), ("no regularization", "circle-open")):
        figure.add_scatter(
            x=[None], y=[None], mode="markers", name=name,
            marker={
                "symbol": symbol, "size": 11, "color": UNREGULARIZED,
                "line": {"width": 2, "color": UNREGULARIZED},
            },
        )  # fmt: skip
    columns = ("val_loss", "unregularized")
    row_axis(figure, names, loss_title(facts, "validation"), rows, columns)
    return figure
