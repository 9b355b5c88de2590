"""The main section: one figure per penalty, from overfitting to underfitting.

The same figures serve every metric: a switch says by which one they are judged.
"""

from __future__ import annotations

from dashboards.figures.path import path_figure
from dashboards.gather.decay_timescale import decay_rates
from dashboards.gather.facts import unit_word
from dashboards.gather.frames import Frames
from dashboards.gather.numbers import typeset
from dashboards.gather.tables import path_trials
from dashboards.sections.other_metrics import boundary_rows, other_metrics, others_words
from dashboards.sections.parts import Chart, Section, chart_of, link_to
from dashboards.sections.zone_words import good_of_all
from sweep.checks.uneven import is_uneven
from sweep.metrics.metric import Metric
from sweep.regularizers.catalogue import has_timescale, reports_zeros


def section(frames: Frames) -> Section | None:
    """The main figures of all penalties; None where no path has results."""
    if not frames.paths:
        return None
    objective, others = frames.objective, other_metrics(frames)
    charts = [
        path_chart(frames, penalty, metric)
        for metric in (objective, *others)
        for penalty in frames.paths
        if metric.validation in frames.paths[penalty]
    ]
    if not charts:
        return None
    units = unit_word(frames.study.design)
    follows = (
        "Each picture follows one penalty through its best trial: everything is held fixed but "
        "the strength."
    )
    if frames.study.source:
        follows = "Each picture follows one penalty through the runs that were imported of it."
    trained = (
        f"Every strength was trained on the same {units}, so the points of a line differ in "
        "strength alone."
    )
    if any(is_uneven(path_trials(frames.trials, penalty)) for penalty in frames.paths):
        trained = (
            f"Strengths far from the boundaries were trained on fewer {units}: their points are "
            f"moved by as much as the other {units} change the mean of the nearest strength that "
            f"has them all, so that all points speak of the same {units}."
        )
    intro = (
        f"{follows} {trained} Solid: validation; dashed: training, both "
        f"without the penalty; bands hold the middle 80 % of {units}. "
        "Vertical lines are the boundaries, the grey strips around them their 95 % intervals. The "
        "detached points on the left are the same model without any regularization."
    )
    rows = boundary_rows(frames, [objective, *others]) if others else []
    if others:
        intro += f" {others_words(frames, others)}"
    return Section(
        "regimes",
        "Where overfitting ends and underfitting starts",
        intro,
        charts,
        rows=rows,
        finding=good_of_all(frames),
    )


def path_chart(frames: Frames, penalty: str, metric: Metric) -> Chart:
    """The main figure of one penalty, judged by one metric."""
    word, column = metric.name, metric.validation
    figure = path_figure(frames, penalty, column)
    caption, table = "", frames.paths[penalty]
    if has_timescale(penalty) and decay_rates(frames.trials, frames.study, penalty) is not None:
        caption = "The upper axis gives the strength as the time over which weights are forgotten."
    elif reports_zeros(penalty) and "zeros_share" in table:
        caption = "The right axis counts the weights that are exactly zero."
    boundary = frames.boundary(penalty, column)
    if boundary is not None and metric != frames.objective:
        caption = f"{typeset(str(boundary['sentence']))}. {caption}".strip()
    label = f"Training and validation {word} against the strength of {penalty}. "
    label += typeset(str(boundary["sentence"])) if boundary is not None else "No boundaries."
    link = link_to("penalty", penalty) if metric == frames.objective else ""
    title = f"{penalty}: {word} against strength"
    return chart_of(title, caption, figure, table, label, link=link, choice=word)
