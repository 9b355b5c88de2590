"""How wide a population is, and how many train side by side: as measured."""

from __future__ import annotations

from collections.abc import Callable

WIDTHS = (1, 4, 8, 16, 32, 64, 128)
WORTHWHILE = 0.97
"""A wider population must bring a run's cost below this share of the narrower one's."""


def choose_width(
    seconds_per_step: Callable[[int], float], wanted: int
) -> tuple[int, dict[int, float]]:
    """The cheapest width per run among WIDTHS up to ``wanted``, and what was measured.

    ``seconds_per_step`` measures one step of a population of this width. Widening stops when it has
    not paid twice, so a population is as narrow, and refilled as evenly, as it can be.
    """
    measured: dict[int, float] = {}
    best, in_vain = 1, 0
    for width in WIDTHS:
        if width > max(1, wanted) or in_vain == 2:
            break
        measured[width] = seconds_per_step(width) / width
        if width == 1:
            continue
        if measured[width] < WORTHWHILE * measured[best]:
            best, in_vain = width, 0
        else:
            in_vain += 1
    return best, measured


def choose_lanes(seconds: Callable[[int], float], most: int) -> tuple[int, dict[int, float]]:
    """How many populations train side by side, at most one per core, and what was measured.

    ``seconds`` measures what a run's step costs in so many lanes. Halving their number goes on
    while it pays: on a machine with so many cores that Python cannot keep a lane on each of them.
    """
    measured = {most: seconds(most)}
    best = most
    while best > 1:
        fewer = best // 2
        measured[fewer] = seconds(fewer)
        if measured[fewer] >= WORTHWHILE * measured[best]:
            break
        best = fewer
    return best, measured
