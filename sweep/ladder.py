"""The ladder of strengths of a path, and who it goes through."""

from __future__ import annotations

import math


def ladder(low: float, high: float, points: int) -> tuple[float, ...]:
    """0, then ``points`` strengths evenly spaced in log10 from ``low`` to ``high``."""
    step = (math.log10(high) - math.log10(low)) / (points - 1)
    inner = [10 ** (math.log10(low) + step * i) for i in range(1, points - 1)]
    return (0.0, low, *inner, high)
