"""Where overfitting ends and underfitting starts on a ladder of strengths, with intervals.

With f the expected validation loss against x = log10(strength), f* its minimum and
``delta = rho * (f_null - f*)`` a share of the learnable skill, overfitting ends where f last
reaches f* + delta left of the minimum, and underfitting starts where it first does so on the
right. The curve is a fixed linear smoother of the mean losses (``_curves``); draws of it keep
whole resamples together (common random numbers) and are as wide as the design says: 1/R, plus the
overlap of training sets under ``resample`` and ``kfold`` (Nadeau & Bengio 2003). What may be said
follows from the draws: found, none, or inconclusive on each side, unless the optimum is not
bracketed, there is no signal, or the curve falls again further out by more than noise makes it
(a second good zone). ``verdicts`` has the words.

Legend: K strengths, R resamples, B draws.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike

from sweep.errors import DataError
from sweep.statistics._curves import (
    CurveDraws,
    draw_crossings,
    good_zones,
    largest_fall,
    outer_quantile,
    usual_fall,
)
from sweep.statistics._glmnet import glmnet_choices
from sweep.statistics._interpolation import Array, linear_evaluation
from sweep.statistics.verdicts import (
    LEVEL,
    Boundary,
    Cause,
    SideVerdict,
    Verdict,
    advise,
    describe_boundary,
    least_difference,
    more_resamples,
    p_not_positive,
    resamples_for,
    shows_signal,
)

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
) -> Boundary:
    """Both boundaries of a path with 95 % intervals, verdicts and causes.

    ``strengths`` (K,) ascending, may begin with an exact 0, the anchor; ``validation`` and
    ``training`` (K, R) are losses without penalty on the same resamples at every strength;
    ``null_loss``, () or (R,), is the validation loss of the constant predictor. ``rho`` is the
    share of the skill that may be lost inside the good zone. ``design`` says what the R columns
    are: ``fresh`` draws of the data, random re-splits (``resample``, with ``validation_ratio`` =
    n_validation / n_training), ``kfold`` parts (with ``n_folds``; R = folds x repetitions), or
    seeds on one ``holdout`` split, whose interval is conditional on that split.

    The anchor has no logarithm, so it is no point of the curve. It answers what lies left of the
    ladder: a draw without a crossing on the left counts as "none" only if the anchor too stays
    below the threshold, else overfitting ends below the searched range. And where the anchor's
    loss is within delta of the minimum, a minimum at the weak end needs no weaker strengths: the
    good zone simply includes no regularization at all. Nothing is assumed to happen between 0 and
    the weakest strength.

    ``resolution`` is the smallest step of one loss: 1 / n_validation for an error rate, 0 for what
    can be any number. Such losses often agree in every resample though their expectations do not;
    the draws allow for that, and where delta is less than the steps let anybody see, the sentence
    and the advice say so.

    A number is nan where there is none; an interval's end that is nan lies beyond the searched
    range. An inconclusive side has a one-sided 95 % bound instead of an interval. When the verdict
    on the path is not bracketed, not unimodal, no signal or too few, both sides are undefined.

    A strength with a loss that is not finite is left out and named in ``dropped_strengths``; if
    fewer than 4 strengths above 0 are left, the verdict says so. Raises DataError for tables that
    cannot be meant. Definition, designs and verdicts: Nadeau & Bengio 2003 for the variance; the
    rest is this project's own and checked against exact ridge risk in ``tests/calibration``.
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
    path = read_path(strengths, validation, training, null_loss)
    if len(path.x) < 4:
        return _too_few(path, rho, design)
    cloud = draw_path(path, overlap, rho=rho, seed=seed, draws=draws, resolution=resolution)
    return judge(path, cloud, overlap, rho, design, resolution)


@dataclass(frozen=True)
class Path:
    """A checked table: ``strengths`` (K,) above 0, losses (K, R), ``null`` (R,).

    ``anchor`` (2, R): validation and training loss at strength 0.
    """

    strengths: Array
    validation: Array
    training: Array
    null: Array
    anchor: Array | None
    dropped: tuple[float, ...]

    @property
    def x(self) -> Array:
        return np.asarray(np.log10(self.strengths))

    @property
    def n_resamples(self) -> int:
        return len(self.null)


