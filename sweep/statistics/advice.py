"""What would help most on a path: its kind from the numbers, and its sentence from the kind.

Whoever decides anything looks at the kind; nobody reads the sentence but a person.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace

from sweep.statistics.endings import Ending
from sweep.statistics.number_words import two_digits
from sweep.statistics.paired_tests import saturated
from sweep.statistics.verdicts import Advice, Boundary, SideVerdict, Verdict, sides_of

FLOOR = 5
"""Fewer resamples than this are nearly useless."""
WIDE = 0.5
"""Decades; an interval wider than this is worth a word."""

OF_VERDICT: Mapping[Verdict, Advice] = {
    Verdict.TOO_FEW: Advice.LOWER_LR,
    Verdict.NO_SIGNAL: Advice.FIND_SIGNAL,
    Verdict.EXTEND_WEAKER: Advice.EXTEND_WEAKER,
    Verdict.EXTEND_STRONGER: Advice.EXTEND_STRONGER,
    Verdict.EXTEND_BOTH: Advice.EXTEND_BOTH,
    Verdict.BELOW_RANGE: Advice.EXTEND_WEAKER,
    Verdict.NOT_UNIMODAL: Advice.LOOK_BETWEEN,
}
"""Verdicts that say themselves what would help."""
FIXED: Mapping[Advice, str] = {
    Advice.NONE: "",
    Advice.LOWER_LR: "Too many runs diverged: lower the learning rate or narrow the range.",
    Advice.FIND_SIGNAL: "First find a setting that clearly beats a constant prediction: train "
    "longer, change the model, or add resamples or data.",
    Advice.LOOK_BETWEEN: "Look at the curve between the good zones (double descent, batch norm, "
    "divergence) before choosing a strength.",
    Advice.NOTHING: "The loss runs along the threshold: no affordable number of resamples would "
    "settle it.",
    Advice.STRENGTHS_AT_ENDS: "The curve is too steep for these strengths: add some around both "
    "boundaries.",
}
"""Sentences without a number."""
IN_VAIN = (Advice.MORE_DATA, Advice.NOTHING)
"""Advice which says that no more runs on these data would help."""


def wants_strengths(advice: Advice, ending: Ending) -> bool:
    """Whether a ladder that ended so, and its path, ask for more strengths."""
    more = (Advice.STRENGTHS_AT_ENDS, Advice.STRENGTHS_INSIDE)
    return advice in more or ending is Ending.STRENGTHS_SPENT


def advised(b: Boundary, overlap: float, coarse: bool) -> Boundary:
    """The boundary with what would help most, and a word on losses without a variance.

    Args:
        b: The boundary, all else known.
        overlap: n_validation / n_training where training sets overlap (else 0): variance that more
            resamples cannot remove.
        coarse: Whether the ladder was too coarse for the curve.

    Returns:
        The same with its advice.
    """
    kind = _kind(b, overlap, coarse)
    return replace(b, advice_kind=kind, advice=f"{_heavy(b)} {_sentence(kind, b)}".strip())


def _kind(b: Boundary, overlap: float, coarse: bool) -> Advice:
    if b.verdict in OF_VERDICT:
        return OF_VERDICT[b.verdict]
    if b.too_fine:
        return Advice.FINER_METRIC
    if b.verdict == Verdict.INCONCLUSIVE:
        if math.isfinite(b.more_resamples):
            return Advice.MORE_RESAMPLES
        return Advice.MORE_DATA if overlap > 0 else Advice.NOTHING
    if coarse:
        return Advice.STRENGTHS_AT_ENDS
    if b.n_resamples < FLOOR:
        return Advice.FEW_RESAMPLES
    if saturated(b.n_resamples, overlap) and _widest(b) > WIDE:
        return Advice.MORE_DATA
    if b.sparse:
        return Advice.STRENGTHS_INSIDE
    if b.underfitting_verdict == SideVerdict.NONE:
        return Advice.EXTEND_STRONGER
    return Advice.NONE


def _sentence(kind: Advice, b: Boundary) -> str:
    """What a kind of advice says of these numbers."""
    if kind in FIXED:
        return FIXED[kind]
    if kind in (Advice.EXTEND_WEAKER, Advice.EXTEND_STRONGER, Advice.EXTEND_BOTH):
        return _further(kind, b)
    if kind is Advice.FINER_METRIC:
        return (
            f"The measure moves in steps of {two_digits(b.resolution)}: differences under "
            f"{two_digits(b.least_difference)} cannot be seen, and the threshold lies "
            f"{two_digits(b.delta)} from the best: validate on more rows, or judge by the loss."
        )
    if kind is Advice.MORE_RESAMPLES:
        n = b.more_resamples
        return f"About {n:.0f} more resample{'s' if n > 1 else ''} would settle it."
    if kind is Advice.FEW_RESAMPLES:
        return (
            f"{b.n_resamples} resamples give wide intervals: {FLOOR} are the floor, 10 a good "
            "number."
        )
    if kind is Advice.MORE_DATA and b.verdict == Verdict.INCONCLUSIVE:
        return "No number of resamples on these data would settle it: only more data can."
    if kind is Advice.MORE_DATA:
        return "More resamples would narrow the intervals by less than a tenth: only more data can."
    return _denser(b)


def _heavy(b: Boundary) -> str:
    """A word on losses without a variance, where they are such."""
    if not math.isfinite(b.tail_index):
        return ""
    return (
        f"A few rows decide: losses of rows have no variance (tail index {two_digits(b.tail_index)}"
        ", below 2), so intervals may be too narrow: judge by a robust loss, such as Huber's or "
        "absolute errors."
    )


def _further(kind: Advice, b: Boundary) -> str:
    """What to do to see weaker and stronger strengths: search them, or stop them diverging."""
    diverging = "Runs diverge {} {}: lower the learning rate to see further."
    extend = "Extend the range {} {}."
    weaker = diverging if any(s < b.weakest for s in b.dropped_strengths) else extend
    stronger = diverging if any(s > b.strongest for s in b.dropped_strengths) else extend
    words = {
        Advice.EXTEND_WEAKER: weaker.format("below", two_digits(b.weakest)),
        Advice.EXTEND_STRONGER: stronger.format("above", two_digits(b.strongest)),
    }
    return " ".join(words.values()) if kind is Advice.EXTEND_BOTH else words[kind]


def _denser(b: Boundary) -> str:
    """What to do about a good zone with hardly a strength in it."""
    left, right = sides_of(b)
    low = 10**left.low if math.isfinite(left.low) else b.weakest
    high = 10**right.high if math.isfinite(right.high) else b.strongest
    return (
        "Too few strengths lie in the good zone, or too far apart: add strengths between "
        f"{two_digits(low)} and {two_digits(high)}."
    )


def _widest(b: Boundary) -> float:
    """The wider of the two intervals in decades; inf when an end is open, 0 without a number."""
    widths = [side.width for side in sides_of(b) if math.isfinite(side.value)]
    return max((math.inf if math.isnan(width) else width for width in widths), default=0.0)
