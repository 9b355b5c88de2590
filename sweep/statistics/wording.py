"""Verdicts, causes and boundaries in words: every sentence that a person reads about a path."""

from __future__ import annotations

import math
from collections.abc import Mapping

from sweep.statistics.number_words import two_digits
from sweep.statistics.paired_tests import saturated
from sweep.statistics.verdicts import Boundary, Cause, SideVerdict, Verdict, sides_of

FLOOR = 5
"""Fewer resamples than this are nearly useless."""
WIDE = 0.5
"""Decades; an interval wider than this is worth a word."""

VERDICT_LINES: Mapping[Verdict, tuple[str, ...]] = {
    Verdict.FOUND: ("found",),
    Verdict.NONE: ("no boundary in the searched range",),
    Verdict.INCONCLUSIVE: ("inconclusive",),
    Verdict.BELOW_RANGE: (
        "overfitting ends below the searched range",
        "extend it to weaker strengths",
    ),
    Verdict.NO_SIGNAL: ("no learnable signal",),
    Verdict.EXTEND_WEAKER: ("optimum not bracketed", "extend the range to weaker strengths"),
    Verdict.EXTEND_STRONGER: ("optimum not bracketed", "extend the range to stronger strengths"),
    Verdict.EXTEND_BOTH: ("optimum not bracketed", "extend the range to both sides"),
    Verdict.NOT_UNIMODAL: ("not unimodal", "several good zones"),
    Verdict.NO_EFFECT: ("no measurable effect of the strength",),
    Verdict.TOO_FEW: (
        "too few strengths finished",
        "fewer than 4 have a loss in every resample",
    ),
}
"""A verdict on a path, and what more there is to say of it, as a figure has them in lines."""
VERDICTS: Mapping[Verdict, str] = {
    verdict: ": ".join(lines) for verdict, lines in VERDICT_LINES.items()
}
SIDES: Mapping[SideVerdict, str] = {
    SideVerdict.FOUND: "found",
    SideVerdict.NONE: "none in the searched range",
    SideVerdict.INCONCLUSIVE: "inconclusive",
    SideVerdict.BELOW_RANGE: "below the searched range",
    SideVerdict.UNDEFINED: "undefined",
}
CAUSES: Mapping[Cause, str] = {
    Cause.OVERFITTING: "overfitting",
    Cause.OPTIMIZATION: "optimization-limited",
    Cause.UNDERFITTING: "underfitting",
    Cause.MISMATCH: "objective mismatch or instability",
    Cause.UNDETERMINED: "undetermined",
    Cause.NONE: "no boundary",
}


FEW = f"give wide intervals: {FLOOR} are the floor, 10 a good number."
STEEP = "The curve is too steep for these strengths"
SPARSE = "Too few strengths lie in the good zone, or too far apart"


def few_resamples(n_resamples: int) -> str:
    """The advice for a path of fewer than FLOOR resamples."""
    return f"{n_resamples} resamples {FEW}"


def says_few_resamples(advice: str) -> bool:
    """Whether a path's advice is ``few_resamples``, however many there are."""
    return FEW in advice


def describe_boundary(boundary: Boundary, penalty: str, metric: str = "val_loss") -> str:
    """The result in one sentence, numbers with two significant digits.

    ``decay: overfitting ends at 0.12 [0.07, 0.19], underfitting starts at 1.3 [1.0, 1.7]
    (val_loss, 95 %)``. A rise that is not overfitting or underfitting is not called so.

    Args:
        boundary: What ``estimate_boundary`` returned.
        penalty: What the penalty is called in the sentence.
        metric: What the losses are called in the sentence.

    Returns:
        The sentence, without a full stop.
    """
    b = boundary
    has_numbers = any(map(math.isfinite, (b.overfitting_ends_high, b.underfitting_starts_low)))
    notes = [metric, *(["95 %"] if has_numbers else [])]
    notes += [f"from {b.n_rows} rows"] if has_numbers and b.n_rows else []
    if b.design == "holdout":
        notes += [f"conditional on {'these training rows' if b.n_rows else 'this split'}"]
    notes += ["by a few rows with huge losses"] if math.isfinite(b.tail_index) else []
    notes += [f"threshold finer than its steps of {two_digits(b.resolution)}"] if b.too_fine else []
    if b.verdict == Verdict.NO_SIGNAL:
        words = f"{VERDICTS[b.verdict]}: no strength clearly beats a constant prediction"
    elif b.verdict == Verdict.NO_EFFECT:
        words = f"{VERDICTS[b.verdict]} from {two_digits(b.weakest)} to {two_digits(b.strongest)}"
    elif b.verdict == Verdict.NOT_UNIMODAL:
        zones = ", ".join(f"{two_digits(low)} to {two_digits(high)}" for low, high in b.intervals)
        words = f"{VERDICTS[b.verdict]}, no single boundary; loss is near its lowest at {zones}"
    elif SideVerdict.UNDEFINED in (b.overfitting_verdict, b.underfitting_verdict):
        words = VERDICTS[b.verdict]
    else:
        found = b.overfitting_verdict == b.underfitting_verdict == SideVerdict.FOUND
        words = (", " if found else "; ").join([_left_words(b), _right_words(b)])
    return f"{penalty}: {words} ({', '.join(notes)})"


