"""The ladder of strengths of a path: a few at first, then more where a boundary is uncertain.

An interval covers the noise of the losses; how the curve runs between two strengths of the ladder
it can only guess. So the widest gap in a boundary's interval is halved until the boundary stays
where it was, or the gap is narrow. The width that the interval then has is the noise's, and more
strengths would not help. When the curve's lowest point lies at an end, or underfitting does not
start yet, the ladder grows beyond that end, unless the loss levels off there, above the best; where
runs diverge there, or strengths end, the gaps on both sides of the last strength are halved, which
tells a best beside it from one at the end. What is added follows from the recorded results alone,
so a resumed path is the uninterrupted one.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from sweep.statistics import endings
from sweep.statistics.endings import Ended
from sweep.statistics.verdicts import Boundary, SideInterval, SideVerdict, Verdict, sides_of
from sweep.statistics.wording import VERDICTS

COARSE = 7
"""Strengths above 0 that an adaptive ladder begins with."""
STEADY = 4
"""A boundary that moved by less than this part of the wanted width stays where it was."""
SHRANK = 0.8
"""An interval that came down to less than this share of itself is not the noise's alone yet."""

BEYOND: Mapping[Verdict, tuple[str, ...]] = {
    Verdict.EXTEND_WEAKER: ("low",),
    Verdict.EXTEND_STRONGER: ("high",),
    Verdict.EXTEND_BOTH: ("low", "high"),
}
"""The ends of the ladder beyond which the best may lie."""

Span = tuple[float, float]
"""Two ends in log10 strength."""

ALIKE = 0.1
"""How rarely resamples are so much alike, at most, that an interval is called narrow for it."""


@dataclass(frozen=True)
class Refinement:
    """Strengths to add, or none and why."""

    strengths: tuple[float, ...] = ()
    ended: Ended | None = None


@dataclass(frozen=True)
class Aim:
    """What a ladder is to come to: intervals of ``width`` decades, with ``most`` strengths (0: with
    those that it began with), all of them below ``limit``.
    """

    most: int
    width: float
    limit: float = math.inf


def ladder(low: float, high: float, points: int) -> tuple[float, ...]:
    """0, then ``points`` strengths evenly spaced in log10 from ``low`` to ``high``."""
    step = (math.log10(high) - math.log10(low)) / (points - 1)
    inner = [10 ** (math.log10(low) + step * i) for i in range(1, points - 1)]
    return (0.0, low, *inner, high)


def first_ladder(low: float, high: float, most: int, adaptive: bool) -> tuple[float, ...]:
    """What a path begins with: all ``most`` strengths above 0, or a few if others may follow."""
    return ladder(low, high, min(most, COARSE) if adaptive else most)


def climb(
    first: Sequence[float], estimate: Callable[[Sequence[float]], Boundary | None], aim: Aim
) -> Refinement:
    """What is next on a ladder that began with ``first``: strengths to train, or why it ended.

    ``estimate`` gives the boundary of a ladder, or None while results are missing on it.
    """
    strengths, before = sorted(first), None
    while True:
        boundary = estimate(strengths)
        if boundary is None:
            return Refinement(tuple(strengths))
        refinement = refine(strengths, boundary, before, aim)
        if not refinement.strengths:
            return refinement
        before = Before(tuple(strengths), boundary, before)
        strengths = sorted([*strengths, *refinement.strengths])


@dataclass(frozen=True)
class Before:
    """A ladder before its last strengths came, and its boundary."""

    strengths: tuple[float, ...]
    boundary: Boundary
    earlier: Before | None = None
    """The ladder before that one, while resamples were the same."""


def refine(
    strengths: Sequence[float], boundary: Boundary, before: Before | None, aim: Aim
) -> Refinement:
    """What to add to these strengths (0 among them counts for nothing), given their boundary."""
    xs = sorted(math.log10(s) for s in strengths if s > 0)
    if not aim.most:
        return Refinement(ended=endings.EVEN)
    if boundary.verdict in (Verdict.NO_SIGNAL, Verdict.TOO_FEW):
        return Refinement(ended=endings.undecided(VERDICTS[boundary.verdict]))
    wanted, ended = _wanted(xs, boundary, before, aim)
    room = aim.most - len(xs)
    if wanted and room <= 0:
        return Refinement(ended=endings.strengths_spent(aim.most))
    return Refinement(tuple(10**x for x in sorted(wanted[:room])), None if wanted else ended)


