"""What may be said about a path: verdicts, causes, advice, and the numbers beside them.

They are short codes, as the database keeps them; what they mean in words is in ``wording`` and
``advice``, the tests behind them in ``paired_tests``.
"""

from __future__ import annotations

import html
import math
from dataclasses import dataclass
from enum import StrEnum

from sweep.statistics.number_words import with_ends


class Verdict(StrEnum):
    """What the whole path shows."""

    FOUND = "found"
    NONE = "none"
    INCONCLUSIVE = "inconclusive"
    BELOW_RANGE = "below_range"
    NO_SIGNAL = "no_signal"
    EXTEND_WEAKER = "extend_weaker"
    EXTEND_STRONGER = "extend_stronger"
    EXTEND_BOTH = "extend_both"
    NOT_UNIMODAL = "not_unimodal"
    NO_EFFECT = "no_effect"
    TOO_FEW = "too_few"


class SideVerdict(StrEnum):
    """What one side of the optimum shows."""

    FOUND = "found"
    NONE = "none"
    INCONCLUSIVE = "inconclusive"
    BELOW_RANGE = "below_range"
    UNDEFINED = "undefined"
    """The verdict on the whole path says why."""


class Cause(StrEnum):
    """Why validation loss rises on one side, as training loss shows it."""

    OVERFITTING = "overfitting"
    OPTIMIZATION = "optimization_limited"
    UNDERFITTING = "underfitting"
    MISMATCH = "mismatch"
    UNDETERMINED = "undetermined"
    NONE = "none"
    """There is no boundary."""


class Advice(StrEnum):
    """What would help most on a path."""

    NONE = "none"
    EXTEND_WEAKER = "extend_weaker"
    EXTEND_STRONGER = "extend_stronger"
    EXTEND_BOTH = "extend_both"
    LOWER_LR = "lower_lr"
    FIND_SIGNAL = "find_signal"
    LOOK_BETWEEN = "look_between"
    FINER_METRIC = "finer_metric"
    MORE_RESAMPLES = "more_resamples"
    FEW_RESAMPLES = "few_resamples"
    MORE_DATA = "more_data"
    NOTHING = "nothing"
    STRENGTHS_AT_ENDS = "strengths_at_ends"
    STRENGTHS_INSIDE = "strengths_inside"


