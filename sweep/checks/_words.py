"""Numbers in the sentences of checks, in plain characters: they go to consoles and files too."""

from __future__ import annotations

import math
from collections.abc import Iterable

from sweep.statistics.number_words import decimals_of, two_digits

SMALLEST = 1e-4
"""Smaller numbers have a power of ten."""


def measured(value: float) -> str:
    """A measured value with three significant digits: 0.940, 12.3, 2.00e-05."""
    if not math.isfinite(value) or value == 0:
        return f"{value:g}"
    mantissa, exponent = f"{value:.2e}".split("e")
    power = int(exponent)
    return f"{value:.{max(2 - power, 0)}f}" if -4 <= power < 5 else f"{mantissa}e{exponent}"


def percent(share: float) -> str:
    """A share in % with one decimal, or none where that is 0: 12.5 %, 40 %."""
    return f"{100 * share:.1f}".removesuffix(".0") + " %"


def listed(words: Iterable[str]) -> str:
    """``a``, ``a and b``, ``a, b and c``."""
    *first, last = list(words) or [""]
    return f"{', '.join(first)} and {last}" if first else last


def with_interval(mean: float, low: float, high: float) -> tuple[str, str]:
    """A value and its interval, both as exact as the interval is: 0.027 and [-0.010, 0.062]."""
    if max(abs(low), abs(high)) < SMALLEST:
        return two_digits(mean), f"[{two_digits(low)}, {two_digits(high)}]"
    places = decimals_of((high - low) / 2)
    return f"{mean:.{places}f}", f"[{low:.{places}f}, {high:.{places}f}]"