def _wanted(
    xs: list[float], b: Boundary, before: Before | None, aim: Aim
) -> tuple[list[float], Ended]:
    """Points to add (log10), the more useful first, and why there are none."""
    weaker, stronger = _beyond(xs, b, aim.limit)
    if b.verdict in BEYOND:
        low, high = math.log10(b.weakest), math.log10(b.strongest)
        ends = {"low": weaker or _halved(xs, (low, low), aim)}
        ends["high"] = stronger or _halved(xs, (high, high), aim)
        at_limit = not stronger and not _diverged_beyond(b)
        ended = endings.limit(aim.limit) if at_limit else endings.DIVERGED
        return [x for end in BEYOND[b.verdict] for x in ends[end]], ended
    if b.verdict is Verdict.NOT_UNIMODAL:
        return _halved(xs, (xs[0], xs[-1]), aim), endings.undecided(VERDICTS[b.verdict])
    left, right = sides_of(b)
    outward = weaker if left.verdict is SideVerdict.BELOW_RANGE else []
    if b.levels_off:
        stronger, xs = [], _short_of_the_plateau(xs, right)
    if right.verdict in (SideVerdict.NONE, SideVerdict.INCONCLUSIVE):
        outward = [*outward, *stronger]
    uncertain = [left]
    if right.verdict is not SideVerdict.INCONCLUSIVE or not stronger:
        uncertain.append(right)  # else stronger strengths say more of it
    inward, noisy = list[float](), False
    for place, side in enumerate(uncertain):
        if side.verdict in (SideVerdict.FOUND, SideVerdict.INCONCLUSIVE):
            span = _inside(xs, side)
            then = _untried(xs, span, before)
            tried = then is not None and _steady(side, sides_of(then.boundary)[place], aim.width)
            points = [] if tried else _halved(xs, span, aim)
            noisy |= not points and not side.width <= aim.width
            inward += points
    if b.sparse:
        inward = [*_halved(xs, good_zone(xs, left, right), aim), *inward]
    ended = endings.NOISE if noisy else within(b, aim.width)
    return list(dict.fromkeys([*outward, *inward])), ended


def within(b: Boundary, width: float) -> Ended:
    """What is to be said of intervals within this width."""
    if surely_within(b, width):
        return endings.narrow(width)
    return endings.alike(width, b.n_rows, b.n_resamples)


def surely_within(b: Boundary, width: float, alike: float = ALIKE) -> bool:
    """Whether the intervals within this width are so for more than chance.

    Resamples that are alike by chance make narrow intervals of noise that is not small, and it is
    just these that would end a ladder. So an interval counts as narrow if it still were with the
    deviation that the true one exceeds with a probability of ``alike`` (Cochran's theorem: the
    variance of R resamples is chi-square with R - 1 degrees of freedom).
    """
    from scipy.special import chdtri

    n = b.n_rows or b.n_resamples
    largest = math.sqrt((n - 1) / chdtri(n - 1, 1 - alike)) if n > 1 else math.inf
    found = (side for side in sides_of(b) if side.verdict is SideVerdict.FOUND)
    return all(side.width * largest <= width for side in found)


def good_zone(xs: list[float], left: SideInterval, right: SideInterval) -> Span:
    """The good zone, up to the ladder's ends where it is open."""
    low = xs[0] if math.isnan(left.value) else left.value
    return low, xs[-1] if math.isnan(right.value) else right.value


def _untried(xs: list[float], span: Span, before: Before | None) -> Before | None:
    """The ladder before a strength last came to an interval; None where none has."""
    here = {x for gap in _touched(xs, span) for x in gap}
    while before is not None and here <= {math.log10(s) for s in before.strengths if s > 0}:
        before = before.earlier
    return before


def _diverged_beyond(b: Boundary) -> bool:
    """Whether runs diverged at strengths above all that did not."""
    return any(s > b.strongest for s in b.dropped_strengths)


def _beyond(xs: list[float], b: Boundary, limit: float) -> tuple[list[float], list[float]]:
    """One strength further out at the weak and at the strong end, unless runs diverge there or
    strengths end.
    """
    step = max(after - before for before, after in pairwise(xs))
    weaker = [] if any(0 < s < b.weakest for s in b.dropped_strengths) else [xs[0] - step]
    ends = _diverged_beyond(b) or 10 ** (xs[-1] + step) >= limit
    stronger = [] if ends else [xs[-1] + step]
    return weaker, stronger


def _inside(xs: list[float], side: SideInterval) -> Span:
    """A side's interval up to the ladder's ends, where it is open."""
    low = xs[0] if math.isnan(side.low) else max(xs[0], side.low)
    high = xs[-1] if math.isnan(side.high) else min(xs[-1], side.high)
    return low, max(low, high)


def _steady(side: SideInterval, earlier: SideInterval, width: float) -> bool:
    """Whether the strengths that came since have changed nothing on this side."""
    if earlier.verdict is not side.verdict:
        return False
    pairs = [(side.value, earlier.value), (side.low, earlier.low), (side.high, earlier.high)]
    if side.verdict is SideVerdict.FOUND:
        pairs = pairs[:1]
        if side.width > width and side.width < SHRANK * earlier.width:
            return False
    return all(abs(now - then) <= width / STEADY for now, then in pairs if not math.isnan(now))


def _short_of_the_plateau(xs: list[float], right: SideInterval) -> list[float]:
    """The strengths without those on a plateau at the strong end, but for its first: it is not
    known whether underfitting starts there, and strengths that all lose the same do not tell.
    """
    if right.verdict is not SideVerdict.INCONCLUSIVE:
        return xs
    return xs[: sum(x <= right.low for x in xs) + 1]


def _touched(xs: list[float], span: Span) -> list[Span]:
    """The gaps of the ladder that an interval touches."""
    return [(p, q) for p, q in pairwise(xs) if q >= span[0] and p <= span[1]]


def _halved(xs: list[float], span: Span, aim: Aim) -> list[float]:
    """The middle of the widest gap that an interval touches, if the gap is not narrow."""
    gaps = [(q - p, (p + q) / 2) for p, q in _touched(xs, span)]
    length, middle = max(gaps, default=(0.0, 0.0))
    return [middle] if length > aim.width / 2 else []
