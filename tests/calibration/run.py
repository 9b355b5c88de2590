"""From a design to numbers: how often what the estimate says of a boundary is true."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.stats import binom

from sweep.statistics.boundary import Boundary, SideVerdict, Verdict, estimate_boundary
from sweep.statistics.wording import SIDES, VERDICTS
from tests.calibration.designs import Control, Design
from tests.support.ridge_truth import Table, Truth

LEAST, MOST = 0.92, 0.98
"""The coverage that is asked of a 95 % interval."""


@dataclass(frozen=True)
class Side:
    """One side of a study: what was said, and whether it holds; log10 strengths."""

    verdict: SideVerdict
    holds: bool
    miss: float
    """Estimate minus truth in decades; nan without an estimate."""
    width: float
    """Of the interval, inf when an end is open; nan without an estimate."""


@dataclass(frozen=True)
class Tally:
    """One line of the table: two entries are (overfitting ends, underfitting starts)."""

    part: str
    name: str
    n_resamples: int
    n_studies: int
    beyond: str
    covered: tuple[int, int]
    spoken: tuple[int, int]
    """Studies in which something is said of the side: all but those whose side is undefined."""
    bias: tuple[float, float]
    """Median of estimate minus truth."""
    width: tuple[float, float]
    """Median; inf when most intervals have an open end."""
    ideal: tuple[float, float]
    """Decades that hold the middle 95 % of the estimates themselves."""
    verdicts: dict[str, int]
    """How often each side verdict, or what stands in for it, was given, both sides together."""
    paths: dict[str, int]
    """How often each verdict on the whole path was given."""
    best: tuple[int, int] = (0, 0)
    """Studies whose interval holds the best strength, and those that name one."""

    @property
    def coverage(self) -> tuple[float, float]:
        shares = zip(self.covered, self.spoken, strict=True)
        left, right = (held / spoken if spoken else math.nan for held, spoken in shares)
        return left, right

    @property
    def best_coverage(self) -> float:
        held, spoken = self.best
        return held / spoken if spoken else math.nan

    @property
    def clearly_outside(self) -> bool:
        """Whether a boundary's coverage is outside LEAST to MOST by more than chance (2.5 %)."""
        return any(
            binom.cdf(held, spoken, LEAST) < 0.025 or binom.sf(held - 1, spoken, MOST) < 0.025
            for held, spoken in zip(self.covered, self.spoken, strict=True)
            if spoken
        )


@dataclass(frozen=True)
class Hits:
    """A control: in how many studies the right thing was said."""

    name: str
    says: str
    n_studies: int
    hits: int


def estimate(table: Table, seed: int, options: dict[str, Any]) -> Boundary:
    return estimate_boundary(
        table.strengths,
        table.validation,
        table.training,
        table.null,
        seed=seed,
        **table.by_row,
        **options,
    )


def sides(b: Boundary, truth: Truth) -> tuple[Side, Side]:
    """What an estimate says of both boundaries, held against the truth."""
    left = (b.overfitting_verdict, b.overfitting_ends, b.overfitting_ends_low)
    right = (b.underfitting_verdict, b.underfitting_starts, b.underfitting_starts_low)
    return (
        _side(b, *left, b.overfitting_ends_high, truth.left),
        _side(b, *right, b.underfitting_starts_high, truth.right),
    )


def _side(
    b: Boundary, verdict: SideVerdict, value: float, low: float, high: float, true: float
) -> Side:
    lowest = math.log10(low) if math.isfinite(low) else -math.inf
    highest = math.log10(high) if math.isfinite(high) else math.inf
    if verdict == SideVerdict.NONE:
        holds = not math.log10(b.weakest) < true < math.log10(b.strongest)
    else:
        holds = verdict != SideVerdict.UNDEFINED and lowest <= true <= highest
    if verdict != SideVerdict.FOUND:
        return Side(verdict, holds, math.nan, math.nan)
    return Side(verdict, holds, math.log10(value) - true, highest - lowest)


def study(
    design: Design, number: int, truth: Truth | None
) -> tuple[Boundary, tuple[Side, Side], bool | None]:
    """Study ``number`` of a design: its data, its draws and its estimate are always the same.

    ``truth`` is the design's, None where every table has its own.
    """
    table = design.make(np.random.default_rng([number, design.n_resamples, len(design.name)]))
    true = truth or table.truth
    assert true is not None
    boundary = estimate(table, number, design.options)
    return boundary, sides(boundary, true), holds_best(boundary, true)


def holds_best(b: Boundary, truth: Truth) -> bool | None:
    """Whether the interval holds the strength of the lowest expected loss; None where the study
    names no best strength.
    """
    if b.overfitting_verdict == b.underfitting_verdict == SideVerdict.UNDEFINED:
        return None
    return math.log10(b.best_low) <= truth.best <= math.log10(b.best_high)


def run(design: Design, n_studies: int) -> Tally:
    truth = design.truth() if design.truth else None
    found = [study(design, number, truth) for number in range(n_studies)]
    boundaries, pairs, best = zip(*found, strict=True)
    return tally(design, boundaries, pairs, best)


def tally(
    design: Design,
    boundaries: Sequence[Boundary],
    pairs: Sequence[tuple[Side, Side]],
    best: Sequence[bool | None],
) -> Tally:
    left, right = zip(*pairs, strict=True)
    both = [*left, *right]
    return Tally(
        design.part,
        design.name,
        design.n_resamples,
        len(pairs),
        design.beyond,
        (sum(s.holds for s in left), sum(s.holds for s in right)),
        (_spoken(left), _spoken(right)),
        (_median([s.miss for s in left]), _median([s.miss for s in right])),
        (_median([s.width for s in left]), _median([s.width for s in right])),
        (_spread([s.miss for s in left]), _spread([s.miss for s in right])),
        dict(Counter(str(s.verdict) for s in both)),
        dict(Counter(str(b.verdict) for b in boundaries)),
        (best.count(True), len(best) - best.count(None)),
    )


def _spoken(found: Sequence[Side]) -> int:
    return sum(s.verdict != SideVerdict.UNDEFINED for s in found)


def _median(values: Sequence[float]) -> float:
    given = [value for value in values if not math.isnan(value)]
    return float(np.median(given)) if given else math.nan


def _spread(values: Sequence[float]) -> float:
    given = [value for value in values if not math.isnan(value)]
    return float(np.subtract(*np.quantile(given, [0.975, 0.025]))) if given else math.nan


def _in_words(code: Verdict | SideVerdict) -> str:
    return SIDES[code] if isinstance(code, SideVerdict) else VERDICTS[code]


def check(control: Control, n_studies: int) -> Hits:
    hits = 0
    for number in range(n_studies):
        table = control.make(np.random.default_rng([number, 99, len(control.name)]))
        b = estimate(table, number, control.options)
        hits += not {b.verdict, b.overfitting_verdict}.isdisjoint(control.says)
    return Hits(control.name, " or ".join(map(_in_words, control.says)), n_studies, hits)
