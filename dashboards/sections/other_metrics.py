"""The main figures again, judged by every metric but the objective."""

from __future__ import annotations

from dashboards.gather.frames import Frames
from dashboards.gather.metric_format import judged
from dashboards.sections.parts import Section
from dashboards.sections.regimes import path_chart


def section(frames: Frames) -> Section | None:
    """The boundaries by every metric but the objective: they need not agree."""
    named = set(frames.boundaries["metric"]) if len(frames.boundaries) else set()
    others = [m for m in judged(frames.study) if m != frames.objective and m.validation in named]
    charts = [
        path_chart(frames, penalty, metric)
        for penalty, table in frames.paths.items()
        for metric in others
        if metric.validation in table
    ]
    if not charts:
        return None
    words = " and ".join(metric.name for metric in others)
    intro = (
        f"Judged by {words} the boundaries can lie elsewhere: loss also counts how sure the model "
        "is of its mistakes."
    )
    return Section("accuracy", f"The same, judged by {words}", intro, charts)
