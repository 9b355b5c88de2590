"""Numbers in sentences that go to consoles and into databases: plain characters, few digits."""

from __future__ import annotations

import math


def two_digits(value: float) -> str:
    """``value`` with two significant digits, trailing zeros kept: 1.0, 0.12, 120, 1.0e-06.

    In plain characters, since its sentences go to consoles and into the database; a page writes
    numbers for the eye, 10⁻⁶ without trailing zeros.
    """
    if not math.isfinite(value) or value == 0:
        return f"{value:g}"
    rounded = float(f"{value:.1e}")
    exponent = math.floor(math.log10(abs(rounded)))
    if not -4 <= exponent < 5:
        return f"{value:.1e}"
    return f"{rounded:.{max(0, 1 - exponent)}f}"


def with_ends(value: float, low: float, high: float, weakest: float, strongest: float) -> str:
    """A strength with its interval, of which an open end lies beyond what was searched."""
    left = two_digits(low) if math.isfinite(low) else f"below {two_digits(weakest)}"
    right = two_digits(high) if math.isfinite(high) else f"above {two_digits(strongest)}"
    return f"{two_digits(value)} [{left}, {right}]"


def count(n: float, noun: str, plural: str = "") -> str:
    """How many there are, in words that agree: 1 run, 1,200 runs."""
    return f"{n:,.0f} {noun if n == 1 else plural or f'{noun}s'}"


def decimals_of(half_width: float) -> int:
    """After how many decimals an interval of this half width has two significant digits."""
    if not (math.isfinite(half_width) and half_width > 0):
        return 2
    return max(0, 1 - math.floor(math.log10(float(f"{half_width:.1e}"))))
