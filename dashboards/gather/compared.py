"""Two studies against each other on the test split: their recommended settings, and how sure.

Where both trained on the same rows under the same seeds, retrainings are paired; elsewhere the
interval is Welch's (1947), of two independent means. Losses of different kinds are not compared.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import pandas as pd
from scipy.special import stdtrit

from dashboards.gather.estimates import Estimate, estimate_mean, paired_difference
from dashboards.gather.outcome import Outcome
from dashboards.gather.tables import units_of
from sweep.metrics.metric import ACCURACY, LOSS, Metric
from sweep.records.facts import StoredStudy


class Basis(StrEnum):
    """What a difference between two studies rests on."""

    PAIRED = "paired"
    """The same rows and seeds."""
    OTHER_SPLITS = "other_splits"
    """The same data, divided otherwise, or trained under other seeds."""
    OTHER_DATA = "other_data"
    OTHER_LOSS = "other_loss"
    """Numbers of different kinds: there is no difference."""
    UNTESTED = "untested"
    """One of them has not met the test split."""


@dataclass(frozen=True)
class Difference:
    """A study's value less that of the first, and what that rests on."""

    value: Estimate
    basis: Basis


NOTHING = Estimate(math.nan, math.nan, math.nan, 0)


def shared_metrics(outcomes: Sequence[Outcome]) -> list[Metric]:
    """What studies are compared by: the objective that all share, the loss, and the accuracy."""
    objectives = {outcome.metric for outcome in outcomes}
    wanted = [*objectives] if len(objectives) == 1 else []
    return [
        metric
        for metric in dict.fromkeys([*wanted, LOSS, ACCURACY])
        if any(not tested(outcome, metric).empty for outcome in outcomes)
    ]


def tested(outcome: Outcome, metric: Metric) -> pd.DataFrame:
    """The retrainings of the recommended setting that met the test split, one row each."""
    taken, frames = outcome.recommended, outcome.frames
    if taken is None or not taken.tested:
        return pd.DataFrame()
    trials = frames.trials[frames.trials["trial"] == taken.trial]
    units = units_of(trials, frames.runs, "holdout")
    if metric.test not in units:
        return pd.DataFrame()
    return units[units[metric.test].notna()]


def difference(first: Outcome, other: Outcome, metric: Metric) -> Difference:
    """What the other's recommended setting has more than the first's, on the test split."""
    if metric == LOSS and not same_loss(first.frames.study, other.frames.study):
        return Difference(NOTHING, Basis.OTHER_LOSS)
    before, after = tested(first, metric), tested(other, metric)
    if before.empty or after.empty:
        return Difference(NOTHING, Basis.UNTESTED)
    basis = basis_of(first.frames.study, other.frames.study, before, after)
    if basis is Basis.PAIRED:
        return Difference(_shown(paired_difference(after, before, metric.test)), basis)
    samples = (units[metric.test].to_numpy(float) for units in (after, before))
    return Difference(_shown(welch_difference(*samples)), basis)


def _shown(found: Estimate) -> Estimate:
    """The estimate without an interval of no width: few values that agree, as accuracies in steps
    do, say nothing of how far others would lie apart.
    """
    if found.mean == 0 or found.low < found.high:
        return found
    return Estimate(found.mean, math.nan, math.nan, found.n)


def same_loss(first: StoredStudy, other: StoredStudy) -> bool:
    """Whether losses are of one kind, so that one may be less than the other."""
    return _loss_of(first) == _loss_of(other)


def _loss_of(study: StoredStudy) -> tuple[object, ...]:
    weighing = (study.weighted, study.loss_weighted, study.target_scaled)
    trained_by = (study.loop, study.source)
    return (study.task, study.loss, *weighing, *trained_by)


def same_rows(first: StoredStudy, other: StoredStudy) -> bool:
    """Whether training, validation and test hold the same rows."""
    return bool(first.data_fingerprint) and _rows_of(first) == _rows_of(other)


def _rows_of(study: StoredStudy) -> tuple[object, ...]:
    sizes = (study.n_train, study.n_validation, study.n_test, study.n_folds, study.n_groups)
    return (study.data_fingerprint, study.seed, study.design, study.divided_by, *sizes)


def basis_of(
    first: StoredStudy, other: StoredStudy, before: pd.DataFrame, after: pd.DataFrame
) -> Basis:
    """Whether the retrainings of two studies are paired, and if not what differs."""
    if not first.data_fingerprint or first.data_fingerprint != other.data_fingerprint:
        return Basis.OTHER_DATA
    both = before.merge(after, on="unit", suffixes=("", "_other"))
    alike = len(both) == len(before) == len(after) and (both["seed"] == both["seed_other"]).all()
    return Basis.PAIRED if alike and same_rows(first, other) else Basis.OTHER_SPLITS


def welch_difference(first: np.ndarray, second: np.ndarray) -> Estimate:
    """Mean of the first less mean of the second, with Welch's 95 % interval."""
    means = [estimate_mean(values) for values in (first, second)]
    mean, n = means[0].mean - means[1].mean, min(len(first), len(second))
    if n < 2:
        return Estimate(mean, math.nan, math.nan, n)
    parts = [float(np.var(values, ddof=1)) / len(values) for values in (first, second)]
    variance = sum(parts)
    if variance == 0:
        return Estimate(mean, mean, mean, n)
    sizes = (len(first), len(second))
    spread = sum(part**2 / (size - 1) for part, size in zip(parts, sizes, strict=True))
    half = float(stdtrit(variance**2 / spread, 0.975)) * math.sqrt(variance)
    return Estimate(mean, mean - half, mean + half, n)
