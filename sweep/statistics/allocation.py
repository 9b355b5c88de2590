"""Where the next runs of a path go: to a new strength, or to a resample of those that matter.

A path begins with a few strengths on START resamples. Strengths are added while the good zone has
too few of them, or a gap is wider than the interval that lies in it: there the interval is that of
the gap. Else it is that of the noise, whose width is proportional to t_{R-1} / sqrt(R), the
half-width of Student's interval, and which another resample narrows; that goes to the strengths
that carry the boundaries alone: those in the good zone and one beyond each of its ends. What a
strength further out has on its first resamples says enough of it (``double_sampling``).

Intervals that are narrow at few resamples are often so by luck, since the variance is estimated:
whoever stops at the first narrow one is wrong too often (Chow & Robbins 1965), and more resamples
than that make up for it (Simons 1968). So a path is looked at after every third more of them, and
ends where its intervals would be narrow even if chance had made the resamples so much alike as it
does once in a hundred times (``ladder.surely_within``).

What is asked for follows from the recorded losses alone, so a resumed path is the uninterrupted
one. Legend: R resamples.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from sweep.statistics import endings, ladder
from sweep.statistics._bends import ENOUGH
from sweep.statistics.advice import FLOOR
from sweep.statistics.endings import Ended
from sweep.statistics.ladder import Aim, Before, Span, good_zone, refine, surely_within, within
from sweep.statistics.verdicts import Boundary, SideVerdict, Verdict, sides_of
from sweep.statistics.wording import VERDICTS

START = 3
"""Resamples that every strength gets: fewer say nothing of the noise."""
SHARE = 3
"""Of the resamples that there are, one in so many is added at a time, and one at least."""
N_BEYOND = 1
"""Strengths beyond each end of the good zone that get all resamples."""
WIDE_GAP = 1.0
"""A gap wider than this share of the interval that lies in it gets a strength."""
PARTS = 2.5
"""Into how many gaps the good zone is divided at least."""
MARGIN = 0.5
"""Of the wanted gap lies a strength beyond the good zone's end, where that is far from others: the
end may move beyond a nearer one, into a gap that is too wide for it."""
RARELY_ALIKE = 0.01
"""How rarely resamples are so much alike, at most, that intervals are called narrow for it; a path
is looked at more often than a ladder."""

Counts = Mapping[float, int]
"""The resamples that each strength gets, the first of all."""


@dataclass(frozen=True)
class Allocation:
    """The resamples of each strength, and why nothing is to be added; None while something is."""

    counts: Counts
    ended: Ended | None = None


def allocate(
    first: Sequence[float],
    estimate: Callable[[Counts], Boundary | None],
    aim: Aim,
    budget: int,
    each: int,
) -> Allocation:
    """The runs of a path that began with the strengths ``first``, as far as its results say.

    Args:
        first: The strengths to begin with; 0 among them is the anchor.
        estimate: The boundary of strengths with so many resamples, or None while results are
            missing.
        aim: The wanted width, and the most strengths.
        budget: The most runs, the anchor's counted.
        each: How many of them each strength takes at least, unless the best lies beyond them all:
            more strengths would leave too few resamples.

    Returns:
        What is to be trained, or was trained and why no more.
    """
    counts = dict.fromkeys(sorted(first), START)
    before: Before | None = None
    laid = False  # whether the strengths are there, and resamples have followed
    while True:
        boundary = estimate(counts)
        if boundary is None:
            return Allocation(counts)
        strengths, resamples = sorted(counts), max(counts.values())
        growing = boundary.verdict in ladder.BEYOND
        most = aim.most if growing else min(aim.most, budget // each)
        added = _new_strengths(strengths, boundary, before, replace(aim, most=most), laid)
        if added and len(added) * resamples + sum(counts.values()) <= budget:
            before = Before(tuple(strengths), boundary, before)
            counts |= dict.fromkeys(added, resamples)
            continue
        if not added and _is_narrow(boundary, aim.width):
            return Allocation(counts, endings.narrow(aim.width))
        if ended := _hopeless(boundary, resamples, aim):
            return Allocation(counts, ended)
        carriers = _carriers(strengths, boundary)
        level = sum((counts | dict.fromkeys(carriers, resamples)).values())
        step = min(max(1, resamples // SHARE), (budget - level) // len(carriers))
        if step < 1:
            narrow = within(boundary, aim.width) if _widest(boundary) <= aim.width else None
            return Allocation(counts, endings.runs_spent(budget, narrow))
        counts |= dict.fromkeys(carriers, resamples + step)
        before, laid = None, laid or not math.isnan(_widest(boundary))


def _widest(boundary: Boundary) -> float:
    """The width of the wider interval in decades: inf where a side is not settled, nan where there
    is none to narrow.
    """
    widths = [math.nan]
    for side in sides_of(boundary):
        if side.verdict is SideVerdict.INCONCLUSIVE:
            widths.append(math.inf)
        elif side.verdict is SideVerdict.FOUND:
            widths.append(math.inf if math.isnan(side.width) else side.width)
    return max(widths[1:], default=math.nan)


def _is_narrow(boundary: Boundary, width: float) -> bool:
    """Whether there are intervals, and all of them are within ``width`` for more than chance."""
    return _widest(boundary) <= width and surely_within(boundary, width, RARELY_ALIKE)


def _new_strengths(
    strengths: Sequence[float],
    boundary: Boundary,
    before: Before | None,
    aim: Aim,
    laid: bool,
) -> list[float]:
    """The strengths to add, where one is worth more than a resample.

    Where one side alone is found, its interval is narrowed as a ladder's is; whether there is a
    boundary on the weak side at all, resamples tell. Once strengths are ``laid``, gaps that are a
    little too wide for the good zone, whose ends move with each resample, are left alone: strengths
    that come late cost all resamples.
    """
    xs = [math.log10(s) for s in strengths if s > 0]
    left, right = sides_of(boundary)
    if not left.verdict is right.verdict is SideVerdict.FOUND:
        if left.verdict is SideVerdict.INCONCLUSIVE:
            boundary = replace(boundary, overfitting_verdict=SideVerdict.NONE)
        return list(refine(strengths, boundary, before, aim).strengths)
    if boundary.sparse:
        low, high = good_zone(xs, left, right)
        if laid and sum(low <= x <= high for x in xs) >= ENOUGH:
            return []
        points = dense(xs, (low, high))
        return [10**x for x in points[: max(0, aim.most - len(xs))]]
    wanted = 2 * WIDE_GAP * _widest(boundary)
    coarse = Aim(aim.most, max(aim.width, wanted), aim.limit)
    return list(refine(strengths, boundary, before, coarse).strengths)


def dense(xs: Sequence[float], zone: Span) -> list[float]:
    """The fewest points with which no gap in the ``zone`` or at its ends is wider than a part of
    PARTS of it.
    """
    low, high = zone
    step = (high - low) / PARTS
    found: list[float] = []
    for start, end in pairwise(xs):
        if start >= high or end <= low or end - start <= step * (1 + 1e-9):
            continue
        first = start if start > low - step else low - MARGIN * step
        last = end if end < high + step else high + MARGIN * step
        n_gaps = math.ceil((last - first) / step - 1e-9)
        inner = [first + (last - first) * i / n_gaps for i in range(1, n_gaps)]
        found += [*([first] if first > start else []), *inner, *([last] if last < end else [])]
    return found


def _carriers(strengths: Sequence[float], boundary: Boundary) -> list[float]:
    """The strengths in the good zone and N_BEYOND its ends, all of them to an end that is open: and
    to a weak one the anchor, which tells what lies there.
    """
    left, right = sides_of(boundary)
    if SideVerdict.UNDEFINED in (left.verdict, right.verdict):
        return list(strengths)
    anchor, others = ([s for s in strengths if (s > 0) is above] for above in (False, True))
    xs = [math.log10(s) for s in others]
    first, last = 0, len(others)
    if left.verdict is SideVerdict.FOUND:
        first, anchor = max(first, sum(x < left.value for x in xs) - N_BEYOND), []
    if right.verdict is SideVerdict.FOUND:
        last = min(last, sum(x <= right.value for x in xs) + N_BEYOND)
    return [*anchor, *others[first:last]]


def _hopeless(boundary: Boundary, resamples: int, aim: Aim) -> Ended | None:
    """Why no resample would narrow anything; None where one may."""
    if boundary.verdict is Verdict.TOO_FEW:
        return endings.undecided(VERDICTS[boundary.verdict])
    if resamples < FLOOR or not math.isnan(_widest(boundary)):
        return None
    if boundary.verdict in (Verdict.NONE, Verdict.BELOW_RANGE):
        return endings.narrow(aim.width)
    return endings.undecided(VERDICTS[boundary.verdict])