def training_overlap(
    design: str, n_folds: int | None = None, validation_ratio: float | None = None
) -> float:
    """What is added to 1/R: n_validation / n_training where training sets overlap, else 0."""
    if design in ("fresh", "holdout"):
        return 0.0
    if design == "kfold":
        if n_folds is None or n_folds < 2:
            raise DataError(
                f"estimate_boundary: design kfold needs n_folds >= 2, got {n_folds}; "
                "give the number of parts of the cross-validation"
            )
        return 1 / (n_folds - 1)
    if design == "resample":
        if validation_ratio is None or not 0 < validation_ratio < math.inf:
            raise DataError(
                f"estimate_boundary: design resample needs validation_ratio > 0, got "
                f"{validation_ratio}; give n_validation / n_training"
            )
        return float(validation_ratio)
    raise DataError(
        f"estimate_boundary: design must be fresh, resample, kfold or holdout, got {design!r}"
    )


def read_path(
    strengths: ArrayLike, validation: ArrayLike, training: ArrayLike, null_loss: ArrayLike
) -> Path:
    """The table, checked, without its anchor and without strengths that did not finish."""
    strength = _numbers("strengths", strengths, 1)
    val = _numbers("validation", validation, 2)
    train = _numbers("training", training, 2)
    where = "estimate_boundary:"
    if val.shape != train.shape or len(val) != len(strength):
        raise DataError(
            f"{where} validation and training must both have shape (strengths, resamples), got "
            f"{len(strength)} strengths, validation {val.shape}, training {train.shape}"
        )
    if not np.isfinite(strength).all() or (strength < 0).any():
        raise DataError(f"{where} strengths must be finite and >= 0, got {strength.tolist()}")
    for before, after in pairwise(strength):
        if after <= before:
            raise DataError(
                f"{where} strengths must ascend without repeats, got {after:g} after {before:g}; "
                "sort the rows by strength and average repeats as resamples"
            )
    if (n_positive := int((strength > 0).sum())) < 4:
        raise DataError(f"{where} at least 4 strengths above 0 are needed, got {n_positive}")
    if val.shape[1] < 2:
        raise DataError(
            f"{where} at least 2 resamples are needed, got {val.shape[1]}; 5 are the floor, 10 good"
        )
    finite = np.isfinite(val).all(1) & np.isfinite(train).all(1)
    null = _read_null(null_loss, val)
    is_anchor = strength == 0
    kept = finite & ~is_anchor
    return Path(
        strengths=strength[kept],
        validation=val[kept],
        training=train[kept],
        null=null,
        anchor=np.stack([val[0], train[0]]) if (is_anchor & finite).any() else None,
        dropped=tuple(strength[~finite].tolist()),
    )


def _numbers(name: str, values: ArrayLike, n_axes: int) -> Array:
    try:
        array = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise DataError(f"estimate_boundary: {name} must be numbers, {error}") from error
    if array.ndim != n_axes:
        raise DataError(
            f"estimate_boundary: {name} must have {n_axes} axes, got shape {array.shape}"
        )
    return array


def _read_null(null_loss: ArrayLike, validation: Array) -> Array:
    """One null loss per resample; finite wherever anything finished in that resample."""
    n_resamples = validation.shape[1]
    null = np.asarray(null_loss, dtype=np.float64)
    if null.shape not in ((), (n_resamples,)):
        raise DataError(
            f"estimate_boundary: null_loss must be one number or one per resample "
            f"({n_resamples}), got shape {null.shape}"
        )
    null = np.broadcast_to(null, n_resamples)
    used = np.isfinite(validation).any(0)
    if not np.isfinite(null[used]).all():
        raise DataError(
            "estimate_boundary: null_loss must be finite, got "
            f"{null[used][~np.isfinite(null[used])][0]}; give the constant predictor's loss"
        )
    return null


def draw_path(
    path: Path,
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
    )


@dataclass(frozen=True)
class _Side:
    """One side's result; ``value`` and its interval in log10 strength, infinite where open."""

    verdict: SideVerdict
    value: float = math.nan
    low: float = math.nan
    high: float = math.nan
    p_none: float = math.nan
    more: float = math.nan
    """Resamples to add that would settle it."""


