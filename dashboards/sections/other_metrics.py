"""The boundaries by every metric side by side: they need not agree."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from dashboards.gather.frames import Frames
from dashboards.gather.imported import worded
from dashboards.gather.metric_format import judged
from dashboards.gather.names import listed
from dashboards.gather.sides import zone_end
from dashboards.sections.answers import best_text, side_text, tolerance_text
from sweep.metrics.metric import Metric
from sweep.metrics.tasks import REGRESSION
from sweep.statistics.verdicts import Verdict
from sweep.statistics.wording import VERDICTS

UNKNOWN = ""
"""The task of an imported study that has no accuracies."""


def other_metrics(frames: Frames) -> list[Metric]:
    """Those beside the objective that a path has both values and boundaries of."""
    named = set(frames.boundaries["metric"]) if len(frames.boundaries) else set()
    others = [m for m in judged(frames.study) if m != frames.objective and m.validation in named]
    return [m for m in others if any(m.validation in table for table in frames.paths.values())]


def others_words(frames: Frames, others: Sequence[Metric]) -> str:
    """Why boundaries by another metric differ, and which one the study follows."""
    words = listed([metric.name for metric in others])
    why = ": loss also counts how sure the model is of its mistakes"
    followed = "The search, the paths and the answer above follow"
    followed = worded(frames.study, followed, "The answer above follows")
    return (
        f"Judged by {words} the boundaries can lie elsewhere"
        f"{'' if frames.study.task in (REGRESSION, UNKNOWN) else why}. {followed} "
        f"{frames.objective.name} alone."
    )


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
