"""Verdicts, causes and boundaries in words; ``advice`` has what to do, ``endings`` why it ended."""

from __future__ import annotations

import math
from collections.abc import Mapping

from sweep.statistics.endings import Ending
from sweep.statistics.number_words import two_digits
from sweep.statistics.verdicts import Advice, Boundary, Cause, SideVerdict, Verdict

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

ADVICE: Mapping[Advice, str] = {
    Advice.NONE: "nothing is asked for but a robust loss where there is a tail_index",
    Advice.EXTEND_WEAKER: "extend the range to weaker strengths, or stop runs diverging there",
    Advice.EXTEND_STRONGER: "extend the range to stronger strengths, or stop runs diverging there",
    Advice.EXTEND_BOTH: "both of these",
    Advice.LOWER_LR: "too many runs diverged",
    Advice.FIND_SIGNAL: "first find a setting that learns",
    Advice.LOOK_BETWEEN: "look at the curve between the good zones",
    Advice.FINER_METRIC: "the metric moves in steps too large for the threshold",
    Advice.MORE_RESAMPLES: "so many more would settle it",
    Advice.FEW_RESAMPLES: "too few for narrow intervals",
    Advice.MORE_DATA: "more resamples of these data would not help",
    Advice.NOTHING: "no affordable number of resamples would settle it",
    Advice.STRENGTHS_AT_ENDS: "the curve is too steep for the strengths around the boundaries",
    Advice.STRENGTHS_INSIDE: "too few strengths in the good zone",
}
ENDINGS: Mapping[Ending, str] = {
    Ending.NONE: "no ladder was laid for this metric",
    Ending.NARROW: "every interval is as narrow as wanted",
    Ending.STRENGTHS_SPENT: "all strengths of path.points are used",
    Ending.RUNS_SPENT: "all runs of path.runs are used",
    Ending.SPENT_NARROW: "so they are, and every interval is as narrow as wanted",
    Ending.ALIKE: "intervals seem narrow, but that may be chance",
    Ending.NOISE: "noise makes an interval wide, not the gaps between strengths",
    Ending.DIVERGED: "runs diverge further out",
    Ending.LIMIT: "there are no stronger strengths",
    Ending.EVEN: "it was laid evenly",
    Ending.VERDICT: "the verdict says why",
}


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
    notes += ["too few strengths in the good zone"] if has_numbers and b.sparse else []
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
