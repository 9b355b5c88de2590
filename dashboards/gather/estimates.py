"""Means with their 95 % intervals as columns of tables, and in words."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from dashboards.gather.columns import ends_of
from dashboards.gather.numbers import estimate_words
from sweep.checks.estimates import Estimate


def estimate_columns(name: str, estimate: Estimate, least: float = -math.inf) -> dict[str, float]:
    """A mean and its interval as columns; ``least`` is the lowest value there can be."""
    low = max(estimate.low, least) if math.isfinite(estimate.low) else estimate.low
    return dict(zip((name, *ends_of(name)), (estimate.mean, low, estimate.high), strict=True))


def estimate_text(
    record: Mapping[Any, Any], column: str, scale: float = 1.0, noise: float = 0.0
) -> str:
    """A mean of ``estimate_columns`` times ``scale``, with its interval where there is one.

    Numbers up to ``noise`` are written as 0: accuracies that are equal differ by their rounding.
    """
    names = (column, *ends_of(column))
    scaled = [scale * float(record[name]) for name in names]
    mean, low, high = (0.0 if abs(value) <= noise else value for value in scaled)
    return estimate_words(mean, low, high)
