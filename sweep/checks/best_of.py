"""The best of so many trials: what it is expected to be, and how far it varies.

After Dodge et al. (2019), "Show Your Work", section 3: the minimum of k values that are drawn from
those that were seen, with replacement. It takes trials for independent, which a sampler that learns
makes them not quite.

Legend: n trials, K sizes.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sweep.checks.tables import StudyTables, once
from sweep.records.trial import State

Array = NDArray[np.float64]
MOST_SIZES = 40
"""Sizes at which the curve is worked out."""


@dataclass(frozen=True)
class BestOf:
    """The lowest of so many trials (K,): its mean and its deviation."""

    sizes: NDArray[np.int64]
    means: Array
    spreads: Array

    @property
    def n(self) -> int:
        """All trials."""
        return int(self.sizes[-1])

    @property
    def second_half(self) -> float:
        """What all trials save beyond half of them."""
        half = int(np.searchsorted(self.sizes, self.n // 2))
        return float(self.means[half] - self.means[-1])

    @property
    def spread(self) -> float:
        """How far the best of as many trials varies from search to search."""
        return float(self.spreads[-1])


def best_of(values: Array, n_worse: int = 0) -> BestOf:
    """The curve of the lowest of these values and of ``n_worse`` others.

    Those were stopped: all that is known of them is that they were not the best, so they count as
    the worst of the others.
    """
    seen = np.sort(np.concatenate([values, np.full(n_worse, values.max())]))
    n = len(seen)
    spaced = np.arange(1, n + 1) if n <= MOST_SIZES else np.geomspace(1, n, MOST_SIZES).round()
    sizes = np.unique([*spaced.astype(int), max(1, n // 2)])
    no_better = (n - np.arange(n)) / n  # the share of trials that are no better than each
    powers = sizes[:, None]
    shares = no_better**powers - (no_better - 1 / n).clip(0) ** powers
    means = shares @ seen
    spreads = np.sqrt((shares * (seen - means[:, None]) ** 2).sum(axis=1))
    return BestOf(sizes, means, spreads)


@once
def best_of_penalties(tables: StudyTables) -> dict[str, BestOf]:
    """The best of 1, 2, ... trials of every penalty with two complete ones."""
    found = {}
    for penalty, values in values_of(tables).items():
        stopped = tables.explored[tables.explored["penalty"] == penalty]
        n_stopped = int((stopped["state"] == str(State.PRUNED)).sum())
        if len(values) > 1:
            found[penalty] = best_of(values, n_stopped)
    return found


def complete_of(tables: StudyTables, penalty: str) -> pd.DataFrame:
    """The complete trials of a penalty."""
    found: pd.DataFrame = tables.searched[tables.searched["penalty"] == penalty]
    return found


def values_of(tables: StudyTables) -> dict[str, np.ndarray]:
    """The objective of every penalty's complete trials, lower being better."""
    metric = tables.objective
    return {
        p: metric.sign * complete_of(tables, p)[metric.validation].to_numpy(float)
        for p in tables.searched_penalties
        if len(complete_of(tables, p))
    }
