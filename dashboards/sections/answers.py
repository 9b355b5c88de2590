"""The answer in words: one sentence per penalty as estimated, and its plain meaning."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dashboards.gather.cocktail import ingredients_of
from dashboards.gather.decay_timescale import timescale_words, with_tau
from dashboards.gather.estimates import estimate_text
from dashboards.gather.facts import drops_own
from dashboards.gather.frames import Frames
from dashboards.gather.metric_format import judged, value_text
from dashboards.gather.numbers import (
    digits,
    percent,
    strength_interval,
    strength_text,
    typeset,
)
from dashboards.gather.sides import ZoneEnd, other_cause, undefined_by, why_no_boundaries, zone_end
from dashboards.gather.tables import boundary_of
from sweep.metrics.metric import LOSS
from sweep.regularizers.catalogue import COCKTAIL
from sweep.statistics.verdicts import Cause, SideVerdict, Verdict

NO_BOUNDARY = {
    Verdict.NO_SIGNAL: "No strength clearly beat a model that always predicts the same, so there "
    "is no learned skill whose loss could mark a boundary.",
    **dict.fromkeys(
        (Verdict.EXTEND_WEAKER, Verdict.EXTEND_STRONGER, Verdict.EXTEND_BOTH),
        "The lowest loss may lie at an end of the searched strengths or beyond it, so neither "
        "boundary can be placed.",
    ),
    Verdict.NOT_UNIMODAL: "The loss may fall and rise more than once along the path, so neither "
    "side has one boundary.",
    Verdict.TOO_FEW: "Too many runs diverged for a curve to be drawn through the rest.",
}
"""What a verdict means that leaves the whole path without boundaries."""


LEAST_ZEROS = 0.005
"""A smaller share of exact zeros is not worth a sentence."""


@dataclass(frozen=True)
class Answer:
    """What was found for one penalty."""

    penalty: str
    sentence: str
    """As the boundary statistics put it."""
    meaning: str
    """The same for a reader who has never heard of a boundary."""


def answers(frames: Frames) -> list[Answer]:
    """One answer per penalty that has a path."""
    found = []
    for penalty in frames.paths:
        boundary = frames.boundary(penalty)
        sentence = f"{penalty}: no boundaries have been estimated yet"
        if boundary is not None:
            sentence = typeset(str(boundary["sentence"]))
        found.append(Answer(penalty, sentence, _meaning(frames, penalty, boundary)))
    return [*found, *_ingredients(frames)]


def _ingredients(frames: Frames) -> list[Answer]:
    """One answer per ingredient of the best cocktail."""
    metric, found = frames.objective.validation, []
    for name in ingredients_of(frames.trials):
        boundary = boundary_of(frames.boundaries, COCKTAIL, metric, name)
        sentence = f"{name} in the cocktail: no boundaries have been estimated yet"
        if boundary is not None:
            sentence = typeset(str(boundary["sentence"]))
        found.append(Answer(name, sentence, "The other ingredients are held at their best."))
    return found


def _meaning(frames: Frames, penalty: str, boundary: Mapping[str, Any] | None) -> str:
    if boundary is None:
        return ""
    if verdict := undefined_by(boundary):
        return NO_BOUNDARY.get(verdict, "")
    left, right = zone_end(boundary, "left"), zone_end(boundary, "right")
    parts = [_left_words(left, drops_own(penalty, frames.study)), _right_words(right)]
    if left.found and right.found:
        share = percent(float(boundary["rho"]))
        parts.append(
            f"In between, over a factor of {digits(right.value / left.value, 2)} in strength, the "
            f"choice hardly matters: it costs less than {share} of all that the model can learn."
        )
    parts += [timescale_words(frames, penalty, boundary), _zeros_words(frames, penalty)]
    return " ".join(part for part in parts if part)


def _left_words(left: ZoneEnd, from_rate: bool) -> str:
    start = "at rate 0" if from_rate else "without regularization"
    words = {
        SideVerdict.NONE: f"Even {start} the loss stays within the tolerance of "
        "the best: no overfitting beyond it.",
        SideVerdict.BELOW_RANGE: "Even the weakest strength searched was strong enough against "
        "overfitting.",
        SideVerdict.INCONCLUSIVE: "Where overfitting ends, if there is any, is not settled by "
        "these runs.",
    }
    if not left.found:
        return words.get(left.verdict, "")
    start = f"Weaker than {strength_text(left.value)}, "
    if left.cause is Cause.OVERFITTING:
        return f"{start}the model fits the training rows better and new rows worse: it overfits."
    return (
        f"{start}it does worse on new rows, but it is not shown to fit the training rows better "
        f"({other_cause(left, Cause.OVERFITTING)})."
    )


def _right_words(right: ZoneEnd) -> str:
    words = {
        SideVerdict.NONE: "No strength in the searched range was too strong.",
        SideVerdict.INCONCLUSIVE: "Where underfitting starts, if it does, is not settled by these "
        "runs.",
    }
    if not right.found:
        return words.get(right.verdict, "")
    start = f"Stronger than {strength_text(right.value)}, "
    if right.cause is Cause.UNDERFITTING:
        return f"{start}it fits both training and new rows worse: it underfits."
    return (
        f"{start}it does worse on new rows, but it is not shown to fit the training rows worse "
        f"({other_cause(right, Cause.UNDERFITTING)})."
    )


def _zeros_words(frames: Frames, penalty: str) -> str:
    """How many weights the penalty made zero; the row of a padding word is zero without any."""
    table = frames.paths[penalty]
    if "zeros_share" not in table:
        return ""
    share = float(table.loc[table["strength"] == frames.best(penalty), "zeros_share"].iloc[0])
    plain = float(table.loc[table["strength"] == 0, "zeros_share"].mean())
    plain = plain if plain >= LEAST_ZEROS else 0.0
    if not share - plain >= LEAST_ZEROS:
        return ""
    words = f"At the best strength {percent(share)} of the weights are exactly zero"
    return f"{words}, {percent(plain)} without regularization." if plain else f"{words}."


def summary_table(frames: Frames) -> list[dict[str, str]]:
    """One row of ready text per penalty: boundaries, best strength, width, loss, change."""
    rows, by_loss = [], frames.objective == LOSS
    change = "change from no regularization" if by_loss else "change of loss"
    for record in frames.best_losses.to_dict("records"):
        penalty = str(record["penalty"])
        boundary = frames.boundary(penalty)
        left, right = zone_end(boundary, "left"), zone_end(boundary, "right")
        row = {
            "penalty": penalty,
            "overfitting ends": with_tau(side_text(left), frames, penalty, left.value),
            "best strength (estimate)": with_tau(
                best_text(boundary), frames, penalty, _best_strength(boundary)
            ),
            "underfitting starts": with_tau(side_text(right), frames, penalty, right.value),
            "tolerance": tolerance_text(left, right),
            "lowest mean at, strongest within 1 SE": _glmnet_text(boundary),
            "lowest mean validation loss (chosen, so a little too low)"
            if by_loss
            else "validation loss": (
                f"{estimate_text(record, 'val_loss')} at {strength_text(float(record['strength']))}"
            ),
            change: estimate_text(record, "change")
            + (", from rate 0" if drops_own(penalty, frames.study) else ""),
        }
        for metric in judged(frames.study)[1:]:
            value = float(record.get(metric.validation, math.nan))
            if math.isfinite(value):
                row[f"its validation {metric.name}"] = value_text(metric, value)
        rows.append(row)
    return rows


def _best_strength(boundary: Mapping[str, Any] | None) -> float:
    """The estimate; nan where there is none."""
    if boundary is None or why_no_boundaries(boundary) or not float(boundary["best"]) > 0:
        return math.nan
    return float(boundary["best"])


def best_text(boundary: Mapping[str, Any] | None) -> str:
    """The estimated best strength with its interval; a dash where there is none."""
    if boundary is None or math.isnan(_best_strength(boundary)):
        return "–"
    low, high = float(boundary["best_low"]), float(boundary["best_high"])
    return f"{strength_text(float(boundary['best']))} {strength_interval(low, high)}"


def _glmnet_text(boundary: Mapping[str, Any] | None) -> str:
    """glmnet's two choices, which do not depend on the verdict."""
    chosen = [] if boundary is None else [float(boundary[f"strength_{c}"]) for c in ("min", "1se")]
    return (
        ", ".join(map(strength_text, chosen)) if all(map(math.isfinite, chosen)) and chosen else "–"
    )


def side_text(side: ZoneEnd) -> str:
    """One end of the good zone with its interval, or why there is none."""
    if side.found:
        return f"{strength_text(side.value)} {side.interval}"
    words = {
        SideVerdict.NONE: "none in the range",
        SideVerdict.BELOW_RANGE: "below the range",
        SideVerdict.INCONCLUSIVE: "not settled",
    }
    return words.get(side.verdict, "–")


def tolerance_text(left: ZoneEnd, right: ZoneEnd) -> str:
    """How wide the good zone is; a dash where an end is open."""
    if left.found and right.found:
        return f"factor {digits(right.value / left.value, 2)}"
    return "–"
