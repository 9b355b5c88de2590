"""Axes of static drawings: places of strengths and values, and ticks that fit."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise

from dashboards.figures.path_axes import PathAxes
from dashboards.gather.numbers import decade_text, digits

LETTER = 6.3
"""Width of a letter of the smallest text."""
NICE = (1.0, 2.0, 2.5, 5.0, 10.0)


@dataclass(frozen=True)
class Place:
    """A rectangle of a drawing and what its edges mean: log strengths across, values upwards."""

    left: float
    top: float
    right: float
    bottom: float
    low: float
    """The strength at the left edge."""
    high: float
    least: float
    """The value at the lower edge."""
    most: float
    log: bool = False
    """Whether values are on a log axis."""

    def x(self, strength: float) -> float:
        """Where a strength lies, kept inside."""
        share = math.log(strength / self.low) / math.log(self.high / self.low)
        return self.left + min(1.0, max(0.0, share)) * (self.right - self.left)

    def y(self, value: float) -> float:
        """Where a value lies, kept inside."""
        least, most = self.least, self.most
        if self.log:
            least, most, value = (math.log(max(v, 1e-300)) for v in (least, most, value))
        share = (value - least) / (most - least)
        return self.bottom - min(1.0, max(0.0, share)) * (self.bottom - self.top)

    def holds(self, value: float) -> bool:
        """Whether a value is between the edges."""
        slack = 1e-9 * abs(self.most - self.least)
        return self.least - slack <= value <= self.most + slack

    def strengths(self, low: float, high: float) -> list[tuple[float, str]]:
        """Decades between two strengths that keep clear of each other: places and labels."""
        powers = range(math.ceil(math.log10(low) - 1e-9), math.floor(math.log10(high) + 1e-9) + 1)
        for step in (1, 2, 3, 4, 6):
            kept = [p for p in powers if p % step == 0]
            ticks = [(self.x(10.0**p), decade_text(p)) for p in kept]
            if _clear(ticks):
                return ticks
        return ticks[:1]

    def values(self, n: int = 5) -> list[tuple[float, str]]:
        """About ``n`` round values: places and labels."""
        found = _log_values(self.least, self.most) if self.log else []
        if len(found) < 2:
            found = _round_values(self.least, self.most, n)
        return [(self.y(value), digits(value)) for value in found]


def place_of(axes: PathAxes, left: float, top: float, right: float, bottom: float) -> Place:
    """The axes of a path over a rectangle."""
    edges = (axes.left, axes.right, axes.bottom, axes.top)
    return Place(left, top, right, bottom, *edges, log=axes.log)


def _clear(ticks: list[tuple[float, str]]) -> bool:
    """Whether labels, centred at their places, leave a letter between them."""
    halves = [(x, (len(words) + 1) * LETTER / 2) for x, words in ticks]
    pairs = pairwise(halves)
    return all(second - first >= a + b for (first, a), (second, b) in pairs)


def _log_values(least: float, most: float) -> list[float]:
    powers = range(math.floor(math.log10(least)), math.ceil(math.log10(most)) + 1)
    for steps in ((1, 2, 5), (1, 3), (1,)):
        found = [s * 10.0**p for p in powers for s in steps if least <= s * 10.0**p <= most]
        if len(found) <= 7:
            return found
    return found[:: math.ceil(len(found) / 7)]


def _round_values(least: float, most: float, n: int) -> list[float]:
    raw = (most - least) / n
    if not (math.isfinite(raw) and raw > 0):
        return [least]
    scale = 10.0 ** math.floor(math.log10(raw))
    step = next(s * scale for s in NICE if s * scale >= raw * 0.999)
    first, last = math.ceil(least / step - 1e-9), math.floor(most / step + 1e-9)
    return [k * step for k in range(first, last + 1)]
