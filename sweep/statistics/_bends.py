"""Whether a ladder has enough strengths in the good zone to show how the curve bends there.

With one or two, curves of quite different minima run through the same losses: a smooth one lies
where a cubic has it, one with a kink (the lasso's, wherever a coefficient becomes 0) does not, and
neither resamples nor a strength left out tell the two apart.
"""

from __future__ import annotations

from sweep.statistics._interpolation import Array

ENOUGH = 3
"""Strengths in the good zone from which on a curve through the ladder shows where it bends."""


def too_sparse(values: Array, threshold: float) -> bool:
    """Whether fewer than ENOUGH strengths, of losses ``values`` (K,), lie in the good zone."""
    return int((values <= threshold).sum()) < ENOUGH
