"""Paired tests on resamples that share data, and how many more of them would settle a question.

The variance of a mean of R resamples is ``correction`` * s^2, with ``correction`` = 1/R plus the
overlap of their training sets (Nadeau & Bengio 2003).

Legend: K strengths, R resamples.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from sweep.errors import DataError
from sweep.statistics._row_losses import LEAST, RowLosses

Array = NDArray[np.float64]

LEVEL = 0.05
"""Share of draws, and level of the one-sided tests, at which a verdict turns."""
LEVEL_OF_ROWS = 0.15
"""The same of the test of rows whether there is a signal. Resamples choose for each other, and a
signal must save SIGNAL: so it passes 3 % at most of simulated studies without one."""
SIGNAL = 0.01
"""Least share of the null loss that a learnable signal saves."""
MOST_RESAMPLES = 10_000
"""Planning looks no further than this."""
SATURATED = 0.2
"""1/R at most this share of the overlap: more of R narrows an interval by under a tenth."""


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


def rounding_error(resolution: float, correction: float) -> float:
    """Standard error of a mean of losses in steps of ``resolution``, from the steps alone.

    That of values rounded to such steps (Sheppard 1898), with the variance factor ``correction``.
    """
    return resolution * math.sqrt(correction / 12)


def least_difference(resolution: float, correction: float) -> float:
    """Two standard errors, from the steps alone, of the difference of two mean losses."""
    return 2 * math.sqrt(2) * rounding_error(resolution, correction)


def shows_signal(
    validation: Array,
    null: Array,
    correction: float,
    resolution: float = 0.0,
    rows: RowLosses | None = None,
) -> bool:
    """True when the best strength, chosen without the resample it is scored on, beats the null.

    A one-sided paired t test that null - validation exceeds SIGNAL of the null loss, its variance
    ``correction`` * s^2 (Nadeau & Bengio 2003, equation 7). ``validation`` (K, R), ``null`` (R,),
    both in steps of ``resolution``. Where the ``rows`` know their null loss, the variance is that
    of the rows' gain at the best strength, with the least factor: a fit of no signal follows none.
    """
    from scipy.special import stdtr

    others = validation.sum(1, keepdims=True) - validation
    scored = validation[others.argmin(0), np.arange(len(null))]
    gain = null - scored - SIGNAL * abs(null.mean())
    if rows is None or rows.null is None:
        return p_not_positive(gain, correction, resolution) < LEVEL
    own = rows.null - rows.of_strengths[int(validation.mean(1).argmin())]
    variance = LEAST * float(rows.covariance(own[None])[0, 0])
    variance += rows.share_of_runs(gain[None], own[None]) * float(gain.var(ddof=1)) / len(gain)
    error = math.sqrt(variance)
    if error == 0:
        return bool(gain.mean() > 0)
    return bool(stdtr(rows.n_groups - 1, -float(gain.mean()) / error) < LEVEL_OF_ROWS)


def shows_effect(validation: Array, correction: float, resolution: float = 0.0) -> bool:
    """True when losses (K, R) differ from strength to strength by more than noise makes them.

    The F test of a layout of strengths by resamples, with ``correction`` * s^2 for the variance of
    a mean. Losses at neighbouring strengths go together, so its degrees of freedom are multiplied
    by epsilon = tr(S)^2 / ((K - 1) tr(S^2)), S the doubly centred covariance of the strengths
    (Geisser & Greenhouse 1958). Losses in steps of ``resolution`` have their noise as well.
    """
    from scipy.special import fdtrc

    n_strengths, n_resamples = validation.shape
    means = validation.mean(1, keepdims=True)
    rest = validation - means - validation.mean(0, keepdims=True) + validation.mean()
    covariance = rest @ rest.T / (n_resamples - 1)
    covariance += resolution**2 / 12 * (np.eye(n_strengths) - 1 / n_strengths)
    noise = float(np.trace(covariance)) / (n_strengths - 1)
    between = float(means.var(ddof=1))
    if noise == 0:
        return between > 0
    freedom = float(np.trace(covariance) ** 2 / (covariance**2).sum())
    p = fdtrc(freedom, freedom * (n_resamples - 1), between / (correction * noise))
    return float(p) < LEVEL


def p_not_positive(differences: Array, correction: float, resolution: float = 0.0) -> float:
    """One-sided p of the paired t test that the mean of ``differences`` (R,) is above 0.

    Both sides of a difference move in steps of ``resolution``.
    """
    from scipy.special import stdtr

    mean = float(differences.mean())
    variance = float(differences.var(ddof=1)) + resolution**2 / 6
    error = math.sqrt(correction * variance)
    if error == 0:
        return 0.0 if mean > 0 else 1.0
    return float(stdtr(len(differences) - 1, -mean / error))


def saturated(n_resamples: int, overlap: float) -> bool:
    """Whether more resamples of the same data would hardly narrow anything."""
    return 1 / n_resamples <= SATURATED * overlap


def more_resamples(p_none: float, n_resamples: int, overlap: float) -> float:
    """Resamples to add until ``p_none`` would leave (0.05, 0.95) if the curve stayed as it is.

    P_none is the t distribution of R - 1 at (threshold - curve) / (sqrt(c) s), so it gives that
    ratio; c = 1/R + overlap must shrink until the ratio is the 95 % point. inf when it never does,
    and when 1/R is so small beside the overlap that only more data can help.
    """
    from scipy.special import stdtrit

    if saturated(n_resamples, overlap):
        return math.inf

    ratio = float(stdtrit(n_resamples - 1, p_none))
    total = np.arange(n_resamples + 1, MOST_RESAMPLES)
    allowed = (1 / n_resamples + overlap) * (ratio / stdtrit(total - 1, 1 - LEVEL)) ** 2
    enough = np.flatnonzero(1 / total + overlap <= allowed)
    return float(total[enough[0]] - n_resamples) if len(enough) else math.inf


def resamples_for(share: float, n_resamples: int, overlap: float) -> float:
    """Resamples to add until the variance is ``share`` of what it is; inf when it never is."""
    if saturated(n_resamples, overlap):
        return math.inf
    left = (1 / n_resamples + overlap) * share - overlap
    if left <= 1 / MOST_RESAMPLES:
        return math.inf
    return float(max(1, math.ceil(1 / left) - n_resamples))
