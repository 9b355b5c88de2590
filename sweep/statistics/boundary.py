"""Where overfitting ends and underfitting starts on a ladder of strengths, with intervals.

With f the expected validation loss against x = log10(strength), f* its minimum and
``delta = rho * (f_null - f*)`` a share of the learnable skill, overfitting ends where f last
reaches f* + delta left of the minimum, and underfitting starts where it first does so on the
right. The curve is a fixed linear smoother of the mean losses (``_curves``); draws of it keep
whole resamples together (common random numbers) and are as wide as the design says: 1/R, plus the
overlap of training sets under ``resample`` and ``kfold`` (Nadeau & Bengio 2003). Where losses are
known by row, draws are as wide as the rows say instead (``_row_losses``). What may be said
follows from the draws: found, none, or inconclusive on each side, unless the optimum is not
bracketed, there is no signal, or the curve falls again further out by more than noise makes it
(a second good zone). ``verdicts`` has the words.

Legend: K strengths, R resamples, B draws.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike

from sweep.errors import DataError
from sweep.statistics._agreement import nothing_gained
from sweep.statistics._curve_draws import CurveDraws, good_zones, levels_off
from sweep.statistics._curves import draw_crossings
from sweep.statistics._glmnet import glmnet_choices
from sweep.statistics._row_losses import GivenRows, weigh
from sweep.statistics._side_estimates import (
    LEFT_CAUSES,
    RIGHT_CAUSES,
    SideEstimate,
    estimate_side,
    find_cause,
)
from sweep.statistics._strength_path import StrengthPath, read_path
from sweep.statistics.advice import advised
from sweep.statistics.paired_tests import LEVEL, least_difference, shows_signal, training_overlap
from sweep.statistics.verdicts import (
    Boundary,
    Cause,
    SideVerdict,
    Verdict,
)
from sweep.statistics.wording import describe_boundary

__all__ = [
    "Boundary",
    "Cause",
    "SideVerdict",
    "Verdict",
    "describe_boundary",
    "estimate_boundary",
]


def estimate_boundary(
    strengths: ArrayLike,
    validation: ArrayLike,
    training: ArrayLike,
    null_loss: ArrayLike,
    *,
    rho: float = 0.05,
    design: str = "fresh",
    n_folds: int | None = None,
    validation_ratio: float | None = None,
    seed: int = 0,
    draws: int = 2000,
    resolution: float = 0.0,
    validation_rows: ArrayLike | None = None,
    null_rows: ArrayLike | None = None,
    row_counts: ArrayLike | None = None,
    row_groups: ArrayLike | None = None,
    counts: ArrayLike | None = None,
) -> Boundary:
    """Both boundaries of a path with 95 % intervals, verdicts and causes.

    With f the expected validation loss against log10(strength) and f* its minimum, a boundary is
    where f crosses f* + rho (f_null - f*). The intervals' variance is that of Nadeau & Bengio 2003,
    equation 7; the rest is this project's own, and checked against exact ridge risk in
    ``tests/calibration``.

    The anchor has no logarithm, so it is no point of the curve. It answers what lies left of the
    ladder: a draw without a crossing on the left counts as "none" only if the anchor too stays
    below the threshold, else overfitting ends below the searched range. And where the anchor's
    loss is within delta of the minimum, a minimum at the weak end needs no weaker strengths: the
    good zone simply includes no regularization at all. Nothing is assumed to happen between 0 and
    the weakest strength.

    Losses that move in steps often agree in every resample though their expectations do not: the
    draws allow for that (``resolution``), and where delta is less than the steps let anybody see,
    the sentence and the advice say so.

    Where resamples share rows, ``validation_rows`` say more than the R columns do: intervals are
    then from the n rows, with n - 1 degrees of freedom, narrower and just as true. They claim the
    population that the rows are drawn from (under ``holdout``, new validation rows, conditional on
    these training rows). The variance of a mean of rows is multiplied by what rows do as training
    rows, at most by what Nadeau & Bengio claim, and what runs add to their rows comes on top
    (``_row_losses``), which asks how training losses compare with validation losses: losses with
    an offset, as negative ones, are compared with it. Where the largest losses of rows show that
    they have no variance (``_tails``), intervals may be too narrow, and the sentence and the advice
    say so.

    Args:
        strengths: (K,), ascending, in the penalty's unit; may begin with an exact 0, the anchor.
        validation: (K, R) losses on validation rows without the penalty, lower being better; the
            columns are the same resamples at every strength.
        training: (K, R) losses on training rows without the penalty, of the same columns.
        null_loss: () or (R,): the validation loss of the constant predictor.
        rho: Share of the learnable skill (null loss minus lowest loss) that may be lost inside the
            good zone.
        design: What the R columns are: ``fresh`` draws of the data, random re-splits
            (``resample``), ``kfold`` parts (R = folds x repetitions), or seeds on one ``holdout``
            split, whose interval is conditional on that split.
        n_folds: Parts of the cross-validation, under ``kfold``.
        validation_ratio: n_validation / n_training, under ``resample``.
        seed: Of the draws.
        draws: How many curves are drawn, at least 100.
        resolution: The smallest step of one loss: 1 / n_validation for an error rate, 0 for what
            can be any number.
        validation_rows: (K, N), each row's loss at every strength while it was held out, the mean
            over repetitions; nan where it never was. Not under ``fresh``.
        null_rows: (N,), each row's loss under the constant predictor while it was held out.
            Without them its noise is left out, and whether there is a signal rests on the columns.
        row_counts: (N,), how often each row was held out; once each without it.
        row_groups: (N,), the group of each row: rows of one group count as one.
        counts: (K,), how many of the R columns each strength has, the first of them; all without
            it. What the others lack is completed (``double_sampling``). Under ``fresh`` alone.

    Returns:
        The boundary. A number is nan where there is none; an interval's end that is nan lies beyond
        the searched range. An inconclusive side has the interval's inner end alone, a bound at
        97.5 % by itself.
        When the verdict on the path is not bracketed, not unimodal, no signal or too few, both
        sides are undefined. A strength with a loss that is not finite is left out and named in
        ``dropped_strengths``; fewer than 4 strengths above 0 are too few.

    Raises:
        DataError: The arrays do not fit together, or an option is out of its range.
    """
    overlap = training_overlap(design, n_folds, validation_ratio)
    if not 0 < rho < 1:
        raise DataError(f"estimate_boundary: 0 < rho < 1 must hold, got {rho}; 0.05 is usual")
    if draws < 100:
        raise DataError(f"estimate_boundary: draws must be at least 100, got {draws}")
    if not 0 <= resolution < math.inf:
        raise DataError(
            f"estimate_boundary: 0 <= resolution < inf must hold, got {resolution}; "
            "give 1 / n_validation for an error rate, 0 for a loss"
        )
    given = GivenRows(validation_rows, null_rows, row_counts, row_groups)
    if design == "fresh" and validation_rows is not None:
        raise DataError(
            "estimate_boundary: validation_rows must be of a design whose resamples share rows, "
            "got design fresh; leave them out"
        )
    if design != "fresh" and counts is not None:
        raise DataError(
            "estimate_boundary: counts are of fresh draws, which are independent, got design "
            f"{design}; leave them out, or the strengths that have fewer columns"
        )
    path = read_path(strengths, validation, training, null_loss, given, counts)
    if len(path.x) < 4:
        return _too_few(path, rho, design)
    if path.rows is not None:
        means = path.validation.mean(1)
        best = int(means.argmin())
        ratio = float(path.training[best].mean() / means[best]) if means[best] > 0 else math.nan
        path = replace(path, rows=weigh(path.rows, design, overlap, ratio))
    curve_draws = draw_path(path, overlap, rho=rho, seed=seed, draws=draws, resolution=resolution)
    return judge(path, curve_draws, overlap, rho, design, resolution)


def draw_path(
    path: StrengthPath,
    overlap: float,
    *,
    rho: float = 0.05,
    seed: int = 0,
    draws: int = 2000,
    resolution: float = 0.0,
) -> CurveDraws:
    """The curve of a path and its draws; ``overlap`` as ``training_overlap`` gives it."""
    return draw_crossings(
        path.x,
        path.validation,
        path.null,
        None if path.anchor is None else path.anchor[0],
        overlap=overlap,
        rho=rho,
        seed=seed,
        draws=draws,
        resolution=resolution,
        rows=path.rows,
        uneven=path.uneven,
    )


def judge(
    path: StrengthPath,
    curve_draws: CurveDraws,
    overlap: float,
    rho: float,
    design: str,
    resolution: float = 0.0,
) -> Boundary:
    """From the draws to the record: the verdicts in the order of precedence."""
    correction = 1 / path.n_resamples + overlap
    kept = overlap if path.rows is None else math.inf
    """What more resamples of the same rows leave as it is."""
    sides = [estimate_side(path, curve_draws, kept, step) for step in (-1, 1)]
    signal = shows_signal(path.validation, path.null, correction, resolution, path.rows)
    found = {side.verdict for side in sides}
    verdict = _path_verdict(path, curve_draws, found) if signal else Verdict.NO_SIGNAL
    if verdict not in SETTLED_BY_SIDES:
        sides = [SideEstimate(SideVerdict.UNDEFINED, p_none=side.p_none) for side in sides]
    best = float(curve_draws.point.best[0])
    strength_min, strength_1se = glmnet_choices(path.strengths, path.validation)
    draft = Boundary(
        verdict=verdict,
        best=10**best,
        best_low=10 ** min(best, float(np.quantile(curve_draws.best, 0.025))),
        best_high=10 ** max(best, float(np.quantile(curve_draws.best, 0.975))),
        n_strengths=len(path.x),
        n_resamples=path.n_resamples,
        n_rows=0 if path.rows is None else path.rows.n_groups,
        design=design,
        rho=rho,
        best_loss=float(curve_draws.point.lowest[0]),
        threshold_loss=float(curve_draws.point.threshold[0]),
        null_loss=float(path.null.mean()),
        strength_min=strength_min,
        strength_1se=strength_1se,
        intervals=good_zones(curve_draws) if verdict == Verdict.NOT_UNIMODAL else (),
        dropped_strengths=path.dropped,
        weakest=float(path.strengths[0]),
        strongest=float(path.strengths[-1]),
        resolution=resolution,
        sparse=curve_draws.sparse,
        levels_off=levels_off(curve_draws, path.x),
        tail_index=math.nan if path.rows is None else path.rows.tail_index(path.validation),
        least_difference=least_difference(resolution, correction),
    )
    draft = _with_sides(draft, path, best, sides, correction)
    return advised(draft, kept, curve_draws.smoother.coarse)


def _with_sides(
    draft: Boundary,
    path: StrengthPath,
    best: float,
    sides: Sequence[SideEstimate],
    correction: float,
) -> Boundary:
    """The record with both sides, left and right of ``best``, and their causes."""
    left, right = sides
    return replace(
        draft,
        overfitting_ends=_strength(left.value),
        overfitting_ends_low=_strength(left.low),
        overfitting_ends_high=_strength(left.high),
        overfitting_verdict=left.verdict,
        overfitting_cause=find_cause(path, best, left, correction, *LEFT_CAUSES),
        underfitting_starts=_strength(right.value),
        underfitting_starts_low=_strength(right.low),
        underfitting_starts_high=_strength(right.high),
        underfitting_verdict=right.verdict,
        underfitting_cause=find_cause(path, best, right, correction, *RIGHT_CAUSES),
        width_decades=right.value - left.value,
        p_none_left=left.p_none,
        p_none_right=right.p_none,
        more_resamples=max(
            (side.more for side in sides if side.verdict == SideVerdict.INCONCLUSIVE),
            default=math.nan,
        ),
    )


ROUNDING = 1e-12
"""A curve that changes by less than this share of its losses is one number."""
SETTLED_BY_SIDES = (Verdict.FOUND, Verdict.NONE, Verdict.INCONCLUSIVE, Verdict.BELOW_RANGE)
"""Verdicts on the path that leave both sides their own; the others leave both undefined."""


def _path_verdict(path: StrengthPath, curve_draws: CurveDraws, sides: set[SideVerdict]) -> Verdict:
    """Not bracketed, not unimodal, and then what the two sides come to."""
    weak_end, strong_end = _at_an_end(path, curve_draws)
    if weak_end > LEVEL and strong_end > LEVEL:
        return Verdict.EXTEND_BOTH
    if weak_end > LEVEL:
        return Verdict.EXTEND_WEAKER
    if strong_end > LEVEL:
        return Verdict.EXTEND_STRONGER
    if SideVerdict.UNDEFINED in sides:
        return Verdict.NOT_UNIMODAL
    for side, verdict in (
        (SideVerdict.INCONCLUSIVE, Verdict.INCONCLUSIVE),
        (SideVerdict.BELOW_RANGE, Verdict.BELOW_RANGE),
        (SideVerdict.FOUND, Verdict.FOUND),
    ):
        if side in sides:
            return verdict
    return Verdict.NONE


def _at_an_end(path: StrengthPath, curve_draws: CurveDraws) -> tuple[float, float]:
    """Shares of draws whose minimum within one step of the weak and of the strong end counts.

    Where the curve's own minimum lies there, all count. Where it lies inside, a flat side lets the
    minimum of draws stray to the end although nothing is to be gained there: then only those count
    that fall more than delta below the lowest point further inside, and none where one resample at
    most says that the end gains more than delta over the best. On the weak side the anchor must be
    clear of the minimum by delta, in 95 % of these draws.
    """
    drawn, grid = curve_draws.drawn, curve_draws.smoother.grid
    if np.ptp(curve_draws.curve) <= ROUNDING * abs(curve_draws.curve).max():
        return 0.0, 0.0  # all strengths lose the same
    delta = drawn.threshold - drawn.lowest
    first, end = np.searchsorted(grid, path.x[1], "right"), np.searchsorted(grid, path.x[-2])
    if first >= end:  # the loss is out of sight everywhere else
        first, end = np.intp(0), np.intp(len(grid))
    gain = (curve_draws.curve[first:end] + curve_draws.noise[:, first:end]).min(1) - drawn.lowest
    best = float(curve_draws.point.best[0])
    weak, strong = drawn.best <= path.x[1], drawn.best >= path.x[-2]
    point = curve_draws.point
    no_gain = nothing_gained(path.validation, float(point.threshold[0] - point.lowest[0]))
    if best > path.x[1]:
        weak &= (gain > delta) & (not no_gain[0])
    if best < path.x[-2]:
        strong &= (gain > delta) & (not no_gain[1])
    if curve_draws.anchor is not None and weak.any():
        weak &= bool((abs(curve_draws.anchor - drawn.lowest) > delta)[weak].mean() >= 1 - LEVEL)
    return float(weak.mean()), float(strong.mean())


def _strength(x: float) -> float:
    return 10**x if math.isfinite(x) else math.nan


def _too_few(path: StrengthPath, rho: float, design: str) -> Boundary:
    """The record of a path with too few finished strengths for a curve."""
    draft = Boundary(
        verdict=Verdict.TOO_FEW,
        n_strengths=len(path.x),
        n_resamples=path.n_resamples,
        design=design,
        rho=rho,
        dropped_strengths=path.dropped,
    )
    return advised(draft, 0.0, False)