def judge(
    path: Path, cloud: CurveDraws, overlap: float, rho: float, design: str, resolution: float = 0.0
) -> Boundary:
    """From the draws to the record: the verdicts in the order of precedence."""
    correction = 1 / path.n_resamples + overlap
    sides = [_side(path, cloud, overlap, step) for step in (-1, 1)]
    signal = shows_signal(path.validation, path.null, correction, resolution)
    found = {side.verdict for side in sides}
    verdict = _path_verdict(path, cloud, found) if signal else Verdict.NO_SIGNAL
    if verdict not in SETTLED_BY_SIDES:
        sides = [_Side(SideVerdict.UNDEFINED, p_none=side.p_none) for side in sides]
    left, right = sides
    best = float(cloud.point.best[0])
    strength_min, strength_1se = glmnet_choices(path.strengths, path.validation)
    draft = Boundary(
        verdict=verdict,
        best=10**best,
        best_low=10 ** float(np.quantile(cloud.drawn.best, 0.025)),
        best_high=10 ** float(np.quantile(cloud.drawn.best, 0.975)),
        overfitting_ends=_strength(left.value),
        overfitting_ends_low=_strength(left.low),
        overfitting_ends_high=_strength(left.high),
        overfitting_verdict=left.verdict,
        overfitting_cause=_cause(path, best, left, correction, *LEFT_CAUSES),
        underfitting_starts=_strength(right.value),
        underfitting_starts_low=_strength(right.low),
        underfitting_starts_high=_strength(right.high),
        underfitting_verdict=right.verdict,
        underfitting_cause=_cause(path, best, right, correction, *RIGHT_CAUSES),
        width_decades=right.value - left.value,
        n_strengths=len(path.x),
        n_resamples=path.n_resamples,
        design=design,
        rho=rho,
        best_loss=float(cloud.point.lowest[0]),
        threshold_loss=float(cloud.point.threshold[0]),
        null_loss=float(path.null.mean()),
        strength_min=strength_min,
        strength_1se=strength_1se,
        p_none_left=left.p_none,
        p_none_right=right.p_none,
        more_resamples=max(
            (side.more for side in sides if side.verdict == SideVerdict.INCONCLUSIVE),
            default=math.nan,
        ),
        intervals=good_zones(cloud) if verdict == Verdict.NOT_UNIMODAL else (),
        dropped_strengths=path.dropped,
        weakest=float(path.strengths[0]),
        strongest=float(path.strengths[-1]),
        resolution=resolution,
        least_difference=least_difference(resolution, correction),
    )
    return replace(draft, advice=advise(draft, overlap, cloud.smoother.coarse))


SETTLED_BY_SIDES = (Verdict.FOUND, Verdict.NONE, Verdict.INCONCLUSIVE, Verdict.BELOW_RANGE)
"""Verdicts on the path that leave both sides their own; the others leave both undefined."""


def _path_verdict(path: Path, cloud: CurveDraws, sides: set[SideVerdict]) -> Verdict:
    """Not bracketed, not unimodal, and then what the two sides come to."""
    weak_end, strong_end = _at_an_end(path, cloud)
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


def _at_an_end(path: Path, cloud: CurveDraws) -> tuple[float, float]:
    """Shares of draws whose minimum within one step of the weak and of the strong end counts.

    Where the curve's own minimum lies there, all count. Where it lies inside, a flat side lets the
    minimum of draws stray to the end although nothing is to be gained there: then only those count
    that fall more than delta below the lowest point further inside. On the weak side the anchor
    must be clear of the minimum by delta, in 95 % of these draws.
    """
    drawn, grid = cloud.drawn, cloud.smoother.grid
    delta = drawn.threshold - drawn.lowest
    first, end = np.searchsorted(grid, path.x[1], "right"), np.searchsorted(grid, path.x[-2])
    if first >= end:  # the loss is out of sight everywhere else
        first, end = np.intp(0), np.intp(len(grid))
    gain = (cloud.curve[first:end] + cloud.noise[:, first:end]).min(1) - drawn.lowest
    best = float(cloud.point.best[0])
    weak, strong = drawn.best <= path.x[1], drawn.best >= path.x[-2]
    if best > path.x[1]:
        weak &= gain > delta
    if best < path.x[-2]:
        strong &= gain > delta
    if cloud.anchor is not None and weak.any():
        weak &= bool((abs(cloud.anchor - drawn.lowest) > delta)[weak].mean() >= 1 - LEVEL)
    return float(weak.mean()), float(strong.mean())


