"""Means over units with their 95 % intervals, and paired differences.

A *unit* is what is averaged over: a resample, a fold, or (on one fixed split) a seed. The variance
factor c of a mean over R units says what the units are: 1/R for fresh data and for seeds on one
split, and more where training sets overlap (``sweep.statistics.paired_tests.training_overlap``;
Nadeau & Bengio 2003, "Inference for the generalization error").
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from sweep.records.facts import StudyFacts
from sweep.statistics.paired_tests import training_overlap


@dataclass(frozen=True)
class Estimate:
    """A mean with its 95 % interval; nan bounds where there are too few units."""

    mean: float
    low: float
    high: float
    n: int

    @property
    def known(self) -> bool:
        """Whether there is an interval."""
        return math.isfinite(self.low) and math.isfinite(self.high)


def estimate_mean(
    values: Sequence[float] | np.ndarray,
    facts: StudyFacts | None = None,
    fewest: int | None = None,
) -> Estimate:
    """Mean over units (R,) with its 95 % interval (Student's t, R - 1 degrees).

    The units are of the study's design; without ``facts`` they are retrainings on one split. Where
    some were completed, the interval has the degrees of the ``fewest`` that were trained.
    """
    from scipy.special import stdtrit

    seen = np.asarray(values, float)
    seen = seen[np.isfinite(seen)]
    n = len(seen) if fewest is None else min(fewest, len(seen))
    if n < 2:
        return Estimate(float(seen.mean()) if n else math.nan, math.nan, math.nan, n)
    spread = math.sqrt(variance_factor(facts, len(seen))) * float(seen.std(ddof=1))
    half = float(stdtrit(n - 1, 0.975)) * spread
    mean = float(seen.mean())
    return Estimate(mean, mean - half, mean + half, n)


def variance_factor(facts: StudyFacts | None, n: int) -> float:
    """c: the variance of a mean over n units, in units of one unit's variance.

    nan for folds when the study does not say how many.
    """
    return 1 / n + (0.0 if facts is None else overlap_of(facts))


def overlap_of(facts: StudyFacts) -> float:
    """What the training rows that runs have in common add to 1/n; nan as above."""
    if facts.overlap is not None:
        return facts.overlap
    if facts.design == "resample" and facts.n_validation and facts.n_train:
        ratio = facts.n_validation / facts.n_train
        return training_overlap(facts.design, validation_ratio=ratio)
    if facts.design == "kfold":
        return training_overlap(facts.design, facts.n_folds) if facts.n_folds else math.nan
    return 0.0


def paired_difference(
    first: pd.DataFrame, second: pd.DataFrame, metric: str, facts: StudyFacts | None = None
) -> Estimate:
    """``first - second`` of a metric over the units they share, with its interval."""
    both = first.merge(second, on="unit", suffixes=("", "_other"))
    return estimate_mean((both[metric] - both[f"{metric}_other"]).to_numpy(), facts)
