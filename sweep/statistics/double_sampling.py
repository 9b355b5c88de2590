"""Losses of strengths that were trained on the first of the resamples only, completed.

Resamples are common to all strengths, so what a strength loses more than one beside it differs far
less between resamples than the loss itself. A strength that has n of R resamples takes the others
from the nearest one on the ladder that has all, plus their mean difference on its n: the difference
estimator of double sampling (Cochran 1977, chapter 12). The mean is then that of the other strength
over R resamples plus the mean difference over n, whose variance is s_d^2 / n for the differences.
Over R columns they would show s_d^2 / R, so draws get the rest beside the table: it is no part of
what decides how much a curve is smoothed, since few resamples far out must not blur the boundaries.

Legend: K strengths, R resamples, n of a strength.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np


def complete(
    losses: np.ndarray, counts: Sequence[int], strengths: Sequence[float]
) -> tuple[np.ndarray, np.ndarray]:
    """``losses`` (K, R) of ascending ``strengths`` (K,), which have the first ``counts`` (K,).

    A strength of whose own runs one did not complete (nan) stays as it is, and lends to no other;
    nor does the anchor at 0, which is as far from the ladder as can be.

    Returns:
        The completed losses, and what to add to them (both (K, R)) for columns whose variance is
        that of the means; rows that lack nothing get 0.
    """
    given = np.arange(losses.shape[1]) < np.array(counts)[:, None]
    known = (np.isfinite(losses) | ~given).all(axis=1)
    return complete_those(losses, given & known[:, None], strengths)


def complete_those(
    losses: np.ndarray, has: np.ndarray, strengths: Sequence[float]
) -> tuple[np.ndarray, np.ndarray]:
    """The same where each strength ``has`` (K, R) some of the resamples, whichever."""
    whole = np.flatnonzero(has.all(axis=1) & (np.array(strengths) > 0))
    found, more = losses.copy(), np.zeros(losses.shape)
    for place in np.flatnonzero(has.any(axis=1) & ~has.all(axis=1)) if len(whole) else ():
        own = has[place]
        beside = losses[whole[abs(whole - place).argmin()]]
        differences = losses[place, own] - beside[own]
        away = differences - differences.mean()
        found[place] = beside + differences.mean()
        found[place, own] += away
        more[place, own] = away * (_scale(int(own.sum()), len(own)) - 1)
    return found, more


def _scale(n: int, n_resamples: int) -> float:
    """What makes the variance that R columns show of n differences s_d^2 / n; one has none."""
    return math.sqrt(n_resamples * (n_resamples - 1) / (n * (n - 1))) if n > 1 else 1.0