def _left_words(b: Boundary) -> str:
    place = b.place_of("overfitting_ends")
    if b.overfitting_verdict == SideVerdict.NONE:
        return "no harmful overfitting found in the searched range"
    if b.overfitting_verdict == SideVerdict.BELOW_RANGE:
        what = "overfitting ends" if b.overfitting_cause == Cause.OVERFITTING else "worse only"
        return f"{what} below {two_digits(b.weakest)}, the weakest strength searched"
    if b.overfitting_verdict == SideVerdict.INCONCLUSIVE:
        return (
            "harmful overfitting inconclusive: it ends below "
            f"{two_digits(b.overfitting_ends_high)}, if there is any"
        )
    if b.overfitting_cause == Cause.OVERFITTING:
        return f"overfitting ends at {place}"
    if b.overfitting_cause == Cause.OPTIMIZATION:
        return f"worse below {place} but not by overfitting: training loss is worse there too"
    return f"worse below {place}, whether by overfitting is undetermined"


def _right_words(b: Boundary) -> str:
    place = b.place_of("underfitting_starts")
    if b.underfitting_verdict == SideVerdict.NONE:
        return "no underfitting found in the searched range"
    if b.underfitting_verdict == SideVerdict.INCONCLUSIVE:
        return (
            "underfitting inconclusive: it starts above "
            f"{two_digits(b.underfitting_starts_low)}, if at all"
        )
    if b.underfitting_cause == Cause.UNDERFITTING:
        return f"underfitting starts at {place}"
    if b.underfitting_cause == Cause.MISMATCH:
        return f"worse above {place} but not by underfitting: training loss is better there"
    return f"worse above {place}, whether by underfitting is undetermined"


def advise(b: Boundary, overlap: float, coarse: bool) -> str:
    """The one sentence that would help most, or nothing; and one on losses without a variance.

    ``overlap`` and ``coarse`` as ``_main_advice`` has them.
    """
    advice = _main_advice(b, overlap, coarse)
    if not math.isfinite(b.tail_index):
        return advice
    heavy = (
        f"A few rows decide: losses of rows have no variance (tail index {two_digits(b.tail_index)}"
        ", below 2), so intervals may be too narrow: judge by a robust loss, such as Huber's or "
        "absolute errors."
    )
    return f"{heavy} {advice}".strip()


def _main_advice(b: Boundary, overlap: float, coarse: bool) -> str:
    """The one sentence that would help most, or nothing.

    ``overlap`` is n_validation / n_training where training sets overlap (else 0): variance that
    more resamples cannot remove. ``coarse`` says that the ladder was too coarse for the curve.
    """
    weaker, stronger = _further(b)
    fixed = {
        Verdict.TOO_FEW: "Too many runs diverged: lower the learning rate or narrow the range.",
        Verdict.NO_SIGNAL: "First find a setting that clearly beats a constant prediction: train "
        "longer, change the model, or add resamples or data.",
        Verdict.EXTEND_WEAKER: weaker,
        Verdict.EXTEND_STRONGER: stronger,
        Verdict.EXTEND_BOTH: f"{weaker} {stronger}",
        Verdict.BELOW_RANGE: weaker,
        Verdict.NOT_UNIMODAL: "Look at the curve between the good zones (double descent, batch "
        "norm, divergence) before choosing a strength.",
    }
    if b.verdict in fixed:
        return fixed[b.verdict]
    if b.too_fine:
        return (
            f"The measure moves in steps of {two_digits(b.resolution)}: differences under "
            f"{two_digits(b.least_difference)} cannot be seen, and the threshold lies "
            f"{two_digits(b.delta)} from the best: validate on more rows, or judge by the loss."
        )
    if b.verdict == Verdict.INCONCLUSIVE:
        return _settle(b.more_resamples, overlap)
    if coarse:
        return f"{STEEP}: add some around both boundaries."
    if b.n_resamples < FLOOR:
        return few_resamples(b.n_resamples)
    if saturated(b.n_resamples, overlap) and _widest(b) > WIDE:
        return "More resamples would narrow the intervals by less than a tenth: only more data can."
    if b.sparse:
        return _denser(b)
    if b.underfitting_verdict == SideVerdict.NONE:
        return stronger
    return ""


def _further(b: Boundary) -> tuple[str, str]:
    """What to do to see weaker and stronger strengths: search them, or stop them diverging."""
    diverging = "Runs diverge {} {}: lower the learning rate to see further."
    extend = "Extend the range {} {}."
    weaker = diverging if any(s < b.weakest for s in b.dropped_strengths) else extend
    stronger = diverging if any(s > b.strongest for s in b.dropped_strengths) else extend
    return (
        weaker.format("below", two_digits(b.weakest)),
        stronger.format("above", two_digits(b.strongest)),
    )


def _denser(b: Boundary) -> str:
    """What to do about a good zone with hardly a strength in it."""
    left, right = sides_of(b)
    low = 10**left.low if math.isfinite(left.low) else b.weakest
    high = 10**right.high if math.isfinite(right.high) else b.strongest
    return f"{SPARSE}: add strengths between {two_digits(low)} and {two_digits(high)}."


def _settle(more: float, overlap: float) -> str:
    if math.isfinite(more):
        return f"About {more:.0f} more resample{'s' if more > 1 else ''} would settle it."
    if overlap > 0:
        return "No number of resamples on these data would settle it: only more data can."
    return "The loss runs along the threshold: no affordable number of resamples would settle it."


def _widest(b: Boundary) -> float:
    """The wider of the two intervals in decades; inf when an end is open, 0 without a number."""
    widths = [side.width for side in sides_of(b) if math.isfinite(side.value)]
    return max((math.inf if math.isnan(width) else width for width in widths), default=0.0)
