"""Trials that are compared though some were given fewer resamples than others.

Resamples are common to the trials, so what one has more than another is known far better from those
that both have than from two means over different ones. What a trial lacks is completed from the
nearest that has all of them by their mean difference (``sweep.statistics.double_sampling``), as the
boundaries are estimated. Trials with equally many resamples stay as they are, to the digit.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from sweep.checks.estimates import Estimate, estimate_mean, paired_difference
from sweep.records.facts import StudyFacts
from sweep.records.trial import State
from sweep.statistics.double_sampling import complete_those

UNKNOWN = Estimate(math.nan, math.nan, math.nan, 0)


def is_uneven(trials: pd.DataFrame) -> bool:
    """Whether some ended trials of a path were given fewer runs than others."""
    n_runs = trials.loc[trials["n_runs"] > 0, "n_runs"]
    return bool(n_runs.min() < n_runs.max())


def candidates(path: pd.DataFrame) -> pd.DataFrame:
    """The trials of a path that its best is one of: where they have unequally many runs those with
    the most, as the best setting is chosen that is confirmed.
    """
    if not is_uneven(path):
        return path
    ladder = path[(path["strength"] > 0) & (path["state"] == str(State.COMPLETE))]
    most: pd.DataFrame = ladder[ladder["n_runs"] == ladder["n_runs"].max()]
    return most


def levelled(
    units: pd.DataFrame,
    trials: pd.DataFrame,
    columns: Iterable[str],
) -> pd.DataFrame:
    """``units_of`` trials, whose means may be compared though they have unequally many.

    The values of a trial are all moved by what completing it changes in its mean.

    Args:
        units: Rows of ``units_of``.
        trials: The trials that are compared.
        columns: What is moved, as far as the units have it.
    """
    if not is_uneven(trials):
        return units
    found = units.copy()
    for name in columns:
        if name in units:
            found[name] += units["trial"].map(Completed.of(units, trials, name).moves)
    return found


@dataclass(frozen=True)
class Completed:
    """One metric of trials that are compared, on all resamples that any of them has.

    Those of the best-equipped strength, that is: what others have beside them has no counterpart.
    """

    trials: list[int]
    counts: np.ndarray
    """(K,) how many of the resamples each trial has itself."""
    columns: np.ndarray
    """(K, R) completed; their variance is that of their means."""
    moves: dict[int, float]
    """What completing changes in each trial's mean; 0 where nothing can be completed."""

    @classmethod
    def of(cls, units: pd.DataFrame, trials: pd.DataFrame, name: str) -> Completed:
        """Those of ``units_of`` the trials, one row for each trial and unit."""
        ordered = trials.sort_values("strength", kind="stable")
        numbers, strengths = ordered["trial"].tolist(), ordered["strength"].to_numpy(float)
        table = units.pivot(index="trial", columns="unit", values=name).reindex(index=numbers)
        whole = table.to_numpy(float)
        seen, ladder = whole, np.isfinite(whole) & (strengths > 0)[:, None]
        if ladder.any():
            seen = whole[:, ladder[ladder.sum(axis=1).argmax()]]
        found, more = complete_those(seen, np.isfinite(seen), strengths.tolist())
        moves = np.nan_to_num(_means(found) - _means(whole)).tolist()
        counts = np.isfinite(seen).sum(axis=1)
        return cls(numbers, counts, found + more, dict(zip(numbers, moves, strict=True)))

    def mean(self, trial: int, facts: StudyFacts) -> Estimate:
        """The mean of a trial with its interval."""
        if trial not in self.trials:
            return UNKNOWN
        place = self.trials.index(trial)
        return estimate_mean(self.columns[place], facts, int(self.counts[place]))

    def difference(self, first: int, second: int, facts: StudyFacts) -> Estimate:
        """``first - second`` with its interval."""
        if not {first, second} <= set(self.trials):
            return UNKNOWN
        a, b = self.trials.index(first), self.trials.index(second)
        fewest = int(min(self.counts[a], self.counts[b]))
        return estimate_mean(self.columns[a] - self.columns[b], facts, fewest)


def mean_of(
    units: pd.DataFrame, trials: pd.DataFrame, trial: int, name: str, facts: StudyFacts
) -> Estimate:
    """The mean of one of the trials that are compared, with its interval."""
    if is_uneven(trials):
        return Completed.of(units, trials, name).mean(trial, facts)
    return estimate_mean(units.loc[units["trial"] == trial, name].to_numpy(), facts)


def difference_of(
    units: pd.DataFrame, trials: pd.DataFrame, pair: tuple[int, int], name: str, facts: StudyFacts
) -> Estimate:
    """The first of a ``pair`` of the trials that are compared less the second, with its interval:
    of the same resamples.
    """
    if is_uneven(trials):
        return Completed.of(units, trials, name).difference(*pair, facts)
    first, second = (units[units["trial"] == trial] for trial in pair)
    return paired_difference(first, second, name, facts)


def _means(table: np.ndarray) -> np.ndarray:
    """Of each row's known values (K,); nan without any."""
    known = np.isfinite(table)
    totals = np.where(known, table, 0).sum(axis=1)
    means: np.ndarray = np.divide(
        totals, known.sum(axis=1), out=np.full(len(table), np.nan), where=known.any(axis=1)
    )
    return means