def _side(path: Path, cloud: CurveDraws, overlap: float, step: int) -> _Side:
    """Where overfitting ends (``step`` -1, leftward) or underfitting starts (1, rightward).

    A draw that crosses nothing on the left but whose anchor lies above the threshold is not "none":
    its boundary lies below the searched range. Where draws cross again further out, by noise and
    not by a second good zone, the boundary lies somewhere from their first crossing to their last,
    if the curve's outer end clears the threshold by more than such noise.
    """
    near, far, value = _outward(cloud, step)
    end = step * float(path.x[-1] if step > 0 else path.x[0])
    noisy = bool((near != far).mean() > LEVEL)
    far = far if noisy else near
    none = np.isinf(far)
    if step < 0 and cloud.anchor is not None:
        none &= cloud.anchor <= cloud.drawn.threshold
    p_none = float(none.mean())
    usual = usual_fall(cloud, step, 1 - LEVEL) if noisy else 0.0
    if noisy and largest_fall(cloud, step) > usual:
        return _Side(SideVerdict.UNDEFINED, p_none=p_none)
    if p_none >= 1 - LEVEL and not noisy:
        return _Side(SideVerdict.NONE, p_none=p_none)

    def between(nearest: float, farthest: float) -> tuple[float, float]:
        nearest = min(nearest, end)
        return (nearest, farthest) if step > 0 else (-farthest, -nearest)

    rise = float(cloud.curve[-1 if step > 0 else 0] - cloud.point.threshold[0])
    if noisy and rise < usual and p_none <= LEVEL and step < 0 and _anchor_rise(cloud) > usual:
        # the anchor shows that there is a boundary; noise leaves open how far down it lies
        low, high = between(outer_quantile(near, 0.025), math.inf)
        verdict = SideVerdict.FOUND if math.isfinite(value) else SideVerdict.BELOW_RANGE
        return _Side(verdict, value if math.isfinite(value) else math.nan, low, high, p_none)
    if p_none > LEVEL or (noisy and rise < usual) or (math.isinf(value) and step > 0):
        low, high = between(outer_quantile(near, LEVEL), math.inf)
        more = more_resamples(p_none, path.n_resamples, overlap)
        if noisy:
            more = max(more, _until_quiet(cloud, usual, path.n_resamples, overlap))
        return _Side(SideVerdict.INCONCLUSIVE, math.nan, low, high, p_none, more)
    low, high = between(outer_quantile(near, 0.025), outer_quantile(far, 0.975))
    if math.isinf(value):
        return _Side(SideVerdict.BELOW_RANGE, math.nan, low, high, p_none)
    return _Side(SideVerdict.FOUND, value, low, high, p_none)


def _anchor_rise(cloud: CurveDraws) -> float:
    """By how much the anchor is above the threshold; -inf without an anchor."""
    if cloud.anchor is None:
        return -math.inf
    return float(np.median(cloud.anchor) - cloud.point.threshold[0])


def _outward(cloud: CurveDraws, step: int) -> tuple[Array, Array, float]:
    """First and last crossing of every draw (B,), growing outward; the curve's own, as it is."""
    drawn = cloud.drawn
    if step > 0:
        return drawn.right, drawn.right_outer, float(cloud.point.right[0])
    return -drawn.left, -drawn.left_outer, float(cloud.point.left[0])


def _until_quiet(cloud: CurveDraws, usual: float, n_resamples: int, overlap: float) -> float:
    """Resamples to add until the noise's ``usual`` fall is at most delta."""
    delta = float(cloud.point.threshold[0] - cloud.point.lowest[0])
    return resamples_for((delta / usual) ** 2 if usual > 0 else 0.0, n_resamples, overlap)


def _strength(x: float) -> float:
    return 10**x if math.isfinite(x) else math.nan


LEFT_CAUSES = (Cause.OVERFITTING, Cause.OPTIMIZATION)
RIGHT_CAUSES = (Cause.MISMATCH, Cause.UNDERFITTING)
"""What a rise of validation loss is where training loss is better, and where it is worse."""


def _cause(
    path: Path, best: float, side: _Side, correction: float, if_better: Cause, if_worse: Cause
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


def _too_few(path: Path, rho: float, design: str) -> Boundary:
    """The record of a path with too few finished strengths for a curve."""
    draft = Boundary(
        verdict=Verdict.TOO_FEW,
        n_strengths=len(path.x),
        n_resamples=path.n_resamples,
        design=design,
        rho=rho,
        dropped_strengths=path.dropped,
    )
    return replace(draft, advice=advise(draft, 0.0, False))
