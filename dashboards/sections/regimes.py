"""The main section: one figure per penalty, from overfitting to underfitting."""

from __future__ import annotations

from dashboards.figures.path import path_figure
from dashboards.gather.facts import unit_word
from dashboards.gather.frames import Frames
from dashboards.gather.numbers import typeset
from dashboards.sections.parts import Chart, Section, chart_of
from dashboards.sections.zone_words import good_of_all
from sweep.metrics.metric import Metric
from sweep.regularizers.catalogue import has_timescale, reports_zeros


def section(frames: Frames) -> Section | None:
    """The main figures of all penalties; None where no path has results."""
    if not frames.paths:
        return None
    metric = frames.objective
    charts = [path_chart(frames, p, metric) for p in frames.paths]
    units = unit_word(frames.study.design)
    follows = (
        "Each picture follows one penalty through its best trial: everything is held fixed but "
        "the strength."
    )
    if frames.study.source:
        follows = "Each picture follows one penalty through the runs that were imported of it."
    intro = (
        f"{follows} Every strength was trained on the same {units}, so the points of a line "
        f"differ in strength alone. Solid: validation {metric.name}; dashed: training "
        f"{metric.name}, both without the penalty; bands hold the middle 80 % of {units}. "
        "Vertical lines are the boundaries, the grey strips around them their 95 % intervals. The "
        "detached points on the left are the same model without any regularization."
    )
    return Section(
        "regimes",
        "Where overfitting ends and underfitting starts",
        intro,
        charts,
        finding=good_of_all(frames),
    )


def path_chart(frames: Frames, penalty: str, metric: Metric) -> Chart:
    """The main figure of one penalty, judged by one metric."""
    word, column = metric.name, metric.validation
    figure = path_figure(frames, penalty, column)
    caption, table = "", frames.paths[penalty]
    if has_timescale(penalty) and not frames.study.source:
        caption = "The upper axis gives the strength as the time over which weights are forgotten."
    elif reports_zeros(penalty) and "zeros_share" in table:
        caption = "The right axis counts the weights that are exactly zero."
    boundary = frames.boundary(penalty, column)
    if boundary is not None and metric != frames.objective:
        caption = f"{typeset(str(boundary['sentence']))}. {caption}".strip()
    label = f"Training and validation {word} against the strength of {penalty}. "
    label += typeset(str(boundary["sentence"])) if boundary is not None else "No boundaries."
    return chart_of(f"{penalty}: {word} against strength", caption, figure, table, label)
