"""One side of a boundary from the draws: what may be said of it, its interval, and its cause.

Legend: B draws.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from sweep.statistics._crossings import outer_quantile
from sweep.statistics._curve_draws import CurveDraws, largest_fall, usual_fall
from sweep.statistics._interpolation import Array, linear_evaluation
from sweep.statistics._strength_path import StrengthPath
from sweep.statistics.paired_tests import LEVEL, more_resamples, p_not_positive, resamples_for
from sweep.statistics.verdicts import Cause, SideVerdict

LEFT_CAUSES = (Cause.OVERFITTING, Cause.OPTIMIZATION)
RIGHT_CAUSES = (Cause.MISMATCH, Cause.UNDERFITTING)
"""What a rise of validation loss is where training loss is better, and where it is worse."""


@dataclass(frozen=True)
class SideEstimate:
    """One side's result; ``value`` and its interval in log10 strength, infinite where open."""

    verdict: SideVerdict
    value: float = math.nan
    low: float = math.nan
    high: float = math.nan
    p_none: float = math.nan
    more: float = math.nan
    """Resamples to add that would settle it."""


def estimate_side(
    path: StrengthPath, curve_draws: CurveDraws, overlap: float, step: int
) -> SideEstimate:
    """Where overfitting ends (``step`` -1, leftward) or underfitting starts (1, rightward).

    A draw that crosses nothing on the left but whose anchor lies above the threshold is not "none":
    its boundary lies below the searched range. Where draws cross again further out, by noise and
    not by a second good zone, the boundary lies somewhere from their first crossing to their last,
    if the curve's outer end clears the threshold by more than such noise.
    """
    near, far, value = _outward(curve_draws, step)
    end = step * float(path.x[-1] if step > 0 else path.x[0])
    noisy = bool((near != far).mean() > LEVEL)
    far = far if noisy else near
    none = np.isinf(far)
    if step < 0 and curve_draws.anchor is not None:
        none &= curve_draws.anchor <= curve_draws.drawn.threshold
    p_none = float(none.mean())
    usual = usual_fall(curve_draws, step, 1 - LEVEL) if noisy else 0.0
    if noisy and largest_fall(curve_draws, step) > usual:
        return SideEstimate(SideVerdict.UNDEFINED, p_none=p_none)
    if p_none >= 1 - LEVEL and not noisy:
        return SideEstimate(SideVerdict.NONE, p_none=p_none)

    def between(nearest: float, farthest: float) -> tuple[float, float]:
        nearest = min(nearest, end)
        return (nearest, farthest) if step > 0 else (-farthest, -nearest)

    rise = float(curve_draws.curve[-1 if step > 0 else 0] - curve_draws.point.threshold[0])
    anchored = step < 0 and _anchor_rise(curve_draws) > usual
    if noisy and rise < usual and p_none <= LEVEL and anchored:
        # the anchor shows that there is a boundary; noise leaves open how far down it lies
        low, high = between(outer_quantile(near, 0.025), math.inf)
        verdict = SideVerdict.FOUND if math.isfinite(value) else SideVerdict.BELOW_RANGE
        return SideEstimate(verdict, value if math.isfinite(value) else math.nan, low, high, p_none)
    if p_none > LEVEL or (noisy and rise < usual) or (math.isinf(value) and step > 0):
        low, high = between(outer_quantile(near, 0.025), math.inf)
        more = more_resamples(p_none, path.n_resamples, overlap)
        if noisy:
            more = max(more, _until_quiet(curve_draws, usual, path.n_resamples, overlap))
        return SideEstimate(SideVerdict.INCONCLUSIVE, math.nan, low, high, p_none, more)
    low, high = between(outer_quantile(near, 0.025), outer_quantile(far, 0.975))
    if math.isinf(value):
        return SideEstimate(SideVerdict.BELOW_RANGE, math.nan, low, high, p_none)
    low, high = min(low, value), max(high, value)
    return SideEstimate(SideVerdict.FOUND, value, low, high, p_none)


def _anchor_rise(curve_draws: CurveDraws) -> float:
    """By how much the anchor is above the threshold; -inf without an anchor."""
    if curve_draws.anchor is None:
        return -math.inf
    return float(np.median(curve_draws.anchor) - curve_draws.point.threshold[0])


def _outward(curve_draws: CurveDraws, step: int) -> tuple[Array, Array, float]:
    """First and last crossing of every draw (B,), growing outward; the curve's own, as it is."""
    drawn = curve_draws.drawn
    if step > 0:
        return drawn.right, drawn.right_outer, float(curve_draws.point.right[0])
    return -drawn.left, -drawn.left_outer, float(curve_draws.point.left[0])


def _until_quiet(curve_draws: CurveDraws, usual: float, n_resamples: int, overlap: float) -> float:
    """Resamples to add until the noise's ``usual`` fall is at most delta."""
    delta = float(curve_draws.point.threshold[0] - curve_draws.point.lowest[0])
    return resamples_for((delta / usual) ** 2 if usual > 0 else 0.0, n_resamples, overlap)


def find_cause(
    path: StrengthPath,
    best: float,
    side: SideEstimate,
    correction: float,
    if_better: Cause,
    if_worse: Cause,
) -> Cause:
    """What training loss does from the best strength to a boundary (the anchor, if it is below).

    Two paired one-sided tests of T(boundary) - T(best), read off straight lines between the
    ladder's points, with the same variance as everything else.
    """
    if side.verdict == SideVerdict.NONE:
        return Cause.NONE
    at_best = linear_evaluation(path.x, np.array([best])) @ path.training
    if side.verdict == SideVerdict.FOUND:
        there = linear_evaluation(path.x, np.array([side.value])) @ path.training
    elif side.verdict == SideVerdict.BELOW_RANGE and path.anchor is not None:
        there = path.anchor[1:]
    else:
        return Cause.UNDETERMINED
    rise = (there - at_best)[0]
    if p_not_positive(-rise, correction) < LEVEL:
        return if_better
    if p_not_positive(rise, correction) < LEVEL:
        return if_worse
    return Cause.UNDETERMINED
