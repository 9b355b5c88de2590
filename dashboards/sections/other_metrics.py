"""The boundaries by every metric side by side, and the main figures by those that are not the
objective.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from dashboards.gather.frames import Frames
from dashboards.gather.imported import worded
from dashboards.gather.metric_format import judged
from dashboards.gather.sides import zone_end
from dashboards.sections.answers import best_text, side_text, tolerance_text
from dashboards.sections.parts import Section
from dashboards.sections.regimes import path_chart
from dashboards.sections.zone_words import good_of_all
from sweep.metrics.metric import Metric
from sweep.metrics.tasks import REGRESSION
from sweep.statistics.verdicts import Verdict
from sweep.statistics.wording import VERDICTS

UNKNOWN = ""
"""The task of an imported study that has no accuracies."""


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
    words = _listed([metric.name for metric in others])
    why = ": loss also counts how sure the model is of its mistakes"
    followed = "The search, the paths and the answer above follow"
    followed = worded(frames.study, followed, "The answer above follows")
    intro = (
        f"Judged by {words} the boundaries can lie elsewhere"
        f"{'' if frames.study.task in (REGRESSION, UNKNOWN) else why}. {followed} "
        f"{frames.objective.name} alone."
    )
    title = f"The same, judged by {words}"
    rows = boundary_rows(frames, [frames.objective, *others])
    columns = 2 if len(others) > 1 else 1
    first = others[0]
    finding = f"By {first.name}: {good_of_all(frames, first.validation)}"
    return Section("accuracy", title, intro, charts, columns, rows, finding)


def boundary_rows(frames: Frames, metrics: Iterable[Metric]) -> list[dict[str, str]]:
    """One row of ready text for each penalty and metric."""
    rows = []
    for penalty in frames.paths:
        for metric in metrics:
            boundary = frames.boundary(penalty, metric.validation)
            if boundary is None:
                continue
            left, right = zone_end(boundary, "left"), zone_end(boundary, "right")
            rows.append(
                {
                    "penalty": penalty,
                    "judged by": metric.name,
                    "overfitting ends": side_text(left),
                    "best strength (estimate)": best_text(boundary),
                    "underfitting starts": side_text(right),
                    "tolerance": tolerance_text(left, right),
                    "verdict": VERDICTS[Verdict(boundary["verdict"])],
                }
            )
    return rows


def _listed(names: Sequence[str]) -> str:
    """``a, b and c``."""
    return " and ".join([", ".join(names[:-1])] * (len(names) > 1) + [names[-1]])
