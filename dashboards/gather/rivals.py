"""The confirmed settings against each other on the test split, and the one to recommend.

Every pair shares seeds and rows, so differences are paired over retrainings. The setting to take is
the simplest one whose difference from the best could be nothing: a gain that this experiment cannot
show is no reason to add a number to be tuned.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import pandas as pd

from dashboards.gather.confirmed import SETTINGS
from dashboards.gather.facts import alike, objective_of
from sweep.checks.estimates import Estimate, estimate_mean, paired_difference
from sweep.checks.tables import units_of
from sweep.metrics.metric import LOSS, Metric
from sweep.records.facts import StoredStudy
from sweep.records.parameters import USE
from sweep.records.trial import Role
from sweep.regularizers.catalogue import acts_on_weights, is_mixture, regularizes
from sweep.study.catalogue import OPTIMIZERS

FEWEST = 3
"""Retrainings from which on a difference may be called shown or not shown."""


class Standing(StrEnum):
    """A setting beside the best of the test split."""

    BEST = "best"
    """Of those that were tuned."""
    BETTER = "better"
    """A baseline that beats them all."""
    AS_GOOD = "as_good"
    """Its difference from the best could be nothing."""
    WORSE = "worse"
    UNKNOWN = "unknown"
    """There are too few retrainings for an interval."""


@dataclass(frozen=True)
class Rival:
    """A setting that was trained anew and met the test split."""

    trial: int
    penalty: str
    strength: float
    role: Role
    value: Estimate
    """What trials are judged by, on the test split."""
    from_best: Estimate
    """Paired difference from the best that was tuned; no interval for that one itself."""
    standing: Standing

    @property
    def is_baseline(self) -> bool:
        """Whether nothing was tuned for it."""
        return self.role in SETTINGS

    @property
    def name(self) -> str:
        """What it is called in a sentence."""
        if not regularizes(self.penalty):
            return "no regularization"
        return SETTINGS.get(self.role, str(self.penalty))

    @property
    def holds(self) -> bool:
        """Whether it is the best, or cannot be told from it."""
        return self.standing in (Standing.BEST, Standing.AS_GOOD)


def rivals_of(trials: pd.DataFrame, runs: pd.DataFrame, study: StoredStudy) -> list[Rival]:
    """The settings that met the test split, the best first; none before any did."""
    kept = trials["phase"].isin(["confirm", "baseline"]) & (trials["state"] == "complete")
    units = units_of(trials[kept], runs, "holdout")
    metric = tested_by(units, study)
    if metric is None:
        return []
    tested = units[units[metric.test].notna()]
    groups = {int(own["trial"].iloc[0]): own for _, own in tested.groupby("trial")}
    means = {number: estimate_mean(own[metric.test].to_numpy()) for number, own in groups.items()}
    order = sorted(means, key=lambda number: metric.sign * means[number].mean)
    rows = {int(row["trial"]): row for row in trials[kept].to_dict("records")}
    tuned = [number for number in order if rows[number]["path"] not in SETTINGS]
    best = (tuned or order)[0]
    found = []
    for number in order:
        change = paired_difference(groups[number], groups[best], metric.test)
        standing = Standing.BEST if number == best else standing_of(change, metric)
        found.append(_rival(number, rows[number], means[number], change, standing))
    return found


def tested_by(units: pd.DataFrame, study: StoredStudy) -> Metric | None:
    """What settings are compared by on the test split: the objective, or else the loss."""
    for metric in (objective_of(study), LOSS):
        if metric.test in units and units[metric.test].notna().any():
            return metric
    return None


def _rival(
    number: int, row: Mapping[Any, Any], value: Estimate, change: Estimate, standing: Standing
) -> Rival:
    role = Role(row["path"]) if row["path"] in SETTINGS else Role.SETTING
    penalty, strength = str(row["penalty"]), float(row["strength"])
    return Rival(number, penalty, strength, role, value, change, standing)


def standing_of(change: Estimate, metric: Metric) -> Standing:
    """Where a setting stands by its difference from the best."""
    if change.n < FEWEST or not math.isfinite(change.low):
        return Standing.UNKNOWN
    if change.low <= 0 <= change.high:
        return Standing.AS_GOOD
    return Standing.WORSE if metric.sign * change.mean > 0 else Standing.BETTER


def simplest_of(
    rivals: Sequence[Rival], trials: pd.DataFrame, study: StoredStudy, ruled_out: Collection[str]
) -> Rival | None:
    """The simplest setting that is the best or as good; None where the split tells nothing.

    Penalties that validation has ``ruled_out`` are left out.
    """
    tuned = [r for r in rivals if not r.is_baseline and r.penalty not in ruled_out]
    if not tuned:
        return None
    holding = [r for r in tuned if r.holds]
    if not holding:
        return tuned[0]
    return min(holding, key=lambda r: complexity(r, trials, study))


def complexity(rival: Rival, trials: pd.DataFrame, study: StoredStudy) -> tuple[int, bool, int]:
    """What a setting asks for: numbers to be set, whether torch's optimizer lacks it as an
    argument, and its place in the study file.
    """
    known = OPTIMIZERS.get(study.optimizer)
    built_in = known is not None and known.usual_penalty == rival.penalty
    places = {penalty: i for i, penalty in enumerate(study.penalties)}
    return n_numbers(rival, trials, study), not built_in, places.get(rival.penalty, len(places))


def n_numbers(rival: Rival, trials: pd.DataFrame, study: StoredStudy) -> int:
    """How many numbers say how strongly a setting regularizes."""
    if not regularizes(rival.penalty):
        return 0
    if is_mixture(rival.penalty):
        row = trials.loc[trials["trial"] == rival.trial].iloc[0]
        used = USE.values_of({str(column): value for column, value in row.items()})
        return sum(value == 1 for value in used.values())
    if acts_on_weights(rival.penalty) and not alike(study):
        return max(1, len(study.layers))
    return 1
