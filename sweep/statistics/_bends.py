"""Whether a ladder has enough strengths in the good zone to show how the curve bends there.

With one or two, curves of quite different minima run through the same losses: a smooth one lies
where a cubic has it, one with a kink (the lasso's, wherever a coefficient becomes 0) does not, and
neither resamples nor a strength left out tell the two apart. Of an even ladder three strengths in
the zone are at most half of it apart; so must an uneven one's be, where the zone and its ends are.

Legend: K strengths.
"""

from __future__ import annotations

import numpy as np

from sweep.statistics._interpolation import Array

ENOUGH = 3
"""Strengths in the good zone from which on a curve through the ladder shows where it bends."""
ROUNDING = 1e-9
"""Gaps of an even ladder differ by less than this share."""


def too_sparse(x: Array, values: Array, threshold: float, zone: tuple[float, float]) -> bool:
    """Whether fewer than ENOUGH strengths ``x`` (K,), of losses ``values``, lie in the good zone,
    or a gap in it or at its ends, ``zone`` (infinite where it is open), is too wide.
    """
    if int((values <= threshold).sum()) < ENOUGH:
        return True
    low, high = max(zone[0], x[0]), min(zone[1], x[-1])
    touched = (x[1:] > low) & (x[:-1] < high)
    return bool(np.diff(x)[touched].max() > (1 + ROUNDING) * (high - low) / (ENOUGH - 1))