@dataclass(frozen=True)
class Boundary:
    """Where overfitting ends and underfitting starts on one path.

    Strengths are in the penalty's own unit, not logarithms; nan where there is none. ``*_low`` and
    ``*_high`` are the 95 % interval. An end that is nan is open: it lies beyond the searched range.
    An inconclusive side has no number, only the interval's inner end, a bound at 97.5 % by itself:
    ``overfitting_ends_high`` (overfitting ends below it, if at all) or ``underfitting_starts_low``
    (underfitting starts above it, if at all).

    Attributes:
        verdict: What can be said of the whole path.
        n_resamples: Columns R that the curve rests on.
        design: What the columns are: fresh, resample, kfold or holdout.
        rho: Share of the learnable skill that may be lost inside the good zone.
        best, best_low, best_high: The strength of the lowest loss, and its interval.
        overfitting_ends, overfitting_ends_low, overfitting_ends_high: The left boundary.
        overfitting_verdict, overfitting_cause: What is said of the left side, and why it rises.
        underfitting_starts, underfitting_starts_low, underfitting_starts_high: The right boundary.
        underfitting_verdict, underfitting_cause: What is said of the right side, and why it rises.
        best_loss: The lowest loss f* of the curve, in the unit of the losses.
    """

    verdict: Verdict
    n_strengths: int
    """Points of the ladder that the curve rests on; the zero-strength anchor is not counted."""
    n_resamples: int
    design: str
    rho: float
    best: float = math.nan
    best_low: float = math.nan
    best_high: float = math.nan
    overfitting_ends: float = math.nan
    overfitting_ends_low: float = math.nan
    overfitting_ends_high: float = math.nan
    overfitting_verdict: SideVerdict = SideVerdict.UNDEFINED
    overfitting_cause: Cause = Cause.UNDETERMINED
    underfitting_starts: float = math.nan
    underfitting_starts_low: float = math.nan
    underfitting_starts_high: float = math.nan
    underfitting_verdict: SideVerdict = SideVerdict.UNDEFINED
    underfitting_cause: Cause = Cause.UNDETERMINED
    width_decades: float = math.nan
    """log10(underfitting_starts / overfitting_ends): the tolerance of the setting."""
    best_loss: float = math.nan
    threshold_loss: float = math.nan
    """f* + delta: the loss at which a boundary is drawn."""
    null_loss: float = math.nan
    """Mean loss of the constant predictor."""
    strength_min: float = math.nan
    """Ladder point with the lowest mean (glmnet's lambda.min)."""
    strength_1se: float = math.nan
    """Strongest ladder point within one standard error of it (glmnet's lambda.1se)."""
    weakest: float = math.nan
    """The searched range: the weakest strength above 0 on the curve ..."""
    strongest: float = math.nan
    """... and the strongest."""
    p_none_left: float = math.nan
    """Share of draws in which even the weakest strengths cost less than delta."""
    p_none_right: float = math.nan
    """Share of draws in which even the strongest strengths cost less than delta."""
    more_resamples: float = math.nan
    """Resamples to add that would settle every inconclusive side; inf when none would, else nan."""
    intervals: tuple[tuple[float, float], ...] = ()
    """The good zones (low, high), cut at the searched range, when the curve is not unimodal."""
    dropped_strengths: tuple[float, ...] = ()
    """Strengths left out because a run did not finish there."""
    resolution: float = 0.0
    """The smallest step of one loss; 0 for losses that can be any number."""
    sparse: bool = False
    """Whether fewer than three strengths lie in the good zone, or they are more than half of it
    apart: the curve may bend between them."""
    levels_off: bool = False
    """Whether the strongest strengths lose the same, and more than the best."""
    n_rows: int = 0
    """Rows, or groups of them, that the intervals rest on; 0 where they rest on the resamples."""
    tail_index: float = math.nan
    """Hill's index of the largest losses of rows where they clearly have no variance; else nan."""
    least_difference: float = 0.0
    """Two mean losses that differ by less cannot be distinguished, for their steps alone."""
    advice_kind: Advice = Advice.NONE
    """What would settle what is open ..."""
    advice: str = ""
    """... and in one sentence; empty when nothing is."""

    def _repr_html_(self) -> str:
        """What a notebook shows: both boundaries and the best strength with their intervals."""
        rows = [("verdict", str(self.verdict))]
        for name in ("overfitting_ends", "best", "underfitting_starts"):
            shown = self.place_of(name) if math.isfinite(getattr(self, name)) else "none"
            rows.append((name.replace("_", " "), shown))
        if self.advice:
            rows.append(("advice", self.advice))
        cells = "".join(f"<tr><th>{k}</th><td>{html.escape(v)}</td></tr>" for k, v in rows)
        return f"<table>{cells}</table>"

    def place_of(self, name: str) -> str:
        """The strength of that name with its interval, in words."""
        value, low, high = (float(getattr(self, f"{name}{end}")) for end in ("", "_low", "_high"))
        return with_ends(value, low, high, self.weakest, self.strongest)

    @property
    def delta(self) -> float:
        """How far above its minimum the loss is where a boundary is drawn."""
        return self.threshold_loss - self.best_loss

    @property
    def too_fine(self) -> bool:
        """Whether delta is less than what the steps of the loss let anybody see."""
        return self.delta < self.least_difference


@dataclass(frozen=True)
class SideInterval:
    """One side of a boundary: its number and interval in log10 strength, nan where none is."""

    verdict: SideVerdict
    value: float
    low: float
    high: float

    @property
    def width(self) -> float:
        """Decades of the interval; nan where it is open."""
        return self.high - self.low


def sides_of(b: Boundary) -> tuple[SideInterval, SideInterval]:
    """Where overfitting ends and where underfitting starts."""
    left = (b.overfitting_ends, b.overfitting_ends_low, b.overfitting_ends_high)
    right = (b.underfitting_starts, b.underfitting_starts_low, b.underfitting_starts_high)
    return (
        SideInterval(b.overfitting_verdict, *(math.log10(s) if s > 0 else math.nan for s in left)),
        SideInterval(
            b.underfitting_verdict, *(math.log10(s) if s > 0 else math.nan for s in right)
        ),
    )
