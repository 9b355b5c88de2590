"""Why a ladder of strengths ended: a kind, and the sentence that it makes with its numbers."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Ending(StrEnum):
    """Why a ladder ended."""

    NONE = "none"
    NARROW = "narrow"
    STRENGTHS_SPENT = "strengths_spent"
    RUNS_SPENT = "runs_spent"
    SPENT_NARROW = "spent_narrow"
    ALIKE = "alike"
    NOISE = "noise"
    DIVERGED = "diverged"
    LIMIT = "limit"
    EVEN = "even"
    VERDICT = "verdict"


@dataclass(frozen=True)
class Ended:
    """Why a ladder ended, and in words without a full stop."""

    kind: Ending
    reason: str


NEVER = Ended(Ending.NONE, "")
"""Of what has no ladder."""
EVEN = Ended(Ending.EVEN, "it was laid evenly")
NOISE = Ended(
    Ending.NOISE, "noise makes an interval wide: only more resamples or data would narrow it"
)
DIVERGED = Ended(Ending.DIVERGED, "runs diverge beyond these strengths")


def narrow(width: float) -> Ended:
    """Every interval is within this width, for more than chance."""
    return Ended(Ending.NARROW, f"every interval is within {width:g} decades")


def alike(width: float, n_rows: int, n_resamples: int) -> Ended:
    """The intervals are within this width, but by chance perhaps."""
    which = f"{n_rows} rows" if n_rows else f"{n_resamples} resamples"
    return Ended(
        Ending.ALIKE,
        f"intervals seem to be within {width:g} decades, but {which} may be alike by chance: "
        "more of them would tell",
    )


def limit(strength: float) -> Ended:
    """No strength is as strong as this."""
    return Ended(Ending.LIMIT, f"strengths end at {strength:g}")


def strengths_spent(most: int) -> Ended:
    """The ladder has all strengths that it may have."""
    return Ended(
        Ending.STRENGTHS_SPENT, f"all {most} strengths of the budget (path.points) are used"
    )


def runs_spent(budget: int, narrowed: Ended | None) -> Ended:
    """The path has all runs that it may have; ``narrowed`` says how its intervals are, where they
    are narrow.
    """
    spent = f"all {budget} runs of the budget (path.runs) are used"
    if narrowed is None:
        return Ended(Ending.RUNS_SPENT, spent)
    kind = Ending.SPENT_NARROW if narrowed.kind is Ending.NARROW else Ending.RUNS_SPENT
    return Ended(kind, f"{spent}, and {narrowed.reason}")


def undecided(verdict: str) -> Ended:
    """There is nothing to narrow, as the verdict says in these words."""
    return Ended(Ending.VERDICT, verdict)
