"""Draws that say of a strength what no resample says of it.

Draws are normal about the mean, and losses are not: where a penalty is too weak, some resamples
lose a little and others very much, and draws fall as far below the mean as those rise above it,
down to a minimum where no resample has one. So where every resample agrees that a strength is worse
than the best, a draw may say that it is less so, and never that it is better.

Legend: R resamples, B draws, G grid points.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sweep.statistics._interpolation import Array

CLEAR = 0.5
"""The share of the skill that a strength must lose to be held: closer by, crossings are decided."""
MANY = 5
"""Resamples from which on it counts that all of them agree; three often do by chance."""

ALONE = 1
"""Resamples that may gain at an end without the others: one fold of separable rows often does."""


def agreed(curve: Array, resamples: Array, clear: float) -> NDArray[np.bool_]:
    """Where the curve (G,) is worse than at its minimum by more than ``clear``, and that of every
    resample (R, G) is worse.
    """
    best = int(curve.argmin())
    worse = (resamples > resamples[:, best, None]).all(0)
    return np.asarray(worse & (curve - curve[best] > clear))


def held_apart(curve: Array, curves: Array, where: NDArray[np.bool_]) -> Array:
    """The drawn ``curves`` (B, G), none of which is below its loss at the best strength ``where``.

    Down to half of the curve's own distance they stay as they are. Below, what is left of it falls
    off exponentially, with the same slope at half.
    """
    if not where.any():
        return curves
    best = int(curve.argmin())
    half = (curve[where] - curve[best]) / 2
    lowest, own = curves[:, best, None], curves[:, where]
    above = own - lowest
    held = lowest + half * np.exp(np.minimum((above - half) / half, 0.0))
    found = curves.copy()
    found[:, where] = np.where(above < half, held, own)
    return found


def nothing_gained(validation: Array, delta: float) -> tuple[bool, bool]:
    """Whether at most ``ALONE`` resamples gain more than ``delta`` at the weakest and at the
    strongest strength of losses (K, R) over the best, and there are enough for that to count.
    """
    if validation.shape[1] < MANY:
        return False, False
    least = validation[int(validation.mean(1).argmin())] - delta
    weakest, strongest = ((validation[end] < least).sum() <= ALONE for end in (0, -1))
    return bool(weakest), bool(strongest)
