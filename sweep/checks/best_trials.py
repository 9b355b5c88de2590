"""The best points of all paths against each other, on the resamples that all of them have: so the
study chooses between penalties (``sweep.phases.history``).
"""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from sweep.checks.tables import StudyTables, once
from sweep.checks.uneven import is_uneven
from sweep.metrics.metric import LOSS


@once
def best_trials(tables: StudyTables) -> dict[str, int]:
    """The trial of every penalty's best point by number, the best penalty first."""
    if not tables.ladders:
        return {}
    metric = tables.objective
    if any(metric.validation not in ladder for ladder in tables.ladders.values()):
        metric = LOSS
    points = [tables.best_point(penalty) for penalty in tables.ladders]
    trials = [int(point["trial"]) for point in points]
    costs = pd.Series([metric.sign * point[metric.validation] for point in points], dtype=float)
    costs += metric.sign * pd.Series(moves_of(tables, trials, metric.validation), dtype=float)
    ranked = costs.sort_values(kind="stable").index
    names = list(tables.ladders)
    return {names[place]: trials[place] for place in ranked}


def moves_of(tables: StudyTables, trials: Sequence[int], name: str) -> list[float]:
    """What is added to the mean that each of these trials has of a metric, so that the means are of
    the resamples that all have; 0 where those are as many for all.
    """
    compared = tables.trials[tables.trials["trial"].isin(list(trials))]
    if not is_uneven(compared):
        return [0.0] * len(trials)
    units = tables.units_of(compared)
    means, shared = (own.groupby("trial")[name].mean() for own in (units, shared_units(units)))
    return [float(shared[trial] - means[trial]) for trial in trials]


def shared_units(units: pd.DataFrame) -> pd.DataFrame:
    """Those of ``units_of`` several trials that all of them have."""
    n_trials = units["trial"].nunique()
    counts = units.groupby("unit")["trial"].nunique()
    found: pd.DataFrame = units[units["unit"].isin(counts.index[counts == n_trials])]
    return found
