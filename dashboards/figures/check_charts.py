"""Small static drawings beside checks: the best of so many trials, and deviations as bars."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from dashboards.figures.static_axes import LETTER, Place
from dashboards.figures.svg import drawing, element, line, polygon, polyline, rect, text, tint
from dashboards.gather.numbers import measured

WIDTH, HEIGHT = 420.0, 190.0
ROW, BAR = 24.0, 12.0
NAME_LETTER = 1.15 * LETTER
"""Width of a letter of a name."""
MOST_TICKS = 5


@dataclass(frozen=True)
class BestCurve:
    """The best value of one penalty by the number of its trials: means and a band."""

    name: str
    colour: str
    sizes: Sequence[int]
    means: Sequence[float]
    low: Sequence[float]
    high: Sequence[float]


def draw_best_of(curves: Sequence[BestCurve], title: str, key: str) -> str:
    """The curves on one axis; names stand at their ends."""
    least = min(min(curve.low) for curve in curves)
    most = max(max(curve.high) for curve in curves)
    n = max(curve.sizes[-1] for curve in curves)
    names = max(len(curve.name) for curve in curves) * NAME_LETTER + 10
    place = Place(48, 10, WIDTH - names, HEIGHT - 34, 1, max(n, 2), least, most)
    parts = [*_axes(place, n)]
    ends = _apart([place.y(curve.means[-1]) for curve in curves])
    for curve, end in zip(curves, ends, strict=True):
        body = _curve(place, curve, n)
        body += text(place.right + 6, end + 4, curve.name, "drawing-name")
        parts.append(element("g", body, class_="tint", style=tint(curve.colour)))
    words = "; ".join(
        f"{curve.name}: {measured(curve.means[0])} with one trial, {measured(curve.means[-1])} "
        f"with {curve.sizes[-1]}"
        for curve in curves
    )
    return drawing("".join(parts), WIDTH, HEIGHT, title, words, key=key, class_="check-chart")


def _axes(place: Place, n: int) -> list[str]:
    parts = []
    for y, label in place.values(4):
        parts.append(line(place.left, y, place.right, y, "grid"))
        parts.append(text(place.left - 5, y + 4, label, "tick", "end"))
    step = max(1, -(-n // MOST_TICKS))
    for size in sorted({1, *range(step, n + 1, step)}):
        parts.append(text(_x(place, size, n), place.bottom + 15, f"{size:,}", "tick", "middle"))
    parts.append(text(place.left, HEIGHT - 4, "trials", "tick"))
    return parts


def _x(place: Place, size: int, n: int) -> float:
    return place.left + (size - 1) / max(1, n - 1) * (place.right - place.left)


def _curve(place: Place, curve: BestCurve, n: int) -> str:
    places = [_x(place, size, n) for size in curve.sizes]
    above = [(x, place.y(value)) for x, value in zip(places, curve.high, strict=True)]
    below = [(x, place.y(value)) for x, value in zip(places, curve.low, strict=True)]
    middle = [(x, place.y(value)) for x, value in zip(places, curve.means, strict=True)]
    return polygon([*above, *reversed(below)], "band") + polyline(middle, "curve")


def _apart(places: Sequence[float], least: float = 14.0) -> list[float]:
    """The places in their order, moved down where they would overlap."""
    moved = list(places)
    order = sorted(range(len(moved)), key=lambda i: moved[i])
    for before, after in pairwise(order):
        moved[after] = max(moved[after], moved[before] + least)
    return moved


def draw_bars(values: Mapping[str, float], title: str, key: str) -> str:
    """One bar for each number, with its name before it and the number behind it."""
    left = max(map(len, values)) * NAME_LETTER + 10
    room = WIDTH - left - 60
    most = max(values.values()) or 1.0
    parts = []
    for i, (name, value) in enumerate(values.items()):
        y = ROW * i + 4
        length = value / most * room
        parts.append(text(left - 8, y + BAR - 1, name, "drawing-name", "end"))
        parts.append(rect(left, y, length, BAR, "check-bar"))
        parts.append(text(left + length + 6, y + BAR - 1, measured(value), "tick"))
    words = "; ".join(f"{name}: {measured(value)}" for name, value in values.items())
    height = ROW * len(values) + 4
    return drawing("".join(parts), WIDTH, height, title, words, key=key, class_="check-chart")
